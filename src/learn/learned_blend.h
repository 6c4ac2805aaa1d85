// The strategy `blend`: LambdaMART over the scores that the other strategies give their candidates,
// and over what is known of visit and item. It holds models of its own of the strategies, the very
// ones its trees were fitted to. docs/recommenders.md, "Learned blend".
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/catalogue.h"
#include "learn/model_params.h"
#include "learn/recommender.h"
#include "learn/session_log.h"
#include "learn/trees.h"

namespace attune::learn {

/// Decisions to learn a ranking from: for each some candidates, one of which came next.
struct RankingData {
  std::size_t feature_count = 0;
  std::vector<float> features;        // a row a candidate; NaN: missing
  std::vector<float> labels;          // beside the rows: 1 for what came next, else 0
  std::vector<std::uint32_t> groups;  // rows of each decision
};

/// Fits the trees; attune-neural has one, because it needs XGBoost.
using TreeTrainer = std::function<TreeEnsemble(const RankingData&, const LearnedBlendParams&)>;

class LearnedBlend final : public Recommender {
 public:
  /// The strategies are trained on all but the newest visits, the trees on what they say of these;
  /// then the strategies once more, on all visits.
  ///
  /// log   as log_for gives it: with the items of the catalogue.
  static std::unique_ptr<LearnedBlend> train(const SessionLog& log, const Catalogue& catalogue,
                                             const ModelParams& params, const TreeTrainer& trees);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(ByteReader& in);

  std::string_view algorithm() const override { return "lambdamart"; }
  std::size_t item_count() const override { return items_.size(); }
  std::span<const ScoredItem> recommend(const Query& query, const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

  /// What the trees see of the decisions in `log` from visit `begin` on.
  RankingData decisions(const SessionLog& log, std::size_t begin, bool drop_current) const;
  void set_trees(TreeEnsemble trees) { trees_ = std::move(trees); }

 private:
  /// What is known of an item whoever looks; NaN and 0: not known.
  struct Item {
    float popularity = 0;
    float trend = 0;
    float log_price = 0;
    std::uint32_t category = 0;
    std::uint32_t brand = 0;
  };

  void fit_strategies(const SessionLog& log, const Catalogue& catalogue, const ModelParams& params);
  void find_candidates(const Query& query, const RecommendOptions& options, Scratch& scratch) const;
  void describe(const Query& query, ItemIndex item, std::span<float> row) const;

  std::uint32_t candidates_ = 0;  // of each strategy
  std::vector<std::unique_ptr<Recommender>> strategies_;  // null: none
  std::vector<Item> items_;
  TreeEnsemble trees_;
};

}  // namespace attune::learn
