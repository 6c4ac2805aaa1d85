#include "etl/deduplicator.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"

namespace attune::etl {
namespace {

constexpr std::size_t kSlotsMin = 1024;
/// A bucket is at most this share of the bound, so that an overflow does not forget everything.
constexpr std::size_t kBucketsMin = 8;

std::uint64_t hash_of(const Uuid& id, std::uint64_t seed) {
  return hash64({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}, seed);
}

/// One key for (site, event id). The site is mixed in by a hash with a fixed seed, so that ids of
/// two sites meet only when they differ by exactly that: 2^-128, unless chosen, and sites are not
/// chosen.
Uuid key_of(const Uuid& site, const Uuid& event_id) {
  const std::uint64_t low = hash_of(site, 1);
  const std::uint64_t high = hash_of(site, 2);
  std::uint64_t parts[2];
  std::memcpy(parts, event_id.bytes.data(), sizeof parts);
  parts[0] ^= low;
  parts[1] ^= high;
  Uuid key;
  std::memcpy(key.bytes.data(), parts, sizeof parts);
  return key;
}

}  // namespace

Deduplicator::Deduplicator(const Settings& settings, std::uint64_t hash_seed)
    : settings_(settings), hash_seed_(hash_seed), slots_(kSlotsMin) {}

void Deduplicator::arrive(std::int64_t received_ms) {
  arrival_ms_ = std::max(arrival_ms_, received_ms);
}

bool Deduplicator::add(const Uuid& site, const Uuid& event_id, std::uint64_t position) {
  begin_bucket_if_due(position);
  const auto bucket = first_bucket_ + static_cast<std::uint32_t>(buckets_.size() - 1);
  if (!insert(site, event_id, bucket)) return false;
  ++buckets_.back().count;
  let_go();
  return true;
}

void Deduplicator::begin_bucket_if_due(std::uint64_t position) {
  const std::int64_t hour = arrival_ms_ / kHourMs;
  const std::size_t bucket_max =
      std::max<std::size_t>(settings_.event_ids_max / kBucketsMin, 1);
  if (buckets_.empty() || buckets_.back().hour != hour || buckets_.back().count >= bucket_max) {
    buckets_.push_back({position, hour, 0});
  }
  while (buckets_.front().hour < hour - settings_.dedup_ms / kHourMs) forget_first();
}

void Deduplicator::let_go() {
  while (count_ > settings_.event_ids_max && buckets_.size() > 1) {
    given_up_ += buckets_.front().count;
    forget_first();
  }
}

/// Its slots stay until the next rebuild: they are told by their bucket's number.
void Deduplicator::forget_first() {
  count_ -= buckets_.front().count;
  buckets_.pop_front();
  ++first_bucket_;
}

bool Deduplicator::insert(const Uuid& site, const Uuid& event_id, std::uint32_t bucket) {
  if ((used_ + 1) * 4 > slots_.size() * 3) {
    std::size_t capacity = kSlotsMin;
    while ((count_ + 1) * 4 > capacity * 3) capacity *= 2;
    rebuild(capacity);
  }
  const Uuid key = key_of(site, event_id);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(key, hash_seed_) & mask;
  while (slots_[at].bucket != 0) {
    if (slots_[at].key == key) {
      if (slots_[at].bucket >= first_bucket_) return false;
      slots_[at].bucket = bucket;   // forgotten before, remembered again
      ++count_;
      return true;
    }
    at = (at + 1) & mask;
  }
  slots_[at] = {key, bucket};
  ++used_;
  ++count_;
  return true;
}

void Deduplicator::rebuild(std::size_t capacity) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(capacity));
  const std::size_t mask = capacity - 1;
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.bucket < first_bucket_) continue;
    std::size_t at = hash_of(slot.key, hash_seed_) & mask;
    while (slots_[at].bucket != 0) at = (at + 1) & mask;
    slots_[at] = slot;
    ++used_;
  }
  ensure(used_ == count_, "every remembered id has one slot");
}

void Deduplicator::restore(std::int64_t arrival_ms, std::uint64_t given_up,
                           std::deque<Bucket> buckets) {
  arrival_ms_ = arrival_ms;
  given_up_ = given_up;
  buckets_ = std::move(buckets);
  for (Bucket& bucket : buckets_) bucket.count = 0;
  restoring_ = 0;
}

void Deduplicator::restore_id(const Uuid& site, const Uuid& event_id, std::uint64_t position) {
  while (restoring_ + 1 < buckets_.size() && position >= buckets_[restoring_ + 1].first_position) {
    ++restoring_;
  }
  if (restoring_ >= buckets_.size()) return;
  if (insert(site, event_id, first_bucket_ + static_cast<std::uint32_t>(restoring_))) {
    ++buckets_[restoring_].count;
  }
}

}  // namespace attune::etl
