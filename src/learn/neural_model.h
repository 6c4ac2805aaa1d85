// A causal self-attention model of visits, read from its weights and run with Eigen: the newest
// items of the visit go through a few transformer blocks, and the last position's vector is held
// against every item's. Trained by src/neural; docs/neural.md has the architecture.
// Source   Kang and McAuley, "Self-attentive sequential recommendation", 2018; here with the norm
//          before each part, and positions counted from the first item that is looked at.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/recommender.h"

namespace attune::learn {

/// Matrices are row-major, one row an output: y = W x + b.
struct NeuralWeights {
  struct Block {
    std::vector<float> norm1_scale, norm1_shift;  // d
    std::vector<float> qkv, qkv_bias;             // 3d x d, 3d: queries, keys, values
    std::vector<float> out, out_bias;             // d x d, d
    std::vector<float> norm2_scale, norm2_shift;  // d
    std::vector<float> up, up_bias;               // 2d x d, 2d
    std::vector<float> down, down_bias;           // d x 2d, d
  };
  std::uint32_t dimension = 0;  // d
  std::uint32_t heads = 1;
  std::uint32_t length = 0;
  float scale = 0;               // 0: logits are dot products; else cosines times it
  std::vector<float> items;      // item_count x d
  std::vector<float> positions;  // length x d
  std::vector<Block> blocks;
  std::vector<float> norm_scale, norm_shift;  // d
};

class NeuralModel final : public Recommender {
 public:
  /// Errors   data_loss: sizes do not fit together, or a number is not finite.
  [[nodiscard]] static Result<std::unique_ptr<NeuralModel>> make(NeuralWeights weights);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(ByteReader& in);

  std::string_view algorithm() const override { return "neural"; }
  std::size_t item_count() const override { return weights_.items.size() / weights_.dimension; }
  /// score    of an item: its probability divided by that of the best one.
  std::span<const ScoredItem> recommend(const Query& query, const RecommendOptions& options,
                                        Scratch& scratch) const override;
  /// The item of the visit whose vector points most where this item's does.
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

  /// A logit of every item into scratch.dense, and the items looked at, oldest first, into
  /// scratch.visit. False: no known item, nothing was written.
  bool logits(const Query& query, Scratch& scratch) const;

 private:
  NeuralModel() = default;
  void run(std::span<const ItemIndex> visit, std::span<float> work, float* vector) const;

  NeuralWeights weights_;
  std::vector<float> factors_;  // of an item's dot product: 1, or scale / length of its vector
};

}  // namespace attune::learn
