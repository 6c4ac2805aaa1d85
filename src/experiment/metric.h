// Metrics as data: what a test counts is said in JSON, checked once, and turned into rows that the
// statements under sql/experiment join with events. No metric has code of its own.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::experiment {

inline constexpr std::size_t kMetricsMax = 50;

enum class MetricKind : std::uint8_t {
  conversion,  // did it at least once
  count,       // how often
  sum,         // of a property
  ratio,       // sum or count over another one
  retention,   // came back between one day and `window_days` after
  revenue,     // sum of the orders' totals
  quantile,    // of people's sums, or of the events' numbers
};

std::string_view to_string(MetricKind kind);

/// Which events, and what of them.
struct Selection {
  std::string event;           // type or own name: "purchase", "pageview", "signup"
  std::string property;        // empty: each event counts 1; "plan.seats": a number in its data
  std::string path;            // empty: any; "/checkout*": pages that begin so
  std::string where_property;  // empty: any
  std::string where_value;
};

struct Metric {
  std::string name;
  MetricKind kind = MetricKind::conversion;
  Selection counted;
  std::optional<Selection> denominator;  // of a ratio
  double cap = 0;                        // a person's sum is cut here; 0: not
  double winsor_quantile = 0;            // cut at this quantile of all people's sums; 0: not
  double quantile = 0;                   // of kind quantile: which one, in (0, 1)
  bool per_event = false;                // of kind quantile: of events' numbers, not people's sums
  bool ignore_zeros = false;             // a quantile is one of what is not 0
  std::int64_t window_days = 0;          // events so long after the first exposure; 0: all
  bool higher_is_better = true;

  /// Whether a person's value is 0 or 1.
  bool is_proportion() const {
    return kind == MetricKind::conversion || kind == MetricKind::retention;
  }
  /// Whether its sums are those of yesterday and of today together. Those of quantiles, and of what
  /// is cut at one, are not: they are made anew of everybody.
  bool adds_up() const { return kind != MetricKind::quantile && winsor_quantile == 0; }
};

/// A metric that must not get worse by more than a share of its control.
struct Guardrail {
  std::string metric;
  double margin = 0.01;
};

/// Errors  invalid_argument with the field below `field`: unknown kind or field, a name that is
///         missing or stands twice, a sum without property, a ratio without denominator, a quantile
///         that is not between 0 and 1, numbers out of range.
[[nodiscard]] Result<std::vector<Metric>> read_metrics(const boost::json::value& list,
                                                       const std::string& field);
/// list  names, or {"metric": name, "margin": 0.01}.
/// Errors  as read_metrics; also invalid_argument: not one of `metrics`.
[[nodiscard]] Result<std::vector<Guardrail>> read_guardrails(const boost::json::value& list,
                                                             const std::vector<Metric>& metrics);

boost::json::object to_json(const Metric& metric);

/// Rows for the statements: [{"metric", "role": "n"|"d", "event", ...}].
boost::json::array rules_of(const std::vector<Metric>& metrics);

}  // namespace attune::experiment
