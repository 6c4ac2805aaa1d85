// From the store's interactions to a model in service: export, train in a child process, register,
// gate. The child gets a file and writes a file: it can neither stall nor take down the server.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "learn/evaluation.h"
#include "learn/model_params.h"
#include "learn/progress.h"
#include "learn/site_data.h"
#include "store/store.h"

namespace attune::learn {

struct TrainOptions {
  std::string data_dir;  // models go to <data_dir>/models/<site id>/
  Uuid site;
  ModelParams params = default_params();
  std::string worker_program =
      "/proc/self/exe";  // run as `<program> train-worker --in F --out F ...`
  std::uint64_t worker_memory_bytes_max = 2ULL << 30;
  int worker_nice = 15;
  std::int64_t worker_seconds_max = 3600;
  SessionQuery history;                  // which visits are learned from
  std::function<bool()> stop_requested;  // may be empty; true ends the child and fails the call
};

/// What a model did on the site's newest visits, which it was not trained on, beside popularity.
struct HeldOut {
  Quality model;
  Quality popularity;
  std::uint64_t predictions = 0;
  std::int64_t from_ms = 0;  // visits that ended from here on were held out
  Interval mrr_gain;         // model minus popularity, 95 %, by visit
  double not_better = 1;     // share of resamples in which the model has no higher MRR
};

struct TrainReport {
  std::string version;
  std::string algorithm;
  std::string artefact_path;
  std::uint64_t artefact_bytes = 0;
  std::uint64_t sessions = 0;
  std::uint64_t clicks = 0;
  std::uint64_t items = 0;
  HeldOut held_out;
  bool promoted = false;  // production, else archived
  std::string verdict;    // why, in one sentence
  double seconds = 0;
};

std::string to_text(const TrainReport& report);
std::string to_json(const TrainReport& report);

/// Trains a model on the site's visits and, when it passes the gate, makes it the production model.
/// The artefact is complete on disk before the registry (ml_models) names it; on any error the
/// model in production stays. The caller then has the decider load `active_model`.
///
/// store    the one of this process; the export and the registration each use a session of their
///          own.
/// Errors   failed_precondition: the site has no visit with two items to learn from (message says
///          what it has); resource_exhausted: the worker ran out of memory or time; unavailable:
///          disk; internal: the worker crashed.
/// Threads  any; not two of one site at a time (serve::JobBoard sees to that).
[[nodiscard]] Result<TrainReport> train_site(store::Store& store, const Clock& clock,
                                             const TrainOptions& options,
                                             const ProgressSink& progress = {});

/// `attune train-worker --in F --out F --model TEXT --site ID --trained-ms N --memory-bytes N
/// --nice N`: reads an export, measures a model on held-out visits, trains on all of them, writes
/// the artefact. Standard output gets lines "progress SHARE STAGE" and at the end "result" with
/// key=value fields; errors go to standard error. Hidden from users; `main` calls this before
/// anything else.
///
/// Returns  the exit code, or nothing when the arguments do not ask for a worker.
std::optional<int> run_train_worker(int argc, const char* const* argv);

/// What the worker measures; also usable in process. The model is trained on the visits that ended
/// before the held-out ones: those of the last whole days, or the last fifth when there are few
/// days.
HeldOut measure_held_out(const SessionLog& log, const ModelParams& params);

struct ActiveModel {
  std::string version;
  std::string artefact_path;
  std::string algorithm;
  std::int64_t trained_ms = 0;
  std::string status;
};

/// The site's model in production, if it has one.
[[nodiscard]] Result<std::optional<ActiveModel>> active_model(store::Session& session,
                                                              const Uuid& site);

/// Puts the production model before this one back; the current one is archived.
///
/// Returns  the version now in production.
/// Errors   failed_precondition: there is no earlier model whose artefact is still good.
[[nodiscard]] Result<ActiveModel> rollback_model(store::Store& store, const Clock& clock,
                                                 const Uuid& site);

}  // namespace attune::learn
