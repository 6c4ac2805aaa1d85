// How long rows stay. What was taken out is marked, so that a replay, which makes all rows of the
// journal again, takes the same ones out, and a check finds nothing missing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace attune::etl {

/// Raw events, counted from when they were received.
inline constexpr std::string_view kRawEvents = "events_log";
/// Counted from when they happened.
inline constexpr std::string_view kInteractions = "user_product_interactions";

/// Late events and the search for duplicates need the newest rows.
inline constexpr std::int64_t kRetentionDaysMin = 7;
inline constexpr std::int64_t kRetentionDaysMax = 36'500;

/// Days until rows of a table go; nothing: never.
struct Limits {
  std::optional<std::int64_t> archive_after_days;   // interactions only
  std::optional<std::int64_t> delete_after_days;
};

/// Where a site says nothing (settings `retention.*`).
struct DefaultLimits {
  Limits raw_events;
  Limits interactions;
};

/// What is in force, site by site.
class RetentionRules {
 public:
  [[nodiscard]] static Result<RetentionRules> load(store::Session& session,
                                                   const DefaultLimits& defaults);
  /// table  kRawEvents or kInteractions.
  Limits of(const std::string& site, std::string_view table) const;

 private:
  DefaultLimits defaults_;
  std::map<std::pair<std::string, std::string>, Limits> own_;
};

/// Sets what is in force for a site's table.
[[nodiscard]] Result<void> set_limits(store::Session& session, const std::string& site,
                                      std::string_view table, const Limits& limits,
                                      std::int64_t now_ms);

/// Rows that were taken out of a table, by what they have in common.
struct TakenOut {
  std::string site;
  std::string table;
  std::string action;            // "removed" or "archived"
  store::Timestamp before;       // rows earlier than this
  std::int64_t before_id = 0;    // that the ETL had written when it had read the journal up to here
  std::int64_t rows = 0;
};

/// Removes rows that are older than their site allows, a transaction for each site and table.
///
/// sites    texts of their UUIDs; "": rows of no site.
/// Returns  what was removed; nothing for a table without such rows.
[[nodiscard]] Result<std::vector<TakenOut>> apply_retention(store::Session& session,
                                                            const std::vector<std::string>& sites,
                                                            const RetentionRules& rules,
                                                            std::int64_t now_ms);

/// Removes raw events received before a time, whatever their site's limit says.
[[nodiscard]] Result<std::int64_t> remove_raw_events(store::Session& session,
                                                     const std::vector<std::string>& sites,
                                                     store::Timestamp before, std::int64_t now_ms);

/// Marks rows as taken out: within the transaction that takes them out.
[[nodiscard]] Result<void> mark(store::Session& session, const TakenOut& taken,
                                std::int64_t now_ms);

[[nodiscard]] Result<std::vector<TakenOut>> load_marks(store::Session& session);

/// Takes out again what the marks say was taken out: after a replay, and before rows are moved, in
/// case a replay was cut short.
[[nodiscard]] Result<void> apply_marks(store::Session& session);

}  // namespace attune::etl
