// Every setting of Attune, declared once: name, default, unit, bounds, meaning. The command line, the
// configuration file, the environment and docs/configuration.md all come from the table in config.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace attune {

/// Values in force. Field names are the last part of the setting's name.
struct Config {
  struct Server {
    std::string listen = "127.0.0.1:8080";
    std::string public_url;              // how browsers reach us; empty: http://<listen>
    std::int64_t io_threads = 2;
    std::int64_t worker_threads = 3;
    std::int64_t connections_max = 10'000;
    std::int64_t header_timeout_s = 10;
    std::int64_t body_timeout_s = 20;
    std::int64_t idle_timeout_s = 75;
    bool trust_proxy = false;
  } server;
  struct Collect {
    std::int64_t body_bytes_max = 1 << 20;
    std::int64_t batch_events_max = 1000;
    std::int64_t rate_per_address = 200;
    std::int64_t rate_per_site = 0;
    std::int64_t backlog_bytes_max = 256LL << 20;
    std::string redact_names;            // with commas between
  } collect;
  struct Journal {
    std::int64_t segment_bytes = 64LL << 20;
    std::int64_t wait_us_max = 1000;
    std::int64_t pending_bytes_max = 64LL << 20;
    std::int64_t retention_h = 24 * 90;
  } journal;
  struct Store {
    std::string url;                     // of a PostgreSQL database; empty: the embedded one
    std::int64_t connections = 16;
    std::int64_t memory_mb = 320;
    std::int64_t threads = 2;
    std::int64_t checkpoint_mb = 64;
  } store;
  struct Etl {
    std::int64_t late_h = 72;
    std::int64_t commit_ms = 200;
    std::int64_t dedup_ids_max = 2'000'000;
    std::int64_t sessions_max = 1'000'000;
    std::int64_t graph_every_min = 60;
    std::int64_t graph_days = 30;
    std::int64_t graph_neighbours_max = 50;
  } etl;
  struct Profiles {
    bool follow = true;
    std::int64_t pause_ms = 1000;
    double share_max = 0.25;
    std::int64_t people_max = 50'000;
    std::int64_t sweep_min = 60;
  } profiles;
  struct Recommend {
    double exploration = 0.05;
    std::int64_t click_window_min = 30;
    std::int64_t conversion_window_h = 24 * 7;
    std::int64_t train_every_min = 30;
    std::int64_t train_memory_mb = 2048;
    std::string shadow_sites;  // domains with commas between, or *
    std::int64_t shadow_requests = 1000;
    std::int64_t shadow_h = 24;
  } recommend;
  struct Generate {
    std::string url;        // of a server with OpenAI's API; empty: nothing is generated
    std::string key_file;
    std::string model;
    double input_price = 0;
    double output_price = 0;
    std::int64_t timeout_s = 60;
  } generate;
  struct Retention {
    std::int64_t events_days = 90;
    std::int64_t interactions_days = 366;
    std::int64_t archive_after_days = 183;
    std::int64_t maintain_after_s = 600;
  } retention;
  struct Log {
    std::string level = "info";
  } log;
};

/// Reads a TOML file and then ATTUNE_<SECTION>_<NAME> variables over the defaults.
///
/// path     empty: no file.
/// Errors   invalid_argument: unknown setting, wrong type, out of bounds (names setting and bounds);
///          not_found: the file is not there.
[[nodiscard]] Result<Config> load_config(const std::string& path);

/// docs/configuration.md, whole.
std::string config_markdown();

}  // namespace attune
