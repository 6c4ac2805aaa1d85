// The rows of flags of matrix_test.cpp.
#pragma once

#include <string>

namespace attune::serve {

/// rows   the matrix's own.
/// base   the address of a site; `put` stores something there with the owner's rights.
template <class Rows, class Put>
void add_flag_rows(Rows& rows, const std::string& base, const Put& put) {
  const auto site = [&base](const std::string& path) { return base + path; };
  const auto rule = [](const std::string& text) {
    return R"({"default_value":"off","rules":[)" + text + "]}";
  };
  EXPECT_EQ(put(site("/flags/old"), R"({"default_value":"off"})").status, 201);
  EXPECT_EQ(put(site("/flags/parent"), R"({"default_value":true})").status, 201);
  EXPECT_EQ(put(site("/flags/child"),
                rule(R"({"force":"on","parentConditions":[{"id":"parent"}]})")).status, 201);
  rows["list_flags"] = {site("/flags"), "", "", {}};
  rows["get_flag"] = {site("/flags/parent"), "", "",
                      {{"no such one", site("/flags/none"), "", 404, "key"}}};
  rows["put_flag"] = {
      site("/flags/old"),
      R"({"description":"Dark pages","value_type":"string","default_value":"light",
          "rules":[{"id":"staff","condition":{"staff":true},"force":"dark"},
                   {"variations":["light","dark"],"weights":[0.5,0.5],"coverage":0.1}]})",
      "",
      {{"a key", site("/flags/a%20b"), R"({"default_value":1})", 400, "key"},
       {"no value", "", R"({"value_type":"string"})", 400, "default_value"},
       {"another type", "", R"({"value_type":"number","default_value":"1"})", 400,
        "default_value"},
       {"no such type", "", R"({"value_type":"date","default_value":"1"})", 400, "value_type"},
       {"no list", "", R"({"default_value":1,"rules":{}})", 400, "rules"},
       {"a misspelt field", "", R"({"default_value":1,"enabeld":true})", 400, "enabeld"},
       {"an operator", "", rule(R"({"force":"on","condition":{"age":{"$above":3}}})"), 400,
        "rules[0].condition.age.$above"},
       {"weights", "", rule(R"({"variations":["a","b"],"weights":[0.5,0.4]})"), 400,
        "rules[0].weights"},
       {"coverage", "", rule(R"({"force":"on","coverage":2})"), 400, "rules[0].coverage"},
       {"a circle", site("/flags/parent"),
        R"({"default_value":true,"rules":[{"force":false,"parentConditions":[{"id":"child"}]}]})",
        400, "rules"},
       {"no such test", "", rule(R"({"test":"none"})"), 400, "rules[0].test"},
       {"no such flag", "", rule(R"({"force":"on","parentConditions":[{"id":"none"}]})"), 400,
        "rules[0].parentConditions"},
       {"an old version", "", R"({"default_value":"off","version":77})", 409, "version"}}};
  rows["patch_flag"] = {site("/flags/old"),
                        R"({"enabled":false})",
                        "",
                        {{"no such one", site("/flags/none"), R"({"enabled":false})", 404, "key"},
                         {"a switch", "", R"({"enabled":"no"})", 400, "enabled"},
                         {"archived, and needed", site("/flags/parent"), R"({"archived":true})",
                          409, "key"}}};
  rows["delete_flag"] = {site("/flags/child"),
                         "",
                         "",
                         {{"no such one", site("/flags/none"), "", 404, "key"},
                          {"needed", site("/flags/parent"), "", 409, "key"}}};
  rows["evaluate_flag"] = {
      site("/flags/parent/evaluate"),
      R"({"visitor":"v1","attributes":{"country":"DE"},"url":"https://shop.example/",
          "flag":{"rules":[{"variations":[true,false],"key":"t"}]}})",
      "",
      {{"no such one", site("/flags/none/evaluate"), "{}", 404, "key"},
       {"attributes", "", R"({"attributes":[]})", 400, "attributes"},
       {"a draft", "", R"({"flag":{"rules":[{"force":7}]}})", 400, "rules[0].force"}}};
}

}  // namespace attune::serve
