#include "shop/visit.h"

#include <map>
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "shop/shop_pages.h"

namespace attune::shop {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kSeed = 20;
constexpr std::int64_t kStart = 1'795'996'800'000;

std::string id_of(const json::value& item) { return std::string(item.at("id").as_string()); }

struct Played {
  std::vector<json::object> events;
  VisitOutcome outcome;
};

/// Recommends the same four things to everybody and counts what it was asked.
class FixedRecommender final : public Recommender {
 public:
  explicit FixedRecommender(std::vector<const Product*> products)
      : products_(std::move(products)) {}
  std::optional<Recommended> recommend(const WidgetRequest& request) override {
    placements.insert(std::string(request.placement));
    EXPECT_EQ(request.placement == "product", !request.item.empty());
    return Recommended{"11111111-2222-4333-8444-555555555555", products_};
  }
  std::set<std::string> placements;

 private:
  std::vector<const Product*> products_;
};

class VisitTest : public testing::Test {
 protected:
  Visit visit(std::uint64_t visitor, bool counting = false) {
    VisitEvents events({.site = *Uuid::parse("aaaaaaaa-2222-4333-8444-555555555555"),
                        .origin = "https://shop.example",
                        .visitor_id = "v",
                        .session_id = "s-" + std::to_string(visitor),
                        .person = make_person(kSeed, visitor)},
                       counting);
    return Visit(catalogue, kSeed, visitor * 31, make_visitor(catalogue, kSeed, visitor),
                 std::move(events));
  }

  Played play(std::uint64_t visitor, Recommender* recommender = nullptr) {
    Visit playing = visit(visitor);
    std::optional<std::int64_t> due = kStart;
    while (due) due = playing.step(*due, recommender);
    Played played;
    for (const VisitEvent& event : playing.events().pending()) {
      played.events.push_back(json::parse(event.json).as_object());
      EXPECT_EQ(played.events.back().at("timestamp").as_int64(), event.timestamp_ms);
    }
    played.outcome = playing.outcome();
    return played;
  }

  std::map<std::string, int> count_types(int visitors, Recommender* recommender = nullptr) {
    std::map<std::string, int> types;
    for (int number = 0; number < visitors; ++number) {
      const Played played = play(static_cast<std::uint64_t>(number), recommender);
      for (const json::object& event : played.events) {
        ++types[std::string(event.at("type").as_string())];
      }
    }
    return types;
  }

  const Catalogue catalogue = *Catalogue::parse(catalogue_json());
};

TEST_F(VisitTest, RepeatsItselfExactly) {
  for (std::uint64_t visitor = 0; visitor < 50; ++visitor) {
    EXPECT_EQ(play(visitor).events, play(visitor).events);
  }
}

TEST_F(VisitTest, BeginsWithAPageAndKeepsItsTimesInOrder) {
  std::set<std::string> ids;
  for (std::uint64_t visitor = 0; visitor < 300; ++visitor) {
    const Played played = play(visitor);
    ASSERT_FALSE(played.events.empty());
    EXPECT_EQ(played.events.front().at("type"), "pageview");
    EXPECT_TRUE(played.events.front().contains("language"));
    EXPECT_EQ(played.events.back().at("type"), "page_visibility");
    for (const json::object& event : played.events) {
      EXPECT_GE(event.at("timestamp").as_int64(), kStart);
      EXPECT_LE(event.at("timestamp").as_int64(),
                played.events.back().at("timestamp").as_int64());
      const std::string_view url = event.at("url").as_string();
      EXPECT_TRUE(url.starts_with("https://shop.example/"));
      EXPECT_TRUE(ids.insert(std::string(event.at("event_id").as_string())).second)
          << "an event id came twice";
    }
  }
}

TEST_F(VisitTest, DoesEverythingPeopleDo) {
  auto types = count_types(1500);
  for (const char* type : {"pageview", "click", "scroll_depth", "page_visibility", "text_copy",
                           "form_submit", "search", "product_view", "product_click", "cart_add",
                           "wishlist_add", "checkout", "purchase", "identify"}) {
    EXPECT_GT(types[type], 0) << type;
  }
  EXPECT_EQ(types["recommendation_shown"], 0) << "without a recommender there is no widget";
  EXPECT_GT(types["purchase"], 15) << "at least one visit in a hundred orders";
  EXPECT_LT(types["purchase"], 100) << "and not one in fifteen";
}

TEST_F(VisitTest, ReportsWhatTheWidgetShowedAndWhatWasClicked) {
  FixedRecommender recommender({catalogue.find("monstera"), catalogue.find("harbour-mug"),
                                catalogue.find("iron-pan"), catalogue.find("reading-chair")});
  std::uint32_t shown = 0;
  std::uint32_t clicks = 0;
  for (std::uint64_t visitor = 0; visitor < 300; ++visitor) {
    const Played played = play(visitor, &recommender);
    std::uint32_t shown_here = 0;
    std::uint32_t clicked_here = 0;
    std::string clicked_item;
    for (const json::object& event : played.events) {
      const std::string_view type = event.at("type").as_string();
      if (type == "recommendation_shown") {
        shown_here += static_cast<std::uint32_t>(event.at("items").as_array().size());
      }
      if (type == "pageview" && !clicked_item.empty()) {
        EXPECT_EQ(event.at("url").as_string(),
                  "https://shop.example/product-" + clicked_item + ".html");
        clicked_item.clear();
      }
      if (type != "recommendation_click") continue;
      ++clicked_here;
      ASSERT_EQ(event.at("items").as_array().size(), 1U);
      clicked_item = std::string(event.at("items").at(0).at("id").as_string());
    }
    EXPECT_EQ(shown_here, played.outcome.items_shown);
    EXPECT_EQ(clicked_here, played.outcome.recommendation_clicks);
    shown += shown_here;
    clicks += clicked_here;
  }
  EXPECT_GT(clicks, 10U);
  EXPECT_LT(clicks, shown / 5);
  EXPECT_TRUE(recommender.placements.contains("home"));
  EXPECT_TRUE(recommender.placements.contains("product"));
}

TEST_F(VisitTest, ClicksWhatMatchesTheTasteMoreOften) {
  // Two people in one: those who love what is shown, and those who do not.
  int loving_clicks = 0;
  int loving_visits = 0;
  int other_clicks = 0;
  int other_visits = 0;
  for (std::uint64_t number = 0; number < 2000; ++number) {
    const Visitor visitor = make_visitor(catalogue, kSeed, number);
    if (!visitor.has_taste) continue;
    FixedRecommender plants({catalogue.find("monstera"), catalogue.find("snake-plant"),
                             catalogue.find("column-cactus"), catalogue.find("trailing-ivy")});
    const bool loving = visitor.category_weight[2] > 0.5;
    const int clicked = play(number, &plants).outcome.recommendation_clicks > 0 ? 1 : 0;
    (loving ? loving_clicks : other_clicks) += clicked;
    ++(loving ? loving_visits : other_visits);
  }
  EXPECT_GT(static_cast<double>(loving_clicks) / loving_visits,
            3.0 * other_clicks / other_visits);
}

TEST_F(VisitTest, CountsWithoutWritingWhatItWouldHaveWritten) {
  for (std::uint64_t visitor = 0; visitor < 100; ++visitor) {
    Visit counted = visit(visitor, true);
    std::optional<std::int64_t> due = kStart;
    while (due) due = counted.step(*due, nullptr);
    EXPECT_EQ(counted.events().pending().size(), play(visitor).events.size());
    for (const VisitEvent& event : counted.events().pending()) EXPECT_TRUE(event.json.empty());
  }
}

TEST_F(VisitTest, OrdersWhatIsInTheCart) {
  int orders = 0;
  for (std::uint64_t visitor = 0; visitor < 1500; ++visitor) {
    std::map<std::string, std::int64_t> cart;
    for (const json::object& event : play(visitor).events) {
      const std::string_view type = event.at("type").as_string();
      if (type == "cart_add") {
        const json::value& item = event.at("items").at(0);
        cart[id_of(item)] += item.at("quantity").to_number<std::int64_t>();
      }
      if (type != "purchase") continue;
      ++orders;
      double total = 4;
      std::map<std::string, std::int64_t> ordered;
      for (const json::value& item : event.at("items").as_array()) {
        ordered[id_of(item)] = item.at("quantity").to_number<std::int64_t>();
        total += item.at("price").to_number<double>() * item.at("quantity").to_number<double>();
      }
      EXPECT_EQ(ordered, cart);
      EXPECT_DOUBLE_EQ(event.at("revenue").to_number<double>(), total);
      cart.clear();
    }
  }
  EXPECT_GT(orders, 0);
}

}  // namespace
}  // namespace attune::shop
