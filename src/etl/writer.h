// Effects into the tables: one transaction a batch, cursor included (docs/etl.md, section 13).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "etl/effects.h"
#include "etl/recent_ids.h"
#include "etl/session_storage.h"
#include "etl/settings.h"
#include "etl/tables.h"
#include "etl/transformer.h"
#include "etl/windows.h"
#include "journal/journal.h"
#include "store/store.h"

namespace attune::etl {

class Writer {
 public:
  /// References must outlive the writer. The cursor row must exist (begin_cursor).
  Writer(store::Session& session, const Settings& settings);

  /// Writes what a batch does and that everything before `next` is done, in one transaction.
  /// `before`: where the tables end now, which is checked.
  ///
  /// Errors   failed_precondition: the tables end elsewhere, another ETL writes them; those of the
  ///          store. Whether the transaction took effect is then unknown (a commit may have failed
  ///          late): the caller must read the cursor again before going on.
  [[nodiscard]] Result<void> write(const Effects& effects, const Transformer& transformer,
                                   journal::Position before, journal::Position next);

 private:
  struct Candidates {
    std::map<std::int64_t, UsersTable::Row> users;
    std::map<std::int64_t, ProductTable::Row> products;
  };

  Result<void> write_all(const Effects& effects, const Transformer& transformer,
                         journal::Position before, journal::Position next);
  Result<void> write_events(const Effects& effects);
  void add_counted(const EventContext& context, Candidates& candidates);
  void add_interactions(const EventContext& context, Candidates& candidates);
  void note_person(const EventContext& context, std::int64_t id, std::string_view external_id,
                   Candidates& candidates);
  Result<void> write_candidates(const Candidates& candidates);
  Result<void> write_recommendations(const Effects& effects);
  Result<void> write_outcomes(const Effects& effects, Outcome::Kind kind);
  Result<void> credit_purchases(const Effects& effects);
  Result<void> write_worlds(const Effects& effects, const SessionIndex& sessions);
  Result<void> write_dirty_days(const Effects& effects);
  Result<void> write_people(const Effects& effects, journal::Position next);
  Result<void> write_event_ids(const Deduplicator& deduplicator);
  Result<void> write_cursor(const Transformer& transformer, journal::Position before,
                            journal::Position next);
  Result<void> append(std::string_view table, store::ColumnBatch& batch);
  Rewards rewards_of(const Uuid& site) const;
  void remember_decision(const event::Decision& decision);

  store::Session& session_;
  const Settings& settings_;
  Windows windows_;
  EventsLogTable events_log_;
  UserEventsTable user_events_;
  FormSubmissionsTable form_submissions_;
  OrdersTable orders_;
  InteractionsTable interactions_;
  UsersTable users_;
  ProductTable products_;
  RecommendationsTable recommendations_;
  PurchasesTable purchases_;

  RecentIds known_users_;
  RecentIds known_products_;
  SiteTexts sites_;
  std::unique_ptr<SessionStorage> session_storage_;
  /// When recent decisions were made: bounds the search for the rows of an outcome.
  std::unordered_map<Uuid, std::int64_t> decided_ms_;
  std::unordered_map<Uuid, std::int64_t> decided_ms_old_;
  std::vector<Deduplicator::Bucket> saved_buckets_;
  bool buckets_saved_ = false;
};

/// Lets go of clicks and purchases whose credit no event can change any more: those of so long
/// before `watermark_ms`, the least of the live sites. No row that anyone sees depends on when this
/// is done.
[[nodiscard]] Result<void> prune_outcomes(store::Session& session, const Settings& settings,
                                          std::int64_t watermark_ms);

/// Takes the tables for this ETL alone, as long as the session lives; a database that belongs to
/// one process needs no such thing.
/// Errors   failed_precondition: another one has them.
[[nodiscard]] Result<void> claim_tables(store::Session& session);
/// Gives them back, before the session goes to somebody else.
void release_tables(store::Session& session);

/// Makes the cursor row of a database that has none.
[[nodiscard]] Result<void> begin_cursor(store::Session& session);

}  // namespace attune::etl
