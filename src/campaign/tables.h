// The tables of an account, described once: what storing, the API and its document all need to know
// of each column. The statements are sql/campaign/TABLE.*.sql, whose parameters and columns follow
// the order here; tests/campaign holds the two together, and both against the catalogues.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace attune::campaign {

enum class Kind : std::uint8_t {
  text, word, number, money, whole, flag, instant, day, object, list, reference
};

/// What happens to a row when the row it refers to is deleted.
enum class OnDelete : std::uint8_t { refuse, cascade, set_null };

constexpr std::size_t kTextBytesMax = 64 * 1024;   // of JSON, and of text without other limit
constexpr double kMoneyMax = 1e14;   // DECIMAL(19,4) has fifteen digits before the point
constexpr std::int64_t kWholeMax = (std::int64_t{1} << 53) - 1;   // exact in every JSON reader

struct Column {
  std::string_view name;
  Kind kind = Kind::text;
  std::size_t bytes_max = kTextBytesMax;
  std::span<const std::string_view> words = {};   // of a word, or of each element of a list
  double low = -std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::max();
  bool low_open = false;    // the bound itself is refused
  bool high_open = false;
  bool required = false;
  bool from_server = false;   // made when it is not given
  bool writable = true;
  std::string_view target = {};   // of a reference: the table it points into
  OnDelete on_delete = OnDelete::refuse;
  std::optional<std::string_view> fallback = {};   // as text; without one and not required: null

  bool nullable() const { return !required && !fallback && !from_server; }

  constexpr Column must() const { Column c = *this; c.required = true; return c; }
  constexpr Column otherwise(std::string_view v) const {
    Column c = *this;
    c.fallback = v;
    return c;
  }
  constexpr Column at_least(double v) const { Column c = *this; c.low = v; return c; }
  constexpr Column at_most(double v) const { Column c = *this; c.high = v; return c; }
  constexpr Column above(double v) const { Column c = at_least(v); c.low_open = true; return c; }
  constexpr Column below(double v) const { Column c = at_most(v); c.high_open = true; return c; }
  constexpr Column made_by_server() const { Column c = *this; c.from_server = true; return c; }
  constexpr Column read_only() const { Column c = *this; c.writable = false; return c; }
  constexpr Column each_of(std::span<const std::string_view> of) const {
    Column c = *this;
    c.words = of;
    return c;
  }
};

/// Values that no two rows of an account share: constraint TABLE_NAME_key.
struct Unique {
  std::string_view name;
  std::array<std::string_view, 5> columns;   // of an account's row: user_id goes without saying
};

struct Table {
  std::string_view name;      // "ab_tests"
  std::string_view one;       // "ab_test"
  std::string_view schema;    // "AbTest", in the API's document
  std::span<const Column> columns;   // those between id, user_id and created_at, updated_at
  std::span<const Unique> uniques;
  bool needs_profile = false;        // refers to the account's row of meta_user_profiles
  std::string_view filter = {};      // the reference that a list can be narrowed to
  bool lists_by_site = false;        // and it can be to a site and a status
  std::string_view low = {}, high = {};   // two columns: the first is not above the second

  std::optional<std::size_t> find(std::string_view column) const;
};

/// All twelve, parents before children.
std::span<const Table> tables();
/// Null: no such table.
const Table* find_table(std::string_view name);

}  // namespace attune::campaign
