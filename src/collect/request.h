// What goes into a collector besides the body, and what comes out: the same for every wire format.
// No HTTP here: whoever serves turns headers into a RequestContext and an Intake into an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "event/site_directory.h"
#include "journal/journal.h"

namespace attune::collect {

/// What the server knows of a request. Texts are used during the call only.
struct RequestContext {
  std::int64_t received_ms = 0;  // wall time of receipt
  std::string_view client_ip;    // the visitor's address as text, proxies already resolved
  std::string_view user_agent;
  std::string_view origin;   // the Origin header: "https://shop.example", or empty
  std::string_view referer;  // the Referer header: fills in `url` when an event has none
  std::string_view accept_language;
  std::string_view country;      // two letters from a CDN's header (CF-IPCountry), or empty
  std::string_view umami_cache;  // x-umami-cache
  std::optional<Uuid> key_site;  // a secret key with scope write was shown: its site
  bool trusted = false;          // a secret key or the control socket: `ip`, `user_agent` and old
                                 // timestamps in the events are honoured, no Origin is needed
  std::uint32_t stream = 0;      // 0: live; else the number of an import
};

/// Limits of one request. A setting each, see docs/configuration.md.
struct IntakeLimits {
  std::size_t body_bytes_max = 1 << 20;
  std::size_t batch_events_max = 1000;
  std::size_t depth_max = 16;  // of nested objects and arrays, the body's own level included
  std::int64_t late_max_ms = 72LL * 3600 * 1000;  // older events need a secret key
  std::int64_t future_max_ms = 5LL * 60 * 1000;   // further ahead becomes the time of receipt
  std::size_t event_bytes_max = 64 << 10;  // raw_event_data of one event, after redaction
};

/// What became of one event, in the order in which they were sent.
struct EventVerdict {
  Uuid event_id;  // when accepted
  std::optional<Error> error;  // when rejected: code, rule, path ("events[3].timestamp")
  bool is_bot = false;
  bool accepted() const { return !error.has_value(); }
};

/// What became of a request. Either `refused` is set and nothing else, or each event has its
/// verdict and the accepted ones are in `batch`, in order. Answer only when `batch` is durable.
struct Intake {
  std::optional<Error> refused;
  std::vector<EventVerdict> verdicts;
  journal::RecordBatch batch;
  std::size_t accepted_count = 0;
  std::size_t rejected_count = 0;
  Uuid site;  // of the last accepted event: what a rate limit is counted on
};

/// Whether events of `site` may come from a page of `origin`.
///
/// origin   the Origin header, or empty: then only a site that lists no origins takes the request.
/// Returns  true when the site lists none, or one that matches: "https://shop.example" exactly,
///          "shop.example" with any scheme and port, "*.shop.example" any host below it.
bool origin_allowed(const event::Site& site, std::string_view origin);

}  // namespace attune::collect
