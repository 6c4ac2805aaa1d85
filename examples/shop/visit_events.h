// What a visit sends: the JSON of docs/formats/events.md, as the tracker on the demo's pages would
// send it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "shop/population.h"
#include "shop/taste.h"

namespace attune::shop {

struct VisitEvent {
  std::int64_t timestamp_ms = 0;
  std::string json;  // one event object; empty when only counting
};

/// A product and how many of it.
struct Line {
  const Product* product = nullptr;
  std::uint32_t quantity = 1;
};

/// Writes the events of one visit; their ids follow from site, session and number, so that the same
/// visit sent twice is the same events.
class VisitEvents {
 public:
  struct Who {
    Uuid site;
    std::string origin;      // "https://shop.example"
    std::string visitor_id;
    std::string session_id;
    Person person;
  };

  /// counting   true: only times are kept, for knowing how much there will be.
  VisitEvents(Who who, bool counting) : who_(std::move(who)), counting_(counting) {}

  const Who& who() const { return who_; }
  std::vector<VisitEvent>& pending() { return pending_; }
  /// The page that the following events happen on.
  void turn_to(std::string_view path, std::string_view query, std::string_view title);
  /// From here on the visitor is known by the shop's own name for them.
  void identify(std::int64_t at_ms);

  void pageview(std::int64_t at_ms, std::string_view referrer);
  void click(std::int64_t at_ms, std::string_view tag, std::string_view classes,
             std::string_view href);
  void scroll_depth(std::int64_t at_ms, int percentage);
  void visibility(std::int64_t at_ms, std::string_view state);
  void text_copy(std::int64_t at_ms, int length);
  void contact_form(std::int64_t at_ms, std::string_view topic);
  void search(std::int64_t at_ms, std::string_view words);
  /// type   product_view, product_click, cart_add, wishlist_add, cart_remove
  void commerce(std::int64_t at_ms, std::string_view type, Line line);
  void checkout(std::int64_t at_ms, int step, const std::vector<Line>& cart);
  void purchase(std::int64_t at_ms, std::string_view order_id, const std::vector<Line>& cart,
                double delivery);
  void recommendation(std::int64_t at_ms, std::string_view type, std::string_view decision_id,
                      const std::vector<const Product*>& products);

 private:
  class Json;
  void add(std::int64_t at_ms, std::string_view type, const Json& more);

  Who who_;
  bool counting_;
  bool known_ = false;
  std::uint32_t number_ = 0;
  std::string url_;
  std::string title_;
  std::vector<VisitEvent> pending_;
};

}  // namespace attune::shop
