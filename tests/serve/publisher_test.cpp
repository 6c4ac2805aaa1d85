// What a site publishes, when clients hear of it, and which exposures are written.
#include "serve/publisher.h"

#include <boost/json.hpp>

#include "api_fixture.h"
#include "experiment/payload_cipher.h"
#include "serve/exposure_recorder.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

class PublisherTest : public ApiFixture {
 protected:
  Response put(const std::string& key, std::string body) {
    return as_owner(Method::put, "/api/v1/sites/" + site_.id.text() + "/flags/" + key,
                    std::move(body));
  }
  std::shared_ptr<const Publication> published() { return api_->publisher().of(site_.id); }
};

TEST_F(PublisherTest, EachChangeForClientsIsANewVersion) {
  const auto before = published();
  EXPECT_EQ(put("a", R"({"default_value":1})").status, 201);
  const auto first = published();
  EXPECT_GT(first->updated_ms, before->updated_ms);
  EXPECT_NE(first->etag, before->etag);
  EXPECT_EQ(put("a", R"({"default_value":1,"description":"words"})").status, 200);
  EXPECT_EQ(published(), first) << "clients need not know";
  EXPECT_EQ(put("a", R"({"default_value":1,"enabled":false})").status, 200);
  EXPECT_GT(published()->updated_ms, first->updated_ms);
  EXPECT_TRUE(published()->disabled.contains("a"));
  EXPECT_TRUE(published()->site.payload.features.empty());
}

TEST_F(PublisherTest, FindsWhatAnotherProcessChanged) {
  EXPECT_EQ(put("a", R"({"default_value":1})").status, 201);
  ASSERT_TRUE(api_->publisher().refresh());
  const auto before = published();
  auto session = store_->session();
  ASSERT_TRUE(session);
  const store::Value parameters[] = {site_.id.text(), std::string("a")};
  ASSERT_TRUE((*session)->execute("serve/flag_delete", parameters));
  EXPECT_EQ(published(), before);
  ASSERT_TRUE(api_->publisher().refresh());
  EXPECT_TRUE(published()->site.payload.features.empty());
}

TEST_F(PublisherTest, StreamsAreBoundedAndHearTheNewestAlone) {
  SessionPool sessions(*store_);
  Publisher publisher(sessions, clock_, 2);
  const Uuid site = site_.id;
  auto first = publisher.open_stream(site, {.kind = StreamKind::growthbook});
  auto second = publisher.open_stream(site, {.kind = StreamKind::ofrep});
  ASSERT_TRUE(first && second);
  const auto third = publisher.open_stream(site, {.kind = StreamKind::ofrep});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::resource_exhausted);
  EXPECT_NE((*first)->next()->find("\"features\":{}"), std::string::npos) << "as it is now";
  EXPECT_EQ(*(*second)->next(), ":\n\n") << "nothing to evaluate again";
  int woken = 0;
  (*first)->listen([&] { ++woken; });
  for (const char* value : {"1", "2", "3"}) {
    EXPECT_LT(put("a", std::string(R"({"default_value":)") + value + "}").status, 300);
    ASSERT_TRUE(publisher.publish(site));
  }
  EXPECT_EQ(woken, 3);
  EXPECT_NE((*first)->next()->find("\"defaultValue\":3"), std::string::npos);
  EXPECT_EQ((*first)->next(), nullptr) << "what was missed is not kept";
  EXPECT_NE((*second)->next()->find("refetchEvaluation"), std::string::npos);
  second->reset();
  EXPECT_TRUE(publisher.open_stream(
      site, {.kind = StreamKind::ofrep, .client_key = {}, .last_id = "an older version"}));
}

TEST_F(PublisherTest, AnotherDecryptionKeyIsInServiceAtOnce) {
  const std::string all = "/api/v1/sites/" + site_.id.text() + "/sdk-connections";
  const auto made = json::parse(as_owner(Method::post, all, R"({"name":"x"})").body);
  const std::string key = made.at("client_key").as_string().c_str();
  const std::string old_key = made.at("encryption_key").as_string().c_str();
  EXPECT_EQ(put("a", R"({"default_value":"in plain"})").status, 201);
  const auto features = [&](const std::string& with) {
    const Response answer = as_owner(Method::get, "/growthbook/api/features/" + key);
    const auto text = experiment::decrypt_payload(
        std::string(json::parse(answer.body).at("encryptedFeatures").as_string()), with);
    return text ? *text : std::string("unreadable");
  };
  EXPECT_NE(features(old_key).find("in plain"), std::string::npos);
  auto stream = api_->publisher().open_stream(site_.id, {.client_key = key});
  ASSERT_TRUE(stream);
  static_cast<void>((*stream)->next());
  const Response changed = as_owner(Method::patch, all + "/" + key, R"({"new_key":true})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const std::string new_key = json::parse(changed.body).at("encryption_key").as_string().c_str();
  EXPECT_NE(new_key, old_key);
  EXPECT_NE((*stream)->next(), nullptr) << "who listens hears of it";
  EXPECT_NE(features(new_key).find("in plain"), std::string::npos);
  EXPECT_EQ(features(old_key).find("in plain"), std::string::npos);
  EXPECT_EQ(as_owner(Method::patch, all + "/" + key, R"({"encrypted":false})").status, 200);
  const Response again = as_owner(Method::patch, all + "/" + key, R"({"encrypted":true})");
  EXPECT_EQ(json::parse(again.body).at("encryption_key"), json::value(new_key))
      << "a switch makes no other key";
}

TEST_F(PublisherTest, SavedGroupsOfASiteHaveTheirLimits) {
  const std::string all = "/api/v1/sites/" + site_.id.text() + "/saved-groups/";
  json::array members;
  for (int n = 0; n < 4000; ++n) {
    members.emplace_back(json::string(std::to_string(n) + std::string(240, 'a')));
  }
  const std::string body = json::serialize(json::object{{"members", members}});
  EXPECT_EQ(as_owner(Method::put, all + "one", body).status, 201);
  EXPECT_EQ(as_owner(Method::put, all + "two", body).status, 201);
  const Response third = as_owner(Method::put, all + "three", body);
  EXPECT_EQ(third.status, 429) << third.body;
  EXPECT_EQ(json::parse(third.body).at("error").at("field"), "members");
  EXPECT_EQ(as_owner(Method::put, all + "two", R"({"members":[]})").status, 200);
  EXPECT_EQ(as_owner(Method::put, all + "three", body).status, 201) << "there is room again";
  for (int n = 0; n < 97; ++n) {
    const std::string key = all + "g" + std::to_string(n);
    ASSERT_EQ(as_owner(Method::put, key, R"({"members":["a"]})").status, 201) << n;
  }
  EXPECT_EQ(as_owner(Method::put, all + "more", R"({"members":["a"]})").status, 429);
  EXPECT_EQ(as_owner(Method::put, all + "g0", R"({"members":["b"]})").status, 200);
}

TEST_F(PublisherTest, AKeyThatIsEncryptedHearsNothingInPlain) {
  const auto owner = [&](Method method, const std::string& rest, const std::string& body) {
    const Response made = as_owner(method, "/api/v1/sites/" + site_.id.text() + rest, body);
    EXPECT_LT(made.status, 300) << made.body;
    return made.body;
  };
  const auto field = [](const std::string& body, const char* name) {
    return std::string(boost::json::parse(body).at(name).as_string());
  };
  const std::string key = field(owner(Method::post, "/sdk-connections", R"({"name":"x"})"),
                                "client_key");
  Publisher& publisher = api_->publisher();
  EXPECT_EQ(publisher.site_of(key), site_.id);
  auto stream = publisher.open_stream(site_.id, {.client_key = key});
  ASSERT_TRUE(stream);
  EXPECT_NE((*stream)->next()->find("encryptedFeatures"), std::string::npos);
  EXPECT_LT(put("a", R"({"default_value":"in plain"})").status, 300);
  const auto told = (*stream)->next();
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->find("in plain"), std::string::npos);
  const std::string target = "/growthbook/api/features/";
  EXPECT_EQ(as_owner(Method::get, target + key).body.find("in plain"), std::string::npos);
  EXPECT_NE(as_owner(Method::get, target + site_.id.text()).body.find("in plain"),
            std::string::npos);
  owner(Method::patch, "/sdk-connections/" + site_.id.text(), R"({"encrypted":true})");
  EXPECT_EQ(as_owner(Method::get, target + site_.id.text()).body.find("in plain"),
            std::string::npos);
  while ((*stream)->next() != nullptr) {}
  owner(Method::delete_, "/sdk-connections/" + key, "");
  EXPECT_LT(put("b", R"({"default_value":"later"})").status, 300);
  EXPECT_EQ((*stream)->next(), nullptr) << "a key that went hears nothing more";
  EXPECT_FALSE(publisher.open_stream(site_.id, {.client_key = key}));
  EXPECT_EQ(as_owner(Method::get, target + key).status, 400);
  EXPECT_EQ(publisher.site_of(key), std::nullopt);
}

class KeptExposures final : public event::ExposureSink {
 public:
  Result<void> record(const event::Exposure& exposure) override {
    if (refuses) return fail(ErrorCode::unavailable, "full");
    kept.push_back(exposure);
    return {};
  }
  std::vector<event::Exposure> kept;
  bool refuses = false;
};

event::Exposure exposure(std::string visitor) {
  event::Exposure made;
  made.site = Uuid::from_name(Uuid{}, "site");
  made.visitor_id = std::move(visitor);
  made.test_key = "t";
  made.variation_id = "b";
  made.source = "ofrep";
  return made;
}

TEST(ExposureRecorderTest, WritesTheFirstOfEachPerson) {
  ManualClock clock(1'700'000'000'000);
  KeptExposures sink;
  ExposureRecorder recorder(&sink, clock, 1024);
  Publication published;
  published.shares["t"]["b"] = 0.25;
  EXPECT_EQ(recorder.record(exposure("ann"), published), true);
  EXPECT_EQ(recorder.record(exposure("ann"), published), false);
  EXPECT_EQ(recorder.record(exposure("bob"), published), true);
  EXPECT_EQ(sink.kept.size(), 2U);
  EXPECT_EQ(sink.kept[0].propensity, 0.25);
  clock.advance_ms(3'600'001);
  EXPECT_EQ(recorder.record(exposure("ann"), published), true) << "after an hour again";
}

TEST(ExposureRecorderTest, DoesNotRememberWhatWasNotWritten) {
  ManualClock clock(1'700'000'000'000);
  KeptExposures sink;
  ExposureRecorder recorder(&sink, clock, 1024);
  sink.refuses = true;
  EXPECT_FALSE(recorder.record(exposure("ann"), Publication()));
  sink.refuses = false;
  EXPECT_EQ(recorder.record(exposure("ann"), Publication()), true);
  ExposureRecorder none(nullptr, clock, 1024);
  EXPECT_FALSE(none.record(exposure("ann"), Publication()));
}

TEST(ExposureRecorderTest, RemembersABoundedNumber) {
  ManualClock clock(1'700'000'000'000);
  KeptExposures sink;
  ExposureRecorder recorder(&sink, clock, 1024);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(recorder.record(exposure("p" + std::to_string(i)), Publication()));
  }
  EXPECT_EQ(sink.kept.size(), 100'000U);
}

}  // namespace
}  // namespace attune::serve
