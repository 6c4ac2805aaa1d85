// From the store's interactions to a model in service: export, train in a child process, register,
// gate. The child gets a file and writes a file: it can neither stall nor take down the server.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "learn/held_out.h"
#include "learn/model_params.h"
#include "learn/progress.h"
#include "learn/site_data.h"
#include "learn/strategy.h"
#include "store/store.h"

namespace attune::learn {

struct TrainOptions {
  std::string data_dir;  // models go to <data_dir>/models/<site id>/
  Uuid site;
  ModelParams params = default_params();  // of the model that train_site makes
  std::string worker_program =
      "/proc/self/exe";  // run as `<program> train-worker --in F --out F ...`
  std::string neural_program;  // the same for neural models; empty: attune-neural beside this one
  std::uint64_t worker_memory_bytes_max = 2ULL << 30;
  int worker_nice = 15;
  std::int64_t worker_seconds_max = 3600;
  SessionQuery history;                  // which visits are learned from
  bool shadow = false;  // what passes the gate serves in the shadow first (learn/shadow.h)
  std::function<bool()> stop_requested;  // may be empty; true ends the child and fails the call
  /// Told when a strategy got its first model in production, while others may still be trained; may
  /// be empty.
  std::function<void()> first_model;
};

struct TrainReport {
  std::string strategy;
  std::string version;
  std::string algorithm;
  std::string artefact_path;
  std::uint64_t artefact_bytes = 0;
  std::uint64_t sessions = 0;
  std::uint64_t clicks = 0;
  std::uint64_t items = 0;
  HeldOut held_out;
  bool promoted = false;  // production
  bool shadowed = false;  // in the shadow of the model in production; else archived
  std::string verdict;    // why, in one sentence
  double seconds = 0;
};

std::string to_text(const TrainReport& report);
std::string to_json(const TrainReport& report);

/// Trains a model on the site's visits and, when it passes the gate, makes it the production model
/// of its strategy. The artefact is complete on disk before the registry (ml_models) names it; on
/// any error the model in production stays. The caller then has the decider load `active_models`.
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

struct SiteTraining {
  struct Failure {
    std::string strategy;
    Error error;
  };
  std::vector<TrainReport> trained;
  std::vector<Failure> failed;  // the model in production stayed
};

std::string to_json(const SiteTraining& training);

/// The same for several strategies from one export, one child process after the other, so that one
/// that needs too much memory does not keep the others from being trained.
///
/// strategies   empty: trained_strategies(), and of `neural` and `blend` what is in production.
/// Errors   as train_site, when no strategy could be trained (that of the first).
[[nodiscard]] Result<SiteTraining> train_strategies(store::Store& store, const Clock& clock,
                                                    const TrainOptions& options,
                                                    const std::vector<std::string>& strategies,
                                                    const ProgressSink& progress = {});

/// `attune train-worker --in F --out F --model TEXT --site ID --trained-ms N --memory-bytes N
/// --nice N [--held-out no]`: reads an export, measures a model on held-out visits, trains on all
/// of them, writes the artefact. Standard output gets lines "progress SHARE STAGE" and at the end
/// "result" with key=value fields; errors go to standard error. Hidden from users; `main` calls
/// this before anything else. attune-neural calls it with `neural`; without one, neural models are
/// refused.
///
/// Returns  the exit code, or nothing when the arguments do not ask for a worker.
std::optional<int> run_train_worker(int argc, const char* const* argv,
                                    const NeuralTrainer& neural = {});

struct ActiveModel {
  std::string strategy;
  std::string version;
  std::string artefact_path;
  std::string algorithm;
  std::int64_t trained_ms = 0;
  std::string status;
};

/// The site's models in production, by strategy; at most one of each.
[[nodiscard]] Result<std::vector<ActiveModel>> active_models(store::Session& session,
                                                             const Uuid& site);

/// The one of a strategy, if there is one.
[[nodiscard]] Result<std::optional<ActiveModel>> active_model(
    store::Session& session, const Uuid& site, std::string_view strategy = kSequential);

/// Puts a registered model into service, whatever the gate said; the current one of its strategy is
/// archived in the same transaction.
/// Errors   not_found: no such model; failed_precondition: its artefact is gone, damaged, or
///          another model's.
[[nodiscard]] Result<ActiveModel> promote_model(store::Store& store, const Clock& clock,
                                                const Uuid& site, std::string_view strategy,
                                                std::string_view version);

/// Puts the production model before this one back; the current one is archived.
///
/// Returns  the model now in production.
/// Errors   failed_precondition: there is no earlier model whose artefact is still good.
[[nodiscard]] Result<ActiveModel> rollback_model(store::Store& store, const Clock& clock,
                                                 const Uuid& site,
                                                 std::string_view strategy = kSequential);

}  // namespace attune::learn
