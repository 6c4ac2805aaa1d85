// Placements and rules of a site: stored whole, in service when the answer goes out; and a dry run
// that shows what a draft would do.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "decide/decider.h"
#include "serve/json_fields.h"
#include "serve/placement_store.h"
#include "serve/product.h"
#include "serve/recommendation_json.h"
#include "serve/routes.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kDefinitionBytesMax = 64 * 1024;
constexpr std::size_t kPreviewBytesMax = 1 << 20;
constexpr std::size_t kTextMax = 255;

/// Puts what is stored now in service.
Result<void> serve_rules(ApiContext& api, const Call& call) {
  if (!api.parts.operations.rules_changed) return {};
  auto served = api.parts.operations.rules_changed(*call.site);
  if (!served) return pass(served, "it is stored, and not in service yet");
  return {};
}

/// The rows of a query as an array of objects: the definition, with its name before it.
Result<std::string> list_json(ApiContext& api, const Call& call, std::string_view file,
                              std::string_view name) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id.text()};
  ATTUNE_ASSIGN(const store::Rows rows, session->query(file, parameters));
  json::array list;
  for (const auto& row : rows.rows) {
    RowReader reader(row);
    json::object entry;
    if (name == "id") entry["id"] = reader.take<Uuid>().text();
    else entry["name"] = reader.take<std::string>();
    const json::value definition = json::parse(reader.take<std::string>());
    for (const auto& field : definition.as_object()) entry[field.key()] = field.value();
    list.push_back(std::move(entry));
  }
  return json::serialize(list);
}

Result<Response> list_placements(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::string list, list_json(api, call, "decide/placements", "name"));
  json::array strategies;
  for (const std::string_view name : decide::placement_strategies()) {
    strategies.emplace_back(json::string_view(name.data(), name.size()));
  }
  return Response::json(fmt::format(R"({{"placements":{},"strategies":{}}})", list,
                                    json::serialize(strategies)));
}

Result<Response> list_rules(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::string list, list_json(api, call, "decide/rules", "id"));
  return Response::json(fmt::format(R"({{"rules":{}}})", list));
}

/// Refuses one more than there may be; one that is replaced is none more.
Result<void> check_room(store::Session& session, const Call& call, std::string_view file,
                        const store::Value& key, std::size_t most) {
  const store::Value parameters[] = {call.site->id.text()};
  ATTUNE_ASSIGN(const store::Rows rows, session.query(file, parameters));
  for (const auto& row : rows.rows) {
    if (row[0] == key) return {};
  }
  if (rows.rows.size() < most) return {};
  return fail(ErrorCode::resource_exhausted, fmt::format("a site has at most {} of them", most),
              "body");
}

Result<Response> put_placement(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  const std::string name(call.path("name"));
  ATTUNE_TRY(check_placement_name(name));
  ATTUNE_ASSIGN(const decide::Placement placement, read_placement(body, name));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_TRY(check_room(*session, call, "decide/placements", name, kPlacementsMax));
  const store::Value parameters[] = {call.site->id.text(), placement.name,
                                     store::Json{json::serialize(body)},
                                     store::Timestamp::from_ms(api.clock().now_ms())};
  ATTUNE_TRY(session->execute("decide/placement_upsert", parameters));
  ATTUNE_TRY(session.commit());
  ATTUNE_TRY(serve_rules(api, call));
  return Response::json(R"({"stored":1})");
}

Result<Response> delete_placement(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id.text(), std::string(call.path("name"))};
  ATTUNE_ASSIGN(const std::int64_t gone, session->execute("decide/placement_delete", parameters));
  ATTUNE_TRY(session.commit());
  if (gone == 0) return fail(ErrorCode::not_found, "no such placement", "name");
  ATTUNE_TRY(serve_rules(api, call));
  return Response::empty(204);
}

Result<Response> store_rule(ApiContext& api, const Call& call, const Uuid& id, bool is_new) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  ATTUNE_ASSIGN(const decide::Rule rule, read_rule(body, call.site->id, id.text()));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_TRY(check_room(*session, call, "decide/rules", id, kRulesMax));
  const store::Value parameters[] = {call.site->id.text(), id, store::Json{json::serialize(body)},
                                     store::Timestamp::from_ms(api.clock().now_ms())};
  ATTUNE_TRY(session->execute("decide/rule_upsert", parameters));
  ATTUNE_TRY(session.commit());
  ATTUNE_TRY(serve_rules(api, call));
  Response response = Response::json(fmt::format(R"({{"id":"{}"}})", rule.id));
  if (is_new) response.status = 201;
  return response;
}

Result<Uuid> rule_id(const Call& call) {
  auto id = Uuid::parse(call.path("id"));
  if (!id) return fail(ErrorCode::not_found, "no such rule", "id");
  return *id;
}

Result<Response> put_rule(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const Uuid id, rule_id(call));
  return store_rule(api, call, id, false);
}

Result<Response> delete_rule(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const Uuid id, rule_id(call));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id.text(), id};
  ATTUNE_ASSIGN(const std::int64_t gone, session->execute("decide/rule_delete", parameters));
  ATTUNE_TRY(session.commit());
  if (gone == 0) return fail(ErrorCode::not_found, "no such rule", "id");
  ATTUNE_TRY(serve_rules(api, call));
  return Response::empty(204);
}

/// The rules of a preview: those of the draft in place of all that are stored.
Result<void> read_draft_rules(const json::value* drafts, const Call& call,
                              std::vector<decide::Rule>& rules) {
  if (drafts == nullptr) return {};
  const json::array* list = drafts->if_array();
  if (list == nullptr || list->size() > kRulesMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be an array of at most {} rules", kRulesMax), "rules");
  }
  rules.clear();
  for (std::size_t i = 0; i < list->size(); ++i) {
    json::value draft = (*list)[i];
    std::string id = fmt::format("draft-{:04}", i);
    if (draft.is_object() && draft.get_object().if_contains("id") != nullptr) {
      if (draft.at("id").is_string()) id = draft.at("id").as_string().c_str();
      draft.get_object().erase("id");
    }
    ATTUNE_ASSIGN(decide::Rule rule,
                  read_rule(draft, call.site->id, id, fmt::format("rules[{}].", i)));
    rules.push_back(std::move(rule));
  }
  decide::sort_rules(rules);
  return {};
}

Result<decide::Request> read_preview(ApiContext& api, const Call& call) {
  const std::string name(call.path("name"));
  ATTUNE_TRY(check_placement_name(name));
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  decide::Request request;
  request.site = call.site->id;
  request.placement = name;
  request.preview = true;
  request.visitor = fields.optional_text("visitor", kTextMax).value_or("");
  request.session = fields.optional_text("session", kTextMax).value_or("");
  request.item = fields.optional_text("item", kTextMax).value_or("");
  request.items =
      fields.optional_texts("items", kTextMax).value_or(std::vector<std::string>{});
  request.category = fields.optional_text("category", kTextMax).value_or("");
  request.query = fields.optional_text("query", kTextMax).value_or("");
  const std::string type = fields.optional_text("type", kTextMax).value_or("");
  if (const auto n = fields.optional_whole("n", 1, decide::kCountMax)) {
    request.count = static_cast<std::size_t>(*n);
  }
  const json::value* placement = fields.optional_value("placement");
  const json::value* rules = fields.optional_value("rules");
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(request.type, product_type(type));
  const auto in_service = api.parts.decider->rules(call.site->id);
  auto draft = in_service ? std::make_shared<decide::SiteRules>(*in_service)
                          : std::make_shared<decide::SiteRules>();
  if (placement != nullptr) {
    ATTUNE_ASSIGN(draft->placements[name], read_placement(*placement, name, "placement."));
  }
  ATTUNE_TRY(read_draft_rules(rules, call, draft->rules));
  request.draft = std::move(draft);
  return request;
}

Result<Response> preview(ApiContext& api, const Call& call) {
  if (api.parts.decider == nullptr) {
    return fail(ErrorCode::unavailable, "recommendations are not available in this process");
  }
  ATTUNE_ASSIGN(const decide::Request request, read_preview(api, call));
  ATTUNE_ASSIGN(const decide::Answer answer, api.parts.decider->recommend(request));
  return Response::json(recommendation_json(answer, true));
}

Route row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
          Result<Response> (*handler)(ApiContext&, const Call&), std::string_view summary,
          std::string_view request, std::string_view response) {
  const Access access = method == Method::get ? Access::site_read : Access::site_admin;
  Route route = row(method, pattern, name, access, summary, response);
  route.request_schema = request;
  if (!request.empty()) route.body_bytes_max = kDefinitionBytesMax;
  route.on_worker = worker([&api, handler](const Call& call) { return handler(api, call); });
  return route;
}

Result<Response> add_rule(ApiContext& api, const Call& call) {
  return store_rule(api, call, Uuid::random(), true);
}

}  // namespace

std::vector<Route> placement_routes(ApiContext& api) {
  constexpr std::string_view kPlacement = "/api/v1/sites/{site}/placements/{name}";
  constexpr std::string_view kRules = "/api/v1/sites/{site}/rules";
  constexpr std::string_view kRule = "/api/v1/sites/{site}/rules/{id}";
  std::vector<Route> routes{
      row(api, Method::get, "/api/v1/sites/{site}/placements", "list_placements", list_placements,
          "Where the site recommends what, as stored.", "", "Placements"),
      row(api, Method::put, kPlacement, "put_placement", put_placement,
          "Stores a placement whole; in service when this answers.", "Placement", "Stored"),
      row(api, Method::delete_, kPlacement, "delete_placement", delete_placement,
          "Deletes a placement; pages that ask with its name get the default one.", "", ""),
      row(api, Method::get, kRules, "list_rules", list_rules, "The site's rules, as stored.", "",
          "Rules"),
      row(api, Method::post, kRules, "add_rule", add_rule,
          "Stores a new rule; in service when this answers.", "Rule", "RuleStored"),
      row(api, Method::put, kRule, "put_rule", put_rule,
          "Stores a rule whole; in service when this answers.", "Rule", "RuleStored"),
      row(api, Method::delete_, kRule, "delete_rule", delete_rule, "Deletes a rule.", "", ""),
  };
  Route dry = row(api, Method::post, "/api/v1/sites/{site}/placements/{name}/preview",
                  "preview_placement", preview,
                  "What a placement would answer, with what each rule did; records nothing.",
                  "PlacementPreview", "Recommendations");
  dry.access = Access::site_read;
  dry.body_bytes_max = kPreviewBytesMax;
  routes.push_back(std::move(dry));
  return routes;
}

}  // namespace attune::serve
