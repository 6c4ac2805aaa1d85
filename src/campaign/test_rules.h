// A row of ab_tests as what it means, where a draft may not be anything: whom it is for.
#pragma once

#include "base/result.h"
#include "campaign/account_store.h"
#include "campaign/tables.h"

namespace attune::campaign {

/// Whether a test's design may be stored. What it says of who takes part is checked when it is
/// written, as a flag's rules are, because an SDK takes what it does not know for "nobody".
///
/// before  null: a new row. A design that stays as it was is not looked at, so that what was stored
///         before there was this check can be ended and renamed.
/// Errors  invalid_argument with the field: as experiment::check_targeting.
[[nodiscard]] Result<void> check_design(const Table& table, const Row* before, const Row& after);

}  // namespace attune::campaign
