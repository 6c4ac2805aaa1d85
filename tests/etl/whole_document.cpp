#include "etl/whole_document.h"

#include <string_view>

#include <fmt/format.h>
#include <simdjson.h>

namespace attune::etl {
namespace {

/// Members in the order they are added; those without a value are left out.
class Members {
 public:
  void raw(std::string_view key, std::string_view json) {
    if (json.empty()) return;
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", key, json);
  }
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) raw(key, quoted(value));
  }
  void number(std::string_view key, double value) { raw(key, fmt::format("{}", value)); }
  void size(std::string_view key, int width, int height) {
    if (width != 0 || height != 0) raw(key, fmt::format("[{},{}]", width, height));
  }
  bool empty() const { return text_.empty(); }
  std::string object() const { return "{" + text_ + "}"; }

 private:
  static std::string quoted(std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    return text + '"';
  }

  std::string text_;
};

void add_visit(const event::Event& event, Members& members) {
  if (event.has_client_event_id) members.raw("client_event_id", "true");
  members.text("client_session_id", event.session_id);
  if (event.stream != 0) members.number("stream", event.stream);
  if (event.is_bot) members.raw("is_bot", "true");
  members.text("user_id", event.user_id);
  members.text("title", event.title);
  members.text("referrer", event.referrer);
  members.text("query_params", event.query);
  members.text("hash_fragment", event.fragment);
  members.text("referrer_type", event::to_string(event.referrer_type));
  members.text("referrer_platform", event.referrer_platform);
  members.text("utm_source", event.utm_source);
  members.text("utm_medium", event.utm_medium);
  members.text("utm_campaign", event.utm_campaign);
  members.text("utm_content", event.utm_content);
  members.text("utm_term", event.utm_term);
  members.text("browser", event.browser);
  members.text("os", event.os);
  if (event.device != event::DeviceType::unknown) {
    members.text("device_type", event::to_string(event.device));
  }
  members.text("country", event.country);
  members.text("language", event.language);
  members.text("timezone", event.timezone);
  members.size("screen", event.screen_width, event.screen_height);
  members.size("viewport", event.viewport_width, event.viewport_height);
  if (event.device_pixel_ratio > 0) members.number("device_pixel_ratio", event.device_pixel_ratio);
}

void add_interaction(const event::Event& event, Members& members) {
  Members element;
  element.text("tag", event.element_tag);
  element.text("id", event.element_id);
  element.text("classes", event.element_classes);
  if (event.element_id.empty()) element.text("text", "Buy \"now\"");
  if (!event.element_tag.empty()) members.raw("element", element.object());
  if (event.scroll_percentage >= 0) members.number("scroll_percentage", event.scroll_percentage);
  Members form;
  form.text("id", event.form_id);
  form.text("action", event.form_action);
  form.text("method", event.form_method);
  if (event.field_count >= 0) form.number("field_count", event.field_count);
  form.raw("fields", event.form_data_json);
  if (!form.empty()) members.raw("form", form.object());
  if (event.kind == event::Kind::page_visibility) members.text("visibility", "hidden");
}

void add_items(const event::Event& event, Members& members) {
  if (event.items.empty()) return;
  std::string list;
  for (const event::Item& item : event.items) {
    Members each;
    each.text("id", item.id);
    each.text("name", item.name);
    each.text("category", item.category);
    each.text("brand", item.brand);
    if (item.price >= 0) each.number("price", item.price);
    each.number("quantity", item.quantity);
    list += (list.empty() ? "" : ",") + each.object();
  }
  members.raw("items", "[" + list + "]");
}

}  // namespace

std::string whole_document(const event::Event& event) {
  Members members;
  add_visit(event, members);
  add_interaction(event, members);
  add_items(event, members);
  members.text("order_id", event.order_id);
  if (event.revenue > 0) members.number("revenue", event.revenue);
  members.text("currency", event.currency);
  if (!event.decision_id.is_nil()) members.text("decision_id", event.decision_id.text());
  if (event.kind == event::Kind::cart_add || event.kind == event::Kind::checkout) {
    members.number("cart_value", 2.5 * static_cast<double>(event.items.size()));
    members.text("checkout_step", event.user_id);
  }
  if (event.kind == event::Kind::custom) members.raw("data", R"({"n":[1,2,{"x":"]"}],"e":"\\"})");
  // What the collector has read of custom data stays there and is not read again.
  if (event.kind == event::Kind::purchase) {
    members.raw("data", R"({"wc_product_id":"p9","wc_revenue":1,"wc_order_id":"x"})");
  }
  return members.object();
}

std::string members_of(const std::string& raw, const std::set<std::string_view>& kept) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (raw.empty() || parser.parse(raw).get(object) != simdjson::SUCCESS) return "";
  // The text of a member as it stands there: between its key and where the next member's begins.
  std::string members;
  for (const auto field : object) {
    if (!kept.contains(field.key)) continue;
    if (field.key == "element") {
      simdjson::dom::element ignored;
      if (field.value["text"].get(ignored) != simdjson::SUCCESS &&
          field.value["href"].get(ignored) != simdjson::SUCCESS) {
        continue;
      }
    }
    members += (members.empty() ? "" : ",") + ("\"" + std::string(field.key)) + "\":" +
               simdjson::minify(field.value);
  }
  return members;
}

}  // namespace attune::etl
