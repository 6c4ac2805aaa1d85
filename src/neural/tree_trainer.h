// LambdaMART by XGBoost: the trees of learn::LearnedBlend.
#pragma once

#include <string>
#include <vector>

#include "learn/learned_blend.h"

namespace attune::neural {

/// Boosted trees that rank the candidates of each decision; one thread, the same data and seed give
/// the same trees.
/// Throws   std::runtime_error with what XGBoost says; main reports it, as it does for libtorch.
learn::TreeEnsemble train_trees(const learn::RankingData& data,
                                const learn::LearnedBlendParams& params);

/// XGBoost's model as JSON, and its own predictions for the rows it was trained on.
struct XgboostModel {
  std::string json;
  std::vector<float> predictions;
};
XgboostModel train_xgboost(const learn::RankingData& data, const learn::LearnedBlendParams& params);

}  // namespace attune::neural
