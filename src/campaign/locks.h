// What nobody may change any more once a test runs: its design, its variations, its results. People
// were given variations by them, so another value would make every number a mixture.
#pragma once

#include "base/result.h"
#include "campaign/account_store.h"
#include "campaign/tables.h"
#include "store/store.h"

namespace attune::campaign {

/// Holds an edit of one row against the state of its test. Rows as stored; within the transaction.
///
/// before  null: the row is new.
/// after   null: the row goes.
/// Errors  failed_precondition with the column and the rule.
[[nodiscard]] Result<void> check_locks(store::Session& session, const Table& table,
                                       const Row* before, const Row* after);

/// A running test gets no end that is not after `now`: the clock would end it at once, and nobody
/// would have said why. Tables other than ab_tests pass.
///
/// Errors  invalid_argument, field "end_date".
[[nodiscard]] Result<void> check_end(const Table& table, const Row& before, const Row& after,
                                     store::Timestamp now);

}  // namespace attune::campaign
