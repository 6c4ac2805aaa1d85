// Content slots: their definitions, what a visitor sees in them, a look at that for their owner,
// and what they earned. docs/content.md is the specification.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include <boost/json.hpp>

#include "campaign/content_numbers.h"
#include "decide/content_choice.h"
#include "serve/content_slots.h"
#include "serve/json_fields.h"
#include "serve/placement_store.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
namespace liquid = campaign::liquid;
using campaign::Counts;

constexpr std::size_t kTextMax = 255;
constexpr std::size_t kBodyBytesMax = 64 * 1024;
constexpr std::size_t kAskedMax = 20;            // slots of one request
constexpr std::size_t kSlotStepsMax = 20'000;    // of each template that may be shown
constexpr std::int64_t kDayMs = 86'400'000;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// Definitions -------------------------------------------------------------------------------------

json::object slot_json(const ContentSlot& slot) {
  json::array templates;
  for (const Uuid& id : slot.wanted) templates.emplace_back(id.text());
  return {{"slot", slot.key},
          {"templates", std::move(templates)},
          {"ready", slot.templates.size()},
          {"policy", view(to_string(slot.policy))},
          {"floor", slot.floor},
          {"holdout_share", slot.holdout_share},
          {"enabled", slot.is_enabled}};
}

Result<Response> list_slots(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SiteSlots slots, api.slots.load(call.site->id));
  json::array list;
  for (const auto& [key, slot] : slots) list.push_back(slot_json(slot));
  return Response::json(json::serialize(json::object{{"slots", std::move(list)}}));
}

Result<ContentSlot> read_slot(const Call& call) {
  ContentSlot slot;
  slot.key = call.path("key");
  ATTUNE_TRY(check_placement_name(slot.key));
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const auto templates = fields.optional_texts("templates", 36);
  const std::string policy = fields.optional_text("policy", 30).value_or("thompson_linear");
  slot.floor = fields.optional_number("floor", 0.01, 1).value_or(0.05);
  slot.holdout_share = fields.optional_number("holdout_share", 0, 0.5).value_or(0.05);
  slot.is_enabled = fields.optional_flag("enabled").value_or(true);
  const auto kind = learn::parse_bandit_kind(policy);
  if (!kind) fields.refuse("policy", "is no policy: docs/bandits.md names them");
  if (!templates || templates->empty() || templates->size() > kSlotTemplatesMax) {
    fields.refuse("templates", fmt::format("must be 1 to {} ids of templates", kSlotTemplatesMax));
  } else {
    for (const std::string& text : *templates) {
      const auto id = Uuid::parse(text);
      if (!id || std::ranges::find(slot.wanted, *id) != slot.wanted.end()) {
        fields.refuse("templates", "must be UUIDs, each once");
        break;
      }
      slot.wanted.push_back(*id);
    }
  }
  ATTUNE_TRY(fields.finish());
  slot.policy = *kind;
  return slot;
}

/// Each template must be one of the account's, for a page: a mail is none.
Result<void> check_templates(ApiContext& api, const ContentSlot& slot) {
  const campaign::Table& table = *campaign::find_table("content_templates");
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  for (const Uuid& id : slot.wanted) {
    const auto row = api.accounts.find(*session, table, slot.account, id);
    if (!row) {
      if (row.error().code() != ErrorCode::not_found) return tl::unexpected<Error>(row.error());
      return fail(ErrorCode::failed_precondition,
                  fmt::format("the account has no template {}", id.text()), "templates");
    }
    if ((*row)[2 + *table.find("template_type")] == store::Value(std::string("email"))) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("{} is a mail: a slot takes web_block and the like", id.text()),
                  "templates");
    }
  }
  return {};
}

Result<Response> put_slot(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(ContentSlot slot, read_slot(call));
  ATTUNE_ASSIGN(slot.account, account_of(api, call));
  ATTUNE_TRY(check_templates(api, slot));
  ATTUNE_ASSIGN(const SiteSlots there, api.slots.load(call.site->id));
  if (!there.contains(slot.key) && there.size() >= kSlotsMax) {
    return fail(ErrorCode::resource_exhausted, fmt::format("a site has at most {}", kSlotsMax),
                "key");
  }
  json::array templates;
  for (const Uuid& id : slot.wanted) templates.emplace_back(id.text());
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id.text(), slot.key,
                                     static_cast<std::int64_t>(slot.account),
                                     store::Json{json::serialize(templates)},
                                     std::string(to_string(slot.policy)), slot.floor,
                                     slot.holdout_share, slot.is_enabled,
                                     store::Timestamp::from_ms(api.clock().now_ms())};
  ATTUNE_TRY(session->execute("content/slot_upsert", parameters));
  ATTUNE_TRY(session.commit());
  api.slots.changed();
  return Response::json(R"({"stored":1})");
}

Result<Response> delete_slot(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id.text(), std::string(call.path("key"))};
  ATTUNE_ASSIGN(const std::int64_t gone, session->execute("content/slot_delete", parameters));
  ATTUNE_TRY(session.commit());
  api.slots.changed();
  if (gone == 0) return fail(ErrorCode::not_found, "no such slot", "key");
  return Response::empty(204);
}

// What a visitor sees -----------------------------------------------------------------------------

struct Asked {
  std::vector<std::string> slots;
  std::string visitor;
  std::string session;
  std::string item;
  json::object data;   // of the page: never for what is put out unescaped
};

/// What templates know of the visitor: of this site alone.
json::object visitor_json(const decide::Decider::VisitorView& known) {
  json::array items;
  json::object made{{"segment", view(decide::segment_of(known))}};
  std::uint32_t orders = 0;
  double spent = 0;
  if (known.snapshot) {
    const auto recent = known.trail.recent();
    for (auto key = recent.rbegin(); key != recent.rend(); ++key) {
      const std::uint32_t number = known.snapshot->find(*key);
      if (number == learn::kNoItem) continue;
      const auto& product = known.snapshot->item(number).product;
      json::object item{{"id", product.id},       {"name", product.name},
                        {"category", product.category}, {"brand", product.brand},
                        {"url", product.url},     {"image", product.image}};
      if (product.price) item["price"] = *product.price;
      items.push_back(std::move(item));
    }
    const learn::PersonFacts* person = known.snapshot->facts(known.trail.user);
    if (person == nullptr) person = known.snapshot->facts(known.trail.visitor);
    if (person != nullptr) {
      orders = person->orders.count;
      spent = person->orders.spent;
    }
  }
  made["category"] = items.empty() ? json::value() : items.front().as_object()["category"];
  made["items"] = std::move(items);
  made["orders"] = orders;
  made["spent"] = spent;
  return made;
}

Result<std::string> short_text(const Call& call, std::string_view name) {
  const std::string_view text = call.query.get_or(name, "");
  if (text.size() <= kTextMax) return std::string(text);
  return fail(ErrorCode::invalid_argument, fmt::format("is longer than {} bytes", kTextMax),
              std::string(name));
}

Result<Asked> read_query(const Call& call) {
  Asked asked;
  ATTUNE_ASSIGN(std::string slot, short_text(call, "slot"));
  if (slot.empty()) return fail(ErrorCode::invalid_argument, "say which slot", "slot");
  asked.slots.push_back(std::move(slot));
  ATTUNE_ASSIGN(asked.visitor, short_text(call, "visitor"));
  ATTUNE_ASSIGN(asked.session, short_text(call, "session"));
  ATTUNE_ASSIGN(asked.item, short_text(call, "item"));
  return asked;
}

Result<Asked> read_body(const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  Asked asked;
  asked.slots = fields.optional_texts("slots", kTextMax).value_or(std::vector<std::string>{});
  asked.visitor = fields.optional_text("visitor", kTextMax).value_or("");
  asked.session = fields.optional_text("session", kTextMax).value_or("");
  asked.item = fields.optional_text("item", kTextMax).value_or("");
  const json::object* data = fields.optional_object("data");
  if (asked.slots.empty() || asked.slots.size() > kAskedMax) {
    fields.refuse("slots", fmt::format("must be 1 to {} keys", kAskedMax));
  }
  ATTUNE_TRY(fields.finish());
  if (data != nullptr) asked.data = *data;
  return asked;
}

/// A template as the visitor would see it, or why not.
struct Candidate {
  const SlotTemplate* of = nullptr;
  std::string text;
  std::string refusal;
};

class Rendering {
 public:
  Rendering(const Asked& asked, const decide::Decider::VisitorView& known, std::int64_t now_ms)
      : asked_(asked), visitor_(visitor_json(known)), now_ms_(now_ms) {}

  Candidate render(const ContentSlot& slot, const SlotTemplate& each, bool hide_pii) const {
    json::object data{{"visitor", visitor_}, {"slot", {{"key", slot.key}, {"item", asked_.item}}}};
    for (const liquid::Variable& variable : each.content.variables) {
      const json::value* given = asked_.data.if_contains(variable.name);
      // Whoever asks may be anybody: they fill nothing that is put out as it is.
      if (given != nullptr && !variable.is_html_safe) data[variable.name] = *given;
    }
    liquid::RenderOptions options;
    options.output = each.content.output;
    options.now_ms = now_ms_;
    options.steps_max = kSlotStepsMax;
    options.output_bytes_max = 256 * 1024;
    options.hide_pii = hide_pii;
    const auto done = liquid::render(each.content.body, each.content.variables, data, options);
    if (!done) return {&each, {}, done.error().message()};
    return {&each, done->text, done->aborted.value_or("")};
  }

 private:
  const Asked& asked_;
  const json::object visitor_;
  const std::int64_t now_ms_;
};

decide::ContentRequest request_for(const Call& call, const Asked& asked, const ContentSlot& slot) {
  decide::ContentRequest request;
  request.site = call.site->id;
  request.slot = slot.key;
  request.visitor = asked.visitor;
  request.session = asked.session;
  request.policy = slot.policy;
  request.floor = slot.floor;
  request.holdout_share = slot.holdout_share;
  if (!asked.item.empty()) {
    request.context_json = json::serialize(json::object{{"item", asked.item}});
  }
  return request;
}

/// One slot of an answer; {"slot":KEY,"content":null} when there is nothing to show.
json::object fill(ApiContext& api, const Call& call, const Asked& asked, const ContentSlot& slot,
                  const decide::Decider::VisitorView& known) {
  json::object out{{"slot", slot.key}, {"content", nullptr}};
  if (!slot.is_enabled) return out;
  const Rendering rendering(asked, known, api.clock().now_ms());
  std::vector<Candidate> candidates;
  decide::ContentRequest request = request_for(call, asked, slot);
  for (const SlotTemplate& each : slot.templates) {
    Candidate made = rendering.render(slot, each, false);
    if (!made.refusal.empty()) continue;   // only what can be shown is drawn from
    request.templates.push_back(each.item_id);
    candidates.push_back(std::move(made));
  }
  if (candidates.empty()) return out;
  const decide::ContentChooser chooser(*api.parts.bandits, api.parts.decisions, api.clock());
  const decide::ContentChoice choice =
      chooser.choose(request, known, std::hash<Uuid>{}(Uuid::random()));
  const Candidate& chosen = candidates[choice.chosen];
  if (choice.decision_id) out["decision_id"] = choice.decision_id->text();
  out["item_id"] = chosen.of->item_id;
  out["template"] = chosen.of->name;
  out["version"] = chosen.of->version;
  out["type"] = chosen.of->content.output == liquid::Output::html ? "html" : "text";
  out["content"] = view(chosen.text);
  out["propensity"] = choice.probabilities[choice.chosen];
  out["group"] = choice.is_holdout ? "holdout" : "bandit";
  return out;
}

/// The origin of a page, as routes_recommendations.cpp takes it.
std::string page_origin(const Request& request) {
  const std::string_view origin = request.header("origin");
  if (!origin.empty()) return std::string(origin);
  const std::string_view referer = request.header("referer");
  const std::size_t scheme = referer.find("://");
  if (scheme == std::string_view::npos) return {};
  return std::string(referer.substr(0, referer.find('/', scheme + 3)));
}

Result<Response> content(ApiContext& api, const Call& call) {
  if (api.parts.decider == nullptr || api.parts.bandits == nullptr) return not_here();
  const event::Site& site = *call.site;
  const bool may_read = call.caller.may(Scope::read, site.id);
  if (call.caller.kind == CallerKind::key && !may_read) {
    return fail(ErrorCode::permission_denied, "this key may not read this site", "Authorization");
  }
  if (!may_read && !collect::origin_allowed(site, page_origin(call.request()))) {
    return fail(ErrorCode::permission_denied, "the site does not allow this origin", "Origin");
  }
  ATTUNE_ASSIGN(Asked asked, call.route->method == Method::get ? read_query(call)
                                                                : read_body(call));
  if (call.caller.kind == CallerKind::nobody && api.parts.admission != nullptr) {
    const auto refused = api.parts.admission->admit_events(
        call.client_address, site.id, asked.slots.size(), api.clock().steady_us());
    if (refused) return admission_refusal(*refused);
  }
  if (asked.visitor.empty() && asked.session.empty() && api.parts.enricher != nullptr) {
    asked.visitor = api.parts.enricher->visitor_id(site.id, call.client_address,
                                                   call.request().header("user-agent"),
                                                   call.request().received_ms);
  }
  const auto known = api.parts.decider->visitor(site.id, asked.visitor, asked.session);
  ATTUNE_ASSIGN(const auto slots, api.slots.slots(site.id));
  json::array filled;
  for (const std::string& key : asked.slots) {
    const auto slot = slots->find(key);
    if (slot == slots->end()) filled.push_back(json::object{{"slot", key}, {"content", nullptr}});
    else filled.push_back(fill(api, call, asked, slot->second, known));
  }
  return Response::json(json::serialize(json::object{{"slots", std::move(filled)}}));
}

Result<Response> preview_slot(ApiContext& api, const Call& call) {
  if (api.parts.decider == nullptr || api.parts.bandits == nullptr) return not_here();
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  Asked asked;
  asked.visitor = fields.optional_text("visitor", kTextMax).value_or("");
  asked.session = fields.optional_text("session", kTextMax).value_or("");
  asked.item = fields.optional_text("item", kTextMax).value_or("");
  const json::object* data = fields.optional_object("data");
  ATTUNE_TRY(fields.finish());
  if (data != nullptr) asked.data = *data;
  ATTUNE_ASSIGN(const auto slots, api.slots.slots(call.site->id));
  const auto slot = slots->find(call.path("key"));
  if (slot == slots->end()) return fail(ErrorCode::not_found, "no such slot", "key");
  const auto known = api.parts.decider->visitor(call.site->id, asked.visitor, asked.session);
  const Rendering rendering(asked, known, api.clock().now_ms());
  decide::ContentRequest request = request_for(call, asked, slot->second);
  request.preview = true;
  std::vector<Candidate> all;
  for (const SlotTemplate& each : slot->second.templates) {
    all.push_back(rendering.render(slot->second, each, true));
    if (all.back().refusal.empty()) request.templates.push_back(each.item_id);
  }
  decide::ContentChoice choice;
  if (!request.templates.empty()) {
    choice = decide::ContentChooser(*api.parts.bandits, nullptr, api.clock())
                 .choose(request, known, 1);
  }
  json::array list;
  std::size_t at = 0;
  for (const Candidate& each : all) {
    const bool is_shown = each.refusal.empty();
    list.push_back(json::object{{"template_id", each.of->id.text()},
                                {"template", each.of->name},
                                {"version", each.of->version},
                                {"content", view(each.text)},
                                {"refusal", view(each.refusal)},
                                {"probability", is_shown ? choice.probabilities[at] : 0.0}});
    if (is_shown) ++at;
  }
  return Response::json(json::serialize(
      json::object{{"segment", view(decide::segment_of(known))},
                   {"group", choice.is_holdout ? "holdout" : "bandit"},
                   {"templates", std::move(list)}}));
}

// What they earned --------------------------------------------------------------------------------

json::object estimate_json(const campaign::Estimate& estimate) {
  return {{"mean", estimate.mean}, {"low", estimate.low}, {"high", estimate.high}};
}

json::object counts_json(const Counts& clicks, std::int64_t conversions) {
  return {{"impressions", clicks.n},
          {"clicks", clicks.successes},
          {"conversions", conversions},
          {"click_rate", estimate_json(campaign::rate_of(clicks))},
          {"conversion_rate", estimate_json(campaign::rate_of({clicks.n, conversions}))}};
}

struct Sum {
  Counts clicks;
  std::int64_t conversions = 0;
  void add(const campaign::ContentNumber& number) {
    clicks.n += number.shown;
    clicks.successes += number.clicked;
    conversions += number.converted;
  }
};

Result<Response> performance(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t days, call.query.number("days", 30, 1, 366));
  const std::int64_t now_ms = api.clock().now_ms();
  const std::string placement =
      std::string(decide::kSlotPlacement) + std::string(call.path("key"));
  std::vector<campaign::ContentNumber> numbers;
  {
    ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
    ATTUNE_ASSIGN(numbers, campaign::read_content_numbers(
                               *session, call.site->id, {now_ms - days * kDayMs, now_ms + 1}));
  }
  Sum all;
  std::map<std::string, Sum> groups;
  std::map<std::string, Sum> templates;
  for (const campaign::ContentNumber& number : numbers) {
    if (number.placement != placement) continue;
    all.add(number);
    groups[number.group].add(number);
    templates[number.item_id].add(number);
  }
  json::array rows;
  for (const auto& [item, sum] : templates) {
    json::object row = counts_json(sum.clicks, sum.conversions);
    row["item_id"] = item;
    row["vs_average"] = estimate_json(campaign::ratio_of(sum.clicks, all.clicks));
    rows.push_back(std::move(row));
  }
  json::object by_group;
  for (const auto& [name, sum] : groups) by_group[name] = counts_json(sum.clicks, sum.conversions);
  json::object out{{"slot", view(call.path("key"))}, {"days", days},
                   {"all", counts_json(all.clicks, all.conversions)},
                   {"groups", std::move(by_group)}, {"templates", std::move(rows)}};
  if (groups["holdout"].clicks.n > 0 && groups["bandit"].clicks.n > 0) {
    out["bandit_vs_holdout"] = estimate_json(
        campaign::ratio_of(groups["bandit"].clicks, groups["holdout"].clicks));
  }
  return Response::json(json::serialize(out));
}

Result<Response> refresh(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t rows, refresh_content(api, call.site->id));
  return Response::json(fmt::format(R"({{"rows":{}}})", rows));
}

Route slot_row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
               Result<Response> (*handler)(ApiContext&, const Call&), std::string_view summary,
               std::string_view request, std::string_view response) {
  const Access access = method == Method::get ? Access::site_read : Access::site_admin;
  Route route = row(method, pattern, name, access, summary, response);
  route.request_schema = request;
  if (!request.empty()) route.body_bytes_max = kBodyBytesMax;
  route.on_worker = worker([&api, handler](const Call& call) { return handler(api, call); });
  return route;
}

void add_content_route(ApiContext& api, Method method, std::vector<Route>& routes) {
  Route route = row(method, "/api/v1/sites/{site}/content",
                    method == Method::get ? "content" : "contents", Access::visitors,
                    method == Method::get
                        ? "What a visitor sees in a slot; recorded as a decision."
                        : "What a visitor sees in some slots, with values of the page.",
                    "Contents");
  if (method == Method::get) {
    route.query = {{"slot", "Which slot."},
                   {"visitor", "The visitor's id; without one, and without a session, the "
                               "cookieless id."},
                   {"session", "The session's id."},
                   {"item", "The item on the page."}};
  } else {
    route.request_schema = "ContentRequest";
    route.body_bytes_max = kBodyBytesMax;
    route.body_type = BodyType::beacon;
  }
  route.on_worker = worker([&api](const Call& call) { return content(api, call); });
  routes.push_back(std::move(route));
}

}  // namespace

Result<std::int64_t> refresh_content(ApiContext& api, const Uuid& site) {
  const std::int64_t now_ms = api.clock().now_ms();
  ATTUNE_ASSIGN(const auto slots, api.slots.slots(site));
  std::vector<campaign::ContentNumber> numbers;
  {
    ATTUNE_ASSIGN(SessionPool::Lease session,
                  api.sessions.borrow_as({.site = site, .account = {}}));
    ATTUNE_ASSIGN(numbers, campaign::read_content_numbers(*session, site,
                                                          {now_ms - 366 * kDayMs, now_ms + 1}));
  }
  std::map<campaign::AccountId, std::vector<campaign::ContentNumber>> by_account;
  for (const campaign::ContentNumber& number : numbers) {
    const auto slot = slots->find(
        std::string_view(number.placement).substr(decide::kSlotPlacement.size()));
    if (slot != slots->end()) by_account[slot->second.account].push_back(number);
  }
  std::int64_t rows = 0;
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  for (const auto& [account, own] : by_account) {
    ATTUNE_ASSIGN(const std::int64_t written,
                  campaign::store_content_numbers(api.accounts, *session, account, own, now_ms));
    rows += written;
  }
  return rows;
}

std::vector<Route> content_routes(ApiContext& api) {
  constexpr std::string_view kSlot = "/api/v1/sites/{site}/slots/{key}";
  std::vector<Route> routes;
  add_content_route(api, Method::get, routes);
  add_content_route(api, Method::post, routes);
  routes.push_back(slot_row(api, Method::get, "/api/v1/sites/{site}/slots", "list_slots",
                            list_slots, "Places on the site that are filled with templates.", "",
                            "Slots"));
  Route put = slot_row(api, Method::put, kSlot, "put_slot", put_slot,
                       "Stores a slot whole; in service when this answers.", "Slot", "Stored");
  put.query = {{"account", "For administrators: whose templates; without it, your own."}};
  routes.push_back(std::move(put));
  routes.push_back(slot_row(api, Method::delete_, kSlot, "delete_slot", delete_slot,
                            "Deletes a slot; what it showed stays recorded.", "", ""));
  Route look = slot_row(api, Method::post, "/api/v1/sites/{site}/slots/{key}/preview",
                        "preview_slot", preview_slot,
                        "What a visitor would see, of each template, with its probability; pii is "
                        "hidden and nothing is recorded.",
                        "SlotPreview", "SlotPreviewed");
  look.access = Access::site_read;
  routes.push_back(std::move(look));
  Route earned = slot_row(api, Method::get, "/api/v1/sites/{site}/slots/{key}/performance",
                          "slot_performance", performance,
                          "What a slot's templates earned, with intervals, and the learned choice "
                          "beside the holdout.",
                          "", "SlotPerformance");
  earned.query = {{"days", "Decisions of so many days.",
                   R"({"type":"integer","minimum":1,"maximum":366,"default":30})"}};
  routes.push_back(std::move(earned));
  routes.push_back(slot_row(api, Method::post, "/api/v1/sites/{site}/content/refresh",
                            "refresh_slots", refresh,
                            "Brings personalized_content and the templates' scores up to date; the "
                            "server does so every five minutes.",
                            "", "SlotsRefreshed"));
  return routes;
}

}  // namespace attune::serve
