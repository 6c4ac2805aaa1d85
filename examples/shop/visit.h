// One visit to the demo shop, page by page: a person with a taste looks, scrolls, clicks, fills the
// cart, orders or leaves. Every choice comes from the visit's own seed and from what the shop
// recommends to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shop/population.h"
#include "shop/random.h"
#include "shop/taste.h"
#include "shop/visit_events.h"

namespace attune::shop {

/// What the widget of a page got.
struct Recommended {
  std::string decision_id;               // empty: not recorded, so nothing is reported back
  std::vector<const Product*> products;  // in the order shown; unknown ones left out
};

struct WidgetRequest {
  std::string_view visitor_id;
  std::string_view session_id;
  std::string_view item;                 // of a product page, or empty
  std::string_view placement;
  std::uint32_t count = 4;
};

class Recommender {
 public:
  virtual ~Recommender() = default;
  /// What is recommended; nullopt when the widget stays empty.
  virtual std::optional<Recommended> recommend(const WidgetRequest& request) = 0;
};

/// What came of a visit, apart from its events.
struct VisitOutcome {
  std::uint32_t items_shown = 0;
  std::uint32_t recommendation_clicks = 0;
  std::uint32_t orders = 0;
};

class Visit {
 public:
  /// catalogue   outlives the visit.
  /// key         with `seed` and the visitor decides everything this visit draws.
  /// events      written to as the visit goes on; take them from `events().pending()`.
  Visit(const Catalogue& catalogue, std::uint64_t seed, std::uint64_t key, Visitor visitor,
        VisitEvents events);

  /// Ends the time on the current page, if there is one, and opens the next.
  ///
  /// now_ms        not before the previous step; what happened on the page lies between the two.
  /// recommender   null: the pages have no widget.
  /// Returns       when the visitor will be done with the new page; nullopt: they have left.
  std::optional<std::int64_t> step(std::int64_t now_ms, Recommender* recommender);

  VisitEvents& events() { return events_; }
  const Visitor& visitor() const { return visitor_; }
  const VisitOutcome& outcome() const { return outcome_; }
  /// Products whose pages were opened, in order.
  const std::vector<const Product*>& viewed() const { return viewed_; }

 private:
  enum class Kind {
    home, listing, category, product, search, cart, checkout, thanks, contact, article
  };
  struct Page {
    Kind kind = Kind::home;
    std::string path = "/index.html";
    std::string query;
    std::string title = "Things for a quiet home";
    std::string category;              // of a category page, a product's, or what was searched for
    const Product* product = nullptr;  // of a product page
    int checkout_step = 0;
  };

  static Page home();
  static Page listing();
  static Page category_page(std::string category);
  static Page product_page(const Product& product);
  static Page article(Random& random);
  Page landing();
  void open(Page page, std::int64_t now_ms, Recommender* recommender);
  void ask(Recommender& recommender);
  void look_around(std::int64_t now_ms);
  void consider_product(std::int64_t now_ms);
  std::optional<Page> leave_or_next(std::int64_t now_ms);
  std::optional<Page> clicked_recommendation(std::int64_t now_ms);
  std::optional<Page> towards_order(std::int64_t now_ms);
  Page browse(std::int64_t now_ms);
  Page search_page();
  Page follow_product(std::int64_t now_ms, const Product& product);
  const Product& attractive(std::string_view category);
  std::string attractive_category();
  bool was_viewed(const Product& product) const;
  double dwell_ms();
  std::int64_t during(double share, std::int64_t now_ms) const;

  const Catalogue& catalogue_;
  Random random_;
  Visitor visitor_;
  VisitEvents events_;
  Entry entry_;
  std::string referrer_;
  std::optional<Page> page_;
  std::int64_t opened_ms_ = 0;
  std::uint32_t pages_ = 0;
  int read_percentage_ = 0;
  std::optional<Recommended> recommended_;
  std::vector<const Product*> viewed_;
  std::vector<Line> cart_;
  VisitOutcome outcome_;
};

}  // namespace attune::shop
