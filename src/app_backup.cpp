// `attune backup`: a consistent copy of a data folder while the server runs. The tables are copied
// in one read transaction into a database file of its own, while the ETL goes on; the journal up to
// where it stood when that transaction had begun, so that the restored ETL goes on from there.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <limits>

#include "app_life.h"
#include "app_parts.h"
#include "base/sha256.h"
#include "base/time_zone.h"
#include "etl/replay.h"
#include "store/table_prints.h"
#include "version.h"

namespace attune {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t kSegmentHeaderBytes = 64;   // docs/formats/journal.md, section 3
constexpr std::uint64_t kWhole = std::numeric_limits<std::uint64_t>::max();

/// Takes the folder away again unless the backup became whole.
class Unfinished {
 public:
  explicit Unfinished(std::string folder) : folder_(std::move(folder)) {}
  ~Unfinished() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void keep() { folder_.clear(); }

 private:
  std::string folder_;
};

std::uint64_t folder_bytes(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_regular_file(error)) bytes += at->file_size(error);
  }
  return bytes;
}

/// Where the backup may go: nothing is there yet, and it is not within what is backed up.
Result<void> check_target(const App::Parts& parts, const std::string& to) {
  if (to.empty() || to.front() != '/') {
    return fail(ErrorCode::invalid_argument, "give the folder's whole path, from / on", "to");
  }
  std::error_code error;
  if (fs::exists(to, error) && !(fs::is_directory(to, error) && fs::is_empty(to, error))) {
    return fail(ErrorCode::already_exists, to + " is there already; name a new or empty folder",
                "to");
  }
  const std::string data = fs::weakly_canonical(parts.paths.folder, error).string() + "/";
  if ((fs::weakly_canonical(to, error).string() + "/").starts_with(data)) {
    return fail(ErrorCode::invalid_argument, "a backup lies outside of the data folder", "to");
  }
  return {};
}

Result<void> check_space(const App::Parts& parts, const std::string& to) {
  const std::uint64_t needed = folder_bytes(parts.paths.folder);
  ATTUNE_ASSIGN(const std::uint64_t free, real_file_system().free_bytes(to));
  if (free >= needed) return {};
  return fail(ErrorCode::unavailable,
              fmt::format("{} has {} MiB free, and the backup may need {} MiB", to, free >> 20,
                          needed >> 20));
}

class Backup {
 public:
  Backup(App::Parts& parts, std::string to, serve::JobProgress& progress)
      : parts_(parts), to_(std::move(to)), progress_(progress) {}

  Result<Manifest> run() {
    manifest_.version = kVersion;
    manifest_.engine = to_string(parts_.store->engine());
    manifest_.made_at = utc_text(parts_.clock.now_ms());
    if (parts_.store->engine() == store::Engine::postgres) {
      ATTUNE_TRY(export_tables());
    } else {
      ATTUNE_TRY(copy_tables());
      ATTUNE_ASSIGN(const FileDigest digest, digest_file(files_, to_ + "/attune.duckdb"));
      manifest_.files.push_back({"attune.duckdb", digest.bytes, digest.sha256});
    }
    ATTUNE_TRY(copy_journal());
    progress_.set(0.9, 0, "copying models and archive");
    ATTUNE_TRY(copy_folder("models"));
    ATTUNE_TRY(copy_folder("archive"));
    ATTUNE_TRY(replace_file(files_, to_ + "/manifest.json", to_json(manifest_)));
    return manifest_;
  }

 private:
  Result<void> copy_tables() {
    const std::string file = to_ + "/attune.duckdb";
    Config config = parts_.options.config;
    config.store.memory_mb = std::max<std::int64_t>(64, config.store.memory_mb / 2);
    ATTUNE_ASSIGN(auto copy, open_embedded(file, config));
    ATTUNE_TRY(copy->migrate());
    ATTUNE_ASSIGN(const auto to, copy->session());
    ATTUNE_ASSIGN(const auto from, parts_.store->session());
    ATTUNE_TRY(from->begin());
    auto copied = copy_snapshot(*from, *to);
    static_cast<void>(from->rollback());   // it only read
    if (!copied) return pass(copied, "copying the tables");
    progress_.set(0.6, 0, "comparing the copy with the tables");
    ATTUNE_ASSIGN(const auto prints, store::print_tables(*to));
    ATTUNE_TRY(same_tables(manifest_.tables, prints));
    ATTUNE_TRY(copy->checkpoint());
    return {};
  }

  Result<void> export_tables() {
    ATTUNE_ASSIGN(const auto session, parts_.store->session());
    const auto begun = [&]() -> Result<void> {
      ATTUNE_ASSIGN(const journal::Position position, etl::committed_position(*session));
      manifest_.journal_position = position.offset;
      manifest_.journal_end = parts_.journal->durable_end().offset;
      return {};
    };
    const auto show = [this](const std::string& table, double done) {
      progress_.set(0.7 * done, 0, "copying " + table);
    };
    return export_database(*session, to_, begun, show, manifest_);
  }

  Result<void> copy_snapshot(store::Session& from, store::Session& to) {
    ATTUNE_ASSIGN(const journal::Position position, etl::committed_position(from));
    manifest_.journal_position = position.offset;
    manifest_.journal_end = parts_.journal->durable_end().offset;
    ATTUNE_ASSIGN(manifest_.tables, store::print_tables(from));
    ATTUNE_TRY(store::copy_tables(from, to, [this](const std::string& table, double done) {
      progress_.set(0.6 * done, 0, "copying " + table);
    }));
    return {};
  }

  Result<void> copy_journal() {
    const auto segments = parts_.journal->segments();
    manifest_.journal_first = segments.front().start;
    ATTUNE_TRY(files_.create_folder(to_ + "/journal"));
    for (const journal::Segment& segment : segments) {
      if (segment.start >= manifest_.journal_end && segment.start > manifest_.journal_first) break;
      const std::uint64_t end =
          std::min(segment.end.value_or(manifest_.journal_end), manifest_.journal_end);
      const auto total = static_cast<double>(manifest_.journal_end - manifest_.journal_first) + 1;
      const auto done = static_cast<double>(segment.start - manifest_.journal_first);
      progress_.set(0.7 + 0.2 * done / total, 0, "copying the journal");
      ATTUNE_TRY(add("journal/" + fs::path(segment.path).filename().string(), segment.path,
                     kSegmentHeaderBytes + (end - segment.start)));
    }
    return files_.sync_folder(to_ + "/journal");
  }

  /// All files below a folder of the data folder. One that goes away meanwhile (a model that was
  /// replaced) is not missed: the tables of the copy may name it, and a training makes it again.
  Result<void> copy_folder(const std::string& name) {
    const std::string root = parts_.paths.folder + "/" + name;
    std::error_code error;
    if (!fs::exists(root, error)) return {};
    std::vector<std::string> names;
    for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
         at.increment(error)) {
      const std::string path = fs::relative(at->path(), parts_.paths.folder).string();
      if (at->is_regular_file(error) && !path.ends_with(".new")) names.push_back(path);
    }
    for (const std::string& path : names) {
      ATTUNE_TRY(files_.create_folder(folder_of(to_ + "/" + path)));
      auto added = add(path, parts_.paths.folder + "/" + path, kWhole);
      if (!added && added.error().code() != ErrorCode::not_found) return added;
      ATTUNE_TRY(files_.sync_folder(folder_of(to_ + "/" + path)));
    }
    return {};
  }

  Result<void> add(const std::string& path, const std::string& from, std::uint64_t bytes_max) {
    ATTUNE_ASSIGN(const FileDigest digest, copy_file(files_, from, to_ + "/" + path, bytes_max));
    manifest_.files.push_back({path, digest.bytes, digest.sha256});
    return {};
  }

  App::Parts& parts_;
  const std::string to_;
  serve::JobProgress& progress_;
  FileSystem& files_ = real_file_system();
  Manifest manifest_;
};

}  // namespace

Result<std::string> backup_now(App::Parts& parts, const std::string& to,
                               serve::JobProgress& progress) {
  ATTUNE_TRY(check_target(parts, to));
  // Retention, archive and erasure wait meanwhile, so no file goes away below the copy.
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  const std::int64_t started_us = parts.clock.steady_us();
  Unfinished unfinished(to);
  ATTUNE_TRY(real_file_system().create_folder(to));
  ATTUNE_TRY(check_space(parts, to));
  ATTUNE_ASSIGN(const Manifest manifest, Backup(parts, to, progress).run());
  unfinished.keep();
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  for (const store::TablePrint& table : manifest.tables) rows += table.rows;
  for (const BackupFile& file : manifest.files) bytes += file.bytes;
  const json::object result{
      {"to", to},
      {"files", manifest.files.size() + 1},
      {"bytes", bytes},
      {"tables", manifest.tables.size()},
      {"rows", rows},
      {"journal", json::object{{"first", manifest.journal_first},
                               {"end", manifest.journal_end},
                               {"position", manifest.journal_position}}},
      {"seconds", static_cast<double>(parts.clock.steady_us() - started_us) / 1e6},
      {"left_out", "salts and secret: they are made anew"}};
  return json::serialize(result);
}

}  // namespace attune
