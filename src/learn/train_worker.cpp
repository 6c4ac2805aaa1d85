// The child's side of training: no database, no network, a file in and a file out.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <csignal>

#include <fmt/core.h>

#include "base/file_system.h"
#include "learn/models.h"
#include "learn/site_model.h"
#include "learn/train.h"
#include "learn/worker_protocol.h"

namespace attune::learn {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::size_t kHeldOutPredictions = 200;  // enough for an interval that says something
constexpr std::int64_t kHeldOutDaysMax = 7;
constexpr double kHeldOutShareMax = 0.3;

struct WorkerOptions {
  std::string in_path;
  std::string out_path;
  std::string model;
  std::string site_id;
  std::int64_t trained_ms = 0;
  std::uint64_t memory_bytes = 0;
  int nice = 0;
};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool set_option(WorkerOptions& options, std::string_view name, std::string_view value) {
  if (name == "--in")
    options.in_path = value;
  else if (name == "--out")
    options.out_path = value;
  else if (name == "--model")
    options.model = value;
  else if (name == "--site")
    options.site_id = value;
  else if (name == "--trained-ms")
    return read_number(value, options.trained_ms);
  else if (name == "--memory-bytes")
    return read_number(value, options.memory_bytes);
  else if (name == "--nice")
    return read_number(value, options.nice);
  else
    return false;
  return true;
}

[[noreturn]] void out_of_memory() {
  std::fputs("out of memory\n", stderr);
  std::_Exit(kExitOutOfMemory);
}

void lower_limits(const WorkerOptions& options) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the server must not leave a trainer behind
  ::setpriority(PRIO_PROCESS, 0, options.nice);
  std::set_new_handler(out_of_memory);
#ifndef ATTUNE_SANITIZED  // sanitizers map more than any limit that makes sense
  if (options.memory_bytes > 0) {
    const rlimit limit{options.memory_bytes, options.memory_bytes};
    ::setrlimit(RLIMIT_DATA, &limit);
  }
#endif
}

/// Number of visits that end before `time_ms`.
std::size_t visits_before(const SessionLog& log, std::int64_t time_ms) {
  std::size_t low = 0;
  std::size_t high = log.session_count();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (log.end_ms(middle) < time_ms)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// The first visit to hold out.
std::size_t held_out_begin(const SessionLog& log) {
  const std::size_t count = log.session_count();
  const std::size_t trained_min =
      count - static_cast<std::size_t>(kHeldOutShareMax * static_cast<double>(count));
  for (std::int64_t days = 1; days <= kHeldOutDaysMax; ++days) {
    const std::size_t begin = visits_before(log, log.end_ms(count - 1) - days * kDay);
    if (begin < trained_min) break;
    const std::size_t predictions = log.begins[count] - log.begins[begin] - (count - begin);
    if (predictions >= kHeldOutPredictions) return begin;
  }
  return count - std::max<std::size_t>(1, count / 5);
}

void say_progress(std::string_view stage, double done) {
  fmt::print("{} {:.3f} {}\n", kProgressWord, done, stage);
  std::fflush(stdout);
}

Result<void> train_file(const WorkerOptions& options) {
  FileSystem& files = real_file_system();
  say_progress("reading visits", 0);
  ATTUNE_ASSIGN(const SessionLog log, load_session_log(files, options.in_path));
  ATTUNE_ASSIGN(const ModelParams params, parse_params(options.model));
  say_progress("measuring on held-out visits", 0.2);
  WorkerResult result;
  result.held_out = measure_held_out(log, params);
  say_progress("training", 0.6);
  const SiteModel model = make_site_model(log, params, options.site_id, options.trained_ms);
  say_progress("writing the model", 0.9);
  ATTUNE_TRY(save_site_model(files, model, options.out_path));
  result.version = model.version;
  result.algorithm = model.model->algorithm();
  fmt::print("{}\n", to_line(result));
  std::fflush(stdout);
  return {};
}

}  // namespace

HeldOut measure_held_out(const SessionLog& log, const ModelParams& params) {
  HeldOut result;
  if (log.session_count() < 2) return result;
  const std::size_t begin = held_out_begin(log);
  result.from_ms = log.end_ms(begin);
  const SessionLog train = slice(log, 0, begin);
  const SessionLog test = slice(log, begin, log.session_count());
  ModelParams popularity;
  popularity.algorithm = Algorithm::popularity;
  const BootstrapOptions bootstrap;
  const Evaluation model = train_and_evaluate(params, train, test, bootstrap);
  const Evaluation baseline = train_and_evaluate(popularity, train, test, bootstrap);
  result.model = model.quality;
  result.popularity = baseline.quality;
  result.predictions = model.hits.size();
  if (const auto comparison = compare(model, baseline, bootstrap);
      comparison && !model.hits.empty()) {
    result.mrr_gain = comparison->by_session.mrr;
    result.not_better = comparison->mrr_not_better;
  }
  return result;
}

std::optional<int> run_train_worker(int argc, const char* const* argv) {
  if (argc < 2 || std::string_view(argv[1]) != kWorkerCommand) return std::nullopt;
  WorkerOptions options;
  for (int i = 2; i < argc; i += 2) {
    if (i + 1 == argc || !set_option(options, argv[i], argv[i + 1])) {
      fmt::print(stderr, "{}: bad option {}\n", kWorkerCommand, argv[i]);
      return EXIT_FAILURE;
    }
  }
  lower_limits(options);
  if (auto done = train_file(options); !done) {
    fmt::print(stderr, "{}\n", done.error().message());
    return done.error().code() == ErrorCode::resource_exhausted ? kExitOutOfMemory : EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace attune::learn
