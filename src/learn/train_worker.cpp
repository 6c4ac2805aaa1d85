// The child's side of training: no database, no network, a file in and a file out.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/file_system.h"
#include "base/json_writer.h"
#include "learn/models.h"
#include "learn/site_evaluation.h"
#include "learn/site_model.h"
#include "learn/training_data.h"
#include "learn/train.h"
#include "learn/tune_strategy.h"
#include "learn/worker_protocol.h"

namespace attune::learn {
namespace {

struct WorkerOptions {
  std::string task;   // empty: train
  std::string in_path;
  std::string out_path;
  std::string model;
  std::string site_id;
  std::int64_t trained_ms = 0;
  std::uint64_t memory_bytes = 0;
  int nice = 0;
  std::string protocol;        // evaluate
  std::string strategy;        // evaluate: empty: all
  std::uint32_t resamples = 0;
  std::string tuned_folder;    // evaluate
  TuneStrategyOptions tune;
  std::string present_path;  // the artefact in production; empty: none
  bool held_out = true;  // measure on held-out visits before training on all
};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool set_option(WorkerOptions& options, std::string_view name, std::string_view value) {
  if (name == "--task")
    options.task = value;
  else if (name == "--protocol")
    options.protocol = value;
  else if (name == "--strategy")
    options.strategy = value;
  else if (name == "--resamples")
    return read_number(value, options.resamples);
  else if (name == "--tuned")
    options.tuned_folder = value;
  else if (name == "--trials")
    return read_number(value, options.tune.trials);
  else if (name == "--seconds")
    return read_number(value, options.tune.seconds);
  else if (name == "--in")
    options.in_path = value;
  else if (name == "--out")
    options.out_path = value;
  else if (name == "--model")
    options.model = value;
  else if (name == "--present")
    options.present_path = value;
  else if (name == "--site")
    options.site_id = value;
  else if (name == "--trained-ms")
    return read_number(value, options.trained_ms);
  else if (name == "--memory-bytes")
    return read_number(value, options.memory_bytes);
  else if (name == "--nice")
    return read_number(value, options.nice);
  else if (name == "--held-out")
    options.held_out = value == "yes";
  else
    return false;
  return true;
}

Result<void> write_report(const std::string& path, const std::string& text,
                          const std::string& json_text) {
  std::string report;
  JsonWriter json(report);
  json.begin_object();
  json.key("text");
  json.text(text);
  json.key("report");
  json.raw(json_text);
  json.end_object();
  return replace_file(real_file_system(), path, report);
}

Result<void> evaluate_file(const WorkerOptions& options) {
  ATTUNE_ASSIGN(const TrainingData data, load_training_data(real_file_system(), options.in_path));
  SiteEvaluationOptions wanted;
  ATTUNE_ASSIGN(wanted.protocol, parse_protocol(options.protocol));
  if (!options.strategy.empty()) wanted.strategies = {options.strategy};
  wanted.bootstrap.resamples = options.resamples;
  wanted.tuned_folder = options.tuned_folder;
  wanted.neural.memory_bytes_max = options.memory_bytes;
  ATTUNE_ASSIGN(const SiteEvaluation evaluation, evaluate_strategies(data, wanted, say_progress));
  return write_report(options.out_path, to_text(evaluation), to_json(evaluation));
}

Result<void> tune_file(const WorkerOptions& options) {
  ATTUNE_ASSIGN(const TrainingData data, load_training_data(real_file_system(), options.in_path));
  TuneStrategyOptions wanted = options.tune;
  wanted.strategy = options.strategy;
  ATTUNE_ASSIGN(const TunedStrategy tuned, tune_strategy(data, wanted, say_progress));
  return write_report(options.out_path, to_text(tuned), to_json(tuned));
}

/// Nothing: there is none, or its file is not one that this program reads.
std::optional<ModelParams> present_params(const WorkerOptions& options) {
  if (options.present_path.empty()) return std::nullopt;
  const auto model = load_site_model(real_file_system(), options.present_path);
  if (!model) return std::nullopt;
  return (*model)->params;
}

Result<void> train_file(const WorkerOptions& options, const NeuralTrainer& neural) {
  FileSystem& files = real_file_system();
  say_progress("reading visits", 0);
  ATTUNE_ASSIGN(const TrainingData data, load_training_data(files, options.in_path));
  ATTUNE_ASSIGN(ModelParams params, parse_params(options.model));
  if (needs_program(params.algorithm) && !neural) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("{} models are trained by attune-neural", name_of(params.algorithm)));
  }
  WorkerResult result;
  if (options.held_out) {
    say_progress("choosing between repeats and none", 0.1);
    // A blend takes the answer of the strategy that says most, instead of training all for it.
    const bool blends = params.algorithm == Algorithm::lambdamart;
    const SessionLog known = slice(data.log, 0, held_out_begin(data.log));
    params.drop_current =
        !repeats_help(known, data.catalogue, blends ? default_params() : params);
    say_progress("measuring on held-out visits", 0.3);
    const std::optional<ModelParams> present = present_params(options);
    result.held_out = measure_held_out(data, params, present ? &*present : nullptr, neural);
  }
  say_progress("training", 0.6);
  const SiteModel model = make_site_model(data.log, params, options.site_id, options.trained_ms,
                                          data.catalogue, neural);
  say_progress("writing the model", 0.9);
  ATTUNE_TRY(save_site_model(files, model, options.out_path));
  result.version = model.version;
  result.algorithm = model.model->algorithm();
  fmt::print("{}\n", to_line(result));
  std::fflush(stdout);
  return {};
}

int exit_code_of(ErrorCode code) {
  if (code == ErrorCode::resource_exhausted) return kExitOutOfMemory;
  const bool refused =
      code == ErrorCode::failed_precondition || code == ErrorCode::invalid_argument;
  return refused ? kExitRefused : EXIT_FAILURE;
}

}  // namespace

std::optional<int> run_train_worker(int argc, const char* const* argv,
                                    const NeuralTrainer& neural) {
  if (argc < 2 || std::string_view(argv[1]) != kWorkerCommand) return std::nullopt;
  WorkerOptions options;
  for (int i = 2; i < argc; i += 2) {
    if (i + 1 == argc || !set_option(options, argv[i], argv[i + 1])) {
      fmt::print(stderr, "{}: bad option {}\n", kWorkerCommand, argv[i]);
      return EXIT_FAILURE;
    }
  }
  lower_limits(options.memory_bytes, options.nice);
  auto done = options.task == kEvaluateTask ? evaluate_file(options)
              : options.task == kTuneTask   ? tune_file(options)
                                            : train_file(options, neural);
  if (!done) {
    fmt::print(stderr, "{}\n", done.error().message());
    return exit_code_of(done.error().code());
  }
  return EXIT_SUCCESS;
}

}  // namespace attune::learn
