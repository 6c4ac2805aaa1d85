// Rebuilding what was derived: a replay of the journal into a fresh database, and the comparison
// that proves two databases hold the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "etl/counts.h"
#include "etl/settings.h"
#include "event/site_directory.h"
#include "journal/journal.h"
#include "store/store.h"

namespace attune::etl {

struct ReplayProgress {
  journal::Position position;
  journal::Position until;
  std::uint64_t records = 0;
};
using ReplayListener = std::function<void(const ReplayProgress&)>;

/// Fills the derived tables of `fresh` (migrated, no events yet) from the journal's beginning up to
/// `until`. Tables that people edit are left alone: copy them first (copy_edited). To replace a
/// database, open a second file, replay into it, close both, and rename it over the first.
///
/// Errors   failed_precondition: the journal's beginning is no longer kept, so rows would be lost,
///          or `fresh` has a cursor already; those of the journal's reader and of the store.
[[nodiscard]] Result<Counts> replay(journal::Journal& journal, store::Store& fresh,
                                    const event::SiteDirectory& sites, const Clock& clock,
                                    const Settings& settings, journal::Position until,
                                    const ReplayListener& progress = {});

/// Copies the tables that are not derived (sites, accounts, keys, logins, imports, models,
/// catalogue) into a migrated database; what an earlier call brought is replaced, so call it again
/// before a swap.
[[nodiscard]] Result<void> copy_edited(store::Session& from, store::Session& to);

/// The position up to which the tables of a database are complete; 0 when nothing was ever read.
[[nodiscard]] Result<journal::Position> committed_position(store::Session& session);

/// Where two databases differ in one table: its first differing row in the order of the table's
/// key.
struct TableDifference {
  std::string table;
  std::uint64_t rows_compared = 0;   // equal before it
  std::string key;                   // of the row, as text
  std::string column;                // first differing one; empty: one side lacks the row
  std::string left;                  // "(no row)" when missing
  std::string right;
};

struct TableEqual {
  std::string table;
  std::uint64_t rows = 0;
};

struct Comparison {
  std::vector<TableEqual> equal;
  std::vector<TableDifference> different;   // at most one a table
  bool same() const { return different.empty(); }
};

/// Compares all derived tables row by row, column by column, values exactly.
/// Both must be at rest and at one position (failed_precondition otherwise).
[[nodiscard]] Result<Comparison> compare(store::Session& left, store::Session& right);

}  // namespace attune::etl
