// The numbers of docs/recommenders.md: `tune` searches hyperparameters on validation data, `table`
// measures models on test data and prints the page's section. bench/learn/run calls both in order.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "learn/evaluation.h"
#include "learn/tune.h"

namespace attune::learn {
namespace {

/// One line that rewrites itself on a terminal; lines at every tenth elsewhere.
class Bar {
 public:
  explicit Bar(bool is_terminal) : is_terminal_(is_terminal) {}
  ~Bar() {
    if (is_terminal_) std::fputs("\n", stderr);
  }
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;
  void show(std::string_view stage, double done) {
    const int tenth = static_cast<int>(done * 10);
    if (!is_terminal_ && tenth == last_tenth_) return;
    last_tenth_ = tenth;
    fmt::print(stderr, "{}{:3.0f} %  {}{}", is_terminal_ ? "\r" : "", 100 * done, stage,
               is_terminal_ ? "   " : "\n");
  }

 private:
  bool is_terminal_;
  int last_tenth_ = -1;
};

std::string with_interval(double value, const Interval& interval) {
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", value, interval.low, interval.high);
}

void print_row(std::string_view name, const Evaluation& e) {
  fmt::print("| {} | {} | {} | {:.4f} | {:.3f} | {:.0f} / {:.0f} | {:.2f} | {:.1f} |\n", name,
             with_interval(e.quality.hit_rate, e.by_session.hit_rate),
             with_interval(e.quality.mrr, e.by_session.mrr), e.quality.ndcg, e.lists.coverage,
             e.latency_p50_us, e.latency_p99_us, e.train_seconds,
             static_cast<double>(e.model_bytes) / (1 << 20));
}

void print_difference(std::string_view measure, double value, const Interval& by_visit,
                      const Interval& by_prediction, double not_better) {
  fmt::print("| {} | {:+.4f} | [{:+.4f}, {:+.4f}] | [{:+.4f}, {:+.4f}] | {:.2f} % |\n", measure,
             value, by_visit.low, by_visit.high, by_prediction.low, by_prediction.high,
             100 * not_better);
}

struct TableOptions {
  std::string train_path;
  std::string test_path;
  std::string model = "default";
  std::string program;  // attune-neural
};

void print_comparison(const Comparison& c) {
  fmt::print(
      "| measure | difference | 95 %, by visit | 95 %, by prediction | resamples (by visit) not "
      "better |\n"
      "|---|---|---|---|---|\n");
  print_difference("HR@20", c.difference.hit_rate, c.by_session.hit_rate, c.by_prediction.hit_rate,
                   c.hit_rate_not_better);
  print_difference("MRR@20", c.difference.mrr, c.by_session.mrr, c.by_prediction.mrr,
                   c.mrr_not_better);
}

int run_table(const TableOptions& options) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"popularity", "popularity"},
      {"Markov chain", "transitions:t_steps=1"},
      {"sequential rules", "transitions"},
      {"VS-kNN (k 500, m 5000)", "vsknn"},
      {"STAN (k 500, m 5000)", "stan"},
      {"VMIS-kNN, published (k 50, m 500, last 2)", "published"},
      {"VMIS-kNN (k 288, m 1502, last 4)", "published:m=1502,k=288,last=4"},
      {"`trending`", "trending"},
      {"`item_to_item`", "item_to_item"},
      {"`collaborative` (iALS)", "ials"},
      {"`ease`", "ease"},
      {"`graph`", "graph"},
      {"`neural` (self-attention)", "neural:epochs=5,patience=0,rate=0.003,dropout=0.3"},
      {"**`blend`** (LambdaMART)", "lambdamart"},
      {"**`sequential`, Attune's default**", options.model}};
  std::vector<Evaluation> all;
  for (const auto& row : rows) {
    EvaluateOptions one;
    one.train_path = options.train_path;
    one.test_path = options.test_path;
    one.model = row.second;
    one.neural.path = options.program;
    auto report = evaluate_sessions(one);
    if (!report) {
      fmt::print(stderr, "learn_bench: {}\n", report.error().message());
      return 1;
    }
    if (all.empty()) {
      fmt::print(
          "{} predictions in {} test visits; trained on {} clicks in {} visits, {} items.\n\n",
          report->model.hits.size(), report->model.sessions, report->train_clicks,
          report->train_sessions, report->train_items);
    }
    all.push_back(std::move(report->model));
  }
  fmt::print(
      "| model | HR@20 [95 %, by visit] | MRR@20 [95 %, by visit] | NDCG@20 | coverage | answer "
      "p50 / "
      "p99 (us) | training (s) | artefact (MiB) |\n|---|---|---|---|---|---|---|---|\n");
  for (std::size_t i = 0; i < rows.size(); ++i) print_row(rows[i].first, all[i]);
  const auto difference = compare(all.back(), all[5], {});
  const auto blended = compare(all[all.size() - 2], all.back(), {});
  if (!difference || !blended) return 1;
  fmt::print("\nThe default minus the published configuration, on the same predictions:\n\n");
  print_comparison(*difference);
  fmt::print("\n`blend` minus the default:\n\n");
  print_comparison(*blended);
  fmt::print("\nThe default's parameters: `{}`\n", to_text(all.back().params));
  return 0;
}

struct MeasureOptions {
  std::string train_path;
  std::string test_path;
  std::vector<std::string> models;
};

/// One line a model: what a choice of parameters on validation data needs.
int run_measure(const MeasureOptions& options) {
  const auto train = read_session_file(options.train_path);
  const auto test = read_session_file(options.test_path);
  if (!train || !test) {
    fmt::print(stderr, "learn_bench: {}\n", (train ? test : train).error().message());
    return 1;
  }
  for (const std::string& model : options.models) {
    const auto params = parse_params(model);
    if (!params) {
      fmt::print(stderr, "learn_bench: {}\n", params.error().message());
      return 1;
    }
    const Evaluation e = train_and_evaluate(*params, *train, *test, {.resamples = 0});
    fmt::print("HR@20 {:.4f} MRR@20 {:.4f} coverage {:.3f} p50 {:.0f} us p99 {:.0f} us, {:.1f} s, "
               "{} bytes  {}\n",
               e.quality.hit_rate, e.quality.mrr, e.lists.coverage, e.latency_p50_us,
               e.latency_p99_us, e.train_seconds, e.model_bytes, model);
    std::fflush(stdout);
  }
  return 0;
}

int run_tune(const TuneOptions& options, bool is_terminal) {
  Bar bar(is_terminal);
  const auto report =
      tune_sessions(options, [&](std::string_view stage, double done) { bar.show(stage, done); });
  if (!report) {
    fmt::print(stderr, "learn_bench: {}\n", report.error().message());
    return 1;
  }
  fmt::print(stderr, "{}", to_text(*report));
  fmt::print("{}\n", to_text(report->trials.front().params));
  return 0;
}

}  // namespace
}  // namespace attune::learn

int main(int argc, char** argv) {
  using namespace attune::learn;
  CLI::App app{"Tunes and measures session models"};
  app.require_subcommand(1);
  TuneOptions tune;
  auto* tune_command =
      app.add_subcommand("tune", "search on validation data; prints the best model");
  tune_command->add_option("--train", tune.train_path)->required();
  tune_command->add_option("--valid", tune.valid_path)->required();
  tune_command->add_option("--trials", tune.trials)->capture_default_str();
  tune_command->add_option("--seed", tune.seed)->capture_default_str();
  tune_command->add_option("--threads", tune.threads)->capture_default_str();
  TableOptions table;
  auto* table_command = app.add_subcommand("table", "measure on test data; prints Markdown");
  table_command->add_option("--train", table.train_path)->required();
  table_command->add_option("--test", table.test_path)->required();
  table_command->add_option("--model", table.model)->capture_default_str();
  table_command->add_option("--program", table.program, "attune-neural, for `neural` and `blend`")
      ->required();
  MeasureOptions measure;
  auto* measure_command = app.add_subcommand("measure", "measure models; prints a line each");
  measure_command->add_option("--train", measure.train_path)->required();
  measure_command->add_option("--test", measure.test_path, "validation data")->required();
  measure_command->add_option("models", measure.models, "parameters")->required();
  CLI11_PARSE(app, argc, argv);
  if (*measure_command) return run_measure(measure);
  return *tune_command ? run_tune(tune, isatty(fileno(stderr)) != 0) : run_table(table);
}
