#include "serve/site_rules.h"

#include <gtest/gtest.h>

namespace attune::serve {
namespace {

TEST(SiteRulesTest, CleansDomains) {
  EXPECT_EQ(*clean_domain("https://www.Shop.Example/start?x"), "shop.example");
  EXPECT_EQ(*clean_domain("localhost:3000"), "localhost:3000");
  EXPECT_EQ(*clean_domain("[::1]:80"), "[::1]:80");
  for (const char* bad : {"", "shop example", "https://", "-x.example", ".example", "a..b",
                          "shop.example:", "shop.example:abc", "shop.example:123456",
                          "m\xC3\xBCller.example", "a\"b"}) {
    const auto domain = clean_domain(bad);
    ASSERT_FALSE(domain) << bad;
    EXPECT_EQ(domain.error().field(), "domain");
  }
}

TEST(SiteRulesTest, CleansOrigins) {
  EXPECT_EQ(*clean_origin("https://Shop.example/"), "https://shop.example");
  EXPECT_EQ(*clean_origin("*.shop.example"), "*.shop.example");
  EXPECT_EQ(*clean_origin("http://localhost:8080"), "http://localhost:8080");
  for (const char* bad :
       {"", "*", "ftp://x.example", "https://x.example/path", "https://*.x.example"}) {
    EXPECT_FALSE(clean_origin(bad)) << bad;
  }
}

TEST(SiteRulesTest, NamesTheFieldThatBreaksARule) {
  const auto field_of = [](const SiteChange& change) {
    event::Site site;
    const auto applied = apply_change(site, change);
    return applied ? std::string() : applied.error().field();
  };
  SiteChange change;
  change.timezone = "Europe/Berlin";
  change.currency = "CHF";
  change.name = "M\xC3\xBCller";
  EXPECT_EQ(field_of(change), "");
  change.timezone = "Mars/Olympus";
  EXPECT_EQ(field_of(change), "timezone");
  change.timezone.reset();
  change.currency = "euro";
  EXPECT_EQ(field_of(change), "currency");
  change.currency.reset();
  change.name = "";
  EXPECT_EQ(field_of(change), "name");
  change.name = std::string("\xff");
  EXPECT_EQ(field_of(change), "name");
  change.name.reset();
  change.allowed_origins = std::vector<std::string>(51, "shop.example");
  EXPECT_EQ(field_of(change), "allowed_origins");
}

}  // namespace
}  // namespace attune::serve
