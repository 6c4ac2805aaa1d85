// GrowthBook's endpoints for its SDKs: the payload, the stream of changes, evaluation here, and the
// events of the tracking plugin. A site's public id is the client key; errors are GrowthBook's.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "collect/text.h"
#include "collect/user_agent.h"
#include "event/event.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kEvalBytesMax = 64 * 1024;
constexpr std::size_t kTrackedMax = 1000;
constexpr std::size_t kVisitorCharactersMax = 100;
constexpr std::string_view kViewed = "Experiment Viewed";
constexpr std::string_view kEvaluated = "Feature Evaluated";

Response sdk_error(int status, std::string_view message) {
  const json::object body{{"status", status}, {"error", message}};
  Response response = Response::json(json::serialize(body), status);
  if (status == 400) response.with("x-unrecoverable", "1");   // asking again does not help
  return response;
}

Response no_such_site() {
  return sdk_error(400, "no site has this client key: it is the site's id, as in its snippet");
}

/// A site, and what keeps it alive.
struct Known {
  std::shared_ptr<const event::SiteSnapshot> sites;
  const event::Site* site = nullptr;
  std::string client_key;   // the site's id, or one that was made for an SDK
};

Known find(const ApiContext& api, std::string_view key) {
  Known known{api.control().sites(), nullptr, std::string(key)};
  known.site = site_of_client_key(*known.sites, key);
  if (known.site != nullptr) {
    known.client_key = known.site->id.text();
    return known;
  }
  const auto id = api.publisher.site_of(key);
  const auto found = id ? known.sites->by_id.find(*id) : known.sites->by_id.end();
  if (found != known.sites->by_id.end()) known.site = &found->second;
  return known;
}

Response get_features(ApiContext& api, const Call& call) {
  const Known known = find(api, call.path("key"));
  if (known.site == nullptr) return no_such_site();
  const auto published = api.publisher.of(known.site->id);
  const auto hidden = published->encrypted.find(known.client_key);
  const bool is_plain = hidden == published->encrypted.end();
  const bool is_own = known.client_key == known.site->id.text();
  if (!is_own && !published->keys.contains(known.client_key)) return no_such_site();
  const std::string& etag = is_plain ? published->etag : hidden->second.etag;
  Response response = Response::json(is_plain ? published->body : hidden->second.body);
  // A browser may show an old payload for half a minute longer, and an hour's worth of
  // stale-while-revalidate would keep a killed flag alive.
  response.with("Cache-Control",
                "public, max-age=30, stale-while-revalidate=30, stale-if-error=36000");
  response.with("ETag", etag);
  response.with("x-sse-support", "enabled");
  response.with("Access-Control-Expose-Headers", "x-sse-support, ETag");
  if (has_etag(call.request(), etag)) {
    response.status = 304;
    response.content_type = {};
    response.body.clear();
  }
  return response;
}

Response get_stream(ApiContext& api, const Call& call) {
  const Known known = find(api, call.path("key"));
  if (known.site == nullptr) return no_such_site();
  auto stream = api.publisher.open_stream(
      known.site->id, {.kind = StreamKind::growthbook, .client_key = known.client_key});
  if (!stream) {
    Response busy = sdk_error(503, stream.error().message());
    return std::move(busy.with("Retry-After", "30"));
  }
  Response response;
  response.content_type = "text/event-stream";
  response.with("Cache-Control", "no-cache");
  response.with("X-Accel-Buffering", "no");   // nginx would collect events
  response.stream = std::move(*stream);
  return response;
}

Result<experiment::Asker> read_question(std::string_view body) {
  ATTUNE_ASSIGN(const json::value value, parse_json(body));
  const json::object* question = value.if_object();
  if (question == nullptr) return fail(ErrorCode::invalid_argument, "must be an object", "body");
  experiment::Asker asker;
  const auto take = [&](std::string_view name, json::object& into) {
    const json::value* given = question->if_contains(name);
    if (given != nullptr && given->is_object()) into = given->get_object();
  };
  take("attributes", asker.attributes);
  take("forcedVariations", asker.forced_variations);
  const json::value* forced = question->if_contains("forcedFeatures");
  if (forced != nullptr && forced->is_array()) {
    for (const json::value& each : forced->get_array()) {
      const json::array* pair = each.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string()) continue;
      asker.forced_features[(*pair)[0].get_string()] = (*pair)[1];
    }
  }
  const json::value* url = question->if_contains("url");
  if (url != nullptr && url->is_string()) asker.url = url->get_string().c_str();
  const json::value* sticky = question->if_contains("stickyBucketAssignmentDocs");
  if (sticky != nullptr && sticky->is_object()) asker.sticky = sticky->get_object();
  return asker;
}

/// The SDK reports what was used; nothing is journalled here.
Response evaluate(ApiContext& api, const Call& call) {
  const Known known = find(api, call.path("key"));
  if (known.site == nullptr) return no_such_site();
  const auto asker = read_question(call.request().body);
  if (!asker) return sdk_error(400, asker.error().message());
  const auto published = api.publisher.of(known.site->id);
  json::object body = experiment::evaluated_payload(published->site, *asker);
  // Another person's payload is another version: an SDK would keep the first.
  body["dateUpdated"] = json::parse(published->body).at("dateUpdated");
  Response response = Response::json(json::serialize(body));
  response.with("x-sse-support", "enabled");
  response.with("Access-Control-Expose-Headers", "x-sse-support");
  return response;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (found == nullptr) return {};
  if (found->is_string()) return found->get_string().c_str();
  return found->is_int64() ? std::to_string(found->get_int64()) : std::string();
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

/// A name of the plugin's as a name of an event: 1 to 50 of a-z 0-9 _ . : -
std::string event_name(std::string_view given) {
  std::string name;
  for (char c : given.substr(0, 50)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      std::string_view("_.:-").find(c) != std::string_view::npos;
    name.push_back(fits ? c : '_');
  }
  const bool is_ours = event::parse_kind(name) && name != "pageview";
  return is_ours ? "growthbook." + name.substr(0, 39) : name;
}

/// An event of the plugin as one of ours.
json::object native_event(const event::Site& site, const json::object& from) {
  json::object made{{"site", site.id.text()}, {"type", event_name(text_in(from, "event_name"))}};
  const auto take = [&](std::string_view name, std::string_view to, std::size_t most) {
    const std::string text = text_in(from, name);
    if (!text.empty()) made[to] = collect::cut(text, most);
  };
  take("device_id", "visitor_id", kVisitorCharactersMax);
  take("user_id", "user_id", 255);
  take("session_id", "session_id", kVisitorCharactersMax);
  take("url", "url", 2000);
  take("page_title", "title", 255);
  if (const json::object* properties = object_in(from, "properties_json")) {
    if (!properties->empty()) made["data"] = *properties;
  }
  return made;
}

std::optional<event::Exposure> viewed(const Call& call, const event::Site& site,
                                      const json::object& from) {
  const json::object* properties = object_in(from, "properties_json");
  if (properties == nullptr) return std::nullopt;
  event::Exposure exposure;
  exposure.site = site.id;
  exposure.exposed_ms = exposure.received_ms = call.request().received_ms;
  exposure.visitor_id = text_in(*properties, "hashValue");
  if (exposure.visitor_id.empty()) exposure.visitor_id = text_in(from, "device_id");
  exposure.session_id = text_in(from, "session_id");
  exposure.test_key = text_in(*properties, "experimentId");
  exposure.variation_id = text_in(*properties, "variationId");
  exposure.source = text_in(from, "sdk_language") == "attune" ? "tracker" : "growthbook";
  json::object attributes;
  if (const json::object* context = object_in(from, "context_json")) attributes = *context;
  const auto device = collect::device_type(call.request().header("user-agent"));
  if (device != event::DeviceType::unknown && !attributes.contains("device")) {
    attributes["device"] = event::to_string(device);
  }
  exposure.attributes_json = exposure_dimensions(attributes);
  const bool whole = !exposure.visitor_id.empty() && !exposure.test_key.empty() &&
                     !exposure.variation_id.empty();
  return whole ? std::optional(std::move(exposure)) : std::nullopt;
}

/// What one request of the plugin holds.
struct Tracked {
  std::vector<event::Exposure> exposures;
  json::array events;
  std::size_t ignored = 0;   // uses of flags, and what has no name
};

Result<Tracked> read_tracked(const Call& call, const event::Site& site) {
  ATTUNE_ASSIGN(const json::value value, parse_json(call.request().body));
  json::array one;
  if (value.is_object()) one.push_back(value);
  const json::array* list = value.is_array() ? &value.get_array() : &one;
  if (list->empty() || list->size() > kTrackedMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be a list of 1 to {} events", kTrackedMax), "body");
  }
  Tracked tracked;
  for (const json::value& each : *list) {
    const json::object* from = each.if_object();
    const std::string name = from == nullptr ? std::string() : text_in(*from, "event_name");
    if (name == kViewed) {
      auto exposure = viewed(call, site, *from);
      if (exposure) tracked.exposures.push_back(std::move(*exposure));
      else ++tracked.ignored;
    } else if (name.empty() || name == kEvaluated) {
      ++tracked.ignored;
    } else {
      tracked.events.push_back(native_event(site, *from));
    }
  }
  return tracked;
}

Response tracked_answer(std::size_t exposures, std::size_t events, std::size_t ignored) {
  return Response::json(fmt::format(R"({{"status":200,"exposures":{},"events":{},"ignored":{}}})",
                                    exposures, events, ignored));
}

void track(ApiContext& api, const Call& call, Responder answer) {
  const Known known = find(api, call.query.get_or("client_key", ""));
  if (known.site == nullptr) return answer(no_such_site());
  const event::Site& site = *known.site;
  if (!collect::origin_allowed(site, call.request().header("origin"))) {
    return answer(sdk_error(403, "the site does not take events from this origin"));
  }
  collect::Admission& admission = *api.parts.admission;
  if (auto refused = admission.admit_body(call.request().body.size())) {
    return answer(admission_refusal(*refused));
  }
  auto tracked = read_tracked(call, site);
  if (!tracked) return answer(sdk_error(400, tracked.error().message()));
  const std::size_t count = tracked->exposures.size() + tracked->events.size();
  if (auto refused = admission.admit_events(call.client_address, site.id, count,
                                            api.clock().steady_us())) {
    return answer(admission_refusal(*refused));
  }
  const auto published = api.publisher.of(site.id);
  for (const event::Exposure& exposure : tracked->exposures) {
    if (const auto kept = api.exposures.record(exposure, *published); !kept) {
      return answer(Response::error(kept.error()));
    }
  }
  if (tracked->events.empty()) {
    return answer(tracked_answer(tracked->exposures.size(), 0, tracked->ignored));
  }
  const collect::RequestContext context = collect_context(call, api.options.trust_proxy);
  collect::Intake intake =
      api.parts.native->collect(*known.sites, context, json::serialize(tracked->events));
  if (intake.refused) return answer(admission_refusal({*intake.refused, 0}));
  auto made = tracked_answer(tracked->exposures.size(), intake.accepted_count,
                             tracked->ignored + intake.rejected_count);
  if (intake.accepted_count == 0) return answer(std::move(made));
  api.parts.journal->append(std::move(intake.batch),
                            [answer = std::move(answer), made = std::move(made)](
                                Result<journal::Position> durable) mutable {
                              answer(durable ? std::move(made) : journal_error(durable.error()));
                            });
}

Route client_row(Method method, std::string_view pattern, std::string_view name,
                 std::string_view summary) {
  Route route = row(method, pattern, name, Access::clients, summary);
  route.in_document = false;   // GrowthBook's protocol; docs/flags.md
  return route;
}

}  // namespace

const event::Site* site_of_client_key(const event::SiteSnapshot& sites, std::string_view key) {
  const auto public_key = sites.by_public_key.find(std::string(key));
  if (public_key == sites.by_public_key.end()) {
    const auto id = Uuid::parse(key);
    const auto found = id ? sites.by_id.find(*id) : sites.by_id.end();
    return found == sites.by_id.end() ? nullptr : &found->second;
  }
  const auto found = sites.by_id.find(public_key->second);
  return found == sites.by_id.end() ? nullptr : &found->second;
}

bool has_etag(const Request& request, std::string_view etag) {
  const std::string_view known = request.header("if-none-match");
  return known == "*" || known.find(etag) != std::string_view::npos;
}

std::vector<Route> growthbook_routes(ApiContext& api) {
  Route features = client_row(Method::get, "/growthbook/api/features/{key}", "growthbook_features",
                              "What the site publishes, for GrowthBook's SDKs.");
  features.runs = Runs::on_io;
  features.on_io = [&api](std::shared_ptr<Call> call, Responder answer) {
    answer(get_features(api, *call));
  };
  Route stream = client_row(Method::get, "/growthbook/sub/{key}", "growthbook_stream",
                            "Server-sent events: the payload, whenever it changes.");
  stream.runs = Runs::on_io;
  stream.on_io = [&api](std::shared_ptr<Call> call, Responder answer) {
    answer(get_stream(api, *call));
  };
  Route eval = client_row(Method::post, "/growthbook/api/eval/{key}", "growthbook_eval",
                          "One person's values, without the rules.");
  eval.body_bytes_max = kEvalBytesMax;
  eval.body_type = BodyType::beacon;
  eval.on_worker = [&api](const Call& call) { return evaluate(api, call); };
  Route tracking = client_row(Method::post, "/growthbook/track", "growthbook_track",
                              "Events of the SDKs' tracking plugin.");
  tracking.body_bytes_max = api.options.event_body_bytes_max;
  tracking.body_type = BodyType::beacon;
  tracking.runs = Runs::on_io;
  tracking.on_io = [&api](std::shared_ptr<Call> call, Responder answer) {
    track(api, *call, std::move(answer));
  };
  return {std::move(features), std::move(stream), std::move(eval), std::move(tracking)};
}

}  // namespace attune::serve
