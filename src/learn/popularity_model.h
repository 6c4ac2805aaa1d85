// The same answer for everybody: the baseline every other model must beat (items by visits, each
// visit halved for every half life of age), and what is trending.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/session_log.h"
#include "learn/recommender.h"

namespace attune::learn {

class PopularityModel final : public Recommender {
 public:
  /// half_life_days   > 0; a visit that old counts half.
  static std::unique_ptr<PopularityModel> train(const SessionLog& log, double half_life_days);
  /// Items by how surely they are visited more often now than they used to be: visits of late, less
  /// what their long-run rate lets expect, in standard deviations of that.
  static std::unique_ptr<PopularityModel> train_trending(const SessionLog& log,
                                                         const TrendingParams& params);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(Algorithm algorithm,
                                                                 ByteReader& in);

  std::string_view algorithm() const override { return name_of(algorithm_); }
  std::size_t item_count() const override { return scores_.size(); }
  std::span<const ScoredItem> recommend(const Query& query,
                                        const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex, const Scratch&) const override { return {}; }
  void write(ByteWriter& out) const override;

 private:
  explicit PopularityModel(Algorithm algorithm) : algorithm_(algorithm) {}
  void rank();

  Algorithm algorithm_;
  std::vector<double> scores_;       // item -> decayed visits, or how far it trends
  std::vector<ScoredItem> ranking_;  // all items, best first
};

}  // namespace attune::learn
