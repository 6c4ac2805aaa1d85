// What an account's own numbers say of it, in the columns of its profile that nobody edits.
#pragma once

#include "base/result.h"
#include "campaign/advice_store.h"

namespace attune::campaign {

/// Writes campaign_history (sums over all campaigns), performance_patterns (those that hold, the
/// surest first) and learned_preferences (click rates by platform and by kind of content, shrunk by
/// how much campaigns differ, with 80 % intervals and the number of campaigns) of the profile.
///
/// Returns  false: the account has no profile.
/// Errors   of the store; nothing was written then.
[[nodiscard]] Result<bool> learn_profile(const Desk& desk);

}  // namespace attune::campaign
