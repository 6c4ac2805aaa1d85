#include "collect/user_agent.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>

#include "collect/collect_fixture.h"
#include "collect/literal_matcher.h"

namespace attune::collect {
namespace {

using event::DeviceType;

const UserAgents& rules() {
  static const UserAgents agents = [] {
    auto parsed = UserAgents::embedded();
    ensure(parsed.has_value(), "the embedded rules parse");
    return std::move(*parsed);
  }();
  return agents;
}

TEST(LiteralMatcherTest, FindsWordsThatOverlapAndContainEachOther) {
  const LiteralMatcher matcher({"he", "she", "his", "hers", "a"});
  std::vector<int> found;
  matcher.find("ushers said", found);
  EXPECT_EQ(std::set<int>(found.begin(), found.end()), (std::set<int>{0, 1, 3, 4}));
}

TEST(LiteralMatcherTest, AgreesWithASearchForEachWord) {
  std::vector<std::string> words = {"ab", "abc", "bca", "cab", "b", "aaa", "aa", "abab", "cc"};
  const LiteralMatcher matcher(words);
  for (int number = 0; number < 19683; ++number) {  // every text of 9 letters out of three
    std::string text;
    for (int rest = number, i = 0; i < 9; ++i, rest /= 3) text += static_cast<char>('a' + rest % 3);
    std::vector<int> found;
    matcher.find(text, found);
    const std::set<int> got(found.begin(), found.end());
    for (std::size_t i = 0; i < words.size(); ++i) {
      ASSERT_EQ(got.contains(static_cast<int>(i)), text.find(words[i]) != std::string::npos)
          << text << " " << words[i];
    }
  }
}

TEST(LiteralMatcherTest, NoWordsFindNothing) {
  std::vector<int> found;
  LiteralMatcher().find("abc", found);
  LiteralMatcher(std::vector<std::string>{}).find("abc", found);
  EXPECT_TRUE(found.empty());
}

TEST(UserAgentsTest, RefusesRulesThatAreNone) {
  EXPECT_FALSE(UserAgents::parse("a: b"));
  EXPECT_FALSE(UserAgents::parse("user_agent_parsers: ["));
  EXPECT_FALSE(UserAgents::parse("user_agent_parsers:\n  - regex: '(('\nos_parsers: []\n"));
}

TEST(UserAgentsTest, KnowsTheBrowsersOfToday) {
  struct Case {
    const char* agent;
    const char* browser;
    const char* os;
    DeviceType device;
  };
  const Case cases[] = {
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/120.0.0.0 Safari/537.36",
       "Chrome", "Windows", DeviceType::desktop},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
       "Edge", "Windows", DeviceType::desktop},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/17.1 Safari/605.1.15",
       "Safari", "Mac OS X", DeviceType::desktop},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
       "Mobile Safari", "iOS", DeviceType::mobile},
      {"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/16.6 Mobile/15E148 Safari/604.1",
       "Mobile Safari", "iOS", DeviceType::tablet},
      {"Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/119.0.0.0 Mobile Safari/537.36",
       "Chrome Mobile", "Android", DeviceType::mobile},
      {"Mozilla/5.0 (Linux; Android 12; SM-T870) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/119.0.0.0 Safari/537.36",
       "Chrome", "Android", DeviceType::tablet},
      {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/119.0.0.0 Safari/537.36",
       "Chrome", "Chrome OS", DeviceType::desktop},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0", "Firefox", "Linux",
       DeviceType::desktop},
      {"Mozilla/5.0 (Linux; Android 11; CUBOT_NOTE_20) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/90.0.4430.91 Mobile Safari/537.36",
       "Chrome Mobile", "Android", DeviceType::mobile},
      {"Mozilla/5.0 Umami/20.11.1", "", "", DeviceType::unknown}};
  for (const Case& one : cases) {
    const Agent agent = rules().classify(one.agent);
    EXPECT_EQ(agent.browser, one.browser) << one.agent;
    EXPECT_EQ(agent.os, one.os) << one.agent;
    EXPECT_EQ(agent.device, one.device) << one.agent;
    EXPECT_FALSE(agent.is_bot) << one.agent;
  }
}

TEST(UserAgentsTest, KnowsBotsByNameShapeAndContact) {
  for (const char* agent :
       {"",
        "-",
        "Mozilla/5.0",
        "Mozilla/4.0 (compatible;)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/120.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.0; "
        "+https://openai.com/gptbot)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0",
        "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "HeadlessChrome/119.0 Safari/537.36",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0 A",
        "curl/8.5.0",
        "Wget/1.21",
        "python-requests/2.31.0",
        "Python-urllib/3.11",
        "Go-http-client/2.0",
        "okhttp/4.12.0",
        "Java/17.0.2",
        "Apache-HttpClient/4.5",
        "axios/1.6.2",
        "node-fetch",
        "Scrapy/2.11",
        "PostmanRuntime/7.36",
        "kube-probe/1.28",
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html)",
        "UniversalFeedParser",
        "Tiny Tiny RSS/1.11",
        "Uptime-Kuma/1.23",
        "Slackbot-LinkExpanding 1.0"}) {
    EXPECT_TRUE(is_bot(agent)) << agent;
  }
}

TEST(UserAgentsTest, HeldAgainstTheTestsOfTheRules) {
  const std::pair<const char*, const char*> files[] = {
      {"/usr/share/uap-core/tests/test_ua.yaml", "browser"},
      {"/usr/share/uap-core/tests/test_os.yaml", "system"}};
  for (const auto& [path, what] : files) {
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not installed (uap-core)";
    const YAML::Node tests = YAML::LoadFile(path)["test_cases"];
    int good = 0;
    int count = 0;
    for (const YAML::Node& test : tests) {
      const Agent agent = rules().classify(test["user_agent_string"].as<std::string>());
      const auto family = test["family"].as<std::string>();
      const std::string& got = std::string_view(what) == "browser" ? agent.browser : agent.os;
      const bool same = got == family || (family == "Other" && got.empty());
      good += same ? 1 : 0;
      ++count;
      if (!same) {
        fmt::print("  {}: {} is not {}\n", test["user_agent_string"].as<std::string>(), got,
                   family);
      }
    }
    fmt::print("  {} of {} {} tests of uap-core agree\n", good, count, what);
    EXPECT_GT(count, 400);
    EXPECT_EQ(good, count);
  }
}

TEST(UserAgentsTest, AgreesMostlyWithTheRulesOnWhatABotIs) {
  // uap-core's device "Spider" is a bot; its list is of 2022 and knows few libraries and readers,
  // ours has to find nearly all of its bots, and must not take its browsers for bots.
  const char* path = "/usr/share/uap-core/tests/test_device.yaml";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not installed (uap-core)";
  int spiders = 0, found = 0, people = 0, mistaken = 0;
  for (const YAML::Node& test : YAML::LoadFile(path)["test_cases"]) {
    const auto agent = test["user_agent_string"].as<std::string>();
    const bool bot = is_bot(agent);
    if (test["family"].as<std::string>() == "Spider") {
      ++spiders;
      found += bot ? 1 : 0;
      if (!bot) fmt::print("  missed: {}\n", agent);
    } else if (agent.find("Mozilla/") == 0) {
      ++people;
      mistaken += bot ? 1 : 0;
      if (bot) fmt::print("  mistaken: {}\n", agent);
    }
  }
  fmt::print("  {} of {} spiders found, {} of {} devices with a browser taken for bots\n", found,
             spiders, mistaken, people);
  EXPECT_GT(spiders, 50);
  EXPECT_GE(found * 100, spiders * 97);
  EXPECT_LE(mistaken * 1000, people * 3);
}

TEST(UserAgentsTest, MarksTheBotsOfARealLog) {
  const auto path = testing::real_data("apache_access_log/access.log");
  if (path.empty()) GTEST_SKIP() << "real data is not here (ATTUNE_TEST_DATA)";
  std::ifstream file(path);
  std::set<std::string> agents;
  for (std::string line; std::getline(file, line);) {
    const auto end = line.rfind('"');
    const auto begin = line.rfind('"', end - 1);
    if (begin != std::string::npos) agents.insert(line.substr(begin + 1, end - begin - 1));
  }
  int bots = 0;
  for (const std::string& agent : agents) {
    const bool bot = is_bot(agent);
    bots += bot ? 1 : 0;
    if (std::getenv("ATTUNE_PRINT") != nullptr)
      fmt::print("  {} {}\n", bot ? "bot " : "    ", agent);
  }
  fmt::print("  {} of {} user agents of the log are bots\n", bots, agents.size());
  EXPECT_GT(bots, 100);
  EXPECT_LT(bots, static_cast<int>(agents.size()) / 2);
}

TEST(AgentCacheTest, AnswersTheSameFromMemory) {
  auto parsed = UserAgents::embedded();
  ASSERT_TRUE(parsed);
  AgentCache cache(std::move(*parsed), 64, 7);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      event::Event event;
      event.user_agent =
          fmt::format("Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0", i);
      cache.fill(event);
      EXPECT_EQ(event.browser, "Firefox");
      EXPECT_EQ(event.os, "Linux");
      event.user_agent = "curl/8." + std::to_string(i);
      cache.fill(event);
      EXPECT_TRUE(event.is_bot);
    }
  }
}

}  // namespace
}  // namespace attune::collect
