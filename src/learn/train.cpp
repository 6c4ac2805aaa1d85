#include "learn/train.h"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/core.h>
#include <openssl/evp.h>

#include "base/file_system.h"
#include "learn/child_process.h"
#include "learn/registry.h"
#include "learn/site_model.h"
#include "learn/worker_protocol.h"

namespace attune::learn {
namespace {

// Below this many predictions an interval says nothing, whatever it is.
constexpr std::uint64_t kPredictionsMin = 20;
// The model must have the higher MRR in so many of the resamples (by visit) of the held-out visits.
constexpr double kNotBetterMax = 0.10;
// Archived artefacts kept for going back.
constexpr std::int64_t kArtefactsKept = 10;

/// Removes a file when it goes out of scope, if it is there.
class TemporaryFile {
 public:
  TemporaryFile(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~TemporaryFile() { (void)files_.remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  FileSystem& files_;
  std::string path_;
};

Result<SessionLog> export_visits(store::Store& store, const Clock& clock,
                                 const TrainOptions& options) {
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_ASSIGN(SessionLog log,
                load_sessions(*session, options.site, clock.now_ms(), options.history));
  if (log.session_count() < 2) {
    return fail(
        ErrorCode::failed_precondition,
        fmt::format("the site has {} visits with at least two items; a model needs two. Events of "
                    "kind product_view, cart_add or purchase with items make such visits",
                    log.session_count()));
  }
  return log;
}

/// Understands the worker's lines as they come.
struct WorkerListener {
  const ProgressSink& progress;
  std::optional<Result<WorkerResult>> result;

  void hear(std::string_view line) {
    if (line.starts_with(kResultWord)) {
      result = parse_result_line(line);
    } else if (line.starts_with(kProgressWord) && progress) {
      std::string_view rest = line.substr(kProgressWord.size());
      rest.remove_prefix(std::min(rest.size(), std::size_t{1}));
      const std::size_t space = rest.find(' ');
      double done = 0;
      std::from_chars(rest.data(), rest.data() + std::min(space, rest.size()), done);
      if (space != std::string_view::npos) progress(rest.substr(space + 1), done);
    }
  }
};

Result<WorkerResult> run_worker(const TrainOptions& options, const std::string& in_path,
                                const std::string& out_path, std::int64_t trained_ms,
                                const ProgressSink& progress) {
  WorkerListener listener{.progress = progress, .result = {}};
  ChildOptions child;
  child.program = options.worker_program;
  child.arguments = {std::string(kWorkerCommand),
                     "--in",
                     in_path,
                     "--out",
                     out_path,
                     "--model",
                     to_text(options.params),
                     "--site",
                     options.site.text(),
                     "--trained-ms",
                     fmt::format("{}", trained_ms),
                     "--memory-bytes",
                     fmt::format("{}", options.worker_memory_bytes_max),
                     "--nice",
                     fmt::format("{}", options.worker_nice)};
  child.wait_ms_max = options.worker_seconds_max * 1000;
  child.stop_requested = options.stop_requested;
  child.on_line = [&](std::string_view line) { listener.hear(line); };
  auto ended = run_child(child);
  if (!ended) {
    if (ended.error().code() == ErrorCode::deadline_exceeded) {
      return fail(ErrorCode::resource_exhausted, "training: " + ended.error().message());
    }
    return pass(ended, "training");
  }
  if (ended->code == kExitOutOfMemory) {
    return fail(
        ErrorCode::resource_exhausted,
        fmt::format("training ran out of the {} MiB it may use; shorten the history or raise the "
                    "limit",
                    options.worker_memory_bytes_max >> 20));
  }
  if (ended->code != 0 || !listener.result) {
    return fail(ErrorCode::internal,
                fmt::format("the training process ended with {} {}: {}",
                            ended->signal != 0 ? "signal" : "code",
                            ended->signal != 0 ? ended->signal : ended->code, ended->error_text));
  }
  return *listener.result;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

/// Decides whether a model may serve, and says why in one sentence.
bool passes_gate(const HeldOut& held, std::string& verdict) {
  const std::string numbers =
      fmt::format("MRR@20 {:.4f} against {:.4f} of popularity on {} held-out predictions",
                  held.model.mrr, held.popularity.mrr, held.predictions);
  if (held.predictions < kPredictionsMin) {
    verdict = fmt::format("archived: only {} held-out predictions, {} are needed to judge it",
                          held.predictions, kPredictionsMin);
    return false;
  }
  if (held.model.mrr <= held.popularity.mrr || held.not_better > kNotBetterMax) {
    verdict = fmt::format(
        "archived: not reliably better than popularity ({}; worse or equal in {:.1f} % "
        "of resamples)",
        numbers, 100 * held.not_better);
    return false;
  }
  verdict = fmt::format("in production: {}", numbers);
  return true;
}

}  // namespace

Result<TrainReport> train_site(store::Store& store, const Clock& clock, const TrainOptions& options,
                               const ProgressSink& progress) {
  const std::int64_t started_us = clock.steady_us();
  const std::int64_t trained_ms = clock.now_ms();
  FileSystem& files = real_file_system();
  const std::string folder = fmt::format("{}/models/{}", options.data_dir, options.site.text());
  ATTUNE_TRY(files.create_folder(folder));
  if (progress) progress("reading the site's visits", 0);
  ATTUNE_ASSIGN(const SessionLog log, export_visits(store, clock, options));
  const TemporaryFile export_file(files, fmt::format("{}/export-{}.tmp", folder, trained_ms));
  const TemporaryFile made_file(files, fmt::format("{}/model-{}.tmp", folder, trained_ms));
  ATTUNE_TRY(save_session_log(files, log, export_file.path()));
  ATTUNE_ASSIGN(const WorkerResult made,
                run_worker(options, export_file.path(), made_file.path(), trained_ms, progress));
  // Read back what the child wrote, as the server will: what cannot be loaded is not registered.
  ATTUNE_ASSIGN(const auto model, load_site_model(files, made_file.path()));
  ATTUNE_ASSIGN(const std::string bytes, read_file(files, made_file.path(), ~std::uint64_t{0}));

  TrainReport report;
  report.version = made.version;
  report.algorithm = made.algorithm;
  report.artefact_path = fmt::format("{}/{}.model", folder, made.version);
  report.artefact_bytes = bytes.size();
  report.sessions = model->sessions;
  report.clicks = model->clicks;
  report.items = model->item_ids.size();
  report.held_out = made.held_out;
  report.promoted = passes_gate(made.held_out, report.verdict);
  ATTUNE_TRY(files.rename(made_file.path(), report.artefact_path));
  ATTUNE_TRY(files.sync_folder(folder));
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_TRY(register_model(*session, {.site = options.site,
                                       .report = report,
                                       .params = model->params,
                                       .sha256 = sha256_hex(bytes),
                                       .trained_ms = trained_ms,
                                       .data_begin_ms = model->data_begin_ms,
                                       .data_end_ms = model->data_end_ms}));
  ATTUNE_TRY(remove_surplus_artefacts(*session, files, options.site, kArtefactsKept));
  report.seconds = static_cast<double>(clock.steady_us() - started_us) / 1e6;
  return report;
}

std::string to_text(const TrainReport& report) {
  const HeldOut& held = report.held_out;
  return fmt::format(
      "model {} ({}): {} clicks in {} visits, {} items, {} bytes, {:.1f} s\n"
      "held out: HR@20 {:.4f}, MRR@20 {:.4f}, NDCG@20 {:.4f}; popularity {:.4f}, {:.4f}, {:.4f}; "
      "{} predictions\n{}\n",
      report.version, report.algorithm, report.clicks, report.sessions, report.items,
      report.artefact_bytes, report.seconds, held.model.hit_rate, held.model.mrr, held.model.ndcg,
      held.popularity.hit_rate, held.popularity.mrr, held.popularity.ndcg, held.predictions,
      report.verdict);
}

std::string to_json(const TrainReport& report) {
  return fmt::format(
      "{{\"version\":\"{}\",\"algorithm\":\"{}\",\"sessions\":{},\"clicks\":{},\"items\":{},"
      "\"artefact_bytes\":{},\"metrics\":{},\"promoted\":{},\"verdict\":\"{}\",\"seconds\":{:.3f}}"
      "}",
      report.version, report.algorithm, report.sessions, report.clicks, report.items,
      report.artefact_bytes, to_json(report.held_out), report.promoted, report.verdict,
      report.seconds);
}

}  // namespace attune::learn
