// What is done with a running test by the clock or on demand: looked at, kept, its traffic moved.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/life_cycle.h"
#include "store/store.h"

namespace attune::experiment {

enum class Keep : bool { no, snapshot };

/// Brings the sums up to date and judges them; with Keep::snapshot also writes test_results, and
/// the counters of the variations with it.
///
/// Errors  those of refresh, gather, keep_snapshot and of the store.
[[nodiscard]] Result<boost::json::object> look(store::Session& session, const Test& test,
                                               std::int64_t now_ms, Keep keep,
                                               const std::stop_token& stop = {});

/// Shares of a bandit's variations from its primary metric: top-two probabilities with a floor (of
/// two variations: chances to be the best), in the order of test.arms.
/// Returns  empty: a variation has too few people or nothing varied, so they stay.
std::vector<double> next_weights(const Test& test, const boost::json::object& inputs);

/// Gives a bandit the shares that hold from `day` on ("2026-11-21").
[[nodiscard]] Result<void> move_weights(store::Session& session, Test& test,
                                        const std::vector<double>& weights, const std::string& day,
                                        std::int64_t now_ms);

/// One turn of the clock over all tests: starts and ends those that are due, refreshes the sums of
/// those that run, keeps a snapshot a day, moves a bandit's traffic once a day, and ends a
/// sequential or bandit test that says "auto_stop" once its verdict stands. A test that fails does
/// not keep the others from their turn.
///
/// stop     asked between two tests and within a refresh: what is left waits for the next turn.
/// Returns  what was done or went wrong, a line each, for the log.
/// Errors   of reading the tests.
[[nodiscard]] Result<std::vector<std::string>> turn(store::Session& session, std::int64_t now_ms,
                                                    const std::stop_token& stop = {});

}  // namespace attune::experiment
