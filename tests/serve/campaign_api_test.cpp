// What the calls of an account's tables do, beyond shape and refusal (matrix_test.cpp): who sees
// whose rows, who may change them, pages, and profiles for everybody.
#include <algorithm>
#include <boost/json.hpp>

#include "api_fixture.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

class CampaignApiTest : public ApiFixture {
 protected:
  void SetUp() override {
    open_parts();
    if (HasFatalFailure()) return;
    add_account("partner", "admin");
    add_account("reader", "viewer");
    start({});
  }
  std::string login(const std::string& user) {
    const auto made = control_->log_in({user, kPassword, ""});
    EXPECT_TRUE(made) << user;
    return "Cookie: attune_login=" + made->token + "\r\nX-CSRF-Token: " + made->csrf_token + "\r\n";
  }
  json::value good(const RawAnswer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    json::error_code error;
    return json::parse(answer.body, error);
  }
  std::string made(const std::string& who, const std::string& path, const std::string& body) {
    const json::value row = good(send("POST", path, body, who), 201);
    const json::value* id = row.is_object() ? row.as_object().if_contains("id") : nullptr;
    return id == nullptr ? "" : id->as_string().c_str();
  }
  void refused(const RawAnswer& answer, int status, const std::string& field,
               const std::string& words) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_NE(answer.body.find("\"field\":\"" + field + "\""), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find(words), std::string::npos) << answer.body;
  }
  /// What people were given stays as it is, once a test runs.
  void expect_locked(const std::string& admin, const std::string& test) {
    const std::string path = "/api/v1/ab_tests/" + test;
    const json::value list =
        good(send("GET", "/api/v1/test_variations?ab_test_id=" + test, "", admin), 200);
    EXPECT_EQ(list.at("test_variations").as_array().size(), 2U);
    EXPECT_EQ(list.at("test_variations").at(0).at("ctr").to_number<double>(), 0.25);
    EXPECT_FALSE(list.at("more").as_bool());
    const std::string variation =
        "/api/v1/test_variations/" +
        std::string(list.at("test_variations").at(0).at("id").as_string());
    for (const char* field : {R"({"seed":"x"})", R"({"primary_metric":"x"})", R"({"coverage":0.5})",
                              R"({"design":{}})", R"({"engine":"bandit"})"}) {
      const std::string name = json::parse(field).as_object().begin()->key();
      refused(send("PATCH", path, field, admin), 409, name, "because the test is Active");
    }
    refused(send("PATCH", variation, R"({"traffic_percentage":60})", admin), 409,
            "traffic_percentage", "is locked");
    refused(send("DELETE", variation, "", admin), 409, "ab_test_id", "variations stay as they are");
    refused(send("POST", "/api/v1/test_variations",
                 R"({"ab_test_id":")" + test + R"(","variation_id":"c","name":"c"})", admin),
            409, "ab_test_id", "variations stay as they are");
    refused(send("POST", "/api/v1/test_results", R"({"ab_test_id":")" + test + "\"}", admin), 409,
            "ab_test_id", "written by the server");
    refused(send("DELETE", path, "", admin), 409, "id", "complete or cancel it");
    good(send("PATCH", path, R"({"hypothesis":"red sells","name":"Colour"})", admin), 200);
    good(send("PATCH", variation, R"({"description":"as before"})", admin), 200);
  }
  std::vector<std::string> listed(const std::string& admin, const std::string& query) {
    const json::value list = good(send("GET", "/api/v1/ab_tests" + query, "", admin), 200);
    std::vector<std::string> names;
    for (const json::value& row : list.at("ab_tests").as_array()) {
      names.emplace_back(row.at("name").as_string());
    }
    std::ranges::sort(names);   // those of one millisecond come in any order
    return names;
  }
};

TEST_F(CampaignApiTest, TestsAreListedBySiteAndStateWithTheirLastSnapshot) {
  const std::string admin = login("admin");
  made(admin, "/api/v1/meta_user_profiles", "{}");
  made(admin, "/api/v1/ab_tests", R"({"name":"nowhere"})");
  const std::string plan = R"(,"primary_metric":"bought","site_id":")" + site_.id.text() +
                           R"(","design":{"metrics":[)"
                           R"({"name":"bought","kind":"conversion","event":"buy"}]}})";
  made(admin, "/api/v1/ab_tests", R"({"name":"draft")" + plan);
  const std::string test = made(admin, "/api/v1/ab_tests", R"({"name":"run")" + plan);
  for (const char* name : {"a", "b"}) {
    made(admin, "/api/v1/test_variations",
         R"({"ab_test_id":")" + test + R"(","variation_id":")" + name + R"(","name":")" + name +
             R"(","is_control":)" + (name[0] == 'a' ? "true}" : "false}"));
  }
  good(send("POST", "/api/v1/ab_tests/" + test + "/start", "{}", admin), 200);
  using Names = std::vector<std::string>;
  const std::string here = "?site=" + site_.id.text();
  EXPECT_EQ(listed(admin, "").size(), 3U);
  EXPECT_EQ(listed(admin, here), (Names{"draft", "run"}));
  EXPECT_EQ(listed(admin, here + "&status=Draft"), (Names{"draft"}));
  EXPECT_EQ(listed(admin, "?status=Draft"), (Names{"draft", "nowhere"}));
  EXPECT_EQ(listed(admin, here + "&status=Active&limit=1&offset=1"), Names{});
  EXPECT_EQ(listed(login("partner"), here), Names{}) << "rows of their own account only";

  const auto summaries = [&] {
    return good(send("GET", "/api/v1/ab_tests?summaries=1&site=" + site_.domain, "", admin), 200)
        .at("summaries").as_object();
  };
  json::object all = summaries();
  ASSERT_EQ(all.size(), 1U) << "a draft has none";
  EXPECT_EQ(all.at(test).at("people").to_number<int>(), 0);
  EXPECT_TRUE(all.at(test).at("snapshot").is_null());
  good(send("POST", "/api/v1/ab_tests/" + test + "/complete", R"({"reason":"so"})", admin), 200);
  all = summaries();
  const json::object& last = all.at(test).at("snapshot").as_object();
  EXPECT_EQ(last.at("outcome").as_string(), "inconclusive");
  EXPECT_EQ(last.at("units").to_number<int>(), 0);
  EXPECT_FALSE(last.at("is_enough").as_bool());
  EXPECT_FALSE(last.at("is_broken").as_bool());
  EXPECT_TRUE(all.at(test).at("refreshed_at").is_string());
}

TEST_F(CampaignApiTest, ATestNeedsAProfile) {
  refused(send("POST", "/api/v1/ab_tests", R"({"name":"colour"})", login("admin")), 409, "account",
          "ab_tests_profile_fkey");
}

TEST_F(CampaignApiTest, ATestLivesFromDraftToItsEndWithItsVariations) {
  const std::string admin = login("admin");
  made(admin, "/api/v1/meta_user_profiles", R"({"brand_voice":"Playful","risk_tolerance":0.2})");
  const std::string test = made(
      admin, "/api/v1/ab_tests",
      R"({"name":"Colour!","traffic_split":{"a":50,"b":50},"start_date":"2026-11-21T08:00:00Z"})");
  const std::string path = "/api/v1/ab_tests/" + test;
  for (const char* name : {"a", "b"}) {
    made(admin, "/api/v1/test_variations",
         R"({"ab_test_id":")" + test + R"(","variation_id":")" + name + R"(","name":")" + name +
             R"(","impressions":4,"clicks":1,"is_control":)" + (name[0] == 'a' ? "true" : "false") +
             "}");
  }
  refused(send("PATCH", path, R"({"status":"Active"})", admin), 400, "status", "is read only");
  const auto step = [&](const std::string& action, const std::string& body = "{}") {
    return send("POST", path + "/" + action, body, admin);
  };
  refused(step("start"), 400, "site_id", "on which site");
  good(send("PATCH", path, R"({"site_id":")" + Uuid::random().text() + "\"}", admin), 200);
  refused(step("start"), 400, "site_id", "no such site");
  good(send("PATCH", path, R"({"site_id":")" + site_.id.text() + "\"}", admin), 200);
  refused(step("start"), 400, "design.metrics", "at least one metric");
  good(send("PATCH", path, R"({"primary_metric":"bought","design":{"metrics":[)"
                           R"({"name":"bought","kind":"conversion","event":"purchase"}]}})", admin),
       200);
  refused(step("pause"), 409, "status", "can only: start, cancel");
  for (const auto& [action, status] :
       {std::pair{"start", "Active"}, {"pause", "Paused"}, {"resume", "Active"}}) {
    const json::value row = good(step(action), 200);
    EXPECT_EQ(row.at("status").as_string(), status);
    EXPECT_EQ(row.at("name").as_string(), "Colour!");
    EXPECT_EQ(row.at("test_key").as_string(), "colour");
    EXPECT_EQ(row.at("start_date").as_string(), "2026-11-21T08:00:00Z");
    EXPECT_EQ(row.at("traffic_split").at("a").to_number<int>(), 50);
  }
  expect_locked(admin, test);

  refused(step("complete"), 400, "reason", "say why");
  refused(step("complete", R"({"reason":"enough","winner":"z"})"), 400, "winner", "a variation");
  const json::value ended = good(step("complete", R"({"reason":"enough","winner":"b"})"), 200);
  EXPECT_EQ(ended.at("winning_variation").as_string(), "b");
  EXPECT_EQ(ended.at("decided_by").as_string(), "admin");
  const json::array& log = ended.at("decision").at("log").as_array();
  EXPECT_EQ(log.size(), 4U);
  EXPECT_EQ(log.back().at("reason").as_string(), "enough");
  refused(step("resume"), 409, "status", "stays so");
  EXPECT_EQ(send("DELETE", path, "", admin).status, 204);
  EXPECT_EQ(send("GET", path, "", admin).status, 404);
  EXPECT_TRUE(good(send("GET", "/api/v1/test_variations", "", admin), 200)
                  .at("test_variations").as_array().empty());
}

TEST_F(CampaignApiTest, ATestsConditionIsCheckedWhenItIsStored) {
  const std::string admin = login("admin");
  made(admin, "/api/v1/meta_user_profiles", "{}");
  const auto with = [](const std::string& condition) {
    return R"({"name":"Colour","design":{"condition":)" + condition + "}}";
  };
  const std::string tests = "/api/v1/ab_tests";
  const std::string path = tests + "/" + made(admin, tests, with(R"({"country":"DE"})"));
  for (const auto& [condition, field, words] :
       {std::tuple{R"({"age":{"$above":18}})", "design.condition.age.$above", "no such operator"},
        {R"({"name":{"$regex":"("}})", "design.condition.name.$regex", "is no pattern of RE2"},
        {R"({"country":{"$in":"DE"}})", "design.condition.country.$in", "must be a list"},
        {R"(["DE"])", "design.condition", "must be an object like"}}) {
    refused(send("POST", tests, with(condition), admin), 400, field, words);
    refused(send("PATCH", path, with(condition), admin), 400, field, words);
  }
  refused(send("PATCH", path, R"({"design":{"parents":[{"condition":{}}]}})", admin), 400,
          "design.parents[0]", "key of a flag");
  const json::value kept = good(send("GET", path, "", admin), 200);
  EXPECT_EQ(kept.at("design").at("condition").at("country").as_string(), "DE");
  good(send("PATCH", path, with(R"({"country":{"$in":["DE","AT"]}})"), admin), 200);
  good(send("PATCH", path, with("null"), admin), 200);
}

TEST_F(CampaignApiTest, ATestEndsInTheFuture) {
  const std::string admin = login("admin");
  made(admin, "/api/v1/meta_user_profiles", "{}");
  const std::string test = made(admin, "/api/v1/ab_tests",
                                R"({"name":"Late","end_date":"2001-01-02T08:00:00Z","site_id":")" +
                                    site_.id.text() +
                                    R"(","primary_metric":"bought","design":{"metrics":[)"
                                    R"({"name":"bought","kind":"conversion","event":"buy"}]}})");
  const std::string path = "/api/v1/ab_tests/" + test;
  for (const char* name : {"a", "b"}) {
    made(admin, "/api/v1/test_variations",
         R"({"ab_test_id":")" + test + R"(","variation_id":")" + name + R"(","name":")" + name +
             R"(","is_control":)" + (name[0] == 'a' ? "true}" : "false}"));
  }
  const auto end = [&](const std::string& when) {
    return send("PATCH", path, R"({"name":"Late","end_date":)" + when + "}", admin);
  };
  refused(send("POST", path + "/start", "{}", admin), 400, "end_date", "must lie in the future");
  good(end(R"("2001-01-03T08:00:00Z")"), 200);   // a draft may be anything
  good(end(R"("2999-01-02T08:00:00Z")"), 200);
  good(send("POST", path + "/start", "{}", admin), 200);
  refused(end(R"("2001-01-02T08:00:00Z")"), 400, "end_date", "to end the test now, complete it");
  good(end(R"("2999-01-02T08:00:00Z")"), 200);
  good(send("POST", path + "/pause", "{}", admin), 200);
  refused(end(R"("2001-01-02T08:00:00Z")"), 400, "end_date", "must lie in the future");
  good(end("null"), 200);
  good(send("POST", path + "/cancel", R"({"reason":"enough"})", admin), 200);
  good(end(R"("2001-01-02T08:00:00Z")"), 200);   // nothing comes of it any more
}

TEST_F(CampaignApiTest, SaysWhichRuleABodyBreaks) {
  const std::string admin = login("admin");
  const std::string campaigns = "/api/v1/campaigns";
  const std::string first = made(admin, campaigns, R"({"name":"spring"})");
  for (const auto& [body, field, words] :
       {std::tuple{R"({"name":""})", "name", "must not be empty"},
        {R"({"name":7})", "name", "must be text"},
        {R"({"name":"x","budget":-1})", "budget", "of at least 0"},
        {R"({"name":"x","budget":"much"})", "budget", "must be a number"},
        {R"({"name":"x","platform":"Telex"})", "platform", "must be one of: Instagram"},
        {R"({"name":"x","start_date":"2026-02-30"})", "start_date", "must be a day"},
        {R"({"name":"x","start_date":"2026-03-02","end_date":"2026-03-01"})", "start_date",
         "must not be above end_date"},
        {R"({"name":"x","created_at":"2026-03-01"})", "created_at", "is read only"},
        {R"({"name":"x","colour":"red"})", "colour", "unknown field"}}) {
    refused(send("POST", campaigns, body, admin), 400, field, words);
  }
  refused(send("POST", campaigns, R"({"name":"spring"})", admin), 409, "name",
          "campaigns_name_key");
  made(admin, campaigns, R"({"name":"summer"})");
  refused(send("PATCH", campaigns + "/" + first, R"({"name":"summer"})", admin), 409, "name",
          "campaigns_name_key");
  made(admin, "/api/v1/meta_user_profiles", "{}");
  refused(send("POST", "/api/v1/meta_user_profiles", "{}", admin), 409, "id",
          "meta_user_profiles_account_key");
  const std::string profiles = "/api/v1/meta_user_profiles/" +
      std::string(good(send("GET", "/api/v1/meta_user_profiles", "", admin), 200)
                      .at("meta_user_profiles").at(0).at("id").as_string());
  refused(send("PATCH", profiles, R"({"target_age_groups":["Gen Z","Old"]})", admin), 400,
          "target_age_groups[1]", "must be one of: Gen Z");
  refused(send("PATCH", profiles, R"({"learned_preferences":{}})", admin), 400,
          "learned_preferences", "is read only");
  const auto day_of = [](const std::string& id, const std::string& more) {
    return R"({"campaign_id":")" + id + R"(","day":"2026-11-21")" + more + "}";
  };
  refused(send("POST", "/api/v1/campaign_stats_daily",
               day_of(first, R"(,"clicks":2,"impressions":1)"), admin),
          400, "clicks", "must not be above impressions");
  refused(send("POST", "/api/v1/campaign_stats_daily",
               day_of("00000000-0000-4000-8000-000000000001", ""), admin),
          409, "campaign_id", "campaign_stats_daily_campaign_fkey");
}

TEST_F(CampaignApiTest, AccountsDoNotMeet) {
  const std::string ours = login("admin");
  const std::string theirs = login("partner");
  const std::string campaign = made(ours, "/api/v1/campaigns", R"({"name":"ours"})");
  const std::string path = "/api/v1/campaigns/" + campaign;
  EXPECT_EQ(send("GET", path, "", theirs).status, 404);
  EXPECT_EQ(send("DELETE", path, "", theirs).status, 404);
  EXPECT_EQ(send("PATCH", path, R"({"name":"theirs"})", theirs).status, 404);
  EXPECT_TRUE(good(send("GET", "/api/v1/campaigns", "", theirs), 200)
                  .at("campaigns").as_array().empty());
  refused(send("POST", "/api/v1/campaign_personalization_settings",
               R"({"campaign_id":")" + campaign + "\"}", theirs),
          409, "campaign_id", "campaign_personalization_settings_campaign_fkey");
  EXPECT_EQ(good(send("GET", path, "", ours), 200).at("name").as_string(), "ours");
  // An administrator who says so acts for another account; its rows stay its own.
  EXPECT_EQ(send("GET", path + "?account=admin", "", theirs).status, 200);
  EXPECT_EQ(send("GET", path + "?account=partner", "", ours).status, 404);
  EXPECT_EQ(send("GET", path + "?account=admin", "", bearer(server_key_)).status, 200);
}

TEST_F(CampaignApiTest, ViewersReadAndKeysOfASiteDoNot) {
  const std::string viewer = login("reader");
  made(login("admin"), "/api/v1/campaigns?account=reader", R"({"name":"shown"})");
  const json::value list = good(send("GET", "/api/v1/campaigns", "", viewer), 200);
  ASSERT_EQ(list.at("campaigns").as_array().size(), 1U);
  const std::string path =
      "/api/v1/campaigns/" + std::string(list.at("campaigns").at(0).at("id").as_string());
  EXPECT_EQ(send("GET", path, "", viewer).status, 200);
  EXPECT_EQ(send("POST", "/api/v1/campaigns", R"({"name":"x"})", viewer).status, 403);
  EXPECT_EQ(send("PATCH", path, R"({"name":"x"})", viewer).status, 403);
  EXPECT_EQ(send("DELETE", path, "", viewer).status, 403);
  EXPECT_EQ(send("GET", path + "?account=admin", "", viewer).status, 403);
  EXPECT_EQ(send("POST", "/api/v1/accounts/populate", "", viewer).status, 403);
  const std::string key = bearer(key_of_scope(Scope::admin));
  EXPECT_EQ(send("GET", "/api/v1/campaigns", "", key).status, 403);
  EXPECT_EQ(send("GET", "/api/v1/campaigns?account=reader", "", key).status, 403);
}

TEST_F(CampaignApiTest, AnswersInPages) {
  const std::string admin = login("admin");
  for (int i = 0; i < 3; ++i) {
    made(admin, "/api/v1/campaigns", "{\"name\":\"c" + std::to_string(i) + "\"}");
  }
  const json::value first = good(send("GET", "/api/v1/campaigns?limit=2", "", admin), 200);
  EXPECT_EQ(first.at("campaigns").as_array().size(), 2U);
  EXPECT_TRUE(first.at("more").as_bool());
  const json::value rest = good(send("GET", "/api/v1/campaigns?limit=2&offset=2", "", admin), 200);
  EXPECT_EQ(rest.at("campaigns").as_array().size(), 1U);
  EXPECT_FALSE(rest.at("more").as_bool());
}

TEST_F(CampaignApiTest, GivesEveryAccountAProfile) {
  for (const char* made : {"\"profiles_made\":3", "\"profiles_made\":0"}) {
    const json::value job = json::parse(as_owner(Method::post, "/api/v1/accounts/populate").body);
    const std::string target = "/api/v1/jobs/" + std::string(job.at("id").as_string());
    std::string body;
    const std::int64_t end_us = clock_.steady_us() + 10'000'000;
    do {
      body = as_owner(Method::get, target).body;
    } while (body.find("\"running\"") != std::string::npos && clock_.steady_us() < end_us);
    EXPECT_NE(body.find(made), std::string::npos) << body;
  }
  const json::value list =
      good(send("GET", "/api/v1/meta_user_profiles", "", login("reader")), 200);
  EXPECT_EQ(list.at("meta_user_profiles").at(0).at("risk_tolerance").to_number<double>(), 0.5);
}

}  // namespace
}  // namespace attune::serve
