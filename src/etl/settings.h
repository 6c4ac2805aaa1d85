// What the ETL can be told, with the defaults of docs/etl.md. Two databases are equal only when
// they were made with equal settings, so a replay uses those of the server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "event/codec.h"
#include "event/event.h"
#include "journal/journal.h"

namespace attune::etl {

inline constexpr std::int64_t kMinuteMs = 60'000;
inline constexpr std::int64_t kHourMs = 60 * kMinuteMs;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;

/// user_product_interactions.reward by kind (docs/etl.md, section 9).
struct Rewards {
  double view = 0.1;
  double click = 0.5;
  double cart_add = 2.0;
  double purchase = 10.0;
  double wishlist = 1.0;
  double remove_cart = -1.0;
  double remove_wishlist = -0.5;
};

struct Settings {
  // What rows say. Changing one needs a replay.
  std::int64_t session_gap_ms = 30 * kMinuteMs;        // 1 minute .. 24 hours
  std::int64_t late_ms = 72 * kHourMs;                 // 1 hour .. 30 days; live stream only
  std::int64_t dedup_ms = 24 * kHourMs;                // arrival time; 1 .. 200 hours
  std::int64_t click_window_ms = 30 * kMinuteMs;       // decision to its click
  std::int64_t conversion_window_ms = 7 * kDayMs;      // click to its purchase
  Rewards rewards;
  /// Rewards of one site where they differ; empty: `rewards` everywhere. Any thread.
  std::function<Rewards(const Uuid& site)> rewards_of;
  /// Whether a person was erased, so that a replay does not bring them back; empty: nobody was.
  std::function<bool(const event::EventView&)> is_erased;
  std::function<bool(const event::Decision&)> is_decision_erased;
  std::function<bool(const event::Exposure&)> is_exposure_erased;

  // Memory. About 150 bytes a session, 40 a name, 30 an event id, 900 a cached row.
  std::size_t sessions_max = 1'000'000;       // addressable, over all sites and streams
  std::size_t session_names_max = 1'000'000;  // client session ids remembered
  std::size_t event_ids_max = 2'000'000;      // for deduplication
  std::size_t session_rows_max = 150'000;     // whole rows of open sessions; the others are fetched

  /// Whether people whose rows a batch touches are noted for their profiles (etl_dirty_people).
  bool note_people = false;

  // Pace. No row depends on these.
  std::size_t batch_records_max = 49'152;
  std::size_t batch_bytes_max = std::size_t{64} << 20;
  std::int64_t commit_ms = 200;               // under load; when idle a commit comes at once
  std::int64_t tick_ms = kMinuteMs;           // a tick at most so often, while sessions are open
  std::int64_t retry_ms_max = 5000;           // longest wait between attempts; the first is 50 ms
  std::int64_t daily_ms_min = 1000;           // daily_site_metrics at most this often,
  double daily_share_max = 0.1;               // and at most this share of a thread's time
  double rest_share = 6;                      // rest, by time worked, while `intake_is_busy`,
  std::int64_t rest_ms_max = 2000;            // and at most this long at once
  std::int64_t prune_ms = kHourMs;            // how often what no late event can change is let go

  /// Whether the intake needs the processors now, asked after each commit on the ETL thread; empty:
  /// never. Resting between batches rather than by the scheduler's priorities alone: a thread that
  /// rests holds no lock of the engine.
  std::function<bool()> intake_is_busy;

  /// Told after each commit, on the ETL thread: everything before the position is in the tables.
  /// For journal cursors (retention). Must be quick.
  std::function<void(journal::Position)> committed;
};

}  // namespace attune::etl
