#include "learn/tuned_params.h"

#include <fmt/core.h>

#include "learn/strategy.h"

namespace attune::learn {

std::string tuned_path(const std::string& folder, std::string_view strategy) {
  return fmt::format("{}/{}.params", folder, strategy);
}

Result<ModelParams> params_for(FileSystem& files, const std::string& folder,
                               std::string_view strategy) {
  ATTUNE_ASSIGN(ModelParams usual, default_params_of(strategy));
  if (folder.empty()) return usual;
  const std::string path = tuned_path(folder, strategy);
  const auto text = read_file(files, path, 10'000);
  if (!text && text.error().code() == ErrorCode::not_found) return usual;
  if (!text) return tl::unexpected<Error>(text.error());
  auto params = parse_params(*text);
  if (params && strategy_of(*params) == strategy) return params;
  return fail(
      ErrorCode::failed_precondition,
      fmt::format("{} has no parameters of strategy {} ({}): tune it again with --reset", path,
                  strategy, params ? "another strategy's" : params.error().message()));
}

}  // namespace attune::learn
