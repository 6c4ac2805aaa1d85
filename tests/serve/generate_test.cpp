// Drafts by a text generator: a stub that speaks its protocol answers, here in the test.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <mutex>

#include "api_fixture.h"
#include "campaign/generation.h"
#include "fake_directories.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

/// Answers every completion with the same text, and keeps what it was asked.
class Stub {
 public:
  Stub() : router_(sites_, callers_, clock_, nullptr, {}) {
    Route route = row(Method::post, "/v1/chat/completions", "complete", Access::open, "");
    route.body_bytes_max = 1 << 20;
    route.on_worker = [this](const Call& call) {
      const std::lock_guard lock(mutex_);
      asked_ = json::parse(call.request().body);
      key_ = call.request().header("authorization");
      if (status_ != 200) {
        return Response::json(R"({"error":{"message":"the quota is used up"}})", status_);
      }
      return Response::json(json::serialize(json::object{
          {"model", "stub-1"},
          {"choices", json::array{json::object{
                          {"message", json::object{{"role", "assistant"}, {"content", text_}}}}}},
          {"usage", json::object{{"prompt_tokens", 1000}, {"completion_tokens", 500}}}}));
    };
    router_.add({route});
    ServerOptions server;
    server.listen = "127.0.0.1:0";
    auto started = Server::start(server, router_, clock_);
    EXPECT_TRUE(started) << started.error().message();
    server_ = std::move(*started);
  }
  ~Stub() { server_->stop(1000); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/v1"; }
  void answer(const std::string& text, int status = 200) {
    const std::lock_guard lock(mutex_);
    text_ = text;
    status_ = status;
  }
  json::value asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string key() {
    const std::lock_guard lock(mutex_);
    return key_;
  }

 private:
  RealClock clock_;
  FakeSites sites_;
  FakeCallers callers_;
  Router router_;
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::string text_, key_;
  int status_ = 200;
  json::value asked_;
};

class GenerateTest : public ApiFixture {
 protected:
  ApiOptions options() override {
    ApiOptions made = ApiFixture::options();
    if (!on_) made.generator.url.clear();
    if (!on_) return made;
    made.generator.url = stub_.url();
    made.generator.model = "small";
    made.generator.key_file = folder_ + "/key";
    made.generator.input_price = 2;
    made.generator.output_price = 8;
    std::ofstream(made.generator.key_file) << "secret-1\n";
    return made;
  }
  /// What the job came to, as /jobs/{id} shows it.
  json::value generated(const std::string& body) {
    RawAnswer answer = send("POST", "/api/v1/content_templates/" + template_ + "/generate", body,
                            bearer(server_key_));
    EXPECT_EQ(answer.status, 202) << answer.body;
    json::value job = json::parse(answer.body);
    const std::string path = "/api/v1/jobs/" + std::string(job.at("id").as_string());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (job.at("state") == "running" && std::chrono::steady_clock::now() < deadline) {
      job = json::parse(send("GET", path, "", bearer(server_key_)).body);
    }
    return job;
  }
  void make_template(const std::string& body) {
    const RawAnswer made = send("POST", "/api/v1/content_templates", body, bearer(server_key_));
    ASSERT_EQ(made.status, 201) << made.body;
    template_ = json::parse(made.body).at("id").as_string().c_str();
  }

  Stub stub_;
  bool on_ = true;
  std::string template_;
};

constexpr const char* kTemplate = R"({"name":"hello","template_type":"web_block",
  "base_prompt":"Greet {{ name | default: 'people' }} who like {{ taste | default: 'tea' }}",
  "personalization_variables":[{"name":"name","type":"text","pii":true},
                               {"name":"taste","type":"text"}]})";

TEST_F(GenerateTest, KeepsADraftWithWhatItTook) {
  make_template(kTemplate);
  stub_.answer("```html\n<p>Hello, friends of coffee</p>\n```");
  const json::value job =
      generated(R"({"data":{"name":"Ada","taste":"coffee"},"instructions":"be brief"})");
  ASSERT_EQ(job.at("state"), "done") << json::serialize(job);
  const json::value& result = job.at("result");
  EXPECT_EQ(result.at("text"), "<p>Hello, friends of coffee</p>");
  EXPECT_TRUE(result.at("issues").as_array().empty());
  EXPECT_EQ(result.at("model"), "stub-1");
  EXPECT_DOUBLE_EQ(result.at("generation_cost").to_number<double>(), 0.006);
  // What was sent: the model, the prompt without the name, the wish, the secret.
  const json::value asked = stub_.asked();
  EXPECT_EQ(asked.at("model"), "small");
  const std::string prompt = asked.at("messages").at(1).at("content").as_string().c_str();
  EXPECT_EQ(prompt.find("Ada"), std::string::npos) << prompt;
  EXPECT_NE(prompt.find("coffee"), std::string::npos) << prompt;
  EXPECT_EQ(asked.at("messages").at(2).at("content"), "be brief");
  EXPECT_EQ(stub_.key(), "Bearer secret-1");
  // It is kept, and the template is what it was: nothing was published.
  const RawAnswer kept = send("GET", "/api/v1/personalized_content", "", bearer(server_key_));
  const json::value rows = json::parse(kept.body).at("personalized_content");
  ASSERT_EQ(rows.as_array().size(), 1U);
  EXPECT_EQ(rows.at(0).at("id"), result.at("id"));
  EXPECT_EQ(rows.at(0).at("model_used"), "stub-1");
  EXPECT_DOUBLE_EQ(rows.at(0).at("quality_score").to_number<double>(), 1);
  EXPECT_EQ(rows.at(0).at("content_metadata").at("draft"), "<p>Hello, friends of coffee</p>");
  EXPECT_EQ(rows.at(0).at("content_metadata").at("output_tokens"), 500);
  const RawAnswer shown =
      send("GET", "/api/v1/content_templates/" + template_, "", bearer(server_key_));
  EXPECT_NE(shown.body.find("Greet {{ name"), std::string::npos);
}

TEST_F(GenerateTest, SaysWhatIsWrongWithADraft) {
  make_template(kTemplate);
  stub_.answer("<p onclick='x()'>Hi {{ name }}</p><script>1</script>");
  const json::value job = generated("{}");
  ASSERT_EQ(job.at("state"), "done") << json::serialize(job);
  const std::string issues = json::serialize(job.at("result").at("issues"));
  EXPECT_NE(issues.find("has <script"), std::string::npos) << issues;
  EXPECT_NE(issues.find("runs code"), std::string::npos) << issues;
  EXPECT_NE(issues.find("marks of a template"), std::string::npos) << issues;
}

TEST_F(GenerateTest, AGeneratorThatFailsIsSaidInItsWords) {
  make_template(kTemplate);
  stub_.answer("", 429);
  const json::value job = generated("{}");
  EXPECT_EQ(job.at("state"), "failed");
  const std::string text = json::serialize(job);
  EXPECT_NE(text.find("answered 429: the quota is used up"), std::string::npos) << text;
  EXPECT_EQ(text.find("secret-1"), std::string::npos);
}

class NoGeneratorTest : public GenerateTest {
 protected:
  NoGeneratorTest() { on_ = false; }
};

TEST_F(NoGeneratorTest, NothingLeavesUnlessItIsSetUp) {
  make_template(kTemplate);
  const RawAnswer answer = send("POST", "/api/v1/content_templates/" + template_ + "/generate",
                                "{}", bearer(server_key_));
  EXPECT_EQ(answer.status, 409) << answer.body;
  EXPECT_NE(answer.body.find("generate.url"), std::string::npos);
}

TEST(Generation, ReadsUrlsAndLengths) {
  EXPECT_FALSE(campaign::endpoint_of("ftp://x"));
  const auto endpoint = campaign::endpoint_of("https://api.example/v1/");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->origin, "https://api.example");
  EXPECT_EQ(endpoint->target, "/v1/chat/completions");
  EXPECT_TRUE(campaign::issues_of_draft("sms", std::string(160, 'x')).empty());
  EXPECT_FALSE(campaign::issues_of_draft("sms", std::string(161, 'x')).empty());
  std::string umlauts;
  for (int n = 0; n < 160; ++n) umlauts += "\xC3\xBC";
  EXPECT_TRUE(campaign::issues_of_draft("sms", umlauts).empty());
  EXPECT_FALSE(campaign::issues_of_draft("push", "<b>Sale</b>").empty());
  EXPECT_FALSE(campaign::issues_of_draft("web_block", "").empty());
  EXPECT_FALSE(campaign::read_completion(200, "{}"));
  EXPECT_FALSE(campaign::read_completion(200, R"({"choices":[]})"));
  EXPECT_FALSE(campaign::read_completion(200, "no json"));
}

}  // namespace
}  // namespace attune::serve
