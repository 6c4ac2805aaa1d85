// The model registry: rows of ml_models. Which model serves is decided here and nowhere else.
#pragma once

#include <cstdint>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "learn/train.h"
#include "store/store.h"

namespace attune::learn {

struct Registration {
  Uuid site;
  TrainReport report;
  ModelParams params;
  std::string sha256;
  std::int64_t trained_ms = 0;
  std::int64_t data_begin_ms = 0;
  std::int64_t data_end_ms = 0;
};

/// Notes a model, and when `report.promoted`, puts it in the place of the production model: both or
/// none.
/// Errors   as store::Session::execute.
[[nodiscard]] Result<void> register_model(store::Session& session,
                                          const Registration& registration);

/// Deletes the artefacts of archived models but for the `kept` newest.
/// Errors   as store::Session::execute; unavailable: the disk.
[[nodiscard]] Result<void> remove_surplus_artefacts(store::Session& session, FileSystem& files,
                                                    const Uuid& site, std::int64_t kept);

std::string to_json(const HeldOut& held_out);

}  // namespace attune::learn
