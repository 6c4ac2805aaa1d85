// An event on its way from a wire format to the journal: a collector fills a Draft with what was
// sent and validated, an EventCompleter adds what the server knows, redacts, and writes
// `raw_event_data`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "collect/enrich.h"
#include "collect/request.h"
#include "event/event.h"
#include "event/site_directory.h"

namespace attune::collect {

/// The first rule that an event breaks. One object serves many events: memory is reused.
class Problem {
 public:
  /// Notes field and rule; always false, so that a check can end with `return problem.broken(...)`.
  bool broken(std::string_view field, std::string_view rule,
              ErrorCode code = ErrorCode::invalid_argument) {
    code_ = code;
    field_ = field;
    rule_ = rule;
    return false;
  }
  /// As an error; `prefix` goes before the field: "events[3].".
  Error error(std::string_view prefix) const;
  const std::string& field() const { return field_; }
  const std::string& rule() const { return rule_; }

 private:
  ErrorCode code_ = ErrorCode::invalid_argument;
  std::string field_;
  std::string rule_;
};

/// What was sent. `url` and `referrer` of the event are still as sent; JSON members are complete,
/// redacted JSON text. Reused from event to event.
struct Draft {
  event::Event event;
  std::optional<Uuid> site;
  bool has_type = false;
  std::string sent_type;  // when it was another's name for one of our kinds
  std::optional<std::int64_t> timestamp_ms;
  std::optional<std::int64_t> sent_at_ms;
  std::string timestamp_json;  // as sent
  bool believes_old = false;   // an old timestamp is fine without a key (Umami)
  std::string base_host;       // what paths are resolved against; empty: the site's domain
  std::string client_ip;       // instead of the request's, when the sender may say so
  std::string country;
  bool has_form = false;
  std::string element_text;
  std::string element_href;
  std::string visibility;
  std::string copied_text;
  std::int64_t text_length = -1;
  std::string search_query;
  double cart_value = -1;
  double time_on_page = -1;
  std::string checkout_step;
  std::string wc_product_id;   // of others' names for fields of a shop, used where ours are absent
  std::string wc_category_id;
  std::string wc_order_id;
  std::string wc_checkout_step;
  double wc_cart_value = -1;
  double wc_revenue = -1;
  bool has_revenue = false;
  std::string performance_json;
  std::string data_json;
  std::string extra_json;
  std::string umami_json;
  std::string browser;  // instead of what the user agent says (Umami)
  std::string os;

  void clear();
};

/// Completes drafts of one request after the other. One thread at a time.
class EventCompleter {
 public:
  EventCompleter(const Enricher& enricher, const IntakeLimits& limits);

  /// Starts a request: what is the same for all its events is worked out once.
  void begin(const RequestContext& context);

  /// Checks what the kind needs, settles time, URL and visitor, enriches, and writes raw_json. The
  /// event gets an id when it has none.
  ///
  /// Returns  false when a rule is broken, which `problem` then tells; the event is then not
  /// defined.
  bool complete(Draft& draft, const event::Site& site, Problem& problem);

  const RequestContext& context() const { return context_; }

 private:
  bool settle_time(Draft& draft, Problem& problem) const;
  bool settle_pages(Draft& draft, const event::Site& site, Problem& problem);
  void settle_commerce(Draft& draft, const event::Site& site) const;
  void settle_visitor(Draft& draft, const event::Site& site);
  Uuid fresh_id();

  const Enricher& enricher_;
  const IntakeLimits& limits_;
  RequestContext context_;
  std::string user_agent_;  // the request's, clean
  std::string language_;    // first of Accept-Language
  std::string country_;     // of the last address
  std::string ip_;          // of the last address, truncated
  std::string place_key_;
  std::string visitor_key_;  // site, address, user agent of visitor_id_
  std::string visitor_id_;
  std::string key_scratch_;
  std::string url_scratch_;
  std::uint64_t id_seeds_[2];
  std::uint64_t id_count_ = 0;
};

/// Whether this request may send events of `site`, by key or by origin.
bool may_send(const event::Site& site, const RequestContext& context, Problem& problem);

/// Writes `raw_event_data` of a finished draft (docs/formats/events.md, section 7).
void write_raw_json(const Draft& draft, std::string& out);

/// "2026-11-21T10:00:00.25Z" to milliseconds; a zone is needed.
std::optional<std::int64_t> parse_iso8601(std::string_view text);

/// First language of an Accept-Language header, or of a `language` field: subtags that fit into 10
/// characters; empty when it has other characters than a language tag has.
std::string language_tag(std::string_view text);

}  // namespace attune::collect
