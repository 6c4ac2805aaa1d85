// Who looked at or bought this also looked at or bought that. Dunning's log-likelihood ratio keeps
// out what may be chance ("Accurate methods for the statistics of surprise and coincidence", 1993);
// the lower bound of Wilson's interval of the share, divided by a power of the other item's own
// share, is the weight.
#include <algorithm>
#include <cmath>

#include "learn/person_items.h"
#include "learn/related_trainers.h"

namespace attune::learn {
namespace {

double x_log_x(double x) {
  return x > 0 ? x * std::log(x) : 0;
}

/// Of a table of four counts, as a chi-square of one degree of freedom.
double likelihood_ratio(double both, double first, double second, double all) {
  const double only_first = first - both;
  const double only_second = second - both;
  const double neither = all - first - second + both;
  return 2 * (x_log_x(both) + x_log_x(only_first) + x_log_x(only_second) + x_log_x(neither) +
              x_log_x(all) - x_log_x(first) - x_log_x(all - first) - x_log_x(second) -
              x_log_x(all - second));
}

/// Lower end of the 90 % interval of a share.
double wilson_low(double count, double of) {
  constexpr double kZ = 1.6448536269514722;
  const double share = count / of;
  const double centre = share + kZ * kZ / (2 * of);
  const double spread = kZ * std::sqrt(share * (1 - share) / of + kZ * kZ / (4 * of * of));
  return std::max(0.0, (centre - spread) / (1 + kZ * kZ / of));
}

/// Pairs of one kind: all who looked, or all who bought.
class Pairs {
 public:
  Pairs(PreferenceMatrix taken, const ItemToItemParams& params)
      : params_(params),
        taken_(std::move(taken)),
        people_(by_item(taken_)),
        all_(static_cast<double>(taken_.user_count())) {}

  std::uint32_t count(ItemIndex item) const {
    return static_cast<std::uint32_t>(people_.row(item).size());
  }

  /// Calls take(other, weight, count) for every item that surely goes with `item`.
  template <class Take>
  void each_of(ItemIndex item, SparseSums& sums, const Take& take) const {
    sums.begin(taken_.item_count);
    for (const ItemIndex person : people_.row(item)) {
      for (const ItemIndex other : taken_.row(person)) sums.at(other) += 1;
    }
    const double own = count(item);
    for (const ItemIndex other : sums.touched()) {
      const double both = sums.get(other);
      const double others = count(other);
      const bool more_than_chance = both * all_ > own * others;
      if (other == item || !more_than_chance ||
          likelihood_ratio(both, own, others, all_) < params_.significance) {
        continue;
      }
      const double weight = wilson_low(both, own) *
                            std::pow(all_ / others, params_.lift_power);
      if (weight > 0) take(other, weight, static_cast<std::uint32_t>(both));
    }
  }

 private:
  const ItemToItemParams& params_;
  PreferenceMatrix taken_;
  PreferenceMatrix people_;
  double all_ = 0;  // people, also those who took nothing of this kind
};

}  // namespace

std::unique_ptr<Recommender> train_item_to_item(const SessionLog& log, const ModelParams& params) {
  const ItemToItemParams& own = params.item_to_item;
  const Pairs viewed(person_items(log, ClickKind::view, own.person_items), own);
  const Pairs bought(person_items(log, ClickKind::purchase, own.person_items), own);
  RelatedModel::Lists lists;
  SparseSums sums;
  std::vector<RelatedItem> list;
  std::vector<std::uint32_t> places(log.item_count(), 0);   // in `list`, from 1
  for (ItemIndex item = 0; item < log.item_count(); ++item) {
    list.clear();
    viewed.each_of(item, sums, [&](ItemIndex other, double weight, std::uint32_t count) {
      list.push_back({other, static_cast<float>(weight), count, false});
      places[other] = static_cast<std::uint32_t>(list.size());
    });
    bought.each_of(item, sums, [&](ItemIndex other, double weight, std::uint32_t count) {
      if (places[other] == 0) {
        list.push_back({other, 0, 0, true});
        places[other] = static_cast<std::uint32_t>(list.size());
      }
      RelatedItem& entry = list[places[other] - 1];
      const auto more = static_cast<float>(own.bought_weight * weight);
      if (more >= entry.weight) {
        entry.bought = true;
        entry.count = count;
      }
      entry.weight += more;
    });
    for (const RelatedItem& entry : list) places[entry.item] = 0;
    lists.add(list, params.related.kept);
    lists.viewers.push_back(viewed.count(item));
    lists.buyers.push_back(bought.count(item));
  }
  return std::make_unique<RelatedModel>(Algorithm::item_to_item, params.related, std::move(lists));
}

}  // namespace attune::learn
