// Which events count, and in which session: docs/etl.md, sections 2 to 4 and 12.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "etl/reference_parts.h"

namespace attune::etl::reference {
namespace {

std::string base32(std::uint64_t number) {
  const std::string digit(1, "0123456789abcdefghijklmnopqrstuv"[number % 32]);
  return number < 32 ? digit : base32(number / 32) + digit;
}

std::int64_t minute_of(std::int64_t ms) {
  return static_cast<std::int64_t>(std::floor(static_cast<double>(ms) / 60'000.0));
}

}  // namespace

bool Fact::operator<(const Fact& other) const {
  return std::tie(event.timestamp_ms, position) <
         std::tie(other.event.timestamp_ms, other.position);
}

std::int64_t Visit::first() const {
  return std::min_element(facts.begin(), facts.end())->event.timestamp_ms;
}

std::int64_t Visit::last() const {
  return std::max_element(facts.begin(), facts.end())->event.timestamp_ms;
}

Placing::Place Placing::place(const Fact& fact) {
  const Event& event = fact.event;
  arrival_ = std::max(arrival_, event.received_ms);
  if (event.has_client_event_id && is_duplicate(fact)) return {};
  World& world = worlds_[{event.site, event.stream}];
  if (world.ended || event.is_bot || event.kind == Kind::performance) return {.is_logged = true};
  if (event.timestamp_ms < late_limit(event.stream, world)) {
    return {.is_logged = true, .is_late = true};
  }
  world.watermark = std::max(world.watermark, event.timestamp_ms);
  Visit* visit = find(event, world);
  const bool is_new = visit == nullptr;
  if (is_new) visit = begin(fact);
  visit->facts.push_back(fact);
  if (is_new) give_up();
  return {.is_logged = true, .is_late = false, .visit = visit};
}

void Placing::end(const event::ImportEnd& import) {
  worlds_[{import.site, import.stream}].ended = true;
}

void Placing::tick(std::int64_t received_ms) { tick_ = std::max(tick_, received_ms); }

bool Placing::is_closed(const Visit& visit) const {
  const World& world = worlds_.at({visit.site, visit.stream});
  const std::int64_t clock = visit.stream == 0 ? std::max(world.watermark, tick_) : world.watermark;
  return world.ended || visit.last() + settings_.session_gap_ms <= clock ||
         visit.last() < world.floor;
}

bool Placing::is_duplicate(const Fact& fact) {
  const std::int64_t hour = arrival_ / 3'600'000;
  const std::size_t bucket_max = std::max<std::size_t>(1, settings_.event_ids_max / 8);
  if (buckets_.empty() || buckets_.back().hour != hour ||
      buckets_.back().ids.size() >= bucket_max) {
    buckets_.push_back({hour, {}});
  }
  while (buckets_.front().hour < hour - settings_.dedup_ms / 3'600'000) {
    buckets_.erase(buckets_.begin());
  }
  const std::pair<Uuid, Uuid> id{fact.event.site, fact.event.event_id};
  for (const Bucket& bucket : buckets_) {
    if (bucket.ids.contains(id)) return true;
  }
  buckets_.back().ids.insert(id);
  const auto kept = [&] {
    std::size_t count = 0;
    for (const Bucket& bucket : buckets_) count += bucket.ids.size();
    return count;
  };
  while (kept() > settings_.event_ids_max && buckets_.size() > 1) {
    buckets_.erase(buckets_.begin());
  }
  return false;
}

std::int64_t Placing::reach(std::uint32_t stream, const World& world) const {
  if (stream != 0 || world.watermark == kFar) return world.floor;
  return std::max(world.floor, world.watermark - settings_.late_ms - settings_.session_gap_ms);
}

std::int64_t Placing::late_limit(std::uint32_t stream, const World& world) const {
  return reach(stream, world) == kFar ? kFar : reach(stream, world) + settings_.session_gap_ms;
}

bool Placing::is_retained(const Visit& visit) const {
  const World& world = worlds_.at({visit.site, visit.stream});
  if (world.ended) return false;
  const std::int64_t from = reach(visit.stream, world);
  return from == kFar || minute_of(visit.last()) >= minute_of(from);
}

Visit* Placing::find(const Event& event, const World& world) {
  std::vector<Visit*> mine;
  for (Visit& visit : visits_) {
    if (visit.site != event.site || visit.stream != event.stream) continue;
    if (event.session_id.empty() ? visit.visitor == event.visitor_id && is_retained(visit)
                                 : visit.client == event.session_id) {
      mine.push_back(&visit);
    }
  }
  if (event.session_id.empty() && mine.size() > 64) mine.erase(mine.begin(), mine.end() - 64);
  Visit* best = nullptr;
  for (Visit* visit : mine) {
    if (visit->last() < reach(event.stream, world)) continue;
    if (event.session_id.empty() &&
        (event.timestamp_ms < visit->first() - settings_.session_gap_ms ||
         event.timestamp_ms > visit->last() + settings_.session_gap_ms)) {
      continue;
    }
    if (best == nullptr || std::pair(visit->first(), visit->key) <
                               std::pair(best->first(), best->key)) {
      best = visit;
    }
  }
  return best;
}

Visit* Placing::begin(const Fact& fact) {
  const Event& event = fact.event;
  Visit visit{fact.position,    event.site, event.stream, event.session_id, "",
              event.visitor_id};
  bool with_key = event.stream != 0;
  for (const Visit& other : visits_) {
    if (other.site == event.site && other.stream == 0 && other.client == event.session_id &&
        is_retained(other)) {
      with_key = true;
    }
  }
  std::size_t named = 0;
  for (auto other = visits_.rbegin();
       other != visits_.rend() && named < settings_.session_names_max; ++other) {
    if (other->stream != 0 || other->client.empty()) continue;
    ++named;
    if (other->site == event.site && other->client == event.session_id) with_key = true;
  }
  visit.name = event.session_id;
  if (event.session_id.empty() || with_key) visit.name += "~" + base32(fact.position);
  visits_.push_back(std::move(visit));
  return &visits_.back();
}

void Placing::give_up() {
  while (true) {
    std::map<WorldKey, std::vector<const Visit*>> kept;
    std::size_t count = 0;
    for (const Visit& visit : visits_) {
      if (!is_retained(visit)) continue;
      kept[{visit.site, visit.stream}].push_back(&visit);
      ++count;
    }
    if (count <= settings_.sessions_max) return;
    const auto* victim = &*kept.begin();
    for (const auto& world : kept) {
      if (world.second.size() > victim->second.size()) victim = &world;
    }
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const Visit* visit : victim->second) least = std::min(least, minute_of(visit->last()));
    worlds_[victim->first].floor = (least + 1) * 60'000;
  }
}

}  // namespace attune::etl::reference
