// What a site publishes, when clients hear of it, and which exposures are written.
#include "serve/publisher.h"

#include <boost/json.hpp>

#include "api_fixture.h"
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
  auto first = publisher.open_stream(site, StreamKind::growthbook, {});
  auto second = publisher.open_stream(site, StreamKind::ofrep, {});
  ASSERT_TRUE(first && second);
  const auto third = publisher.open_stream(site, StreamKind::ofrep, {});
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
  EXPECT_TRUE(publisher.open_stream(site, StreamKind::ofrep, "an older version"));
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
