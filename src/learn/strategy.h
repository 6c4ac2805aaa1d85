// The strategies a site can have a model of. A strategy is a role ("what goes with this item"), an
// algorithm is how its model does it; the registry keeps one production model for each strategy.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "learn/model_params.h"

namespace attune::learn {

inline constexpr std::string_view kSequential = "sequential";
// Trained by the program attune-neural: when asked for by name, and with the others while one
// serves.
inline constexpr std::string_view kNeural = "neural";
inline constexpr std::string_view kBlend = "blend";

/// The strategies that `attune train` trains, in the order it does so.
std::span<const std::string_view> trained_strategies();

/// What a strategy is trained with unless told otherwise.
/// Errors   invalid_argument: no strategy of that name; says which there are.
[[nodiscard]] Result<ModelParams> default_params_of(std::string_view strategy);

/// The strategy whose model these parameters make.
std::string_view strategy_of(const ModelParams& params);

}  // namespace attune::learn
