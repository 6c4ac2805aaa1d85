#include "neural/tree_trainer.h"

#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <xgboost/c_api.h>

namespace attune::neural {
namespace {

void check(int code) {
  if (code != 0) throw std::runtime_error(XGBGetLastError());
}

using Handle = std::unique_ptr<void, int (*)(void*)>;

Handle make_matrix(const learn::RankingData& data) {
  void* made = nullptr;
  check(XGDMatrixCreateFromMat(data.features.data(), data.labels.size(), data.feature_count,
                               std::numeric_limits<float>::quiet_NaN(), &made));
  Handle matrix(made, XGDMatrixFree);
  check(XGDMatrixSetFloatInfo(made, "label", data.labels.data(), data.labels.size()));
  check(XGDMatrixSetUIntInfo(made, "group", data.groups.data(), data.groups.size()));
  return matrix;
}

}  // namespace

XgboostModel train_xgboost(const learn::RankingData& data,
                           const learn::LearnedBlendParams& params) {
  const Handle matrix = make_matrix(data);
  void* made = nullptr;
  void* const matrices[] = {matrix.get()};
  check(XGBoosterCreate(matrices, 1, &made));
  const Handle booster(made, XGBoosterFree);
  const std::pair<const char*, std::string> settings[] = {
      {"objective", "rank:ndcg"},
      {"tree_method", "hist"},
      {"nthread", "1"},
      {"verbosity", "0"},
      {"max_depth", fmt::format("{}", params.depth)},
      {"eta", fmt::format("{}", params.rate)},
      {"min_child_weight", fmt::format("{}", params.leaf_weight)},
      {"subsample", fmt::format("{}", params.rows)},
      {"seed", fmt::format("{}", params.seed)},
  };
  for (const auto& [name, value] : settings) check(XGBoosterSetParam(made, name, value.c_str()));
  for (std::uint32_t tree = 0; tree < params.trees; ++tree) {
    check(XGBoosterUpdateOneIter(made, static_cast<int>(tree), matrix.get()));
  }
  bst_ulong bytes = 0;
  const char* text = nullptr;
  check(XGBoosterSaveModelToBuffer(made, R"({"format":"json"})", &bytes, &text));
  XgboostModel model{.json = std::string(text, bytes), .predictions = {}};
  const float* values = nullptr;
  bst_ulong rows = 0;
  check(XGBoosterPredict(made, matrix.get(), 1, 0, 0, &rows, &values));  // 1: margins
  model.predictions.assign(values, values + rows);
  return model;
}

learn::TreeEnsemble train_trees(const learn::RankingData& data,
                                const learn::LearnedBlendParams& params) {
  auto trees = learn::TreeEnsemble::from_xgboost(train_xgboost(data, params).json);
  if (!trees) throw std::runtime_error(trees.error().message());
  return std::move(*trees);
}

}  // namespace attune::neural
