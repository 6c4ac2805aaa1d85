// Measures of whole lists of recommendations beside whether the next item is in them: against all
// that followed (precision, recall, MAP), and beyond accuracy (coverage, Gini, novelty, diversity,
// calibration).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learn/catalogue.h"
#include "learn/recommender.h"
#include "learn/session_log.h"

namespace attune::learn {

/// Means over lists.
struct ListQuality {
  double precision = 0;    // share of the places with an item that followed
  double recall = 0;       // share of what followed that is in the list
  double map = 0;          // mean average precision
  double coverage = 0;     // distinct items recommended / items
  double gini = 0;         // of how often each item is recommended: 0 all alike, 1 one item only
  double popularity = 0;   // mean min-max popularity of what was recommended
  double novelty = 0;      // mean -log2 of the share of clicks of what was recommended, bits
  double diversity = 0;    // share of a list's pairs that are of two categories
  double calibration = 0;  // divergence of a list's categories from the visit's (Steck 2018)
  bool has_categories = false;  // else the last two are 0 and mean nothing
};

/// What one list is worth; NaN where it cannot be said.
struct ListScores {
  double precision = 0;
  double recall = 0;
  double average_precision = 0;
  double novelty = 0;       // mean over its places; NaN: an empty list
  double diversity = 0;     // NaN: fewer than two items with a category
  double calibration = 0;   // NaN: list or visit without categories
};

class ListMeasures {
 public:
  /// train       whose clicks are the popularity of items; its numbers are those of the lists.
  /// catalogue   may be empty: no categories.
  ListMeasures(const SessionLog& train, const Catalogue& catalogue, std::size_t cutoff);

  /// One list, made after `seen`, before `rest` (its order does not count).
  ListScores add(std::span<const ScoredItem> list, std::span<const ItemIndex> seen,
                 std::span<const ItemIndex> rest);

  ListQuality mean() const;

 private:
  void add_categories(std::span<const ScoredItem> list, std::span<const ItemIndex> seen,
                      ListScores& scores);

  std::size_t cutoff_;
  std::vector<double> popularity_;            // 0 .. 1
  std::vector<double> novelty_;               // bits
  std::vector<std::uint32_t> categories_;     // of items, 0: none
  std::size_t category_count_ = 0;
  std::vector<std::uint64_t> recommended_;    // how often each item is in a list
  ListQuality sums_;                          // over lists
  std::size_t lists_ = 0;
  std::size_t places_ = 0;
  std::size_t lists_with_pairs_ = 0;
  std::size_t lists_with_categories_ = 0;
};

}  // namespace attune::learn
