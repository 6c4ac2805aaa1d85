#include "learn/list_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

namespace attune::learn {
namespace {

// Steck, "Calibrated recommendations", 2018: keeps the divergence finite.
constexpr double kSmoothing = 0.01;

double gini_of(std::vector<std::uint64_t> counts) {
  std::ranges::sort(counts);
  const auto sum =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  if (!(sum > 0)) return 0;
  const auto n = static_cast<double>(counts.size());
  double weighted = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * static_cast<double>(counts[i]);
  }
  return weighted / (n * sum);
}

}  // namespace

ListMeasures::ListMeasures(const SessionLog& train, const Catalogue& catalogue, std::size_t cutoff)
    : cutoff_(cutoff), categories_(train.item_count()), recommended_(train.item_count()) {
  std::vector<double> clicks(train.item_count());
  for (const ItemIndex item : train.items) clicks[item] += 1;
  const double most = clicks.empty() ? 0 : *std::ranges::max_element(clicks);
  const double least = clicks.empty() ? 0 : *std::ranges::min_element(clicks);
  const auto all = static_cast<double>(train.click_count());
  for (const double count : clicks) {
    popularity_.push_back(most > least ? (count - least) / (most - least) : 0);
    // An item without a click counts as one with half a click.
    novelty_.push_back(all > 0 ? -std::log2(std::max(count, 0.5) / all) : 0);
  }
  std::map<std::string, std::uint32_t> numbers;
  for (std::size_t i = 0; i < train.item_count(); ++i) {
    const CatalogueItem* item = find_item(catalogue, train.item_ids[i]);
    if (item == nullptr || item->category.empty()) continue;
    const auto next = static_cast<std::uint32_t>(numbers.size() + 1);
    categories_[i] = numbers.try_emplace(item->category, next).first->second;
  }
  category_count_ = numbers.size();
}

ListScores ListMeasures::add(std::span<const ScoredItem> list, std::span<const ItemIndex> seen,
                             std::span<const ItemIndex> rest) {
  ++lists_;
  constexpr double kUnsaid = std::numeric_limits<double>::quiet_NaN();
  ListScores scores{.novelty = kUnsaid, .diversity = kUnsaid, .calibration = kUnsaid};
  std::vector<ItemIndex> wanted(rest.begin(), rest.end());
  std::ranges::sort(wanted);
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  double hits = 0;
  double precisions = 0;
  double novelty = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ItemIndex item = list[i].item;
    ++recommended_[item];
    ++places_;
    sums_.popularity += popularity_[item];
    novelty += novelty_[item];
    if (!std::ranges::binary_search(wanted, item)) continue;
    hits += 1;
    precisions += hits / static_cast<double>(i + 1);
  }
  const auto count = static_cast<double>(wanted.size());
  scores.precision = hits / static_cast<double>(cutoff_);
  if (count > 0) {
    scores.recall = hits / count;
    scores.average_precision = precisions / std::min(count, static_cast<double>(cutoff_));
  }
  if (!list.empty()) scores.novelty = novelty / static_cast<double>(list.size());
  if (category_count_ > 0) add_categories(list, seen, scores);
  sums_.precision += scores.precision;
  sums_.recall += scores.recall;
  sums_.map += scores.average_precision;
  sums_.novelty += novelty;
  return scores;
}

void ListMeasures::add_categories(std::span<const ScoredItem> list,
                                  std::span<const ItemIndex> seen, ListScores& scores) {
  std::map<std::uint32_t, double> of_list;
  std::map<std::uint32_t, double> of_visit;
  double listed = 0;
  double visited = 0;
  for (const ScoredItem& each : list) {
    if (categories_[each.item] == 0) continue;
    of_list[categories_[each.item]] += 1;
    listed += 1;
  }
  for (const ItemIndex item : seen) {
    if (categories_[item] == 0) continue;
    of_visit[categories_[item]] += 1;
    visited += 1;
  }
  if (listed > 1) {
    double same = 0;
    for (const auto& [category, count] : of_list) same += count * (count - 1);
    scores.diversity = 1 - same / (listed * (listed - 1));
    sums_.diversity += scores.diversity;
    ++lists_with_pairs_;
  }
  if (!(listed > 0) || !(visited > 0)) return;
  double divergence = 0;
  for (const auto& [category, count] : of_visit) {
    const double p = count / visited;
    const auto at = of_list.find(category);
    const double q = at == of_list.end() ? 0 : at->second / listed;
    divergence += p * std::log(p / ((1 - kSmoothing) * q + kSmoothing * p));
  }
  scores.calibration = divergence;
  sums_.calibration += divergence;
  ++lists_with_categories_;
}

ListQuality ListMeasures::mean() const {
  ListQuality mean = sums_;
  const auto share = [](double sum, std::size_t of) {
    return of == 0 ? 0 : sum / static_cast<double>(of);
  };
  mean.precision = share(sums_.precision, lists_);
  mean.recall = share(sums_.recall, lists_);
  mean.map = share(sums_.map, lists_);
  mean.popularity = share(sums_.popularity, places_);
  mean.novelty = share(sums_.novelty, places_);
  mean.diversity = share(sums_.diversity, lists_with_pairs_);
  mean.calibration = share(sums_.calibration, lists_with_categories_);
  mean.has_categories = lists_with_categories_ > 0;
  const auto distinct = std::ranges::count_if(recommended_, [](auto count) { return count > 0; });
  mean.coverage = share(static_cast<double>(distinct), recommended_.size());
  mean.gini = gini_of(recommended_);
  return mean;
}

}  // namespace attune::learn
