// manifest.json of a backup: what is in it, and how to tell that it is whole.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "app_life.h"

namespace attune {
namespace {

namespace json = boost::json;

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::data_loss, fmt::format("manifest.json is damaged: {}", what));
}

std::string text_of(const json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

std::uint64_t number_of(const json::object& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

Manifest parsed(const json::object& object) {
  Manifest manifest;
  manifest.version = text_of(object, "version");
  manifest.engine = text_of(object, "engine");
  manifest.made_at = text_of(object, "made_at");
  const json::object& journal = object.at("journal").as_object();
  manifest.journal_first = number_of(journal, "first");
  manifest.journal_end = number_of(journal, "end");
  manifest.journal_position = number_of(journal, "position");
  for (const json::value& each : object.at("tables").as_array()) {
    const json::object& table = each.as_object();
    manifest.tables.push_back({.table = text_of(table, "table"),
                               .rows = table.at("rows").to_number<std::int64_t>(),
                               .hash = text_of(table, "hash")});
  }
  for (const json::value& each : object.at("files").as_array()) {
    const json::object& file = each.as_object();
    manifest.files.push_back({.path = text_of(file, "file"),
                              .bytes = number_of(file, "bytes"),
                              .sha256 = text_of(file, "sha256")});
  }
  if (manifest.engine == "duckdb") return manifest;
  manifest.schema = object.at("schema").to_number<std::int32_t>();
  for (const auto& [name, last] : object.at("sequences").as_object()) {
    manifest.sequences.emplace_back(name, last.to_number<std::int64_t>());
  }
  return manifest;
}

/// A path that stays within the backup.
bool is_inside(const std::string& path) {
  return !path.empty() && path.front() != '/' && path.find("..") == std::string::npos;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  json::array tables;
  for (const store::TablePrint& table : manifest.tables) {
    tables.push_back(
        json::object{{"table", table.table}, {"rows", table.rows}, {"hash", table.hash}});
  }
  json::array files;
  for (const BackupFile& file : manifest.files) {
    files.push_back(
        json::object{{"file", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  json::object sequences;
  for (const auto& [name, last] : manifest.sequences) sequences[name] = last;
  json::object all{
      {"format", kBackupFormat},
      {"version", manifest.version},
      {"engine", manifest.engine},
      {"made_at", manifest.made_at},
      {"journal", json::object{{"first", manifest.journal_first},
                               {"end", manifest.journal_end},
                               {"position", manifest.journal_position}}},
      {"tables", tables},
      {"files", files},
      {"left_out", "salts/ and secret: they are made anew, so that an old backup cannot name "
                   "visitors who were to stay unnamed"}};
  if (manifest.engine != "duckdb") {
    all["schema"] = manifest.schema;
    all["sequences"] = std::move(sequences);
  }
  return json::serialize(all);
}

Result<void> same_tables(const std::vector<store::TablePrint>& wanted,
                         const std::vector<store::TablePrint>& found) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i < found.size() && found[i] == wanted[i]) continue;
    return fail(ErrorCode::data_loss,
                fmt::format("table {} is not what the backup was made of ({} rows there)",
                            wanted[i].table, wanted[i].rows));
  }
  return {};
}

Result<Manifest> read_manifest(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return damaged("it is no JSON object");
  const json::value* format = value.as_object().if_contains("format");
  if (format == nullptr || !format->is_int64()) return damaged("it names no format");
  if (format->as_int64() != kBackupFormat) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the backup has format {}, this program reads {}: use the version that "
                            "made it",
                            format->as_int64(), kBackupFormat));
  }
  try {
    Manifest manifest = parsed(value.as_object());
    for (const BackupFile& file : manifest.files) {
      if (!is_inside(file.path)) return damaged("file " + file.path + " is not within the backup");
    }
    return manifest;
  } catch (const std::exception& broken) {
    return damaged(broken.what());
  }
}

}  // namespace attune
