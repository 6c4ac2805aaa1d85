#include "shop/visit_events.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace attune::shop {
namespace {

namespace json = boost::json;

json::object item_of(const Line& line) {
  return {{"id", line.product->id},         {"name", line.product->name},
          {"category", line.product->category}, {"brand", line.product->brand},
          {"price", line.product->price},   {"quantity", line.quantity}};
}

json::array items_of(const std::vector<Line>& lines) {
  json::array items;
  for (const Line& line : lines) items.push_back(item_of(line));
  return items;
}

}  // namespace

/// Keeps Boost.JSON out of the header.
class VisitEvents::Json {
 public:
  Json() = default;
  Json(json::object object) : object_(std::move(object)) {}  // NOLINT: a plain wrapper
  const json::object& object() const { return object_; }

 private:
  json::object object_;
};

void VisitEvents::turn_to(std::string_view path, std::string_view query, std::string_view title) {
  url_ = fmt::format("{}{}{}{}", who_.origin, path, query.empty() ? "" : "?", query);
  title_ = title;
}

void VisitEvents::add(std::int64_t at_ms, std::string_view type, const Json& more) {
  ++number_;
  if (counting_) {
    pending_.push_back({at_ms, {}});
    return;
  }
  const Uuid id = Uuid::from_name(who_.site, fmt::format("{}/{}", who_.session_id, number_));
  json::object event = {{"type", type},
                        {"event_id", id.text()},
                        {"timestamp", at_ms},
                        {"visitor_id", who_.visitor_id},
                        {"session_id", who_.session_id},
                        {"url", url_},
                        {"title", title_},
                        {"user_agent", who_.person.user_agent},
                        {"ip", who_.person.ip}};
  if (known_) event["user_id"] = who_.person.user_id;
  for (const auto& pair : more.object()) event[pair.key()] = pair.value();
  pending_.push_back({at_ms, json::serialize(event)});
}

void VisitEvents::identify(std::int64_t at_ms) {
  if (known_ || who_.person.user_id.empty()) return;
  known_ = true;
  add(at_ms, "identify", {});
}

void VisitEvents::pageview(std::int64_t at_ms, std::string_view referrer) {
  json::object more = {{"screen", who_.person.screen},
                       {"viewport", who_.person.viewport},
                       {"device_pixel_ratio", who_.person.device_pixel_ratio},
                       {"language", who_.person.language},
                       {"timezone", who_.person.timezone}};
  if (!referrer.empty()) more["referrer"] = referrer;
  add(at_ms, "pageview", std::move(more));
}

void VisitEvents::click(std::int64_t at_ms, std::string_view tag, std::string_view classes,
                        std::string_view href) {
  json::object element = {{"tag", tag}, {"classes", classes}};
  if (!href.empty()) element["href"] = fmt::format("{}{}", who_.origin, href);
  add(at_ms, "click", json::object{{"element", std::move(element)}});
}

void VisitEvents::scroll_depth(std::int64_t at_ms, int percentage) {
  add(at_ms, "scroll_depth", json::object{{"scroll_percentage", percentage}});
}

void VisitEvents::visibility(std::int64_t at_ms, std::string_view state) {
  add(at_ms, "page_visibility", json::object{{"visibility", state}});
}

void VisitEvents::text_copy(std::int64_t at_ms, int length) {
  add(at_ms, "text_copy", json::object{{"text_length", length}});
}

void VisitEvents::contact_form(std::int64_t at_ms, std::string_view topic) {
  json::object form = {{"id", "contact"},
                       {"action", who_.origin + "/contact.html"},
                       {"method", "post"},
                       {"fields", json::object{{"topic", topic}}}};
  add(at_ms, "form_submit", json::object{{"form", std::move(form)}});
}

void VisitEvents::search(std::int64_t at_ms, std::string_view words) {
  add(at_ms, "search", json::object{{"query", words}});
}

void VisitEvents::commerce(std::int64_t at_ms, std::string_view type, Line line) {
  add(at_ms, type, json::object{{"items", items_of({line})}, {"currency", "EUR"}});
}

void VisitEvents::checkout(std::int64_t at_ms, int step, const std::vector<Line>& cart) {
  add(at_ms, "checkout",
      json::object{{"checkout_step", step}, {"items", items_of(cart)}, {"currency", "EUR"}});
}

void VisitEvents::purchase(std::int64_t at_ms, std::string_view order_id,
                           const std::vector<Line>& cart, double delivery) {
  double revenue = delivery;
  for (const Line& line : cart) revenue += line.product->price * line.quantity;
  add(at_ms, "purchase",
      json::object{{"order_id", order_id},
                   {"revenue", revenue},
                   {"currency", "EUR"},
                   {"items", items_of(cart)}});
}

void VisitEvents::recommendation(std::int64_t at_ms, std::string_view type,
                                 std::string_view decision_id,
                                 const std::vector<const Product*>& products) {
  json::array items;
  for (const Product* product : products) items.push_back(json::object{{"id", product->id}});
  add(at_ms, type, json::object{{"decision_id", decision_id}, {"items", std::move(items)}});
}

}  // namespace attune::shop
