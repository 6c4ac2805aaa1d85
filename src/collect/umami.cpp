// Umami's endpoints on our events. What differs from Umami on purpose: bots are answered like there
// but kept, marked, in events_log; and the token is renewed with every answer, so that a visit ends
// 30 minutes after its last event and not 30 minutes after its first.
#include "collect/umami.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/ensure.h"
#include "base/json_writer.h"
#include "base/mutex.h"
#include "collect/draft.h"
#include "collect/event_reader.h"
#include "collect/json_fields.h"
#include "collect/text.h"
#include "collect/umami_token.h"
#include "event/codec.h"

namespace attune::collect {
namespace {

using event::Kind;
using simdjson::dom::object;

constexpr std::int64_t kVisitIdleS = 1800;

struct HttpError {
  int status = 400;
  std::string_view code = "bad-request";
  std::string_view message = "Bad request";
  std::string field;  // of the payload
  std::string rule;
};

std::string_view code_of(int status) {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not-found";
    case 413:
      return "payload-too-large";
    case 429:
      return "too-many-requests";
    case 503:
      return "service-unavailable";
    default:
      return status < 500 ? "bad-request" : "server-error";
  }
}

/// What Umami answers, the tree of problems as its validator nests it.
void write_error(const HttpError& error, JsonWriter& out) {
  out.begin_object();
  out.key("error");
  out.begin_object();
  out.key("message");
  out.text(error.message);
  out.key("code");
  out.text(error.code);
  out.key("status");
  out.integer(error.status);
  if (!error.rule.empty()) {
    out.key("errors");
    out.raw("[]");
    out.key("properties");
    out.begin_object();
    out.key("payload");
    out.begin_object();
    out.key("errors");
    out.raw("[]");
    out.key("properties");
    out.begin_object();
    out.key(error.field);
    out.begin_object();
    out.key("errors");
    out.begin_array();
    out.text(error.rule);
    out.end_array();
    out.end_object();
    out.end_object();
    out.end_object();
    out.end_object();
  }
  out.end_object();
  out.end_object();
}

HttpError bad_request(std::string_view field, std::string_view rule) {
  return {400, "bad-request", "Bad request", std::string(field), std::string(rule)};
}

/// A text of at most so many characters; longer ones are refused, as Umami does.
bool read_limited(const JsonElement& value, std::string_view field, std::size_t characters_max,
                  std::string& out, Problem& problem) {
  if (!read_text(value, field, characters_max + 1, out, problem)) return false;
  return cut(out, characters_max).size() == out.size() ||
         problem.broken(field, fmt::format("must be at most {} characters long", characters_max));
}

/// Whole seconds, as a number or in a text.
bool read_seconds(const JsonElement& value, Draft& draft, Problem& problem) {
  double seconds = 0;
  if (!read_number(value, "timestamp", {.min = 0, .max = 1e15, .text_allowed = true}, seconds,
                   problem)) {
    return false;
  }
  // Far beyond the range that completing checks, but still whole as milliseconds.
  draft.timestamp_ms = static_cast<std::int64_t>(std::min(seconds, 1e12)) * 1000;
  draft.timestamp_json = fmt::format("{:.0f}", seconds);
  draft.believes_old = true;
  return true;
}

/// "1920x1080"; a malformed one is left out, as Umami does not look at its form.
bool take_screen(const JsonElement& value, Draft& draft, std::string& scratch, Problem& problem) {
  if (!read_limited(value, "screen", 11, scratch, problem)) return false;
  Problem ignored;
  (void)read_size(value, "screen", draft.event.screen_width, draft.event.screen_height, ignored);
  return true;
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && is_letter(text[0]) && is_letter(text[1]) && is_letter(text[2]);
}

/// A payload as sent, beside what goes into the draft at once.
struct Payload {
  std::string name;
  std::string hostname;
  std::string tag;
  std::string scratch;
  std::optional<object> data;
};

/// `data`: kept as custom data; a revenue with a currency, and a shop's names, are read as well.
bool read_data(const JsonElement& value, Draft& draft, Payload& payload,
               const RedactionRules& rules, Problem& problem) {
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) {
    return problem.broken("data", "must be an object");
  }
  double revenue = 0;
  std::string_view currency;
  Problem ignored;
  for (const auto member : members) {
    if (member.key == "revenue") {
      (void)read_number(member.value, "revenue", {.min = 0, .max = 1e15, .text_allowed = true},
                        revenue, ignored);
    }
    if (member.key == "currency" && member.value.get_string().get(currency) != simdjson::SUCCESS) {
      currency = {};
    }
  }
  if (revenue > 0 && is_currency(currency)) {
    draft.event.revenue = revenue;
    draft.event.currency = {upper(currency[0]), upper(currency[1]), upper(currency[2])};
    draft.has_revenue = true;
  }
  payload.data = members;
  draft.data_json.clear();   // the last of two counts
  JsonWriter out(draft.data_json);
  return write_redacted(value, "data", rules, out, problem);
}

/// Reads one member; unknown ones are left out.
bool read_member(std::string_view key, const JsonElement& value, Draft& draft, Payload& payload,
                 const RedactionRules& rules, Problem& problem) {
  event::Event& event = draft.event;
  bool good = true;
  if (key == "hostname") return read_limited(value, key, 100, payload.hostname, problem);
  if (key == "url") return read_text(value, key, 8192, event.url, problem);
  if (key == "referrer") return read_text(value, key, 8192, event.referrer, problem);
  if (key == "title") return read_text(value, key, 500, event.title, problem);
  if (key == "screen") return take_screen(value, draft, payload.scratch, problem);
  if (key == "language") {
    if (!read_limited(value, key, 35, payload.scratch, problem)) return false;
    event.language = language_tag(payload.scratch);
    return true;
  }
  if (key == "name") return read_limited(value, key, 50, payload.name, problem);
  if (key == "tag") return read_limited(value, key, 50, payload.tag, problem);
  if (key == "data") return read_data(value, draft, payload, rules, problem);
  if (key == "id") return read_id(value, key, 255, event.user_id, problem);
  if (key == "timestamp") return read_seconds(value, draft, problem);
  if (key == "ip") {
    if (!read_limited(value, key, 100, draft.client_ip, problem)) return false;
    return Address::parse(draft.client_ip).has_value() ||
           problem.broken(key, "must be an IP address");
  }
  if (key == "userAgent")
    return read_text(value, key, kUserAgentBytesMax, event.user_agent, problem);
  if (key == "browser") return read_text(value, key, 50, draft.browser, problem);
  if (key == "os") return read_text(value, key, 50, draft.os, problem);
  if (!read_page_alias(key, value, draft, problem, good)) {
    (void)read_wc_alias(key, value, draft, problem, good);
  }
  return good;
}

/// The payload says which website; exactly that, as we have no links and pixels.
bool read_website(const object& members, Uuid& website, Problem& problem) {
  JsonElement value;
  if (members.at_key("website").get(value) != simdjson::SUCCESS) {
    return problem.broken("website", "is required");
  }
  return read_uuid(value, "website", website, problem);
}

enum class Type : std::uint8_t { event, identify, performance };

/// What is left out of an event when its kind needs it: then it is a custom event of that name.
Kind kind_of_name(const Draft& draft, std::string_view name) {
  auto kind = event::parse_kind(name);
  if (!kind) kind = kind_of_other_name(name);
  if (!kind) return Kind::custom;
  const bool has_items = !draft.event.items.empty() || !draft.wc_product_id.empty();
  switch (*kind) {
    case Kind::pageview:
    case Kind::click:
    case Kind::text_copy:
    case Kind::checkout:
      return *kind;
    case Kind::product_view:
    case Kind::product_click:
    case Kind::cart_add:
    case Kind::cart_remove:
    case Kind::wishlist_add:
    case Kind::wishlist_remove:
      return has_items ? *kind : Kind::custom;
    case Kind::purchase:
      return has_items || draft.has_revenue || draft.wc_revenue >= 0 ? *kind : Kind::custom;
    case Kind::scroll:
    case Kind::scroll_depth:
      return draft.event.scroll_percentage >= 0 ? *kind : Kind::custom;
    default:
      return Kind::custom;
  }
}

void settle_kind(Draft& draft, Type type, const std::string& name) {
  event::Event& event = draft.event;
  if (type == Type::performance) {
    event.kind = Kind::performance;
  } else if (type == Type::identify) {
    event.kind = event.user_id.empty() ? Kind::custom : Kind::identify;
    event.event_type = "identify";
    return;
  } else if (name.empty()) {
    event.kind = Kind::pageview;
  } else {
    event.kind = draft.has_revenue ? Kind::purchase : kind_of_name(draft, name);
    if (event.kind == Kind::custom && draft.wc_revenue > 0) event.kind = Kind::purchase;
    event.event_type = name;
    if (kind_of_other_name(name) == event.kind) {
      event.event_type = event::to_string(event.kind);
      draft.sent_type = name;
    }
    return;
  }
  event.event_type = event::to_string(event.kind);
}

bool good_hostname(std::string_view text) {
  if (text.empty()) return false;
  const auto parts = split_url(fmt::format("http://{}", text));
  return parts && parts->path.empty() && parts->query.empty() && parts->fragment.empty();
}

}  // namespace

struct UmamiCollector::Implementation {
  /// What one thread needs for one call; taken from a small stock.
  struct Scratch {
    Scratch(const Enricher& enricher, const IntakeLimits& limits) : completer(enricher, limits) {}
    simdjson::dom::parser parser;
    Draft draft;
    Payload payload;
    Problem problem;
    EventCompleter completer;
  };

  /// The answer to one element.
  struct Outcome {
    std::optional<HttpError> error;
    bool is_bot = false;
    UmamiToken token;
  };

  Implementation(const Enricher& shared, IntakeLimits given, std::string key)
      : enricher(shared), limits(given), secret(std::move(key)) {}

  std::unique_ptr<Scratch> take();
  void give_back(std::unique_ptr<Scratch> scratch);
  UmamiAnswer answer(const event::SiteSnapshot& sites, const RequestContext& context,
                     std::string_view body, bool is_batch);
  void write_outcome(const Outcome& outcome, JsonWriter& out) const;
  Outcome add(Scratch& scratch, const event::SiteSnapshot& sites, const JsonElement& element,
              UmamiAnswer& answer) const;
  bool read(Scratch& scratch, const JsonElement& element, const event::SiteSnapshot& sites,
            Type& type, const event::Site*& site, std::optional<HttpError>& error) const;
  UmamiToken identify(Scratch& scratch, const event::Site& site) const;
  void answer_one(Scratch& scratch, const event::SiteSnapshot& sites, const JsonElement& element,
                  UmamiAnswer& answer) const;
  void answer_batch(Scratch& scratch, const event::SiteSnapshot& sites,
                    const simdjson::dom::array& elements, UmamiAnswer& answer) const;

  const Enricher& enricher;
  const IntakeLimits limits;
  const std::string secret;
  Mutex mutex;
  std::vector<std::unique_ptr<Scratch>> stock ATTUNE_THREAD(guarded_by(mutex));
};

std::unique_ptr<UmamiCollector::Implementation::Scratch> UmamiCollector::Implementation::take() {
  {
    const MutexLock lock(mutex);
    if (!stock.empty()) {
      auto scratch = std::move(stock.back());
      stock.pop_back();
      return scratch;
    }
  }
  return std::make_unique<Scratch>(enricher, limits);
}

void UmamiCollector::Implementation::give_back(std::unique_ptr<Scratch> scratch) {
  constexpr std::size_t kKeptMax = 64;
  const MutexLock lock(mutex);
  if (stock.size() < kKeptMax) stock.push_back(std::move(scratch));
}

bool UmamiCollector::Implementation::read(Scratch& scratch, const JsonElement& element,
                                          const event::SiteSnapshot& sites, Type& type,
                                          const event::Site*& site,
                                          std::optional<HttpError>& error) const {
  Draft& draft = scratch.draft;
  Problem& problem = scratch.problem;
  std::string_view text;
  object payload;
  if (element.at_key("type").get_string().get(text) != simdjson::SUCCESS ||
      (text != "event" && text != "identify" && text != "performance")) {
    error = bad_request("type", "must be event, identify or performance");
    return false;
  }
  type = text == "event" ? Type::event : text == "identify" ? Type::identify : Type::performance;
  if (element.at_key("payload").get_object().get(payload) != simdjson::SUCCESS) {
    error = bad_request("payload", "must be an object");
    return false;
  }
  Uuid website;
  if (!read_website(payload, website, problem)) {
    error = bad_request(problem.field(), problem.rule());
    return false;
  }
  const auto found = sites.by_id.find(website);
  if (found == sites.by_id.end()) {
    error = HttpError{400, "bad-request", "Website not found.", {}, {}};
    return false;
  }
  site = &found->second;
  const RedactionRules rules{.extra_names = site->redact_names, .is_form = false};
  for (const auto member : payload) {
    if (member.value.is_null()) continue;
    if (read_member(member.key, member.value, draft, scratch.payload, rules, problem)) continue;
    error = bad_request(problem.field(), problem.rule());
    return false;
  }
  if (scratch.payload.data) read_data_aliases(*scratch.payload.data, draft);
  if (type != Type::performance) return true;
  if (read_performance(JsonElement(element.at_key("payload").value_unsafe()), "payload",
                       draft.performance_json, problem)) {
    return true;
  }
  error = bad_request(problem.field(), problem.rule());
  return false;
}

UmamiToken UmamiCollector::Implementation::identify(Scratch& scratch,
                                                    const event::Site& site) const {
  Draft& draft = scratch.draft;
  const RequestContext& context = scratch.completer.context();
  const std::string_view ip =
      draft.client_ip.empty() ? context.client_ip : std::string_view(draft.client_ip);
  UmamiToken token;
  token.website = site.id;
  if (!draft.event.user_id.empty()) {
    token.session = Uuid::from_name(site.id, "id:" + draft.event.user_id);
  } else {
    const std::string agent =
        draft.event.user_agent.empty() ? make_utf8(context.user_agent) : draft.event.user_agent;
    token.session = Uuid::from_name(
        site.id, "visitor:" + enricher.visitor_id(site.id, ip, agent, context.received_ms));
  }
  const std::int64_t now_s = context.received_ms / 1000;
  const std::int64_t event_s = draft.timestamp_ms ? *draft.timestamp_ms / 1000 : now_s;
  const auto before = read_token(context.umami_cache, secret);
  const bool mine = before && before->website == site.id;
  if (mine && (draft.timestamp_ms || now_s - before->issued_s <= kVisitIdleS)) {
    token.visit = before->visit;
  } else if (mine) {
    token.visit = Uuid::from_name(token.session, fmt::format("after:{}", before->issued_s));
  } else {
    token.visit = Uuid::from_name(token.session, fmt::format("hour:{}", event_s / 3600));
  }
  token.issued_s = now_s;
  return token;
}

UmamiCollector::Implementation::Outcome UmamiCollector::Implementation::add(
    Scratch& scratch, const event::SiteSnapshot& sites, const JsonElement& element,
    UmamiAnswer& answer) const {
  Outcome outcome;
  Draft& draft = scratch.draft;
  draft.clear();
  scratch.payload = Payload{};
  Type type = Type::event;
  const event::Site* site = nullptr;
  if (!read(scratch, element, sites, type, site, outcome.error)) return outcome;
  const RequestContext& context = scratch.completer.context();
  // @umami/node sends no Origin; a browser always does.
  if (!context.origin.empty() && !may_send(*site, context, scratch.problem)) {
    outcome.error = HttpError{403, "forbidden", "Forbidden", {}, {}};
    return outcome;
  }
  const Payload& payload = scratch.payload;
  if (good_hostname(payload.hostname)) draft.base_host = payload.hostname;
  if (!payload.hostname.empty() || !payload.tag.empty()) {
    JsonWriter out(draft.umami_json);
    out.begin_object();
    if (!payload.hostname.empty()) {
      out.key("hostname");
      out.text(payload.hostname);
    }
    if (!payload.tag.empty()) {
      out.key("tag");
      out.text(payload.tag);
    }
    out.end_object();
  }
  settle_kind(draft, type, payload.name);
  outcome.token = identify(scratch, *site);
  draft.event.visitor_id = outcome.token.session.text();
  draft.event.session_id = outcome.token.visit.text();
  if (!scratch.completer.complete(draft, *site, scratch.problem)) {
    outcome.error = bad_request(scratch.problem.field(), scratch.problem.rule());
    return outcome;
  }
  outcome.is_bot = draft.event.is_bot;
  event::encode(draft.event, answer.batch.bytes);
  answer.batch.ends.push_back(static_cast<std::uint32_t>(answer.batch.bytes.size()));
  answer.site = site->id;
  return outcome;
}

void UmamiCollector::Implementation::write_outcome(const Outcome& outcome, JsonWriter& out) const {
  if (outcome.error) return write_error(*outcome.error, out);
  out.begin_object();
  if (outcome.is_bot) {
    out.key("beep");
    out.text("boop");
  } else {
    out.key("cache");
    out.text(sign_token(outcome.token, secret));
    out.key("sessionId");
    out.text(outcome.token.session.text());
    out.key("visitId");
    out.text(outcome.token.visit.text());
  }
  out.end_object();
}

namespace {

UmamiAnswer refusal(const HttpError& error) {
  UmamiAnswer answer;
  answer.status = error.status;
  answer.rejected_count = 1;
  JsonWriter out(answer.body);
  write_error(error, out);
  return answer;
}

bool all_objects(const simdjson::dom::array& elements) {
  for (const JsonElement element : elements) {
    if (!element.is_object()) return false;
  }
  return true;
}

}  // namespace

UmamiAnswer UmamiCollector::Implementation::answer(const event::SiteSnapshot& sites,
                                                   const RequestContext& context,
                                                   std::string_view body, bool is_batch) {
  if (body.size() > limits.body_bytes_max) {
    return refusal({413, "payload-too-large", "Payload too large", {}, {}});
  }
  auto scratch = take();
  if (scratch->parser.capacity() < body.size() || scratch->parser.capacity() == 0) {
    const std::size_t room = std::max<std::size_t>(body.size(), 16384);
    ensure(scratch->parser.allocate(room, limits.depth_max) == simdjson::SUCCESS,
           "memory for a parser");
  }
  UmamiAnswer out;
  JsonElement root;
  simdjson::dom::array elements;
  if (scratch->parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      (is_batch ? root.get_array().get(elements) != simdjson::SUCCESS || !all_objects(elements)
                : !root.is_object())) {
    out = refusal({});
  } else if (is_batch && elements.size() > limits.batch_events_max) {
    out = refusal({413, "payload-too-large", "Payload too large", {}, {}});
  } else {
    scratch->completer.begin(context);
    if (is_batch) {
      answer_batch(*scratch, sites, elements, out);
    } else {
      answer_one(*scratch, sites, root, out);
    }
  }
  give_back(std::move(scratch));
  return out;
}

void UmamiCollector::Implementation::answer_one(Scratch& scratch, const event::SiteSnapshot& sites,
                                                const JsonElement& element,
                                                UmamiAnswer& answer) const {
  const Outcome outcome = add(scratch, sites, element, answer);
  answer.accepted_count = outcome.error ? 0 : 1;
  answer.rejected_count = outcome.error ? 1 : 0;
  if (outcome.error) answer.status = outcome.error->status;
  JsonWriter out(answer.body);
  write_outcome(outcome, out);
}

void UmamiCollector::Implementation::answer_batch(Scratch& scratch,
                                                  const event::SiteSnapshot& sites,
                                                  const simdjson::dom::array& elements,
                                                  UmamiAnswer& answer) const {
  std::string details;
  JsonWriter detail(details);
  detail.begin_array();
  std::string cache;
  std::int64_t index = 0;
  for (const JsonElement element : elements) {
    const Outcome outcome = add(scratch, sites, element, answer);
    if (outcome.error) {
      ++answer.rejected_count;
      detail.begin_object();
      detail.key("index");
      detail.integer(index);
      detail.key("response");
      write_outcome(outcome, detail);
      detail.end_object();
    } else {
      ++answer.accepted_count;
      if (cache.empty() && !outcome.is_bot) cache = sign_token(outcome.token, secret);
    }
    ++index;
  }
  detail.end_array();
  JsonWriter out(answer.body);
  out.begin_object();
  out.key("size");
  out.integer(index);
  out.key("processed");
  out.unsigned_integer(answer.accepted_count);
  out.key("errors");
  out.unsigned_integer(answer.rejected_count);
  out.key("details");
  out.raw(details);
  if (!cache.empty()) {
    out.key("cache");
    out.text(cache);
  }
  out.end_object();
}

UmamiCollector::UmamiCollector(const Enricher& enricher, IntakeLimits limits, std::string secret)
    : implementation_(std::make_unique<Implementation>(enricher, limits, std::move(secret))) {
  ensure(implementation_->secret.size() >= 16, "the secret of the token has at least 16 bytes");
}

UmamiCollector::~UmamiCollector() = default;

UmamiAnswer UmamiCollector::send(const event::SiteSnapshot& sites, const RequestContext& context,
                                 std::string_view body) const {
  return implementation_->answer(sites, context, body, false);
}

UmamiAnswer UmamiCollector::batch(const event::SiteSnapshot& sites, const RequestContext& context,
                                  std::string_view body) const {
  return implementation_->answer(sites, context, body, true);
}

std::string umami_error_json(int status, std::string_view message) {
  std::string json;
  JsonWriter out(json);
  write_error({status, code_of(status), message, {}, {}}, out);
  return json;
}

}  // namespace attune::collect
