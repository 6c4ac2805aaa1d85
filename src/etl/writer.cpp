#include "etl/writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/time_zone.h"
#include "etl/sql_list.h"

namespace attune::etl {
namespace {

using store::Timestamp;
using store::Value;

constexpr std::size_t kKnownIdsMax = 500'000;
constexpr std::size_t kKnownDecisionsMax = 100'000;   // in each of two generations

struct Interaction {
  std::string_view type;
  double reward = 0;
};

/// What kind of interaction the items of an event are; nullopt: none.
std::optional<Interaction> interaction_of(const event::EventView& event, const Rewards& rewards) {
  using event::Kind;
  switch (event.kind) {
    case Kind::pageview:
      if (event.items.size() != 1) return std::nullopt;
      return Interaction{"VIEW", rewards.view};
    case Kind::product_view: return Interaction{"VIEW", rewards.view};
    case Kind::product_click:
    case Kind::recommendation_click: return Interaction{"CLICK", rewards.click};
    case Kind::cart_add: return Interaction{"CART_ADD", rewards.cart_add};
    case Kind::purchase: return Interaction{"PURCHASE", rewards.purchase};
    case Kind::wishlist_add: return Interaction{"WISHLIST", rewards.wishlist};
    case Kind::cart_remove: return Interaction{"REMOVE_CART", rewards.remove_cart};
    case Kind::wishlist_remove: return Interaction{"REMOVE_WISHLIST", rewards.remove_wishlist};
    default: return std::nullopt;
  }
}

Value text(const SqlList& list) { return Value{list.text()}; }
Value number(std::uint64_t value) { return Value{static_cast<std::int64_t>(value)}; }
Value time(std::int64_t ms) { return Value{Timestamp::from_ms(ms)}; }

}  // namespace

Writer::Writer(store::Session& session, const Settings& settings)
    : session_(session),
      settings_(settings),
      windows_(settings),
      known_users_(kKnownIdsMax),
      known_products_(kKnownIdsMax),
      session_storage_(make_session_storage(session)) {}

Result<void> Writer::write(const Effects& effects, const Transformer& transformer,
                           journal::Position before, journal::Position next) {
  ATTUNE_TRY(session_.begin());
  if (auto written = write_all(effects, transformer, before, next); !written) {
    // The first error says what went wrong; a rollback that fails too adds nothing.
    (void)session_.rollback();
    return written;
  }
  return session_.commit();
}

Result<void> Writer::write_all(const Effects& effects, const Transformer& transformer,
                               journal::Position before, journal::Position next) {
  ATTUNE_TRY(write_events(effects));
  ATTUNE_TRY(session_storage_->write(effects, sites_, before.offset));
  ATTUNE_TRY(write_recommendations(effects));
  ATTUNE_TRY(effects.exposures.write(session_));
  ATTUNE_TRY(write_worlds(effects, transformer.sessions()));
  ATTUNE_TRY(write_dirty_days(effects));
  ATTUNE_TRY(write_people(effects, next));
  ATTUNE_TRY(write_event_ids(transformer.deduplicator()));
  return write_cursor(transformer, before, next);
}

Result<void> Writer::append(std::string_view table, store::ColumnBatch& batch) {
  return append_and_clear(session_, table, batch);
}

Rewards Writer::rewards_of(const Uuid& site) const {
  return settings_.rewards_of ? settings_.rewards_of(site) : settings_.rewards;
}

// ---- events

Result<void> Writer::write_events(const Effects& effects) {
  Candidates candidates;
  for (const LoggedEvent& logged : effects.events) {
    const std::string_view session_id =
        logged.session != nullptr ? std::string_view(logged.session->session_id) : "";
    const EventContext context{*logged.event, logged.position, sites_.of(logged.event->site),
                               session_id};
    events_log_.add(context, logged.is_late);
    if (logged.session != nullptr) add_counted(context, candidates);
  }
  ATTUNE_TRY(append("events_log", events_log_.batch));
  ATTUNE_TRY(append("user_events", user_events_.batch));
  ATTUNE_TRY(append("form_submissions", form_submissions_.batch));
  ATTUNE_TRY(append("orders", orders_.batch));
  ATTUNE_TRY(write_candidates(candidates));   // interactions refer to them
  return append("user_product_interactions", interactions_.batch);
}

void Writer::add_counted(const EventContext& context, Candidates& candidates) {
  const event::EventView& event = context.event;
  if (event.kind != event::Kind::pageview) user_events_.add(context);
  if (event.kind == event::Kind::form_submit) form_submissions_.add(context);
  if (event.kind == event::Kind::purchase) orders_.add(context);
  if (!event.user_id.empty()) {
    note_person(context, stable_id(context.site, event.user_id), event.user_id, candidates);
  }
  if (!event.items.empty()) add_interactions(context, candidates);
}

void Writer::add_interactions(const EventContext& context, Candidates& candidates) {
  const event::EventView& event = context.event;
  const auto interaction = interaction_of(event, rewards_of(event.site));
  if (!interaction) return;
  const std::string_view person = event.user_id.empty() ? event.visitor_id : event.user_id;
  const std::int64_t user_id = stable_id(context.site, person);
  if (event.user_id.empty()) note_person(context, user_id, person, candidates);
  for (std::size_t index = 0; index < event.items.size(); ++index) {
    const event::ItemView& item = event.items[index];
    if (event::is_content_item(item.id)) continue;
    const std::int64_t product_id = stable_id(context.site, item.id);
    interactions_.add(context,
                      {index, interaction->type, interaction->reward, user_id, product_id});
    if (known_products_.contains(product_id)) continue;
    candidates.products.try_emplace(
        product_id, ProductTable::Row{product_id, std::string(item.id), std::string(context.site),
                                      std::string(item.name), std::string(item.category),
                                      std::string(item.brand), item.price,
                                      std::string(event.currency), event.received_ms});
  }
}

void Writer::note_person(const EventContext& context, std::int64_t id,
                         std::string_view external_id, Candidates& candidates) {
  if (known_users_.contains(id)) return;
  const event::EventView& event = context.event;
  candidates.users.try_emplace(
      id, UsersTable::Row{id, std::string(external_id), !event.user_id.empty(),
                          std::string(context.site), event.timestamp_ms, event.received_ms});
}

Result<void> Writer::write_candidates(const Candidates& candidates) {
  const auto take_existing = [this](std::string_view file, const SqlList& ids, RecentIds& known) {
    const std::array parameters{text(ids)};
    return session_.scan(file, parameters, [&](std::span<const Value> row) -> Result<void> {
      known.add(std::get<std::int64_t>(row[0]));
      return {};
    });
  };
  if (!candidates.users.empty()) {
    SqlList ids;
    for (const auto& [id, row] : candidates.users) ids.add(id);
    RecentIds existing(2 * candidates.users.size() + 2);
    ATTUNE_TRY(take_existing("etl/users.existing", ids, existing));
    for (const auto& [id, row] : candidates.users) {
      if (!existing.contains(id)) users_.add(row);
      known_users_.add(id);
    }
    ATTUNE_TRY(append("users", users_.batch));
  }
  if (!candidates.products.empty()) {
    SqlList ids;
    for (const auto& [id, row] : candidates.products) ids.add(id);
    RecentIds existing(2 * candidates.products.size() + 2);
    ATTUNE_TRY(take_existing("etl/products.existing", ids, existing));
    for (const auto& [id, row] : candidates.products) {
      if (!existing.contains(id)) products_.add(row);
      known_products_.add(id);
    }
    ATTUNE_TRY(append("product", products_.batch));
  }
  return {};
}

// ---- recommendations

void Writer::remember_decision(const event::Decision& decision) {
  if (decided_ms_.size() >= kKnownDecisionsMax) decided_ms_old_ = std::exchange(decided_ms_, {});
  decided_ms_[decision.decision_id] = decision.decided_ms;
}

Result<void> Writer::write_recommendations(const Effects& effects) {
  if (effects.decisions.empty() && effects.outcomes.empty() && effects.purchases.empty()) return {};
  ATTUNE_TRY(windows_.load(session_));
  for (const LoggedDecision& logged : effects.decisions) {
    recommendations_.add(logged, windows_.of(logged.decision.site).click_ms);
    remember_decision(logged.decision);
  }
  ATTUNE_TRY(append("recommendations", recommendations_.batch));
  for (const Purchase& purchase : effects.purchases) purchases_.add(purchase);
  ATTUNE_TRY(append("recommendation_purchases", purchases_.batch));
  if (!effects.outcomes.empty()) {
    ATTUNE_TRY(write_outcomes(effects, Outcome::Kind::shown));
    ATTUNE_TRY(write_outcomes(effects, Outcome::Kind::clicked));
  }
  return credit_purchases(effects);
}

Result<void> Writer::write_outcomes(const Effects& effects, Outcome::Kind kind) {
  SqlList decisions;
  SqlList sites;
  SqlList products;
  SqlList times;
  SqlList positions;
  SqlList windows;
  SqlList purchase_windows;
  Bounds decided;
  for (const Outcome& outcome : effects.outcomes) {
    // A click shows the item too.
    if (kind == Outcome::Kind::clicked && outcome.kind != Outcome::Kind::clicked) continue;
    decisions.add(outcome.decision_id.text());
    sites.add(std::string_view(sites_.of(outcome.site)));
    products.add(outcome.product_id);
    times.add(outcome.at.ms * 1000);
    positions.add(outcome.at.position);
    const Window& window = windows_.of(outcome.site);
    windows.add(window.click_ms * 1000);
    purchase_windows.add(window.purchase_ms * 1000);
    const auto young = decided_ms_.find(outcome.decision_id);
    const auto old = decided_ms_old_.find(outcome.decision_id);
    decided.add(young != decided_ms_.end()      ? young->second
                : old != decided_ms_old_.end() ? old->second
                                               : outcome.at.ms - window.click_ms);
  }
  if (decisions.empty()) return {};
  std::vector<Value> parameters{text(decisions),
                                text(sites),
                                text(products),
                                text(times),
                                text(positions),
                                time(decided.least),
                                text(windows)};
  if (kind == Outcome::Kind::clicked) parameters.push_back(text(purchase_windows));
  ATTUNE_TRY(session_.execute(
      kind == Outcome::Kind::shown ? "etl/outcomes.shown" : "etl/outcomes.clicked", parameters));
  return {};
}

Result<void> Writer::credit_purchases(const Effects& effects) {
  SqlList persons;
  SqlList products;
  Bounds times;
  std::uint64_t first_position = std::numeric_limits<std::int64_t>::max();
  for (const Purchase& purchase : effects.purchases) {
    persons.add(purchase.person_id);
    products.add(purchase.product_id);
    times.add(purchase.at_ms);
  }
  for (const Outcome& outcome : effects.outcomes) {
    if (outcome.kind != Outcome::Kind::clicked) continue;
    times.add(outcome.at.ms);
    first_position = std::min(first_position, outcome.at.position);
  }
  if (times.least > times.greatest) return {};
  const std::array parameters{
      text(persons), text(products), number(first_position),
      time(times.least - windows_.widest().purchase_ms - windows_.widest().click_ms),
      Value{settings_.conversion_window_ms * 1000}};
  ATTUNE_TRY(session_.execute("etl/outcomes.credit", parameters));
  return {};
}

// ---- the ETL's own state

Result<void> Writer::write_worlds(const Effects& effects, const SessionIndex& sessions) {
  if (effects.worlds.empty()) return {};
  SqlList sites;
  SqlList streams;
  store::ColumnBatch batch;
  auto& site_id = batch.add_text("site_id");
  auto& stream = batch.add_int32("stream");
  auto& watermark = batch.add_int64("watermark_ms");
  auto& floor = batch.add_int64("floor_ms");
  auto& ended = batch.add_bool("ended");
  for (const std::uint32_t number : effects.worlds) {
    const World& world = sessions.world(number);
    const std::string& site = sites_.of(world.site);
    sites.add(std::string_view(site));
    streams.add(world.stream);
    site_id.push(site);
    stream.push(static_cast<std::int32_t>(world.stream));
    watermark.push(world.watermark_ms);
    floor.push(world.floor_ms);
    ended.push(world.ended ? 1 : 0);
  }
  const std::array parameters{text(sites), text(streams)};
  ATTUNE_TRY(session_.execute("etl/worlds.save", parameters));
  return append("etl_worlds", batch);
}

Result<void> Writer::write_dirty_days(const Effects& effects) {
  if (effects.dirty_days.empty()) return {};
  store::ColumnBatch batch;
  auto& site_id = batch.add_text("site_id");
  auto& metric_date = batch.add_date("metric_date");
  for (const auto& [site, day] : effects.dirty_days) {
    site_id.push(sites_.of(site));
    metric_date.push(store::Date{day});
  }
  return append("etl_dirty_days", batch);
}

Result<void> Writer::write_people(const Effects& effects, journal::Position next) {
  if (effects.people.empty()) return {};
  store::ColumnBatch batch;
  auto& site_id = batch.add_text("site_id");
  auto& person = batch.add_text("person");
  auto& position = batch.add_int64("position");
  for (const auto& [site, ids] : effects.people.by_site()) {
    const std::string& text = sites_.of(site);
    for (const std::string& id : ids) {
      site_id.push(text);
      person.push(id);
      position.push(static_cast<std::int64_t>(next.offset));
    }
  }
  return append("etl_dirty_people", batch);
}

Result<void> Writer::write_event_ids(const Deduplicator& deduplicator) {
  const auto& buckets = deduplicator.buckets();
  const bool same =
      buckets_saved_ &&
      std::ranges::equal(buckets, saved_buckets_, {}, &Deduplicator::Bucket::first_position,
                         &Deduplicator::Bucket::first_position);
  if (same) return {};
  store::ColumnBatch batch;
  auto& first_position = batch.add_int64("first_position");
  auto& hour = batch.add_int64("hour");
  for (const Deduplicator::Bucket& bucket : buckets) {
    first_position.push(static_cast<std::int64_t>(bucket.first_position));
    hour.push(bucket.hour);
  }
  ATTUNE_TRY(session_.execute("etl/event_ids.clear"));
  ATTUNE_TRY(append("etl_event_id_buckets", batch));
  saved_buckets_.assign(buckets.begin(), buckets.end());
  buckets_saved_ = true;
  return {};
}

Result<void> Writer::write_cursor(const Transformer& transformer, journal::Position before,
                                  journal::Position next) {
  const Counts& counts = transformer.counts();
  const SessionIndex& sessions = transformer.sessions();
  const Deduplicator& deduplicator = transformer.deduplicator();
  const std::array parameters{number(next.offset),
                              Value{sessions.tick_ms()},
                              Value{deduplicator.arrival_ms()},
                              number(sessions.names_from()),
                              number(counts.events),
                              number(counts.counted),
                              number(counts.duplicates),
                              number(counts.bots),
                              number(counts.performance),
                              number(counts.late),
                              number(counts.after_end),
                              number(counts.erased),
                              number(counts.damaged),
                              number(counts.decisions),
                              number(counts.other_records),
                              number(counts.sessions),
                              number(counts.sessions_given_up),
                              number(counts.event_ids_given_up),
                              number(before.offset)};
  ATTUNE_ASSIGN(const std::int64_t changed, session_.execute("etl/cursor.save", parameters));
  if (changed == 1) return {};
  return fail(ErrorCode::failed_precondition,
              "the tables have moved on: another ETL writes to this database", "database");
}

Result<void> prune_outcomes(store::Session& session, const Settings& settings,
                            std::int64_t watermark_ms) {
  // A late event lies at most late_ms back and is credited to a click at most a conversion window
  // before it; the other clicks of that row, late ones too, count in its sums. A day more costs
  // nothing.
  Windows windows(settings);
  ATTUNE_TRY(windows.load(session));
  const std::array parameters{time(watermark_ms - 2 * settings.late_ms -
                                   windows.widest().purchase_ms - windows.widest().click_ms -
                                   kDayMs)};
  ATTUNE_TRY(session.execute("etl/outcomes.prune", parameters));
  return {};
}

Result<void> claim_tables(store::Session& session) {
  ATTUNE_ASSIGN(const store::Rows rows, session.query("etl/claim", {}));
  if (rows.rows.size() == 1 && std::get<bool>(rows.rows[0][0])) return {};
  return fail(ErrorCode::failed_precondition,
              "another Attune writes to this database: stop it, or give this one another database",
              "database");
}

void release_tables(store::Session& session) {
  // A connection that is gone has let go of them already.
  static_cast<void>(session.query("etl/release", {}));
}

Result<void> begin_cursor(store::Session& session) {
  ATTUNE_TRY(session.execute("etl/cursor.begin"));
  return {};
}

}  // namespace attune::etl
