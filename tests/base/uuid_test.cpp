#include "base/uuid.h"

#include <gtest/gtest.h>

namespace attune {
namespace {

TEST(UuidTest, TextRoundTrips) {
  const auto id = Uuid::parse("6BA7B810-9DAD-11D1-80B4-00C04FD430C8");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
}

TEST(UuidTest, RefusesWhatIsNotOne) {
  for (const char* bad : {"", "6ba7b810", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                          "6ba7b810x9dad-11d1-80b4-00c04fd430c8",
                          "6ba7b810-9dad-11d1-80b4-00c04fd430c80"}) {
    const auto id = Uuid::parse(bad);
    ASSERT_FALSE(id) << bad;
    EXPECT_EQ(id.error().code(), ErrorCode::invalid_argument);
  }
}

// The example of RFC 9562, appendix A.4: www.example.com in the DNS name space.
TEST(UuidTest, NameBasedMatchesTheStandardsExample) {
  const auto dns = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(dns);
  EXPECT_EQ(Uuid::from_name(*dns, "www.example.com").text(),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(UuidTest, RandomOnesDifferAndCarryTheirVersion) {
  const Uuid a = Uuid::random();
  EXPECT_NE(a, Uuid::random());
  EXPECT_EQ(a.text()[14], '4');
}

}  // namespace
}  // namespace attune
