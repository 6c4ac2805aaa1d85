// What showing an item is worth in the long run: a dueling network Q(s, i) = V(s) + A(s, i) - mean
// of A over the candidates, read from its weights and run with Eigen. Slates are put together by
// SlateQ's decomposition. Trained by src/neural; docs/neural.md.
// Source   Wang et al., "Dueling network architectures", 2016; Ie et al., "SlateQ", IJCAI 2019.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "learn/slate_environment.h"

namespace attune::learn {

/// Layers are y = W x + b with W row-major; max(0, y) between them. A(s, i) sees the person's
/// features, the item's, and 1 for "nothing chosen", whose item features are 0.
struct QWeights {
  struct Layer {
    std::vector<float> weights;  // outputs x inputs
    std::vector<float> bias;     // outputs
  };
  std::uint32_t state_features = 0;
  std::uint32_t item_features = 0;
  std::uint32_t hidden = 0;
  double reward_unit = 1;  // values are in units of it
  std::vector<Layer> value;      // state -> hidden -> 1
  std::vector<Layer> advantage;  // state + item + 1 -> hidden -> hidden -> 1
};

class QModel {
 public:
  /// Errors   data_loss: sizes do not fit together, or a number is not finite.
  [[nodiscard]] static Result<QModel> make(QWeights weights);
  /// Errors   as read_artefact and make.
  [[nodiscard]] static Result<QModel> load(FileSystem& files, const std::string& path);
  /// Errors   as write_artefact.
  [[nodiscard]] Result<void> save(FileSystem& files, const std::string& path) const;

  std::size_t state_features() const { return weights_.state_features; }
  std::size_t item_features() const { return weights_.item_features; }

  /// What each candidate is worth, and after them what choosing nothing is.
  ///
  /// person   state_features(). items  candidates x item_features(). values  candidates + 1.
  /// Threads  any.
  void score(std::span<const float> person, std::span<const float> items,
             std::span<float> values) const;

  /// The slate of `count` candidates that is worth most.
  std::vector<std::uint32_t> slate(const SlateState& state, std::size_t count) const;

 private:
  QModel() = default;
  QWeights weights_;
};

}  // namespace attune::learn
