#include "decide/site_snapshot.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

SnapshotItem& SiteSnapshot::add(const std::string& site_text, const std::string& id) {
  const ItemKey key = stable_id(site_text, id);
  const auto [at, added] = numbers_.try_emplace(key, static_cast<std::uint32_t>(items_.size()));
  if (added) {
    items_.emplace_back();
    items_.back().key = key;
    items_.back().product.id = id;
  }
  return items_[at->second];
}

std::shared_ptr<const SiteSnapshot> SiteSnapshot::build(
    const Uuid& site, const learn::SiteData& data, std::shared_ptr<const learn::SiteModel> model,
    double half_life_days) {
  std::shared_ptr<SiteSnapshot> made(new SiteSnapshot);
  const std::string site_text = site.text();
  made->counted_until_ms_ = data.counted_until_ms;
  if (model) {
    for (const std::string& id : model->item_ids) made->add(site_text, id);
  }
  made->model_ = std::move(model);
  for (const learn::Product& product : data.products) {
    SnapshotItem& item = made->add(site_text, product.id);
    item.product = product;
    item.in_catalogue = true;
    item.recommendable = !product.hidden && !(product.stock && *product.stock <= 0);
  }
  for (const learn::ItemDay& day : data.visits) {
    SnapshotItem& item = made->add(site_text, day.item_id);
    const std::int64_t age_ms = data.counted_until_ms - (day.day + std::int64_t{1}) * kDayMs;
    const double age_days = static_cast<double>(std::max<std::int64_t>(0, age_ms)) / kDayMs;
    item.decayed_visits += day.visits * std::exp2(-age_days / half_life_days);
    if (age_days < 6) item.week_visits += day.visits;  // today and the six days before
  }
  for (const learn::Purchase& purchase : data.purchases) {
    made->purchases_.emplace_back(purchase.user_id, stable_id(site_text, purchase.item_id));
  }
  std::sort(made->purchases_.begin(), made->purchases_.end());
  return made;
}

std::uint32_t SiteSnapshot::find(ItemKey key) const {
  const auto at = numbers_.find(key);
  return at == numbers_.end() ? learn::kNoItem : at->second;
}

bool SiteSnapshot::bought(std::int64_t user, ItemKey item) const {
  return user != 0 &&
         std::binary_search(purchases_.begin(), purchases_.end(), std::pair(user, item));
}

}  // namespace attune::decide
