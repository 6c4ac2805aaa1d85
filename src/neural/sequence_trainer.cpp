#include "neural/sequence_trainer.h"

#include <malloc.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "base/random.h"

namespace attune::neural {
namespace {

using learn::ItemIndex;
using learn::NeuralParams;
using learn::NeuralWeights;
using learn::SessionLog;
using torch::Tensor;

constexpr double kDayMs = 86'400'000;
constexpr int kKeptBytesMax = 1 << 30;
constexpr int kThreads = 1;  // two that share a busy machine wait for each other, and spin
constexpr std::size_t kBatchesOfOneLength = 16;  // visits of so many batches are sorted by length
constexpr std::size_t kMeasuredMax = 4000;       // validation visits looked at
constexpr std::int64_t kCutoff = 20;
constexpr double kDeviation = 0.05;  // of the first weights of items and positions
constexpr double kNormMax = 5;       // gradients longer than that are shortened

struct BlockImpl : torch::nn::Module {
  BlockImpl(std::int64_t d, std::int64_t head_count, double dropout)
      : norm1(torch::nn::LayerNormOptions({d})),
        qkv(d, 3 * d),
        out(d, d),
        norm2(torch::nn::LayerNormOptions({d})),
        up(d, 2 * d),
        down(2 * d, d),
        drop(dropout),
        heads(head_count) {
    register_module("norm1", norm1);
    register_module("qkv", qkv);
    register_module("out", out);
    register_module("norm2", norm2);
    register_module("up", up);
    register_module("down", down);
    register_module("drop", drop);
  }

  /// x        visits x length x d. mask  length x length, -inf where a position may not look.
  Tensor forward(const Tensor& x, const Tensor& mask) {
    const auto batch = x.size(0);
    const auto length = x.size(1);
    const auto d = x.size(2);
    const auto parts = qkv->forward(norm1->forward(x))
                           .view({batch, length, 3, heads, d / heads})
                           .permute({2, 0, 3, 1, 4});
    const double factor = 1 / std::sqrt(static_cast<double>(d / heads));
    const Tensor weights =
        torch::softmax(torch::matmul(parts[0], parts[1].transpose(-2, -1)) * factor + mask, -1);
    const Tensor seen = torch::matmul(drop->forward(weights), parts[2])
                            .transpose(1, 2)
                            .reshape({batch, length, d});
    const Tensor attended = x + drop->forward(out->forward(seen));
    const Tensor hidden = torch::relu(up->forward(norm2->forward(attended)));
    return attended + drop->forward(down->forward(drop->forward(hidden)));
  }

  torch::nn::LayerNorm norm1;
  torch::nn::Linear qkv, out;
  torch::nn::LayerNorm norm2;
  torch::nn::Linear up, down;
  torch::nn::Dropout drop;
  std::int64_t heads;
};
TORCH_MODULE(Block);

struct Net : torch::nn::Module {
  Net(std::size_t item_count, const NeuralParams& params)
      : scale(params.scale), norm(torch::nn::LayerNormOptions({params.dimension})),
        drop(params.dropout) {
    const auto d = static_cast<std::int64_t>(params.dimension);
    items = register_parameter(
        "items", torch::randn({static_cast<std::int64_t>(item_count), d}) * kDeviation);
    positions = register_parameter(
        "positions", torch::randn({static_cast<std::int64_t>(params.length), d}) * kDeviation);
    for (std::uint32_t b = 0; b < params.blocks; ++b) {
      blocks.emplace_back(d, params.heads, params.dropout);
      register_module("block" + std::to_string(b), blocks.back());
    }
    register_module("norm", norm);
    register_module("drop", drop);
  }

  /// ids      visits x length; what follows a visit's end is any item and is looked at by none.
  /// Returns  visits x length x d.
  Tensor forward(const Tensor& ids) {
    const auto length = ids.size(1);
    const Tensor mask = torch::full({length, length}, -std::numeric_limits<float>::infinity())
                            .triu(1);
    Tensor x = torch::embedding(items, ids) + positions.slice(0, 0, length);
    x = drop->forward(x);
    for (auto& block : blocks) x = block->forward(x, mask);
    x = norm->forward(x);
    return scale > 0 ? torch::nn::functional::normalize(
                           x, torch::nn::functional::NormalizeFuncOptions().dim(-1))
                     : x;
  }

  /// Vectors of items as they are multiplied with.
  Tensor outputs(const Tensor& of) const {
    return scale > 0 ? torch::nn::functional::normalize(
                           of, torch::nn::functional::NormalizeFuncOptions().dim(-1)) *
                           scale
                     : of;
  }

  double scale;
  Tensor items;
  Tensor positions;
  std::vector<Block> blocks;
  torch::nn::LayerNorm norm;
  torch::nn::Dropout drop;
};

std::vector<float> floats_of(const Tensor& tensor) {
  const Tensor flat = tensor.detach().contiguous().view({-1});
  const float* begin = flat.data_ptr<float>();
  return {begin, begin + flat.numel()};
}

NeuralWeights weights_of(const Net& net, const NeuralParams& params) {
  NeuralWeights w;
  w.dimension = params.dimension;
  w.heads = params.heads;
  w.length = params.length;
  w.scale = static_cast<float>(params.scale);
  w.items = floats_of(net.items);
  w.positions = floats_of(net.positions);
  for (const auto& block : net.blocks) {
    w.blocks.push_back({.norm1_scale = floats_of(block->norm1->weight),
                        .norm1_shift = floats_of(block->norm1->bias),
                        .qkv = floats_of(block->qkv->weight),
                        .qkv_bias = floats_of(block->qkv->bias),
                        .out = floats_of(block->out->weight),
                        .out_bias = floats_of(block->out->bias),
                        .norm2_scale = floats_of(block->norm2->weight),
                        .norm2_shift = floats_of(block->norm2->bias),
                        .up = floats_of(block->up->weight),
                        .up_bias = floats_of(block->up->bias),
                        .down = floats_of(block->down->weight),
                        .down_bias = floats_of(block->down->bias)});
  }
  w.norm_scale = floats_of(net.norm->weight);
  w.norm_shift = floats_of(net.norm->bias);
  return w;
}

/// Some visits side by side: positions that predict, one after the other.
struct Batch {
  Tensor ids;      // visits x length
  Tensor places;   // of the flattened ids: those with an item after them
  Tensor targets;  // the item after each
  Tensor weights;  // of each
};

/// Pieces of visits that fit: a long visit gives several, each with `length` items and a target.
struct Piece {
  std::size_t begin = 0;  // in log.items
  std::size_t items = 0;  // with the last target
  float weight = 1;
};

std::vector<Piece> pieces_of(const SessionLog& log, std::size_t begin, std::size_t end,
                             const NeuralParams& params) {
  std::vector<Piece> pieces;
  if (begin >= end) return pieces;
  const std::int64_t newest_ms = log.end_ms(end - 1);
  for (std::size_t v = begin; v < end; ++v) {
    const double age_days = static_cast<double>(newest_ms - log.end_ms(v)) / kDayMs;
    const double weight =
        params.recency_days > 0 ? std::exp(-age_days / params.recency_days) : 1;
    const std::size_t count = log.session(v).size();
    for (std::size_t at = 0; at + 1 < count; at += params.length) {
      pieces.push_back({.begin = log.begins[v] + at,
                        .items = std::min<std::size_t>(params.length + 1, count - at),
                        .weight = static_cast<float>(weight)});
    }
  }
  return pieces;
}

Batch batch_of(const SessionLog& log, std::span<const Piece> pieces) {
  std::size_t length = 1;
  for (const Piece& piece : pieces) length = std::max(length, piece.items - 1);
  std::vector<std::int64_t> ids(pieces.size() * length, 0);
  std::vector<std::int64_t> places;
  std::vector<std::int64_t> targets;
  std::vector<float> weights;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    for (std::size_t i = 0; i + 1 < pieces[p].items; ++i) {
      ids[p * length + i] = log.items[pieces[p].begin + i];
      places.push_back(static_cast<std::int64_t>(p * length + i));
      targets.push_back(log.items[pieces[p].begin + i + 1]);
      weights.push_back(pieces[p].weight);
    }
  }
  return {.ids = torch::tensor(ids).view({static_cast<std::int64_t>(pieces.size()),
                                          static_cast<std::int64_t>(length)}),
          .places = torch::tensor(places),
          .targets = torch::tensor(targets),
          .weights = torch::tensor(weights)};
}

/// Softmax over all items, or its estimate from uniform negatives, or gBCE.
Tensor loss_of(const Net& net, const Tensor& vectors, const Batch& batch,
               const NeuralParams& params) {
  const std::int64_t items = net.items.size(0);
  const std::int64_t negatives = params.negatives;
  const Tensor share = batch.weights / batch.weights.sum();
  if (negatives == 0 || (negatives >= items && params.calibration == 0)) {
    const Tensor logits = torch::mm(vectors, net.outputs(net.items).t());
    const Tensor chosen = logits.gather(1, batch.targets.unsqueeze(1)).squeeze(1);
    return ((torch::logsumexp(logits, 1) - chosen) * share).sum();
  }
  const Tensor drawn = torch::randint(items, {negatives}, torch::kLong);
  const Tensor others = torch::mm(vectors, net.outputs(torch::embedding(net.items, drawn)).t());
  const Tensor chosen =
      (vectors * net.outputs(torch::embedding(net.items, batch.targets))).sum(1);
  const Tensor same = batch.targets.unsqueeze(1) == drawn.unsqueeze(0);
  const double sampled = static_cast<double>(negatives) / std::max<double>(1, double(items - 1));
  if (params.calibration > 0) {
    const double alpha = std::min(1.0, sampled);
    const double beta = alpha * (params.calibration * (1 - 1 / alpha) + 1 / alpha);
    const Tensor wrong = torch::softplus(others).masked_fill(same, 0).sum(1);
    return ((torch::softplus(-chosen) * beta + wrong) * share).sum();
  }
  const Tensor estimated =
      (others - std::log(sampled)).masked_fill(same, -std::numeric_limits<float>::infinity());
  const Tensor all = torch::cat({chosen.unsqueeze(1), estimated}, 1);
  return ((torch::logsumexp(all, 1) - chosen) * share).sum();
}

/// Visits of a similar length stand in one batch; which, and in what order, is drawn.
std::vector<std::pair<std::size_t, std::size_t>> batches_of(std::vector<Piece>& pieces,
                                                            std::size_t batch, Random& random) {
  for (std::size_t i = pieces.size(); i > 1; --i) {
    std::swap(pieces[i - 1], pieces[random.below(i)]);
  }
  const std::size_t sorted = batch * kBatchesOfOneLength;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (std::size_t begin = 0; begin < pieces.size(); begin += sorted) {
    const auto end = std::min(begin + sorted, pieces.size());
    std::stable_sort(pieces.begin() + static_cast<std::ptrdiff_t>(begin),
                     pieces.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const Piece& a, const Piece& b) { return a.items < b.items; });
    for (std::size_t at = begin; at < end; at += batch) {
      ranges.emplace_back(at, std::min(at + batch, end));
    }
  }
  for (std::size_t i = ranges.size(); i > 1; --i) {
    std::swap(ranges[i - 1], ranges[random.below(i)]);
  }
  return ranges;
}

class Training {
 public:
  Training(const SessionLog& log, std::size_t visits, const NeuralParams& params)
      : log_(log),
        params_(params),
        random_(params.seed),
        pieces_(pieces_of(log, 0, visits, params)) {
    torch::manual_seed(params.seed);
    net_ = std::make_shared<Net>(log.item_count(), params);
    optimizer_ = std::make_unique<torch::optim::AdamW>(
        net_->parameters(),
        torch::optim::AdamWOptions(params.rate).weight_decay(params.decay));
  }

  void run_epoch() {
    net_->train();
    for (const auto& [begin, end] : batches_of(pieces_, params_.batch, random_)) {
      const Batch batch = batch_of(log_, std::span(pieces_).subspan(begin, end - begin));
      const Tensor vectors =
          net_->forward(batch.ids).reshape({-1, params_.dimension}).index_select(0, batch.places);
      optimizer_->zero_grad();
      loss_of(*net_, vectors, batch, params_).backward();
      // A step that is not finite is left out, so that the weights stay finite at any rate.
      const double norm = torch::nn::utils::clip_grad_norm_(net_->parameters(), kNormMax);
      if (std::isfinite(norm)) optimizer_->step();
    }
  }

  /// MRR@20 of the next item in visits [begin, end), the current item left out.
  double measure(std::size_t begin, std::size_t end) {
    const torch::NoGradGuard no_gradients;
    net_->eval();
    const auto pieces = pieces_of(log_, begin, std::min(end, begin + kMeasuredMax), params_);
    const Tensor outputs = net_->outputs(net_->items).t();
    double sum = 0;
    std::int64_t count = 0;
    for (std::size_t at = 0; at < pieces.size(); at += params_.batch) {
      const auto some = std::span(pieces).subspan(
          at, std::min<std::size_t>(params_.batch, pieces.size() - at));
      const Batch batch = batch_of(log_, some);
      const Tensor vectors =
          net_->forward(batch.ids).reshape({-1, params_.dimension}).index_select(0, batch.places);
      const Tensor logits = torch::mm(vectors, outputs);
      const Tensor target = batch.targets.unsqueeze(1);
      const Tensor current = batch.ids.view({-1}).index_select(0, batch.places).unsqueeze(1);
      const Tensor chosen = logits.gather(1, target);
      const Tensor shown = logits.scatter(1, current, -std::numeric_limits<float>::infinity());
      const Tensor rank = (shown > chosen).sum(1) + 1;
      const Tensor found = (rank <= kCutoff) & (target != current).squeeze(1);
      sum += found.to(torch::kDouble).div(rank).sum().item<double>();
      count += rank.size(0);
    }
    return count > 0 ? sum / static_cast<double>(count) : 0;
  }

  NeuralWeights weights() const { return weights_of(*net_, params_); }

 private:
  const SessionLog& log_;
  const NeuralParams& params_;
  Random random_;
  std::vector<Piece> pieces_;
  std::shared_ptr<Net> net_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

/// The number of epochs after which the newest visits were predicted best.
std::uint32_t find_epochs(const SessionLog& log, const NeuralParams& params,
                          const learn::ProgressSink& progress) {
  const std::size_t visits = log.session_count();
  const std::size_t begin = visits - visits / 10;
  if (params.patience == 0 || begin == visits) return params.epochs;
  Training training(log, begin, params);
  std::uint32_t best = 1;
  double best_mrr = -1;
  for (std::uint32_t epoch = 1; epoch <= params.epochs; ++epoch) {
    training.run_epoch();
    const double mrr = training.measure(begin, visits);
    if (mrr > best_mrr) {
      best = epoch;
      best_mrr = mrr;
    }
    if (progress) {
      progress("epoch " + std::to_string(epoch) + ", MRR@20 " + std::to_string(mrr),
               0.5 * epoch / params.epochs);
    }
    if (epoch >= best + params.patience) break;
  }
  return best;
}

}  // namespace

void prepare_libtorch() {
  torch::set_num_threads(kThreads);
  // The same large pieces come and go at every step: kept, they need no new pages each time.
  ::mallopt(M_MMAP_THRESHOLD, kKeptBytesMax);
  ::mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
}

std::unique_ptr<learn::Recommender> train_sequence_model(const SessionLog& log,
                                                         const NeuralParams& params,
                                                         const learn::ProgressSink& progress) {
  const std::uint32_t epochs = find_epochs(log, params, progress);
  Training training(log, log.session_count(), params);
  for (std::uint32_t epoch = 1; epoch <= epochs && log.item_count() > 0; ++epoch) {
    training.run_epoch();
    if (progress) {
      progress("epoch " + std::to_string(epoch) + " of all visits", 0.5 + 0.5 * epoch / epochs);
    }
  }
  auto model = learn::NeuralModel::make(training.weights());
  ensure(model.has_value(), "training gives finite weights of the right sizes");
  return std::move(*model);
}

ReferencePass reference_pass(std::size_t item_count, const NeuralParams& params,
                             const std::vector<ItemIndex>& visit) {
  const torch::NoGradGuard no_gradients;
  torch::manual_seed(params.seed);
  Net net(item_count, params);
  net.eval();
  for (Tensor& parameter : net.parameters()) parameter.add_(torch::randn_like(parameter) * 0.3);
  const std::vector<std::int64_t> ids(visit.begin(), visit.end());
  const Tensor vector = net.forward(torch::tensor(ids).unsqueeze(0)).squeeze(0).slice(
      0, static_cast<std::int64_t>(ids.size()) - 1);
  return {.weights = weights_of(net, params),
          .logits = floats_of(torch::mm(vector, net.outputs(net.items).t()))};
}

}  // namespace attune::neural
