#include "collect/native.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <thread>
#include <tuple>

#include "collect/collect_fixture.h"

namespace attune::collect {
namespace {

using testing::browser;
using testing::events_of;
using ::testing::HasSubstr;
using testing::kBlogId;
using testing::kNowMs;
using testing::kShopId;
using ::testing::Not;

class NativeCollectorTest : public ::testing::Test {
 protected:
  Intake collect(std::string_view body) { return collect(browser(), body); }
  Intake collect(const RequestContext& context, std::string_view body) {
    return collector_.collect(sites_, context, body);
  }
  /// Members of one event of the shop, which must be accepted.
  event::Event accept(std::string_view members) { return accept(browser(), members); }
  event::Event accept(const RequestContext& context, std::string_view members) {
    const Intake intake = collect(context, fmt::format(R"({{"site":"{}",{}}})", kShopId, members));
    EXPECT_FALSE(intake.refused);
    EXPECT_EQ(intake.accepted_count, 1u) << members << " -> " << answer_json(intake);
    auto events = events_of(intake.batch);
    return events.empty() ? event::Event{} : events.front();
  }
  /// Members of one event of the shop, which must be rejected; the error.
  Error reject(std::string_view members) { return reject(browser(), members); }
  Error reject(const RequestContext& context, std::string_view members) {
    const Intake intake = collect(context, fmt::format(R"({{"site":"{}",{}}})", kShopId, members));
    EXPECT_EQ(intake.accepted_count, 0u) << members;
    EXPECT_TRUE(intake.batch.empty());
    if (intake.verdicts.size() != 1 || !intake.verdicts[0].error) {
      ADD_FAILURE() << "no verdict for " << members;
      return Error(ErrorCode::internal, "");
    }
    return *intake.verdicts[0].error;
  }
  static RequestContext with_key() {
    RequestContext context = browser();
    context.origin = {};
    context.key_site = testing::uuid(kShopId);
    context.trusted = true;
    return context;
  }

  event::SiteSnapshot sites_ = testing::two_sites();
  NativeCollector collector_{testing::shared_enricher(), IntakeLimits{}};
};

TEST_F(NativeCollectorTest, KeepsWhatAPageviewSays) {
  const event::Event e =
      accept(R"("type":"pageview","url":"https://shop.example/products.html?q=1#top",
    "title":"Products","referrer":"https://www.google.de/","screen":"1920x1080",
    "viewport":"1200x800",
    "device_pixel_ratio":2,"language":"de-DE","timezone":"Europe/Berlin","session_id":"s1",
    "visitor_id":"v1","timestamp":"2026-11-21T09:59:30.250Z")");
  EXPECT_EQ(e.kind, event::Kind::pageview);
  EXPECT_EQ(e.site, testing::uuid(kShopId));
  EXPECT_EQ(e.url, "https://shop.example/products.html?q=1#top");
  EXPECT_EQ(e.path, "/products.html");
  EXPECT_EQ(e.query, "q=1");
  EXPECT_EQ(e.fragment, "top");
  EXPECT_EQ(e.timestamp_ms, kNowMs - 29750);
  EXPECT_EQ(e.received_ms, kNowMs);
  EXPECT_EQ(e.session_id, "s1");
  EXPECT_EQ(e.visitor_id, "v1");
  EXPECT_EQ(e.referrer_type, event::ReferrerType::search);
  EXPECT_EQ(e.referrer_platform, "Google");
  EXPECT_EQ(e.browser, "Firefox");
  EXPECT_EQ(e.os, "Linux");
  EXPECT_EQ(e.device, event::DeviceType::desktop);
  EXPECT_EQ(e.screen_width, 1920);
  EXPECT_EQ(e.viewport_height, 800);
  EXPECT_EQ(e.ip, "203.0.113.0");
  EXPECT_FALSE(e.is_bot);
  EXPECT_FALSE(e.event_id.is_nil());
  EXPECT_EQ(
      e.raw_json,
      R"({"client_session_id":"s1","title":"Products","referrer":"https://www.google.de/",)"
      R"("query_params":"q=1","hash_fragment":"top","referrer_type":"search",)"
      R"("referrer_platform":"Google","browser":"Firefox","os":"Linux","device_type":"desktop",)"
      R"("language":"de-DE","timezone":"Europe/Berlin","screen":[1920,1080],)"
      R"("viewport":[1200,800],"device_pixel_ratio":2})");
}

TEST_F(NativeCollectorTest, GivesAVisitorWithoutIdAKeyedHash) {
  const event::Event first = accept(R"("type":"pageview","url":"/a")");
  const event::Event again = accept(R"("type":"pageview","url":"/b")");
  RequestContext other = browser();
  other.client_ip = "203.0.113.78";
  const event::Event neighbour = accept(other, R"("type":"pageview","url":"/a")");
  EXPECT_EQ(first.visitor_id.size(), 22u);
  EXPECT_EQ(first.visitor_id, again.visitor_id);
  EXPECT_NE(first.visitor_id, neighbour.visitor_id);
  EXPECT_NE(first.event_id, again.event_id);
}

TEST_F(NativeCollectorTest, TakesABatchAndItsCommonFields) {
  const Intake intake = collect(fmt::format(
      R"({{"site":"{}","type":"batch","session_id":"s9","screen":"800x600","events":[
          {{"type":"click","url":"/a",
            "element":{{"tag":"A","id":"buy","classes":"btn","text":"Buy"}}}},
          {{"type":"scroll_depth","scroll_depth":75,"session_id":"mine"}}]}})",
      kShopId));
  EXPECT_EQ(intake.accepted_count, 2u);
  const auto events = events_of(intake.batch);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].session_id, "s9");
  EXPECT_EQ(events[0].element_tag, "a");
  EXPECT_EQ(events[0].screen_width, 800);
  EXPECT_EQ(events[1].session_id, "mine");
  EXPECT_EQ(events[1].scroll_percentage, 75);
}

TEST_F(NativeCollectorTest, KeepsTheGoodEventsOfABatch) {
  const Intake intake = collect(fmt::format(
      R"([{{"site":"{0}","type":"pageview","url":"/a"}},
          {{"site":"{0}","type":"pageview","url":"/b","timestamp":1763719200}},
          17,
          {{"site":"{0}","type":"pageview","url":"/c"}}])",
      kShopId));
  EXPECT_EQ(intake.accepted_count, 2u);
  EXPECT_EQ(intake.rejected_count, 2u);
  ASSERT_EQ(intake.verdicts.size(), 4u);
  EXPECT_EQ(intake.verdicts[1].error->field(), "[1].timestamp");
  EXPECT_THAT(intake.verdicts[1].error->message(), HasSubstr("looks like seconds"));
  EXPECT_EQ(intake.verdicts[2].error->field(), "[2]");
  EXPECT_EQ(events_of(intake.batch).back().path, "/c");
}

TEST_F(NativeCollectorTest, ReadsTheWooCommerceNames) {
  const event::Event e = accept(
      R"("type":"purchase","wc_product_id":4711,"wc_category_id":"tea","wc_cart_value":"39.80",
         "wc_checkout_step":2,"wc_order_id":1000012,"wc_revenue":"39.80","currency":"eur",
         "time_on_page":12.5)");
  ASSERT_EQ(e.items.size(), 1u);
  EXPECT_EQ(e.items[0].id, "4711");
  EXPECT_EQ(e.items[0].category, "tea");
  EXPECT_EQ(e.order_id, "1000012");
  EXPECT_DOUBLE_EQ(e.revenue, 39.80);
  EXPECT_EQ(e.currency, "EUR");
  EXPECT_THAT(e.raw_json,
              HasSubstr(R"("cart_value":39.8,"checkout_step":"2","time_on_page":12.5)"));
}

TEST_F(NativeCollectorTest, ReadsTheWooCommerceNamesInCustomData) {
  // What attune.track("add_to_cart", {...}) of the tracker sends.
  const event::Event e = accept(
      R"("type":"add_to_cart","data":{"wc_product_id":"4711","wc_category_id":8,
         "wc_cart_value":"39.80","scroll_depth":60,"time_on_page":"7","wc_revenue":"lots",
         "colour":"red"})");
  EXPECT_EQ(e.kind, event::Kind::cart_add);
  ASSERT_EQ(e.items.size(), 1u);
  EXPECT_EQ(e.items[0].id, "4711");
  EXPECT_EQ(e.items[0].category, "8");
  EXPECT_EQ(e.scroll_percentage, 60);
  EXPECT_EQ(e.revenue, 0);
  EXPECT_THAT(e.raw_json, HasSubstr(R"("cart_value":39.8,"time_on_page":7)"));
  EXPECT_THAT(e.raw_json, HasSubstr(R"("colour":"red")")) << "it stays the sender's data";
}

TEST_F(NativeCollectorTest, AFieldsOwnNameWinsOverTheOnesInData) {
  const event::Event e = accept(
      R"("type":"purchase","data":{"wc_product_id":1,"wc_category_id":"tea","wc_revenue":1,
         "wc_order_id":"a","wc_checkout_step":"x","scroll_depth":10},
         "wc_product_id":2,"revenue":7,"order_id":"b","checkout_step":3,"scroll_percentage":20)");
  ASSERT_EQ(e.items.size(), 1u);
  EXPECT_EQ(e.items[0].id, "2");
  EXPECT_EQ(e.items[0].category, "") << "it was said of another product";
  EXPECT_DOUBLE_EQ(e.revenue, 7);
  EXPECT_EQ(e.order_id, "b");
  EXPECT_EQ(e.scroll_percentage, 20);
  EXPECT_THAT(e.raw_json, HasSubstr(R"("checkout_step":"3")"));
}

TEST_F(NativeCollectorTest, ReadsNamesOfOthersAsOurs) {
  const event::Event e = accept(
      R"("type":"add_to_cart",
         "items":[{"item_id":"A1","item_name":"Tea","price":5,"quantity":3}])");
  EXPECT_EQ(e.kind, event::Kind::cart_add);
  EXPECT_EQ(e.event_type, "cart_add");
  EXPECT_EQ(e.items[0].id, "A1");
  EXPECT_EQ(e.currency, "EUR");
  EXPECT_THAT(e.raw_json, HasSubstr(R"("sent_type":"add_to_cart")"));
}

TEST_F(NativeCollectorTest, APurchaseIsWorthItsItemsWhenNothingElseIsSaid) {
  const event::Event e = accept(
      R"("type":"purchase","items":[{"id":"a","price":5,"quantity":3},{"id":"b","price":1.5}])");
  EXPECT_DOUBLE_EQ(e.revenue, 16.5);
}

TEST_F(NativeCollectorTest, CustomEventsKeepTheirNameAndData) {
  const event::Event e = accept(
      R"("type":"newsletter:signup","data":{"plan":"gold","n":[1,2.5,true,null]},"campaign":7)");
  EXPECT_EQ(e.kind, event::Kind::custom);
  EXPECT_EQ(e.event_type, "newsletter:signup");
  EXPECT_THAT(e.raw_json, HasSubstr(R"("data":{"plan":"gold","n":[1,2.5,true,null]})"));
  EXPECT_THAT(e.raw_json, HasSubstr(R"("extra":{"campaign":7})"));
}

TEST_F(NativeCollectorTest, RedactsBeforeTheJournal) {
  const Intake intake = collect(fmt::format(
      R"({{"site":"{}","type":"form_submit",
          "url":"https://u:p@shop.example/pay?token=query-secret&x=1#access_token=hash-secret",
          "title":"card 4111 1111 1111 1111",
          "form":{{"id":"pay","action":"/pay?password=hunter2","method":"post","fields":{{
            "name":"Ada","user[password]":"hunter2","cardNumber":"4111111111111111",
            "note":"my ssn is 078-05-1120","phone":"030 1234567","digits":5500005555555559,
            "mother_maiden":"Smith"}}}},
          "data":{{"order_id":"4111111111111111","deep":[{{"api_key":"k"}}],
            "comment":"4111-1111-1111-1111"}}}})",
      kShopId));
  ASSERT_EQ(intake.accepted_count, 1u) << answer_json(intake);
  for (const char* secret : {"hunter2", "query-secret", "hash-secret", "078-05", "1111 1111",
                             "4111-1111", "55000055", "Smith", "u:p@", "\"k\""}) {
    EXPECT_THAT(intake.batch.bytes, Not(HasSubstr(secret))) << secret;
  }
  const event::Event e = events_of(intake.batch).front();
  EXPECT_EQ(e.url, "https://shop.example/pay?token=[redacted]&x=1#access_token=[redacted]");
  EXPECT_EQ(e.title, "card [redacted]");
  EXPECT_THAT(e.form_data_json, HasSubstr(R"("name":"Ada")"));
  EXPECT_THAT(e.form_data_json, HasSubstr(R"("phone":"030 1234567")"));
  EXPECT_THAT(e.raw_json, HasSubstr(R"("order_id":"4111111111111111")"));
  EXPECT_EQ(e.field_count, 7);
}

TEST_F(NativeCollectorTest, MarksBots) {
  RequestContext context = browser();
  context.user_agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
  const event::Event e = accept(context, R"("type":"pageview","url":"/a")");
  EXPECT_TRUE(e.is_bot);
  EXPECT_EQ(e.device, event::DeviceType::bot);
}

TEST_F(NativeCollectorTest, CorrectsTimesOfTheFuture) {
  EXPECT_EQ(accept(fmt::format(R"("type":"x","timestamp":{})", kNowMs + 299'000)).timestamp_ms,
            kNowMs + 299'000);
  const event::Event e = accept(fmt::format(R"("type":"x","timestamp":{})", kNowMs + 301'000));
  EXPECT_EQ(e.timestamp_ms, kNowMs);
  EXPECT_THAT(e.raw_json, HasSubstr(fmt::format(R"("client_timestamp":{})", kNowMs + 301'000)));
}

TEST_F(NativeCollectorTest, CorrectsAClientClockBySentAt) {
  const std::int64_t wrong = kNowMs - 400LL * 86'400'000;  // a clock that is 400 days behind
  const event::Event e =
      accept(fmt::format(R"("type":"x","timestamp":{},"sent_at":{})", wrong - 60'000, wrong));
  EXPECT_EQ(e.timestamp_ms, kNowMs - 60'000);
}

TEST_F(NativeCollectorTest, OldEventsNeedAKey) {
  const std::string old = fmt::format(R"("type":"x","timestamp":{})", kNowMs - 73LL * 3'600'000);
  EXPECT_THAT(reject(old).message(), HasSubstr("old events need a secret key"));
  EXPECT_EQ(accept(with_key(), old).timestamp_ms, kNowMs - 73LL * 3'600'000);
}

TEST_F(NativeCollectorTest, BelievesAddressAndAgentOnlyWithAKey) {
  const std::string_view claims =
      R"("type":"x","ip":"198.51.100.9","user_agent":"curl/8.0","country":"fr")";
  const event::Event browser_says = accept(claims);
  EXPECT_EQ(browser_says.ip, "203.0.113.0");
  EXPECT_FALSE(browser_says.is_bot);
  EXPECT_THAT(browser_says.raw_json, Not(HasSubstr("198.51")));
  const event::Event server_says = accept(with_key(), claims);
  EXPECT_EQ(server_says.ip, "198.51.100.0");
  EXPECT_EQ(server_says.country, "FR");
  EXPECT_TRUE(server_says.is_bot);
  EXPECT_EQ(reject(with_key(), R"("type":"x","ip":"localhost")").field(), "ip");
}

TEST_F(NativeCollectorTest, AKeyNamesItsSite) {
  const Intake intake = collect(with_key(), R"({"type":"x"})");
  ASSERT_EQ(intake.accepted_count, 1u);
  EXPECT_EQ(events_of(intake.batch)[0].site, testing::uuid(kShopId));
  const Intake other = collect(with_key(), fmt::format(R"({{"site":"{}","type":"x"}})", kBlogId));
  ASSERT_TRUE(other.verdicts.at(0).error);
  EXPECT_EQ(other.verdicts[0].error->code(), ErrorCode::permission_denied);
}

TEST_F(NativeCollectorTest, LooksAtTheOriginWhereASiteListsSome) {
  const std::string body = fmt::format(R"({{"site":"{}","type":"x"}})", kBlogId);
  RequestContext context = browser();
  for (const char* bad : {"https://evil.example", "https://blog.example.evil.example",
                          "https://notblog.example", "http://blog.example", "null", ""}) {
    context.origin = bad;
    const Intake intake = collect(context, body);
    ASSERT_TRUE(intake.verdicts.at(0).error) << bad;
    EXPECT_EQ(intake.verdicts[0].error->code(), ErrorCode::permission_denied) << bad;
    EXPECT_EQ(intake.verdicts[0].error->field(), "site");
  }
  for (const char* good : {"https://blog.example", "https://www.blog.example:8443"}) {
    context.origin = good;
    EXPECT_EQ(collect(context, body).accepted_count, 1u) << good;
  }
}

TEST_F(NativeCollectorTest, SitesMayForgetAddresses) {
  RequestContext context = browser();
  context.origin = "https://blog.example";
  const Intake intake = collect(context, fmt::format(R"({{"site":"{}","type":"x"}})", kBlogId));
  EXPECT_EQ(events_of(intake.batch).at(0).ip, "");
}

TEST_F(NativeCollectorTest, ThePublicKeyNamesTheSiteToo) {
  EXPECT_EQ(collect(R"({"site":"pk_shop","type":"x"})").accepted_count, 1u);
}

TEST_F(NativeCollectorTest, RejectsAnEventIdThatStandsTwice) {
  const Intake intake = collect(fmt::format(
      R"({{"site":"{}","events":[{{"type":"x","event_id":"{}"}},{{"type":"y","event_id":"{}"}}]}})",
      kShopId, kBlogId, kBlogId));
  EXPECT_EQ(intake.accepted_count, 1u);
  ASSERT_TRUE(intake.verdicts.at(1).error);
  EXPECT_EQ(intake.verdicts[1].error->code(), ErrorCode::already_exists);
  EXPECT_EQ(intake.verdicts[1].error->field(), "events[1].event_id");
  EXPECT_THAT(intake.verdicts[1].error->message(), HasSubstr("index 0"));
  EXPECT_TRUE(events_of(intake.batch)[0].has_client_event_id);
}

TEST_F(NativeCollectorTest, CutsLongTextsBetweenCharacters) {
  std::string title;
  for (int i = 0; i < 600; ++i) title += "ü";
  const event::Event e = accept(fmt::format(R"("type":"x","title":"{}")", title));
  EXPECT_EQ(e.title.size(), 1000u);
}

TEST_F(NativeCollectorTest, FillsTheUrlFromTheReferer) {
  RequestContext context = browser();
  context.referer = "https://shop.example/from-header";
  EXPECT_EQ(accept(context, R"("type":"click")").path, "/from-header");
}

struct BadField {
  const char* name;
  const char* members;
  const char* field;
  const char* rule;
  ErrorCode code = ErrorCode::invalid_argument;
};

void PrintTo(const BadField& bad, std::ostream* out) {
  *out << bad.members;
}

class BadFieldTest : public NativeCollectorTest, public ::testing::WithParamInterface<BadField> {};

TEST_P(BadFieldTest, IsRejectedWithFieldAndRule) {
  const Error error = reject(GetParam().members);
  EXPECT_EQ(error.field(), GetParam().field);
  EXPECT_THAT(error.message(), HasSubstr(GetParam().rule));
  EXPECT_EQ(error.code(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, BadFieldTest,
    ::testing::Values(
        BadField{"NoType", R"("url":"/a")", "type", "required"},
        BadField{"TypeNumber", R"("type":7)", "type", "must be 1 to 50"},
        BadField{"TypeSpaces", R"("type":"My Event")", "type", "must be 1 to 50"},
        BadField{"TypeEmpty", R"("type":"")", "type", "must be 1 to 50"},
        BadField{"EventIdShort", R"("type":"x","event_id":"12")", "event_id", "UUID"},
        BadField{"EventIdNumber", R"("type":"x","event_id":12)", "event_id", "UUID"},
        BadField{"SessionObject", R"("type":"x","session_id":{})", "session_id", "text or a whole"},
        BadField{"SessionEmpty", R"("type":"x","session_id":"")", "session_id", "1 to 79"},
        BadField{"SessionTilde", R"("type":"x","session_id":"a~1")", "session_id", "~"},
        BadField{"SessionControl", R"("type":"x","session_id":"a\nb")", "session_id", "control"},
        BadField{"VisitorFraction", R"("type":"x","visitor_id":1.5)", "visitor_id", "whole"},
        BadField{"NulInTitle", R"("type":"x","title":"a\u0000b")", "title", "U+0000"},
        BadField{"NulInDeepData", R"("type":"x","data":{"a":[{"b":"\u0000"}]})", "b", "U+0000"},
        BadField{"NulInAName", R"("type":"x","data":{"a\u0000":1})", "a", "U+0000"},
        BadField{"TitleArray", R"("type":"x","title":["a"])", "title", "must be a text"},
        BadField{"UrlScript", R"("type":"pageview","url":"javascript:void 0")", "url", "http"},
        BadField{"UrlData", R"("type":"pageview","url":"data:text/html,x")", "url", "http"},
        BadField{"UrlNoHost", R"("type":"pageview","url":"https:///a")", "url", "http"},
        BadField{"UrlNumber", R"("type":"pageview","url":5)", "url", "must be a text"},
        BadField{"PageviewWithoutUrl", R"("type":"pageview")", "url", "required"},
        BadField{"ScreenWords", R"("type":"x","screen":"big")", "screen", "1920x1080"},
        BadField{"ScreenZero", R"("type":"x","screen":"0x5")", "screen", "1920x1080"},
        BadField{"ScreenHuge", R"("type":"x","screen":"99999999999x5")", "screen", "1920x1080"},
        BadField{"RatioText", R"("type":"x","device_pixel_ratio":"2")", "device_pixel_ratio",
                 "must be a number"},
        BadField{"RatioZero", R"("type":"x","device_pixel_ratio":0)", "device_pixel_ratio",
                 "between"},
        BadField{"LanguageWords", R"("type":"x","language":"de DE!")", "language", "language tag"},
        BadField{"TimezoneSql", R"("type":"x","timezone":"a;drop")", "timezone", "zone name"},
        BadField{"ElementText", R"("type":"click","element":"a")", "element", "must be an object"},
        BadField{"ElementIdNumber", R"("type":"click","element":{"id":5})", "element.id", "text"},
        BadField{"ScrollMissing", R"("type":"scroll")", "scroll_percentage", "required"},
        BadField{"ScrollOver", R"("type":"scroll","scroll_percentage":101)", "scroll_percentage",
                 "between 0 and 100"},
        BadField{"FormMissing", R"("type":"form_submit")", "form", "required"},
        BadField{"FormArray", R"("type":"form_submit","form":[])", "form", "object"},
        BadField{"FormFieldsText", R"("type":"form_submit","form":{"fields":"x"})", "form.fields",
                 "object"},
        BadField{"FormMethod", R"("type":"form_submit","form":{"method":"P0ST"})", "form.method",
                 "letters"},
        BadField{"VisibilityWord", R"("type":"page_visibility","visibility":"gone")", "visibility",
                 "visible or hidden"},
        BadField{"VisibilityMissing", R"("type":"page_visibility")", "visibility", "required"},
        BadField{"IdentifyNobody", R"("type":"identify")", "user_id", "required"},
        BadField{"ItemsMissing", R"("type":"cart_add")", "items", "required"},
        BadField{"ItemsObject", R"("type":"cart_add","items":{})", "items", "array"},
        BadField{"ItemNoObject", R"("type":"cart_add","items":[5])", "items[0]", "object"},
        BadField{"ItemWithoutId", R"("type":"cart_add","items":[{"id":"a"},{"name":"b"}])",
                 "items[1].id", "required"},
        BadField{"ItemPriceText", R"("type":"cart_add","items":[{"id":"a","price":"5"}])",
                 "items[0].price", "number"},
        BadField{"ItemPriceNegative", R"("type":"cart_add","items":[{"id":"a","price":-5}])",
                 "items[0].price", "between"},
        BadField{"ItemQuantityZero", R"("type":"cart_add","items":[{"id":"a","quantity":0}])",
                 "items[0].quantity", "between"},
        BadField{"PurchaseOfNothing", R"("type":"purchase","order_id":"1")", "items", "revenue"},
        BadField{"RevenueNegative", R"("type":"purchase","revenue":-1)", "revenue", "between"},
        BadField{"RevenueText", R"("type":"purchase","revenue":"1")", "revenue", "number"},
        BadField{"WcRevenueWords", R"("type":"purchase","wc_revenue":"lots")", "wc_revenue",
                 "number"},
        BadField{"CurrencyLong", R"("type":"purchase","revenue":1,"currency":"EURO")", "currency",
                 "three letters"},
        BadField{"SearchNothing", R"("type":"search")", "query", "required"},
        BadField{"ShownWithoutDecision", R"("type":"recommendation_shown","items":[{"id":"a"}])",
                 "decision_id", "required"},
        BadField{"PerformanceText", R"("type":"performance","performance":{"lcp":"fast"})",
                 "performance.lcp", "number"},
        BadField{"DataText", R"("type":"x","data":"y")", "data", "object"},
        BadField{"TimeSeconds", R"("type":"x","timestamp":1763719200)", "timestamp",
                 "looks like seconds"},
        BadField{"TimeSecondsFraction", R"("type":"x","timestamp":1763719200.5)", "timestamp",
                 "looks like seconds"},
        BadField{"TimeMicroseconds", R"("type":"x","timestamp":1763719200000000)", "timestamp",
                 "microseconds"},
        BadField{"TimeYearOne", R"("type":"x","timestamp":"0001-01-01T00:00:00Z")", "timestamp",
                 "out of range"},
        BadField{"TimeYear9999", R"("type":"x","timestamp":"9999-12-31T23:59:59Z")", "timestamp",
                 "out of range"},
        BadField{"TimeZero", R"("type":"x","timestamp":0)", "timestamp", "out of range"},
        BadField{"TimeNegative", R"("type":"x","timestamp":-62135596800000)", "timestamp",
                 "out of range"},
        BadField{"TimeWithoutZone", R"("type":"x","timestamp":"2026-11-21T10:00:00")", "timestamp",
                 "zone"},
        BadField{"TimeNoDate", R"("type":"x","timestamp":"2026-02-30T10:00:00Z")", "timestamp",
                 "ISO 8601"},
        BadField{"TimeBool", R"("type":"x","timestamp":true)", "timestamp", "must be a time"},
        BadField{"TimeHuge", R"("type":"x","timestamp":1e300)", "timestamp", "microseconds"}),
    [](const auto& one) { return std::string(one.param.name); });

struct BadBody {
  const char* name;
  std::string body;
  const char* rule;
  ErrorCode code = ErrorCode::invalid_argument;
};

void PrintTo(const BadBody& bad, std::ostream* out) {
  *out << bad.name;
}

class BadBodyTest : public NativeCollectorTest, public ::testing::WithParamInterface<BadBody> {};

TEST_P(BadBodyTest, IsRefusedAsAWhole) {
  const Intake intake = collect(GetParam().body);
  ASSERT_TRUE(intake.refused);
  EXPECT_EQ(intake.refused->code(), GetParam().code);
  EXPECT_THAT(intake.refused->message(), HasSubstr(GetParam().rule));
  EXPECT_FALSE(intake.refused->field().empty());
  EXPECT_TRUE(intake.batch.empty());
  EXPECT_TRUE(intake.verdicts.empty());
}

std::string nested(int levels) {
  return R"({"type":"x","data":)" + std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']') + "}";
}

std::string many_events(int count) {
  std::string body = "[";
  for (int i = 0; i < count; ++i) body += i == 0 ? "{}" : ",{}";
  return body + "]";
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, BadBodyTest,
    ::testing::Values(
        BadBody{"Empty", "", "empty"}, BadBody{"Spaces", "  \n ", "empty"},
        BadBody{"Words", "hello", "not complete JSON"},
        BadBody{"Truncated", R"({"type":"pageview","url":"/a)", "not complete JSON"},
        BadBody{"TruncatedArray", R"([{"type":"x"},)", "not complete JSON"},
        BadBody{"TwoDocuments", R"({"type":"x"}{"type":"x"})", "not complete JSON"},
        BadBody{"RawNul", std::string("{\"type\":\"a\0b\"}", 14), "not complete JSON"},
        BadBody{"InvalidUtf8", "{\"type\":\"\xff\xfe\"}", "UTF-8"},
        BadBody{"LoneSurrogate", R"({"type":"x","title":"\ud800"})", "not complete JSON"},
        BadBody{"Number", "42", "event or an array"}, BadBody{"Null", "null", "event or an array"},
        BadBody{"NoEvents", "[]", "no events"},
        BadBody{"EmptyBatch", R"({"events":[]})", "no events"},
        BadBody{"EventsObject", R"({"events":{}})", "must be an array"},
        BadBody{"EventsNumber", R"({"type":"x","events":7})", "must be an array"},
        BadBody{"BatchWithoutEvents", R"({"type":"batch"})", "events is required"},
        BadBody{"Deep", nested(40), "nested deeper than 16"},
        BadBody{"VeryDeep", nested(100'000), "nested deeper than 16"},
        BadBody{"TooMany", many_events(1001), "more than 1000", ErrorCode::resource_exhausted},
        BadBody{"TooLong", std::string((1 << 20) + 1, ' '), "longer than 1048576",
                ErrorCode::resource_exhausted}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(NativeCollectorTest, UnknownSitesAndEventsWithoutOneAreRejected) {
  for (const char* body : {R"({"site":"6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c99","type":"x"})",
                           R"({"site":"nope","type":"x"})", R"({"site":5,"type":"x"})"}) {
    const Intake intake = collect(body);
    ASSERT_TRUE(intake.verdicts.at(0).error) << body;
    EXPECT_EQ(intake.verdicts[0].error->field(), "site");
    EXPECT_THAT(intake.verdicts[0].error->message(), HasSubstr("is not known"));
  }
  EXPECT_THAT(collect(R"({"type":"x"})").verdicts.at(0).error->message(), HasSubstr("required"));
}

/// What is not JSON by itself, between two events that are.
struct BadElement {
  const char* name;
  std::string text;
  const char* rule;
};
void PrintTo(const BadElement& one, std::ostream* out) { *out << one.name; }

class BadElementTest : public NativeCollectorTest,
                       public ::testing::WithParamInterface<BadElement> {};

TEST_P(BadElementTest, IsRejectedAloneAndTheOthersAreKept) {
  const std::string good = fmt::format(R"({{"site":"{}","type":"custom","name":"kept"}})", kShopId);
  for (const auto& [open, close, prefix] :
       {std::tuple{" [", "]\n", ""},
        std::tuple{R"({"type":"batch","events" : [)", "]}", "events"}}) {
    const Intake intake = collect(open + good + ", " + GetParam().text + " ," + good + close);
    ASSERT_FALSE(intake.refused) << intake.refused->message();
    EXPECT_EQ(intake.accepted_count, 2u);
    EXPECT_EQ(events_of(intake.batch).size(), 2u);
    ASSERT_EQ(intake.verdicts.size(), 3u);
    EXPECT_FALSE(intake.verdicts[0].error);
    EXPECT_FALSE(intake.verdicts[2].error);
    ASSERT_TRUE(intake.verdicts[1].error);
    EXPECT_EQ(intake.verdicts[1].error->field(), std::string(prefix) + "[1]");
    EXPECT_THAT(intake.verdicts[1].error->message(), HasSubstr(GetParam().rule));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, BadElementTest,
    ::testing::Values(BadElement{"InvalidUtf8", "{\"type\":\"a\xff\"}", "UTF-8"},
                      BadElement{"RawNul", std::string("{\"type\":\"a\0b\"}", 14), "complete JSON"},
                      BadElement{"LongNumber", R"({"type":"x","n":99999999999999999999})",
                                 "complete JSON"},
                      BadElement{"LoneSurrogate", R"({"type":"\ud800"})", "complete JSON"},
                      BadElement{"Deep", nested(40), "nested deeper than 16"},
                      BadElement{"BracketsInText", R"({"type":"]}\"[{", x})", "complete JSON"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(NativeCollectorTest, ABatchWithNothingButBrokenEventsIsAnError) {
  const Intake intake = collect("[{\"type\":\"\xff\"},{\"type\":\"\xfe\"}]");
  EXPECT_EQ(intake.rejected_count, 2u);
  EXPECT_EQ(intake.accepted_count, 0u);
}

TEST_F(NativeCollectorTest, BatchesDoNotNest) {
  const Intake intake = collect(fmt::format(
      R"({{"site":"{}","events":[{{"type":"x","events":[]}},{{"type":"batch"}}]}})", kShopId));
  ASSERT_EQ(intake.rejected_count, 2u);
  EXPECT_EQ(intake.verdicts[0].error->field(), "events[0].events");
  EXPECT_EQ(intake.verdicts[1].error->field(), "events[1].type");
}

TEST_F(NativeCollectorTest, RejectsAnEventThatIsTooLarge) {
  const Error error =
      reject(fmt::format(R"("type":"x","data":{{"a":"{}"}})", std::string(70'000, 'x')));
  EXPECT_EQ(error.code(), ErrorCode::resource_exhausted);
}

TEST_F(NativeCollectorTest, ALargeBodyDoesNotLiftTheDepthLimit) {
  ASSERT_EQ(collect(fmt::format(R"({{"site":"{}","type":"x","data":{{"a":"{}"}}}})", kShopId,
                                std::string(60'000, 'x')))
                .accepted_count,
            1u);
  EXPECT_TRUE(collect(nested(40)).refused);
}

TEST_F(NativeCollectorTest, ServesManyThreads) {
  std::vector<std::thread> threads;
  std::array<std::string, 4> visitors;
  std::array<std::size_t, 4> accepted{};
  for (std::size_t t = 0; t < visitors.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        RequestContext context = browser();
        const std::string agent = fmt::format("{} Thread/{}", testing::kFirefox, i % 7);
        context.user_agent = agent;
        const Intake intake = collect(
            context, fmt::format(R"({{"site":"{}","type":"pageview","url":"/{}"}})", kShopId, i));
        accepted[t] += intake.accepted_count;
        if (i % 7 == 0) visitors[t] = events_of(intake.batch).at(0).visitor_id;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < visitors.size(); ++t) {
    EXPECT_EQ(accepted[t], 200u);
    EXPECT_EQ(visitors[t], visitors[0]) << "one visitor, whoever asks";
  }
}

TEST_F(NativeCollectorTest, AnswersInTheDocumentedShape) {
  const Intake intake = collect(fmt::format(
      R"([{{"site":"{0}","type":"x","event_id":"{0}"}},{{"site":"{0}","type":"BAD"}}])", kShopId));
  EXPECT_EQ(answer_json(intake),
            fmt::format(R"({{"accepted":1,"rejected":1,"results":[)"
                        R"({{"index":0,"status":"accepted","event_id":"{}"}},)"
                        R"({{"index":1,"status":"rejected","error":{{"code":"invalid_argument",)"
                        R"("message":"[1].type must be 1 to 50 of a-z 0-9 _ . : -",)"
                        R"("field":"[1].type"}}}}]}})",
                        kShopId));
  const Intake nothing = collect(R"({"type":"x"})");
  EXPECT_THAT(answer_json(nothing), HasSubstr(R"({"error":{"code":"invalid_argument")"));
}

}  // namespace
}  // namespace attune::collect
