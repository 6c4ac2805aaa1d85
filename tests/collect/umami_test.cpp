#include "collect/umami.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "collect/collect_fixture.h"
#include "collect/umami_token.h"

namespace attune::collect {
namespace {

using testing::browser;
using testing::events_of;
using ::testing::HasSubstr;
using testing::kBlogId;
using testing::kNowMs;
using testing::kShopId;
using ::testing::Not;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

/// A text member of a flat answer.
std::string member(const std::string& json, const std::string& key) {
  const auto at = json.find("\"" + key + "\":\"");
  if (at == std::string::npos) return {};
  const auto from = at + key.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

class UmamiCollectorTest : public ::testing::Test {
 protected:
  static std::string event(std::string_view payload, const char* type = "event") {
    return fmt::format(R"({{"type":"{}","payload":{{"website":"{}"{}{}}}}})", type, kShopId,
                       payload.empty() ? "" : ",", payload);
  }
  UmamiAnswer send(std::string_view payload, RequestContext context = browser()) {
    return collector_.send(sites_, context, event(payload));
  }
  event::Event accept(std::string_view payload, RequestContext context = browser()) {
    const UmamiAnswer answer = send(payload, context);
    EXPECT_EQ(answer.status, 200) << answer.body;
    auto events = events_of(answer.batch);
    return events.size() == 1 ? events[0] : event::Event{};
  }

  event::SiteSnapshot sites_ = testing::two_sites();
  UmamiCollector collector_{testing::shared_enricher(), IntakeLimits{}, kSecret};
};

TEST_F(UmamiCollectorTest, TakesWhatTheTrackerSends) {
  const UmamiAnswer answer = send(
      R"("screen":"1440x900","language":"en-GB","title":"Home","hostname":"www.shop.example",
         "url":"/cart?step=2#pay","referrer":"https://duckduckgo.com/","tag":"b")");
  EXPECT_EQ(answer.status, 200);
  const auto events = events_of(answer.batch);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, event::Kind::pageview);
  EXPECT_EQ(events[0].url, "https://www.shop.example/cart?step=2#pay");
  EXPECT_EQ(events[0].path, "/cart");
  EXPECT_EQ(events[0].screen_width, 1440);
  EXPECT_EQ(events[0].language, "en-GB");
  EXPECT_EQ(events[0].referrer_platform, "DuckDuckGo");
  EXPECT_EQ(events[0].visitor_id, member(answer.body, "sessionId"));
  EXPECT_EQ(events[0].session_id, member(answer.body, "visitId"));
  EXPECT_THAT(events[0].raw_json,
              HasSubstr(R"("umami":{"hostname":"www.shop.example","tag":"b"})"));
  const auto token = read_token(member(answer.body, "cache"), kSecret);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->website, testing::uuid(kShopId));
  EXPECT_EQ(token->issued_s, kNowMs / 1000);
}

TEST_F(UmamiCollectorTest, TheNodeClientIsNoBot) {
  RequestContext context;
  context.received_ms = kNowMs;
  context.client_ip = "203.0.113.9";
  context.user_agent = "Mozilla/5.0 Umami/20.11.1";
  const UmamiAnswer answer = send(R"("hostname":"shop.example","url":"/a","session":"x")", context);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("sessionId"));
  EXPECT_FALSE(events_of(answer.batch).at(0).is_bot);
}

TEST_F(UmamiCollectorTest, BotsAreAnsweredAsByUmamiAndKeptAsBots) {
  RequestContext context = browser();
  context.user_agent = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)";
  const UmamiAnswer answer = send(R"("url":"/a")", context);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"beep":"boop"})");
  EXPECT_TRUE(events_of(answer.batch).at(0).is_bot);
}

TEST_F(UmamiCollectorTest, TheTokenCarriesTheVisitOverTheHour) {
  RequestContext context = browser();
  context.received_ms = kNowMs + 59 * 60'000;  // 10:59
  const UmamiAnswer first = send(R"("url":"/a")", context);
  const std::string cache = member(first.body, "cache");
  context.received_ms += 5 * 60'000;  // 11:04
  const UmamiAnswer without = send(R"("url":"/b")", context);
  EXPECT_NE(member(without.body, "visitId"), member(first.body, "visitId"));
  context.umami_cache = cache;
  const UmamiAnswer with = send(R"("url":"/b")", context);
  EXPECT_EQ(member(with.body, "visitId"), member(first.body, "visitId"));
  EXPECT_EQ(member(with.body, "sessionId"), member(first.body, "sessionId"));
}

TEST_F(UmamiCollectorTest, ATokenOlderThanHalfAnHourStartsANewVisit) {
  const UmamiAnswer first = send(R"("url":"/a")");
  const std::string cache = member(first.body, "cache");
  RequestContext context = browser();
  context.umami_cache = cache;
  context.received_ms = kNowMs + 1800'000;
  EXPECT_EQ(member(send(R"("url":"/b")", context).body, "visitId"), member(first.body, "visitId"));
  context.received_ms = kNowMs + 1801'000;
  EXPECT_NE(member(send(R"("url":"/b")", context).body, "visitId"), member(first.body, "visitId"));
}

TEST_F(UmamiCollectorTest, AForgedTokenIsIgnored) {
  const std::string forged = sign_token({.website = testing::uuid(kShopId),
                                         .session = testing::uuid(kBlogId),
                                         .visit = testing::uuid(kBlogId),
                                         .issued_s = kNowMs / 1000},
                                        "another secret of the same length");
  RequestContext context = browser();
  context.umami_cache = forged;
  const UmamiAnswer answer = send(R"("url":"/a")", context);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(member(answer.body, "visitId"), kBlogId);
}

TEST_F(UmamiCollectorTest, AnIdIsTheSameVisitorEverywhere) {
  RequestContext phone = browser();
  phone.client_ip = "198.51.100.7";
  phone.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15";
  const event::Event here = accept(R"("url":"/a","id":"user-1")");
  const event::Event there = accept(R"("url":"/a","id":"user-1")", phone);
  const event::Event other = accept(R"("url":"/a","id":"user-2")");
  EXPECT_EQ(here.user_id, "user-1");
  EXPECT_EQ(here.visitor_id, there.visitor_id);
  EXPECT_NE(here.visitor_id, other.visitor_id);
}

TEST_F(UmamiCollectorTest, NamedEventsAreCustomAndKeepTheirName) {
  const event::Event e = accept(R"("url":"/a","name":"Newsletter Signup","data":{"plan":"gold"})");
  EXPECT_EQ(e.kind, event::Kind::custom);
  EXPECT_EQ(e.event_type, "Newsletter Signup");
  EXPECT_THAT(e.raw_json, HasSubstr(R"("data":{"plan":"gold"})"));
}

TEST_F(UmamiCollectorTest, RevenueMakesAPurchase) {
  const event::Event e =
      accept(R"("url":"/a","name":"checkout-done","data":{"revenue":"19.99","currency":"usd"})");
  EXPECT_EQ(e.kind, event::Kind::purchase);
  EXPECT_EQ(e.event_type, "checkout-done");
  EXPECT_DOUBLE_EQ(e.revenue, 19.99);
  EXPECT_EQ(e.currency, "USD");
  EXPECT_EQ(accept(R"("name":"a","url":"/","data":{"revenue":19.99})").kind, event::Kind::custom);
}

TEST_F(UmamiCollectorTest, ReadsTheWooCommerceNames) {
  const event::Event view = accept(R"("url":"/p","name":"product_view","wc_product_id":"77")");
  EXPECT_EQ(view.kind, event::Kind::product_view);
  EXPECT_EQ(view.items.at(0).id, "77");
  const event::Event bare = accept(R"("url":"/p","name":"product_view")");
  EXPECT_EQ(bare.kind, event::Kind::custom);
  const event::Event buy =
      accept(R"("url":"/p","name":"purchase","data":{"wc_product_id":5,"wc_order_id":9})");
  EXPECT_EQ(buy.kind, event::Kind::purchase);
  EXPECT_EQ(buy.order_id, "9");
  const event::Event order =
      accept(R"("url":"/p","name":"order-complete","data":{"wc_revenue":"12.50"})");
  EXPECT_EQ(order.kind, event::Kind::purchase);
  EXPECT_DOUBLE_EQ(order.revenue, 12.5);
}

TEST_F(UmamiCollectorTest, ReadsAShopsEventsByTheNamesOfOthers) {
  const event::Event add = accept(
      R"("url":"/p","name":"add_to_cart","data":{"wc_product_id":5,"wc_revenue":3,"plan":"x"})");
  EXPECT_EQ(add.kind, event::Kind::cart_add);
  EXPECT_EQ(add.event_type, "cart_add");
  EXPECT_THAT(add.raw_json, HasSubstr(R"("sent_type":"add_to_cart")"));
  EXPECT_THAT(add.raw_json, HasSubstr(R"("data":{"wc_product_id":5,"wc_revenue":3,"plan":"x"})"));
  const event::Event step =
      accept(R"("url":"/p","name":"begin_checkout","wc_checkout_step":"pay","wc_cart_value":9.5)");
  EXPECT_EQ(step.kind, event::Kind::checkout);
  EXPECT_THAT(step.raw_json, HasSubstr(R"("cart_value":9.5,"checkout_step":"pay")"));
  const event::Event scrolled = accept(
      R"("url":"/p","name":"scroll_depth","data":{"scroll_depth":"75","time_on_page":31.5})");
  EXPECT_EQ(scrolled.kind, event::Kind::scroll_depth);
  EXPECT_EQ(scrolled.scroll_percentage, 75);
  EXPECT_THAT(scrolled.raw_json, HasSubstr(R"("time_on_page":31.5)"));
}

TEST_F(UmamiCollectorTest, IdentifyAndPerformance) {
  UmamiAnswer answer = collector_.send(
      sites_, browser(), event(R"("id":"u1","data":{"email":"a@b.c","token":"x"})", "identify"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  event::Event e = events_of(answer.batch).at(0);
  EXPECT_EQ(e.kind, event::Kind::identify);
  EXPECT_EQ(e.user_id, "u1");
  EXPECT_THAT(e.raw_json, HasSubstr(R"("token":"[redacted]")"));
  answer = collector_.send(sites_, browser(), event(R"("data":{"a":1})", "identify"));
  EXPECT_EQ(events_of(answer.batch).at(0).kind, event::Kind::custom);
  answer = collector_.send(sites_, browser(),
                           event(R"("url":"/","lcp":1200.5,"cls":0.02)", "performance"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  e = events_of(answer.batch).at(0);
  EXPECT_EQ(e.kind, event::Kind::performance);
  EXPECT_THAT(e.raw_json, HasSubstr(R"("performance":{"lcp":1200.5,"cls":0.02})"));
}

TEST_F(UmamiCollectorTest, TimestampsAreSeconds) {
  EXPECT_EQ(accept(R"("url":"/a","timestamp":1700000000)").timestamp_ms, 1700000000000);
  EXPECT_EQ(accept(R"("url":"/a","timestamp":"1700000000")").timestamp_ms, 1700000000000);
  for (const char* bad : {"0", "1700000000000", "-5", "\"soon\"", "1e18"}) {
    EXPECT_EQ(send(fmt::format(R"("url":"/a","timestamp":{})", bad)).status, 400) << bad;
  }
}

TEST_F(UmamiCollectorTest, ThePayloadMaySayAddressAndAgent) {
  const event::Event e =
      accept(R"("url":"/a","ip":"198.51.100.9","userAgent":"curl/8","browser":"Own","os":"Mine")");
  EXPECT_EQ(e.ip, "198.51.100.0");
  EXPECT_TRUE(e.is_bot);
  EXPECT_EQ(e.browser, "Own");
  EXPECT_EQ(e.os, "Mine");
}

TEST_F(UmamiCollectorTest, UnknownMembersAreLeftOut) {
  EXPECT_THAT(accept(R"("url":"/a","password":"p","whatever":{"deep":1})").raw_json,
              Not(HasSubstr("whatever")));
}

TEST_F(UmamiCollectorTest, OfDataSentTwiceTheLastCounts) {
  const event::Event event = accept(R"("url":"/a","data":{"a":1},"data":{"b":2})");
  EXPECT_THAT(event.raw_json, HasSubstr(R"("data":{"b":2})"));
  EXPECT_THAT(event.raw_json, Not(HasSubstr(R"({"a":1})")));
}

TEST_F(UmamiCollectorTest, BadRequestsHaveUmamisShape) {
  const UmamiAnswer answer = send(R"("url":"/a","name":")" + std::string(51, 'n') + "\"");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.batch.empty());
  EXPECT_EQ(answer.body,
            R"({"error":{"message":"Bad request","code":"bad-request","status":400,"errors":[],)"
            R"("properties":{"payload":{"errors":[],"properties":{"name":{"errors":)"
            R"(["must be at most 50 characters long"]}}}}}})");
  for (const char* body :
       {"", "{", "[]", "5", R"({"type":"event"})", R"({"type":"event","payload":[]})",
        R"({"type":"other","payload":{}})", R"({"type":"event","payload":{}})",
        R"({"type":"event","payload":{"website":"x"}})",
        R"({"type":"event","payload":{"link":"6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01"}})"}) {
    const UmamiAnswer bad = collector_.send(sites_, browser(), body);
    EXPECT_EQ(bad.status, 400) << body;
    EXPECT_THAT(bad.body, HasSubstr(R"({"error":{"message":"Bad request","code":"bad-request")"));
  }
}

TEST_F(UmamiCollectorTest, AnUnknownWebsiteIsNotFound) {
  const UmamiAnswer answer = collector_.send(
      sites_, browser(),
      R"({"type":"event","payload":{"website":"6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c99","url":"/"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"("message":"Website not found.")"));
}

TEST_F(UmamiCollectorTest, ForeignOriginsAreForbidden) {
  const std::string body =
      fmt::format(R"({{"type":"event","payload":{{"website":"{}","url":"/"}}}})", kBlogId);
  const UmamiAnswer answer = collector_.send(sites_, browser(), body);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, R"({"error":{"message":"Forbidden","code":"forbidden","status":403}})");
  RequestContext node = browser();
  node.origin = {};
  EXPECT_EQ(collector_.send(sites_, node, body).status, 200);
}

TEST_F(UmamiCollectorTest, ABatchAccountsForEachElement) {
  const std::string body = fmt::format("[{},{},{}]", event(R"("url":"/a")"), event(R"("url":5)"),
                                       event(R"("name":"x","url":"/b")"));
  const UmamiAnswer answer = collector_.batch(sites_, browser(), body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.accepted_count, 2u);
  EXPECT_EQ(events_of(answer.batch).size(), 2u);
  EXPECT_THAT(answer.body,
              HasSubstr(R"({"size":3,"processed":2,"errors":1,"details":[{"index":1,)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("cache":")"));
  for (const char* bad : {"{}", "[1]", "", "[{}"}) {
    EXPECT_EQ(collector_.batch(sites_, browser(), bad).status, 400) << bad;
  }
  EXPECT_EQ(collector_.batch(sites_, browser(), "[]").body,
            R"({"size":0,"processed":0,"errors":0,"details":[]})");
}

TEST_F(UmamiCollectorTest, TooMuchIsRefused) {
  std::string many = "[{}";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  EXPECT_EQ(collector_.batch(sites_, browser(), many + "]").status, 413);
  EXPECT_EQ(collector_.send(sites_, browser(), std::string((1 << 20) + 1, ' ')).status, 413);
  EXPECT_EQ(
      send(R"("url":"/","data":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}").status,
      400);
}

TEST(UmamiTokenTest, ReadsOnlyWhatItSigned) {
  const UmamiToken token{.website = testing::uuid(kShopId),
                         .session = testing::uuid(kBlogId),
                         .visit = Uuid::random(),
                         .issued_s = 17};
  const std::string text = sign_token(token, kSecret);
  const auto back = read_token(text, kSecret);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->visit, token.visit);
  EXPECT_EQ(back->issued_s, 17);
  EXPECT_FALSE(read_token(text, "another secret of the same length"));
  EXPECT_FALSE(read_token("", kSecret));
  EXPECT_FALSE(read_token("a.b", kSecret));
  EXPECT_FALSE(read_token(text.substr(0, text.size() - 1), kSecret));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string spoilt = text;
    spoilt[at] = spoilt[at] == 'A' ? 'B' : 'A';
    // The last character of a part has bits that say nothing, which the decoder refuses or ignores.
    const auto read = read_token(spoilt, kSecret);
    EXPECT_TRUE(!read || read->visit == token.visit) << at;
  }
}

TEST(UmamiErrorTest, ServerErrorsHaveTheSameShape) {
  EXPECT_EQ(umami_error_json(503, "Try again"),
            R"({"error":{"message":"Try again","code":"service-unavailable","status":503}})");
}

}  // namespace
}  // namespace attune::collect
