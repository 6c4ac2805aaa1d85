// People with roles, and the log of what they did.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api_fixture.h"
#include "serve/audit_log.h"
#include "store/column_batch.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

class MembersTest : public ApiFixture {
 protected:
  std::string login(const std::string& user) {
    const std::string credentials =
        R"({"user":")" + user + R"(","password":")" + std::string(kPassword) + "\"}";
    const RawAnswer answer = send("POST", "/api/v1/login", credentials);
    EXPECT_EQ(answer.status, 200) << user << ": " << answer.body;
    const std::string cookie(answer.header("Set-Cookie"));
    const json::value body = json::parse(answer.body);
    return "Cookie: " + cookie.substr(0, cookie.find(';')) +
           "\r\nX-CSRF-Token: " + body.at("csrf_token").as_string().c_str() + "\r\n";
  }
  std::string add(const std::string& name, const std::string& role) {
    const std::string body = R"({"name":")" + name + R"(","role":")" + role +
                             R"(","password":")" + std::string(kPassword) + "\"}";
    const RawAnswer answer = send("POST", "/api/v1/members", body, login("admin"));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return std::to_string(json::parse(answer.body).at("id").as_int64());
  }
  json::array entries(const std::string& query = "") {
    const Response answer = as_owner(Method::get, "/api/v1/audit_log" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body).at("entries").as_array();
  }
  json::value checked() {
    const Response answer = as_owner(Method::get, "/api/v1/audit_log/check");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body);
  }
  std::string of_site(const std::string& path) { return "/api/v1/sites/" + site_.id.text() + path; }

  const std::string campaign_ = R"({"name":"spring"})";
  const std::string test_ = R"({"name":"red button","test_type":"Simple A/B"})";
  const std::string flag_ = R"({"default_value":"off"})";
};

TEST_F(MembersTest, EachRoleChangesWhatItIsFor) {
  for (const char* role : {"admin", "marketer", "experimenter", "viewer"}) {
    add(std::string("a ") + role, role);
  }
  struct Try {
    const char* method;
    std::string target, body;
    std::string roles;   // besides admin
  };
  const Try tries[] = {
      {"POST", "/api/v1/campaigns", campaign_, "marketer"},
      {"POST", "/api/v1/content_templates",
       R"({"name":"hello","template_type":"web_block","base_prompt":"<p>Hi</p>"})", "marketer"},
      {"POST", "/api/v1/learning_insights/find", "", "marketer"},
      {"POST", "/api/v1/campaign_advice", "{}", "marketer"},
      {"PUT", of_site("/placements/home"), "{}", "marketer"},
      {"DELETE", of_site("/rules/00000000-0000-4000-8000-000000000000"), "", "marketer"},
      {"PUT", of_site("/slots/hero"), R"({"templates":[]})", "marketer"},
      {"POST", "/api/v1/ab_tests", test_, "experimenter"},
      {"POST", "/api/v1/ab_tests/00000000-0000-4000-8000-000000000000/start", "{}",
       "experimenter"},
      {"PUT", of_site("/flags/dark"), flag_, "experimenter"},
      {"PUT", of_site("/saved-groups/staff"), R"({"members":["ann"]})", "experimenter"},
      {"DELETE", of_site("/saved-groups/none"), "", "experimenter"},
      {"GET", of_site("/sdk-connections"), "", "experimenter"},   // keys of the encryption
      {"POST", of_site("/sdk-connections"), R"({"name":"Phone"})", "experimenter"},
      {"PATCH", of_site("/sdk-connections/none"), R"({"encrypted":true})", "experimenter"},
      {"DELETE", of_site("/sdk-connections/none"), "", "experimenter"},
      {"PATCH", of_site(""), R"({"name":"Shop"})", ""},
      {"POST", of_site("/keys"), R"({"name":"k","scope":"read"})", ""},
      {"POST", of_site("/models/rollback"), R"({"strategy":"ease"})", ""},
      {"POST", "/api/v1/query", R"({"sql":"select 1"})", ""},
      {"GET", "/api/v1/members", "", ""},
      {"POST", "/api/v1/members", R"({"name":"another","role":"admin"})", ""},
      {"GET", "/api/v1/audit_log", "", ""},
      {"GET", "/api/v1/campaigns", "", "marketer experimenter viewer"},
      {"GET", of_site("/flags"), "", "marketer experimenter viewer"},
      {"GET", of_site("/saved-groups"), "", "marketer experimenter viewer"},
      {"GET", "/api/v1/jobs", "", "marketer experimenter viewer"},
  };
  for (const char* role : {"admin", "marketer", "experimenter", "viewer"}) {
    const std::string headers = login(std::string("a ") + role);
    for (const Try& each : tries) {
      const bool may = std::string_view(role) == "admin" ||
                       each.roles.find(role) != std::string::npos;
      const RawAnswer answer = send(each.method, each.target, each.body, headers);
      EXPECT_EQ(answer.status != 403, may)
          << role << ": " << each.method << " " << each.target << ": " << answer.body;
    }
  }
}

TEST_F(MembersTest, TheySeeTheAccountsRows) {
  add("ada", "marketer");
  const RawAnswer made = send("POST", "/api/v1/campaigns", campaign_, login("ada"));
  ASSERT_EQ(made.status, 201) << made.body;
  const RawAnswer seen = send("GET", "/api/v1/campaigns", "", login("admin"));
  EXPECT_EQ(json::parse(seen.body).at("campaigns").as_array().size(), 1U);
  EXPECT_EQ(send("GET", "/api/v1/campaigns?account=admin", "", login("ada")).status, 403);
}

TEST_F(MembersTest, JobsOfTheServerAreAdministrators) {
  add("ada", "marketer");
  const std::string admin = login("admin");
  const std::string ada = login("ada");
  const auto started = [&](const std::string& path, const std::string& who) {
    const RawAnswer answer = send("POST", path, "", who);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return "/api/v1/jobs/" + std::string(json::parse(answer.body).at("id").as_string());
  };
  const std::string of_server = started("/api/v1/accounts/populate", admin);
  const std::string of_account = started("/api/v1/learning_insights/find", ada);
  EXPECT_EQ(send("GET", of_account, "", ada).status, 200);
  EXPECT_EQ(send("GET", of_server, "", ada).status, 404);
  EXPECT_EQ(send("GET", of_server, "", admin).status, 200);
  const auto jobs = [&](const std::string& who) {
    return json::parse(send("GET", "/api/v1/jobs", "", who).body).at("jobs").as_array().size();
  };
  EXPECT_EQ(jobs(ada), 1U);
  EXPECT_EQ(jobs(admin), 2U);
  // An account is no site.
  const json::value ours = json::parse(send("GET", of_account, "", ada).body);
  EXPECT_TRUE(ours.at("site").is_null());
  EXPECT_TRUE(ours.at("account").is_int64()) << json::serialize(ours);
  const json::value servers = json::parse(send("GET", of_server, "", admin).body);
  EXPECT_TRUE(servers.at("site").is_null());
  EXPECT_TRUE(servers.at("account").is_null());
}

TEST_F(MembersTest, ChangesHoldAtOnce) {
  const std::string id = add("ada", "viewer");
  const std::string ada = login("ada");
  EXPECT_EQ(send("POST", "/api/v1/campaigns", campaign_, ada).status, 403);
  const std::string member = "/api/v1/members/" + id;
  const std::string admin = login("admin");
  EXPECT_EQ(send("PATCH", member, R"({"role":"marketer"})", admin).status, 200);
  EXPECT_EQ(send("POST", "/api/v1/campaigns", campaign_, ada).status, 201);
  EXPECT_EQ(send("PATCH", member, R"({"password":"another one"})", admin).status, 200);
  EXPECT_EQ(send("GET", "/api/v1/campaigns", "", ada).status, 401);
  const std::string credentials = R"({"user":"ada","password":"another one"})";
  EXPECT_EQ(send("POST", "/api/v1/login", credentials).status, 200);
  EXPECT_EQ(send("DELETE", member, "", admin).status, 204);
  EXPECT_EQ(send("POST", "/api/v1/login", credentials).status, 401);
  EXPECT_EQ(send("GET", "/api/v1/campaigns", "", admin).status, 200);
}

TEST_F(MembersTest, ARestartKeepsThem) {
  add("ada", "experimenter");
  auto control = ControlPlane::open(*store_, clock_, {});
  ASSERT_TRUE(control) << control.error().message();
  const auto accounts = (*control)->list_accounts();
  ASSERT_EQ(accounts.size(), 1U);   // who works for an account has no rows
  const auto people = (*control)->list_people(accounts[0].id);
  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[1].name, "ada");
  EXPECT_EQ(people[1].role, "experimenter");
}

TEST_F(MembersTest, TheLogSaysWhoDidWhatAndKeepsNoSecret) {
  add("ada", "marketer");
  const std::string ada = login("ada");
  EXPECT_EQ(send("POST", "/api/v1/campaigns", campaign_, ada).status, 201);
  EXPECT_EQ(send("POST", "/api/v1/campaigns", "{}", ada).status, 400);
  EXPECT_EQ(send("GET", "/api/v1/campaigns", "", ada).status, 200);   // changes nothing
  EXPECT_EQ(send("DELETE", of_site("/keys/77"), "", bearer(server_key_)).status, 404);
  const json::array log = entries();
  ASSERT_EQ(log.size(), 6U);   // two logins, a member, two campaigns, a key
  EXPECT_EQ(log[0].at("action"), "delete_site_key");
  EXPECT_EQ(log[0].at("actor"), "test");
  EXPECT_EQ(log[0].at("actor_kind"), "key");
  EXPECT_EQ(log[0].at("target"), "id=77");
  EXPECT_EQ(log[0].at("site_id"), json::value(site_.id.text()));
  EXPECT_EQ(log[0].at("status"), 404);
  EXPECT_EQ(log[1].at("status"), 400);
  EXPECT_EQ(log[2].at("action"), "create_campaign");
  EXPECT_EQ(log[2].at("actor"), "ada");
  EXPECT_EQ(log[2].at("role"), "marketer");
  EXPECT_EQ(log[2].at("details"), json::parse(R"({"name":"spring"})"));
  EXPECT_EQ(log[3].at("action"), "log_in");
  EXPECT_EQ(log[4].at("details"),
            json::parse(R"({"name":"ada","role":"marketer","password":null})"));
  EXPECT_EQ(log[4].at("client_address"), "127.0.0.1");
  EXPECT_EQ(entries("?limit=2").size(), 2U);
  EXPECT_EQ(entries("?before=3").size(), 2U);
}

TEST_F(MembersTest, TheLogHasChangesOfClientKeysAndNoneOfTheirSecrets) {
  const std::string all = of_site("/sdk-connections");
  const auto made = json::parse(as_owner(Method::post, all, R"({"name":"Phone"})").body);
  const std::string client_key = made.at("client_key").as_string().c_str();
  const std::string one = all + "/" + client_key;
  EXPECT_EQ(as_owner(Method::patch, one, R"({"encrypted":false})").status, 200);
  EXPECT_EQ(as_owner(Method::patch, one, R"({"new_key":true,"encrypted":true})").status, 200);
  const std::string members = R"({"members":["v-123"]})";
  EXPECT_EQ(as_owner(Method::put, of_site("/saved-groups/staff"), members).status, 201);
  const json::array log = entries();
  ASSERT_EQ(log.size(), 4U);
  EXPECT_EQ(log[3].at("action"), "create_sdk_connection");
  EXPECT_EQ(log[3].at("details"), json::parse(R"({"name":"Phone"})"));
  EXPECT_EQ(log[2].at("action"), "update_sdk_connection");
  EXPECT_EQ(log[2].at("target"), json::value("key=" + client_key));
  EXPECT_EQ(log[2].at("details"), json::parse(R"({"encrypted":false})"));
  EXPECT_EQ(log[1].at("details"), json::parse(R"({"new_key":null,"encrypted":true})"));
  EXPECT_EQ(log[0].at("action"), "put_saved_group");
  EXPECT_EQ(log[0].at("details"), json::parse(R"({"members":null})"));
  const std::string text = json::serialize(log);
  const json::value now = json::parse(as_owner(Method::get, all).body).at("connections").at(1);
  for (const json::value& key : {made.at("encryption_key"), now.at("encryption_key")}) {
    EXPECT_EQ(text.find(key.as_string().c_str()), std::string::npos);
  }
  EXPECT_EQ(text.find("v-123"), std::string::npos) << "a visitor's id is not kept";
}

TEST_F(MembersTest, ARowThatNobodyNotedShows) {
  for (int n = 0; n < 5; ++n) {
    const std::string body = R"({"name":"c)" + std::to_string(n) + "\"}";
    EXPECT_EQ(send("POST", "/api/v1/campaigns", body, bearer(server_key_)).status, 201);
  }
  json::value check = checked();
  EXPECT_EQ(check.at("entries"), 5);
  EXPECT_TRUE(check.at("intact").as_bool());
  EXPECT_TRUE(check.at("first_wrong").is_null());
  const std::string newest = entries("?limit=1")[0].at("hash").as_string().c_str();
  const auto forge = [&](std::int64_t id, const std::string& previous) {
    store::ColumnBatch forged;
    forged.add_int64("id").push(id);
    forged.add_timestamp("made_at").push(store::Timestamp::from_ms(clock_.now_ms()));
    for (const char* name : {"actor", "action", "target", "client_address", "role"}) {
      forged.add_text(name).push("test");
    }
    forged.add_text("actor_kind").push("key");
    forged.add_json("details").push("{}");
    forged.add_int32("status").push(201);
    forged.add_text("previous_hash").push(previous);
    forged.add_text("hash").push(std::string(64, 'a'));
    const auto session = store_->session();
    ASSERT_TRUE(session);
    const auto appended = (*session)->append("audit_log", forged);
    ASSERT_TRUE(appended) << appended.error().message();
  };
  // One whose own hash is wrong, and one that follows nothing: the older of them is told.
  for (const std::int64_t id : {6, 7}) {
    forge(id, id == 6 ? newest : std::string(64, 'b'));
    check = checked();
    EXPECT_EQ(check.at("entries"), id);
    EXPECT_FALSE(check.at("intact").as_bool());
    EXPECT_EQ(check.at("first_wrong"), 6);
  }
}

TEST_F(MembersTest, RowsGoAfterTwoYearsAndTheRestStillFits) {
  ManualClock clock(1'795'000'000'000);
  AuditLog log(*store_, clock);
  const auto note = [&] {
    AuditEntry entry;
    entry.actor_kind = CallerKind::owner;
    entry.action = "create_site";
    const auto noted = log.note(std::move(entry));
    EXPECT_TRUE(noted) << noted.error().message();
  };
  note();
  note();
  clock.advance_ms(400LL * 86'400'000);
  note();
  clock.advance_ms(400LL * 86'400'000);
  note();
  const auto page = log.page(std::nullopt, 10);
  ASSERT_TRUE(page) << page.error().message();
  ASSERT_EQ(page->entries.size(), 2U);
  EXPECT_EQ(page->entries[1].id, 3);
  const auto check = log.check();
  ASSERT_TRUE(check) << check.error().message();
  EXPECT_EQ(check->entries, 2);
  EXPECT_FALSE(check->first_wrong);
}

TEST(AuditDetails, KeepsNamesAndHarmlessValues) {
  EXPECT_EQ(details_of(""), "{}");
  EXPECT_EQ(details_of("[1]"), "{}");
  EXPECT_EQ(details_of("{broken"), "{}");
  EXPECT_EQ(details_of(R"({"password":"secret","reason":"because","design":{"name":"x"}})"),
            R"({"password":null,"reason":"because","design":null})");
  EXPECT_EQ(details_of(R"({"name":{"first":"x"},"status":[1]})"), R"({"name":null,"status":null})");
}

}  // namespace
}  // namespace attune::serve
