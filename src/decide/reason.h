// Why an item is shown, in words for the people whose site it is, and true: every number in it was
// counted.
#pragma once

#include <string>

#include "decide/candidates.h"

namespace attune::decide {

/// "3 similar visits that looked at 'Blue mug' went on to this", "popular this week: 41 visits".
/// Call it before the scratch is used for another request.
std::string reason_for(const SiteView& view, const Candidate& candidate,
                       const CandidateScratch& scratch);

}  // namespace attune::decide
