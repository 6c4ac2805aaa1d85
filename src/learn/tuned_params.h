// Hyperparameters found for a site, one file a strategy beside its models: trainings use them, also
// those by the clock, until the file is removed.
#pragma once

#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"
#include "learn/model_params.h"

namespace attune::learn {

/// folder   of the site's models.
std::string tuned_path(const std::string& folder, std::string_view strategy);

/// What a strategy is trained with: what was found for the site, or the default.
///
/// folder   of the site's models; empty: the default.
/// Errors   as default_params_of; failed_precondition: the file cannot be read as parameters of
///          this strategy, says which one it is.
[[nodiscard]] Result<ModelParams> params_for(FileSystem& files, const std::string& folder,
                                             std::string_view strategy);

}  // namespace attune::learn
