// Sessions and pages, from the sorted set of a session's events: docs/etl.md, sections 5 and 6.
#include <algorithm>

#include "etl/reference_parts.h"

namespace attune::etl::reference {
namespace {

bool engages(Kind kind) {
  static const std::set<Kind> kinds = {
      Kind::click,        Kind::form_submit,   Kind::custom,          Kind::product_view,
      Kind::product_click, Kind::cart_add,     Kind::cart_remove,     Kind::wishlist_add,
      Kind::wishlist_remove, Kind::checkout,   Kind::purchase,        Kind::search,
      Kind::recommendation_click};
  return kinds.contains(kind);
}

std::string seconds(std::int64_t from, std::int64_t to) {
  return text(std::min<std::int64_t>(std::max<std::int64_t>(to - from, 0), 1'800'000) / 1000);
}

/// What the lead says of its session.
void write_lead(TextRow& row, const Fact& lead) {
  const Event& event = lead.event;
  row.insert({
      {"utm_source", or_null(event.utm_source)},
      {"utm_medium", or_null(event.utm_medium)},
      {"utm_campaign", or_null(event.utm_campaign)},
      {"utm_content", or_null(event.utm_content)},
      {"utm_term", or_null(event.utm_term)},
      {"referrer_type", std::string(event::to_string(event.referrer_type))},
      {"referrer_platform", or_null(event.referrer_platform)},
      {"original_referrer", or_null(event.referrer)},
      {"user_agent", or_null(event.user_agent)},
      {"browser_language", or_null(event.language)},
      {"timezone", or_null(event.timezone)},
      {"screen_width", number_or_null(event.screen_width, 0)},
      {"screen_height", number_or_null(event.screen_height, 0)},
      {"viewport_width", number_or_null(event.viewport_width, 0)},
      {"viewport_height", number_or_null(event.viewport_height, 0)},
      {"device_pixel_ratio",
       event.device_pixel_ratio == 0 ? "null" : decimal(event.device_pixel_ratio, 2)},
      {"browser", or_null(event.browser)},
      {"os", or_null(event.os)},
      {"device_type", std::string(event::to_string(event.device))},
      {"country", or_null(event.country)},
      {"lead_position", text(lead.position)}});
}

void write_page(TextTables& tables, const Visit& visit, const Fact& page, const Fact* after) {
  const Event& event = page.event;
  tables["pageviews"][text(page.position)] = {
      {"id", text(page.position)},
      {"session_id", visit.name},
      {"session_key", text(visit.key)},
      {"visitor_id", event.visitor_id},
      {"site_id", visit.site.text()},
      {"url", event.url.empty() ? event.path : event.url},
      {"path", event.path},
      {"title", or_null(event.title)},
      {"query_params", or_null(event.query)},
      {"hash_fragment", or_null(event.fragment)},
      {"view_timestamp", text(event.timestamp_ms)},
      {"time_on_page_seconds",
       after == nullptr ? "null" : seconds(event.timestamp_ms, after->event.timestamp_ms)},
      {"referrer", or_null(event.referrer)},
      {"internal_referrer", yes(event.referrer_type == event::ReferrerType::internal)},
      {"utm_source", or_null(event.utm_source)},
      {"utm_medium", or_null(event.utm_medium)},
      {"utm_campaign", or_null(event.utm_campaign)},
      {"utm_content", or_null(event.utm_content)},
      {"utm_term", or_null(event.utm_term)}};
}

}  // namespace

void write_visit(TextTables& tables, const Visit& visit, bool is_closed) {
  std::vector<Fact> facts = visit.facts;
  std::sort(facts.begin(), facts.end());
  std::vector<Fact> pages;
  std::int64_t engaged = 0;
  const Fact* user = nullptr;
  for (const Fact& fact : facts) {
    if (fact.event.kind == Kind::pageview) pages.push_back(fact);
    engaged += engages(fact.event.kind) ? 1 : 0;
    if (!fact.event.user_id.empty()) user = &fact;
  }
  const Fact& lead = pages.empty() ? facts.front() : pages.front();
  const Fact& last = facts.back();
  const std::int64_t first_ms = facts.front().event.timestamp_ms;
  const std::int64_t last_ms = last.event.timestamp_ms;
  const auto page_text = [&](bool entry, auto member) -> std::string {
    if (pages.empty()) return "null";
    return member(entry ? pages.front().event : pages.back().event);
  };
  const auto url = [](const Event& event) { return event.url.empty() ? event.path : event.url; };
  const auto path = [](const Event& event) { return event.path; };
  const auto title = [](const Event& event) { return or_null(event.title); };
  const std::string site = visit.site.text();
  TextRow& row = tables["user_sessions"][text(visit.key)];
  row = {
      {"session_key", text(visit.key)},
      {"session_id", visit.name},
      {"visitor_id", visit.visitor},
      {"site_id", site},
      {"stream", text(std::uint64_t{visit.stream})},
      {"session_start", text(first_ms)},
      {"session_end", is_closed ? text(last_ms) : "null"},
      {"last_event_at", text(last_ms)},
      {"last_position", text(last.position)},
      {"duration_seconds", text((last_ms - first_ms) / 1000)},
      {"pageview_count", text(std::uint64_t{pages.size()})},
      {"event_count", text(std::uint64_t{facts.size() - pages.size()})},
      {"engaged_count", text(engaged)},
      {"bounce", yes(pages.size() == 1 && engaged == 0)},
      {"entry_url", page_text(true, url)},
      {"entry_path", page_text(true, path)},
      {"entry_title", page_text(true, title)},
      {"exit_url", page_text(false, url)},
      {"exit_path", page_text(false, path)},
      {"exit_position", pages.empty() ? "null" : text(pages.back().position)},
      {"exit_at", pages.empty() ? "null" : text(pages.back().event.timestamp_ms)},
      {"user_id", user == nullptr ? "null" : user->event.user_id},
      {"user_at", user == nullptr ? "null" : text(user->event.timestamp_ms)},
      {"user_position", user == nullptr ? "null" : text(user->position)}};
  write_lead(row, lead);
  for (std::size_t index = 0; index < pages.size(); ++index) {
    const Fact* next = index + 1 < pages.size() ? &pages[index + 1] : nullptr;
    write_page(tables, visit, pages[index], next == nullptr && pages[index] < last ? &last : next);
  }
}

}  // namespace attune::etl::reference
