// Token buckets in a fixed table of sets: a key's set is found by its hash, and when a set is full
// the bucket that was used longest ago makes room. Someone with very many addresses can so get
// fresh buckets, which is why the site's own bucket and the backlog stand behind; nobody can make
// the table grow.
#include "collect/admission.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/hash.h"
#include "collect/geo.h"

namespace attune::collect {
namespace {

/// What an address is counted as: itself, or its /64, because a home has that many IPv6 addresses.
std::uint64_t address_key(std::string_view text, std::uint64_t seed) {
  auto address = Address::parse(text);
  if (!address) return hash64(text, seed) | 1;
  if (!address->is_v4) std::fill(address->bytes.begin() + 8, address->bytes.end(), std::uint8_t{0});
  return hash64({reinterpret_cast<const char*>(address->bytes.data()), 16}, seed) | 1;
}

std::uint64_t site_key(const Uuid& site, std::uint64_t seed) {
  return hash64({reinterpret_cast<const char*>(site.bytes.data()), 16}, ~seed) | 1;
}

Refusal too_fast(std::string_view whose, double rate, double wait_s) {
  const double wait = std::clamp(std::ceil(wait_s), 1.0, 3600.0);
  return {Error(ErrorCode::resource_exhausted,
                fmt::format("more than {:.0f} events a second from this {}", rate, whose)),
          static_cast<int>(wait)};
}

}  // namespace

Admission::Admission(AdmissionSettings settings, std::function<Backlog()> backlog)
    : settings_(settings),
      backlog_(std::move(backlog)),
      sets_(std::bit_ceil(std::max<std::size_t>(settings.buckets_max / kWays, 1))) {
  randombytes_buf(&seed_, sizeof seed_);
}

std::optional<Refusal> Admission::admit_body(std::size_t body_bytes) const {
  if (body_bytes > settings_.body_bytes_max) {
    return Refusal{
        Error(ErrorCode::resource_exhausted,
              fmt::format("body is longer than {} bytes", settings_.body_bytes_max), "body"),
        0};
  }
  if (!backlog_) return std::nullopt;
  const Backlog waiting = backlog_();
  if (settings_.backlog_bytes_max > 0 &&
      waiting.journal_pending_bytes > settings_.backlog_bytes_max) {
    return Refusal{Error(ErrorCode::unavailable, "the journal is behind: try again shortly"), 1};
  }
  if (settings_.lag_ms_max > 0 && waiting.etl_lag_ms > settings_.lag_ms_max) {
    return Refusal{Error(ErrorCode::unavailable, "the tables are behind: try again later"), 10};
  }
  return std::nullopt;
}

std::optional<Refusal> Admission::admit_events(std::string_view address, const Uuid& site,
                                               std::size_t events, std::int64_t steady_us) {
  const auto wanted = static_cast<double>(events);
  const double address_rate = address.empty() ? 0 : settings_.address_events_per_second;
  const std::uint64_t by_address = address_rate > 0 ? address_key(address, seed_) : 0;
  if (address_rate > 0) {
    const double wait_s = take(by_address, address_rate, wanted, steady_us);
    if (wait_s > 0) return too_fast("address", address_rate, wait_s);
  }
  const double site_rate = settings_.site_events_per_second;
  if (site_rate > 0) {
    const double wait_s = take(site_key(site, seed_), site_rate, wanted, steady_us);
    if (wait_s > 0) {
      if (address_rate > 0) give_back(by_address, wanted);
      return too_fast("site", site_rate, wait_s);
    }
  }
  return std::nullopt;
}

double Admission::take(std::uint64_t key, double rate, double events, std::int64_t steady_us) {
  const double capacity = std::max(1.0, rate * settings_.burst_s);
  Set& set = set_of(key);
  const MutexLock lock(set.mutex);
  Bucket* bucket = nullptr;
  Bucket* oldest = &set.buckets[0];
  for (Bucket& candidate : set.buckets) {
    if (candidate.key == key) bucket = &candidate;
    if (candidate.key == 0 || (oldest->key != 0 && candidate.filled_us < oldest->filled_us)) {
      oldest = &candidate;
    }
  }
  if (bucket == nullptr) {
    bucket = oldest;
    *bucket = {key, capacity, steady_us};
  }
  const auto passed_s =
      static_cast<double>(std::max<std::int64_t>(steady_us - bucket->filled_us, 0)) / 1e6;
  bucket->tokens = std::min(capacity, bucket->tokens + passed_s * rate);
  bucket->filled_us = std::max(bucket->filled_us, steady_us);
  // A request that is larger than any bucket passes when the bucket is full, and leaves a debt.
  const double needed = std::min(events, capacity);
  if (bucket->tokens + 1e-9 < needed) return (needed - bucket->tokens) / rate;
  bucket->tokens -= events;
  return 0;
}

void Admission::give_back(std::uint64_t key, double events) {
  Set& set = set_of(key);
  const MutexLock lock(set.mutex);
  for (Bucket& bucket : set.buckets) {
    if (bucket.key == key) bucket.tokens += events;
  }
}

}  // namespace attune::collect
