// Metrics that do not add up, as a verdict reads them: quantiles, and sums that are cut at one.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.h"
#include "experiment/moments.h"

namespace attune::experiment {

/// The quantile of an arm as a value with the variance of a person, so that it is compared as means
/// are: variance / people is the square of (high - low) / 3.92, high and low the order statistics.
///
/// inputs  as gather made them; "quantiles" holds {metric: {variation: {"people", ..}}}.
/// Errors  failed_precondition: no value yet, too few of them beside the quantile, or so many equal
///         ones that no error can be told.
Result<Moments> quantile_moments(const boost::json::object& inputs, const std::string& metric,
                                 const std::string& variation);

/// {"people", "amounts", "value", "low", "high"} of an arm, or "error"; for the document.
boost::json::object quantile_json(const boost::json::object& inputs, const std::string& metric,
                                  const std::string& variation);

/// Where sums of a metric are cut: {"quantile", "cap", "people", "note"}.
///
/// metric  of inputs["metrics"].
/// Errors  not_found: sums of the metric are not cut at a quantile; failed_precondition: its
///         quantile is 0, so that everything would be cut.
Result<boost::json::object> winsor_json(const boost::json::object& inputs,
                                        const boost::json::object& metric);

}  // namespace attune::experiment
