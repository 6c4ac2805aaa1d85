#include "etl/state.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "etl/session_tables.h"
#include "etl/settings.h"
#include "etl/sql_list.h"

namespace attune::etl {
namespace {

using store::Timestamp;
using store::Value;
using Row = std::span<const Value>;

/// Reading state may take a while on a large database, and there is no request that waits for it.
constexpr store::QueryOptions kLoading{.rows_max = 0, .timeout_ms = 600'000};

std::int64_t number(const Value& value) { return std::get<std::int64_t>(value); }
std::uint64_t position(const Value& value) { return static_cast<std::uint64_t>(number(value)); }
const std::string& text(const Value& value) { return std::get<std::string>(value); }
std::int64_t time_ms(const Value& value) { return std::get<Timestamp>(value).us / 1000; }
Value time(std::int64_t ms) { return Value{Timestamp::from_ms(ms)}; }

struct SavedCursor {
  journal::Position position;
  std::int64_t tick_ms = 0;
  std::int64_t arrival_ms = 0;
  std::uint64_t names_from = 0;
  Counts counts;
};

Result<std::optional<SavedCursor>> load_cursor(store::Session& session) {
  std::optional<SavedCursor> saved;
  ATTUNE_TRY(session.scan("etl/cursor.load", {}, [&](Row row) -> Result<void> {
    SavedCursor cursor;
    cursor.position = {position(row[0])};
    cursor.tick_ms = number(row[1]);
    cursor.arrival_ms = number(row[2]);
    cursor.names_from = position(row[3]);
    Counts& counts = cursor.counts;
    std::size_t at = 4;
    for (std::uint64_t* count :
         {&counts.events, &counts.counted, &counts.duplicates, &counts.bots, &counts.performance,
          &counts.late, &counts.after_end, &counts.erased, &counts.damaged, &counts.decisions,
          &counts.other_records, &counts.sessions, &counts.sessions_given_up,
          &counts.event_ids_given_up}) {
      *count = position(row[at++]);
    }
    saved = cursor;
    return {};
  }));
  return saved;
}

Result<void> load_worlds(store::Session& session, SessionIndex& sessions) {
  ATTUNE_TRY(session.scan("etl/worlds.load", {}, [&](Row row) -> Result<void> {
    World world;
    ATTUNE_ASSIGN(world.site, Uuid::parse(text(row[0])));
    world.stream = static_cast<std::uint32_t>(number(row[1]));
    world.watermark_ms = number(row[2]);
    world.floor_ms = number(row[3]);
    world.ended = std::get<bool>(row[4]);
    sessions.restore_world(world);
    return {};
  }));
  return {};
}

Result<void> load_sessions(store::Session& session, SessionIndex& sessions) {
  SqlList sites;
  SqlList streams;
  SqlList retained;
  std::int64_t retained_min = std::numeric_limits<std::int64_t>::max();
  // An import without a floor retains all its sessions; year 0 is before any event.
  constexpr std::int64_t kBeforeAll = -62'167'219'200'000;
  for (std::uint32_t number = 0; number < sessions.world_count(); ++number) {
    const World& world = sessions.world(number);
    if (world.ended) continue;
    const std::int64_t from = std::max(sessions.retained_from(world), kBeforeAll);
    sites.add(world.site.text());
    streams.add(world.stream);
    retained.add(from * 1000);
    retained_min = std::min(retained_min, from);
  }
  if (sites.empty()) return {};
  const std::array parameters{Value{sites.text()}, Value{streams.text()}, Value{retained.text()},
                              time(retained_min)};
  ATTUNE_TRY(session.scan(
      "etl/sessions.load", parameters,
      [&](Row row) -> Result<void> {
        ATTUNE_ASSIGN(const Uuid site, Uuid::parse(text(row[1])));
        const std::uint32_t world =
            sessions.world_number(site, static_cast<std::uint32_t>(number(row[2])));
        const Stored stored = std::get<bool>(row[7]) ? Stored::hot : Stored::cold;
        sessions.restore_session(world, position(row[0]), text(row[3]), text(row[4]),
                                 time_ms(row[5]), time_ms(row[6]), stored);
        return {};
      },
      kLoading));
  return {};
}

Result<void> load_names(store::Session& session, std::uint64_t from, SessionIndex& sessions) {
  const std::array parameters{Value{static_cast<std::int64_t>(from)}};
  ATTUNE_TRY(session.scan(
      "etl/sessions.names", parameters,
      [&](Row row) -> Result<void> {
        ATTUNE_ASSIGN(const Uuid site, Uuid::parse(text(row[1])));
        sessions.restore_name(sessions.world_number(site, 0), text(row[2]), position(row[0]));
        return {};
      },
      kLoading));
  return {};
}

Result<void> load_event_ids(store::Session& session, const SavedCursor& cursor,
                            Deduplicator& deduplicator) {
  std::deque<Deduplicator::Bucket> buckets;
  ATTUNE_TRY(session.scan("etl/event_ids.buckets", {}, [&](Row row) -> Result<void> {
    buckets.push_back({position(row[0]), number(row[1]), 0});
    return {};
  }));
  const std::uint64_t first = buckets.empty() ? 0 : buckets.front().first_position;
  const bool any = !buckets.empty();
  deduplicator.restore(cursor.arrival_ms, cursor.counts.event_ids_given_up, std::move(buckets));
  if (!any) return {};
  const std::array parameters{Value{static_cast<std::int64_t>(first)}};
  ATTUNE_TRY(session.scan(
      "etl/event_ids.load", parameters,
      [&](Row row) -> Result<void> {
        ATTUNE_ASSIGN(const Uuid site, Uuid::parse(text(row[1])));
        deduplicator.restore_id(site, std::get<Uuid>(row[2]), position(row[0]));
        return {};
      },
      kLoading));
  return {};
}

}  // namespace

Result<std::optional<journal::Position>> load_position(store::Session& session) {
  ATTUNE_ASSIGN(const auto cursor, load_cursor(session));
  if (!cursor) return std::optional<journal::Position>();
  return std::optional(cursor->position);
}

Result<journal::Position> load_state(store::Session& session, Transformer& transformer) {
  ATTUNE_ASSIGN(const auto cursor, load_cursor(session));
  if (!cursor) return journal::Position{};
  SessionIndex& sessions = transformer.sessions();
  transformer.restore_counts(cursor->counts);
  sessions.restore_tick(cursor->tick_ms);
  sessions.restore_given_up(cursor->counts.sessions_given_up);
  ATTUNE_TRY(load_worlds(session, sessions));
  ATTUNE_TRY(load_sessions(session, sessions));
  ATTUNE_TRY(load_names(session, cursor->names_from, sessions));
  ATTUNE_TRY(load_event_ids(session, *cursor, transformer.deduplicator()));
  return cursor->position;
}

Result<void> StoreFacts::session_rows(std::span<const StoredSession> sessions,
                                      const std::function<void(SessionRow&&)>& tell) {
  SqlList hot;
  SqlList cold;
  Bounds hot_keys;
  Bounds cold_keys;
  Bounds cold_starts;
  for (const StoredSession& stored : sessions) {
    const auto key = static_cast<std::int64_t>(stored.key);
    (stored.stored == Stored::hot ? hot : cold).add(key);
    (stored.stored == Stored::hot ? hot_keys : cold_keys).add(key);
    if (stored.stored == Stored::cold) cold_starts.add(stored.first_ms);
  }
  const auto visit = [&](Row values) -> Result<void> {
    ATTUNE_ASSIGN(SessionRow row, session_row_of(values));
    tell(std::move(row));
    return {};
  };
  if (!hot.empty()) {
    const std::array parameters{Value{hot.text()}, Value{hot_keys.least},
                                Value{hot_keys.greatest}};
    ATTUNE_TRY(session_.scan("etl/sessions.fetch_hot", parameters, visit));
  }
  if (!cold.empty()) {
    const std::array parameters{Value{cold.text()}, Value{cold_keys.least},
                                Value{cold_keys.greatest}, time(cold_starts.least),
                                time(cold_starts.greatest)};
    ATTUNE_TRY(session_.scan("etl/sessions.fetch_cold", parameters, visit));
  }
  return {};
}

Result<void> StoreFacts::pages(std::span<const StoredPages> sessions,
                               const std::function<void(std::uint64_t, Moment)>& tell) {
  SqlList keys;
  Bounds views;
  for (const StoredPages& stored : sessions) {
    keys.add(stored.key);
    views.add(stored.first_ms);
    views.add(stored.last_ms);
  }
  const std::array parameters{Value{keys.text()}, time(views.least), time(views.greatest)};
  ATTUNE_TRY(session_.scan("etl/pages.fetch", parameters, [&](Row row) -> Result<void> {
    tell(position(row[0]), Moment{time_ms(row[2]), position(row[1])});
    return {};
  }));
  return {};
}

}  // namespace attune::etl
