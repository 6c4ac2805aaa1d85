// What a test's sums say. Everything that goes into a verdict is gathered into one document first,
// and the verdict is a pure function of that document: a snapshot keeps both, so that it can be
// computed again, bit for bit.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>

#include "base/result.h"
#include "experiment/life_cycle.h"
#include "store/store.h"

namespace attune::experiment {

/// Reads the sums of a test: {"engine", "alpha", "metrics", "variations", "sums", "days", ..}.
///
/// test    started.
/// Errors  those of read_design and of the store.
[[nodiscard]] Result<boost::json::object> gather(store::Session& session, const Test& test,
                                                 std::int64_t now_ms);

/// The verdict: {"srm", "metrics", "guardrails", "dimensions", "days", "winner", "outcome",
/// "significance", "p_value", "projected_lift", ..}. What cannot be said has an "error" with the
/// reason in its place. docs/experiments.md names every field.
///
/// inputs  as gather made them, also after being stored and read again (exact_json.h).
boost::json::object verdict_of(const boost::json::object& inputs);

/// Writes a row of test_results, and what it says into ab_tests and test_variations.
/// Errors  those of the store.
[[nodiscard]] Result<void> keep_snapshot(store::Session& session, const Test& test,
                                         const boost::json::object& inputs,
                                         const boost::json::object& verdict, std::int64_t now_ms);

}  // namespace attune::experiment
