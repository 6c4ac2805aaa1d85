// The order of rows on disk, where the engine stores them in the order they were written.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/store.h"

namespace attune::etl {

/// Rewrites the interactions of begin_ms..end_ms (the end not included) person by person, in one
/// transaction: a person's last ones are then in few row groups, and what repeats in a session is
/// stored once. What is said about them does not change. For months that are over: later rows of
/// theirs stay where they are. Does nothing where rows are found by indexes.
///
/// Returns  rows rewritten.
/// Errors   those of the store; nothing has changed then.
[[nodiscard]] Result<std::int64_t> cluster_interactions(store::Session& session,
                                                        std::int64_t begin_ms,
                                                        std::int64_t end_ms);

}  // namespace attune::etl
