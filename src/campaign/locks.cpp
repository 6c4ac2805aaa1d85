#include "campaign/locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "base/ensure.h"

namespace attune::campaign {
namespace {

using store::Value;

constexpr std::size_t kFirstColumn = 2;   // behind id and user_id
constexpr std::array<std::string_view, 6> kOpenOfTest = {
    "name", "hypothesis", "campaign_id", "sample_size", "duration_days", "end_date"};
constexpr std::array<std::string_view, 2> kOpenOfVariation = {"name", "description"};

const Value& at(const Table& table, const Row& row, std::string_view column) {
  const auto index = table.find(column);
  ensure(index.has_value(), "a lock names columns of its table");
  return row[kFirstColumn + *index];
}

tl::unexpected<Error> locked(std::string_view field, std::string_view status,
                             std::string_view what) {
  return fail(ErrorCode::failed_precondition,
              fmt::format("is locked, because the test is {}: {}", status, what),
              std::string(field));
}

/// Refuses the first column that differs and is not among `open`.
Result<void> check_columns(const Table& table, const Row& before, const Row& after,
                           std::span<const std::string_view> open, std::string_view status) {
  for (const Column& column : table.columns) {
    const bool free = !column.writable || std::ranges::find(open, column.name) != open.end();
    if (free || at(table, before, column.name) == at(table, after, column.name)) continue;
    return locked(column.name, status, "cancel it and start another one");
  }
  return {};
}

Result<std::string> status_of(store::Session& session, const Table& table, const Row& row) {
  const Table* tests = find_table("ab_tests");
  ensure(tests != nullptr, "there is a table of tests");
  const Value parameters[] = {row[1], at(table, row, "ab_test_id")};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("campaign/ab_tests.get", parameters));
  if (rows.rows.empty()) return std::string("Draft");   // the reference is refused elsewhere
  return std::get<std::string>(at(*tests, rows.rows.front(), "status"));
}

}  // namespace

Result<void> check_locks(store::Session& session, const Table& table, const Row* before,
                         const Row* after) {
  if (table.name == "ab_tests") {
    if (before == nullptr) return {};
    const std::string& status = std::get<std::string>(at(table, *before, "status"));
    if (status == "Draft") return {};
    if (after != nullptr) return check_columns(table, *before, *after, kOpenOfTest, status);
    if (status != "Active" && status != "Paused") return {};
    return locked("id", status, "complete or cancel it before it is deleted");
  }
  const bool results = table.name == "test_results";
  if (!results && table.name != "test_variations") return {};
  for (const Row* row : {before, after}) {
    if (row == nullptr) continue;
    ATTUNE_ASSIGN(const std::string status, status_of(session, table, *row));
    if (status == "Draft") continue;
    if (!results && before != nullptr && after != nullptr) {
      ATTUNE_TRY(check_columns(table, *before, *after, kOpenOfVariation, status));
      continue;
    }
    return locked("ab_test_id", status,
                  results ? "its results are written by the server, and never changed"
                          : "its variations stay as they are");
  }
  return {};
}

Result<void> check_end(const Table& table, const Row& before, const Row& after,
                       store::Timestamp now) {
  if (table.name != "ab_tests") return {};
  const std::string& status = std::get<std::string>(at(table, before, "status"));
  const Value& end = at(table, after, "end_date");
  const auto* time = std::get_if<store::Timestamp>(&end);
  const bool runs = status == "Active" || status == "Paused";
  if (!runs || time == nullptr || time->us > now.us || end == at(table, before, "end_date")) {
    return {};
  }
  return fail(ErrorCode::invalid_argument,
              "must lie in the future: to end the test now, complete it", "end_date");
}

}  // namespace attune::campaign
