// Rows of an account's tables: listed, read, made, changed and deleted, with the account in every
// predicate. One code for both engines: references, cascades and uniqueness are looked after here,
// so that DuckDB, which has no foreign keys, answers what PostgreSQL's constraints answer.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "campaign/tables.h"
#include "store/store.h"

namespace attune::campaign {

enum class AccountId : std::int64_t {};

/// Who sees only that account's rows.
inline store::Tenant tenant_of(AccountId account) {
  return {.site = {}, .account = static_cast<std::int64_t>(account)};
}

/// id, user_id, the table's columns, created_at, updated_at.
using Row = std::vector<store::Value>;
/// A value for each of the table's columns; nullopt: not given; Null: set to null.
using Fields = std::vector<std::optional<store::Value>>;

struct ListOptions {
  std::int64_t limit = 100;    // 1..kListMax
  std::int64_t offset = 0;     // 0..kOffsetMax
  std::optional<Uuid> parent;  // only rows whose `filter` column is this
  std::optional<std::string> site = {};     // only rows of this one, where `lists_by_site`
  std::optional<std::string> status = {};   // only rows in this state, likewise
};
constexpr std::int64_t kListMax = 1000;
constexpr std::int64_t kOffsetMax = 1'000'000;

struct Page {
  std::vector<Row> rows;   // newest first
  bool more = false;
};

/// Makes rows within AccountStore::edit_at_once, for as long as its work runs.
class AtOnce {
 public:
  AtOnce(store::Session& session, AccountId account, store::Timestamp now)
      : session_(session), account_(account), now_(now) {}

  /// Errors   as AccountStore::create; the work then has to end with it.
  [[nodiscard]] Result<Row> create(const Table& table, const Fields& fields) const;

 private:
  store::Session& session_;
  AccountId account_;
  store::Timestamp now_;
};

class AccountStore {
 public:
  explicit AccountStore(const Clock& clock) : clock_(clock) {}

  /// Errors   invalid_argument: limit or offset out of range.
  [[nodiscard]] Result<Page> list(store::Session& session, const Table& table, AccountId account,
                                  const ListOptions& options) const;

  /// Errors   not_found: no such row, or another account's.
  [[nodiscard]] Result<Row> find(store::Session& session, const Table& table, AccountId account,
                                 const Uuid& id) const;

  /// Errors   invalid_argument with the column: required, out of range, not one of the words,
  ///          read only; failed_precondition with the column: it refers to a row that the account
  ///          does not have; already_exists with the column: a row has these values. The message
  ///          names the constraint.
  [[nodiscard]] Result<Row> create(store::Session& session, const Table& table, AccountId account,
                                   const Fields& fields);

  /// Changes the columns that are given.
  /// Errors   as find and create.
  [[nodiscard]] Result<Row> update(store::Session& session, const Table& table, AccountId account,
                                   const Uuid& id, const Fields& fields);

  /// The next version of a template: its row with the columns that are given, as a row of its own.
  /// Errors   as find and create.
  [[nodiscard]] Result<Row> add_version(store::Session& session, AccountId account, const Uuid& id,
                                        const Fields& fields);

  /// Deletes a row and what belongs to it.
  /// Errors   not_found; failed_precondition: rows that are not part of it still need it.
  [[nodiscard]] Result<void> remove(store::Session& session, const Table& table, AccountId account,
                                    const Uuid& id);

  /// Does `work` in one transaction of the account with no other edit beside it: all of it or
  /// nothing. For rows that belong together or are many. What `work` writes by statements of its
  /// own, it holds against references and uniqueness itself; it calls nothing else of this class.
  /// Errors   those of `work`, whose writes are then undone; of the store.
  [[nodiscard]] Result<void> edit_at_once(store::Session& session, AccountId account,
                                          const std::function<Result<void>(const AtOnce&)>& work);

  /// Gives a profile with neutral defaults to every account that has none.
  /// Returns  how many were made.
  [[nodiscard]] Result<std::int64_t> populate(store::Session& session);

 private:
  Result<Row> create_locked(store::Session& session, const Table& table, AccountId account,
                            const Fields& fields);

  const Clock& clock_;
  std::mutex mutex_;   // one edit at a time in this process: a check holds until its write
};

}  // namespace attune::campaign
