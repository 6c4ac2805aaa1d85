// iALS for serving: people are folded in when they are asked for, from their visit and history, so
// that one who came a moment ago is served like all others. Knows the items that most people took.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/preference_models.h"
#include "learn/recommender.h"

namespace attune::learn {

class CollaborativeModel final : public Recommender {
 public:
  static std::unique_ptr<Recommender> train(const SessionLog& log,
                                            const CollaborativeParams& params);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(ByteReader& in);

  std::string_view algorithm() const override { return name_of(Algorithm::ials); }
  std::size_t item_count() const override { return numbers_.size(); }
  std::span<const ScoredItem> recommend(const Query& query, const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

 private:
  CollaborativeModel(const CollaborativeParams& params, std::size_t item_count,
                     std::vector<ItemIndex> items, ItemFactors factors);

  CollaborativeParams params_;
  std::vector<ItemIndex> items_;    // those it knows, ascending
  std::vector<ItemIndex> numbers_;  // item -> place in `items_`, or kNoItem
  std::shared_ptr<const ItemFactors> factors_;  // beside `items_`
  std::unique_ptr<PreferenceModel> model_;
};

}  // namespace attune::learn
