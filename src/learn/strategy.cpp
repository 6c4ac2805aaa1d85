#include "learn/strategy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace attune::learn {
namespace {

struct Row {
  std::string_view name;
  ModelParams (*params)();
};

template <Algorithm algorithm>
ModelParams defaults() {
  return params_of(algorithm);
}

constexpr std::array kStrategies{
    Row{kSequential, default_params},
    Row{"item_to_item", defaults<Algorithm::item_to_item>},
    Row{"collaborative", defaults<Algorithm::ials>},
    Row{"ease", defaults<Algorithm::ease>},
    Row{"graph", defaults<Algorithm::graph>},
    Row{"content", defaults<Algorithm::content>},
    Row{"trending", defaults<Algorithm::trending>},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kStrategies.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kStrategies[i].name;
  return names;
}();

}  // namespace

std::span<const std::string_view> trained_strategies() { return kNames; }

Result<ModelParams> default_params_of(std::string_view strategy) {
  if (strategy == kNeural) return params_of(Algorithm::neural);
  if (strategy == kBlend) return params_of(Algorithm::lambdamart);
  for (const Row& row : kStrategies) {
    if (row.name == strategy) return row.params();
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("there is no strategy '{}' to train; there are {}, {}, {}", strategy,
                          fmt::join(kNames, ", "), kNeural, kBlend),
              "strategy");
}

std::string_view strategy_of(const ModelParams& params) {
  switch (params.algorithm) {
    case Algorithm::popularity:
      return "popular";
    case Algorithm::neural:
      return kNeural;
    case Algorithm::lambdamart:
      return kBlend;
    case Algorithm::neighbours:
    case Algorithm::transitions:
    case Algorithm::blend:
      return kSequential;
    case Algorithm::ials:
      return "collaborative";
    default:
      return name_of(params.algorithm);
  }
}

}  // namespace attune::learn
