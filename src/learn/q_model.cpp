#include "learn/q_model.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "learn/artefact.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Index = Eigen::Index;

constexpr std::uint32_t kWidthMax = 4096;

/// Rows of `x` through the layers.
Matrix through(Matrix x, const std::vector<QWeights::Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto outputs = static_cast<Index>(layers[i].bias.size());
    const Eigen::Map<const Matrix> weights(layers[i].weights.data(), outputs, x.cols());
    Matrix y = x * weights.transpose();
    y.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(layers[i].bias.data(), outputs);
    if (i + 1 < layers.size()) y = y.cwiseMax(0.0F);
    x = std::move(y);
  }
  return x;
}

bool fits(const std::vector<QWeights::Layer>& layers, std::size_t inputs, std::size_t hidden,
          std::size_t count) {
  const auto finite = [](float x) { return std::isfinite(x); };
  if (layers.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const QWeights::Layer& layer = layers[i];
    const std::size_t outputs = i + 1 == count ? 1 : hidden;
    if (layer.bias.size() != outputs || layer.weights.size() != outputs * inputs ||
        !std::all_of(layer.bias.begin(), layer.bias.end(), finite) ||
        !std::all_of(layer.weights.begin(), layer.weights.end(), finite)) {
      return false;
    }
    inputs = outputs;
  }
  return true;
}

}  // namespace

Result<QModel> QModel::make(QWeights w) {
  const bool sound = w.state_features >= 1 && w.state_features <= kWidthMax &&
                     w.item_features <= kWidthMax && w.hidden >= 1 && w.hidden <= kWidthMax &&
                     std::isfinite(w.reward_unit) && w.reward_unit > 0 &&
                     fits(w.value, w.state_features, w.hidden, 2) &&
                     fits(w.advantage, w.state_features + w.item_features + 1, w.hidden, 3);
  if (!sound) return fail(ErrorCode::data_loss, "the weights of the Q model do not fit together");
  QModel model;
  model.weights_ = std::move(w);
  return model;
}

void QModel::score(std::span<const float> person, std::span<const float> items,
                   std::span<float> values) const {
  const auto state = static_cast<Index>(weights_.state_features);
  const auto width = static_cast<Index>(weights_.item_features);
  const auto count = static_cast<Index>(values.size()) - 1;
  const Eigen::Map<const Eigen::RowVectorXf> who(person.data(), state);
  Matrix pairs(count + 1, state + width + 1);
  pairs.leftCols(state).rowwise() = who;
  pairs.rightCols(width + 1).setZero();
  if (width > 0) {
    pairs.block(0, state, count, width) = Eigen::Map<const Matrix>(items.data(), count, width);
  }
  pairs(count, state + width) = 1;
  const Matrix advantages = through(std::move(pairs), weights_.advantage);
  const float base = through(Matrix(who), weights_.value)(0, 0) - advantages.mean();
  for (Index i = 0; i <= count; ++i) {
    values[static_cast<std::size_t>(i)] =
        static_cast<float>(weights_.reward_unit) * (base + advantages(i, 0));
  }
}

std::vector<std::uint32_t> QModel::slate(const SlateState& state, std::size_t count) const {
  std::vector<float> values(state.appeals.size() + 1);
  score(state.person, state.items, values);
  return best_slate(std::span(values).first(state.appeals.size()), state.appeals, values.back(),
                    state.null_appeal, count);
}

Result<void> QModel::save(FileSystem& files, const std::string& path) const {
  ByteWriter out;
  out.number(weights_.state_features);
  out.number(weights_.item_features);
  out.number(weights_.hidden);
  out.number(weights_.reward_unit);
  for (const auto* layers : {&weights_.value, &weights_.advantage}) {
    for (const QWeights::Layer& layer : *layers) {
      out.numbers(layer.weights);
      out.numbers(layer.bias);
    }
  }
  return write_artefact(files, path, ArtefactKind::q_model, out.bytes());
}

Result<QModel> QModel::load(FileSystem& files, const std::string& path) {
  auto payload = read_artefact(files, path, ArtefactKind::q_model);
  if (!payload) return pass(payload);
  ByteReader in(*payload);
  QWeights w;
  w.state_features = in.number<std::uint32_t>();
  w.item_features = in.number<std::uint32_t>();
  w.hidden = in.number<std::uint32_t>();
  w.reward_unit = in.number<double>();
  w.value.resize(2);
  w.advantage.resize(3);
  for (auto* layers : {&w.value, &w.advantage}) {
    for (QWeights::Layer& layer : *layers) {
      layer.weights = in.numbers<float>();
      layer.bias = in.numbers<float>();
    }
  }
  if (!in.at_end()) return fail(ErrorCode::data_loss, fmt::format("{}: is cut off", path));
  auto model = make(std::move(w));
  if (!model) return pass(model, path);
  return model;
}

}  // namespace attune::learn
