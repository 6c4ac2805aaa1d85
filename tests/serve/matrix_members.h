// The rows of people and the audit log of matrix_test.cpp.
#pragma once

#include <boost/json.hpp>
#include <string>

namespace attune::serve {

/// rows   the matrix's own.
/// post   sends a body with the owner's rights.
template <class Rows, class Post>
void add_member_rows(Rows& rows, const Post& post) {
  const std::string members = "/api/v1/members?account=admin";
  const auto made = [&](const std::string& name) {
    const auto answer = post(members, R"({"name":")" + name + R"(","role":"viewer"})");
    EXPECT_EQ(answer.status, 201) << answer.body;
    const auto id = boost::json::parse(answer.body).at("id").as_int64();
    return "/api/v1/members/" + std::to_string(id) + "?account=admin";
  };
  const std::string stays = made("stays");
  const std::string goes = made("goes");
  const std::string nobody = "/api/v1/members/9999?account=admin";
  const std::string itself = "/api/v1/members/1?account=admin";
  rows["list_members"] = {
      members, "", "", {{"no such account", "/api/v1/members?account=none", "", 404, "account"}}};
  rows["add_member"] = {
      members, R"({"name":"ada","role":"marketer","password":"long enough"})", "",
      {{"no name", "", R"({"name":"","role":"viewer"})", 400, "name"},
       {"a name of two lines", "", R"({"name":"a\nb","role":"viewer"})", 400, "name"},
       {"a taken name", "", R"({"name":"admin","role":"viewer"})", 409, "name"},
       {"no role", "", R"({"name":"bob"})", 400, "role"},
       {"another role", "", R"({"name":"bob","role":"king"})", 400, "role"},
       {"a short password", "", R"({"name":"bob","role":"viewer","password":"short"})", 400,
        "password"}}};
  rows["change_member"] = {
      stays, R"({"role":"experimenter"})", "",
      {{"another role", "", R"({"role":"king"})", 400, "role"},
       {"a short password", "", R"({"password":"short"})", 400, "password"},
       {"no number", "/api/v1/members/x?account=admin", R"({"role":"viewer"})", 400, "id"},
       {"nobody", nobody, R"({"role":"viewer"})", 404, "id"},
       {"the account itself", itself, R"({"role":"viewer"})", 409, "id"}}};
  rows["remove_member"] = {goes, "", "",
                           {{"nobody", nobody, "", 404, "id"},
                            {"the account itself", itself, "", 409, "id"}}};
  rows["show_audit_log"] = {
      "/api/v1/audit_log?limit=3&before=1000000", "", "",
      {{"no page", "/api/v1/audit_log?limit=0", "", 400, "limit"},
       {"before nothing", "/api/v1/audit_log?before=-1", "", 400, "before"}}};
  rows["check_audit_log"] = {"/api/v1/audit_log/check", "", "", {}};
}

}  // namespace attune::serve
