#include "store/migrate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "base/hash.h"
#include "store/migration_lock.h"
#include "store/migration_names.h"

namespace attune::store {

namespace {

constexpr std::string_view kFolder = "migrate/";

struct FileName {
  std::int32_t number = 0;
  std::string name;
  bool up = false;
};

// "migrate/0001_base.up"
std::optional<FileName> parse(std::string_view path) {
  path.remove_prefix(kFolder.size());
  FileName parsed;
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.size() < 6 || path[4] != '_') return std::nullopt;
  const std::string_view direction = path.substr(dot + 1);
  if (direction != "up" && direction != "down") return std::nullopt;
  parsed.up = direction == "up";
  const auto read = std::from_chars(path.data(), path.data() + 4, parsed.number);
  if (read.ec != std::errc() || read.ptr != path.data() + 4) return std::nullopt;
  parsed.name = path.substr(5, dot - 5);
  return parsed;
}

constexpr std::string_view kNoTransaction = "-- Transaction: none\n";
constexpr std::string_view kRecord = "schema_migrations";
constexpr std::string_view kLockNotAvailable = "SQLSTATE 55P03";
constexpr int kTries = 5;

/// What lies in the database before anything is done.
struct Found {
  struct Record {
    std::string hash;   // empty: begun and not finished
    std::string name;
    Timestamp applied_at;
  };
  std::map<std::int32_t, Record> records;
  std::map<std::string, bool> objects;   // name -> whether it is a table and no view
};

Result<Found> look(Session& session) {
  Found found;
  ATTUNE_ASSIGN(const Rows objects, session.query("store/objects", {}));
  for (const auto& row : objects.rows) {
    const std::string& name = std::get<std::string>(row[0]);
    found.objects.emplace(name, std::get<bool>(row[1]));
    if (name == kRecord && std::get<std::string>(row[2]) != "number,name,hash,applied_at") {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("the database's table {} was made by another program (its columns "
                              "are {}): give Attune a database or schema of its own",
                              kRecord, std::get<std::string>(row[2])),
                  "database");
    }
  }
  if (!found.objects.contains(std::string(kRecord))) return found;
  ATTUNE_ASSIGN(const Rows records, session.query("store/migrations_list", {}));
  for (const auto& row : records.rows) {
    found.records.emplace(static_cast<std::int32_t>(std::get<std::int64_t>(row[0])),
                          Found::Record{.hash = std::get<std::string>(row[1]),
                                        .name = std::get<std::string>(row[2]),
                                        .applied_at = std::get<Timestamp>(row[3])});
  }
  return found;
}

std::vector<MigrationStatus> status_of(const Found& found, const std::vector<Migration>& known) {
  std::map<std::int32_t, MigrationStatus> all;
  for (const Migration& migration : known) {
    all[migration.number] = {.number = migration.number,
                             .name = migration.name,
                             .state = MigrationState::pending,
                             .applied_at = std::nullopt};
  }
  for (const auto& [number, record] : found.records) {
    const auto file = std::ranges::find(known, number, &Migration::number);
    MigrationStatus& status = all[number];
    status.number = number;
    status.name = record.name;
    status.applied_at = record.applied_at;
    if (file == known.end()) status.state = MigrationState::newer;
    else if (record.hash.empty()) status.state = MigrationState::begun;
    else if (record.hash != file->hash) status.state = MigrationState::changed;
    else status.state = MigrationState::applied;
  }
  std::vector<MigrationStatus> out;
  for (auto& entry : all) out.push_back(std::move(entry.second));
  return out;
}

Result<void> check_applied(const std::vector<MigrationStatus>& all) {
  for (const MigrationStatus& status : all) {
    if (status.state == MigrationState::newer) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("the database has migration {:04} ({}), which this program does not "
                              "know: it was made by a newer version. Use that one, or take the "
                              "migration back with it: attune migrate down",
                              status.number, status.name));
    }
    if (status.state == MigrationState::changed) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("migration {:04}_{}.up has changed since it was applied: use the "
                              "program that it was applied with",
                              status.number, status.name));
    }
  }
  return {};
}

/// Tables that are there and that a migration would make, though none of ours made them.
Result<void> check_foreign(const Found& found, const std::vector<Migration>& known) {
  std::set<std::string> ours;
  std::set<std::string> foreign;
  for (const Migration& migration : known) {
    if (!found.records.contains(migration.number)) continue;
    for (std::string& name : names_made(*migration.up)) ours.insert(std::move(name));
  }
  for (const Migration& migration : known) {
    if (found.records.contains(migration.number)) continue;
    for (const std::string& name : names_made(*migration.up)) {
      if (found.objects.contains(name) && !ours.contains(name)) foreign.insert(name);
    }
  }
  if (foreign.empty()) return {};
  return fail(ErrorCode::failed_precondition,
              fmt::format("the database holds tables of the same names that are not Attune's: {}. "
                          "Nothing was touched; give Attune a database or schema of its own",
                          fmt::join(foreign, ", ")),
              "database");
}

Result<void> check_rights(Session& session) {
  if (session.engine() != Engine::postgres) return {};
  ATTUNE_ASSIGN(const Rows rows, session.query("store/migrate_preflight", {}));
  const auto& row = rows.rows.at(0);
  const std::string& role = std::get<std::string>(row[0]);
  if (std::get<bool>(row[4])) {
    return fail(ErrorCode::invalid_argument,
                "the server is a standby and read-only: name its primary", "database");
  }
  if (std::get<bool>(row[3])) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the database is read-only for role {}: see the setting "
                            "default_transaction_read_only of role and database", role),
                "database");
  }
  const std::string* schema = std::get_if<std::string>(&row[1]);
  if (schema == nullptr) {
    return fail(ErrorCode::permission_denied,
                fmt::format("role {} has no schema to make tables in: make one that its "
                            "search_path names", role),
                "database");
  }
  if (!std::get<bool>(row[2])) {
    return fail(ErrorCode::permission_denied,
                fmt::format("role {0} may not make tables in schema {1}: grant create on schema "
                            "{1} to {0}", role, *schema),
                "database");
  }
  return {};
}

/// Runs `file` and records it with `record`, both or neither.
Result<void> try_apply(Session& session, const SqlFile& file, std::string_view record,
                       std::span<const Value> parameters) {
  ATTUNE_TRY(session.begin());
  Result<std::int64_t> done = 0;
  if (session.engine() == Engine::postgres) done = session.execute("store/migrate_limits");
  if (done) done = session.execute(file.path);
  if (done) done = session.execute(record, parameters);
  if (!done) {
    // The first error says what went wrong; a failing rollback would only hide it.
    static_cast<void>(session.rollback());
    return pass(done, fmt::format("migration {}, taken back as a whole", file.file_name));
  }
  return session.commit();
}

/// Gives way to whoever uses the tables, and tries again.
Result<void> apply(Session& session, const SqlFile& file, std::string_view record,
                   std::span<const Value> parameters) {
  Result<void> done;
  for (int tried = 0; tried < kTries; ++tried) {
    done = try_apply(session, file, record, parameters);
    if (done || done.error().message().find(kLockNotAvailable) == std::string::npos) return done;
  }
  return pass(done, "its tables are in use; try again when less is going on");
}

/// Without a transaction: begun, done statement by statement, finished. A half-done one is begun
/// again.
Result<void> apply_in_steps(Session& session, const Migration& migration, const SqlFile& file,
                            std::string_view record, std::span<const Value> parameters) {
  const Value begun[] = {std::int64_t{migration.number}, migration.name};
  ATTUNE_TRY(session.execute("store/migrations_begin", begun));
  auto done = session.execute(file.path);
  if (!done) {
    return pass(done, fmt::format("migration {} is half done: `attune migrate up` runs it again "
                                  "from its first statement, `attune migrate down` takes it back",
                                  file.file_name));
  }
  ATTUNE_TRY(session.execute(record, parameters));
  return {};
}

Result<void> bring_up(Session& session, const Migration& migration) {
  const std::int64_t number = migration.number;
  if (!migration.in_transaction) {
    const Value record[] = {number, migration.hash};
    return apply_in_steps(session, migration, *migration.up, "store/migrations_finish", record);
  }
  const Value record[] = {number, migration.name, migration.hash};
  return apply(session, *migration.up, "store/migrations_add", record);
}

Result<void> take_down(Session& session, const Migration& migration) {
  const Value record[] = {std::int64_t{migration.number}};
  if (!migration.in_transaction) {
    return apply_in_steps(session, migration, *migration.down, "store/migrations_remove", record);
  }
  return apply(session, *migration.down, "store/migrations_remove", record);
}

/// Applied migrations above `keep`, newest first.
std::vector<const Migration*> going_above(const Found& found, const std::vector<Migration>& known,
                                          std::int32_t keep) {
  std::vector<const Migration*> going;
  for (auto migration = known.rbegin(); migration != known.rend(); ++migration) {
    if (migration->number <= keep || !found.records.contains(migration->number)) continue;
    going.push_back(&*migration);
  }
  return going;
}

/// Tables that the migrations' down files empty.
std::vector<std::string> emptied_by(const Found& found, const std::vector<const Migration*>& all) {
  std::vector<std::string> tables;
  std::set<std::string> seen;
  for (const Migration* migration : all) {
    for (const std::string& name : names_emptied(*migration->down)) {
      const auto object = found.objects.find(name);
      if (object == found.objects.end() || !object->second || !seen.insert(name).second) continue;
      tables.push_back(name);
    }
  }
  return tables;
}

/// Those of them that have rows: "users 12".
Result<std::vector<std::string>> rows_at_stake(Session& session, const Found& found,
                                               const std::vector<const Migration*>& all) {
  std::vector<std::string> lost;
  for (const std::string& name : emptied_by(found, all)) {
    const Value table[] = {name};
    ATTUNE_ASSIGN(const Rows counted, session.query("store/row_count", table));
    const std::int64_t rows = std::get<std::int64_t>(counted.rows.at(0).at(0));
    if (rows > 0) lost.push_back(fmt::format("{} {}", name, rows));
  }
  return lost;
}

Result<void> check_rows(Session& session, const Found& found,
                        const std::vector<const Migration*>& all) {
  ATTUNE_TRY(session.begin());
  Result<std::int64_t> ready = 0;
  if (session.engine() == Engine::postgres) ready = session.execute("store/migrate_limits");
  Result<std::vector<std::string>> lost = fail(ErrorCode::internal, "");
  if (ready) lost = rows_at_stake(session, found, all);
  else lost = pass(ready);
  static_cast<void>(session.rollback());   // nothing was written
  if (!lost) return pass(lost, "counting the rows that would be lost");
  if (lost->empty()) return {};
  return fail(ErrorCode::failed_precondition,
              fmt::format("rows would be lost: {}. --yes-lose-data goes ahead, after a copy",
                          fmt::join(*lost, ", ")));
}

}  // namespace

Result<std::vector<Migration>> migrations(const SqlCatalog& catalog) {
  std::map<std::int32_t, Migration> by_number;
  for (const auto& entry : catalog.files()) {
    const SqlFile& file = entry.second;
    if (!file.path.starts_with(kFolder)) continue;
    const std::optional<FileName> parsed = parse(file.path);
    if (!parsed) {
      return fail(ErrorCode::internal,
                  fmt::format("{} is not named 0001_name.up.sql", file.file_name));
    }
    Migration& migration = by_number[parsed->number];
    if (!migration.name.empty() && migration.name != parsed->name) {
      return fail(ErrorCode::internal,
                  fmt::format("two migrations numbered {:04}", parsed->number));
    }
    migration.number = parsed->number;
    migration.name = parsed->name;
    (parsed->up ? migration.up : migration.down) = &file;
    if (!parsed->up) continue;
    migration.hash = fmt::format("{:016x}", hash64(file.text));
    migration.in_transaction = file.text.find(kNoTransaction) == std::string_view::npos;
  }
  std::vector<Migration> all;
  for (const auto& entry : by_number) {
    if (entry.second.up == nullptr || entry.second.down == nullptr) {
      return fail(ErrorCode::internal, fmt::format("migration {:04} lacks its {} file", entry.first,
                                                   entry.second.up == nullptr ? "up" : "down"));
    }
    all.push_back(entry.second);
  }
  return all;
}

Result<std::vector<MigrationStatus>> migration_status(Session& session,
                                                      const SqlCatalog& catalog) {
  ATTUNE_ASSIGN(const std::vector<Migration> known, migrations(catalog));
  ATTUNE_ASSIGN(const Found found, look(session));
  return status_of(found, known);
}

Result<int> migrate_up(Store& store, const SqlCatalog& catalog, const MigrateOptions& options) {
  ATTUNE_ASSIGN(const std::vector<Migration> known, migrations(catalog));
  ATTUNE_ASSIGN(const std::unique_ptr<Session> session, store.session());
  const auto is_done = [](const Found& found, const Migration& migration) {
    const auto record = found.records.find(migration.number);
    return record != found.records.end() && !record->second.hash.empty();
  };
  const auto checked = [&]() -> Result<Found> {
    ATTUNE_ASSIGN(Found found, look(*session));
    ATTUNE_TRY(check_applied(status_of(found, known)));
    ATTUNE_TRY(check_foreign(found, known));
    return found;
  };
  // Looked at without rights or locks first: mostly there is nothing to do.
  ATTUNE_ASSIGN(Found found, checked());
  if (std::ranges::all_of(known, [&](const Migration& each) { return is_done(found, each); })) {
    return 0;
  }
  ATTUNE_TRY(check_rights(*session));
  ATTUNE_ASSIGN(const MigrationLock lock, MigrationLock::take(store, options.wait_ms));
  ATTUNE_TRY(session->execute("store/migrations_create"));
  ATTUNE_ASSIGN(found, checked());
  int count = 0;
  for (const Migration& migration : known) {
    if (is_done(found, migration)) continue;
    if (options.last && migration.number > *options.last) break;
    ATTUNE_TRY(bring_up(*session, migration));
    ++count;
  }
  return count;
}

Result<std::vector<std::string>> tables_at_stake(Session& session, const SqlCatalog& catalog,
                                                 std::int32_t keep) {
  ATTUNE_ASSIGN(const std::vector<Migration> known, migrations(catalog));
  ATTUNE_ASSIGN(const Found found, look(session));
  return emptied_by(found, going_above(found, known, keep));
}

Result<int> migrate_down(Store& store, const SqlCatalog& catalog, std::int32_t keep,
                         const MigrateOptions& options) {
  ATTUNE_ASSIGN(const std::vector<Migration> known, migrations(catalog));
  ATTUNE_ASSIGN(const std::unique_ptr<Session> session, store.session());
  ATTUNE_ASSIGN(const MigrationLock lock, MigrationLock::take(store, options.wait_ms));
  ATTUNE_ASSIGN(const Found found, look(*session));
  ATTUNE_TRY(check_applied(status_of(found, known)));
  const std::vector<const Migration*> going = going_above(found, known, keep);
  if (!going.empty()) ATTUNE_TRY(check_rights(*session));
  if (!options.lose_data) ATTUNE_TRY(check_rows(*session, found, going));
  for (const Migration* migration : going) ATTUNE_TRY(take_down(*session, *migration));
  return static_cast<int>(going.size());
}

}  // namespace attune::store
