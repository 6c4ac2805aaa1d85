// Two models as one: each answer is divided by its best score, then the scores are added with
// weights.
#pragma once

#include <memory>

#include "base/result.h"
#include "learn/session_log.h"
#include "learn/recommender.h"

namespace attune::learn {

class BlendModel final : public Recommender {
 public:
  /// first, second   over the same items.
  /// second_weight   0 .. 1; the first has the rest.
  BlendModel(std::unique_ptr<Recommender> first, std::unique_ptr<Recommender> second,
             double second_weight);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(ByteReader& in);

  std::string_view algorithm() const override { return "session_knn+transitions"; }
  std::size_t item_count() const override { return first_->item_count(); }
  std::span<const ScoredItem> recommend(const Query& query,
                                        const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

 private:
  // Candidates asked of each part; an item behind the 500th of both is not looked at.
  static constexpr std::size_t kCandidates = 500;

  std::unique_ptr<Recommender> first_;
  std::unique_ptr<Recommender> second_;
  double second_weight_ = 0;
};

}  // namespace attune::learn
