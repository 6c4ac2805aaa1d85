// The sums of a running test, brought up to date with what the ETL has written since: people whose
// exposure is new are counted from all their events, people with new events get those added, and
// everybody else is left alone (docs/experiments.md).
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/result.h"
#include "experiment/life_cycle.h"
#include "store/store.h"

namespace attune::experiment {

struct Refreshed {
  std::int64_t units = 0;        // people looked at
  std::int64_t position = 0;     // of the journal: what lies before is in the sums
  bool from_scratch = false;
};

struct RefreshOptions {
  std::stop_token stop{};                 // asked before each statement over many people
  std::int64_t people_at_once = 500'000;  // about so many in one statement, at least 1: what bounds
                                          // the memory that the engine needs
};

/// Brings test_unit, test_unit_metric and test_statistic of a test up to date, in one transaction.
///
/// test    started.
/// Errors  those of read_design and of the store; unavailable: it was stopped. Nothing has changed
///         then.
/// Threads one refresh of a database at a time.
[[nodiscard]] Result<Refreshed> refresh(store::Session& session, const Test& test,
                                        std::int64_t now_ms,
                                        const RefreshOptions& options = {});

/// Forgets the sums of a test, so that the next refresh counts everybody anew.
[[nodiscard]] Result<void> forget_sums(store::Session& session, const Test& test);

}  // namespace attune::experiment
