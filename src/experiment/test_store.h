// Tests as stored: read with their variations, and taken from one state to the next with who did it
// and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/life_cycle.h"
#include "store/store.h"

namespace attune::experiment {

/// Errors  not_found: no such test, or another account's.
[[nodiscard]] Result<Test> load_test(store::Session& session, std::int64_t account, const Uuid& id);
/// All tests of a site (text of its id), oldest first.
[[nodiscard]] Result<std::vector<Test>> tests_of_site(store::Session& session,
                                                      const std::string& site);
/// All tests that run, and drafts and others with a date that is due at `now_ms`.
[[nodiscard]] Result<std::vector<Test>> tests_at_work(store::Session& session);

/// Who does something to a test, and why.
struct Step {
  Action action = Action::start;
  std::string by;
  std::string reason;
  std::string winner;   // complete: a variation, or empty: none was chosen
  std::int64_t now_ms = 0;
};

/// Takes a test to its next state and writes it.
///
/// Errors  those of status_after and check_start; invalid_argument: a winner that is no variation,
///         a condition that names a saved group which the site does not have.
[[nodiscard]] Result<Test> take_step(store::Session& session, Test test, const Step& step);

}  // namespace attune::experiment
