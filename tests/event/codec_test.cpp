#include "event/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "event/fields.h"
#include "event/sample_events.h"

namespace attune::event {
namespace {

using testing::any_decision;
using testing::any_event;
using testing::any_exposure;
using testing::any_uuid;

template <class Value>
std::string body_of(const Value& value) {
  std::string body;
  encode(value, body);
  return body;
}

Event small_event() {
  Event event;
  event.site.bytes[0] = 0xaa;
  event.event_id.bytes[15] = 0xbb;
  event.kind = Kind::pageview;
  event.event_type = "pageview";
  event.received_ms = 1000;
  event.timestamp_ms = 998;
  event.path = "/x";
  return event;
}

RC_GTEST_PROP(EventCodecTest, DecodesWhatItEncoded, ()) {
  const Event event = any_event();
  const std::string body = body_of(event);
  Event back;
  back.title = "left over";
  back.items.resize(9);
  RC_ASSERT(decode(body, back).has_value());
  RC_ASSERT(back == event);
}

RC_GTEST_PROP(EventCodecTest, AReusedViewForgetsTheEventBefore, ()) {
  EventView view;
  const std::string first = body_of(any_event());
  RC_ASSERT(decode(first, view).has_value());
  const Event second = any_event();
  const std::string body = body_of(second);
  RC_ASSERT(decode(body, view).has_value());
  Event back;
  copy(view, back);
  RC_ASSERT(back == second);
}

RC_GTEST_PROP(DecisionCodecTest, DecodesWhatItEncoded, ()) {
  const Decision decision = any_decision();
  Decision back;
  RC_ASSERT(decode(body_of(decision), back).has_value());
  RC_ASSERT(back == decision);
}

RC_GTEST_PROP(ExposureCodecTest, DecodesWhatItEncoded, ()) {
  const Exposure exposure = any_exposure();
  Exposure back;
  back.session_id = "left over";
  RC_ASSERT(decode(body_of(exposure), back).has_value());
  RC_ASSERT(back == exposure);
}

TEST(ExposureCodecTest, AnOrdinaryOneIsShort) {
  Exposure exposure;
  exposure.site.bytes[0] = 0xaa;
  exposure.received_ms = 1000;
  exposure.exposed_ms = 998;
  exposure.visitor_id = "v1";
  exposure.test_key = "t";
  exposure.variation_id = "b";
  exposure.source = "api";
  const std::string site = std::string("\x07\xaa", 2) + std::string(15, '\0');
  EXPECT_EQ(body_of(exposure), "\x06" + site + "\x08\xd0\x0f" + "\x0c\x03" + "\x12\x02v1" +
                                   "\x1a\x01t" + "\x1e\x01" "b" + "\x22\x03" "api");
}

TEST(ExposureCodecTest, AFieldThatStandsTwiceIsDamage) {
  Exposure exposure;
  exposure.test_key = "t";
  std::string body = body_of(exposure);
  FieldWriter(body).text(6, "u");
  EXPECT_EQ(decode(body, exposure).error().code(), ErrorCode::data_loss);
}

RC_GTEST_PROP(ImportEndCodecTest, DecodesWhatItEncoded, ()) {
  const ImportEnd end{.site = any_uuid(),
                      .stream = *rc::gen::arbitrary<std::uint32_t>(),
                      .received_ms = *rc::gen::arbitrary<std::int64_t>()};
  ImportEnd back;
  RC_ASSERT(decode(body_of(end), back).has_value());
  RC_ASSERT(back == end);
}

RC_GTEST_PROP(EventCodecTest, EveryTruncationIsRefusedOrLosesWholeFieldsOnly, ()) {
  const std::string body = body_of(any_event());
  const auto cut = *rc::gen::inRange<std::size_t>(0, body.size());
  EventView view;
  const auto result = decode(std::string_view(body).substr(0, cut), view);
  if (result) {
    // A cut between two fields leaves a shorter valid body: all its texts lie within what is left.
    RC_ASSERT(view.raw_json.empty() ||
              view.raw_json.data() + view.raw_json.size() <= body.data() + cut);
  } else {
    RC_ASSERT(result.error().code() == ErrorCode::data_loss);
  }
}

TEST(EventCodecTest, BytesOfTheWorkedExample) {
  std::string expected;
  expected += '\x01';                                                // type: event
  expected += std::string("\x07\xaa") + std::string(15, '\0');       // 1, 16 bytes: site
  expected += std::string("\x0b") + std::string(15, '\0') + '\xbb';  // 2: event_id
  expected += std::string("\x0c\x01");                               // 3: kind 1
  expected += std::string("\x14\xd0\x0f");  // 5: received 1000, zigzag 2000
  expected += std::string("\x18\x03");      // 6: -2, zigzag 3
  expected += std::string("\x36\x02/x");    // 13: path
  EXPECT_EQ(body_of(small_event()), expected);
}

TEST(EventCodecTest, SkipsFieldsItDoesNotKnow) {
  std::string body = body_of(small_event());
  FieldWriter fields(body);
  fields.always_number(60, 7);
  fields.real(61, 2.5);
  fields.always_text(62, "new");
  fields.always_text(62, "and again");
  fields.always_uuid(63, Uuid::random());
  Event back;
  ASSERT_TRUE(decode(body, back));
  EXPECT_EQ(back, small_event());
}

TEST(EventCodecTest, StopsAtAFieldThatMustBeUnderstood) {
  std::string body = body_of(small_event());
  FieldWriter(body).always_number(kMustUnderstandTag, 1);
  EventView view;
  const auto result = decode(body, view);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::failed_precondition);
}

struct BadBody {
  const char* name;
  void (*spoil)(std::string& body);
  ErrorCode code;
};

void PrintTo(const BadBody& bad, std::ostream* out) {
  *out << bad.name;
}

class BadEventBodyTest : public ::testing::TestWithParam<BadBody> {};

TEST_P(BadEventBodyTest, IsRefused) {
  std::string body = body_of(small_event());
  GetParam().spoil(body);
  EventView view;
  const auto result = decode(body, view);
  ASSERT_FALSE(result) << GetParam().name;
  EXPECT_EQ(result.error().code(), GetParam().code) << result.error().message();
}

INSTANTIATE_TEST_SUITE_P(
    Codec, BadEventBodyTest,
    ::testing::Values(
        BadBody{"Empty", [](std::string& b) { b.clear(); }, ErrorCode::data_loss},
        BadBody{"OnlyTheType", [](std::string& b) { b.resize(1); }, ErrorCode::data_loss},
        BadBody{"UnknownType", [](std::string& b) { b[0] = 9; }, ErrorCode::failed_precondition},
        BadBody{"AnotherType", [](std::string& b) { b[0] = 2; }, ErrorCode::data_loss},
        BadBody{"EndsInAKey", [](std::string& b) { b.push_back('\x80'); }, ErrorCode::data_loss},
        BadBody{"TextBeyondTheEnd", [](std::string& b) { b += "\x42\x7f"; }, ErrorCode::data_loss},
        BadBody{"LengthOfManyBytes",
                [](std::string& b) { b += "\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"; },
                ErrorCode::data_loss},
        BadBody{"NumberOver64Bits",
                [](std::string& b) { b += "\x5c\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"; },
                ErrorCode::data_loss},
        BadBody{"TagsDescend", [](std::string& b) { FieldWriter(b).text(9, "s"); },
                ErrorCode::data_loss},
        BadBody{"FieldTwice", [](std::string& b) { FieldWriter(b).text(13, "/y"); },
                ErrorCode::data_loss},
        BadBody{"TextWhereANumberBelongs", [](std::string& b) { FieldWriter(b).text(33, "1"); },
                ErrorCode::data_loss},
        BadBody{"NumberWhereATextBelongs", [](std::string& b) { FieldWriter(b).number(16, 1); },
                ErrorCode::data_loss},
        BadBody{"NumberWhereAnItemBelongs", [](std::string& b) { FieldWriter(b).number(47, 1); },
                ErrorCode::data_loss},
        BadBody{"WidthOver32Bits",
                [](std::string& b) { FieldWriter(b).signed_number(33, 1LL << 40); },
                ErrorCode::data_loss},
        BadBody{"KindOfANewerVersion", [](std::string& b) { b[36] = 99; },
                ErrorCode::failed_precondition},
        BadBody{"DeviceOfANewerVersion", [](std::string& b) { FieldWriter(b).number(28, 9); },
                ErrorCode::failed_precondition},
        BadBody{"ItemFieldTwice",
                [](std::string& b) {
                  FieldWriter(b).text(47,
                                      "\x06\x01"
                                      "a\x06\x01"
                                      "b");
                },
                ErrorCode::data_loss},
        BadBody{"ItemCutOff",
                [](std::string& b) {
                  FieldWriter(b).text(47,
                                      "\x06\x09"
                                      "a");
                },
                ErrorCode::data_loss}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(EventCodecTest, RefusesFlagsOfANewerVersion) {
  Event event = small_event();
  event.path.clear();
  std::string body = body_of(event);
  FieldWriter(body).number(7, 4);
  EventView view;
  const auto result = decode(body, view);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::failed_precondition);
}

TEST(EventCodecTest, RefusesAnEventWithoutKind) {
  const std::string body = "\x01";
  EventView view;
  const auto result = decode(body, view);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::data_loss);
}

RC_GTEST_PROP(CodecTest, AnyBytesAreReadWithinTheirBounds, (std::string bytes, std::uint8_t type)) {
  const std::string body = std::string(1, static_cast<char>(type % 5)) + bytes;
  EventView view;
  Decision decision;
  ImportEnd end;
  (void)decode(body, view);
  (void)decode(body, decision);
  (void)decode(body, end);
}

}  // namespace
}  // namespace attune::event
