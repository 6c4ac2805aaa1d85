// The rows of placements and rules of matrix_test.cpp.
#pragma once

#include <string>

namespace attune::serve {

/// rows   the matrix's own.
/// base   the address of a site; `put` stores something there with the owner's rights.
template <class Rows, class Put>
void add_placement_rows(Rows& rows, const std::string& base, const Put& put) {
  const auto site = [&base](const std::string& path) { return base + path; };
  const std::string rule = site("/rules/2f9e9c2e-54c8-4a52-9d70-5b6d1c0f9a11");
  EXPECT_EQ(put(site("/placements/old"), R"({"count":3})").status, 200);
  EXPECT_EQ(put(rule, R"({"name":"x","kind":"cap"})").status, 200);
  rows["list_placements"] = {site("/placements"), "", "", {}};
  rows["put_placement"] = {
      site("/placements/home"),
      R"({"count":4,"strategies":{"sequential":0.7,"popular":0.3},"fallback":["popular"],
          "context":"any","diversity":0.2,"control_share":0.1,"types":["product"]})",
      "",
      {{"a name", site("/placements/a%20b"), "{}", 400, "name"},
       {"no strategy", "", R"({"strategies":{}})", 400, "strategies"},
       {"an unknown strategy", "", R"({"strategies":{"magic":1}})", 400, "strategies"},
       {"a weight", "", R"({"strategies":{"popular":0}})", 400, "strategies.popular"},
       {"a chain", "", R"({"fallback":["popular","popular"]})", 400, "fallback"},
       {"a count", "", R"({"count":0})", 400, "count"},
       {"a context", "", R"({"context":"moon"})", 400, "context"},
       {"diversity", "", R"({"diversity":1.5})", 400, "diversity"},
       {"a type", "", R"({"types":["cat"]})", 400, "types"},
       {"a share", "", R"({"control_share":1})", 400, "control_share"},
       {"a control", "", R"({"control":"some"})", 400, "control"},
       {"a budget", "", R"({"budget_ms":0})", 400, "budget_ms"},
       {"a misspelt field", "", R"({"cuont":4})", 400, "cuont"}}};
  rows["delete_placement"] = {site("/placements/old"),
                              "",
                              "",
                              {{"no such one", site("/placements/none"), "", 404, "name"}}};
  rows["placement_stats"] = {site("/recommendations/placements?period=90d"), "", "", {}};
  rows["list_rules"] = {site("/rules"), "", "", {}};
  rows["add_rule"] = {
      site("/rules"),
      R"({"name":"no socks","kind":"exclude","when":{"categories":["socks"]},
          "schedule":{"from":"2026-11-21T10:00:00Z","days":["mon","tue"],"from_hour":22,
                      "until_hour":4}})",
      "",
      {{"no name", "", R"({"kind":"exclude"})", 400, "name"},
       {"a kind", "", R"({"name":"x","kind":"hide"})", 400, "kind"},
       {"a pin of nothing", "", R"({"name":"x","kind":"pin"})", 400, "item"},
       {"a slot", "", R"({"name":"x","kind":"pin","item":"a","slot":0})", 400, "slot"},
       {"a factor", "", R"({"name":"x","kind":"boost","factor":1})", 400, "factor"},
       {"another kind's field", "", R"({"name":"x","kind":"exclude","factor":2})", 400, "factor"},
       {"only if anything", "", R"({"name":"x","kind":"only_if"})", 400, "when"},
       {"a cap by colour", "", R"({"name":"x","kind":"cap","by":"colour"})", 400, "by"},
       {"no band", "", R"({"name":"x","kind":"price_band"})", 400, "price_min"},
       {"a condition", "", R"({"name":"x","kind":"exclude","when":{"colour":"red"}})", 400,
        "when.colour"},
       {"prices", "", R"({"name":"x","kind":"exclude","when":{"price_min":2,"price_max":1}})", 400,
        "when.price_max"},
       {"a day", "", R"({"name":"x","kind":"exclude","schedule":{"days":["someday"]}})", 400,
        "schedule.days"},
       {"an instant", "", R"({"name":"x","kind":"exclude","schedule":{"from":"today"}})", 400,
        "schedule.from"},
       {"hours", "", R"({"name":"x","kind":"cap","schedule":{"from_hour":5,"until_hour":5}})", 400,
        "schedule.until_hour"}}};
  rows["put_rule"] = {rule,
                      R"({"name":"more tea","kind":"boost","factor":3})",
                      "",
                      {{"no id", site("/rules/x"), R"({"name":"x","kind":"cap"})", 404, "id"}}};
  rows["delete_rule"] = {rule, "", "", {{"no such one", site("/rules/x"), "", 404, "id"}}};
  rows["preview_placement"] = {
      site("/placements/home/preview"),
      R"({"visitor":"v1","n":3,"placement":{"count":2},"rules":[{"name":"x","kind":"cap"}]})",
      "",
      {{"a draft", "", R"({"placement":{"count":0}})", 400, "placement.count"},
       {"a rule", "", R"({"rules":[{"name":"x","kind":"cap","max":0}]})", 400, "rules[0].max"},
       {"no rules", "", R"({"rules":7})", 400, "rules"},
       {"a type", "", R"({"type":"book"})", 400, "type"},
       {"a count", "", R"({"n":101})", 400, "n"}}};
}

}  // namespace attune::serve
