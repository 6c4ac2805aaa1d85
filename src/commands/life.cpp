// Backup and restore, retention, archive and erasure from the command line.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "app_life.h"
#include "commands/commands.h"
#include "commands/progress.h"
#include "config.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

/// The server may run in another folder than we do.
std::string whole_path(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

}  // namespace

Result<void> run_backup(Channel& channel, const BackupCommand& command, const Clock& clock) {
  const json::object body{{"to", whole_path(command.to)}};
  return run_job(channel, "/api/v1/backup", json::serialize(body), "backing up", clock);
}

Result<void> run_erase(Channel& channel, const EraseCommand& command, const Clock& clock) {
  json::object body;
  if (!command.visitor.empty()) body["visitor"] = command.visitor;
  if (!command.user.empty()) body["user"] = command.user;
  if (command.everything) body["everything"] = true;
  return run_job(channel, "/api/v1/sites/" + encode_component(command.site) + "/erase",
                 json::serialize(body), "erasing", clock);
}

Result<void> run_retention(Channel& channel, const RetentionCommand& command) {
  const std::string target = "/api/v1/sites/" + encode_component(command.site) + "/retention";
  if (!command.table.empty()) {
    json::object body{{"table", command.table}};
    if (command.delete_days) body["delete_after_days"] = *command.delete_days;
    if (command.archive_days) body["archive_after_days"] = *command.archive_days;
    ATTUNE_TRY(channel.call("PUT", target, json::serialize(body)));
  }
  ATTUNE_ASSIGN(const json::value answer, channel.call("GET", target));
  const auto days = [](const json::value& given) {
    return given.is_null() ? std::string("never") : json::serialize(given) + " days";
  };
  for (const json::value& each : answer.at("limits").as_array()) {
    fmt::print("{:<26} archived after {:<11} removed after {}\n",
               std::string(each.at("table").as_string()), days(each.at("archive_after_days")),
               days(each.at("delete_after_days")));
  }
  return {};
}

Result<void> run_maintain(Channel& channel, const std::string& period, const Clock& clock) {
  return run_job(channel, "/api/v1/maintain", json::serialize(json::object{{"period", period}}),
                 "maintaining", clock);
}

Result<void> run_restore(const RestoreCommand& command, const Clock& clock) {
  ATTUNE_ASSIGN(Config config, load_config(command.config));
  if (!command.database.empty()) config.store.url = command.database;
  Progress progress("restoring", "", clock);
  auto restored = restore(whole_path(command.from), whole_path(command.data), config,
                                [&](double done, const std::string& what) {
                                  progress.update(done, 0, what);
                                });
  progress.finish();
  if (!restored) return pass(restored);
  const Manifest& manifest = restored->manifest;
  fmt::print("restored {} ({} rows in {} tables, {} files, {} MiB) as of {}\n"
             "journal from {} to {}; the tables stand at {} and go on from there\n"
             "salts and secret are made anew at the start\n",
             command.data, grouped(static_cast<std::uint64_t>(restored->rows)),
             manifest.tables.size(), manifest.files.size(), restored->bytes >> 20, manifest.made_at,
             manifest.journal_first, manifest.journal_end, manifest.journal_position);
  return {};
}

}  // namespace attune::commands
