// Boosted decision trees, trained by XGBoost (in attune-neural) and evaluated here: flat arrays,
// read from XGBoost's own JSON model, so that the server links no XGBoost.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::learn {

class ByteReader;
class ByteWriter;

class TreeEnsemble {
 public:
  /// Reads what XGBoost 1.7 saves as JSON.
  /// Errors   data_loss: it is not such a model of numeric splits.
  [[nodiscard]] static Result<TreeEnsemble> from_xgboost(std::string_view json);
  /// Errors   data_loss: the bytes are no trees over `feature_count` features.
  [[nodiscard]] static Result<TreeEnsemble> read(ByteReader& in, std::size_t feature_count);
  void write(ByteWriter& out) const;

  /// Sum of the leaves that `features` lead to, as XGBoost's margin. NaN: missing.
  /// features   as many as the trees were trained with.
  float score(std::span<const float> features) const;
  std::size_t tree_count() const { return roots_.size(); }
  /// One more than the highest feature that a split asks for.
  std::size_t feature_count() const;

 private:
  static constexpr std::uint16_t kLeaf = 0xffff;
  bool is_consistent(std::size_t feature_count) const;

  float base_ = 0;
  std::vector<std::uint32_t> roots_;
  // One entry a node; the children of a node lie behind it.
  std::vector<std::uint16_t> features_;  // or kLeaf
  std::vector<float> values_;            // below it: left; of a leaf: what it adds
  std::vector<std::uint32_t> left_;
  std::vector<std::uint32_t> right_;
  std::vector<std::uint8_t> missing_left_;
};

}  // namespace attune::learn
