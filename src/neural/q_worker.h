// The command `attune-neural q-train`: a simulator or logged steps in, a Q model out.
#pragma once

#include <optional>

namespace attune::neural {

/// `attune-neural q-train --simulator long-term|interest | --in FILE, --out FILE [--steps N]
/// [--seed N] [--discount X] [--hidden N] [--memory-bytes N] [--nice N]`; progress lines on
/// standard output, errors on standard error.
///
/// Returns  the exit code, or nothing when the arguments ask for something else.
std::optional<int> run_q_worker(int argc, const char* const* argv);

}  // namespace attune::neural
