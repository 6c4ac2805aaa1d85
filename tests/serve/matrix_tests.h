// Rows of the matrix for tests that run.
#pragma once

#include <map>
#include <string>

#include "matrix_rows.h"

namespace attune::serve {

inline std::string startable_test(const std::string& site) {
  return R"({"name":"to start","site_id":")" + site +
         R"(","primary_metric":"bought","design":{"metrics":)"
         R"([{"name":"bought","kind":"conversion","event":"purchase"}]}})";
}

inline std::string variation_of(const std::string& test, const std::string& name) {
  return R"({"ab_test_id":")" + test + R"(","variation_id":")" + name + R"(","name":")" + name +
         R"(","is_control":)" + (name == "a" ? "true}" : "false}");
}

/// A list of tests, of one site and in one state.
inline void narrow_tests(Row& list, const std::string& site) {
  const std::string path = list.target;
  list.target += "&status=Draft&summaries=1&site=" + site;
  list.bad.push_back({"no such site", path + "&site=no.example", "", 404, "site"});
  list.bad.push_back({"no such state", path + "&status=Old", "", 400, "status"});
  list.bad.push_back({"all of them", path + "&summaries=2", "", 400, "summaries"});
}

template <class Rows>
void add_test_rows(Rows& rows, const std::string& test, const std::string& exposures) {
  const std::string path = "/api/v1/ab_tests/";
  const std::string whose = "?account=admin";
  const std::string nobodys = path + "00000000-0000-4000-8000-000000000001";
  rows["step_ab_test"] = {
      path + test + "/start" + whose,
      R"({"reason":"the season begins"})",
      "",
      {{"no such step", path + test + "/jump" + whose, "", 404, "action"},
       {"no UUID", path + "7/start" + whose, "", 400, "id"},
       {"none such", nobodys + "/start" + whose, "", 404, "id"},
       {"no reason", path + test + "/cancel" + whose, "{}", 400, "reason"},
       {"nobody's", path + test + "/start", "", 400, "account"}}};
  rows["show_test_results"] = {path + test + "/results" + whose,
                               "",
                               "",
                               {{"no UUID", path + "7/results" + whose, "", 400, "id"},
                                {"none such", nobodys + "/results" + whose, "", 404, "id"}}};
  rows["refresh_test_results"] = {path + test + "/refresh" + whose,
                                  "",
                                  "",
                                  {{"no UUID", path + "7/refresh" + whose, "", 400, "id"},
                                   {"none such", nobodys + "/refresh" + whose, "", 404, "id"}}};
  rows["plan_ab_test"] = {
      path + "plan",
      R"({"mean":0.1,"lift":0.05})",
      "",
      {{"no mean", "", R"({"lift":0.05})", 400, "mean"},
       {"nothing to find", "", R"({"mean":0.1})", 400, "lift"},
       {"no variance", "", R"({"mean":3,"lift":0.05})", 400, "variance"}}};
  rows["post_exposures"] = {
      exposures,
      R"([{"test":"none","variation":"b","visitor_id":"v"}])",
      "",
      {{"no list", "", "{}", 400, "body"}, {"nothing", "", "[]", 400, "body"}}};
}

}  // namespace attune::serve
