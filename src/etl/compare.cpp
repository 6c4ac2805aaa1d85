// Two databases side by side: both are read in the order of each table's key, a range of keys at a
// time, so that the engine skips what lies outside and memory stays bounded.
#include <algorithm>
#include <array>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/time_zone.h"
#include "etl/json_equal.h"
#include "etl/replay.h"
#include "etl/state.h"

namespace attune::etl {
namespace {

using store::Value;

/// Rows read from each side at a time.
constexpr std::int64_t kPageRows = 5'000;
constexpr store::QueryOptions kPage{.rows_max = 8 * kPageRows, .timeout_ms = 600'000};

struct Extent {
  std::int64_t rows = 0;
  std::int64_t first = 0;
  std::int64_t last = -1;
};

Result<std::map<std::string, Extent>> extents_of(store::Session& session) {
  std::map<std::string, Extent> extents;
  ATTUNE_TRY(session.scan(
      "etl/compare.ranges", {},
      [&](std::span<const Value> row) -> Result<void> {
        Extent extent{.rows = std::get<std::int64_t>(row[1])};
        if (extent.rows > 0) {
          extent.first = std::get<std::int64_t>(row[2]);
          extent.last = std::get<std::int64_t>(row[3]);
        }
        extents.emplace(std::get<std::string>(row[0]), extent);
        return {};
      },
      kPage));
  return extents;
}

std::string text_of(const Value& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, store::Null>) {
          return "null";
        } else if constexpr (std::is_same_v<T, std::string>) {
          return held;
        } else if constexpr (std::is_same_v<T, Uuid>) {
          return held.text();
        } else if constexpr (std::is_same_v<T, store::Timestamp>) {
          return utc_text(held.us / 1000);
        } else if constexpr (std::is_same_v<T, store::Date>) {
          return day_text(held.days);
        } else if constexpr (std::is_same_v<T, store::Json>) {
          return held.text;
        } else {
          return fmt::format("{}", held);
        }
      },
      value);
}

bool same(const Value& left, const Value& right) {
  if (left == right) return true;
  const auto* a = std::get_if<store::Json>(&left);
  const auto* b = std::get_if<store::Json>(&right);
  return a != nullptr && b != nullptr && same_json(a->text, b->text);
}

/// The first difference of two pages; nullopt when they are equal.
std::optional<TableDifference> first_difference(const std::string& table, std::uint64_t before,
                                                const store::Rows& left,
                                                const store::Rows& right) {
  const std::size_t shared = std::min(left.rows.size(), right.rows.size());
  for (std::size_t row = 0; row < shared; ++row) {
    for (std::size_t column = 0; column < left.columns.size(); ++column) {
      const Value& a = left.rows[row][column];
      const Value& b = right.rows[row][column];
      if (same(a, b)) continue;
      if (column == 0) {   // the key itself: one side lacks the row with the lesser one
        const bool left_lacks = std::get<std::int64_t>(b) < std::get<std::int64_t>(a);
        return TableDifference{table, before + row, text_of(left_lacks ? b : a), "",
                               left_lacks ? "(no row)" : "", left_lacks ? "" : "(no row)"};
      }
      return TableDifference{table, before + row, text_of(left.rows[row][0]),
                             left.columns[column].name, text_of(a), text_of(b)};
    }
  }
  if (left.rows.size() == right.rows.size()) return std::nullopt;
  const bool left_lacks = left.rows.size() < right.rows.size();
  const Value& key = (left_lacks ? right : left).rows[shared][0];
  return TableDifference{table, before + shared, text_of(key), "", left_lacks ? "(no row)" : "",
                         left_lacks ? "" : "(no row)"};
}

/// One table, read from both sides range by range.
class TableComparer {
 public:
  TableComparer(store::Session& left, store::Session& right, std::string table)
      : left_(left), right_(right), table_(std::move(table)), file_("etl/compare." + table_) {}

  /// Compares rows with keys first..last; a range with too many rows is halved.
  Result<void> compare(std::int64_t first, std::int64_t last) {
    const std::array parameters{Value{first}, Value{last}};
    ATTUNE_ASSIGN(const store::Rows mine, left_.query(file_, parameters, kPage));
    ATTUNE_ASSIGN(const store::Rows yours, right_.query(file_, parameters, kPage));
    if (!mine.truncated && !yours.truncated) {
      difference = first_difference(table_, compared, mine, yours);
      compared += mine.rows.size();
      return {};
    }
    if (first == last) {
      return fail(ErrorCode::resource_exhausted, "too many rows of one key in " + table_);
    }
    const std::int64_t middle = first + (last - first) / 2;
    ATTUNE_TRY(compare(first, middle));
    if (difference) return {};
    return compare(middle + 1, last);
  }

  std::optional<TableDifference> difference;
  std::uint64_t compared = 0;

 private:
  store::Session& left_;
  store::Session& right_;
  const std::string table_;
  const std::string file_;
};

Result<void> compare_table(store::Session& left, store::Session& right, const std::string& table,
                           const Extent& a, const Extent& b, Comparison& comparison) {
  TableComparer comparer(left, right, table);
  const std::int64_t rows = std::max(a.rows, b.rows);
  if (rows > 0) {
    const std::int64_t first = a.rows == 0   ? b.first
                               : b.rows == 0 ? a.first
                                             : std::min(a.first, b.first);
    const std::int64_t last = std::max(a.last, b.last);
    const std::int64_t step = (last - first) / (rows / kPageRows + 1) + 1;
    for (std::int64_t from = first; !comparer.difference; from += step) {
      const std::int64_t to = last - from < step ? last : from + step - 1;
      ATTUNE_TRY(comparer.compare(from, to));
      if (to == last) break;
    }
  }
  if (comparer.difference) {
    comparison.different.push_back(std::move(*comparer.difference));
  } else {
    comparison.equal.push_back({table, comparer.compared});
  }
  return {};
}

}  // namespace

Result<Comparison> compare(store::Session& left, store::Session& right) {
  ATTUNE_ASSIGN(const auto left_position, committed_position(left));
  ATTUNE_ASSIGN(const auto right_position, committed_position(right));
  if (left_position != right_position) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the databases stand at different positions: {} and {}",
                            left_position.offset, right_position.offset));
  }
  ATTUNE_ASSIGN(const auto left_extents, extents_of(left));
  ATTUNE_ASSIGN(const auto right_extents, extents_of(right));
  Comparison comparison;
  for (const auto& [table, extent] : left_extents) {
    ATTUNE_TRY(compare_table(left, right, table, extent, right_extents.at(table), comparison));
  }
  return comparison;
}

}  // namespace attune::etl
