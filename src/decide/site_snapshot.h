// Everything a request reads about a site, built off the request path and swapped whole: model,
// catalogue, visits, purchases. Immutable after `build`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "decide/live_state.h"
#include "learn/site_data.h"
#include "learn/site_model.h"

namespace attune::decide {

/// An item by its dense number in the snapshot; the model's items come first, numbered as in the
/// model.
struct SnapshotItem {
  learn::Product product;  // of an item that no catalogue and event described: only the id
  ItemKey key = 0;
  bool in_catalogue = false;
  bool recommendable = true;      // not hidden, not out of stock
  std::uint32_t week_visits = 0;  // in the 7 days before counted_until_ms
  double decayed_visits = 0;      // each halved for every half life of age at counted_until_ms
};

class SiteSnapshot {
 public:
  /// data            what learn::load_site_data gave; may be empty.
  /// model           may be null: popularity only.
  /// half_life_days  of a visit in `decayed_visits`; > 0.
  static std::shared_ptr<const SiteSnapshot> build(const Uuid& site, const learn::SiteData& data,
                                                   std::shared_ptr<const learn::SiteModel> model,
                                                   double half_life_days = 7);

  const learn::SiteModel* model() const { return model_.get(); }
  std::shared_ptr<const learn::SiteModel> shared_model() const { return model_; }
  std::size_t item_count() const { return items_.size(); }
  const SnapshotItem& item(std::uint32_t number) const { return items_[number]; }
  /// The item's number, or learn::kNoItem.
  std::uint32_t find(ItemKey key) const;
  /// Visits from here on are not in the snapshot: the live stream counts them.
  std::int64_t counted_until_ms() const { return counted_until_ms_; }
  /// Whether that user (users.id) is known to have bought the item.
  bool bought(std::int64_t user, ItemKey item) const;

 private:
  SiteSnapshot() = default;
  SnapshotItem& add(const std::string& site_text, const std::string& id);

  std::shared_ptr<const learn::SiteModel> model_;
  std::vector<SnapshotItem> items_;
  std::unordered_map<ItemKey, std::uint32_t> numbers_;
  std::vector<std::pair<std::int64_t, ItemKey>> purchases_;  // sorted
  std::int64_t counted_until_ms_ = 0;
};

}  // namespace attune::decide
