// The commands behind `attune ...`: each takes what the command line gave and a channel, prints its
// result to standard output, and returns an error for main to print and exit by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/result.h"
#include "base/uuid.h"
#include "commands/channel.h"
#include "learn/evaluation.h"
#include "learn/off_policy.h"
#include "learn/preference_evaluation.h"

namespace CLI {
class App;
}

namespace attune::commands {

struct ImportCommand {
  std::string kind;      // "access-log", "sessions", "events"
  std::string file;
  std::string site;      // id or domain
  std::string rejects;   // side file; empty: <name>.rejected.tsv here
  std::string format = "text";   // or "json"
};

struct ImportProductsCommand {
  std::string file;
  std::string site;   // id or domain
  bool complete = false;
  bool yes = false;
  bool skip_errors = false;
  std::string format = "text";   // or "json"
};

struct SiteCommand {
  std::string domain;
  std::string name;
  std::string timezone;
  std::string currency;
};

struct KeyCommand {
  std::string site;            // id or domain
  bool whole_server = false;   // instead of a site
  std::string scope;
  std::string name;
};

struct QueryCommand {
  std::string sql;
  std::string format = "table";   // "table", "csv", "json"
  std::int64_t rows_max = 10'000;
  bool archive = false;
};

struct EtlCommand {
  std::int64_t batch_size = 1000;
  std::string from;
  std::string to;
  std::int64_t days = 90;
};

struct EvaluateCommand {
  learn::EvaluateOptions options;
  std::string format = "text";   // or "json"
};

struct EvaluateBanditCommand {
  learn::BanditEvaluation what;
  std::string site;   // of a server, in place of a log
  std::string placement;
  int days = 30;
  std::string format = "text";   // or "json"
};

struct EvaluateSiteCommand {
  std::string site;
  std::string strategy;   // empty: all
  std::string protocol = "next-item";
  std::uint32_t resamples = 1000;
  bool json = false;
};

struct TuneCommand {
  std::string site;
  std::string strategy;
  std::uint32_t trials = 40;
  std::uint32_t seconds = 600;
  bool reset = false;
  bool json = false;
};

struct EvaluatePeopleCommand {
  learn::PeopleEvaluation what;
  std::string format = "text";   // or "json"
};

struct BackupCommand {
  std::string to;
};

struct RetentionCommand {
  std::string site;
  std::string table;   // empty: shows what is in force
  std::optional<std::int64_t> delete_days;    // 0: never; nothing: as it is
  std::optional<std::int64_t> archive_days;   // likewise
};

struct EraseCommand {
  bool everything = false;
  std::string site;
  std::string visitor;
  std::string user;
};

struct ModelsCommand {
  std::string site;
  std::string strategy;
  std::string version;
};

struct RestoreCommand {
  std::string from;
  std::string data = "./attune-data";
  std::string config;
  std::string database;   // of PostgreSQL
};

[[nodiscard]] Result<void> run_import(Channel& channel, const ImportCommand& command,
                                      const Clock& clock);
[[nodiscard]] Result<void> run_import_products(Channel& channel,
                                               const ImportProductsCommand& command);
[[nodiscard]] Result<void> run_site_add(Channel& channel, const SiteCommand& command);
[[nodiscard]] Result<void> run_site_list(Channel& channel);
[[nodiscard]] Result<void> run_key_add(Channel& channel, const KeyCommand& command);
[[nodiscard]] Result<void> run_query(Channel& channel, const QueryCommand& command);
/// step  "process", "sessions", "daily" or "cleanup".
[[nodiscard]] Result<void> run_etl(Channel& channel, const std::string& step,
                                   const EtlCommand& command, const Clock& clock);
[[nodiscard]] Result<void> run_status(Channel& channel, bool as_json);
struct BanditsCommand {
  std::string site;
  std::string placement;
};
[[nodiscard]] Result<void> run_bandits_list(Channel& channel, const BanditsCommand& command);
/// action   "freeze", "thaw" or "reset".
[[nodiscard]] Result<void> run_bandits_change(Channel& channel, const BanditsCommand& command,
                                              const std::string& action);

void add_evaluate_options(CLI::App& command, EvaluateCommand& evaluate);
[[nodiscard]] Result<void> run_evaluate(const EvaluateCommand& command, const Clock& clock);
void add_evaluate_bandit_options(CLI::App& command, EvaluateBanditCommand& evaluate);
[[nodiscard]] Result<void> run_evaluate_bandit(const EvaluateBanditCommand& command,
                                               const ChannelOptions& channel_options);
void add_evaluate_site_options(CLI::App& command, EvaluateSiteCommand& evaluate);
[[nodiscard]] Result<void> run_evaluate_site(Channel& channel, const EvaluateSiteCommand& command,
                                             const Clock& clock);
void add_tune_options(CLI::App& command, TuneCommand& tune);
[[nodiscard]] Result<void> run_tune(Channel& channel, const TuneCommand& command,
                                    const Clock& clock);
void add_evaluate_people_options(CLI::App& command, EvaluatePeopleCommand& evaluate);
[[nodiscard]] Result<void> run_evaluate_people(const EvaluatePeopleCommand& command);

[[nodiscard]] Result<void> run_backup(Channel& channel, const BackupCommand& command,
                                      const Clock& clock);
[[nodiscard]] Result<void> run_erase(Channel& channel, const EraseCommand& command,
                                     const Clock& clock);
[[nodiscard]] Result<void> run_retention(Channel& channel, const RetentionCommand& command);
[[nodiscard]] Result<void> run_maintain(Channel& channel, const std::string& period,
                                        const Clock& clock);
[[nodiscard]] Result<void> run_restore(const RestoreCommand& command, const Clock& clock);

/// Trains a site's models: of one strategy, with the parameters of `model`, or, both empty, all.
[[nodiscard]] Result<void> run_train(Channel& channel, const std::string& target,
                                     const std::string& strategy, const std::string& model,
                                     const Clock& clock);

[[nodiscard]] Result<void> run_models_list(Channel& channel, const ModelsCommand& command);
[[nodiscard]] Result<void> run_models_promote(Channel& channel, const ModelsCommand& command);
[[nodiscard]] Result<void> run_models_rollback(Channel& channel, const ModelsCommand& command);

/// Starts a job (`target` answers {"id":...} or the job), shows its progress.
/// Returns  its result, or null.
[[nodiscard]] Result<boost::json::value> result_of_job(Channel& channel, const std::string& target,
                                                       std::string body, const std::string& title,
                                                       const Clock& clock);
/// Starts a job (`target` answers {"id":...} or the job), shows its progress, prints its result.
[[nodiscard]] Result<void> run_job(Channel& channel, const std::string& target, std::string body,
                                   const std::string& title, const Clock& clock);

}  // namespace attune::commands
