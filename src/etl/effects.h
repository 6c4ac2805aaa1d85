// What a batch of records does to the tables, as plain values: made by Transformer, written by
// Writer. Views point into the batch, the transformer's events and its session rows, and live until
// the batch ends.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "etl/counts.h"
#include "etl/deduplicator.h"
#include "etl/exposures.h"
#include "etl/people.h"
#include "etl/session_index.h"
#include "etl/session_row.h"
#include "event/codec.h"

namespace attune::etl {

/// A row of events_log; when counted also of the other tables of facts.
struct LoggedEvent {
  const event::EventView* event = nullptr;
  std::uint64_t position = 0;
  const SessionRow* session = nullptr;   // null: not counted
  bool is_late = false;
};

/// A page whose row goes to pageviews_cold.
struct FinalPage {
  Page page;
  std::uint64_t session_key = 0;
  std::string_view session_id;
  Uuid site;
  std::int32_t seconds = -1;             // -1: null
};

/// time_on_page_seconds of a row that is in pageviews_cold already, or is appended by this batch.
struct PageTime {
  std::int64_t view_ms = 0;
  std::int32_t seconds = -1;
};

/// A session that the batch touched: its old row goes, its new one comes.
struct SessionWrite {
  const SessionRow* row = nullptr;
  Stored before = Stored::nowhere;
  std::int64_t before_first_ms = 0;      // session_start of the old row
  bool closed = false;
};

/// A decision and where it stands.
struct LoggedDecision {
  event::Decision decision;
  std::uint64_t position = 0;
};

/// Something that happened to a recommended item.
struct Outcome {
  enum class Kind : std::uint8_t { shown, clicked } kind = Kind::shown;
  Uuid decision_id;
  Uuid site;
  std::int64_t product_id = 0;
  Moment at;
};

/// A bought item that a click may be credited with.
struct Purchase {
  Uuid site;
  std::int64_t person_id = 0;            // stable_id of site and visitor id
  std::int64_t product_id = 0;
  std::int64_t at_ms = 0;
  std::uint64_t id = 0;                  // position of the record plus index
  double amount = 0;
};

struct Effects {
  std::vector<LoggedEvent> events;
  std::vector<FinalPage> pages;
  std::map<std::uint64_t, PageTime> page_times;         // by pageviews.id; after `pages`
  std::vector<SessionWrite> sessions;
  std::vector<std::uint64_t> closing_keys;              // hot rows that go to cold as they are
  std::vector<LoggedDecision> decisions;
  std::vector<Outcome> outcomes;                        // after `decisions`
  std::vector<Purchase> purchases;
  std::set<std::pair<Uuid, std::int32_t>> dirty_days;
  Exposures exposures;
  People people;                                        // Settings::note_people: whose rows change
  std::vector<std::uint32_t> worlds;                    // numbers of those that changed

  void clear() { *this = Effects{}; }
};

}  // namespace attune::etl
