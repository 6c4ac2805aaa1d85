#include "etl/retention.h"

#include <array>
#include <limits>
#include <variant>

#include "etl/replay.h"
#include "etl/settings.h"
#include "store/transaction.h"

namespace attune::etl {
namespace {

using store::Timestamp;
using store::Value;

std::optional<std::int64_t> optional_number(const Value& value) {
  const auto* given = std::get_if<std::int64_t>(&value);
  return given != nullptr ? std::optional(*given) : std::nullopt;
}

Value value_of(const std::optional<std::int64_t>& number) {
  return number ? Value{*number} : Value{store::Null{}};
}

/// Rows that people put into PostgreSQL's tables themselves have numbers from here on.
constexpr std::int64_t kForeign = std::int64_t{1} << 62;

/// foreign  from which number on rows go that the journal does not hold.
Result<std::int64_t> remove_rows(store::Session& session, const TakenOut& which,
                                 std::int64_t foreign) {
  const std::array parameters{Value{which.site}, Value{which.before}, Value{which.before_id},
                              Value{foreign}};
  return session.execute("etl/retention.delete_" + which.table, parameters);
}

/// One site's table: rows and mark together or not at all.
Result<TakenOut> thin_out(store::Session& session, const std::string& site, std::string_view table,
                          Timestamp before, std::int64_t now_ms) {
  return store::in_transaction(session, [&]() -> Result<TakenOut> {
    ATTUNE_ASSIGN(const journal::Position position, committed_position(session));
    TakenOut taken{.site = site,
                   .table = std::string(table),
                   .action = "removed",
                   .before = before,
                   .before_id = static_cast<std::int64_t>(position.offset)};
    ATTUNE_ASSIGN(taken.rows, remove_rows(session, taken, kForeign));
    if (taken.rows > 0) ATTUNE_TRY(mark(session, taken, now_ms));
    return taken;
  });
}

}  // namespace

Result<RetentionRules> RetentionRules::load(store::Session& session,
                                            const DefaultLimits& defaults) {
  RetentionRules rules;
  rules.defaults_ = defaults;
  ATTUNE_TRY(
      session.scan("etl/retention.rules", {}, [&](std::span<const Value> row) -> Result<void> {
        rules.own_[{std::get<std::string>(row[0]), std::get<std::string>(row[1])}] = {
            .archive_after_days = optional_number(row[2]),
            .delete_after_days = optional_number(row[3])};
        return {};
      }));
  return rules;
}

Limits RetentionRules::of(const std::string& site, std::string_view table) const {
  const auto own = own_.find({site, std::string(table)});
  if (own != own_.end()) return own->second;
  return table == kRawEvents ? defaults_.raw_events : defaults_.interactions;
}

Result<void> set_limits(store::Session& session, const std::string& site, std::string_view table,
                        const Limits& limits, std::int64_t now_ms) {
  const std::array parameters{Value{site}, Value{std::string(table)},
                              value_of(limits.archive_after_days),
                              value_of(limits.delete_after_days),
                              Value{Timestamp::from_ms(now_ms)}};
  ATTUNE_TRY(session.execute("etl/retention.set", parameters));
  return {};
}

Result<std::vector<TakenOut>> apply_retention(store::Session& session,
                                              const std::vector<std::string>& sites,
                                              const RetentionRules& rules, std::int64_t now_ms) {
  std::vector<TakenOut> all;
  for (const std::string& site : sites) {
    for (const std::string_view table : {kRawEvents, kInteractions}) {
      const auto days = rules.of(site, table).delete_after_days;
      if (!days) continue;
      const Timestamp before = Timestamp::from_ms(now_ms - *days * kDayMs);
      ATTUNE_ASSIGN(TakenOut taken, thin_out(session, site, table, before, now_ms));
      if (taken.rows > 0) all.push_back(std::move(taken));
    }
  }
  return all;
}

Result<std::int64_t> remove_raw_events(store::Session& session,
                                       const std::vector<std::string>& sites, Timestamp before,
                                       std::int64_t now_ms) {
  std::int64_t rows = 0;
  for (const std::string& site : sites) {
    ATTUNE_ASSIGN(const TakenOut taken, thin_out(session, site, kRawEvents, before, now_ms));
    rows += taken.rows;
  }
  return rows;
}

Result<void> mark(store::Session& session, const TakenOut& taken, std::int64_t now_ms) {
  const std::array parameters{Value{taken.site},      Value{taken.table},
                              Value{taken.action},    Value{taken.before},
                              Value{taken.before_id}, Value{taken.rows},
                              Value{Timestamp::from_ms(now_ms)}};
  ATTUNE_TRY(session.execute("etl/retention.mark", parameters));
  return {};
}

Result<std::vector<TakenOut>> load_marks(store::Session& session) {
  std::vector<TakenOut> marks;
  ATTUNE_TRY(
      session.scan("etl/retention.marks", {}, [&](std::span<const Value> row) -> Result<void> {
        marks.push_back({.site = std::get<std::string>(row[0]),
                         .table = std::get<std::string>(row[1]),
                         .action = std::get<std::string>(row[2]),
                         .before = std::get<Timestamp>(row[3]),
                         .before_id = std::get<std::int64_t>(row[4]),
                         .rows = std::get<std::int64_t>(row[5])});
        return {};
      }));
  return marks;
}

Result<void> apply_marks(store::Session& session) {
  ATTUNE_ASSIGN(const auto marks, load_marks(session));
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  for (const TakenOut& taken : marks) ATTUNE_TRY(remove_rows(session, taken, kNone));
  return {};
}

}  // namespace attune::etl
