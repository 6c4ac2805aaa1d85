// Content slots by HTTP: defined by their owner, filled for visitors, measured from the decisions.
#include <boost/json.hpp>

#include "api_fixture.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

class Recorder final : public event::DecisionSink {
 public:
  Result<void> record(const event::Decision& decision) override {
    decisions.push_back(decision);
    return {};
  }
  std::vector<event::Decision> decisions;
};

class ContentApiTest : public ApiFixture {
 protected:
  void SetUp() override {
    open_parts();
    decisions_ = &recorder_;
    start({});
  }
  json::value call(std::string_view method, const std::string& path, const std::string& body = {},
                   int status = 200) {
    const auto answer = send(method, "/api/v1" + path, body, bearer(server_key_));
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return answer.body.empty() ? json::value() : json::parse(answer.body);
  }
  std::string add_template(const std::string& name, const std::string& body,
                           const std::string& variables = "[]") {
    json::object row{{"name", name}, {"template_type", "web_block"}, {"base_prompt", body}};
    row["personalization_variables"] = json::parse(variables);
    return call("POST", "/content_templates", json::serialize(row), 201)
        .at("id").as_string().c_str();
  }
  std::string site() const { return "/sites/" + site_.id.text(); }
  void put_slot(const std::string& key, const std::vector<std::string>& templates) {
    json::array ids;
    for (const std::string& id : templates) ids.emplace_back(id);
    call("PUT", site() + "/slots/" + key, json::serialize(json::object{{"templates", ids}}));
  }
  /// As a page asks, without a key.
  json::object visit(const std::string& query) {
    const auto answer = send("GET", "/api/v1" + site() + "/content?" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body).at("slots").at(0).as_object();
  }
  Recorder recorder_;
};

TEST_F(ContentApiTest, FillsASlotAndRecordsWhatItShowed) {
  const std::string a = add_template("a", "<p>{{ visitor.segment }} {{ slot.item }}</p>");
  put_slot("hero", {a});
  const json::object filled = visit("slot=hero&visitor=ann&item=%3Cb%3E");
  EXPECT_EQ(filled.at("content"), "<p>new &lt;b&gt;</p>");
  EXPECT_EQ(filled.at("type"), "html");
  EXPECT_EQ(filled.at("item_id").as_string(), "content:" + a);
  EXPECT_EQ(filled.at("propensity").to_number<double>(), 1);
  ASSERT_EQ(recorder_.decisions.size(), 1U);
  EXPECT_EQ(filled.at("decision_id").as_string(), recorder_.decisions[0].decision_id.text());
  EXPECT_EQ(recorder_.decisions[0].visitor_id, "ann");
  EXPECT_TRUE(visit("slot=none&visitor=ann").at("content").is_null());
  // A changed template is shown at once; a version that was switched off is not.
  call("PATCH", "/content_templates/" + a, R"({"base_prompt":"<p>new</p>"})");
  EXPECT_EQ(visit("slot=hero&visitor=ann").at("content"), "<p>new</p>");
  call("PATCH", "/content_templates/" + a, R"({"is_active":false})");
  EXPECT_TRUE(visit("slot=hero&visitor=ann").at("content").is_null());
  call("DELETE", site() + "/slots/hero", {}, 204);
  EXPECT_EQ(call("GET", site() + "/slots").at("slots").as_array().size(), 0U);
}

TEST_F(ContentApiTest, DrawsOnlyFromWhatCanBeShown) {
  const std::string a = add_template("a", "{% abort_message('sold out') %}");
  const std::string b = add_template("b", "{{ town }}", R"([{"name":"town","required":true}])");
  const std::string c = add_template("c", "always");
  put_slot("hero", {a, b, c});
  EXPECT_EQ(visit("slot=hero&visitor=ann").at("content"), "always");
  EXPECT_EQ(recorder_.decisions.back().eligible_count, 1U);
  const auto answer = send("POST", "/api/v1" + site() + "/content",
                           R"({"slots":["hero"],"visitor":"ann","data":{"town":"Ulm"}})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(recorder_.decisions.back().eligible_count, 2U);
}

TEST_F(ContentApiTest, LetsNobodyFillWhatIsPutOutAsItIs) {
  const std::string a = add_template(
      "a", "{{ banner | raw }}{{ name }}",
      R"([{"name":"banner","html_safe":true,"default":"<hr>"},{"name":"name","default":""}])");
  put_slot("hero", {a});
  const auto answer = send("POST", "/api/v1" + site() + "/content",
                           R"({"slots":["hero"],"data":{"banner":"<script>","name":"<script>"}})");
  EXPECT_EQ(json::parse(answer.body).at("slots").at(0).at("content"), "<hr>&lt;script&gt;");
}

TEST_F(ContentApiTest, ShowsTheOwnerWhatAVisitorWouldSee) {
  const std::string a = add_template("a", "Hi {{ name }}", R"([{"name":"name","pii":true}])");
  const std::string b = add_template("b", "{% abort_message('sold out') %}");
  put_slot("hero", {a, b});
  const json::value seen =
      call("POST", site() + "/slots/hero/preview", R"({"visitor":"ann","data":{"name":"Ada"}})");
  const json::array& templates = seen.at("templates").as_array();
  ASSERT_EQ(templates.size(), 2U);
  EXPECT_EQ(templates[0].at("content"), "Hi •••");
  EXPECT_EQ(templates[0].at("probability").to_number<double>(), 1);
  EXPECT_EQ(templates[1].at("refusal"), "sold out");
  EXPECT_TRUE(recorder_.decisions.empty());
}

TEST_F(ContentApiTest, RefusesMailsAndForeignOrigins) {
  const json::object mail{{"name", "m"}, {"template_type", "email"}, {"base_prompt", "Hi"}};
  const std::string id = call("POST", "/content_templates", json::serialize(mail), 201)
                             .at("id").as_string().c_str();
  call("PUT", site() + "/slots/hero", R"({"templates":[")" + id + R"("]})", 409);
  SiteChange change;
  change.allowed_origins = std::vector<std::string>{"https://shop.example"};
  ASSERT_TRUE(control_->update_site(site_.id, change));
  EXPECT_EQ(send("GET", "/api/v1" + site() + "/content?slot=hero", {},
                 "Origin: https://evil.example\r\n").status, 403);
}

}  // namespace
}  // namespace attune::serve
