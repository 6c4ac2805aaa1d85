// Who may send how much: size of a body, requests and events a second by key, and the backlog
// behind the collector. Refusals say when to come back. Memory is fixed at construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/uuid.h"

namespace attune::collect {

struct AdmissionSettings {
  std::size_t body_bytes_max = 1 << 20;
  double address_events_per_second =
      500;  // one client address (/64 for IPv6), keys excepted; 0: no limit
  double site_events_per_second = 0;  // one site; 0: no limit
  double burst_s = 10;                // a bucket holds this many seconds of its rate
  std::size_t buckets_max = 1 << 16;  // addresses and sites remembered, rounded up to a power of 2
  std::size_t backlog_bytes_max = 64u << 20;  // journal bytes waiting for the disk
  std::int64_t lag_ms_max = 0;                // how far the tables may be behind; 0: no limit
};

/// What waits behind the collector; asked for every request, so it must be cheap.
struct Backlog {
  std::size_t journal_pending_bytes = 0;
  std::int64_t etl_lag_ms = 0;
};

struct Refusal {
  Error error;
  int retry_after_s = 0;  // 0: coming back does not help
};

class Admission {
 public:
  Admission(AdmissionSettings settings, std::function<Backlog()> backlog);

  /// Before the body is read or parsed.
  ///
  /// Errors   resource_exhausted: body longer than body_bytes_max (413, retry_after_s 0);
  ///          unavailable: too much waits behind the collector (503).
  /// Threads  any.
  std::optional<Refusal> admit_body(std::size_t body_bytes) const;

  /// Takes `events` from the buckets of the address and of the site; takes nothing when one is
  /// short. More events than a bucket can ever hold are let through once it is full.
  ///
  /// address    empty: not counted (a secret key was shown).
  /// steady_us  monotonic time.
  /// Errors     resource_exhausted with the seconds until the bucket holds enough (429).
  /// Threads    any.
  std::optional<Refusal> admit_events(std::string_view address, const Uuid& site,
                                      std::size_t events, std::int64_t steady_us);

 private:
  struct Bucket {
    std::uint64_t key = 0;  // 0: free
    double tokens = 0;
    std::int64_t filled_us = 0;
  };
  static constexpr std::size_t kWays = 8;
  struct Set {
    Mutex mutex;
    std::array<Bucket, kWays> buckets ATTUNE_THREAD(guarded_by(mutex));
  };

  /// Returns  0 when the events were taken, else the seconds until they can be.
  double take(std::uint64_t key, double rate, double events, std::int64_t steady_us);
  void give_back(std::uint64_t key, double events);
  Set& set_of(std::uint64_t key) { return sets_[(key >> 8) & (sets_.size() - 1)]; }

  AdmissionSettings settings_;
  std::function<Backlog()> backlog_;
  std::vector<Set> sets_;
  std::uint64_t seed_ = 0;  // so that nobody can choose addresses that share a set
};

}  // namespace attune::collect
