// The heart of the ETL: a batch of records in, effects out (docs/etl.md). Deterministic: the same
// journal gives the same rows whatever the batches and restarts were. Owns what is remembered
// between batches; asks the tables, through Facts, only for what a late event needs.
//
// A batch goes through three steps, because what is missing must be fetched for all events at once:
//   place   every event in journal order: duplicate? late? which session?
//   merge   every counted event into its session's row and pages
//   finish  close what the clocks have passed, and say what must be written
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "etl/batch.h"
#include "etl/counts.h"
#include "etl/deduplicator.h"
#include "etl/effects.h"
#include "etl/facts.h"
#include "etl/session_index.h"
#include "etl/settings.h"
#include "event/site_directory.h"

namespace attune::etl {

class Transformer {
 public:
  /// All references must outlive this. `hash_seed`: see SessionIndex.
  Transformer(const Settings& settings, const event::SiteDirectory& sites, std::uint64_t hash_seed);

  /// Works off a batch that follows the last one. `batch` must stay as it is until committed().
  ///
  /// Returns  what to write; valid until committed().
  /// Errors   failed_precondition: a record of a newer version; those of `facts`. Afterwards only
  ///          destruction is allowed: what is in memory is ahead of the tables.
  [[nodiscard]] Result<const Effects*> apply(const Batch& batch, Facts& facts);

  /// The effects are in the tables.
  void committed();

  /// Takes the rows of the sessions most likely to go on into memory, after a restart: as long as
  /// they are missing, each batch has to search the tables for some.
  /// Errors   those of `facts`.
  [[nodiscard]] Result<void> warm(Facts& facts);

  SessionIndex& sessions() { return sessions_; }
  const SessionIndex& sessions() const { return sessions_; }
  Deduplicator& deduplicator() { return deduplicator_; }
  const Deduplicator& deduplicator() const { return deduplicator_; }
  const Counts& counts() const { return counts_; }
  void restore_counts(const Counts& counts) { counts_ = counts; }

 private:
  struct Cached {
    SessionIndexNumber number;
    std::uint64_t key;
  };

  Result<void> read(const Batch& batch);
  Result<void> read_event(std::string_view body, std::uint64_t position);
  Result<void> read_decision(std::string_view body, std::uint64_t position);
  Result<void> read_exposure(std::string_view body, std::uint64_t position);
  void place(const event::EventView& event, std::uint64_t position);
  void log(const event::EventView& event, std::uint64_t position, SessionIndexNumber session,
           bool is_late);
  void touch(const Placed& placed, const event::EventView& event, std::uint64_t position);
  Result<void> fetch(Facts& facts);
  Result<void> fetch_rows(Facts& facts, std::span<const SessionIndexNumber> sessions);
  Result<void> fetch_pages(Facts& facts);
  void note_people(const event::EventView& event, const SessionRow& row);
  void merge(const event::EventView& event, Moment at, SessionRow& row);
  void merge_page(const event::EventView& event, Moment at, SessionRow& row);
  void insert_between(const event::EventView& event, Moment at, SessionRow& row);
  void leave_exit(SessionRow& row, Moment next);
  void note_outcomes(const event::EventView& event, std::uint64_t position);
  void mark_dirty(const Uuid& site, std::int64_t time_ms);
  void finish();
  void finish_session(SessionIndexNumber number, std::int64_t first_before_ms);
  void close_session(Session& session);
  void exit_to_cold(SessionRow& row);
  void keep_row(SessionIndexNumber number, std::unique_ptr<SessionRow> row);
  void drop_row(Session& session);
  void trim_rows();
  const TimeZone& zone_of(const Uuid& site);

  const Settings& settings_;
  const event::SiteDirectory& sites_;
  SessionIndex sessions_;
  Deduplicator deduplicator_;
  Counts counts_;
  Effects effects_;

  // Of the batch in hand.
  std::vector<event::EventView> events_;          // the first event_count_ are of this batch
  std::size_t event_count_ = 0;
  std::vector<SessionIndexNumber> placed_;        // beside effects_.events
  struct Touched {
    SessionIndexNumber number;
    std::int64_t first_before_ms;                 // kNever: begun in this batch
  };
  std::vector<Touched> touched_;
  std::unordered_map<std::uint64_t, std::vector<Moment>> pages_;   // by session key, in event order
  std::vector<SessionIndexNumber> to_cold_;       // hot sessions that close untouched

  std::shared_ptr<const event::SiteSnapshot> snapshot_;
  std::unordered_map<Uuid, TimeZone> zones_;
  std::deque<Cached> cached_;                     // sessions whose row was kept, oldest first
  std::size_t cached_count_ = 0;
};

}  // namespace attune::etl
