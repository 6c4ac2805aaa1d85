// Everything the models of a site are trained from: what its export holds.
#pragma once

#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "learn/catalogue.h"
#include "learn/session_log.h"

namespace attune::learn {

struct TrainingData {
  SessionLog log;       // also visits with one item; several clicks of an item in a row are one
  Catalogue catalogue;  // may lack items of the log and have more
};

/// Errors   as write_artefact.
[[nodiscard]] Result<void> save_training_data(FileSystem& files, const TrainingData& data,
                                              const std::string& path);

/// Errors   as read_artefact; data_loss also: the content is not consistent.
[[nodiscard]] Result<TrainingData> load_training_data(FileSystem& files, const std::string& path);

}  // namespace attune::learn
