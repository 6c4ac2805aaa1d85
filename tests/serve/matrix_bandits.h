// The rows and operations of bandits of matrix_test.cpp.
#pragma once

#include <string>

#include "serve/operations.h"

namespace attune::serve {

inline void add_bandit_operations(Operations& operations) {
  operations.bandits = [](const Uuid&) -> Result<std::string> { return R"({"bandits":[]})"; };
  operations.change_bandit = [](const Uuid&, std::string_view, BanditAction) -> Result<void> {
    return {};
  };
}

/// rows   the matrix's own. base   the address of a site.
template <class Rows>
void add_bandit_rows(Rows& rows, const std::string& base) {
  rows["list_bandits"] = {base + "/bandits", "", "", {}};
  rows["change_bandit"] = {base + "/bandits",
                           R"({"placement":"home","action":"freeze"})",
                           "",
                           {{"no action", "", R"({"placement":"home"})", 400, "action"},
                            {"another", "", R"({"action":"melt"})", 400, "action"}}};
  const std::string evaluation = base + "/bandits/evaluation";
  rows["evaluate_bandit"] = {evaluation,
                             "",
                             "",
                             {{"a policy", evaluation + "?policy=best", "", 400, "policy"},
                              {"days", evaluation + "?days=0", "", 400, "days"}}};
}

}  // namespace attune::serve
