#include "collect/enrich.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <sstream>

#include "collect/collect_fixture.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

using testing::kFirefox;
using testing::kNowMs;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kMidnightMs = kNowMs + 14 * kHourMs;  // of the day after kNowMs

/// A folder of its own for each test.
class VisitorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("attune_visitors_{}", Uuid::random().text());
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "salts").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Visitors> open(std::int64_t now_ms) {
    auto opened = Visitors::open(path_, now_ms);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message());
    return opened ? std::move(*opened) : nullptr;
  }
  std::string file() const {
    std::ifstream in(path_);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  static std::string id(Visitors& visitors, std::int64_t now_ms,
                        std::string_view ip = "203.0.113.7") {
    return visitors.id(testing::uuid(testing::kShopId), ip, kFirefox, now_ms);
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(VisitorsTest, TheSameVisitorHasTheSameIdForADay) {
  const auto visitors = open(kNowMs);
  const std::string first = id(*visitors, kNowMs);
  EXPECT_EQ(first.size(), 22u);
  EXPECT_EQ(id(*visitors, kNowMs + 13 * kHourMs), first);
  EXPECT_NE(id(*visitors, kNowMs, "203.0.113.8"), first);
  EXPECT_NE(visitors->id(testing::uuid(testing::kBlogId), "203.0.113.7", kFirefox, kNowMs), first);
  EXPECT_NE(visitors->id(testing::uuid(testing::kShopId), "203.0.113.7", "curl", kNowMs), first);
}

TEST_F(VisitorsTest, PartsDoNotRunIntoEachOther) {
  const auto visitors = open(kNowMs);
  const Uuid site = testing::uuid(testing::kShopId);
  EXPECT_NE(visitors->id(site, "1.1.1.1", "2", kNowMs), visitors->id(site, "1.1.1.12", "", kNowMs));
}

TEST_F(VisitorsTest, TheNextDayHasOtherIds) {
  const auto visitors = open(kNowMs);
  const std::string first = id(*visitors, kNowMs);
  EXPECT_NE(id(*visitors, kMidnightMs + kHourMs), first);
}

TEST_F(VisitorsTest, AVisitOverMidnightKeepsItsId) {
  const auto visitors = open(kNowMs);
  const std::string before = id(*visitors, kMidnightMs - 10 * 60'000);
  EXPECT_EQ(id(*visitors, kMidnightMs + 5 * 60'000), before);
  EXPECT_EQ(id(*visitors, kMidnightMs + 30 * 60'000), before) << "25 minutes later";
  EXPECT_EQ(id(*visitors, kMidnightMs + 59 * 60'000), before) << "and again";
  const std::string after = id(*visitors, kMidnightMs + 90 * 60'000);
  EXPECT_NE(after, before) << "after a pause of 31 minutes";
  EXPECT_EQ(id(*visitors, kMidnightMs + 91 * 60'000), after);
  EXPECT_NE(id(*visitors, kMidnightMs + 5 * 60'000, "203.0.113.9"), before);
}

TEST_F(VisitorsTest, SaltsOutliveARestart) {
  const std::string first = id(*open(kNowMs), kNowMs);
  EXPECT_EQ(id(*open(kNowMs + kHourMs), kNowMs + kHourMs), first);
}

TEST_F(VisitorsTest, ASaltIsGoneAfterTwoDays) {
  std::string first_salt;
  {
    const auto visitors = open(kNowMs);
    first_salt = file().substr(file().find(' ') + 1, 64);
    ASSERT_TRUE(visitors->tick(kMidnightMs + 1));
    EXPECT_NE(file().find(first_salt), std::string::npos) << "yesterday's is kept";
    ASSERT_TRUE(visitors->tick(kMidnightMs + 24 * kHourMs - 1));
    EXPECT_NE(file().find(first_salt), std::string::npos);
    ASSERT_TRUE(visitors->tick(kMidnightMs + 24 * kHourMs));
    EXPECT_EQ(file().find(first_salt), std::string::npos);
  }
  // Also when nobody was there to rotate: what is too old is not read, and overwritten at once.
  const std::string old = file();
  (void)open(kMidnightMs + 20 * 24 * kHourMs);
  EXPECT_EQ(file().find(old.substr(old.find(' ') + 1, 64)), std::string::npos);
}

TEST_F(VisitorsTest, TheFileIsTheOwnersOnly) {
  (void)open(kNowMs);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(VisitorsTest, ADamagedFileStartsAnew) {
  std::ofstream(path_) << "garbage\n20000 zz\n";
  const auto visitors = open(kNowMs);
  EXPECT_EQ(id(*visitors, kNowMs).size(), 22u);
  EXPECT_EQ(file().find("garbage"), std::string::npos);
}

TEST_F(VisitorsTest, SaysWhenTheFileCannotBeWritten) {
  const auto opened = Visitors::open((folder_ / "no" / "folder" / "salts").string(), kNowMs);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::unavailable);
}

TEST_F(VisitorsTest, AClockSetBackKeepsTheSalt) {
  const auto visitors = open(kNowMs);
  const std::string first = id(*visitors, kNowMs);
  EXPECT_EQ(id(*visitors, kNowMs - 48 * kHourMs), first);
}

TEST(AddressTest, ReadsAndTruncates) {
  const std::pair<const char*, const char*> cases[] = {{"203.0.113.77", "203.0.113.0"},
                                                       {"203.0.113.77:8080", "203.0.113.0"},
                                                       {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"},
                                                       {"[2001:db8:1:2::9]:443", "2001:db8:1::"},
                                                       {"fe80::1%eth0", "fe80::"},
                                                       {"::ffff:198.51.100.23", "198.51.100.0"},
                                                       {"::1", "::"}};
  for (const auto& [text, truncated] : cases) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->truncated().text(), truncated) << text;
  }
  for (const char* bad :
       {"", "localhost", "1.2.3", "1.2.3.256", "[::1", "2001:db8:::1", "1.2.3.4.5"}) {
    EXPECT_FALSE(Address::parse(bad)) << bad;
  }
}

TEST(CountriesTest, FindsRangesAndGaps) {
  Countries countries;
  ASSERT_TRUE(countries.add_v4("# comment\n16777216,16777471,AU\n16777728,16779263,CN\n5,9,??\n"));
  ASSERT_TRUE(countries.add_v6("2001:200::,2001:200:134:ffff:ffff:ffff:ffff:ffff,JP\n"));
  const auto find = [&](const char* text) { return countries.find(*Address::parse(text)); };
  EXPECT_EQ(find("1.0.0.0"), "AU");
  EXPECT_EQ(find("1.0.0.255"), "AU");
  EXPECT_EQ(find("1.0.1.0"), "");
  EXPECT_EQ(find("1.0.2.0"), "CN");
  EXPECT_EQ(find("0.0.0.7"), "");
  EXPECT_EQ(find("255.255.255.255"), "");
  EXPECT_EQ(find("2001:200::1"), "JP");
  EXPECT_EQ(find("2001:200:135::1"), "");
  EXPECT_EQ(countries.range_count(), 3u);
}

TEST(CountriesTest, RefusesOtherFiles) {
  for (const char* bad : {"hello\n", "1,2\n", "1,2,DEU\n", "9,5,DE\n", "a,b,DE\n", "1,2,\n"}) {
    Countries countries;
    const auto added = countries.add_v4(bad);
    ASSERT_FALSE(added) << bad;
    EXPECT_EQ(added.error().code(), ErrorCode::invalid_argument);
  }
  Countries countries;
  EXPECT_FALSE(countries.add_v6("2001::,x,DE\n"));
}

TEST(CountriesTest, AbsentFilesGiveNoCountry) {
  const auto countries = Countries::load("/nonexistent/geoip", "");
  ASSERT_TRUE(countries);
  EXPECT_EQ(countries->find(*Address::parse("8.8.8.8")), "");
}

TEST(CountriesTest, KnowsRealAddresses) {
  const auto countries = Countries::load("/usr/share/tor/geoip", "/usr/share/tor/geoip6");
  ASSERT_TRUE(countries) << countries.error().message();
  if (countries->range_count() == 0) GTEST_SKIP() << "tor-geoipdb is not installed";
  EXPECT_GT(countries->range_count(), 100'000u);
  EXPECT_EQ(countries->find(*Address::parse("8.8.8.8")), "US");
  EXPECT_EQ(countries->find(*Address::parse("141.20.1.1")), "DE");   // Humboldt-Universität
  EXPECT_EQ(countries->find(*Address::parse("2001:638::1")), "DE");  // DFN
  EXPECT_EQ(countries->find(*Address::parse("127.0.0.1")), "");
}

TEST(TextTest, CutsBetweenCharacters) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "abc");
  EXPECT_EQ(cut("äöü", 2), "äö");
  EXPECT_EQ(cut("äöü", 3), "äöü");
  EXPECT_EQ(cut("a\xF0\x9F\x98\x80"
                "b",
                2),
            "a\xF0\x9F\x98\x80");
  EXPECT_EQ(cut("", 0), "");
}

TEST(TextTest, TakesUrlsApart) {
  const auto parts = split_url("https://u:p@Host.example:81/a/b?x=1?2#f#g");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->host, "Host.example");
  EXPECT_EQ(parts->port, "81");
  EXPECT_EQ(parts->path, "/a/b");
  EXPECT_EQ(parts->query, "x=1?2");
  EXPECT_EQ(parts->fragment, "f#g");
  EXPECT_EQ(split_url("http://[::1]:8080/x")->host, "[::1]");
  EXPECT_EQ(split_url("http://host")->path, "");
  for (const char* bad : {"", "a", "//host/a", "http:///a", "http://", "1http://a", "http://a b/",
                          "http://a:x/", "javascript:void 0", "http://a\"b/"}) {
    EXPECT_FALSE(split_url(bad)) << bad;
  }
}

TEST(TextTest, CleansUrls) {
  std::string out;
  EXPECT_TRUE(clean_url(" HTTPS://user:secret@shop.example:8443/a?b#c ", "", out));
  EXPECT_EQ(out, "https://shop.example:8443/a?b#c");
  EXPECT_TRUE(clean_url("/a\tb", "shop.example", out));
  EXPECT_EQ(out, "https://shop.example/ab");
  EXPECT_TRUE(clean_url("http://host:/a", "", out));
  EXPECT_EQ(out, "http://host/a");
  for (const char* bad : {"//evil.example/a", "ftp://a/b", "data:text/html,x", "a/b", ""}) {
    EXPECT_FALSE(clean_url(bad, "shop.example", out)) << bad;
  }
}

TEST(TextTest, DecodesPercentsIntoUtf8) {
  EXPECT_EQ(percent_decode("a%20b+c%zz%"), "a b c%zz%");
  EXPECT_EQ(percent_decode("%C3%A9"), "é");
  EXPECT_EQ(percent_decode("%ff"), "\xEF\xBF\xBD");
  EXPECT_EQ(percent_decode("a%00b"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(TextTest, MakesAnyBytesUtf8) {
  EXPECT_EQ(make_utf8("plain"), "plain");
  EXPECT_EQ(make_utf8("a\xC3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(make_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace attune::collect
