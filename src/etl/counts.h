// What became of the records, over the whole journal; kept in etl_cursor, equal after a replay.
#pragma once

#include <cstdint>

namespace attune::etl {

/// Each event record is in exactly one of counted, duplicates, bots, performance, late, after_end,
/// erased, damaged; so their sum is `events`.
struct Counts {
  std::uint64_t events = 0;
  std::uint64_t counted = 0;              // has rows beyond events_log
  std::uint64_t duplicates = 0;           // dropped: event id seen within the window
  std::uint64_t bots = 0;                 // events_log only
  std::uint64_t performance = 0;          // events_log only
  std::uint64_t late = 0;                 // events_log only: behind the late limit
  std::uint64_t after_end = 0;            // events_log only: the import had ended
  std::uint64_t erased = 0;               // dropped: the person is on the tombstone list
  std::uint64_t damaged = 0;              // no row at all: the body could not be decoded
  std::uint64_t decisions = 0;
  std::uint64_t other_records = 0;        // exposures, ticks, import ends, unknown types
  std::uint64_t sessions = 0;             // begun
  std::uint64_t sessions_given_up = 0;    // not addressable for want of memory
  std::uint64_t event_ids_given_up = 0;   // let go before their time for want of memory
  bool operator==(const Counts&) const = default;
};

}  // namespace attune::etl
