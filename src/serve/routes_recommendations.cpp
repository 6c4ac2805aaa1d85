// What to show a visitor: answered from memory on the connection's thread.
#include <fmt/format.h>

#include "decide/decider.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kTextMax = 255;

std::string answer_json(const decide::Answer& answer) {
  std::string out = R"({"decision_id":)";
  if (answer.decision_id) {
    append_json_string(out, answer.decision_id->text());
  } else {
    out += "null";
  }
  out += R"(,"model_version":)";
  append_json_string(out, answer.model_version);
  out += R"(,"items":[)";
  bool first = true;
  for (const decide::AnswerItem& item : answer.items) {
    out += first ? "{\"item_id\":" : ",{\"item_id\":";
    first = false;
    append_json_string(out, item.item_id);
    fmt::format_to(std::back_inserter(out), R"(,"rank":{},"score":{},"strategy":)", item.rank,
                   item.score);
    append_json_string(out, item.strategy);
    fmt::format_to(std::back_inserter(out), R"(,"propensity":{},"reason":)", item.propensity);
    append_json_string(out, item.reason);
    if (item.in_catalogue) {
      const auto text = [&out](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
        append_json_string(out, value);
      };
      text("name", item.name);
      text("url", item.url);
      text("image", item.image);
      if (item.price) fmt::format_to(std::back_inserter(out), ",\"price\":{}", *item.price);
    }
    out += "}";
  }
  out += "]}";
  return out;
}

/// The origin of a page: of the Origin header, or of the Referer, as browsers leave out the former
/// when page and server share their origin.
std::string page_origin(const Request& request) {
  const std::string_view origin = request.header("origin");
  if (!origin.empty()) return std::string(origin);
  const std::string_view referer = request.header("referer");
  const std::size_t scheme = referer.find("://");
  if (scheme == std::string_view::npos) return {};
  return std::string(referer.substr(0, referer.find('/', scheme + 3)));
}

Result<std::string> short_text(const Call& call, std::string_view name) {
  const std::string_view text = call.query.get_or(name, "");
  if (text.size() <= kTextMax) return std::string(text);
  return fail(ErrorCode::invalid_argument, fmt::format("is longer than {} bytes", kTextMax),
              std::string(name));
}

Result<Response> recommend(ApiContext& api, const Call& call) {
  if (api.parts.decider == nullptr) {
    return fail(ErrorCode::unavailable, "recommendations are not available in this process");
  }
  const event::Site& site = *call.site;
  const bool may_read = call.caller.may(Scope::read, site.id);
  const bool preview = call.query.get_or("preview", "") == "1";
  if (call.caller.kind == CallerKind::key && !may_read) {
    return fail(ErrorCode::permission_denied, "this key may not read this site", "Authorization");
  }
  if (preview && !may_read)
    return fail(ErrorCode::unauthenticated, "a preview needs a login", "preview");
  if (!may_read && !collect::origin_allowed(site, page_origin(call.request()))) {
    return fail(ErrorCode::permission_denied, "the site does not allow this origin", "Origin");
  }
  const bool stranger = call.caller.kind == CallerKind::nobody;
  if (stranger && api.parts.admission != nullptr) {  // each answer is a record in the journal
    const auto refused =
        api.parts.admission->admit_events(call.client_address, site.id, 1, api.clock().steady_us());
    if (refused) return admission_refusal(*refused);
  }
  decide::Request request;
  request.site = site.id;
  request.preview = preview;
  ATTUNE_ASSIGN(request.visitor, short_text(call, "visitor"));
  ATTUNE_ASSIGN(request.session, short_text(call, "session"));
  ATTUNE_ASSIGN(request.item, short_text(call, "item"));
  ATTUNE_ASSIGN(request.placement, short_text(call, "placement"));
  ATTUNE_ASSIGN(const std::int64_t count,
                call.query.number("n", 10, 1, static_cast<std::int64_t>(decide::kCountMax)));
  request.count = static_cast<std::size_t>(count);
  const bool anonymous = request.visitor.empty() && request.session.empty() && !preview;
  if (anonymous && api.parts.enricher != nullptr) {
    request.visitor = api.parts.enricher->visitor_id(site.id, call.client_address,
                                                     call.request().header("user-agent"),
                                                     call.request().received_ms);
  }
  ATTUNE_ASSIGN(const decide::Answer answer, api.parts.decider->recommend(request));
  Response response = Response::json(answer_json(answer));
  return response;
}

}  // namespace

std::vector<Route> recommendation_routes(ApiContext& api) {
  Route route;
  route.pattern = "/api/v1/sites/{site}/recommendations";
  route.name = "recommend";
  route.access = Access::visitors;
  route.runs = Runs::on_io;
  route.summary = "What to show a visitor now; recorded as a decision unless it is a preview.";
  route.response_schema = "Recommendations";
  route.query = {
      {"visitor", "The visitor's id; without one, and without a session, the cookieless id."},
      {"session", "The session's id."},
      {"item", "The item on the page."},
      {"n", "How many.", R"({"type":"integer","minimum":1,"maximum":100,"default":10})"},
      {"placement", "Where on the site."},
      {"preview", "1: only to look at, nothing is recorded; needs a login or a key.",
       R"({"enum":["1"]})"},
  };
  route.on_io = [&api](std::shared_ptr<Call> call, Responder answer) {
    Result<Response> response = recommend(api, *call);
    answer(response ? std::move(*response) : Response::error(response.error()));
  };
  return {route};
}

}  // namespace attune::serve
