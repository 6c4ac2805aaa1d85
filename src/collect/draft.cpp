#include "collect/draft.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "base/hash.h"
#include "base/json_writer.h"
#include "collect/redact.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

using event::Event;
using event::Kind;

constexpr std::int64_t kEarliestMs = 946684800000;  // 2000-01-01: nothing we count is older
constexpr std::int64_t kLatestMs = 4102444800000;   // 2100-01-01
constexpr std::size_t kUrlCharactersMax = 2048;
constexpr std::size_t kPathCharactersMax = 500;

void clear_event(Event& event) {
  for (std::string* text : {&event.event_type,
                            &event.session_id,
                            &event.visitor_id,
                            &event.user_id,
                            &event.url,
                            &event.path,
                            &event.query,
                            &event.fragment,
                            &event.title,
                            &event.referrer,
                            &event.referrer_platform,
                            &event.utm_source,
                            &event.utm_medium,
                            &event.utm_campaign,
                            &event.utm_content,
                            &event.utm_term,
                            &event.user_agent,
                            &event.browser,
                            &event.os,
                            &event.ip,
                            &event.country,
                            &event.language,
                            &event.timezone,
                            &event.element_tag,
                            &event.element_classes,
                            &event.element_id,
                            &event.form_id,
                            &event.form_action,
                            &event.form_method,
                            &event.form_data_json,
                            &event.order_id,
                            &event.currency,
                            &event.raw_json}) {
    text->clear();
  }
  event.site = {};
  event.event_id = {};
  event.decision_id = {};
  event.has_client_event_id = false;
  event.is_bot = false;
  event.kind = Kind::custom;
  event.timestamp_ms = event.received_ms = 0;
  event.stream = 0;
  event.referrer_type = event::ReferrerType::direct;
  event.device = event::DeviceType::unknown;
  event.screen_width = event.screen_height = 0;
  event.viewport_width = event.viewport_height = 0;
  event.device_pixel_ratio = 0;
  event.scroll_percentage = event.field_count = -1;
  event.revenue = 0;
  event.items.clear();
}

/// Two digits at `at`, or -1.
int two_digits(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// "Z", "+01:00", "+0100" or "+01" in minutes.
std::optional<int> zone_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int hours = two_digits(text, 1);
  int minutes = 0;
  if (text.size() == 6 && text[3] == ':') {
    minutes = two_digits(text, 4);
  } else if (text.size() == 5) {
    minutes = two_digits(text, 3);
  } else if (text.size() != 3) {
    return std::nullopt;
  }
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

bool needs(const Draft& draft, Problem& problem) {
  const Event& event = draft.event;
  const std::string_view name = event::to_string(event.kind);
  const auto missing = [&](std::string_view field) {
    return problem.broken(field, fmt::format("is required for type {}", name));
  };
  switch (event.kind) {
    case Kind::scroll:
    case Kind::scroll_depth:
      return event.scroll_percentage >= 0 || missing("scroll_percentage");
    case Kind::form_submit:
      return draft.has_form || missing("form");
    case Kind::page_visibility:
      return !draft.visibility.empty() || missing("visibility");
    case Kind::identify:
      return !event.user_id.empty() || missing("user_id");
    case Kind::product_view:
    case Kind::product_click:
    case Kind::cart_add:
    case Kind::cart_remove:
    case Kind::wishlist_add:
    case Kind::wishlist_remove:
      return !event.items.empty() || missing("items");
    case Kind::purchase:
      return !event.items.empty() || draft.has_revenue ||
             problem.broken("items", "or revenue is required for type purchase");
    case Kind::search:
      return !draft.search_query.empty() || missing("query");
    case Kind::recommendation_shown:
    case Kind::recommendation_click:
      if (event.decision_id.is_nil()) return missing("decision_id");
      return !event.items.empty() || missing("items");
    case Kind::performance:
      return !draft.performance_json.empty() || missing("performance");
    default:
      return true;
  }
}

void redact_in_place(std::string& text, std::string& scratch) {
  if (!text.empty() && redact_text(text, scratch)) text = scratch;
}

void redact_link(std::string& url) {
  if (!url.empty()) redact_url(url);
}

class RawWriter {
 public:
  explicit RawWriter(std::string& out) : json_(out) {}

  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    json_.key(key);
    json_.text(value);
  }
  void raw(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    json_.key(key);
    json_.raw(value);
  }
  void integer(std::string_view key, std::int64_t value) {
    json_.key(key);
    json_.integer(value);
  }
  void number(std::string_view key, double value) {
    json_.key(key);
    json_.number(value);
  }
  void flag(std::string_view key, bool value) {
    if (!value) return;
    json_.key(key);
    json_.boolean(true);
  }
  void size(std::string_view key, std::int32_t width, std::int32_t height) {
    if (width == 0) return;
    json_.key(key);
    json_.begin_array();
    json_.integer(width);
    json_.integer(height);
    json_.end_array();
  }
  JsonWriter& json() { return json_; }

 private:
  JsonWriter json_;
};

void write_origin(const Draft& draft, RawWriter& out) {
  const Event& event = draft.event;
  out.flag("client_event_id", event.has_client_event_id);
  out.text("client_session_id", event.session_id);
  if (draft.timestamp_ms && *draft.timestamp_ms != event.timestamp_ms) {
    out.raw("client_timestamp", draft.timestamp_json);
  }
  out.text("sent_type", draft.sent_type);
  if (event.stream != 0) out.integer("stream", event.stream);
  out.flag("is_bot", event.is_bot);
  out.text("user_id", event.user_id);
  out.text("title", event.title);
  out.text("referrer", event.referrer);
  out.text("query_params", event.query);
  out.text("hash_fragment", event.fragment);
  out.text("referrer_type", event::to_string(event.referrer_type));
  out.text("referrer_platform", event.referrer_platform);
  out.text("utm_source", event.utm_source);
  out.text("utm_medium", event.utm_medium);
  out.text("utm_campaign", event.utm_campaign);
  out.text("utm_content", event.utm_content);
  out.text("utm_term", event.utm_term);
  out.text("browser", event.browser);
  out.text("os", event.os);
  if (event.device != event::DeviceType::unknown) {
    out.text("device_type", event::to_string(event.device));
  }
  out.text("country", event.country);
  out.text("language", event.language);
  out.text("timezone", event.timezone);
  out.size("screen", event.screen_width, event.screen_height);
  out.size("viewport", event.viewport_width, event.viewport_height);
  if (event.device_pixel_ratio > 0) out.number("device_pixel_ratio", event.device_pixel_ratio);
}

void write_interaction(const Draft& draft, RawWriter& out) {
  const Event& event = draft.event;
  if (!event.element_tag.empty() || !event.element_id.empty() || !event.element_classes.empty() ||
      !draft.element_text.empty() || !draft.element_href.empty()) {
    out.json().key("element");
    out.json().begin_object();
    out.text("tag", event.element_tag);
    out.text("id", event.element_id);
    out.text("classes", event.element_classes);
    out.text("text", draft.element_text);
    out.text("href", draft.element_href);
    out.json().end_object();
  }
  if (event.scroll_percentage >= 0) out.integer("scroll_percentage", event.scroll_percentage);
  if (draft.has_form) {
    out.json().key("form");
    out.json().begin_object();
    out.text("id", event.form_id);
    out.text("action", event.form_action);
    out.text("method", event.form_method);
    if (event.field_count >= 0) out.integer("field_count", event.field_count);
    out.raw("fields", event.form_data_json);
    out.json().end_object();
  }
  out.text("visibility", draft.visibility);
  out.text("text", draft.copied_text);
  if (draft.text_length >= 0) out.integer("text_length", draft.text_length);
}

void write_items(const Event& event, RawWriter& out) {
  if (event.items.empty()) return;
  out.json().key("items");
  out.json().begin_array();
  for (const event::Item& item : event.items) {
    out.json().begin_object();
    out.text("id", item.id);
    out.text("name", item.name);
    out.text("category", item.category);
    out.text("brand", item.brand);
    if (item.price >= 0) out.number("price", item.price);
    out.number("quantity", item.quantity);
    out.json().end_object();
  }
  out.json().end_array();
}

}  // namespace

Error Problem::error(std::string_view prefix) const {
  std::string path(prefix);
  path += field_;
  if (field_.empty() && path.ends_with('.')) path.pop_back();
  std::string message = path.empty() ? rule_ : fmt::format("{} {}", path, rule_);
  return Error(code_, std::move(message), std::move(path));
}

void Draft::clear() {
  clear_event(event);
  site.reset();
  timestamp_ms.reset();
  sent_at_ms.reset();
  has_type = believes_old = has_form = has_revenue = false;
  text_length = -1;
  cart_value = time_on_page = wc_cart_value = wc_revenue = -1;
  for (std::string* text :
       {&sent_type, &timestamp_json, &base_host, &client_ip, &country, &element_text, &element_href,
        &visibility, &copied_text, &search_query, &checkout_step, &wc_product_id, &wc_category_id,
        &wc_order_id, &wc_checkout_step, &performance_json, &data_json, &extra_json, &umami_json,
        &browser, &os}) {
    text->clear();
  }
}

EventCompleter::EventCompleter(const Enricher& enricher, const IntakeLimits& limits)
    : enricher_(enricher), limits_(limits) {
  randombytes_buf(id_seeds_, sizeof id_seeds_);
}

void EventCompleter::begin(const RequestContext& context) {
  context_ = context;
  // Headers are bytes of anybody's: made UTF-8 here, once.
  user_agent_ = make_utf8(context.user_agent.substr(0, kUserAgentBytesMax));
  language_ = language_tag(context.accept_language);
  visitor_key_.clear();
  place_key_.clear();
}

bool EventCompleter::complete(Draft& draft, const event::Site& site, Problem& problem) {
  Event& event = draft.event;
  event.site = site.id;
  event.received_ms = context_.received_ms;
  event.stream = context_.stream;
  if (event.language.empty()) event.language = language_;
  settle_commerce(draft, site);
  if (!settle_pages(draft, site, problem) || !needs(draft, problem) ||
      !settle_time(draft, problem)) {
    return false;
  }
  settle_visitor(draft, site);
  enricher_.add_source(event, site.domain);
  if (event.event_id.is_nil()) event.event_id = fresh_id();
  redact_in_place(event.title, url_scratch_);
  redact_in_place(draft.element_text, url_scratch_);
  redact_in_place(draft.copied_text, url_scratch_);
  redact_in_place(draft.search_query, url_scratch_);
  write_raw_json(draft, event.raw_json);
  if (event.raw_json.size() > limits_.event_bytes_max) {
    return problem.broken("", fmt::format("event is larger than {} bytes", limits_.event_bytes_max),
                          ErrorCode::resource_exhausted);
  }
  return true;
}

bool EventCompleter::settle_time(Draft& draft, Problem& problem) const {
  const std::int64_t received = context_.received_ms;
  Event& event = draft.event;
  event.timestamp_ms = received;
  if (!draft.timestamp_ms) return true;
  std::int64_t time = *draft.timestamp_ms;
  if (draft.sent_at_ms) {
    // Both lie within what read_time lets through, so this cannot overflow.
    const std::int64_t skew = received - *draft.sent_at_ms;
    if (std::abs(skew) > limits_.future_max_ms) time += skew;
  }
  if (time < kEarliestMs || time >= kLatestMs) {
    return problem.broken("timestamp", "is out of range (2000-01-01 to 2100-01-01)");
  }
  if (!context_.trusted && !draft.believes_old && time < received - limits_.late_max_ms) {
    return problem.broken("timestamp",
                          fmt::format("is more than {} hours old; old events need a secret key",
                                      limits_.late_max_ms / 3'600'000));
  }
  event.timestamp_ms = time > received + limits_.future_max_ms ? received : time;
  return true;
}

bool EventCompleter::settle_pages(Draft& draft, const event::Site& site, Problem& problem) {
  Event& event = draft.event;
  const std::string_view base =
      draft.base_host.empty() ? std::string_view(site.domain) : std::string_view(draft.base_host);
  const bool sent = !event.url.empty();
  if (!sent) event.url = make_utf8(context_.referer.substr(0, 8192));
  if (!event.url.empty()) {
    if (clean_url(event.url, base, url_scratch_)) {
      redact_url(url_scratch_);
      event.url = cut(url_scratch_, kUrlCharactersMax);
      if (const auto parts = split_url(event.url)) {
        event.path =
            parts->path.empty() ? std::string_view("/") : cut(parts->path, kPathCharactersMax);
        event.query = parts->query;
        event.fragment = cut(parts->fragment, kPathCharactersMax);
      }
    } else if (sent) {
      return problem.broken("url", "must be an http or https URL, or a path beginning with /");
    } else {
      event.url.clear();
    }
  }
  if (event.kind == Kind::pageview && event.path.empty()) {
    return problem.broken("url", "is required for type pageview");
  }
  if (!event.referrer.empty()) {
    if (clean_url(event.referrer, base, url_scratch_)) event.referrer.swap(url_scratch_);
    redact_url(event.referrer);
    event.referrer.resize(cut(event.referrer, kUrlCharactersMax).size());
  }
  redact_link(draft.element_href);
  redact_link(event.form_action);
  return true;
}

void EventCompleter::settle_commerce(Draft& draft, const event::Site& site) const {
  Event& event = draft.event;
  if (!draft.wc_product_id.empty() && event.items.empty()) {
    event.items.emplace_back();
    event.items.back().id = draft.wc_product_id;
    event.items.back().category = draft.wc_category_id;
  }
  if (event.order_id.empty()) event.order_id = draft.wc_order_id;
  if (draft.checkout_step.empty()) draft.checkout_step = draft.wc_checkout_step;
  if (draft.cart_value < 0) draft.cart_value = draft.wc_cart_value;
  if (!draft.has_revenue && draft.wc_revenue >= 0) {
    event.revenue = draft.wc_revenue;
    draft.has_revenue = true;
  }
  double sum = 0;
  bool has_price = false;
  for (const event::Item& item : event.items) {
    if (item.price < 0) continue;
    has_price = true;
    sum += item.price * item.quantity;
  }
  if (event.kind == Kind::purchase && !draft.has_revenue && has_price) {
    event.revenue = std::round(sum * 1e4) / 1e4;  // what is stored of money: DECIMAL(19, 4)
  }
  if (event.currency.empty() && (has_price || event.revenue > 0 || draft.cart_value >= 0)) {
    event.currency = site.currency;
  }
}

void EventCompleter::settle_visitor(Draft& draft, const event::Site& site) {
  Event& event = draft.event;
  // A trusted sender is a program that speaks for visitors: its own user agent says nothing of theirs.
  if (event.user_agent.empty() && !context_.trusted) event.user_agent = user_agent_;
  if (!event.user_agent.empty() || !context_.trusted) enricher_.add_agent(event);
  if (!draft.browser.empty()) event.browser = draft.browser;
  if (!draft.os.empty()) event.os = draft.os;
  const std::string_view ip =
      draft.client_ip.empty() ? context_.client_ip : std::string_view(draft.client_ip);
  const std::string_view country =
      draft.country.empty() ? context_.country : std::string_view(draft.country);
  // Nearly always the same for a whole request: worked out once.
  key_scratch_.assign(site.store_ip ? "1" : "0").append(country).append(1, '\0').append(ip);
  if (key_scratch_ != place_key_) {
    enricher_.add_place(event, site, ip, country);
    place_key_ = key_scratch_;
    country_ = event.country;
    ip_ = event.ip;
  } else {
    event.country = country_;
    event.ip = ip_;
  }
  if (!event.visitor_id.empty()) return;
  key_scratch_.assign(reinterpret_cast<const char*>(site.id.bytes.data()), site.id.bytes.size());
  key_scratch_.append(ip).append(1, '\0').append(event.user_agent);
  if (key_scratch_ != visitor_key_) {
    visitor_key_ = key_scratch_;
    visitor_id_ = enricher_.visitor_id(site.id, ip, event.user_agent, context_.received_ms);
  }
  event.visitor_id = visitor_id_;
}

Uuid EventCompleter::fresh_id() {
  // A counter through a keyed hash: unique and without pattern, at a hundredth of the cost of
  // asking the system for randomness for every event.
  ++id_count_;
  const std::string_view count(reinterpret_cast<const char*>(&id_count_), sizeof id_count_);
  Uuid id;
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t bits = hash64(count, id_seeds_[half]);
    std::memcpy(id.bytes.data() + half * 8, &bits, 8);
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

bool may_send(const event::Site& site, const RequestContext& context, Problem& problem) {
  if (context.key_site) {
    return *context.key_site == site.id ||
           problem.broken("site", "is not the site of this key", ErrorCode::permission_denied);
  }
  if (context.trusted || origin_allowed(site, context.origin)) return true;
  return problem.broken("site",
                        context.origin.empty()
                            ? "lists allowed origins: send with an Origin or a secret key"
                            : "does not allow events from this origin",
                        ErrorCode::permission_denied);
}

void write_raw_json(const Draft& draft, std::string& out) {
  out.clear();
  RawWriter raw(out);
  raw.json().begin_object();
  write_origin(draft, raw);
  write_interaction(draft, raw);
  const Event& event = draft.event;
  write_items(event, raw);
  raw.text("order_id", event.order_id);
  if (event.revenue > 0) raw.number("revenue", event.revenue);
  raw.text("currency", event.currency);
  if (draft.cart_value >= 0) raw.number("cart_value", draft.cart_value);
  raw.text("checkout_step", draft.checkout_step);
  if (draft.time_on_page >= 0) raw.number("time_on_page", draft.time_on_page);
  raw.text("query", draft.search_query);
  if (!event.decision_id.is_nil()) raw.text("decision_id", event.decision_id.text());
  raw.raw("performance", draft.performance_json);
  raw.raw("data", draft.data_json);
  raw.raw("extra", draft.extra_json);
  raw.raw("umami", draft.umami_json);
  raw.json().end_object();
}

std::optional<std::int64_t> parse_iso8601(std::string_view text) {
  // 0123456789012345678
  // 2026-11-21T10:00:00
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  const int century = two_digits(text, 0);
  const int in_century = two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  const int hour = two_digits(text, 11);
  const int minute = two_digits(text, 14);
  int second = two_digits(text, 17);
  if (century < 0 || in_century < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  second = std::min(second, 59);  // a leap second has no number of its own
  int ms = 0;
  std::size_t at = 19;
  if (text[at] == '.' || text[at] == ',') {
    int scale = 100;
    const std::size_t first = ++at;
    for (; at < text.size() && is_digit(text[at]); ++at, scale /= 10) {
      ms += (text[at] - '0') * scale;
    }
    if (at == first) return std::nullopt;
  }
  if (at < text.size() && text[at] == ' ') ++at;
  const auto zone = zone_minutes(text.substr(at));
  if (!zone) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{century * 100 + in_century},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t minutes = days * 1440 + hour * 60 + minute - *zone;
  return (minutes * 60 + second) * 1000 + ms;
}

std::string language_tag(std::string_view text) {
  constexpr std::size_t kColumnCharacters = 10;
  text = trim(text.substr(0, text.find_first_of(",;")));
  if (text.size() > 35 || text == "*") return {};
  std::string tag(text);
  for (char& c : tag) {
    if (c == '_') c = '-';
    if (!is_letter(c) && !is_digit(c) && c != '-') return {};
  }
  while (tag.size() > kColumnCharacters) {
    const auto hyphen = tag.rfind('-');
    if (hyphen == std::string::npos) return {};
    tag.resize(hyphen);
  }
  return tag;
}

}  // namespace attune::collect
