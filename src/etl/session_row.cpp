#include "etl/session_row.h"

#include <algorithm>

namespace attune::etl {
namespace {

/// Base 32 with the digits 0-9a-v, most significant first.
void append_base32(std::uint64_t value, std::string& out) {
  char digits[13];
  std::size_t count = 0;
  do {
    digits[count++] = "0123456789abcdefghijklmnopqrstuv"[value & 31];
    value >>= 5;
  } while (value != 0);
  while (count > 0) out.push_back(digits[--count]);
}

void take_lead(const event::EventView& event, Moment at, Lead& lead) {
  const bool page = event.kind == event::Kind::pageview;
  lead.at = at;
  lead.screen_width = event.screen_width;
  lead.screen_height = event.screen_height;
  lead.viewport_width = event.viewport_width;
  lead.viewport_height = event.viewport_height;
  lead.device_pixel_ratio = event.device_pixel_ratio;
  const std::string_view none;
  const std::string_view url = event.url.empty() ? event.path : event.url;
  lead.texts.assign({page ? url : none, page ? event.path : none, page ? event.title : none,
                     event.utm_source, event.utm_medium, event.utm_campaign, event.utm_content,
                     event.utm_term, event::to_string(event.referrer_type),
                     event.referrer_platform, event.referrer, event.user_agent, event.language,
                     event.timezone, event.browser, event.os, event::to_string(event.device),
                     event.country});
}

}  // namespace

bool is_engaging(event::Kind kind) {
  using event::Kind;
  switch (kind) {
    case Kind::click:
    case Kind::form_submit:
    case Kind::custom:
    case Kind::product_view:
    case Kind::product_click:
    case Kind::cart_add:
    case Kind::cart_remove:
    case Kind::wishlist_add:
    case Kind::wishlist_remove:
    case Kind::checkout:
    case Kind::purchase:
    case Kind::search:
    case Kind::recommendation_click:
      return true;
    case Kind::pageview:
    case Kind::scroll:
    case Kind::scroll_depth:
    case Kind::text_copy:
    case Kind::page_visibility:
    case Kind::identify:
    case Kind::recommendation_shown:
    case Kind::performance:
      return false;
  }
  return false;
}

void SessionRow::merge(const event::EventView& event, Moment at) {
  const bool first = !has_events();
  const bool page = event.kind == event::Kind::pageview;
  // A page leads over any other event; among the same sort the earlier one does.
  if (first || (page && !has_page()) || (page == has_page() && at < lead.at)) {
    take_lead(event, at, lead);
    lead_changed = true;
  }
  first_ms = first ? at.ms : std::min(first_ms, at.ms);
  last = first ? at : std::max(last, at);
  page ? ++pageview_count : ++event_count;
  if (is_engaging(event.kind)) ++engaged_count;
  if (!event.user_id.empty() && (user_id.empty() || at > user_at)) {
    user_id.assign(event.user_id);
    user_at = at;
  }
}

Page page_of(const event::EventView& event, Moment at) {
  Page page;
  page.at = at;
  page.internal_referrer = event.referrer_type == event::ReferrerType::internal;
  page.texts.assign({event.visitor_id, event.url.empty() ? event.path : event.url, event.path,
                     event.title, event.query, event.fragment, event.referrer, event.utm_source,
                     event.utm_medium, event.utm_campaign, event.utm_content, event.utm_term});
  return page;
}

std::string session_name(std::string_view client_id, std::uint64_t key, bool with_key) {
  std::string name(client_id);
  if (client_id.empty() || with_key) {
    name.push_back('~');
    append_base32(key, name);
  }
  return name;
}

std::string_view client_id_of(std::string_view session_name) {
  return session_name.substr(0, session_name.find('~'));
}

}  // namespace attune::etl
