#include "config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string_view>
#include <toml++/toml.h>
#include <variant>
#include <vector>

namespace attune {
namespace {

using Target = std::variant<std::int64_t*, double*, bool*, std::string*>;

struct Setting {
  std::string_view name;
  Target target;
  std::string_view unit;
  double minimum;
  double maximum;
  std::string_view meaning;
};

constexpr double kMega = 1 << 20;

std::vector<Setting> intake_settings(Config& c) {
  return {
      {"server.listen", &c.server.listen, "HOST:PORT", 0, 0,
       "Where the server listens. Put a reverse proxy with TLS before any other address than loopback."},
      {"server.public_url", &c.server.public_url, "URL", 0, 0,
       "How browsers reach this server, for snippets. Empty: the address it listens on."},
      {"server.io_threads", &c.server.io_threads, "threads", 1, 64,
       "Threads that read requests and write answers."},
      {"server.worker_threads", &c.server.worker_threads, "threads", 1, 64,
       "Threads that run dashboard queries and password hashes; each holds one database connection."},
      {"server.connections_max", &c.server.connections_max, "connections", 16, 1'000'000,
       "Open connections; one more is closed at once."},
      {"server.header_timeout_s", &c.server.header_timeout_s, "s", 1, 600,
       "A client that needs longer for its header is dropped."},
      {"server.body_timeout_s", &c.server.body_timeout_s, "s", 1, 600,
       "A client that needs longer for its body is dropped."},
      {"server.idle_timeout_s", &c.server.idle_timeout_s, "s", 1, 3600,
       "A kept-alive connection without requests is closed after this."},
      {"server.trust_proxy", &c.server.trust_proxy, "bool", 0, 0,
       "Take the visitor's address from X-Forwarded-For. Only behind a proxy that sets it."},
      {"collect.body_bytes_max", &c.collect.body_bytes_max, "bytes", 1024, 64 * kMega,
       "Longest body of an event request; longer is answered 413."},
      {"collect.batch_events_max", &c.collect.batch_events_max, "events", 1, 100'000,
       "Most events in one batch."},
      {"collect.rate_per_address", &c.collect.rate_per_address, "events/s", 0, 1e9,
       "Sustained events a second from one address, with bursts of ten times that; 0: no limit. "
       "Requests with a secret key are not counted."},
      {"collect.rate_per_site", &c.collect.rate_per_site, "events/s", 0, 1e9,
       "Sustained events a second for one site; 0: no limit."},
      {"collect.backlog_bytes_max", &c.collect.backlog_bytes_max, "bytes", kMega, 1e12,
       "Journal bytes not yet in the tables above which /readyz reports the ETL as behind."},
      {"collect.redact_names", &c.collect.redact_names, "names", 0, 0,
       "Further names of fields whose values are redacted like passwords, in forms, custom data and "
       "queries; with commas between."},
      {"journal.segment_bytes", &c.journal.segment_bytes, "bytes", kMega, 2048 * kMega,
       "Size of one journal file; retention deletes whole files."},
      {"journal.wait_us_max", &c.journal.wait_us_max, "µs", 0, 100'000,
       "Longest time a record waits for others to share its sync."},
      {"journal.pending_bytes_max", &c.journal.pending_bytes_max, "bytes", kMega, 1024 * kMega,
       "Bytes waiting for the disk above which new events are answered 429."},
      {"journal.retention_h", &c.journal.retention_h, "h", 1, 1e6,
       "Journal older than this is deleted once every reader has passed it."},
  };
}

std::vector<Setting> table_settings(Config& c) {
  return {
      {"store.url", &c.store.url, "URL", 0, 0,
       "postgres://USER:PASSWORD@HOST:PORT/DATABASE. Empty: the embedded database in the data folder. "
       "--database says the same."},
      {"store.connections", &c.store.connections, "connections", 8, 1000,
       "Most connections to PostgreSQL; one more waits its turn."},
      {"store.memory_mb", &c.store.memory_mb, "MB", 64, 1e6, "Memory the embedded database may use."},
      {"store.threads", &c.store.threads, "threads", 1, 256, "Threads the embedded database may use."},
      {"store.checkpoint_mb", &c.store.checkpoint_mb, "MB", 1, 1e5,
       "Size of the database's write-ahead log at which it is folded into the file."},
      {"etl.late_h", &c.etl.late_h, "h", 1, 24 * 31,
       "Events later than this stay in events_log and change nothing else."},
      {"etl.commit_ms", &c.etl.commit_ms, "ms", 10, 10'000,
       "Time between two commits under load: how fresh the tables are."},
      {"etl.dedup_ids_max", &c.etl.dedup_ids_max, "ids", 1000, 1e9,
       "Client event ids remembered for 24 hours; above it the oldest hour is let go and counted."},
      {"etl.sessions_max", &c.etl.sessions_max, "sessions", 1000, 1e9,
       "Sessions that late events can still join; above it the oldest hour is closed for good."},
      {"etl.graph_every_min", &c.etl.graph_every_min, "min", 0, 60 * 24 * 30,
       "Time between automatic refreshes of the graph's edges when there are new events; 0: only by "
       "command."},
      {"etl.graph_days", &c.etl.graph_days, "days", 1, 3660,
       "Days that the edges are made of, back from a site's newest visit or interaction."},
      {"etl.graph_neighbours_max", &c.etl.graph_neighbours_max, "edges", 1, 1000,
       "Most edges of one type from one vertex; the strongest are kept."},
      {"profiles.follow", &c.profiles.follow, "bool", 0, 0,
       "Keep profiles up to date with the stream; false: only by command (attune profiles refresh)."},
      {"profiles.pause_ms", &c.profiles.pause_ms, "ms", 10, 600'000,
       "Least time between two rounds: how fresh profiles are."},
      {"profiles.share_max", &c.profiles.share_max, "share", 0.01, 1,
       "Greatest share of a thread's time that they take; under load rounds grow rarer and larger."},
      {"profiles.people_max", &c.profiles.people_max, "people", 1, 1e6,
       "Most people of a site computed in one transaction."},
      {"profiles.sweep_min", &c.profiles.sweep_min, "min", 1, 60 * 24 * 30,
       "Time between two sweeps over all people of a site, which fit the rhythm of visits anew; while "
       "there is no fit 12 times as often."},
      {"retention.events_days", &c.retention.events_days, "days", 0, 36'500,
       "Raw events that the tables have taken in are removed so long after they were received; 0: "
       "never; less than 7 counts as 7. A site may say otherwise (attune retention)."},
      {"retention.interactions_days", &c.retention.interactions_days, "days", 0, 36'500,
       "Interactions of users and products are removed so long after they happened, archived ones "
       "month by month; likewise."},
      {"retention.archive_after_days", &c.retention.archive_after_days, "days", 0, 36'500,
       "Interactions of months that are so old are moved to the archive; likewise."},
      {"retention.maintain_after_s", &c.retention.maintain_after_s, "s", 0, 86'400,
       "Maintenance that is due begins so long after the start; 0: only by command (attune "
       "maintain)."},
      {"recommend.exploration", &c.recommend.exploration, "share", 0.001, 1,
       "Share of each choice that is drawn evenly from all eligible items, so that every propensity is "
       "positive and other policies can be evaluated from the log."},
      {"recommend.click_window_min", &c.recommend.click_window_min, "min", 1, 24 * 60,
       "A click this long after a decision still counts for it."},
      {"recommend.conversion_window_h", &c.recommend.conversion_window_h, "h", 1, 24 * 90,
       "A purchase this long after such a click still counts as its conversion."},
      {"recommend.train_every_min", &c.recommend.train_every_min, "min", 0, 60 * 24 * 30,
       "Time between automatic trainings of a site with new interactions; 0: only by command."},
      {"recommend.train_memory_mb", &c.recommend.train_memory_mb, "MB", 64, 1e6,
       "Memory limit of the training process."},
      {"recommend.shadow_sites", &c.recommend.shadow_sites, "domains", 0, 0,
       "Sites whose new models first answer a sample of requests unseen; with commas between, * for "
       "all, empty for none."},
      {"recommend.shadow_requests", &c.recommend.shadow_requests, "requests", 1, 1e9,
       "A model in the shadow goes into service after so many, or"},
      {"recommend.shadow_h", &c.recommend.shadow_h, "h", 1, 24 * 90,
       "after so long, whichever comes first."},
      {"log.level", &c.log.level, "level", 0, 0, "debug, info, warn or error."},
  };
}

std::vector<Setting> generate_settings(Config& c) {
  return {
      {"generate.url", &c.generate.url, "URL", 0, 0,
       "Of a server with OpenAI's API that drafts texts from templates, as https://HOST/v1; empty: "
       "nothing is generated, and nothing is sent to anybody."},
      {"generate.key_file", &c.generate.key_file, "path", 0, 0,
       "File whose first line is the key for it; empty: none is sent."},
      {"generate.model", &c.generate.model, "name", 0, 0, "The model to ask for."},
      {"generate.input_price", &c.generate.input_price, "money", 0, 1e6,
       "Price of a million tokens that are sent, for the cost that is kept with each draft."},
      {"generate.output_price", &c.generate.output_price, "money", 0, 1e6,
       "Price of a million tokens that are answered."},
      {"generate.timeout_s", &c.generate.timeout_s, "s", 1, 600,
       "A draft that takes longer is given up."},
  };
}

std::vector<Setting> settings_of(Config& c) {
  std::vector<Setting> all = intake_settings(c);
  for (Setting& setting : table_settings(c)) all.push_back(std::move(setting));
  for (Setting& setting : generate_settings(c)) all.push_back(std::move(setting));
  return all;
}

std::string bounds_text(const Setting& s) {
  if (std::holds_alternative<bool*>(s.target)) return "true or false";
  if (std::holds_alternative<std::string*>(s.target)) return "text";
  return fmt::format("{} .. {}", s.minimum, s.maximum);
}

std::string value_text(const Target& target) {
  if (const auto* const* text = std::get_if<std::string*>(&target)) return fmt::format("\"{}\"", **text);
  if (const auto* const* flag = std::get_if<bool*>(&target)) return **flag ? "true" : "false";
  if (const auto* const* real = std::get_if<double*>(&target)) return fmt::format("{}", **real);
  return fmt::format("{}", *std::get<std::int64_t*>(target));
}

tl::unexpected<Error> refuse(const Setting& s, std::string_view given) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("setting {} = {}: must be {} ({})", s.name, given, bounds_text(s), s.unit),
              std::string(s.name));
}

Result<void> assign_number(const Setting& s, double number, std::string_view given) {
  if (!(number >= s.minimum && number <= s.maximum)) return refuse(s, given);
  if (auto* const* real = std::get_if<double*>(&s.target)) {
    **real = number;
    return {};
  }
  auto* const* whole = std::get_if<std::int64_t*>(&s.target);
  if (whole == nullptr || number != std::floor(number)) return refuse(s, given);
  **whole = static_cast<std::int64_t>(number);
  return {};
}

Result<void> assign_text(const Setting& s, const std::string& text) {
  if (auto* const* target = std::get_if<std::string*>(&s.target)) {
    **target = text;
    return {};
  }
  if (auto* const* flag = std::get_if<bool*>(&s.target)) {
    if (text != "true" && text != "false") return refuse(s, text);
    **flag = text == "true";
    return {};
  }
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return refuse(s, text);
  return assign_number(s, number, text);
}

Result<void> assign_node(const Setting& s, const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) {
    if (!std::holds_alternative<std::string*>(s.target)) return refuse(s, *text);
    return assign_text(s, *text);
  }
  if (const auto flag = node.value_exact<bool>()) {
    if (!std::holds_alternative<bool*>(s.target)) return refuse(s, *flag ? "true" : "false");
    return assign_text(s, *flag ? "true" : "false");
  }
  const bool numeric = std::holds_alternative<double*>(s.target) ||
                       std::holds_alternative<std::int64_t*>(s.target);
  const auto number = node.value<double>();
  if (!number || !numeric) return refuse(s, "(another type)");
  return assign_number(s, *number, fmt::format("{}", *number));
}

Result<void> apply_table(const std::vector<Setting>& settings, const toml::table& file) {
  for (const auto& [section, content] : file) {
    const toml::table* entries = content.as_table();
    if (entries == nullptr) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("\"{}\" is outside any [section]", section.str()));
    }
    for (const auto& [key, node] : *entries) {
      const std::string name = fmt::format("{}.{}", section.str(), key.str());
      const auto found = std::find_if(settings.begin(), settings.end(),
                                      [&](const Setting& s) { return s.name == name; });
      if (found == settings.end()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("no setting {}; docs/configuration.md lists them", name), name);
      }
      ATTUNE_TRY(assign_node(*found, node));
    }
  }
  return {};
}

std::string variable_of(std::string_view name) {
  std::string variable = "ATTUNE_";
  for (const char c : name) {
    variable.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return variable;
}

}  // namespace

Result<Config> load_config(const std::string& path) {
  Config config;
  const std::vector<Setting> settings = settings_of(config);
  if (!path.empty()) {
    if (!std::filesystem::exists(path)) {
      return fail(ErrorCode::not_found, fmt::format("no configuration file {}", path));
    }
    try {
      const toml::table file = toml::parse_file(path);
      ATTUNE_TRY(apply_table(settings, file));
    } catch (const toml::parse_error& error) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
    }
  }
  for (const Setting& setting : settings) {
    if (const char* value = std::getenv(variable_of(setting.name).c_str())) {
      ATTUNE_TRY(assign_text(setting, value));
    }
  }
  return config;
}

std::string config_markdown() {
  Config defaults;
  std::string out =
      "# Settings\n\n"
      "<!-- Printed by `attune config --markdown` from the table in src/config.cpp; a test compares. -->\n\n"
      "`attune serve --config FILE` reads a TOML file with one section for each part before the dot.\n"
      "An environment variable of the name given wins over the file. Out of bounds is refused at start.\n";
  std::string_view section;
  for (const Setting& s : settings_of(defaults)) {
    const std::string_view its_section = s.name.substr(0, s.name.find('.'));
    if (its_section != section) {
      section = its_section;
      out += fmt::format("\n## [{}]\n\n| setting | default | unit | bounds | meaning | variable |\n"
                         "|---|---|---|---|---|---|\n", section);
    }
    out += fmt::format("| `{}` | `{}` | {} | {} | {} | `{}` |\n", s.name.substr(section.size() + 1),
                       value_text(s.target), s.unit, bounds_text(s), s.meaning, variable_of(s.name));
  }
  return out;
}

}  // namespace attune
