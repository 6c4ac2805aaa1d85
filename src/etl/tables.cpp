#include "etl/tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/hash.h"
#include "etl/event_json.h"

namespace attune::etl {

using store::Timestamp;

namespace {

/// DECIMAL(19,4) as an int64 ends a little above this. An absurd price must not stop the ETL.
constexpr double kMoneyMax = 9e14;

double money(double value) {
  return value > -kMoneyMax ? std::min(value, kMoneyMax) : value < 0 ? -kMoneyMax : 0;
}

}  // namespace

void EventsLogTable::add(const EventContext& context, bool is_late) {
  const event::EventView& event = context.event;
  const bool counted = !context.session_id.empty();
  id_.push(static_cast<std::int64_t>(context.position));
  event_id_.push(event.event_id);
  event_type_.push(event.event_type);
  session_id_.push_or_null(counted ? context.session_id : event.session_id);
  visitor_id_.push_or_null(event.visitor_id);
  site_id_.push(context.site);
  timestamp_.push(Timestamp::from_ms(event.timestamp_ms));
  url_.push_or_null(event.url);
  path_.push_or_null(event.path);
  user_agent_.push_or_null(event.user_agent);
  ip_address_.push_or_null(event.ip);
  raw_event_data_.push(event.raw_json.empty() ? "{}" : event.raw_json);
  created_at_.push(Timestamp::from_ms(event.received_ms));
  processed_at_.push(Timestamp::from_ms(event.received_ms));
  user_id_.push_or_null(event.user_id);
  stream_.push(static_cast<std::int32_t>(event.stream));
  is_bot_.push(event.is_bot ? 1 : 0);
  is_late_.push(is_late ? 1 : 0);
  client_event_id_.push(event.has_client_event_id ? 1 : 0);
}

void UserEventsTable::add(const EventContext& context) {
  const event::EventView& event = context.event;
  id_.push(static_cast<std::int64_t>(context.position));
  session_id_.push(context.session_id);
  visitor_id_.push(event.visitor_id);
  site_id_.push(context.site);
  event_type_.push(event.event_type);
  event_timestamp_.push(Timestamp::from_ms(event.timestamp_ms));
  page_url_.push_or_null(event.url);
  page_path_.push_or_null(event.path);
  json_.clear();
  append_event_data(event.raw_json, json_) ? event_data_.push(json_) : event_data_.push_null();
  element_tag_.push_or_null(event.element_tag);
  element_classes_.push_or_null(event.element_classes);
  element_id_.push_or_null(event.element_id);
  scroll_percentage_.push_if(event.scroll_percentage >= 0, event.scroll_percentage);
  form_id_.push_or_null(event.form_id);
}

void FormSubmissionsTable::add(const EventContext& context) {
  const event::EventView& event = context.event;
  id_.push(static_cast<std::int64_t>(context.position));
  session_id_.push(context.session_id);
  visitor_id_.push(event.visitor_id);
  site_id_.push(context.site);
  form_id_.push_or_null(event.form_id);
  form_action_.push_or_null(event.form_action);
  form_method_.push_or_null(event.form_method);
  page_url_.push_or_null(event.url);
  page_path_.push_or_null(event.path);
  submit_timestamp_.push(Timestamp::from_ms(event.timestamp_ms));
  field_count_.push_if(event.field_count >= 0, event.field_count);
  form_data_.push_or_null(event.form_data_json);
}

void OrdersTable::add(const EventContext& context) {
  const event::EventView& event = context.event;
  id_.push(static_cast<std::int64_t>(context.position));
  site_id_.push(context.site);
  order_id_.push_or_null(event.order_id);
  session_id_.push(context.session_id);
  visitor_id_.push(event.visitor_id);
  user_id_.push_or_null(event.user_id);
  order_timestamp_.push(Timestamp::from_ms(event.timestamp_ms));
  revenue_.push_rounded(money(event.revenue));
  currency_.push_or_null(event.currency);
  item_count_.push(static_cast<std::int32_t>(event.items.size()));
}

void InteractionsTable::add(const EventContext& context, const Row& row) {
  const event::EventView& event = context.event;
  const event::ItemView& item = event.items[row.index];
  id_.push(static_cast<std::int64_t>(context.position + row.index));
  user_id_.push(row.user_id);
  product_id_.push(row.product_id);
  interaction_type_.push(row.interaction_type);
  session_id_.push(context.session_id);
  timestamp_.push(Timestamp::from_ms(event.timestamp_ms));
  json_.clear();
  append_context(event, item, json_) ? context_.push(json_) : context_.push_null();
  reward_.push_rounded(row.reward);
  site_id_.push(context.site);
  visitor_id_.push(event.visitor_id);
  item_id_.push(item.id);
  quantity_.push_rounded(std::clamp(item.quantity, -1e8, 1e8));
  item.price >= 0 ? price_.push_rounded(money(item.price)) : price_.push_null();
  decision_id_.push_if(!event.decision_id.is_nil(), event.decision_id);
}

void UsersTable::add(const Row& row) {
  id_.push(row.id);
  site_id_.push(row.site);
  external_id_.push(row.external_id);
  is_known_.push(row.is_known ? 1 : 0);
  first_seen_at_.push(Timestamp::from_ms(row.first_seen_ms));
  created_at_.push(Timestamp::from_ms(row.created_ms));
}

void ProductTable::add(const Row& row) {
  id_.push(row.id);
  site_id_.push(row.site);
  external_id_.push(row.external_id);
  name_.push_or_null(row.name);
  category_.push_or_null(row.category);
  brand_.push_or_null(row.brand);
  row.price >= 0 ? price_.push_rounded(money(row.price)) : price_.push_null();
  currency_.push_or_null(row.price >= 0 ? row.currency : std::string());
  source_.push("event");
  created_at_.push(Timestamp::from_ms(row.created_ms));
  updated_at_.push(Timestamp::from_ms(row.created_ms));
}

void PageviewsTable::add(const FinalPage& final_page, std::string_view site) {
  const Page& page = final_page.page;
  id_.push(static_cast<std::int64_t>(page.at.position));
  session_id_.push(final_page.session_id);
  site_id_.push(site);
  view_timestamp_.push(Timestamp::from_ms(page.at.ms));
  time_on_page_seconds_.push_if(final_page.seconds >= 0, final_page.seconds);
  internal_referrer_.push(page.internal_referrer ? 1 : 0);
  session_key_.push(static_cast<std::int64_t>(final_page.session_key));
  TextPack::Reader texts(page.texts);
  visitor_id_.push(texts.next());
  url_.push(texts.next());
  path_.push(texts.next());
  for (store::TextColumn* column : {&title_, &query_params_, &hash_fragment_, &referrer_,
                                    &utm_source_, &utm_medium_, &utm_campaign_, &utm_content_,
                                    &utm_term_}) {
    column->push_or_null(texts.next());
  }
}

void RecommendationsTable::add(const LoggedDecision& logged, std::int64_t click_window_ms) {
  const event::Decision& decision = logged.decision;
  const Uuid session = Uuid::from_name(
      decision.site, decision.session_id.empty() ? "visitor:" + decision.visitor_id
                                                 : "session:" + decision.session_id);
  const bool has_visitor = !decision.visitor_id.empty();
  const std::string site = decision.site.text();
  const std::int64_t person = has_visitor ? stable_id(site, decision.visitor_id) : 0;
  const std::string eligible_hash = fmt::format("{:016x}", decision.eligible_hash);
  const std::string seed = fmt::format("{:016x}", decision.seed);
  const Timestamp matured = Timestamp::from_ms(decision.decided_ms + click_window_ms);
  for (const event::DecidedItem& item : decision.items) {
    id_.push(Uuid::from_name(decision.decision_id, fmt::format("{}", item.rank)));
    session_id_.push(session);
    user_id_.push_or_null(decision.visitor_id);
    website_id_.push(decision.site);
    recommendation_type_.push(decision.type);
    item_id_.push(item.item_id);
    score_.push_rounded(std::clamp(item.score, 0.0, 1.0));
    rank_.push(static_cast<std::int32_t>(item.rank));
    context_.push_or_null(decision.context_json);
    strategy_.push_or_null(item.strategy);
    model_version_.push_or_null(decision.model_version);
    personalization_factors_.push_or_null(decision.factors_json);
    shown_.push(0);
    clicked_.push(0);
    converted_.push(0);
    shown_at_.push_null();
    decision_id_.push(decision.decision_id);
    position_.push(static_cast<std::int64_t>(logged.position));
    product_id_.push(stable_id(site, item.item_id));
    person_id_.push_if(has_visitor, person);
    decided_at_.push(Timestamp::from_ms(decision.decided_ms));
    propensity_.push(item.propensity);
    raw_score_.push(item.raw_score);
    reason_.push_or_null(item.reason);
    placement_.push_or_null(decision.placement);
    session_text_.push_or_null(decision.session_id);
    eligible_count_.push(static_cast<std::int32_t>(decision.eligible_count));
    eligible_hash_.push(eligible_hash);
    seed_.push(seed);
    matured_at_.push(matured);
  }
}

void PurchasesTable::add(const Purchase& purchase) {
  id_.push(static_cast<std::int64_t>(purchase.id));
  person_id_.push(purchase.person_id);
  product_id_.push(purchase.product_id);
  purchased_at_.push(Timestamp::from_ms(purchase.at_ms));
  amount_.push_rounded(money(purchase.amount));
}

}  // namespace attune::etl
