// A shop's events under the names that others give its fields: through the collector and the C++
// ETL, and as raw rows through the procedures of PostgreSQL. Both say the same of what was viewed,
// bought and scrolled.
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "collect/collect_fixture.h"
#include "etl/consumer.h"
#include "etl/json_equal.h"
#include "etl/memory_journal.h"
#include "etl/random_stream.h"
#include "etl/table_dump.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kStartMs = 1'772'000'000'000;   // 2026-02-25 06:13:20 UTC

constexpr const char* kInteractions =
    "select interaction_type, item_id, visitor_id, cast(quantity as varchar), "
    "cast(price as varchar), cast(reward as varchar), context, session_id "
    "from user_product_interactions order by timestamp, item_id";
constexpr const char* kOrders =
    "select order_id, cast(revenue as varchar), currency, cast(item_count as varchar), session_id "
    "from orders order by order_timestamp";
constexpr const char* kEvents =
    "select event_type, cast(scroll_percentage as varchar), page_path from user_events "
    "order by event_timestamp, event_type";
constexpr const char* kProducts =
    "select external_id, category, name, cast(price as varchar), currency from product "
    "order by external_id";
constexpr const char* kSessions =
    "select session_id, cast(pageview_count as varchar), cast(event_count as varchar), "
    "cast(bounce as varchar) from user_sessions order by session_id";
constexpr const char* kPages =
    "select path, cast(time_on_page_seconds as varchar) from pageviews order by view_timestamp";

/// An event of a shop, as somebody's program makes it: its type, and the other members as JSON.
struct Sent {
  std::string type;
  std::string members;
  std::int64_t at_ms = 0;
};

class ShopFieldsTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string binaries = store::newest_postgres();
    if (binaries.empty()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    cluster_ = std::make_unique<store::Cluster>(binaries);
    postgres_ = std::move(*store::open_postgres({.url = cluster_->url()}));
    const auto migrated = postgres_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
    cluster_->feed(fmt::format("insert into website (website_id, site_id, domain, name) values "
                               "('{0}', '{0}', 'shop.example', 'shop');", site_));
    duckdb_ = memory_store();
  }

  /// Gives the events to both; the procedures get what the client sent, word for word.
  void send(const std::vector<Sent>& events) {
    const collect::NativeCollector collector(collect::testing::shared_enricher(), {});
    event::SiteSnapshot sites;
    event::Site site;
    site.id = test_sites()[0].id;
    site.domain = "shop.example";
    sites.by_id[site.id] = site;
    std::string script;
    for (const Sent& sent : events) {
      const std::string members = "{" + sent.members + "}";
      collect::RequestContext context;
      context.received_ms = sent.at_ms;
      context.trusted = true;
      context.key_site = site.id;
      collect::Intake intake = collector.collect(
          sites, context,
          fmt::format(R"({{"type":"{}","session_id":"s1","visitor_id":"v1","timestamp":{},)"
                      R"("url":"https://shop.example/p",{}}})",
                      sent.type, sent.at_ms, sent.members));
      ASSERT_EQ(intake.accepted_count, 1U) << sent.type << " " << members << " "
                                           << collect::answer_json(intake);
      journal_.append(std::move(intake.batch), [](Result<journal::Position>) {});
      script += fmt::format(
          "insert into events_log (event_type, session_id, visitor_id, site_id, timestamp, url, "
          "created_at, raw_event_data) values ('{}', 's1', 'v1', '{}', to_timestamp({}::numeric / "
          "1000), 'https://shop.example/p', to_timestamp({}::numeric / 1000), '{}');\n",
          sent.type, site_, sent.at_ms, sent.at_ms, members);
    }
    ASSERT_EQ(cluster_->feed(script + "call process_events_batch(100000);").output, "");
    Consumer consumer(journal_, *duckdb_, directory_, clock_, {});
    ASSERT_TRUE(consumer.run_until(journal_.durable_end()));
  }

  using Cells = std::vector<std::string>;

  static std::vector<Cells> rows(store::Store& store, const char* sql) {
    const auto session = std::move(*store.session());
    const auto asked = session->query_text(sql);
    EXPECT_TRUE(asked) << asked.error().message();
    std::vector<Cells> out;
    for (const auto& row : asked->rows) {
      Cells& cells = out.emplace_back();
      for (const store::Value& value : row) {
        const auto* text = std::get_if<std::string>(&value);
        const auto* json = std::get_if<store::Json>(&value);
        cells.push_back(text != nullptr ? *text : json != nullptr ? json->text : "-");
      }
    }
    return out;
  }

  /// The same rows on both engines; JSON by what it says.
  void expect_equal(const char* sql) {
    const auto first = rows(*duckdb_, sql);
    auto second = rows(*postgres_, sql);
    ASSERT_EQ(first.size(), second.size()) << sql;
    for (std::size_t at = 0; at < first.size(); ++at) {
      for (std::size_t cell = 0; cell < first[at].size(); ++cell) {
        if (same_json(first[at][cell], second[at][cell])) second[at][cell] = first[at][cell];
      }
      EXPECT_EQ(first[at], second[at]) << "row " << at << " of " << sql;
    }
  }

  const std::string site_ = test_sites()[0].id.text();
  std::unique_ptr<store::Cluster> cluster_;
  std::unique_ptr<store::Store> postgres_;
  std::unique_ptr<store::Store> duckdb_;
  MemoryJournal journal_;
  const FixedSites directory_{test_sites()};
  const RealClock clock_;
};

TEST_F(ShopFieldsTest, AreReadUnderTheirNamesAsFieldsAndInCustomData) {
  const std::int64_t t = kStartMs;
  send({
      {"pageview", R"("title": "Tea", "wc_product_id": 7, "wc_category_id": "tea")", t},
      {"scroll_depth", R"("data": {"scroll_depth": "75", "time_on_page": "12.5"})", t + 20'000},
      {"add_to_cart", R"("data": {"wc_product_id": "7", "wc_category_id": "tea",
        "wc_cart_value": "9.90", "colour": "green"})", t + 30'000},
      {"begin_checkout", R"("wc_cart_value": 9.9, "wc_checkout_step": 2)", t + 40'000},
      {"purchase", R"("wc_product_id": 7, "wc_order_id": 1000012, "wc_revenue": "9.90",
        "wc_checkout_step": "paid")", t + 50'000},
  });
  const auto interactions = rows(*duckdb_, kInteractions);
  ASSERT_EQ(interactions.size(), 3U);
  EXPECT_EQ(interactions[0][0], "VIEW");
  EXPECT_EQ(interactions[0][1], "7");
  EXPECT_TRUE(same_json(interactions[1][6],
                        R"({"category":"tea","page":"/p","cart_value":9.9})"));
  EXPECT_TRUE(same_json(interactions[2][6], R"({"page":"/p","order_id":"1000012","revenue":9.9,
    "checkout_step":"paid"})")) << interactions[2][6];
  EXPECT_EQ(rows(*duckdb_, kOrders),
            (std::vector<Cells>{{"1000012", "9.9000", "EUR", "1", "s1"}}));
  EXPECT_EQ(rows(*duckdb_, kEvents)[0], (Cells{"scroll_depth", "75", "/p"}));
  EXPECT_EQ(rows(*duckdb_, kProducts), (std::vector<Cells>{{"7", "tea", "-", "-", "-"}}));
  for (const char* sql : {kInteractions, kOrders, kEvents, kProducts, kSessions, kPages}) {
    expect_equal(sql);
  }
}

TEST_F(ShopFieldsTest, SayTheSameToBothInAnyCombination) {
  std::mt19937_64 random(20261121);
  const auto pick = [&](std::initializer_list<const char*> of) {
    return std::string(*(of.begin() + static_cast<std::ptrdiff_t>(random() % of.size())));
  };
  const auto number = [&](double up_to) {
    const std::string text =
        fmt::format("{}", static_cast<double>(random() % 1000) * up_to / 1000);
    return random() % 2 == 0 ? text : "\"" + text + "\"";
  };
  std::vector<Sent> events;
  for (int at = 0; at < 400; ++at) {
    // Each field is somewhere, twice, or nowhere; in the custom data it may be unusable.
    std::string own = fmt::format(R"("title": "n {}")", at);
    std::string data = R"("n": 1)";
    const auto put = [&](const char* name, const std::string& value) {
      const auto where = random() % 5;
      if (where == 0 || where == 1) own += fmt::format(R"(, "{}": {})", name, value);
      if (where == 1 || where == 2) data += fmt::format(R"(, "{}": {})", name, value);
      if (where == 3 && random() % 4 == 0) data += fmt::format(R"(, "{}": [true])", name);
    };
    const std::string product = pick({"7", "\"8\"", "\"p-9\""});
    put("wc_category_id", pick({"3", "\"tea\""}));
    put("wc_cart_value", number(100));
    put("wc_checkout_step", pick({"1", "\"pay\""}));
    put("wc_order_id", pick({"1001", "\"A-1\""}));
    put("wc_revenue", number(500));
    put("scroll_depth", number(100));
    put("time_on_page", number(60));
    if (random() % 8 == 0) own += R"(, "revenue": 42.5, "order_id": "own", "currency": "USD")";
    if (random() % 8 == 0) own += R"(, "scroll_percentage": 33)";
    if (random() % 8 == 0) {
      own += R"(, "items": [{"item_id": "i1", "price": 2.5, "quantity": 3}, {"id": "i2"}])";
    }
    // The kinds that need a product or a scroll position have one.
    const std::string type =
        pick({"pageview", "product_view", "view_item", "add_to_cart", "remove_from_cart",
              "add_to_wishlist", "purchase", "begin_checkout", "checkout", "newsletter"});
    (random() % 2 == 0 ? own : data) += R"(, "wc_product_id": )" + product;
    events.push_back({type, own + R"(, "data": {)" + data + "}",
                      kStartMs + at * 10'000 + static_cast<std::int64_t>(random() % 5000)});
  }
  send(events);
  EXPECT_GT(rows(*duckdb_, kInteractions).size(), 200U);
  EXPECT_GT(rows(*duckdb_, kOrders).size(), 10U);
  for (const char* sql : {kInteractions, kOrders, kEvents, kProducts, kSessions, kPages}) {
    expect_equal(sql);
  }
}

}  // namespace
}  // namespace attune::etl
