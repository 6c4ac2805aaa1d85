#include "etl/session_index.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kSecondMs = 1000;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

/// `value - by`, where kNever stays kNever.
std::int64_t before(std::int64_t value, std::int64_t by) {
  return value == kNever ? kNever : value - by;
}

std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// 0 is kept for "no client id".
std::uint64_t nonzero(std::uint64_t hash) { return hash == 0 ? 1 : hash; }

}  // namespace

SessionIndex::SessionIndex(const Settings& settings, std::uint64_t hash_seed)
    : settings_(settings), hash_seed_(hash_seed), names_(settings.session_names_max) {}

SessionIndex::~SessionIndex() = default;

std::uint32_t SessionIndex::world_number(const Uuid& site, std::uint32_t stream) {
  const auto [found, is_new] =
      world_numbers_.try_emplace({site, stream}, static_cast<std::uint32_t>(worlds_.size()));
  if (is_new) {
    auto state = std::make_unique<WorldState>();
    state->world.site = site;
    state->world.stream = stream;
    state->seed = hash64(bytes_of(site), hash_seed_ + stream);
    worlds_.push_back(std::move(state));
  }
  return found->second;
}

void SessionIndex::restore_world(const World& world) {
  worlds_[world_number(world.site, world.stream)]->world = world;
}

std::int64_t SessionIndex::addressable_from(const World& world) const {
  if (!world.live()) return world.floor_ms;
  return std::max(world.floor_ms,
                  before(world.watermark_ms, settings_.late_ms + settings_.session_gap_ms));
}

std::int64_t SessionIndex::retained_from(const World& world) const {
  const std::int64_t from = addressable_from(world);
  return from == kNever ? kNever : floor_div(from, kMinuteMs) * kMinuteMs;
}

std::int64_t SessionIndex::closing_ms(const WorldState& state) const {
  if (state.world.ended) return std::numeric_limits<std::int64_t>::max();
  return state.world.live() ? std::max(state.world.watermark_ms, tick_ms_)
                            : state.world.watermark_ms;
}

bool SessionIndex::is_closed(const WorldState& state, const Session& session) const {
  return session.last_ms + settings_.session_gap_ms <= closing_ms(state) ||
         session.last_ms < state.world.floor_ms;
}

Placed SessionIndex::place(std::uint32_t world, const event::EventView& event,
                           std::uint64_t position) {
  WorldState& state = *worlds_[world];
  ensure(!state.world.ended, "an import that has ended places no events");
  const std::int64_t time_ms = event.timestamp_ms;
  // Judged before the event moves the watermark; an event that does is never late.
  const std::int64_t from = addressable_from(state.world);
  if (from != kNever && time_ms < from + settings_.session_gap_ms) return {Placing::late};
  if (time_ms > state.world.watermark_ms) {
    state.world.watermark_ms = time_ms;
    state.changed = true;
    drop_unretained(state);
  }

  Placed placed;
  const std::uint64_t visitor_hash = hash64(event.visitor_id, state.seed + 1);
  std::uint64_t client_hash = 0;
  if (event.session_id.empty()) {
    placed.session = find_of_visitor(state, visitor_hash, time_ms);
  } else {
    client_hash = nonzero(hash64(event.session_id, state.seed));
    placed.session = find_named(state, client_hash);
    placed.named_with_key = !state.world.live() || by_client_.contains(client_hash) ||
                            names_.contains(client_hash);
  }
  if (placed.session == kNoSession) {
    placed.begun = true;
    placed.session = begin(state, world, position, client_hash, visitor_hash, time_ms);
    if (state.world.live() && client_hash != 0) names_.add(client_hash, position);
    while (retained_ > settings_.sessions_max) give_up_oldest();
  } else {
    Session& session = at(placed.session);
    placed.first_before_ms = session.first_ms;
    placed.last_before_ms = session.last_ms;
    session.first_ms = std::min(session.first_ms, time_ms);
    session.last_ms = std::max(session.last_ms, time_ms);
    if (!session.in_open_list) list_open(state, placed.session);
  }
  return placed;
}

SessionIndexNumber SessionIndex::find_named(const WorldState& state, std::uint64_t client_hash) {
  const auto found = by_client_.find(client_hash);
  if (found == by_client_.end()) return kNoSession;
  return at(found->second).last_ms >= addressable_from(state.world) ? found->second : kNoSession;
}

SessionIndexNumber SessionIndex::find_of_visitor(const WorldState& state,
                                                 std::uint64_t visitor_hash,
                                                 std::int64_t time_ms) {
  const auto found = by_visitor_.find(visitor_hash);
  if (found == by_visitor_.end()) return kNoSession;
  const std::int64_t from = addressable_from(state.world);
  const std::int64_t gap = settings_.session_gap_ms;
  SessionIndexNumber best = kNoSession;
  int looked_at = 0;
  for (SessionIndexNumber number = found->second;
       number != kNoSession && looked_at < kVisitorSessionsMax;
       number = at(number).older_of_visitor, ++looked_at) {
    const Session& session = at(number);
    if (session.last_ms < from || time_ms < session.first_ms - gap ||
        time_ms > session.last_ms + gap) {
      continue;
    }
    if (best == kNoSession || std::pair(session.first_ms, session.key) <
                                  std::pair(at(best).first_ms, at(best).key)) {
      best = number;
    }
  }
  return best;
}

SessionIndexNumber SessionIndex::begin(WorldState& state, std::uint32_t world, std::uint64_t key,
                                       std::uint64_t client_hash, std::uint64_t visitor_hash,
                                       std::int64_t time_ms) {
  SessionIndexNumber number = kNoSession;
  if (free_.empty()) {
    if (used_ == blocks_.size() * kBlock) blocks_.push_back(std::make_unique<Session[]>(kBlock));
    number = static_cast<SessionIndexNumber>(used_++);
  } else {
    number = free_.back();
    free_.pop_back();
  }
  Session& session = at(number);
  session = Session{};
  session.key = key;
  session.client_hash = client_hash;
  session.visitor_hash = visitor_hash;
  session.first_ms = time_ms;
  session.last_ms = time_ms;
  session.world = world;
  if (client_hash != 0) by_client_[client_hash] = number;
  const auto [head, is_new] = by_visitor_.try_emplace(visitor_hash, number);
  if (!is_new) {
    session.older_of_visitor = std::exchange(head->second, number);
    at(session.older_of_visitor).newer_of_visitor = number;
  }
  ++state.retained;
  ++retained_;
  list_open(state, number);
  return number;
}

void SessionIndex::list_open(WorldState& state, SessionIndexNumber number) {
  Session& session = at(number);
  session.in_open_list = true;
  session.bucket = floor_div(session.last_ms, kSecondMs);
  state.open[session.bucket].push_back({number, session.key});
}

void SessionIndex::list_closed(WorldState& state, SessionIndexNumber number) {
  Session& session = at(number);
  session.in_open_list = false;
  session.bucket = floor_div(session.last_ms, kMinuteMs);
  state.closed[session.bucket].push_back({number, session.key});
}

/// References are left behind when a session moves on; only the one that agrees with it counts.
bool SessionIndex::stands_in(const Reference& reference, std::int64_t bucket, bool open) {
  const Session& session = at(reference.number);
  return session.key == reference.key && !session.dropped && session.bucket == bucket &&
         session.in_open_list == open;
}

void SessionIndex::drop_unretained(WorldState& state) {
  const std::int64_t from_ms = retained_from(state.world);
  if (from_ms == kNever) return;
  drop_before(state, state.open, kSecondMs, from_ms);
  drop_before(state, state.closed, kMinuteMs, from_ms);
}

void SessionIndex::drop_before(WorldState& state, Buckets& buckets, std::int64_t bucket_ms,
                               std::int64_t from_ms) {
  const bool open = &buckets == &state.open;
  while (!buckets.empty() && buckets.begin()->first * bucket_ms < from_ms) {
    const auto node = buckets.extract(buckets.begin());
    for (const Reference& reference : node.mapped()) {
      if (!stands_in(reference, node.key(), open)) continue;
      if (at(reference.number).last_ms < from_ms) {
        drop(state, reference.number);
      } else {
        open ? list_open(state, reference.number) : list_closed(state, reference.number);
      }
    }
  }
}

void SessionIndex::drop(WorldState& state, SessionIndexNumber number) {
  Session& session = at(number);
  unlink(number);
  session.dropped = true;
  session.in_open_list = false;
  dropped_.push_back(number);
  --state.retained;
  --retained_;
}

void SessionIndex::unlink(SessionIndexNumber number) {
  Session& session = at(number);
  if (session.client_hash != 0) {
    const auto named = by_client_.find(session.client_hash);
    if (named != by_client_.end() && named->second == number) by_client_.erase(named);
  }
  if (session.older_of_visitor != kNoSession) {
    at(session.older_of_visitor).newer_of_visitor = session.newer_of_visitor;
  }
  if (session.newer_of_visitor != kNoSession) {
    at(session.newer_of_visitor).older_of_visitor = session.older_of_visitor;
  } else if (session.older_of_visitor != kNoSession) {
    by_visitor_[session.visitor_hash] = session.older_of_visitor;
  } else {
    by_visitor_.erase(session.visitor_hash);
  }
}

void SessionIndex::release_dropped() {
  for (const SessionIndexNumber number : dropped_) {
    at(number) = Session{};
    free_.push_back(number);
  }
  dropped_.clear();
}

void SessionIndex::tick(std::int64_t received_ms) { tick_ms_ = std::max(tick_ms_, received_ms); }

void SessionIndex::end_import(std::uint32_t world) {
  WorldState& state = *worlds_[world];
  if (state.world.live()) return;   // the live stream does not end
  state.world.ended = true;
  state.changed = true;
  drop_before(state, state.open, kSecondMs, std::numeric_limits<std::int64_t>::max());
  drop_before(state, state.closed, kMinuteMs, std::numeric_limits<std::int64_t>::max());
}

std::vector<SessionIndexNumber> SessionIndex::take_closed() {
  std::vector<SessionIndexNumber> taken;
  const auto take = [&](SessionIndexNumber number) {
    const Session& session = at(number);
    if (!session.touched && session.stored == Stored::hot) taken.push_back(number);
  };
  for (const SessionIndexNumber number : dropped_) take(number);
  for (const auto& state : worlds_) {
    const std::int64_t closing = before(closing_ms(*state), settings_.session_gap_ms);
    for (auto bucket = state->open.begin();
         bucket != state->open.end() && bucket->first * kSecondMs <= closing;) {
      std::vector<Reference> staying;
      for (const Reference& reference : bucket->second) {
        if (!stands_in(reference, bucket->first, true)) continue;
        const Session& session = at(reference.number);
        if (is_closed(*state, session)) {
          list_closed(*state, reference.number);
          take(reference.number);
        } else if (floor_div(session.last_ms, kSecondMs) == bucket->first) {
          staying.push_back(reference);
        } else {
          list_open(*state, reference.number);   // a later bucket
        }
      }
      if (staying.empty()) {
        bucket = state->open.erase(bucket);
      } else {
        bucket->second = std::move(staying);
        ++bucket;
      }
    }
  }
  return taken;
}

std::vector<SessionIndexNumber> SessionIndex::latest_open(std::size_t max) {
  std::vector<SessionIndexNumber> found;
  for (const auto& state : worlds_) {
    for (const auto& [bucket, references] : state->open) {
      for (const Reference& reference : references) {
        if (stands_in(reference, bucket, true) && at(reference.number).stored == Stored::hot) {
          found.push_back(reference.number);
        }
      }
    }
  }
  std::ranges::sort(found, {}, [this](SessionIndexNumber number) { return at(number).last_ms; });
  if (found.size() > max) {
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(max));
  }
  return found;
}

std::vector<std::uint32_t> SessionIndex::take_changed_worlds() {
  std::vector<std::uint32_t> changed;
  for (std::uint32_t number = 0; number < worlds_.size(); ++number) {
    if (std::exchange(worlds_[number]->changed, false)) changed.push_back(number);
  }
  return changed;
}

std::int64_t SessionIndex::least_live_watermark_ms() const {
  std::int64_t least = kNever;
  for (const auto& state : worlds_) {
    if (!state->world.live() || state->world.watermark_ms == kNever) continue;
    least = least == kNever ? state->world.watermark_ms
                            : std::min(least, state->world.watermark_ms);
  }
  return least;
}

std::optional<std::int64_t> SessionIndex::next_close_ms() const {
  std::optional<std::int64_t> least;
  for (const auto& state : worlds_) {
    if (!state->world.live() || state->open.empty()) continue;
    const std::int64_t close_ms =
        state->open.begin()->first * kSecondMs + settings_.session_gap_ms;
    if (!least || close_ms < *least) least = close_ms;
  }
  return least;
}

std::optional<std::int64_t> SessionIndex::least_minute(WorldState& state) {
  std::optional<std::int64_t> least;
  while (!state.open.empty()) {
    const std::int64_t bucket = state.open.begin()->first;
    const std::vector<Reference> references = std::move(state.open.begin()->second);
    state.open.erase(state.open.begin());
    bool stays = false;
    for (const Reference& reference : references) {
      if (!stands_in(reference, bucket, true)) continue;
      list_open(state, reference.number);
      stays = stays || at(reference.number).bucket == bucket;
    }
    if (!stays) continue;
    least = floor_div(bucket, kMinuteMs / kSecondMs);
    break;
  }
  for (auto closed = state.closed.begin(); closed != state.closed.end();) {
    const bool stays = std::ranges::any_of(closed->second, [&](const Reference& reference) {
      return stands_in(reference, closed->first, false);
    });
    if (stays) {
      return least ? std::min(*least, closed->first) : closed->first;
    }
    closed = state.closed.erase(closed);
  }
  return least;
}

void SessionIndex::give_up_oldest() {
  WorldState* victim = nullptr;
  for (const auto& [identity, number] : world_numbers_) {
    WorldState* state = worlds_[number].get();
    if (victim == nullptr || state->retained > victim->retained) victim = state;
  }
  const std::optional<std::int64_t> minute = least_minute(*victim);
  ensure(minute.has_value(), "a world with retained sessions has an oldest one");
  const std::size_t count = retained_;
  victim->world.floor_ms = std::max(victim->world.floor_ms, (*minute + 1) * kMinuteMs);
  victim->changed = true;
  drop_unretained(*victim);
  ensure(retained_ < count, "giving up the oldest minute drops a session");
  given_up_ += count - retained_;
}

void SessionIndex::restore_session(std::uint32_t world, std::uint64_t key,
                                   std::string_view session_id, std::string_view visitor_id,
                                   std::int64_t first_ms, std::int64_t last_ms, Stored stored) {
  WorldState& state = *worlds_[world];
  const std::string_view client_id = client_id_of(session_id);
  const std::uint64_t client_hash =
      client_id.empty() ? 0 : nonzero(hash64(client_id, state.seed));
  const SessionIndexNumber number =
      begin(state, world, key, client_hash, hash64(visitor_id, state.seed + 1), last_ms);
  Session& session = at(number);
  session.first_ms = first_ms;
  session.stored_first_ms = first_ms;
  session.stored = stored;
  if (stored == Stored::cold) list_closed(state, number);
}

void SessionIndex::restore_name(std::uint32_t world, std::string_view session_id,
                                std::uint64_t key) {
  names_.add(nonzero(hash64(client_id_of(session_id), worlds_[world]->seed)), key);
}

}  // namespace attune::etl
