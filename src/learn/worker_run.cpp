#include "learn/worker_run.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "learn/child_process.h"
#include "learn/site_data.h"
#include "learn/training_data.h"
#include "learn/worker_protocol.h"

namespace attune::learn {
namespace {

void hear_progress(std::string_view line, const ProgressSink& progress) {
  std::string_view rest = line.substr(kProgressWord.size());
  rest.remove_prefix(std::min(rest.size(), std::size_t{1}));
  const std::size_t space = rest.find(' ');
  double done = 0;
  std::from_chars(rest.data(), rest.data() + std::min(space, rest.size()), done);
  if (space != std::string_view::npos) progress(rest.substr(space + 1), done);
}

Result<void> check_end(const ChildExit& ended, const TrainOptions& options) {
  if (ended.code == kExitOutOfMemory) {
    return fail(
        ErrorCode::resource_exhausted,
        fmt::format("training ran out of the {} MiB it may use: raise recommend.train_memory_mb, "
                    "or name one strategy",
                    options.worker_memory_bytes_max >> 20));
  }
  if (ended.code == kExitRefused) {
    return fail(ErrorCode::failed_precondition,
                ended.error_text.substr(0, ended.error_text.find('\n')));
  }
  if (ended.code == 0) return {};
  return fail(ErrorCode::internal,
              fmt::format("the training process ended with {} {}: {}",
                          ended.signal != 0 ? "signal" : "code",
                          ended.signal != 0 ? ended.signal : ended.code, ended.error_text));
}

}  // namespace

std::string folder_of(const TrainOptions& options) {
  return fmt::format("{}/models/{}", options.data_dir, options.site.text());
}

Result<void> export_site(store::Store& store, const Clock& clock, const TrainOptions& options,
                         const std::string& path) {
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_ASSIGN(const TrainingData data, read_training_data(*session, options.site, clock.now_ms(),
                                                            options.history));
  std::size_t visits = 0;
  for (std::size_t v = 0; v < data.log.session_count(); ++v) {
    visits += data.log.session(v).size() > 1 ? 1 : 0;
  }
  if (visits < 2) {
    return fail(
        ErrorCode::failed_precondition,
        fmt::format("the site has {} visits with at least two items; a model needs two. Events of "
                    "kind product_view, cart_add or purchase with items make such visits",
                    visits));
  }
  return save_training_data(real_file_system(), data, path);
}

Result<void> run_worker(const TrainOptions& options, const WorkerRun& run,
                        const ProgressSink& progress) {
  ChildOptions child;
  child.program = run.program.empty() ? options.worker_program : run.program;
  child.arguments = {std::string(kWorkerCommand),
                     "--memory-bytes",
                     fmt::format("{}", options.worker_memory_bytes_max),
                     "--nice",
                     fmt::format("{}", options.worker_nice)};
  child.arguments.insert(child.arguments.end(), run.arguments.begin(), run.arguments.end());
  child.wait_ms_max = options.worker_seconds_max * 1000;
  child.stop_requested = options.stop_requested;
  child.on_line = [&](std::string_view line) {
    if (line.starts_with(kResultWord) && run.on_result) run.on_result(line);
    if (line.starts_with(kProgressWord) && progress) hear_progress(line, progress);
  };
  auto ended = run_child(child);
  if (!ended && ended.error().code() == ErrorCode::deadline_exceeded) {
    return fail(ErrorCode::resource_exhausted, "training: " + ended.error().message());
  }
  if (!ended) return pass(ended, "training");
  return check_end(*ended, options);
}

}  // namespace attune::learn
