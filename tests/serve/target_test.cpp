#include "serve/target.h"

#include <gtest/gtest.h>

namespace attune::serve {
namespace {

TEST(TargetTest, SplitsAndDecodesPathAndQuery) {
  const auto target = parse_target("/api/v1/sites/shop%2Fa/x%20y?from=a+b&empty&n=%C3%BC&n=2");
  ASSERT_TRUE(target) << target.error().message();
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "sites", "shop/a", "x y"}));
  EXPECT_EQ(target->query.get("from"), "a b");
  EXPECT_EQ(target->query.get("empty"), "");
  EXPECT_EQ(target->query.get("n"), "\xC3\xBC");  // the first one counts
  EXPECT_EQ(target->query.get("absent"), std::nullopt);
}

TEST(TargetTest, KeepsTheEndSlashAsAnEmptySegment) {
  const auto target = parse_target("/demo/");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"demo", ""}));
  EXPECT_EQ(target->path(), "/demo/");
}

TEST(TargetTest, RefusesWhatCouldMislead) {
  const std::string long_target(kTargetBytesMax + 1, 'a');
  const std::string many_segments = [] {
    std::string text;
    for (std::size_t i = 0; i <= kSegmentsMax; ++i) text += "/a";
    return text;
  }();
  const std::string many_parameters = [] {
    std::string text = "/?";
    for (std::size_t i = 0; i <= kParametersMax; ++i) text += "a=1&";
    return text;
  }();
  const std::string bad[] = {"",
                             "*",
                             "a/b",
                             "/%",
                             "/%4",
                             "/%zz",
                             "/a%00b",
                             "/a%0Ab",
                             "/a?b=%00",
                             "/%ff",
                             "/%C0%AF",
                             "/a/../b",
                             "/a/%2e%2e/b",
                             "/./a",
                             "/%ED%A0%80",
                             "/\x01",
                             "/\x7f",
                             "/?%e2%28%a1",
                             "/" + long_target,
                             many_segments,
                             many_parameters};
  for (const std::string& text : bad) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code(), ErrorCode::invalid_argument) << text;
    EXPECT_EQ(target.error().field(), "target") << text;
  }
}

TEST(TargetTest, NumbersHaveBounds) {
  const auto target = parse_target("/?n=7&big=1000&word=x&tail=7x");
  ASSERT_TRUE(target);
  EXPECT_EQ(*target->query.number("n", 1, 1, 100), 7);
  EXPECT_EQ(*target->query.number("absent", 5, 1, 100), 5);
  for (const char* name : {"big", "word", "tail"}) {
    const auto number = target->query.number(name, 1, 1, 100);
    ASSERT_FALSE(number) << name;
    EXPECT_EQ(number.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(number.error().field(), name);
  }
}

}  // namespace
}  // namespace attune::serve
