// A list of related items for every item, best first: what item-to-item, EASE, graph and content
// make at training, each in its own way. An answer adds up the lists of what the person took.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/recommender.h"

namespace attune::learn {

/// One entry of an item's list.
struct RelatedItem {
  ItemIndex item = 0;
  float weight = 0;         // finite; may be below 0 (EASE)
  std::uint32_t count = 0;  // people who did both; 0 where nobody is counted
  bool bought = false;      // they bought both; else they looked at both
};

class RelatedModel final : public Recommender {
 public:
  /// Collects lists, item by item.
  struct Lists {
    std::vector<std::uint32_t> begins{0};
    std::vector<RelatedItem> entries;
    std::vector<std::uint32_t> viewers;  // of each item; empty where nobody is counted
    std::vector<std::uint32_t> buyers;

    /// The list of the next item: the `kept` strongest, ties by item.
    void add(std::vector<RelatedItem>& list, std::size_t kept);
    std::size_t item_count() const { return begins.size() - 1; }
  };

  /// algorithm   item_to_item, ease, graph or content.
  RelatedModel(Algorithm algorithm, const RelatedParams& params, Lists lists);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(Algorithm algorithm,
                                                                 ByteReader& in);

  std::string_view algorithm() const override { return name_of(algorithm_); }
  std::size_t item_count() const override { return lists_.item_count(); }
  std::span<const ScoredItem> recommend(const Query& query, const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

  /// The list of an item.
  std::span<const RelatedItem> related(ItemIndex item) const {
    return std::span(lists_.entries)
        .subspan(lists_.begins[item], lists_.begins[item + 1] - lists_.begins[item]);
  }

 private:
  Algorithm algorithm_;
  RelatedParams params_;
  Lists lists_;
};

/// Fills `scratch.visit` and `scratch.weights`: the newest `last_items` known items of the visit,
/// weights falling by `last_decay` a step, then the newest `history_items` of the history with
/// `history_weight` each; no item twice.
void weigh_query(const Query& query, const RelatedParams& params, std::size_t item_count,
                 Scratch& scratch);

}  // namespace attune::learn
