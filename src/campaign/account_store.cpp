#include "campaign/account_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "base/ensure.h"
#include "base/uuid.h"
#include "campaign/content_rules.h"
#include "campaign/locks.h"
#include "campaign/rules.h"
#include "campaign/test_rules.h"
#include "store/transaction.h"

namespace attune::campaign {
namespace {

using store::Null;
using store::Session;
using store::Value;

constexpr std::size_t kFirstColumn = 2;   // behind id and user_id
constexpr std::string_view kProfiles = "meta_user_profiles";

Value value_of(AccountId account) { return static_cast<std::int64_t>(account); }

std::string file_of(const Table& table, std::string_view action) {
  return fmt::format("campaign/{}.{}", table.name, action);
}

/// "ab_tests_campaign_fkey"
std::string reference_name(const Table& table, std::string_view column) {
  if (column.ends_with("_id")) column.remove_suffix(3);
  return fmt::format("{}_{}_fkey", table.name, column);
}

tl::unexpected<Error> no_such(const Table& table) {
  return fail(ErrorCode::not_found, fmt::format("no such {}", table.one), "id");
}

tl::unexpected<Error> taken(const Table& table, const Unique& unique) {
  std::string names;
  std::string_view last = "id";
  for (const std::string_view column : unique.columns) {
    if (column.empty()) break;
    names += (names.empty() ? "" : ", ") + std::string(column);
    last = column;
  }
  return fail(ErrorCode::already_exists,
              names.empty()
                  ? fmt::format("the account has one already (constraint {}_{}_key)", table.name,
                                unique.name)
                  : fmt::format("another {} of the account has this {} (constraint {}_{}_key)",
                                table.one, names, table.name, unique.name),
              std::string(last));
}

tl::unexpected<Error> dangling(const Table& table, const Column& column) {
  return fail(ErrorCode::failed_precondition,
              fmt::format("the account has no such row in {} (constraint {})", column.target,
                          reference_name(table, column.name)),
              std::string(column.name));
}

tl::unexpected<Error> still_needed(const Table& child, const std::string& constraint) {
  return fail(ErrorCode::failed_precondition,
              fmt::format("rows of {} still need it: delete those first (constraint {})",
                          child.name, constraint),
              "id");
}

Result<bool> any(Session& session, const std::string& file, std::span<const Value> parameters) {
  ATTUNE_ASSIGN(const store::Rows rows, session.query(file, parameters));
  return !rows.rows.empty();
}

/// What another process did between our check and our write; PostgreSQL then names the constraint.
Error translated(const Table& table, Error error) {
  const std::string& name = error.field();
  for (const Unique& unique : table.uniques) {
    if (name == fmt::format("{}_{}_key", table.name, unique.name)) {
      return taken(table, unique).value();
    }
  }
  for (const Column& column : table.columns) {
    if (column.kind == Kind::reference && name == reference_name(table, column.name)) {
      return dangling(table, column).value();
    }
  }
  return error;
}

/// Begins a transaction that sees and writes the rows of one account only.
Result<void> begin_as(Session& session, AccountId account) {
  ATTUNE_TRY(session.begin());
  auto bound = session.act_as(tenant_of(account));
  if (!bound) static_cast<void>(session.rollback());
  return bound;
}

/// Ends a transaction by what came of it.
template <class T>
Result<T> finish(Session& session, const Table& table, Result<T> done) {
  if (done) {
    if (auto committed = session.commit(); !committed) {
      return tl::unexpected<Error>(translated(table, std::move(committed.error())));
    }
    return done;
  }
  // The first error says what went wrong; a failing rollback would only hide it.
  static_cast<void>(session.rollback());
  return tl::unexpected<Error>(translated(table, std::move(done.error())));
}

/// One edit of one table on its way.
struct Edit {
  Session& session;
  const Table& table;
  const AccountId account;

  Value& at(Row& row, std::string_view column) const {
    if (column == "created_at") return row[row.size() - 2];
    const auto index = table.find(column);
    ensure(index.has_value(), "a constraint names columns of its table");
    return row[kFirstColumn + *index];
  }

  Result<Row> read(const Uuid& id) const {
    const Value parameters[] = {value_of(account), id};
    ATTUNE_ASSIGN(store::Rows rows, session.query(file_of(table, "get"), parameters));
    if (rows.rows.empty()) return no_such(table);
    return std::move(rows.rows.front());
  }

  /// Puts `fields` into `row` and holds the whole against the rules.
  Result<void> put(Row& row, const Fields& fields) const {
    ensure(fields.size() == table.columns.size(), "a field for each column");
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!fields[i]) continue;
      const Column& column = table.columns[i];
      if (!column.writable) {
        return fail(ErrorCode::invalid_argument, "is read only", std::string(column.name));
      }
      row[kFirstColumn + i] = *fields[i];
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (table.columns[i].writable) {
        ATTUNE_TRY(check_value(table.columns[i], row[kFirstColumn + i]));
      }
    }
    ATTUNE_TRY(check_order(table, row));
    return check_meaning(table, row);
  }

  Result<void> check_references(const Row& row) const {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      const Value& id = row[kFirstColumn + i];
      if (column.kind != Kind::reference || std::holds_alternative<Null>(id)) continue;
      const Value parameters[] = {value_of(account), id};
      ATTUNE_ASSIGN(const bool there,
                    any(session, fmt::format("campaign/{}.get", column.target), parameters));
      if (!there) return dangling(table, column);
    }
    return {};
  }

  Result<void> check_account() const {
    const Value parameters[] = {value_of(account)};
    ATTUNE_ASSIGN(const bool there, any(session, "campaign/account.exists", parameters));
    if (!there) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("no such account (constraint {}_account_fkey)", table.name),
                  "account");
    }
    if (!table.needs_profile) return {};
    ATTUNE_ASSIGN(const bool known, any(session, "campaign/meta_user_profiles.unique_account",
                                        parameters));
    if (known) return {};
    return fail(ErrorCode::failed_precondition,
                fmt::format("the account has no row in {}: make it first (constraint "
                            "{}_profile_fkey)", kProfiles, table.name), "account");
  }

  Result<void> check_uniques(Row& row) const {
    for (const Unique& unique : table.uniques) {
      std::vector<Value> parameters = {value_of(account)};
      for (const std::string_view column : unique.columns) {
        if (!column.empty()) parameters.push_back(at(row, column));
      }
      const std::string file = file_of(table, fmt::format("unique_{}", unique.name));
      ATTUNE_ASSIGN(const store::Rows same, session.query(file, parameters));
      if (!same.rows.empty() && same.rows[0][0] != row[0]) return taken(table, unique);
    }
    return {};
  }

  void add_columns(const Row& row, std::vector<Value>& parameters) const {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].writable) parameters.push_back(row[kFirstColumn + i]);
    }
  }

  /// Rows elsewhere that refer to the row with `id`: those that need it forbid its end; on DuckDB
  /// the others end with it, or forget it.
  Result<void> release(const Uuid& id) const {
    const Value parameters[] = {value_of(account), id};
    const bool by_hand = session.engine() == store::Engine::duckdb;
    for (const Table& child : tables()) {
      if (child.needs_profile && table.name == kProfiles) {
        ATTUNE_ASSIGN(const bool used, any(session, file_of(child, "profile.used"),
                                           std::span(parameters).first(1)));
        if (used) return still_needed(child, fmt::format("{}_profile_fkey", child.name));
      }
      for (const Column& column : child.columns) {
        if (column.target != table.name) continue;
        if (column.on_delete == OnDelete::refuse) {
          const std::string file = file_of(child, fmt::format("{}.used", column.name));
          ATTUNE_ASSIGN(const bool used, any(session, file, parameters));
          if (used) return still_needed(child, reference_name(child, column.name));
        } else if (by_hand) {
          const std::string file = file_of(child, fmt::format("{}.gone", column.name));
          ATTUNE_TRY(session.execute(file, parameters));
        }
      }
    }
    return {};
  }

  Result<Row> insert(Row row) const {
    ATTUNE_TRY(check_design(table, nullptr, row));
    ATTUNE_TRY(check_account());
    ATTUNE_TRY(check_references(row));
    ATTUNE_TRY(check_locks(session, table, nullptr, &row));
    ATTUNE_TRY(check_uniques(row));
    std::vector<Value> parameters = {row[0], row[1]};
    add_columns(row, parameters);
    parameters.insert(parameters.end(), row.end() - 2, row.end());
    ATTUNE_TRY(session.execute(file_of(table, "insert"), parameters));
    return read(std::get<Uuid>(row[0]));
  }

  Result<Row> change(const Uuid& id, const Fields& fields, store::Timestamp now) const {
    const Result<Row> before = read(id);
    if (!before) return before;
    Row row = *before;
    ATTUNE_TRY(put(row, fields));
    ATTUNE_TRY(check_change(table, *before, row));
    ATTUNE_TRY(check_design(table, &*before, row));
    ATTUNE_TRY(check_locks(session, table, &*before, &row));
    ATTUNE_TRY(check_end(table, *before, row, now));
    ATTUNE_TRY(check_references(row));
    ATTUNE_TRY(check_uniques(row));
    std::vector<Value> parameters = {value_of(account), id};
    add_columns(row, parameters);
    parameters.emplace_back(now);
    ATTUNE_TRY(session.execute(file_of(table, "update"), parameters));
    return read(id);
  }

  Result<bool> erase(const Uuid& id) const {
    ATTUNE_ASSIGN(const Row row, read(id));
    ATTUNE_TRY(check_locks(session, table, &row, nullptr));
    ATTUNE_TRY(release(id));
    const Value parameters[] = {value_of(account), id};
    ATTUNE_TRY(session.execute(file_of(table, "delete"), parameters));
    return true;
  }

  /// A new row, not stored, of what is given, what the server gives and what stands for the rest.
  Result<Row> made(const Fields& fields, store::Timestamp now) const {
    Row row = {Uuid::random(), value_of(account)};
    for (const Column& column : table.columns) {
      if (!column.from_server) row.push_back(fallback_of(column));
      else if (column.kind == Kind::instant) row.emplace_back(now);
      else row.emplace_back(Uuid::random().text());
    }
    row.insert(row.end(), {now, now});
    ATTUNE_TRY(put(row, fields));
    return row;
  }
};

}  // namespace

Result<Row> AtOnce::create(const Table& table, const Fields& fields) const {
  const Edit edit{session_, table, account_};
  ATTUNE_ASSIGN(Row row, edit.made(fields, now_));
  auto stored = edit.insert(std::move(row));
  if (!stored) return tl::unexpected<Error>(translated(table, std::move(stored.error())));
  return stored;
}

Result<Page> AccountStore::list(Session& session, const Table& table, AccountId account,
                                const ListOptions& options) const {
  if (options.limit < 1 || options.limit > kListMax) {
    return fail(ErrorCode::invalid_argument, fmt::format("must be 1 to {}", kListMax), "limit");
  }
  if (options.offset < 0 || options.offset > kOffsetMax) {
    return fail(ErrorCode::invalid_argument, fmt::format("must be 0 to {}", kOffsetMax), "offset");
  }
  std::vector<Value> parameters = {value_of(account), options.limit + 1, options.offset};
  const auto narrow_to = [&](const auto& wanted) {
    parameters.push_back(wanted ? Value(*wanted) : Value(Null{}));
  };
  if (!table.filter.empty()) narrow_to(options.parent);
  if (table.lists_by_site) {
    narrow_to(options.site);
    narrow_to(options.status);
  }
  ATTUNE_TRY(begin_as(session, account));
  ATTUNE_ASSIGN(store::Rows rows, finish(session, table,
                                         session.query(file_of(table, "list"), parameters)));
  Page page;
  page.rows = std::move(rows.rows);
  page.more = page.rows.size() > static_cast<std::size_t>(options.limit);
  if (page.more) page.rows.pop_back();
  return page;
}

Result<Row> AccountStore::find(Session& session, const Table& table, AccountId account,
                               const Uuid& id) const {
  ATTUNE_TRY(begin_as(session, account));
  return finish(session, table, Edit{session, table, account}.read(id));
}

Result<Row> AccountStore::create(Session& session, const Table& table, AccountId account,
                                 const Fields& fields) {
  const std::lock_guard lock(mutex_);
  return create_locked(session, table, account, fields);
}

Result<Row> AccountStore::create_locked(Session& session, const Table& table, AccountId account,
                                        const Fields& fields) {
  const auto now = store::Timestamp::from_ms(clock_.now_ms());
  const Edit edit{session, table, account};
  ATTUNE_ASSIGN(Row row, edit.made(fields, now));
  ATTUNE_TRY(begin_as(session, account));
  return finish(session, table, edit.insert(std::move(row)));
}

Result<Row> AccountStore::update(Session& session, const Table& table, AccountId account,
                                 const Uuid& id, const Fields& fields) {
  const std::lock_guard lock(mutex_);
  const auto now = store::Timestamp::from_ms(clock_.now_ms());
  ATTUNE_TRY(begin_as(session, account));
  return finish(session, table, Edit{session, table, account}.change(id, fields, now));
}

Result<Row> AccountStore::add_version(Session& session, AccountId account, const Uuid& id,
                                      const Fields& fields) {
  const Table& table = *find_table("content_templates");
  const std::lock_guard lock(mutex_);
  ATTUNE_TRY(begin_as(session, account));
  ATTUNE_ASSIGN(const Row row, finish(session, table, Edit{session, table, account}.read(id)));
  const Value parameters[] = {value_of(account), row[kFirstColumn + *table.find("name")]};
  ATTUNE_TRY(begin_as(session, account));
  ATTUNE_ASSIGN(const store::Rows newest,
                finish(session, table, session.query(file_of(table, "newest"), parameters)));
  Fields made(table.columns.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (table.columns[i].writable) made[i] = fields[i] ? *fields[i] : row[kFirstColumn + i];
  }
  made[*table.find("name")] = parameters[1];
  made[*table.find("version")] = std::get<std::int64_t>(newest.rows.at(0)[0]) + 1;
  // What was counted is of the text it was counted for.
  made[*table.find("usage_count")] = std::int64_t{0};
  made[*table.find("performance_score")] = Null{};
  made[*table.find("success_rate")] = Null{};
  return create_locked(session, table, account, made);
}

Result<void> AccountStore::remove(Session& session, const Table& table, AccountId account,
                                  const Uuid& id) {
  const std::lock_guard lock(mutex_);
  ATTUNE_TRY(begin_as(session, account));
  ATTUNE_TRY(finish(session, table, Edit{session, table, account}.erase(id)));
  return {};
}

Result<void> AccountStore::edit_at_once(Session& session, AccountId account,
                                        const std::function<Result<void>(const AtOnce&)>& work) {
  const std::lock_guard lock(mutex_);
  const AtOnce rows(session, account, store::Timestamp::from_ms(clock_.now_ms()));
  return store::in_transaction_as(session, tenant_of(account), [&] { return work(rows); });
}

Result<std::int64_t> AccountStore::populate(Session& session) {
  const std::lock_guard lock(mutex_);
  const Table* profiles = find_table(kProfiles);
  ensure(profiles != nullptr, "there is a table of profiles");
  ATTUNE_ASSIGN(const store::Rows accounts, session.query("campaign/account.without_profile", {}));
  std::int64_t made = 0;
  for (const auto& row : accounts.rows) {
    const AccountId account{std::get<std::int64_t>(row[0])};
    const auto created =
        create_locked(session, *profiles, account, Fields(profiles->columns.size()));
    // Another process may have been faster.
    if (!created && created.error().code() == ErrorCode::already_exists) continue;
    ATTUNE_TRY(created);
    ++made;
  }
  return made;
}

}  // namespace attune::campaign
