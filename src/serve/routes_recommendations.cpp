// What to show a visitor: answered from memory on the connection's thread.
#include <fmt/format.h>

#include <algorithm>

#include "decide/decider.h"
#include "serve/product.h"
#include "serve/recommendation_json.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kTextMax = 255;

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

/// The items of a cart, with commas between.
Result<std::vector<std::string>> item_list(const Call& call) {
  std::string_view text = call.query.get_or("items", "");
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > kTextMax) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("one is longer than {} bytes", kTextMax), "items");
    }
    if (end > 0) items.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
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
  ATTUNE_ASSIGN(request.category, short_text(call, "category"));
  ATTUNE_ASSIGN(request.query, short_text(call, "query"));
  ATTUNE_ASSIGN(request.type, product_type(call.query.get_or("type", "")));
  ATTUNE_ASSIGN(request.items, item_list(call));
  if (call.query.get("n")) {
    ATTUNE_ASSIGN(const std::int64_t count,
                  call.query.number("n", 10, 1, static_cast<std::int64_t>(decide::kCountMax)));
    request.count = static_cast<std::size_t>(count);
  }
  const bool anonymous = request.visitor.empty() && request.session.empty() && !preview;
  if (anonymous && api.parts.enricher != nullptr) {
    request.visitor = api.parts.enricher->visitor_id(site.id, call.client_address,
                                                     call.request().header("user-agent"),
                                                     call.request().received_ms);
  }
  ATTUNE_ASSIGN(const decide::Answer answer, api.parts.decider->recommend(request));
  return Response::json(recommendation_json(answer, preview));
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
      {"items", "The items of a cart, at most 50, with commas between."},
      {"category", "Recommend from this category alone."},
      {"query", "What was searched for: recommend from what it finds."},
      {"type", "Products of this type alone.", R"({"enum":["product","content","offer"]})"},
      {"n", "How many; without it what the placement says.",
       R"({"type":"integer","minimum":1,"maximum":100})"},
      {"placement", "Where on the site; docs/placements.md."},
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
