#include "store/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>

#include "base/hash.h"

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

using Applied = std::map<std::int32_t, std::string>;   // number -> hash

Result<Applied> read_applied(Session& session) {
  ATTUNE_TRY(session.execute("store/migrations_create"));
  ATTUNE_ASSIGN(const Rows rows, session.query("store/migrations_list", {}));
  Applied applied;
  for (const auto& row : rows.rows) {
    applied.emplace(static_cast<std::int32_t>(std::get<std::int64_t>(row[0])),
                    std::get<std::string>(row[1]));
  }
  return applied;
}

Result<void> check_applied(const Applied& applied, const std::vector<Migration>& known) {
  for (const auto& entry : applied) {
    const auto found = std::ranges::find(known, entry.first, &Migration::number);
    if (found == known.end()) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("the database has migration {:04}, which this program does not know: "
                              "it was made by a newer version", entry.first));
    }
    if (found->hash != entry.second) {
      return fail(
          ErrorCode::failed_precondition,
          fmt::format("migration {} has changed since it was applied", found->up->file_name));
    }
  }
  return {};
}

// Runs `file` and records it with `record`, both or neither.
Result<void> apply(Session& session, const SqlFile& file, std::string_view record,
                   std::span<const Value> parameters) {
  ATTUNE_TRY(session.begin());
  auto done = session.execute(file.path);
  if (done) done = session.execute(record, parameters);
  if (!done) {
    // The first error says what went wrong; a failing rollback would only hide it.
    static_cast<void>(session.rollback());
    return pass(done, fmt::format("migration {}", file.file_name));
  }
  return session.commit();
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
    if (parsed->up) migration.hash = fmt::format("{:016x}", hash64(file.text));
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

Result<int> migrate_up(Session& session, const SqlCatalog& catalog) {
  ATTUNE_ASSIGN(const std::vector<Migration> known, migrations(catalog));
  ATTUNE_ASSIGN(const Applied applied, read_applied(session));
  ATTUNE_TRY(check_applied(applied, known));
  int count = 0;
  for (const Migration& migration : known) {
    if (applied.contains(migration.number)) continue;
    const Value record[] = {std::int64_t{migration.number}, migration.name, migration.hash};
    ATTUNE_TRY(apply(session, *migration.up, "store/migrations_add", record));
    ++count;
  }
  return count;
}

Result<int> migrate_down(Session& session, const SqlCatalog& catalog, std::int32_t keep) {
  ATTUNE_ASSIGN(const std::vector<Migration> known, migrations(catalog));
  ATTUNE_ASSIGN(const Applied applied, read_applied(session));
  ATTUNE_TRY(check_applied(applied, known));
  int count = 0;
  for (auto migration = known.rbegin(); migration != known.rend(); ++migration) {
    if (migration->number <= keep || !applied.contains(migration->number)) continue;
    const Value record[] = {std::int64_t{migration->number}};
    ATTUNE_TRY(apply(session, *migration->down, "store/migrations_remove", record));
    ++count;
  }
  return count;
}

}  // namespace attune::store
