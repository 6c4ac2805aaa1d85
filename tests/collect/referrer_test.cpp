#include "collect/referrer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "base/embedded.h"
#include "collect/collect_fixture.h"
#include "collect/text.h"

namespace attune::embedded {
std::span<const File> referrer_table();
}

namespace attune::collect {
namespace {

using event::ReferrerType;

const ReferrerTable& table() {
  static const ReferrerTable shared(embedded::referrer_table().front().bytes);
  return shared;
}

Source classify(std::string_view url, std::string_view referrer, std::string& scratch) {
  CampaignTags tags;
  if (const auto parts = split_url(url)) tags.read(parts->query);
  const Source source = classify_source(table(), tags, referrer, "shop.example", scratch);
  scratch = std::string(source.platform);  // the tags end here
  return {source.type, scratch};
}

struct Case {
  const char* url;
  const char* referrer;
  ReferrerType type;
  const char* platform;
};

class ReferrerTest : public ::testing::TestWithParam<Case> {};

TEST_P(ReferrerTest, IsClassified) {
  std::string scratch;
  const Source source = classify(GetParam().url, GetParam().referrer, scratch);
  EXPECT_EQ(to_string(source.type), to_string(GetParam().type))
      << GetParam().url << " from " << GetParam().referrer;
  EXPECT_EQ(source.platform, GetParam().platform) << GetParam().referrer;
}

constexpr const char* kPage = "https://shop.example/";

INSTANTIATE_TEST_SUITE_P(
    Hosts, ReferrerTest,
    ::testing::Values(
        Case{kPage, "", ReferrerType::direct, ""},
        Case{kPage, "not a url", ReferrerType::direct, ""},
        Case{kPage, "https://shop.example/a", ReferrerType::internal, ""},
        Case{kPage, "https://www.Shop.Example:8443/a", ReferrerType::internal, ""},
        Case{kPage, "https://blog.shop.example/a", ReferrerType::internal, ""},
        Case{kPage, "https://notshop.example/a", ReferrerType::referral, "notshop.example"},
        Case{kPage, "https://shop.example.evil.org/", ReferrerType::referral,
             "shop.example.evil.org"},
        Case{kPage, "https://www.google.com/", ReferrerType::search, "Google"},
        Case{kPage, "https://google.co.uk/search?q=a", ReferrerType::search, "Google"},
        Case{kPage, "https://www.google.com.br/", ReferrerType::search, "Google"},
        Case{kPage, "android-app://com.google.android.googlequicksearchbox/", ReferrerType::search,
             "Google"},
        Case{kPage, "https://google.evil.org/", ReferrerType::referral, "google.evil.org"},
        Case{kPage, "https://mygoogle.com/", ReferrerType::referral, "mygoogle.com"},
        Case{kPage, "https://docs.google.com/document/d/1", ReferrerType::referral,
             "docs.google.com"},
        Case{kPage, "https://mail.google.com/", ReferrerType::email, "Gmail"},
        Case{kPage, "https://gemini.google.com/app", ReferrerType::ai, "Gemini"},
        Case{kPage, "https://www.bing.com/", ReferrerType::search, "Bing"},
        Case{kPage, "https://cn.bing.com/search", ReferrerType::search, "Bing"},
        Case{kPage, "https://yandex.ru/", ReferrerType::search, "Yandex"},
        Case{kPage, "https://m.yandex.com.tr/", ReferrerType::search, "Yandex"},
        Case{kPage, "https://mail.yandex.ru/", ReferrerType::email, "Yandex Mail"},
        Case{kPage, "https://search.yahoo.com/", ReferrerType::search, "Yahoo"},
        Case{kPage, "https://us.mail.yahoo.com/", ReferrerType::email, "Yahoo Mail"},
        Case{kPage, "https://news.yahoo.com/", ReferrerType::referral, "news.yahoo.com"},
        Case{kPage, "https://duckduckgo.com/", ReferrerType::search, "DuckDuckGo"},
        Case{kPage, "https://duck.ai/", ReferrerType::ai, "Duck.ai"},
        Case{kPage, "https://t.co/abc", ReferrerType::social, "X"},
        Case{kPage, "https://microsoft.co/abc", ReferrerType::referral, "microsoft.co"},
        Case{kPage, "https://x.com/", ReferrerType::social, "X"},
        Case{kPage, "https://x.com/i/grok?c=1", ReferrerType::ai, "Grok"},
        Case{kPage, "https://netflix.com/", ReferrerType::referral, "netflix.com"},
        Case{kPage, "https://old.reddit.com/r/a", ReferrerType::social, "Reddit"},
        Case{kPage, "https://notreddit.com/", ReferrerType::referral, "notreddit.com"},
        Case{kPage, "https://l.facebook.com/", ReferrerType::social, "Facebook"},
        Case{kPage, "https://lm.facebook.com/", ReferrerType::social, "Facebook"},
        Case{kPage, "https://www.pinterest.de/", ReferrerType::social, "Pinterest"},
        Case{kPage, "https://news.ycombinator.com/item", ReferrerType::social, "Hacker News"},
        Case{kPage, "https://chatgpt.com/", ReferrerType::ai, "ChatGPT"},
        Case{kPage, "https://www.perplexity.ai/", ReferrerType::ai, "Perplexity"},
        Case{kPage, "https://claude.ai/", ReferrerType::ai, "Claude"},
        Case{kPage, "https://outlook.live.com/", ReferrerType::email, "Outlook"},
        Case{kPage, "https://webmail.firm.example/", ReferrerType::email, "Webmail"},
        Case{kPage, "https://example.org", ReferrerType::referral, "example.org"}));

INSTANTIATE_TEST_SUITE_P(
    TagsGoFirst, ReferrerTest,
    ::testing::Values(
        Case{"https://shop.example/?gclid=1", "https://www.google.com/", ReferrerType::paid,
             "Google"},
        Case{"https://shop.example/?gclid=", "https://www.google.com/", ReferrerType::search,
             "Google"},
        Case{"https://shop.example/?msclkid=1", "", ReferrerType::paid, ""},
        Case{"https://shop.example/?ttclid=1", "https://www.tiktok.com/", ReferrerType::paid,
             "TikTok"},
        Case{"https://shop.example/?fbclid=1", "", ReferrerType::social, "Facebook"},
        Case{"https://shop.example/?fbclid=1&utm_medium=paid_social&utm_source=ig", "",
             ReferrerType::paid, "ig"},
        Case{"https://shop.example/?utm_source=google&utm_medium=cpc", "", ReferrerType::paid,
             "Google"},
        Case{"https://shop.example/?utm_source=google&utm_medium=organic", "", ReferrerType::search,
             "Google"},
        Case{"https://shop.example/?utm_source=news&utm_medium=email", "https://mail.google.com/",
             ReferrerType::email, "news"},
        Case{"https://shop.example/?utm_source=newsletter", "", ReferrerType::email, "newsletter"},
        Case{"https://shop.example/?utm_source=facebook&utm_medium=social", "",
             ReferrerType::social, "Facebook"},
        Case{"https://shop.example/?utm_source=reddit", "", ReferrerType::social, "Reddit"},
        Case{"https://shop.example/?utm_source=chatgpt.com", "", ReferrerType::ai, "ChatGPT"},
        Case{"https://shop.example/?utm_source=Partner%20One", "https://www.google.com/",
             ReferrerType::referral, "Partner One"},
        Case{"https://shop.example/?utm_medium=recipe", "https://www.google.com/",
             ReferrerType::search, "Google"},
        Case{"https://shop.example/?utm_source=a&utm_medium=display", "", ReferrerType::paid, "a"},
        Case{"https://shop.example/?utm_campaign=x", "", ReferrerType::direct, ""}));

TEST(PaidMediumTest, MatchesWordsAndNotPartsOfWords) {
  for (const char* paid :
       {"cpc", "CPC", "ppc", "cpm", "paid", "paid-search", "paid_social", "paidsocial",
        "google-cpc", "cpc_brand", "retargeting", "display", "banner", "affiliate", "cpv"}) {
    EXPECT_TRUE(is_paid_medium(paid)) << paid;
  }
  for (const char* free :
       {"", "organic", "email", "social", "tcp", "recipe", "cp", "hcpcs", "repaid", "referral"}) {
    EXPECT_FALSE(is_paid_medium(free)) << free;
  }
}

TEST(CampaignTagsTest, AreDecodedAndCut) {
  CampaignTags tags;
  tags.read("utm_source=a%C3%A9+b&utm_campaign=" + std::string(300, 'x') + "&utm_source=second");
  EXPECT_EQ(tags.source, "aé b");
  EXPECT_EQ(tags.campaign.size(), 100u);
}

/// Share of the hosts of a public list that come out as one of the types; prints what does not.
double coverage(const std::filesystem::path& path, std::initializer_list<ReferrerType> types,
                bool is_flat, int& count) {
  int good = 0;
  count = 0;
  const auto check = [&](std::string host) {
    const char* const countries[] = {"de", "co.uk", "com.br", "fr"};
    const auto star = host.find("{}");
    bool known = true;
    for (const char* country : countries) {
      std::string one = host;
      if (star != std::string::npos) one.replace(star, 2, star == 0 ? "uk" : country);
      std::string scratch;
      const auto scheme = one.find("//");
      const Source source = classify(
          kPage,
          scheme == std::string::npos ? "https://" + one : "android-app:" + one.substr(scheme),
          scratch);
      known = known && std::find(types.begin(), types.end(), source.type) != types.end();
      if (star == std::string::npos) break;
    }
    ++count;
    good += known ? 1 : 0;
    if (!known) fmt::print("  not covered: {}\n", host);
  };
  for (const auto& engine : YAML::LoadFile(path.string())) {
    if (is_flat) {
      for (const YAML::Node& host : engine.second) check(host.as<std::string>());
    } else {
      for (const YAML::Node& group : engine.second) {
        for (const YAML::Node& host : group["urls"]) check(host.as<std::string>());
      }
    }
  }
  fmt::print("  {}: {} of {} hosts\n", path.filename().string(), good, count);
  return static_cast<double>(good) / count;
}

TEST(ReferrerCoverageTest, HeldAgainstPublicLists) {
  const auto folder = testing::real_data("referrers");
  if (folder.empty()) GTEST_SKIP() << "real data is not here (ATTUNE_TEST_DATA)";
  int count = 0;
  // The list of engines also has assistants and Facebook, which we call by their own types.
  EXPECT_GE(coverage(folder / "SearchEngines.yml",
                     {ReferrerType::search, ReferrerType::ai, ReferrerType::social}, false, count),
            0.95);
  EXPECT_GT(count, 600);
  EXPECT_EQ(coverage(folder / "Socials.yml", {ReferrerType::social}, true, count), 1.0);
  EXPECT_GT(count, 200);
  EXPECT_EQ(coverage(folder / "AIAssistants.yml", {ReferrerType::ai}, true, count), 1.0);
  EXPECT_GE(count, 25);
}

}  // namespace
}  // namespace attune::collect
