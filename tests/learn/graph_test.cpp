// The edges of a graph from tables written by hand, the same on both engines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "learn/graph.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::learn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kNowMs = 1'795'255'200'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;

class GraphTest : public testing::TestWithParam<store::Engine> {
 protected:
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    if (GetParam() == store::Engine::duckdb) {
      open(store::open_duckdb({}));
      return;
    }
    const std::string binaries = store::newest_postgres();
    if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL: nothing checked";
    if (!cluster_) cluster_ = std::make_unique<store::Cluster>(binaries);
    const std::string name = "graph_" + std::to_string(++databases_);
    ASSERT_EQ(cluster_->feed("create database " + name + ";").output, "");
    open(store::open_postgres({.url = cluster_->url(name)}));
  }

  void open(Result<std::unique_ptr<store::Store>> opened) {
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
    const auto migrated = store_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
    session_ = *store_->session();
  }

  void append(const std::string& table, const store::ColumnBatch& batch) {
    const auto done = session_->append(table, batch);
    ASSERT_TRUE(done) << done.error().message();
  }

  struct Product {
    std::int64_t id = 0;
    std::string item;
    std::string category;
    std::string brand;
    double price = 0;
    bool hidden = false;
  };
  void add_products(const Uuid& site, const std::vector<Product>& products) {
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& site_id = batch.add_text("site_id");
    auto& item = batch.add_text("external_id");
    auto& category = batch.add_text("category");
    auto& brand = batch.add_text("brand");
    auto& price = batch.add_decimal("price", 4);
    auto& currency = batch.add_text("currency");
    auto& hidden = batch.add_bool("hidden");
    for (const Product& product : products) {
      id.push(product.id);
      site_id.push(site.text());
      item.push(product.item);
      category.push(product.category);
      brand.push(product.brand);
      price.push(static_cast<std::int64_t>(product.price * 10'000));
      currency.push("EUR");
      hidden.push(product.hidden);
    }
    append("product", batch);
  }

  void add_users(const Uuid& site, const std::vector<std::pair<std::int64_t, std::string>>& users) {
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& site_id = batch.add_text("site_id");
    auto& external = batch.add_text("external_id");
    for (const auto& [number, name] : users) {
      id.push(number);
      site_id.push(site.text());
      external.push(name);
    }
    append("users", batch);
  }

  struct Interaction {
    std::int64_t user = 0;
    std::int64_t product = 0;
    std::string type;
    std::string session;
    std::int64_t minute = 0;   // before now
  };
  void add_interactions(const Uuid& site, const std::vector<Interaction>& interactions) {
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& user = batch.add_int64("user_id");
    auto& product = batch.add_int64("product_id");
    auto& type = batch.add_text("interaction_type");
    auto& session = batch.add_text("session_id");
    auto& time = batch.add_timestamp("timestamp");
    auto& site_id = batch.add_text("site_id");
    auto& item = batch.add_text("item_id");
    for (const Interaction& each : interactions) {
      id.push(next_id_++);
      user.push(each.user);
      product.push(each.product);
      type.push(each.type);
      session.push(each.session);
      time.push(store::Timestamp::from_ms(kNowMs - each.minute * kMinuteMs));
      site_id.push(site.text());
      item.push("p" + std::to_string(each.product));
    }
    append("user_product_interactions", batch);
  }

  void add_pages(const Uuid& site, std::int64_t session_key,
                 const std::vector<std::pair<std::string, std::int64_t>>& pages) {
    const bool duckdb = GetParam() == store::Engine::duckdb;
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& key = batch.add_int64("session_key");
    auto& session = batch.add_text("session_id");
    auto& visitor = batch.add_text("visitor_id");
    auto& site_id = batch.add_text("site_id");
    auto& url = batch.add_text("url");
    auto& path = batch.add_text("path");
    auto& time = batch.add_timestamp("view_timestamp");
    auto& internal = batch.add_bool("internal_referrer");
    for (const auto& [page, minute] : pages) {
      id.push(next_id_++);
      key.push(session_key);
      session.push("s");
      visitor.push("v");
      site_id.push(site.text());
      url.push("https://shop.example" + page);
      path.push(page);
      time.push(store::Timestamp::from_ms(kNowMs - minute * kMinuteMs));
      internal.push(false);
    }
    append(duckdb ? "pageviews_cold" : "pageviews", batch);
  }

  struct Search {
    std::string visitor;
    std::string user;   // empty: not known
    std::string query;
    std::int64_t minute = 0;
    bool is_bot = false;
  };
  void add_searches(const Uuid& site, const std::vector<Search>& searches) {
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& type = batch.add_text("event_type");
    auto& visitor = batch.add_text("visitor_id");
    auto& user = batch.add_text("user_id");
    auto& site_id = batch.add_text("site_id");
    auto& time = batch.add_timestamp("timestamp");
    auto& raw = batch.add_json("raw_event_data");
    auto& bot = batch.add_bool("is_bot");
    for (const Search& search : searches) {
      id.push(next_id_++);
      type.push("search");
      visitor.push(search.visitor);
      if (search.user.empty()) user.push_null();
      else user.push(search.user);
      site_id.push(site.text());
      time.push(store::Timestamp::from_ms(kNowMs - search.minute * kMinuteMs));
      raw.push(fmt::format(R"({{"query":"{}"}})", search.query));
      bot.push(search.is_bot);
    }
    append("events_log", batch);
  }

  /// "User ann -> Product p1, 2, 30..20": weight, then minutes before now of first and last.
  std::vector<std::string> edges(const Uuid& site, const std::string& type) {
    const auto rows = session_->query_text(fmt::format(
        "select from_type, from_id, to_type, to_id, weight, first_at, last_at, updated_at "
        "from graph_edges where site_id = '{}' and edge_type = '{}' order by from_id, to_id",
        site.text(), type));
    EXPECT_TRUE(rows) << rows.error().message();
    std::vector<std::string> found;
    const auto minutes = [](const store::Value& value) {
      return (kNowMs - std::get<store::Timestamp>(value).us / 1000) / kMinuteMs;
    };
    for (const auto& row : rows->rows) {
      EXPECT_EQ(row[7], store::Value(store::Timestamp::from_ms(kNowMs)));
      found.push_back(fmt::format("{} {} -> {} {}, {}, {}..{}", std::get<std::string>(row[0]),
                                  std::get<std::string>(row[1]), std::get<std::string>(row[2]),
                                  std::get<std::string>(row[3]), std::get<double>(row[4]),
                                  minutes(row[5]), minutes(row[6])));
    }
    return found;
  }

  void add_shop(const Uuid& site) {
    add_products(site, {{1, "p1", "shoes", "Ari", 100},
                        {2, "p2", "shoes", "Ari", 80},
                        {3, "p3", "shoes", "Ari", 50},
                        {4, "p4", "shoes", "Bo", 100},
                        {5, "p5", "", "Bo", 100},
                        {6, "p6", "shoes", "Ari", 90, true}});
    add_users(site, {{11, "ann"}, {12, "bob"}});
    add_interactions(site, {{11, 1, "VIEW", "s1", 100},
                            {11, 2, "VIEW", "s1", 99},
                            {11, 1, "VIEW", "s1", 98},
                            {11, 1, "CART_ADD", "s1", 97},
                            {11, 1, "PURCHASE", "s1", 96},
                            {11, 2, "PURCHASE", "s1", 96},
                            {11, 3, "PURCHASE", "s1", 90},
                            {12, 1, "VIEW", "s2", 50},
                            {12, 2, "VIEW", "s2", 49},
                            {12, 3, "VIEW", "s2", 48},
                            {12, 4, "CLICK", "s2", 47},
                            {12, 4, "VIEW", "s3", 31 * 24 * 60}});
    add_pages(site, 7, {{"/", 50}, {"/a", 49}, {"/a", 48}, {"/b", 47}, {"/", 46}, {"/a", 45}});
    add_pages(site, 8, {{"/", 44}, {std::string(256, 'x'), 43}});
    add_searches(site, {{"v1", "ann", "Red  Shoes ", 30},
                        {"v1", "ann", "red  shoes", 20},
                        {"v2", "", "hats", 10},
                        {"v3", "", "crawled", 5, true}});
  }

  static inline std::unique_ptr<store::Cluster> cluster_;
  static inline int databases_ = 0;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
  const Uuid site_ = *Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479");
  const Uuid other_ = *Uuid::parse("a47ac10b-58cc-4372-a567-0e02b2c3d479");
  std::int64_t next_id_ = 1;
};

TEST_P(GraphTest, HasTheEdgesOfTheTables) {
  add_shop(site_);
  const auto report = refresh_graph(*session_, site_, kNowMs);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(edges(site_, "VIEWED"),
              ElementsAre("User ann -> Product p1, 2, 100..98", "User ann -> Product p2, 1, 99..99",
                          "User bob -> Product p1, 1, 50..50", "User bob -> Product p2, 1, 49..49",
                          "User bob -> Product p3, 1, 48..48"))
      << "neither the click nor what is older than 30 days";
  EXPECT_THAT(edges(site_, "ADDED_TO_CART"), ElementsAre("User ann -> Product p1, 1, 97..97"));
  EXPECT_THAT(edges(site_, "PURCHASED"),
              ElementsAre("User ann -> Product p1, 1, 96..96", "User ann -> Product p2, 1, 96..96",
                          "User ann -> Product p3, 1, 90..90"));
  EXPECT_THAT(edges(site_, "SEARCHED_FOR"),
              ElementsAre("User ann -> Event red  shoes, 2, 30..20",
                          "User v2 -> Event hats, 1, 10..10"));
  EXPECT_THAT(edges(site_, "NAVIGATED_TO"),
              ElementsAre("Page / -> Page /a, 2, 49..45", "Page /a -> Page /b, 1, 47..47",
                          "Page /b -> Page /, 1, 46..46"));
  EXPECT_THAT(edges(site_, "BOUGHT_TOGETHER"),
              ElementsAre("Product p1 -> Product p2, 1, 96..96",
                          "Product p2 -> Product p1, 1, 96..96"))
      << "p3 was another purchase";
  EXPECT_THAT(edges(site_, "VIEWED_TOGETHER"),
              ElementsAre("Product p1 -> Product p2, 2, 98..49",
                          "Product p1 -> Product p3, 1, 48..48",
                          "Product p2 -> Product p1, 2, 98..49",
                          "Product p2 -> Product p3, 1, 48..48",
                          "Product p3 -> Product p1, 1, 48..48",
                          "Product p3 -> Product p2, 1, 48..48"));
  EXPECT_EQ(report->edges.size(), 9U);
}

TEST_P(GraphTest, ProductsAreNearByCategoryBrandAndPrice) {
  add_shop(site_);
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs));
  const auto to = [&](const std::string& type) {
    std::vector<std::string> found;
    for (const std::string& edge : edges(site_, type)) {
      found.push_back(edge.substr(0, edge.rfind(", ")));
    }
    return found;
  };
  EXPECT_THAT(to("IN_CATEGORY"),
              ElementsAre("Product p1 -> Category shoes, 1", "Product p2 -> Category shoes, 1",
                          "Product p3 -> Category shoes, 1", "Product p4 -> Category shoes, 1"));
  EXPECT_THAT(to("SEMANTICALLY_SIMILAR"),
              ElementsAre("Product p1 -> Product p2, 0.8", "Product p2 -> Product p1, 0.8"))
      << "p3 is too cheap, p4 of another brand, p6 hidden";
}

TEST_P(GraphTest, OnlyTheStrongestNeighboursOfAVertexAreKept) {
  add_shop(site_);
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs, {.days = 30, .neighbours_max = 1}));
  EXPECT_THAT(edges(site_, "VIEWED"), ElementsAre("User ann -> Product p1, 2, 100..98",
                                                  "User bob -> Product p3, 1, 48..48"));
  EXPECT_THAT(edges(site_, "VIEWED_TOGETHER"),
              ElementsAre("Product p1 -> Product p2, 2, 98..49",
                          "Product p2 -> Product p1, 2, 98..49",
                          "Product p3 -> Product p1, 1, 48..48"));
}

TEST_P(GraphTest, SitesDoNotMeet) {
  add_shop(site_);
  add_products(other_, {{1, "p1", "hats", "Ari", 10}});
  add_users(other_, {{11, "zoe"}});
  add_interactions(other_, {{11, 1, "VIEW", "s1", 99}});
  add_pages(other_, 7, {{"/zoe", 50}});
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs));
  const auto before = edges(site_, "VIEWED_TOGETHER");
  EXPECT_THAT(edges(other_, "VIEWED"), IsEmpty()) << "not refreshed yet";
  const auto report = refresh_graph(*session_, other_, kNowMs);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(report->edges, ElementsAre(std::pair<std::string, std::int64_t>("IN_CATEGORY", 1),
                                         std::pair<std::string, std::int64_t>("VIEWED", 1)));
  EXPECT_THAT(edges(other_, "VIEWED"), ElementsAre("User zoe -> Product p1, 1, 99..99"));
  EXPECT_EQ(edges(site_, "VIEWED_TOGETHER"), before);
}

TEST_P(GraphTest, ARefreshFollowsTheTables) {
  add_shop(site_);
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs));
  const auto same = edges(site_, "VIEWED");
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs));
  EXPECT_EQ(edges(site_, "VIEWED"), same) << "not twice";
  add_interactions(site_, {{12, 4, "VIEW", "s4", 1}});
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs));
  EXPECT_EQ(edges(site_, "VIEWED").size(), same.size() + 1);
}

// Imported history of other years: the window ends with it.
TEST_P(GraphTest, WindowCountsFromTheNewestVisit) {
  add_products(site_, {{1, "p1", "", "", 1}});
  add_users(site_, {{11, "ann"}});
  constexpr std::int64_t kYear = 365 * kDayMs / kMinuteMs;
  add_interactions(site_, {{11, 1, "VIEW", "s1", 2 * kYear}, {11, 1, "VIEW", "s0", 3 * kYear}});
  ASSERT_TRUE(refresh_graph(*session_, site_, kNowMs));
  EXPECT_THAT(edges(site_, "VIEWED"),
              ElementsAre(fmt::format("User ann -> Product p1, 1, {0}..{0}", 2 * kYear)));
}

INSTANTIATE_TEST_SUITE_P(Engines, GraphTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         [](const auto& engine) { return std::string(to_string(engine.param)); });

}  // namespace
}  // namespace attune::learn
