#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <boost/json.hpp>

#include "commands/channel.h"
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
  CLI::Option* log = command.add_option(
      "--log", evaluate.what.log_path,
      "CSV with item_id, click, propensity_score, and position if there are several");
  command.add_option("--site", evaluate.site, "the decisions of this site instead, of its server")
      ->excludes(log);
  command.add_option("--placement", evaluate.placement, "of the site: only of this one");
  command.add_option("--days", evaluate.days, "of the site's decisions")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  command.add_option("--policy", evaluate.what.policy,
                     "uniform; of a site also blend (its strategies without a bandit); of a log "
                     "also a CSV file with item_id, probability, and position if it differs")
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

Result<void> run_evaluate_bandit(const EvaluateBanditCommand& command,
                                 const ChannelOptions& channel_options) {
  if (!command.site.empty()) {
    ATTUNE_ASSIGN(const auto channel, Channel::open(channel_options));
    std::string target = fmt::format("/api/v1/sites/{}/bandits/evaluation?policy={}&days={}",
                                     encode_component(command.site),
                                     encode_component(command.what.policy), command.days);
    if (!command.placement.empty()) target += "&placement=" + encode_component(command.placement);
    ATTUNE_ASSIGN(const boost::json::value answer, channel->call("GET", target));
    const bool is_json = command.format == "json";
    fmt::print("{}\n", is_json ? boost::json::serialize(answer.at("report"))
                               : std::string(answer.at("text").as_string()));
    return {};
  }
  if (command.what.log_path.empty()) {
    return fail(ErrorCode::invalid_argument, "name a file (--log) or a site (--site)");
  }
  const auto report = learn::evaluate_bandit(command.what);
  if (!report) return tl::unexpected<Error>(report.error());
  fmt::print("{}\n", command.format == "json" ? learn::to_json(*report) : learn::to_text(*report));
  return {};
}

namespace {

/// {"text":s,"report":{..}}
void print_report(const boost::json::value& result, bool as_json) {
  fmt::print("{}\n", as_json ? boost::json::serialize(result.at("report"))
                             : std::string(result.at("text").as_string()));
}

}  // namespace

void add_evaluate_site_options(CLI::App& command, EvaluateSiteCommand& evaluate) {
  command.add_option("--site", evaluate.site, "site id or domain")->required();
  command.add_option("--strategy", evaluate.strategy,
                     "measure only this one, beside popularity (default: all)");
  command.add_option("--protocol", evaluate.protocol,
                     "next-item: of the newest visits; leave-one-out: each person's last item; "
                     "time: what returning people take anew; strong: people nobody learned from")
      ->check(CLI::IsMember({"next-item", "leave-one-out", "time", "strong"}))
      ->capture_default_str();
  command.add_option("--resamples", evaluate.resamples, "of the bootstrap intervals")
      ->check(CLI::Range(0U, 10'000U))
      ->capture_default_str();
  command.add_flag("--json", evaluate.json, "print JSON");
}

Result<void> run_evaluate_site(Channel& channel, const EvaluateSiteCommand& command,
                               const Clock& clock) {
  const boost::json::object body{{"strategy", command.strategy},
                                 {"protocol", command.protocol},
                                 {"resamples", command.resamples}};
  const std::string target = "/api/v1/sites/" + encode_component(command.site) + "/evaluate";
  ATTUNE_ASSIGN(const boost::json::value result,
                result_of_job(channel, target, boost::json::serialize(body), "evaluating", clock));
  print_report(result, command.json);
  return {};
}

void add_tune_options(CLI::App& command, TuneCommand& tune) {
  command.add_option("--site", tune.site, "site id or domain")->required();
  command.add_option("--strategy", tune.strategy, "sequential, item_to_item, ...")->required();
  command.add_option("--trials", tune.trials, "models trained and measured, at most")
      ->check(CLI::Range(2U, 1000U))
      ->capture_default_str();
  command.add_option("--seconds", tune.seconds, "no trial begins after")
      ->check(CLI::Range(1U, 3000U))
      ->capture_default_str();
  command.add_flag("--reset", tune.reset, "forget what was found: train with the defaults");
  command.add_flag("--json", tune.json, "print JSON");
}

Result<void> run_tune(Channel& channel, const TuneCommand& command, const Clock& clock) {
  const boost::json::object body{{"strategy", command.strategy},
                                 {"trials", command.trials},
                                 {"seconds", command.seconds},
                                 {"reset", command.reset}};
  const std::string target = "/api/v1/sites/" + encode_component(command.site) + "/tune";
  ATTUNE_ASSIGN(const boost::json::value result,
                result_of_job(channel, target, boost::json::serialize(body), "tuning", clock));
  print_report(result, command.json);
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
