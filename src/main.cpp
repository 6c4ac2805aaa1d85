// `attune`: reads the command line and calls one command. Every command has --help and exits 0 only on
// success; errors go to standard error in one line.
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <string>

#include "app.h"
#include "base/clock.h"
#include "commands/commands.h"
#include "commands/migrate.h"
#include "commands/progress.h"
#include "config.h"
#include "learn/train.h"
#include "version.h"

namespace attune {
namespace {

using commands::Channel;
using commands::ChannelOptions;

/// What every command that works on a folder or a server shares.
void add_channel_options(CLI::App& command, ChannelOptions& options) {
  command.add_option("--data", options.data, "data folder")->capture_default_str();
  command.add_option("--server", options.server, "a remote server instead: http(s)://HOST[:PORT]");
  command.add_option("--key", options.key, "secret key for --server (sk_...)");
  command.add_option("--config", options.config, "settings (TOML), for a stopped folder");
  command.add_option("--database", options.database,
                     "postgres://... instead of the embedded one, for a stopped folder");
}

struct ServeCommand {
  std::string data = "./attune-data";
  std::string listen;
  std::string config;
  std::string database;
  bool empty = false;
};

/// Blocks until Ctrl-C or a termination signal; the signals were blocked before any thread began.
void wait_for_signal(const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
}

Result<void> run_serve(const ServeCommand& command) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  AppOptions options{.data_dir = command.data, .config = {}, .demo = !command.empty};
  ATTUNE_ASSIGN(options.config, load_config(command.config));
  if (!command.listen.empty()) options.config.server.listen = command.listen;
  if (!command.database.empty()) options.config.store.url = command.database;
  ATTUNE_ASSIGN(const auto app, App::open(std::move(options)));
  fmt::print("journal: {}\n", app->journal_report());
  ATTUNE_ASSIGN(const auto password, app->ensure_admin());
  ATTUNE_ASSIGN(const std::string url, app->listen());
  fmt::print("\nAttune {} is running\n\n  dashboard   {}\n  user        admin\n", kVersion, url);
  if (password) {
    fmt::print("  password    {}   (shown only now; change it under Settings)\n", *password);
  }
  if (!command.empty) {
    ATTUNE_ASSIGN(const std::string snippet, app->start_demo());
    fmt::print("  demo shop   {}/demo/\n\nThe demo's snippet; Settings has the one for your own site:\n\n"
               "  {}\n", url, snippet);
  } else {
    fmt::print("\nAdd your site and paste the snippet it prints into your pages:\n\n"
               "  attune site add --data {} --domain your-site.example\n", command.data);
  }
  fmt::print("\nCtrl-C stops it.\n");
  std::fflush(stdout);
  wait_for_signal(signals);
  fmt::print("\nstopping\n");
  std::fflush(stdout);
  app->stop();
  fmt::print("stopped\n");
  return {};
}

/// The commands and what they read; `selected` is what runs after parsing.
class CommandLine {
 public:
  CommandLine() {
    cli_.require_subcommand(1);
    cli_.get_formatter()->column_width(34);
    add_serve();
    add_site_and_key();
    add_import();
    add_learning();
    add_models();
    add_evaluate();
    add_maintenance();
    add_etl();
    add_life();
    add_account();
    add_migrate();
    add_init();
  }

  int run(int argc, char** argv) {
    try {
      cli_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return cli_.exit(error);
    }
    const Result<void> result = selected_();
    if (result) return 0;
    const Error& error = result.error();
    const bool names_field = error.message().find(error.field()) != std::string::npos;
    fmt::print(stderr, "attune: {}{}{} ({})\n", names_field ? "" : error.field(),
               names_field ? "" : " ", error.message(), to_string(error.code()));
    return 1;
  }

 private:
  /// Registers a command that talks to a folder or server.
  template <class Run>
  void on_channel(CLI::App* command, Run run) {
    add_channel_options(*command, channel_);
    command->callback([this, run] {
      selected_ = [this, run]() -> Result<void> {
        ATTUNE_ASSIGN(const auto channel, Channel::open(channel_));
        return run(*channel);
      };
    });
  }

  void add_serve() {
    CLI::App* command = cli_.add_subcommand("serve", "run the server");
    command->add_option("--data", serve_.data, "data folder, made if missing")->capture_default_str();
    command->add_option("--listen", serve_.listen, "HOST:PORT (default 127.0.0.1:8080)");
    command->add_option("--config", serve_.config, "settings (TOML); docs/configuration.md lists them");
    command->add_option("--database", serve_.database,
                        "postgres://USER:PASSWORD@HOST/DATABASE instead of the embedded database");
    command->add_flag("--empty", serve_.empty, "without the demo shop and its visitors");
    command->callback([this] { selected_ = [this] { return run_serve(serve_); }; });
  }

  void add_site_and_key() {
    CLI::App* site = cli_.add_subcommand("site", "sites that are measured");
    site->require_subcommand(1);
    CLI::App* add = site->add_subcommand("add", "add a site; prints its id and the snippet to paste");
    add->add_option("--domain", site_.domain, "its host name: shop.example")->required();
    add->add_option("--name", site_.name, "a name for people");
    add->add_option("--timezone", site_.timezone, "IANA zone that its days follow (default UTC)");
    add->add_option("--currency", site_.currency, "ISO 4217 (default EUR)");
    on_channel(add, [this](Channel& channel) { return commands::run_site_add(channel, site_); });
    CLI::App* gone = site->add_subcommand("delete", "delete a site and every row and record of it");
    gone->add_option("SITE", erase_.site, "site id or domain")->required();
    on_channel(gone, [this](Channel& channel) {
      erase_.everything = true;
      return commands::run_erase(channel, erase_, clock_);
    });
    CLI::App* list = site->add_subcommand("list", "print id, domain and time zone of every site");
    on_channel(list, [](Channel& channel) { return commands::run_site_list(channel); });

    CLI::App* key = cli_.add_subcommand("key", "secret keys for programs");
    key->require_subcommand(1);
    CLI::App* make = key->add_subcommand("add", "make a secret key; it is printed only this once");
    CLI::App* of = make->add_option_group("of", "what the key is for");
    of->add_option("--site", key_.site, "site id or domain");
    of->add_flag("--whole-server", key_.whole_server, "every site, and what no site has; scope admin");
    of->require_option(1);
    make->add_option("--scope", key_.scope, "what it allows")
        ->required()
        ->check(CLI::IsMember({"read", "write", "admin"}));
    make->add_option("--name", key_.name, "what it is for");
    on_channel(make, [this](Channel& channel) { return commands::run_key_add(channel, key_); });
  }

  void add_import() {
    CLI::App* command = cli_.add_subcommand("import", "bring in past events or a catalogue from a file");
    command->require_subcommand(1);
    const std::pair<const char*, const char*> kinds[] = {
        {"access-log", "an Apache or nginx access log, common or combined"},
        {"sessions", "clicks as SessionId, ItemId, Time (unix seconds), tab separated"},
        {"events", "Attune's own events, one JSON object a line"},
        {"interactions", "rows of user_product_interactions as CSV with a header"},
    };
    for (const auto& [kind, meaning] : kinds) {
      CLI::App* one = command->add_subcommand(kind, meaning);
      one->add_option("FILE", import_.file, "the file")->required();
      one->add_option("--site", import_.site, "site id or domain")->required();
      one->add_option("--rejects", import_.rejects, "side file for rejected lines");
      one->add_option("--format", import_.format, "of the closing account")
          ->check(CLI::IsMember({"text", "json"}));
      const std::string name = kind;
      on_channel(one, [this, name](Channel& channel) {
        import_.kind = name;
        return commands::run_import(channel, import_, clock_);
      });
    }
    CLI::App* products = command->add_subcommand(
        "products", "a catalogue: CSV, JSON lines or a product feed (docs/catalogue.md)");
    auto& what = import_products_;
    products->add_option("FILE,--file", what.file, "the file")->required();
    products->add_option("--site", what.site, "site id or domain")->required();
    products->add_flag("--complete", what.complete, "hide what the file does not name");
    products->add_flag("--yes", what.yes, "also when that hides 90 % or more");
    products->add_flag("--skip-errors", what.skip_errors, "leave out what cannot be read");
    products->add_option("--format", what.format, "of the closing account")
        ->check(CLI::IsMember({"text", "json"}));
    on_channel(products, [this](Channel& channel) {
      return commands::run_import_products(channel, import_products_);
    });
  }

  void add_learning();
  void add_bandits();
  void add_models();
  void add_evaluate();
  void add_maintenance();
  void add_account();
  void add_etl();
  void add_life();
  void add_migrate();
  void add_init();

  CLI::App cli_{"Attune: watches a site, decides what to show next, proves that it helped", "attune"};
  RealClock clock_;
  ChannelOptions channel_{
      .data = "./attune-data", .server = {}, .key = {}, .config = {}, .database = {}};
  ServeCommand serve_;
  commands::SiteCommand site_;
  commands::KeyCommand key_;
  commands::ImportCommand import_;
  commands::ImportProductsCommand import_products_;
  commands::QueryCommand query_;
  commands::BanditsCommand bandits_;
  commands::EvaluateCommand evaluate_;
  commands::EvaluateBanditCommand evaluate_bandit_;
  commands::EvaluatePeopleCommand evaluate_people_;
  commands::EvaluateSiteCommand evaluate_site_;
  commands::TuneCommand tune_;
  commands::BackupCommand backup_;
  commands::RestoreCommand restore_;
  commands::MigrateCommand migrate_;
  commands::EtlCommand etl_;
  commands::EraseCommand erase_;
  commands::RetentionCommand retention_;
  commands::ModelsCommand models_;
  std::string period_;
  std::string train_site_;
  std::string train_strategy_;
  std::string train_model_;
  std::string profiles_site_;
  std::string graph_site_;
  std::string init_with_;
  bool status_json_ = false;
  bool markdown_ = false;
  std::function<Result<void>()> selected_;
};

void CommandLine::add_learning() {
  CLI::App* train = cli_.add_subcommand("train", "train a site's models, put the better ones in service");
  train->add_option("--site", train_site_, "site id or domain")->required();
  CLI::Option* strategy =
      train->add_option("--strategy", train_strategy_, "train only this one (default: all)");
  train->add_option("--model", train_model_, "NAME:key=value,...: with these parameters, once")
      ->excludes(strategy);
  on_channel(train, [this](Channel& channel) {
    const std::string target =
        "/api/v1/sites/" + commands::encode_component(train_site_) + "/train";
    return commands::run_train(channel, target, train_strategy_, train_model_, clock_);
  });

  CLI::App* tune = cli_.add_subcommand("tune", "search for a strategy's hyperparameters on a site's data");
  commands::add_tune_options(*tune, tune_);
  on_channel(tune, [this](Channel& channel) { return commands::run_tune(channel, tune_, clock_); });

  CLI::App* profiles = cli_.add_subcommand("profiles", "what is known of people, in sum");
  profiles->require_subcommand(1);
  CLI::App* refresh = profiles->add_subcommand(
      "refresh", "compute user_profiles and user_context_features of a site anew");
  refresh->add_option("--site", profiles_site_, "site id or domain")->required();
  on_channel(refresh, [this](Channel& channel) {
    const std::string target =
        "/api/v1/sites/" + commands::encode_component(profiles_site_) + "/profiles/refresh";
    return commands::run_job(channel, target, "", "computing profiles", clock_);
  });

  add_bandits();

  CLI::App* graph = cli_.add_subcommand("graph", "who did what with which product, as edges");
  graph->require_subcommand(1);
  CLI::App* refresh_graph = graph->add_subcommand("refresh", "make the table graph_edges anew");
  refresh_graph->add_option("--site", graph_site_, "site id or domain (default: all sites)");
  on_channel(refresh_graph, [this](Channel& channel) {
    const std::string site =
        graph_site_.empty() ? "" : "/sites/" + commands::encode_component(graph_site_);
    return commands::run_job(channel, "/api/v1" + site + "/graph/refresh", "{}", "refreshing",
                             clock_);
  });
}

void CommandLine::add_bandits() {
  CLI::App* bandits = cli_.add_subcommand("bandits", "policies that learn from their own choices");
  bandits->require_subcommand(1);
  CLI::App* list = bandits->add_subcommand("list", "what each placement's bandit learned");
  list->add_option("--site", bandits_.site, "site id or domain")->required();
  on_channel(list, [this](Channel& channel) {
    return commands::run_bandits_list(channel, bandits_);
  });
  const std::pair<const char*, const char*> actions[] = {
      {"freeze", "keep the policy in service as it is"},
      {"thaw", "let it learn on"},
      {"reset", "forget all it learned"},
  };
  for (const auto& [action, meaning] : actions) {
    CLI::App* change = bandits->add_subcommand(action, meaning);
    change->add_option("--site", bandits_.site, "site id or domain")->required();
    change->add_option("--placement", bandits_.placement, "its placement (default: the one without a name)");
    on_channel(change, [this, action = std::string(action)](Channel& channel) {
      return commands::run_bandits_change(channel, bandits_, action);
    });
  }
}

void CommandLine::add_models() {
  CLI::App* models = cli_.add_subcommand("models", "which models serve, and putting another in service");
  models->require_subcommand(1);
  CLI::App* list = models->add_subcommand("list", "the models of a site, those in service first");
  CLI::App* promote = models->add_subcommand("promote", "put a model into service");
  CLI::App* back = models->add_subcommand("rollback", "put back the model that served before");
  for (CLI::App* each : {list, promote, back}) {
    each->add_option("--site", models_.site, "site id or domain")->required();
  }
  for (CLI::App* each : {promote, back}) {
    each->add_option("--strategy", models_.strategy, "sequential, item_to_item, ...")->required();
  }
  promote->add_option("--version", models_.version, "as `attune models list` shows it")->required();
  on_channel(list, [this](Channel& channel) { return commands::run_models_list(channel, models_); });
  on_channel(promote,
             [this](Channel& channel) { return commands::run_models_promote(channel, models_); });
  on_channel(back,
             [this](Channel& channel) { return commands::run_models_rollback(channel, models_); });
}

void CommandLine::add_evaluate() {
  CLI::App* evaluate = cli_.add_subcommand("evaluate", "measure models on held-out data");
  evaluate->require_subcommand(1);
  CLI::App* sessions = evaluate->add_subcommand("sessions", "next item of a session, all items ranked");
  commands::add_evaluate_options(*sessions, evaluate_);
  sessions->callback(
      [this] { selected_ = [this] { return commands::run_evaluate(evaluate_, clock_); }; });
  CLI::App* site = evaluate->add_subcommand("site", "all strategies on a site's own data");
  commands::add_evaluate_site_options(*site, evaluate_site_);
  on_channel(site, [this](Channel& channel) {
    return commands::run_evaluate_site(channel, evaluate_site_, clock_);
  });
  CLI::App* bandit = evaluate->add_subcommand(
      "bandit", "what a policy would have earned, from a log of another one's choices");
  commands::add_evaluate_bandit_options(*bandit, evaluate_bandit_);
  add_channel_options(*bandit, channel_);
  bandit->callback([this] {
    selected_ = [this] { return commands::run_evaluate_bandit(evaluate_bandit_, channel_); };
  });
  CLI::App* people = evaluate->add_subcommand(
      "people", "what people take next to what they took, of people the model never saw");
  commands::add_evaluate_people_options(*people, evaluate_people_);
  people->callback(
      [this] { selected_ = [this] { return commands::run_evaluate_people(evaluate_people_); }; });
}

void CommandLine::add_migrate() {
  CLI::App* migrate = cli_.add_subcommand("migrate", "the schema of a database: what it has, and changes");
  migrate->require_subcommand(1);
  const std::pair<const char*, const char*> actions[] = {
      {"status", "what was applied and what is missing"},
      {"up", "apply what is missing"},
      {"down", "take the newest back, or all above --to"},
      {"verify", "compare the tables with those of this version"},
      {"snapshot", "print the tables as the database describes them"},
  };
  for (const auto& [action, meaning] : actions) {
    CLI::App* one = migrate->add_subcommand(action, meaning);
    one->add_option("--data", migrate_.data, "data folder of a stopped server")->capture_default_str();
    one->add_option("--database", migrate_.database, "postgres://... instead");
    one->add_option("--config", migrate_.config, "settings (TOML) that name the database");
    const std::string name = action;
    if (name == "down") {
      one->add_option("--to", migrate_.to, "number of the newest that stays; 0: none");
      one->add_flag("--yes-lose-data", migrate_.lose_data, "also when tables with rows go, after a copy");
    }
    one->callback([this, name] {
      migrate_.action = name;
      selected_ = [this] { return commands::run_migrate(migrate_, clock_); };
    });
  }
}

void CommandLine::add_init() {
  CLI::App* init = cli_.add_subcommand(
      "init", "make a PostgreSQL database one for an extension, once (experimental)");
  init->add_option("--with", init_with_, "timescaledb, citus or age")->required();
  init->add_option("--database", migrate_.database, "postgres://...");
  init->add_option("--config", migrate_.config, "settings (TOML) that name the database");
  init->callback([this] {
    selected_ = [this] { return commands::run_init(migrate_, init_with_); };
  });
}

void CommandLine::add_etl() {
  CLI::App* etl = cli_.add_subcommand("etl", "the steps from events to tables, by hand");
  etl->require_subcommand(1);
  CLI::App* process =
      etl->add_subcommand("process", "take rows that others put into events_log into the tables");
  process->add_option("--batch-size", etl_.batch_size, "rows of one batch")->capture_default_str();
  CLI::App* sessions = etl->add_subcommand("sessions", "close sessions that are over");
  CLI::App* daily = etl->add_subcommand("daily", "count days of every site anew");
  daily->add_option("--from", etl_.from, "the first day, 2026-01-31")->required();
  daily->add_option("--to", etl_.to, "the last day")->required();
  CLI::App* cleanup = etl->add_subcommand("cleanup", "remove old events that the tables have taken in");
  cleanup->add_option("--days", etl_.days, "age of what goes")->capture_default_str();
  for (CLI::App* step : {process, sessions, daily, cleanup}) {
    const std::string name = step->get_name();
    on_channel(step, [this, name](Channel& channel) {
      return commands::run_etl(channel, name, etl_, clock_);
    });
  }
}

void CommandLine::add_maintenance() {
  CLI::App* query = cli_.add_subcommand("query", "ask the tables in SQL, read only");
  query->add_option("SQL", query_.sql, "one statement")->required();
  query->add_option("--format", query_.format, "of the answer")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
  query->add_option("--rows", query_.rows_max, "most rows to print")->capture_default_str();
  query->add_flag("--archive", query_.archive,
                  "ask the archive (the embedded database always answers from it too)");
  on_channel(query, [this](Channel& channel) { return commands::run_query(channel, query_); });

  CLI::App* status = cli_.add_subcommand("status", "what runs, how far it is, how much it holds");
  status->add_flag("--json", status_json_, "as JSON");
  on_channel(status,
             [this](Channel& channel) { return commands::run_status(channel, status_json_); });

  CLI::App* replay = cli_.add_subcommand("replay", "rebuild every derived table from the journal");
  on_channel(replay, [this](Channel& channel) {
    return commands::run_job(channel, "/api/v1/replay", "{}", "replaying", clock_);
  });
  CLI::App* check = cli_.add_subcommand(
      "check", "read the whole journal and compare every derived table with a replay, row by row");
  on_channel(check, [this](Channel& channel) {
    return commands::run_job(channel, "/api/v1/check", "{}", "checking", clock_);
  });

  CLI::App* config = cli_.add_subcommand("config", "print the settings there are");
  config->add_flag("--markdown", markdown_, "as docs/configuration.md");
  config->callback([this] {
    selected_ = []() -> Result<void> {
      fmt::print("{}", config_markdown());
      return {};
    };
  });
  cli_.add_subcommand("version", "print the version")->callback([this] {
    selected_ = []() -> Result<void> {
      fmt::print("attune {}\n", kVersion);
      return {};
    };
  });
}

void CommandLine::add_account() {
  CLI::App* account = cli_.add_subcommand("account", "people who log in, and what is theirs");
  account->require_subcommand(1);
  CLI::App* populate = account->add_subcommand(
      "populate", "give every account without one a marketer's profile with neutral defaults");
  on_channel(populate, [this](Channel& channel) {
    return commands::run_job(channel, "/api/v1/accounts/populate", "{}", "making profiles", clock_);
  });
}

void CommandLine::add_life() {
  CLI::App* backup = cli_.add_subcommand("backup", "copy the data folder while it is in use");
  backup->add_option("TO", backup_.to, "a folder, new or empty, outside of the data folder")
      ->required();
  on_channel(backup, [this](Channel& channel) {
    return commands::run_backup(channel, backup_, clock_);
  });

  CLI::App* erase = cli_.add_subcommand("erase", "take a person out of everything, for good");
  erase->add_option("--site", erase_.site, "site id or domain")->required();
  CLI::Option* visitor = erase->add_option("--visitor", erase_.visitor, "a visitor's id");
  CLI::Option* user = erase->add_option(
      "--user", erase_.user, "a known user's id, with the visitors that were theirs alone");
  visitor->excludes(user);
  on_channel(erase, [this](Channel& channel) {
    return commands::run_erase(channel, erase_, clock_);
  });

  CLI::App* retention = cli_.add_subcommand("retention", "how long rows of a site's table stay");
  retention->add_option("--site", retention_.site, "site id or domain")->required();
  CLI::Option* table = retention->add_option("--table", retention_.table,
                                             "events_log or user_product_interactions");
  retention->add_option("--days", retention_.delete_days, "removed after so many, from 7 on; 0: never")
      ->needs(table);
  retention
      ->add_option("--archive-after", retention_.archive_days,
                   "archived after so many days, from 7 on; 0: never")
      ->needs(table);
  on_channel(retention, [this](Channel& channel) {
    return commands::run_retention(channel, retention_);
  });
  CLI::App* archive = cli_.add_subcommand(
      "archive", "move interactions past their cold age into files that are still asked");
  on_channel(archive, [this](Channel& channel) {
    return commands::run_job(channel, "/api/v1/archive", "{}", "archiving", clock_);
  });
  CLI::App* maintain = cli_.add_subcommand("maintain", "do now what the server does by itself");
  maintain->add_option("PERIOD", period_, "daily, weekly or monthly")->required();
  on_channel(maintain, [this](Channel& channel) {
    return commands::run_maintain(channel, period_, clock_);
  });

  CLI::App* restore = cli_.add_subcommand("restore", "make a data folder from a backup");
  restore->add_option("FROM", restore_.from, "the backup's folder")->required();
  restore->add_option("--data", restore_.data, "the folder to make; it must not be there yet, or be empty")
      ->capture_default_str();
  restore->add_option("--config", restore_.config, "settings (TOML)");
  restore->add_option("--database", restore_.database,
                      "postgres://... of an empty database, for a backup of one");
  restore->callback(
      [this] { selected_ = [this] { return commands::run_restore(restore_, clock_); }; });
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) {
  if (const auto code = attune::learn::run_train_worker(argc, argv)) return *code;
  return attune::CommandLine().run(argc, argv);
}
