// A session's row as a function of the set of its events (docs/etl.md, sections 5 and 6): merge()
// adds one event, in any order. Pure: no storage, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "etl/moment.h"
#include "etl/text_pack.h"
#include "event/codec.h"

namespace attune::etl {

/// What the lead (first page, or first event when there is no page) gives to the session.
struct Lead {
  Moment at;
  std::int32_t screen_width = 0;
  std::int32_t screen_height = 0;
  std::int32_t viewport_width = 0;
  std::int32_t viewport_height = 0;
  double device_pixel_ratio = 0;
  /// entry url, path, title; utm source, medium, campaign, content, term; referrer type, platform,
  /// referrer; user agent, language, time zone, browser, os, device type, country.
  TextPack texts;
};

/// A pageview as its row says it, but for the time spent on it.
struct Page {
  Moment at;
  bool internal_referrer = false;
  /// visitor id; url, path, title, query, fragment, referrer; utm source, medium, campaign,
  /// content, term.
  TextPack texts;
};

struct SessionRow {
  std::uint64_t key = 0;         // position of the record that began it
  Uuid site;
  std::uint32_t stream = 0;
  std::string session_id;
  std::string visitor_id;

  std::int64_t first_ms = 0;
  Moment last;                   // greatest event
  std::int32_t pageview_count = 0;
  std::int32_t event_count = 0;
  std::int32_t engaged_count = 0;
  Lead lead;
  Page exit;                     // greatest page; only when pageview_count > 0
  bool exit_is_cold = false;     // its row is in pageviews_cold, not carried by the session
  std::string user_id;           // of the greatest event with one
  Moment user_at;

  // Whether what the tables hold of an open session's lead and exit page is out of date.
  bool lead_changed = false;
  bool exit_changed = false;

  bool has_events() const { return pageview_count + event_count > 0; }
  bool has_page() const { return pageview_count > 0; }
  /// Whom the visit belongs to.
  const std::string& person() const { return user_id.empty() ? visitor_id : user_id; }

  /// Seconds on the exit page, or -1 when nothing came after it.
  std::int32_t exit_seconds() const {
    return last > exit.at ? seconds_on_page(exit.at.ms, last.ms) : -1;
  }

  /// Adds an event to everything but the exit page, which takes part in the bookkeeping of pages
  /// and is the caller's (Transformer).
  void merge(const event::EventView& event, Moment at);
};

/// Whether a visitor with this event does not bounce.
bool is_engaging(event::Kind kind);

/// The page that a pageview event is.
Page page_of(const event::EventView& event, Moment at);

/// `session_id` of a session: docs/etl.md, section 4. `client_id` empty: named by the server.
std::string session_name(std::string_view client_id, std::uint64_t key, bool with_key);

/// The client id in a session's name; empty when the server named it.
std::string_view client_id_of(std::string_view session_name);

}  // namespace attune::etl
