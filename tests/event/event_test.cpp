#include "event/event.h"

#include <gtest/gtest.h>

namespace attune::event {
namespace {

TEST(EventNamesTest, EveryKindHasANameThatParsesBack) {
  for (int value = 1; value <= static_cast<int>(Kind::performance); ++value) {
    const auto kind = static_cast<Kind>(value);
    ASSERT_FALSE(to_string(kind).empty()) << value;
    EXPECT_EQ(parse_kind(to_string(kind)), kind) << to_string(kind);
  }
}

TEST(EventNamesTest, ValuesInTheJournalAreFrozen) {
  EXPECT_EQ(static_cast<int>(Kind::pageview), 1);
  EXPECT_EQ(static_cast<int>(Kind::custom), 9);
  EXPECT_EQ(static_cast<int>(Kind::purchase), 17);
  EXPECT_EQ(static_cast<int>(Kind::performance), 21);
  EXPECT_EQ(static_cast<int>(ReferrerType::internal), 7);
  EXPECT_EQ(static_cast<int>(DeviceType::bot), 4);
}

TEST(EventNamesTest, OtherNamesAreNoKind) {
  EXPECT_EQ(parse_kind(""), std::nullopt);
  EXPECT_EQ(parse_kind("Pageview"), std::nullopt);
  EXPECT_EQ(parse_kind("batch"), std::nullopt);
  EXPECT_EQ(parse_kind("newsletter_signup"), std::nullopt);
}

TEST(EventNamesTest, EveryReferrerTypeParsesBack) {
  for (int value = 0; value <= static_cast<int>(ReferrerType::internal); ++value) {
    const auto type = static_cast<ReferrerType>(value);
    EXPECT_EQ(parse_referrer_type(to_string(type)), type);
  }
  EXPECT_EQ(parse_referrer_type("organic"), std::nullopt);
}

}  // namespace
}  // namespace attune::event
