// The rows of flags of matrix_test.cpp.
#pragma once

#include <boost/json/parse.hpp>
#include <string>

namespace attune::serve {

/// own  the site's client key; `post` makes another one.
template <class Rows, class Post>
void add_connection_rows(Rows& rows, const std::string& base, const std::string& own,
                         const Post& post) {
  const std::string all = base + "/sdk-connections";
  const auto made = post(all, R"({"name":"Phone of old"})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string key = boost::json::parse(made.body).at("client_key").as_string().c_str();
  rows["list_sdk_connections"] = {all, "", "", {}};
  rows["create_sdk_connection"] = {all,
                                   R"({"name":"Phone","encrypted":true})",
                                   "",
                                   {{"no name", "", R"({"encrypted":true})", 400, "name"},
                                    {"no switch", "", R"({"name":"x","encrypted":1})", 400,
                                     "encrypted"}}};
  rows["update_sdk_connection"] = {
      all + "/" + own,
      R"({"name":"On pages","encrypted":false})",
      "",
      {{"none such", all + "/sdk-x", R"({"encrypted":true})", 404, "key"},
       {"no name", "", R"({"name":""})", 400, "name"},
       {"no key of one's own", "", R"({"new_key":"AAAA"})", 400, "new_key"},
       {"no switch", "", R"({"encrypted":"no"})", 400, "encrypted"}}};
  rows["delete_sdk_connection"] = {all + "/" + key,
                                   "",
                                   "",
                                   {{"none such", all + "/sdk-x", "", 404, "key"},
                                    {"its own", all + "/" + own, "", 409, "key"}}};
}

template <class Rows, class Put>
void add_group_rows(Rows& rows, const std::string& base, const Put& put) {
  const auto site = [&base](const std::string& path) { return base + path; };
  EXPECT_EQ(put(site("/saved-groups/spare"), R"({"members":[]})").status, 201);
  EXPECT_EQ(put(site("/saved-groups/staff"), R"({"members":["ann"]})").status, 201);
  EXPECT_EQ(put(site("/flags/inside"), R"({"default_value":"off","rules":[
      {"force":"on","condition":{"id":{"$inGroup":"staff"}}}]})").status, 201);
  rows["list_saved_groups"] = {site("/saved-groups"), "", "", {}};
  rows["put_saved_group"] = {
      site("/saved-groups/staff"),
      R"({"description":"Who works here","members":["ann","bob",7]})",
      "",
      {{"a key", site("/saved-groups/a%20b"), R"({"members":[]})", 400, "key"},
       {"no members", "", R"({"description":"x"})", 400, "members"},
       {"no list", "", R"({"members":"ann"})", 400, "members"},
       {"a flag", "", R"({"members":["ann",true]})", 400, "members[1]"},
       {"an empty one", "", R"({"members":[""]})", 400, "members[0]"},
       {"a NUL", "", R"({"members":["a\u0000"]})", 400, "members[0]"},
       {"an old version", "", R"({"members":[],"version":9})", 409, "version"},
       {"a misspelt field", "", R"({"members":[],"memebrs":[]})", 400, "memebrs"}}};
  rows["delete_saved_group"] = {
      site("/saved-groups/spare"),
      "",
      "",
      {{"no such one", site("/saved-groups/none"), "", 404, "key"},
       {"named", site("/saved-groups/staff"), "", 409, "key"}}};
}

/// rows   the matrix's own.
/// base   the address of a site; `put` stores something there with the owner's rights.
template <class Rows, class Put>
void add_flag_rows(Rows& rows, const std::string& base, const Put& put) {
  const auto site = [&base](const std::string& path) { return base + path; };
  const auto rule = [](const std::string& text) {
    return R"({"default_value":"off","rules":[)" + text + "]}";
  };
  add_group_rows(rows, base, put);
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
       {"no such group", "", rule(R"({"force":"on","condition":{"id":{"$inGroup":"no"}}})"), 400,
        "rules[0].condition.id.$inGroup"},
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
