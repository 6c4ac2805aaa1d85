// The model registry: rows of ml_models. Which model serves is decided here and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"
#include "learn/train.h"
#include "store/store.h"

namespace attune::learn {

struct Registration {
  Uuid site;
  std::string strategy;
  std::string version;
  std::string algorithm;
  std::string params_json;
  std::string metrics_json;
  std::string artefact_path;
  std::uint64_t artefact_bytes = 0;
  std::string sha256;
  std::int64_t trained_ms = 0;
  std::int64_t data_begin_ms = 0;
  std::int64_t data_end_ms = 0;
};

/// Notes that a model of the strategy is being trained; what an earlier training left unfinished is
/// forgotten. One training of a site and strategy at a time.
/// Errors   as store::Session::execute.
[[nodiscard]] Result<void> begin_training(store::Session& session, const Uuid& site,
                                          std::string_view strategy, std::string_view algorithm,
                                          std::int64_t now_ms);

/// Takes back begin_training, after a failure.
[[nodiscard]] Result<void> forget_training(store::Session& session, const Uuid& site,
                                           std::string_view strategy);

/// Notes a model whose artefact is complete on disk, as "validating", in the place of the note that
/// it is being trained. archive_model or promote_model say what becomes of it.
/// Errors   as store::Session::execute.
[[nodiscard]] Result<void> register_model(store::Session& session,
                                          const Registration& registration);

/// Keeps a model out of service.
[[nodiscard]] Result<void> archive_model(store::Session& session, const Uuid& site,
                                         std::string_view strategy, std::string_view version);

/// Deletes the artefacts of archived models of a strategy but for the `kept` newest.
/// Errors   as store::Session::execute; unavailable: the disk.
[[nodiscard]] Result<void> remove_surplus_artefacts(store::Session& session, FileSystem& files,
                                                    const Uuid& site, std::string_view strategy,
                                                    std::int64_t kept);

/// Models of the same strategy that were in production and were trained before `model`, newest
/// first; their files may be damaged.
/// Errors   as store::Session::query.
[[nodiscard]] Result<std::vector<ActiveModel>> earlier_models(store::Session& session,
                                                              const Uuid& site,
                                                              const ActiveModel& model);

std::string to_json(const HeldOut& held_out);

}  // namespace attune::learn
