// The graph of a site as plain edges: who saw, carted and bought what, which things go together.
// docs/extensions.md has the edges; sql/graph makes them, a site as a whole, from the tables.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "store/store.h"

namespace attune::learn {

struct GraphOptions {
  std::int32_t days = 30;            // back from the site's newest visit or interaction
  std::int64_t neighbours_max = 50;  // edges of one type from one vertex, the strongest
};

struct GraphReport {
  /// Edges by type, in alphabetical order; a type without edges is not in it.
  std::vector<std::pair<std::string, std::int64_t>> edges;
};

/// Makes the edges of a site anew, in one transaction: readers see the old ones until then.
///
/// now_ms   only to leave out what lies more than a day ahead of it; the window counts from the
///          site's newest visit or interaction, so that imported history works as well.
/// Errors   as store::Session::execute; the old edges are still there then.
[[nodiscard]] Result<GraphReport> refresh_graph(store::Session& session, const Uuid& site,
                                                std::int64_t now_ms,
                                                const GraphOptions& options = {});

}  // namespace attune::learn
