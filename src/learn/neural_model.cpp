#include "learn/neural_model.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

#include "learn/bytes.h"
#include "learn/model_params.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::RowVectorXf;
using Rows = Eigen::Map<Matrix>;
using Weights = Eigen::Map<const Matrix>;
using Bias = Eigen::Map<const Row>;
using Index = Eigen::Index;

constexpr float kNormEpsilon = 1e-5F;  // that of torch::nn::LayerNorm
// exp(-600) is still a normal number, so no score becomes 0.
constexpr double kLogitGapMax = 600;

Index index_of(std::size_t count) { return static_cast<Index>(count); }

/// Floats for Rows, one piece after the other.
class Work {
 public:
  explicit Work(std::span<float> floats) : floats_(floats) {}
  Rows take(Index rows, Index columns) {
    float* begin = floats_.data();
    floats_ = floats_.subspan(static_cast<std::size_t>(rows * columns));
    return {begin, rows, columns};
  }

 private:
  std::span<float> floats_;
};

/// Per position: input, its norm, queries, keys and values, attention's sum, the hidden layer.
constexpr std::size_t kWorkPerPosition = 1 + 1 + 3 + 1 + 2;

std::size_t work_floats(std::size_t length, std::size_t dimension) {
  return length * (kWorkPerPosition * dimension + 1);  // and a weight of each position
}

void normalize(const Rows& from, const std::vector<float>& scale, const std::vector<float>& shift,
               Rows& to) {
  const Bias scales(scale.data(), from.cols());
  const Bias shifts(shift.data(), from.cols());
  for (Index p = 0; p < from.rows(); ++p) {
    const float mean = from.row(p).mean();
    to.row(p).array() = from.row(p).array() - mean;
    const float variance = to.row(p).squaredNorm() / static_cast<float>(from.cols());
    to.row(p).array() = to.row(p).array() / std::sqrt(variance + kNormEpsilon) * scales.array() +
                        shifts.array();
  }
}

/// Causal attention of the positions from `first` on; `weights` is one row of scratch.
void attend(const Rows& qkv, Index heads, Index first, Rows& weights, Rows& to) {
  const Index d = to.cols();
  const Index width = d / heads;
  const float factor = 1 / std::sqrt(static_cast<float>(width));
  for (Index p = first; p < qkv.rows(); ++p) {
    for (Index h = 0; h < heads; ++h) {
      const auto query = qkv.row(p).segment(h * width, width);
      const auto keys = qkv.block(0, d + h * width, p + 1, width);
      auto w = weights.row(0).head(p + 1);
      w.noalias() = query * keys.transpose() * factor;
      w.array() = (w.array() - w.maxCoeff()).exp();
      w /= w.sum();
      to.row(p).segment(h * width, width).noalias() =
          w * qkv.block(0, 2 * d + h * width, p + 1, width);
    }
  }
}

bool all_finite(const std::vector<float>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
}

/// Calls `visit` with each vector of a block and its length in units of d * d and of d.
template <class Block, class Visitor>
void each_part(Block& block, Visitor&& visit) {
  visit(block.norm1_scale, 0, 1);
  visit(block.norm1_shift, 0, 1);
  visit(block.qkv, 3, 0);
  visit(block.qkv_bias, 0, 3);
  visit(block.out, 1, 0);
  visit(block.out_bias, 0, 1);
  visit(block.norm2_scale, 0, 1);
  visit(block.norm2_shift, 0, 1);
  visit(block.up, 2, 0);
  visit(block.up_bias, 0, 2);
  visit(block.down, 2, 0);
  visit(block.down_bias, 0, 1);
}

bool is_sound(const NeuralWeights& w) {
  const std::size_t d = w.dimension;
  if (d < 4 || d > 1024 || w.heads < 1 || w.heads > 16 || d % w.heads != 0 || w.length < 1 ||
      w.length > 200 || w.blocks.empty() || w.blocks.size() > 8) {
    return false;
  }
  bool sound = std::isfinite(w.scale) && w.scale >= 0 && w.items.size() % d == 0 &&
               w.positions.size() == w.length * d && w.norm_scale.size() == d &&
               w.norm_shift.size() == d && all_finite(w.items) && all_finite(w.positions) &&
               all_finite(w.norm_scale) && all_finite(w.norm_shift);
  for (const NeuralWeights::Block& block : w.blocks) {
    each_part(block, [&](const std::vector<float>& part, std::size_t squares, std::size_t lines) {
      sound = sound && part.size() == squares * d * d + lines * d && all_finite(part);
    });
  }
  return sound;
}

bool better(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

}  // namespace

Result<std::unique_ptr<NeuralModel>> NeuralModel::make(NeuralWeights weights) {
  if (!is_sound(weights)) {
    return fail(ErrorCode::data_loss, "the weights of the neural model do not fit together");
  }
  std::unique_ptr<NeuralModel> model(new NeuralModel);
  model->weights_ = std::move(weights);
  const NeuralWeights& w = model->weights_;
  const std::size_t d = w.dimension;
  model->factors_.assign(model->item_count(), 1);
  for (std::size_t i = 0; w.scale > 0 && i < model->factors_.size(); ++i) {
    const float length = Bias(w.items.data() + i * d, index_of(d)).norm();
    model->factors_[i] = length > 0 ? w.scale / length : 0;
  }
  return model;
}

void NeuralModel::run(std::span<const ItemIndex> visit, std::span<float> work,
                      float* vector) const {
  const NeuralWeights& w = weights_;
  const Index length = index_of(visit.size());
  const Index d = index_of(w.dimension);
  const Index last = length - 1;
  Work pieces(work);
  Rows x = pieces.take(length, d);
  Rows normed = pieces.take(length, d);
  Rows qkv = pieces.take(length, 3 * d);
  Rows attended = pieces.take(length, d);
  Rows hidden = pieces.take(length, 2 * d);
  Rows weights = pieces.take(1, length);
  const Weights items(w.items.data(), index_of(item_count()), d);
  const Weights positions(w.positions.data(), index_of(w.length), d);
  for (Index p = 0; p < length; ++p) {
    x.row(p) = items.row(static_cast<Index>(visit[static_cast<std::size_t>(p)])) + positions.row(p);
  }
  for (std::size_t b = 0; b < w.blocks.size(); ++b) {
    const NeuralWeights::Block& block = w.blocks[b];
    // Of the last block only the last position is asked for.
    const Index first = b + 1 == w.blocks.size() ? last : 0;
    const Index rest = length - first;
    normalize(x, block.norm1_scale, block.norm1_shift, normed);
    qkv.noalias() = normed * Weights(block.qkv.data(), 3 * d, d).transpose();
    qkv.rowwise() += Bias(block.qkv_bias.data(), 3 * d);
    attend(qkv, index_of(w.heads), first, weights, attended);
    x.bottomRows(rest).noalias() +=
        attended.bottomRows(rest) * Weights(block.out.data(), d, d).transpose();
    x.bottomRows(rest).rowwise() += Bias(block.out_bias.data(), d);
    Rows tail(x.data() + first * d, rest, d);
    Rows tail_normed(normed.data() + first * d, rest, d);
    normalize(tail, block.norm2_scale, block.norm2_shift, tail_normed);
    hidden.bottomRows(rest).noalias() =
        tail_normed * Weights(block.up.data(), 2 * d, d).transpose();
    hidden.bottomRows(rest).rowwise() += Bias(block.up_bias.data(), 2 * d);
    hidden.bottomRows(rest) = hidden.bottomRows(rest).cwiseMax(0.0F);
    tail.noalias() +=
        hidden.bottomRows(rest) * Weights(block.down.data(), d, 2 * d).transpose();
    tail.rowwise() += Bias(block.down_bias.data(), d);
  }
  Rows end(x.data() + last * d, 1, d);
  Rows result(vector, 1, d);
  normalize(end, w.norm_scale, w.norm_shift, result);
  if (w.scale > 0) result /= std::max(result.norm(), 1e-12F);
}

bool NeuralModel::logits(const Query& query, Scratch& scratch) const {
  // Who comes back is known by what they took before, until the visit has an item of its own.
  const auto keep_known = [&](std::span<const ItemIndex> items) {
    scratch.visit.clear();
    for (std::size_t i = items.size(); i-- > 0 && scratch.visit.size() < weights_.length;) {
      if (items[i] < item_count()) scratch.visit.push_back(items[i]);
    }
    std::reverse(scratch.visit.begin(), scratch.visit.end());
  };
  keep_known(query.visit);
  if (scratch.visit.empty()) keep_known(query.history);
  if (scratch.visit.empty()) return false;
  const std::size_t d = weights_.dimension;
  const std::size_t count = item_count();
  scratch.dense.resize(count + d + work_floats(scratch.visit.size(), d));
  const std::span<float> dense(scratch.dense);
  float* vector = dense.data() + count;
  run(scratch.visit, dense.subspan(count + d), vector);
  const Weights items(weights_.items.data(), index_of(count), index_of(d));
  Eigen::Map<Eigen::VectorXf> scores(dense.data(), index_of(count));
  scores.noalias() = items * Eigen::Map<const Eigen::VectorXf>(vector, index_of(d));
  scores.array() *= Eigen::Map<const Eigen::ArrayXf>(factors_.data(), index_of(count));
  return true;
}

std::span<const ScoredItem> NeuralModel::recommend(const Query& query,
                                                   const RecommendOptions& options,
                                                   Scratch& scratch) const {
  std::vector<ScoredItem>& ranked = scratch.ranked;
  ranked.clear();
  if (!logits(query, scratch) || options.count == 0) return ranked;
  const auto left_out = [&](ItemIndex item) {
    if (query.visit.empty()) return false;
    if (options.drop_seen) {
      return std::find(query.visit.begin(), query.visit.end(), item) != query.visit.end();
    }
    return options.drop_current && item == query.visit.back();
  };
  // A heap of the best so far, the worst of them on top.
  for (ItemIndex item = 0; item < item_count(); ++item) {
    const ScoredItem found{item, static_cast<double>(scratch.dense[item])};
    const bool full = ranked.size() == options.count;
    if (!std::isfinite(found.score) || (full && !better(found, ranked.front()))) continue;
    if (left_out(item)) continue;
    if (full) {
      std::pop_heap(ranked.begin(), ranked.end(), better);
      ranked.pop_back();
    }
    ranked.push_back(found);
    std::push_heap(ranked.begin(), ranked.end(), better);
  }
  if (ranked.empty()) return ranked;
  const double best = std::min_element(ranked.begin(), ranked.end(), better)->score;
  for (ScoredItem& found : ranked) {
    found.score = std::exp(std::max(found.score - best, -kLogitGapMax));
  }
  std::sort(ranked.begin(), ranked.end(), better);
  return ranked;
}

Cause NeuralModel::cause(ItemIndex item, const Scratch& scratch) const {
  Cause cause;
  if (item >= item_count()) return cause;
  const std::size_t d = weights_.dimension;
  const auto vector = [&](ItemIndex of) {
    return Bias(weights_.items.data() + of * d, index_of(d));
  };
  float best = 0;
  for (const ItemIndex seen : scratch.visit) {
    if (seen >= item_count()) continue;
    const float closeness = vector(seen).dot(vector(item)) / std::max(vector(seen).norm(), 1e-12F);
    if (cause.via != kNoItem && !(closeness > best)) continue;
    best = closeness;
    cause.via = seen;
    cause.kind = Cause::Kind::taken_together;
  }
  return cause;
}

void NeuralModel::write(ByteWriter& out) const {
  const NeuralWeights& w = weights_;
  out.number(Algorithm::neural);
  out.number(w.dimension);
  out.number(w.heads);
  out.number(w.length);
  out.number(w.scale);
  out.number(static_cast<std::uint32_t>(w.blocks.size()));
  out.numbers(w.items);
  out.numbers(w.positions);
  for (const NeuralWeights::Block& block : w.blocks) {
    each_part(block, [&](const std::vector<float>& part, int, int) { out.numbers(part); });
  }
  out.numbers(w.norm_scale);
  out.numbers(w.norm_shift);
}

Result<std::unique_ptr<Recommender>> NeuralModel::read(ByteReader& in) {
  NeuralWeights w;
  w.dimension = in.number<std::uint32_t>();
  w.heads = in.number<std::uint32_t>();
  w.length = in.number<std::uint32_t>();
  w.scale = in.number<float>();
  const auto blocks = in.number<std::uint32_t>();
  w.items = in.numbers<float>();
  w.positions = in.numbers<float>();
  for (std::uint32_t b = 0; in.ok() && b < blocks; ++b) {
    w.blocks.emplace_back();
    each_part(w.blocks.back(),
              [&](std::vector<float>& part, int, int) { part = in.numbers<float>(); });
  }
  w.norm_scale = in.numbers<float>();
  w.norm_shift = in.numbers<float>();
  if (!in.ok()) return fail(ErrorCode::data_loss, "the neural model of the artefact is cut off");
  ATTUNE_ASSIGN(auto model, make(std::move(w)));
  return std::unique_ptr<Recommender>(std::move(model));
}

}  // namespace attune::learn
