#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>

#include "collect/collect_fixture.h"
#include "collect/importer.h"

namespace attune::collect {
namespace {

using ::testing::HasSubstr;

constexpr const char* kKey = "0123456789abcdef";
constexpr const char* kAgent =
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";

std::unique_ptr<LineImporter> access_log() {
  return make_access_log_importer({.domain = "blog.example", .visitor_key = kKey});
}

std::string hit(std::string_view request, int status) {
  return fmt::format(R"(203.0.113.9 - - [17/May/2015:10:05:03 +0000] "{}" {} 512 "-" "{}")",
                     request, status, kAgent);
}

TEST(AccessLogImporterTest, APageBecomesAPageview) {
  std::string json;
  const auto result = access_log()->read(
      R"(203.0.113.9 - frank [17/May/2015:12:05:03 +0200] "GET /blog/a?x=1 HTTP/1.1" 200 512 )"
      R"("http://www.google.com/search?q=a" "Mozilla/5.0 \"quoted\"")",
      json);
  EXPECT_EQ(result.status, LineStatus::accepted);
  EXPECT_THAT(json, HasSubstr(R"({"type":"pageview","timestamp":1431857103000,)"
                              R"("url":"https://blog.example/blog/a?x=1",)"
                              R"("referrer":"http://www.google.com/search?q=a","visitor_id":"v)"));
  EXPECT_THAT(json, HasSubstr(R"("ip":"203.0.113.9","user_agent":"Mozilla/5.0 \"quoted\"",)"
                              R"("data":{"status":200,"bytes":512}})"));
}

TEST(AccessLogImporterTest, TakesTheCommonFormat) {
  std::string json;
  EXPECT_EQ(access_log()
                ->read(R"(::1 - - [01/Jan/2020:00:00:00 -0930] "GET / HTTP/1.0" 304 -)", json)
                .status,
            LineStatus::accepted);
  EXPECT_THAT(json, HasSubstr(R"("timestamp":1577871000000)"));
  EXPECT_THAT(json, HasSubstr(R"("data":{"status":304})"));
}

TEST(AccessLogImporterTest, TellsWhyAHitIsNoPage) {
  const std::pair<std::string, const char*> cases[] = {
      {hit("POST /a HTTP/1.1", 200), "not_get"},
      {hit("HEAD / HTTP/1.1", 200), "not_get"},
      {hit("GET /a HTTP/1.1", 301), "redirect"},
      {hit("GET /a HTTP/1.1", 404), "client_error"},
      {hit("GET /a HTTP/1.1", 500), "server_error"},
      {hit("GET /a HTTP/1.1", 101), "informational"},
      {hit("GET /a HTTP/1.1", 206), "no_page_status"},
      {hit("GET /images/a.PNG?v=2 HTTP/1.1", 200), "image"},
      {hit("GET /a.css HTTP/1.1", 200), "style"},
      {hit("GET /a.min.js HTTP/1.1", 200), "script"},
      {hit("GET /f.woff2 HTTP/1.1", 200), "font"},
      {hit("GET /a.mp4 HTTP/1.1", 200), "media"},
      {hit("GET /a.tar.gz HTTP/1.1", 200), "download"},
      {hit("GET /sitemap.xml HTTP/1.1", 200), "data_file"},
      {hit("GET /robots.txt HTTP/1.1", 200), "robots"},
      {hit("GET /blog/feed/ HTTP/1.1", 200), "feed"},
      {hit("GET /?flav=rss20 HTTP/1.1", 200), "feed"},
      {hit("GET /blog.rss HTTP/1.1", 200), "feed"},
      {"", "blank"}};
  for (const auto& [line, reason] : cases) {
    std::string json;
    const auto result = access_log()->read(line, json);
    EXPECT_EQ(result.status, LineStatus::skipped) << line;
    EXPECT_EQ(result.reason, reason) << line;
    EXPECT_TRUE(json.empty());
  }
}

TEST(AccessLogImporterTest, PagesMayHaveDots) {
  for (const char* path : {"/", "/a.html", "/x.php?a=b.png", "/v1.2", "/projects/xdotool.xhtml",
                           "/files/", "/.well", "//double", "/a%20b"}) {
    std::string json;
    EXPECT_EQ(access_log()->read(hit(fmt::format("GET {} HTTP/1.1", path), 200), json).status,
              LineStatus::accepted)
        << path;
  }
}

TEST(AccessLogImporterTest, RejectsWhatItCannotRead) {
  const std::pair<std::string, const char*> cases[] = {
      {"hello", "not_a_log_line"},
      {R"(a - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1)", "not_a_log_line"},
      {R"(a - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200)", "not_a_log_line"},
      {R"(a - - [17/Mai/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5)", "bad_time"},
      {R"(a - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5)", "bad_time"},
      {R"(a - - [17/May/2015:25:05:03 +0000] "GET / HTTP/1.1" 200 5)", "bad_time"},
      {R"(a - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 2x0 5)", "bad_status"},
      {R"(a - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 999 5)", "bad_status"},
      {R"(a - - [17/May/2015:10:05:03 +0000] "-" 400 5)", "bad_request_line"},
      {R"(a - - [17/May/2015:10:05:03 +0000] "GET x HTTP/1.1" 200 5)", "bad_request_line"},
      {"a\xff", "not_utf8"},
      {std::string("a\0b", 3), "not_utf8"},
      {std::string(70'000, 'a'), "too_long"}};
  for (const auto& [line, reason] : cases) {
    std::string json;
    const auto result = access_log()->read(line, json);
    EXPECT_EQ(result.status, LineStatus::rejected) << line.substr(0, 80);
    EXPECT_EQ(result.reason, reason) << line.substr(0, 80);
    EXPECT_TRUE(json.empty());
  }
}

TEST(AccessLogImporterTest, EveryTruncationOfALineIsJudged) {
  const std::string line = hit("GET /a\\\"b HTTP/1.1", 200);
  for (std::size_t size = 0; size <= line.size(); ++size) {
    std::string json;
    const auto result = access_log()->read(std::string_view(line).substr(0, size), json);
    EXPECT_EQ(json.empty(), result.status != LineStatus::accepted) << size;
  }
}

TEST(AccessLogImporterTest, EscapedBytesBecomeUtf8) {
  std::string json;
  EXPECT_EQ(access_log()
                ->read(R"(a - - [17/May/2015:10:05:03 +0000] "GET /\xc3\xa9\xff HTTP/1.1" 200 5 )"
                       R"("http://\xd4\xe5/" "a\x00b")",
                       json)
                .status,
            LineStatus::accepted);
  EXPECT_THAT(json, HasSubstr("/\xc3\xa9\xef\xbf\xbd\""));
  EXPECT_THAT(json, HasSubstr("a\xef\xbf\xbd"
                              "b"));
}

TEST(AccessLogImporterTest, VisitorsDifferByKey) {
  std::string first;
  std::string second;
  access_log()->read(hit("GET / HTTP/1.1", 200), first);
  make_access_log_importer({.domain = "blog.example", .visitor_key = "another key of 16"})
      ->read(hit("GET / HTTP/1.1", 200), second);
  EXPECT_NE(first, second);
}

/// Reads a whole file; counts results by reason and collects the accepted events' JSON.
std::map<std::string, int> read_file(LineImporter& importer, const std::filesystem::path& path,
                                     std::vector<std::string>& events) {
  std::map<std::string, int> counts;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::string json;
    const auto result = importer.read(line, json);
    ++counts[result.status == LineStatus::accepted ? "accepted" : std::string(result.reason)];
    ++counts["lines"];
    if (result.status == LineStatus::accepted) events.push_back(std::move(json));
  }
  return counts;
}

TEST(AccessLogImporterTest, AccountsForEveryLineOfARealLog) {
  const auto path = testing::real_data("apache_access_log/access.log");
  if (path.empty()) GTEST_SKIP() << "real data is not here (ATTUNE_TEST_DATA)";
  std::vector<std::string> events;
  const auto importer = access_log();
  auto counts = read_file(*importer, path, events);
  int sum = 0;
  for (const auto& [reason, count] : counts) {
    fmt::print("  {:<16} {:>6}\n", reason, count);
    if (reason != "lines") sum += count;
  }
  EXPECT_EQ(counts["lines"], 10000);
  EXPECT_EQ(sum, 10000);
  EXPECT_EQ(counts["not_get"], 48);  // awk '{print $6}': 42 HEAD, 5 POST, 1 OPTIONS
  EXPECT_EQ(counts["not_a_log_line"], 1) << "one line of the file has no closing quote";
}

TEST(SessionFileImporterTest, ReadsClicksAndSkipsTheHeader) {
  const auto importer = make_session_file_importer();
  std::string json;
  EXPECT_EQ(importer->read("SessionId\tItemId\tTime\r", json).reason, "header");
  EXPECT_EQ(importer->read("10036\t14957\t1592337718.0", json).status, LineStatus::accepted);
  EXPECT_EQ(json, R"({"type":"product_view","timestamp":1592337718000,"session_id":"10036",)"
                  R"("visitor_id":"10036","items":[{"id":"14957"}]})");
}

TEST(SessionFileImporterTest, RejectsWhatItCannotRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"1\t2", "wrong_columns"},           {"1\t2\t3\t4", "wrong_columns"},
      {"1 2 1592337718", "wrong_columns"}, {"\t2\t1592337718", "bad_session"},
      {"1\t\t1592337718", "bad_item"},     {"1\t2\tsoon", "bad_time"},
      {"1\t2\t1592337718000", "bad_time"}, {"1\t2\t-5", "bad_time"},
      {"1\t2\tnan", "bad_time"},           {"1\xff\t2\t1592337718", "bad_session"}};
  const auto importer = make_session_file_importer();
  std::string json;
  for (const auto& [line, reason] : cases) {
    const auto result = importer->read(line, json);
    EXPECT_EQ(result.status, LineStatus::rejected) << line;
    EXPECT_EQ(result.reason, reason) << line;
  }
  EXPECT_TRUE(json.empty());
  EXPECT_EQ(importer->read("SessionId\tItemId\tTime", json).status, LineStatus::rejected)
      << "a header stands first";
}

TEST(SessionFileImporterTest, AccountsForEveryClickOfARealFile) {
  const auto path = testing::real_data("bol_sessions/train.txt");
  if (path.empty()) GTEST_SKIP() << "real data is not here (ATTUNE_TEST_DATA)";
  std::vector<std::string> events;
  const auto importer = make_session_file_importer();
  auto counts = read_file(*importer, path, events);
  EXPECT_EQ(counts["accepted"], 113601);
  EXPECT_EQ(counts["header"], 1);
  EXPECT_EQ(counts["lines"], 113602);
}

TEST(NdjsonImporterTest, PassesObjectsOn) {
  const auto importer = make_ndjson_importer();
  std::string json;
  EXPECT_EQ(importer->read(" {\"type\":\"x\"}\r", json).status, LineStatus::accepted);
  EXPECT_EQ(json, R"({"type":"x"})");
  EXPECT_EQ(importer->read("", json).reason, "blank");
  for (const char* bad : {"[1]", "5", "{", "{}{}", "{\"a\":1},{\"b\":2}"}) {
    EXPECT_EQ(importer->read(bad, json).reason, "not_an_object") << bad;
  }
  EXPECT_EQ(importer->read("{\"a\":\"\xff\"}", json).reason, "not_utf8");
  EXPECT_EQ(importer->read(std::string(600 << 10, ' ') + "{}", json).status, LineStatus::accepted)
      << "spaces around do not count";
  EXPECT_EQ(importer->read("{\"a\":\"" + std::string(600 << 10, 'x') + "\"}", json).reason,
            "too_long");
  EXPECT_EQ(
      importer->read("{\"a\":" + std::string(30, '[') + std::string(30, ']') + "}", json).reason,
      "not_an_object");
}

TEST(ImportersTest, TheirEventsPassTheCollector) {
  const auto path = testing::real_data("apache_access_log/access.log");
  if (path.empty()) GTEST_SKIP() << "real data is not here (ATTUNE_TEST_DATA)";
  std::vector<std::string> events;
  read_file(*access_log(), path, events);
  const auto sites = testing::two_sites();
  const NativeCollector collector(testing::shared_enricher(), IntakeLimits{});
  RequestContext context;
  context.received_ms = testing::kNowMs;
  context.key_site = testing::uuid(testing::kShopId);
  context.trusted = true;
  context.stream = 3;
  std::size_t accepted = 0;
  std::size_t bots = 0;
  for (const std::string& json : events) {
    const Intake intake = collector.collect(sites, context, json);
    ASSERT_EQ(intake.accepted_count, 1u)
        << json << (intake.refused ? intake.refused->message() : answer_json(intake));
    accepted += intake.accepted_count;
    bots += intake.verdicts[0].is_bot ? 1 : 0;
  }
  fmt::print("  {} pageviews, {} of them of bots\n", accepted, bots);
  EXPECT_EQ(accepted, events.size());
}

TEST(InteractionImporterTest, RowsOfTheTableBecomeInteractions) {
  const auto importer = make_interaction_importer();
  std::string json;
  EXPECT_EQ(importer->read("id,user_id,product_id,interaction_type,session_id,timestamp,context,"
                           "reward\r", json).reason, "header");
  const char* row = R"(9,1,7,VIEW,"a ""b"", c",2026-11-21 10:00:00.25+00,"{""page"": 1}",0.1)";
  EXPECT_EQ(importer->read(row, json).status, LineStatus::accepted);
  EXPECT_EQ(json, R"({"user_id":1,"product_id":7,"interaction_type":"VIEW",)"
                  R"("session_id":"a \"b\", c","timestamp":"2026-11-21 10:00:00.25+00:00"})");
  json.clear();
  EXPECT_EQ(importer->read("9,-1,7,CLICK,,,,", json).status, LineStatus::accepted);
  EXPECT_EQ(json, R"({"user_id":-1,"product_id":7,"interaction_type":"CLICK"})");
  EXPECT_EQ(importer->read("  ", json).reason, "blank");
}

TEST(InteractionImporterTest, TellsWhyALineIsNoRow) {
  const auto importer = make_interaction_importer();
  std::string json;
  EXPECT_EQ(importer->read("user_id,product_id,timestamp", json).reason, "no_header");
  EXPECT_EQ(importer->read("user_id,product_id,interaction_type,price", json).reason, "header");
  const std::pair<const char*, const char*> cases[] = {
      {"1,2,VIEW", "wrong_columns"},        {"1,2,VIEW,,", "wrong_columns"},
      {",2,VIEW,", "bad_user_id"},          {"1,2.5,VIEW,", "bad_product_id"},
      {"1,2,,", "bad_interaction_type"},    {"1,2,VIEW,a lot", "bad_price"},
      {"1,2,\"VIEW,", "bad_quotes"},        {"1,2,\"VIEW\"s,", "bad_quotes"},
      {"99999999999999999999,2,VIEW,", "bad_user_id"}, {"1,2,\xFF,", "not_utf8"}};
  for (const auto& [line, reason] : cases) {
    const LineResult result = importer->read(line, json);
    EXPECT_EQ(result.status, LineStatus::rejected) << line;
    EXPECT_EQ(result.reason, reason) << line;
  }
}

}  // namespace
}  // namespace attune::collect
