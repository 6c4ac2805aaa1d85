// Rows that one event makes: docs/etl.md, sections 7 to 9.
#include <map>

#include "base/hash.h"
#include "etl/reference_parts.h"
#include "etl/whole_document.h"

namespace attune::etl::reference {
namespace {

std::string event_data(const std::string& raw) {
  const std::string members = members_of(raw, {
      "element", "text", "text_length", "visibility", "items", "order_id", "revenue", "currency",
      "cart_value", "checkout_step", "time_on_page", "query", "decision_id", "data", "extra"});
  return members.empty() ? "null" : "{" + members + "}";
}

void add_user(TextTables& tables, const Fact& fact, const std::string& person, bool known) {
  const std::string site = fact.event.site.text();
  const std::string id = text(stable_id(site, person));
  tables["users"].try_emplace(id, TextRow{{"id", id},
                                           {"site_id", site},
                                           {"external_id", person},
                                           {"is_known", yes(known)},
                                           {"first_seen_at", text(fact.event.timestamp_ms)},
                                           {"created_at", text(fact.event.received_ms)}});
}

std::string context(const Event& event, const event::Item& item) {
  std::string members;
  const auto add = [&](const std::string& key, const std::string& value) {
    if (value.empty()) return;
    members += (members.empty() ? "\"" : ",\"") + key + "\":\"" + value + "\"";
  };
  add("category", item.category);
  add("brand", item.brand);
  if (event.device != event::DeviceType::unknown) {
    add("device_type", std::string(event::to_string(event.device)));
  }
  add("page", event.path);
  const std::string of_event =
      members_of(event.raw_json, {"order_id", "revenue", "cart_value", "checkout_step"});
  members += (members.empty() || of_event.empty() ? "" : ",") + of_event;
  return members.empty() ? "null" : "{" + members + "}";
}

void write_interactions(TextTables& tables, const Fact& fact, const Visit& visit) {
  const Event& event = fact.event;
  static const std::map<Kind, std::pair<std::string, double>> kinds = {
      {Kind::pageview, {"VIEW", 0.1}},
      {Kind::product_view, {"VIEW", 0.1}},
      {Kind::product_click, {"CLICK", 0.5}},
      {Kind::recommendation_click, {"CLICK", 0.5}},
      {Kind::cart_add, {"CART_ADD", 2}},
      {Kind::purchase, {"PURCHASE", 10}},
      {Kind::wishlist_add, {"WISHLIST", 1}},
      {Kind::cart_remove, {"REMOVE_CART", -1}},
      {Kind::wishlist_remove, {"REMOVE_WISHLIST", -0.5}}};
  const auto kind = kinds.find(event.kind);
  if (kind == kinds.end() || event.items.empty()) return;
  if (event.kind == Kind::pageview && event.items.size() != 1) return;
  const std::string site = event.site.text();
  const std::string person = event.user_id.empty() ? event.visitor_id : event.user_id;
  add_user(tables, fact, person, !event.user_id.empty());
  for (std::size_t index = 0; index < event.items.size(); ++index) {
    const event::Item& item = event.items[index];
    if (item.id.starts_with("content:")) continue;   // a text of a slot
    const std::string id = text(fact.position + index);
    const std::string product = text(stable_id(site, item.id));
    tables["user_product_interactions"][id] = {
        {"id", id},
        {"user_id", text(stable_id(site, person))},
        {"product_id", product},
        {"interaction_type", kind->second.first},
        {"session_id", visit.name},
        {"timestamp", text(event.timestamp_ms)},
        {"context", context(event, item)},
        {"reward", decimal(kind->second.second, 2)},
        {"site_id", site},
        {"visitor_id", event.visitor_id},
        {"item_id", item.id},
        {"quantity", decimal(item.quantity, 3)},
        {"price", item.price < 0 ? "null" : decimal(item.price, 4)},
        {"decision_id", event.decision_id.is_nil() ? "null" : event.decision_id.text()}};
    tables["product"].try_emplace(
        product, TextRow{{"id", product},
                         {"site_id", site},
                         {"external_id", item.id},
                         {"name", or_null(item.name)},
                         {"category", or_null(item.category)},
                         {"brand", or_null(item.brand)},
                         {"price", item.price < 0 ? "null" : decimal(item.price, 4)},
                         {"currency", item.price < 0 ? "null" : or_null(event.currency)},
                         {"stock", "null"},
                         {"url", "null"},
                         {"image_url", "null"},
                         {"hidden", "false"},
                         {"source", "event"},
                         {"created_at", text(event.received_ms)},
                         {"updated_at", text(event.received_ms)}});
  }
}

}  // namespace

void write_log(TextTables& tables, const Fact& fact, const std::string& session, bool is_late) {
  const Event& event = fact.event;
  tables["events_log"][text(fact.position)] = {
      {"id", text(fact.position)},
      {"event_id", event.event_id.text()},
      {"event_type", event.event_type},
      {"session_id", or_null(session)},
      {"visitor_id", or_null(event.visitor_id)},
      {"site_id", event.site.text()},
      {"timestamp", text(event.timestamp_ms)},
      {"url", or_null(event.url)},
      {"path", or_null(event.path)},
      {"user_agent", or_null(event.user_agent)},
      {"ip_address", or_null(event.ip)},
      {"raw_event_data", event.raw_json.empty() ? "{}" : event.raw_json},
      {"created_at", text(event.received_ms)},
      {"processed_at", text(event.received_ms)},
      {"user_id", or_null(event.user_id)},
      {"stream", text(std::uint64_t{event.stream})},
      {"is_bot", yes(event.is_bot)},
      {"is_late", yes(is_late)},
      {"client_event_id", yes(event.has_client_event_id)}};
}

void write_facts(TextTables& tables, const Fact& fact, const Visit& visit) {
  const Event& event = fact.event;
  const std::string id = text(fact.position);
  const std::string site = event.site.text();
  if (event.kind != Kind::pageview) {
    tables["user_events"][id] = {{"id", id},
                                  {"session_id", visit.name},
                                  {"visitor_id", event.visitor_id},
                                  {"site_id", site},
                                  {"event_type", event.event_type},
                                  {"event_timestamp", text(event.timestamp_ms)},
                                  {"page_url", or_null(event.url)},
                                  {"page_path", or_null(event.path)},
                                  {"event_data", event_data(event.raw_json)},
                                  {"element_tag", or_null(event.element_tag)},
                                  {"element_classes", or_null(event.element_classes)},
                                  {"element_id", or_null(event.element_id)},
                                  {"scroll_percentage",
                                   number_or_null(event.scroll_percentage, -1)},
                                  {"form_id", or_null(event.form_id)}};
  }
  if (event.kind == Kind::form_submit) {
    tables["form_submissions"][id] = {{"id", id},
                                       {"session_id", visit.name},
                                       {"visitor_id", event.visitor_id},
                                       {"site_id", site},
                                       {"form_id", or_null(event.form_id)},
                                       {"form_action", or_null(event.form_action)},
                                       {"form_method", or_null(event.form_method)},
                                       {"page_url", or_null(event.url)},
                                       {"page_path", or_null(event.path)},
                                       {"submit_timestamp", text(event.timestamp_ms)},
                                       {"field_count", number_or_null(event.field_count, -1)},
                                       {"form_data", or_null(event.form_data_json)}};
  }
  if (event.kind == Kind::purchase) {
    tables["orders"][id] = {{"id", id},
                             {"site_id", site},
                             {"order_id", or_null(event.order_id)},
                             {"session_id", visit.name},
                             {"visitor_id", event.visitor_id},
                             {"user_id", or_null(event.user_id)},
                             {"order_timestamp", text(event.timestamp_ms)},
                             {"revenue", decimal(event.revenue, 4)},
                             {"currency", or_null(event.currency)},
                             {"item_count", text(std::uint64_t{event.items.size()})}};
  }
  if (!event.user_id.empty()) add_user(tables, fact, event.user_id, true);
  write_interactions(tables, fact, visit);
}

}  // namespace attune::etl::reference
