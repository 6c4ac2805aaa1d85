// The popular items of a site: visits counted by the store up to some hour, and by the live stream
// after it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "decide/live_state.h"
#include "decide/site_snapshot.h"

namespace attune::decide {

struct PopularItem {
  ItemKey key = 0;
  std::uint32_t number = 0;  // in the snapshot, or learn::kNoItem: only the live stream knows it
  std::string id;
  std::string name;
  double score = 0;               // decayed visits; the best item of the ranking has the most
  std::uint32_t week_visits = 0;  // in the last 7 days of `now`; 0 when the counts are older
};

struct PopularOptions {
  double half_life_days = 7;
  std::size_t items_max = 200;
};

/// Best first, ties by item id; recommendable items only.
///
/// snapshot   may be null: the live stream alone.
std::vector<PopularItem> rank_popular(const Uuid& site, const SiteSnapshot* snapshot,
                                      const LiveState& live, std::int64_t now_ms,
                                      const PopularOptions& options);

}  // namespace attune::decide
