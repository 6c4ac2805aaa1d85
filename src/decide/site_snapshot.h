// Everything a request reads about a site, built off the request path and swapped whole: model, catalogue,
// popularity, purchases. Immutable after `build`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decide/live_state.h"
#include "learn/site_data.h"
#include "learn/site_model.h"

namespace attune::decide {

/// An item by its dense number in the snapshot; the model's items come first, numbered as in the model.
struct SnapshotItem {
  std::string id;
  learn::Product product;                // empty name, url .. when the catalogue does not know it
  bool in_catalogue = false;
  bool recommendable = true;             // not hidden, not out of stock
};

class SiteSnapshot {
 public:
  /// data     what learn::load_site_data gave; may be empty.
  /// model    may be null: popularity only.
  static std::shared_ptr<const SiteSnapshot> build(const Uuid& site, learn::SiteData data,
                                                   std::shared_ptr<const learn::SiteModel> model);

  const learn::SiteModel* model() const { return model_.get(); }
  std::shared_ptr<const learn::SiteModel> shared_model() const { return model_; }
  std::size_t item_count() const { return items_.size(); }
  const SnapshotItem& item(std::uint32_t number) const { return items_[number]; }
  /// The item's number, or learn::kNoItem.
  std::uint32_t find(ItemKey key) const;
  ItemKey key(std::uint32_t number) const { return keys_[number]; }

  std::int64_t counted_until_ms() const { return counted_until_ms_; }
  /// Visits in the 7 days before counted_until_ms.
  std::uint32_t week_visits(std::uint32_t number) const { return week_visits_[number]; }
  /// Visits before counted_until_ms, each halved for every half life of age at that time.
  double decayed_visits(std::uint32_t number) const { return decayed_visits_[number]; }
  /// Whether that user is known to have bought the item.
  bool bought(std::int64_t user, ItemKey item) const;

 private:
  SiteSnapshot() = default;

  std::shared_ptr<const learn::SiteModel> model_;
  std::vector<SnapshotItem> items_;
  std::vector<ItemKey> keys_;
  std::unordered_map<ItemKey, std::uint32_t> numbers_;
  std::vector<std::uint32_t> week_visits_;
  std::vector<double> decayed_visits_;
  std::vector<std::pair<std::int64_t, ItemKey>> purchases_;   // sorted
  std::int64_t counted_until_ms_ = 0;
};

}  // namespace attune::decide
