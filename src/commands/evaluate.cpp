#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "commands/commands.h"
#include "commands/progress.h"

namespace attune::commands {

void add_evaluate_options(CLI::App& command, EvaluateCommand& evaluate) {
  learn::EvaluateOptions& options = evaluate.options;
  command.add_option("--train", options.train_path, "sessions to learn from")->required();
  command.add_option("--test", options.test_path, "sessions to predict")->required();
  command.add_option("--model", options.model, "a preset or NAME:key=value,...")->capture_default_str();
  command.add_option("--compare", options.compare_with, "another model on the same predictions");
  command.add_option("--resamples", options.bootstrap.resamples, "of the bootstrap intervals")
      ->capture_default_str();
  command.add_option("--seed", options.bootstrap.seed, "of the bootstrap")->capture_default_str();
  command.add_option("--format", evaluate.format, "of the report")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

Result<void> run_evaluate(const EvaluateCommand& command, const Clock& clock) {
  Progress progress("evaluating", "", clock);
  const auto show = [&progress](std::string_view stage, double done) {
    progress.update(done, 0, stage);
  };
  auto report = learn::evaluate_sessions(command.options, show);
  progress.finish();
  if (!report) return pass(report);
  fmt::print("{}\n", command.format == "json" ? learn::to_json(*report) : learn::to_text(*report));
  return {};
}

void add_evaluate_bandit_options(CLI::App& command, EvaluateBanditCommand& evaluate) {
  learn::OffPolicyOptions& options = evaluate.what.options;
  command.add_option("--log", evaluate.what.log_path,
                     "CSV with item_id, click, propensity_score, and position if there are several")
      ->required();
  command.add_option("--policy", evaluate.what.policy,
                     "uniform, or a CSV file with item_id, probability, and position if it differs")
      ->capture_default_str();
  command.add_option("--switch-above", options.switch_above,
                     "Switch-DR leaves larger weights to the reward model")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--resamples", options.bootstrap.resamples, "of the bootstrap intervals")
      ->check(CLI::Range(0U, 100'000U))
      ->capture_default_str();
  command.add_option("--seed", options.bootstrap.seed, "of the bootstrap")->capture_default_str();
  command.add_option("--format", evaluate.format, "of the report")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

Result<void> run_evaluate_bandit(const EvaluateBanditCommand& command) {
  const auto report = learn::evaluate_bandit(command.what);
  if (!report) return tl::unexpected<Error>(report.error());
  fmt::print("{}\n", command.format == "json" ? learn::to_json(*report) : learn::to_text(*report));
  return {};
}

void add_evaluate_people_options(CLI::App& command, EvaluatePeopleCommand& evaluate) {
  learn::PeopleEvaluation& what = evaluate.what;
  command.add_option("--log", what.log_path, "CSV: who took what, one pair a line")->required();
  command.add_option("--user-column", what.user_column, "of the CSV")->capture_default_str();
  command.add_option("--item-column", what.item_column, "of the CSV")->capture_default_str();
  command.add_option("--model", what.model,
                     "popular, ease:lambda=, or ials:factors=,epochs=,unobserved=,lambda=")
      ->capture_default_str();
  command.add_option("--people", what.hold_out.people, "held out, at most half")
      ->capture_default_str();
  command.add_option("--seed", what.hold_out.seed, "of who is held out")->capture_default_str();
  command.add_option("--resamples", what.bootstrap.resamples, "of the bootstrap intervals")
      ->check(CLI::Range(0U, 100'000U))
      ->capture_default_str();
  command.add_option("--format", evaluate.format, "of the report")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

Result<void> run_evaluate_people(const EvaluatePeopleCommand& command) {
  const auto report = learn::evaluate_people(command.what);
  if (!report) return tl::unexpected<Error>(report.error());
  fmt::print("{}\n", command.format == "json" ? learn::to_json(*report) : learn::to_text(*report));
  return {};
}

}  // namespace attune::commands
