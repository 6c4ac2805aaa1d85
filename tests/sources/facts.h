// What a catalogue says of a schema, as facts that can be compared: "pageviews.url" is "text".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/store.h"

namespace attune::sources {

using Facts = std::map<std::string, std::string>;

/// Of all tables, columns, constraints, indexes, views, types and comments.
Facts facts_of(store::Session& session);

/// What of `theirs` is otherwise in `ours`, a line each, in order: "events_log.id: bigint for
/// integer", "index idx: none". What only `ours` has does not matter.
std::vector<std::string> deviations_of(const Facts& theirs, const Facts& ours);

}  // namespace attune::sources
