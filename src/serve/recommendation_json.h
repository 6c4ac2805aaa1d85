// An answer of the decider as the API gives it.
#pragma once

#include <string>

#include "decide/decider.h"

namespace attune::serve {

/// details   also what each strategy gave and what each rule did.
std::string recommendation_json(const decide::Answer& answer, bool details);

}  // namespace attune::serve
