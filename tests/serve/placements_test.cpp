// Placements and rules beyond shape and refusal (matrix_placements.h): what is stored comes back
// and is in service when the call answers; a preview shows a draft and puts nothing in service.
#include <boost/json.hpp>

#include "api_fixture.h"
#include "serve/placement_store.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

class PlacementsTest : public ApiFixture {
 protected:
  void SetUp() override {
    open_parts();
    if (HasFatalFailure()) return;
    Operations operations;
    operations.rules_changed = [this](const event::Site& site) -> Result<void> {
      ATTUNE_ASSIGN(const auto session, store_->session());
      ATTUNE_ASSIGN(auto rules, load_site_rules(*session, site));
      decider_->publish_rules(site.id, std::move(rules));
      return {};
    };
    start(std::move(operations));
    learn::SiteData data;
    for (const char* id : {"a", "b", "c"}) {
      learn::Product product;
      product.id = id;
      product.category = id == std::string("c") ? "hats" : "mugs";
      data.products.push_back(product);
    }
    decider_->publish(site_.id, decide::SiteSnapshot::build(site_.id, data, nullptr));
  }
  std::string path(const std::string& rest) { return "/api/v1/sites/" + site_.id.text() + rest; }
  json::value call(Method method, const std::string& rest, const std::string& body = {},
                   int status = 200) {
    const Response response = as_owner(method, path(rest), body);
    EXPECT_EQ(response.status, status) << response.body;
    json::error_code error;
    return json::parse(response.body, error);
  }
  std::vector<std::string> items(const json::value& answer) {
    std::vector<std::string> ids;
    for (const auto& item : answer.at("items").as_array()) {
      ids.emplace_back(item.at("item_id").as_string());
    }
    return ids;
  }
};

TEST_F(PlacementsTest, ABanditSaysWhatItLearnsFrom) {
  call(Method::put, "/placements/home",
       R"({"bandit":"thompson_linear","bandit_half_life_h":336,"bandit_rewards":)"
       R"({"click":1,"purchase":5,"revenue":2,"revenue_max":80}})");
  const auto rules = decider_->rules(site_.id);
  ASSERT_TRUE(rules);
  const decide::Placement& home = rules->find("home");
  EXPECT_DOUBLE_EQ(home.bandit_half_life_h, 336);
  EXPECT_EQ(home.bandit_rewards, (learn::BanditRewards{.click = 1,
                                                       .cart = 0,
                                                       .purchase = 5,
                                                       .revenue = 2,
                                                       .revenue_max = 80}));
  for (const char* bad : {R"({"bandit_rewards":{}})", R"({"bandit_rewards":{"click":-1}})",
                          R"({"bandit_rewards":{"clicks":1}})", R"({"bandit_half_life_h":-1})"}) {
    call(Method::put, "/placements/home", bad, 400);
  }
}

TEST_F(PlacementsTest, WhatIsStoredIsInServiceAndComesBack) {
  call(Method::put, "/placements/home", R"({"count":2,"strategies":{"popular":1}})");
  EXPECT_EQ(items(call(Method::get, "/recommendations?preview=1&placement=home")).size(), 2U);
  const json::value list = call(Method::get, "/placements");
  ASSERT_EQ(list.at("placements").as_array().size(), 1U);
  EXPECT_EQ(list.at("placements").at(0).at("name").as_string(), "home");
  EXPECT_EQ(list.at("placements").at(0).at("count").as_int64(), 2);
  const std::string hats = R"({"name":"hats","kind":"only_if","when":{"categories":["hats"]}})";
  const json::value rule = call(Method::post, "/rules", hats, 201);
  const std::string id(rule.at("id").as_string());
  EXPECT_EQ(items(call(Method::get, "/recommendations?preview=1&placement=home")),
            std::vector<std::string>{"c"});
  EXPECT_EQ(call(Method::get, "/rules").at("rules").at(0).at("id").as_string(), id);
  call(Method::put, "/rules/" + id, R"({"name":"hats","kind":"exclude","enabled":false})");
  EXPECT_EQ(items(call(Method::get, "/recommendations?preview=1&placement=home")).size(), 2U);
  call(Method::delete_, "/rules/" + id, "", 204);
  call(Method::delete_, "/rules/" + id, "", 404);
  call(Method::delete_, "/placements/home", "", 204);
  EXPECT_EQ(items(call(Method::get, "/recommendations?preview=1&placement=home")).size(), 3U);
}

TEST_F(PlacementsTest, APreviewShowsADraftAndWhatItsRulesDid) {
  const json::value answer = call(Method::post, "/placements/home/preview",
                                  R"({"placement":{"count":2},"rules":[
    {"name":"no mugs","kind":"exclude","when":{"categories":["mugs"]}},
    {"name":"later","kind":"exclude","schedule":{"from":"2099-01-01T00:00:00Z"}}]})");
  EXPECT_EQ(items(answer), std::vector<std::string>{"c"});
  EXPECT_TRUE(answer.at("decision_id").is_null());
  EXPECT_EQ(answer.at("rules").at(0).at("item_count").as_int64(), 2);
  EXPECT_FALSE(answer.at("rules").at(1).at("active").as_bool());
  EXPECT_EQ(items(call(Method::get, "/recommendations?preview=1&placement=home")).size(), 3U)
      << "the draft is not in service";
  const json::value none = call(Method::post, "/placements/home/preview",
                                R"({"rules":[{"name":"all","kind":"exclude"}]})");
  EXPECT_EQ(none.at("fallback").as_string(), "rules_excluded_everything");
  EXPECT_EQ(items(none).size(), 3U);
}

TEST_F(PlacementsTest, ASiteSeesItsOwnRulesOnly) {
  SiteChange change;
  change.domain = "other.example";
  const auto other = control_->create_site(change);
  ASSERT_TRUE(other);
  call(Method::post, "/rules", R"({"name":"mine","kind":"cap"})", 201);
  const Response response = as_owner(Method::get, "/api/v1/sites/other.example/rules");
  EXPECT_EQ(response.body, R"({"rules":[]})");
}

TEST_F(PlacementsTest, TheNumberOfPlacementsIsBounded) {
  for (std::size_t i = 0; i < kPlacementsMax; ++i) {
    call(Method::put, "/placements/p" + std::to_string(i), "{}");
  }
  call(Method::put, "/placements/one-more", "{}", 429);
  call(Method::put, "/placements/p0", R"({"count":3})");
}

}  // namespace
}  // namespace attune::serve
