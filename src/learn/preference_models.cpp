#include "learn/preference_models.h"

#include <algorithm>

namespace attune::learn {
namespace {

class Popularity final : public PreferenceModel {
 public:
  explicit Popularity(const PreferenceMatrix& taken) : counts_(taken.item_count) {
    for (const ItemIndex item : taken.items) counts_[item] += 1;
  }
  std::uint32_t item_count() const override { return static_cast<std::uint32_t>(counts_.size()); }
  void score(std::span<const ItemIndex>, std::span<float> scores) const override {
    std::ranges::copy(counts_, scores.begin());
  }

 private:
  std::vector<float> counts_;
};

}  // namespace

void PreferenceMatrix::add(std::vector<ItemIndex> taken) {
  std::ranges::sort(taken);
  for (std::size_t i = 0; i < taken.size() && taken[i] < item_count; ++i) {
    if (i == 0 || taken[i] != taken[i - 1]) items.push_back(taken[i]);
  }
  begins.push_back(static_cast<std::uint32_t>(items.size()));
}

std::unique_ptr<PreferenceModel> count_popularity(const PreferenceMatrix& taken) {
  return std::make_unique<Popularity>(taken);
}

}  // namespace attune::learn
