// `attune restore`: a backup into an empty place. Made beside the folder's name and renamed to it
// at the end, so that whatever goes wrong, nothing that was there is touched and no half folder is
// left.
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <limits>
#include <memory>

#include "app.h"
#include "app_life.h"
#include "app_parts.h"
#include "base/sha256.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kManifestBytesMax = 64 << 20;

Result<Manifest> load_manifest(const std::string& from) {
  auto text = read_file(real_file_system(), from + "/manifest.json", kManifestBytesMax);
  if (!text && text.error().code() == ErrorCode::not_found) {
    return fail(ErrorCode::not_found,
                from + " is no backup, or one that was not finished: it has no manifest.json");
  }
  if (!text) return pass(text, "reading the backup");
  return read_manifest(*text);
}

Result<void> check_engine(const Manifest& manifest, const Config& config) {
  if (manifest.engine == "duckdb") {
    if (config.store.url.empty()) return {};
    return fail(ErrorCode::failed_precondition,
                "the backup is of an embedded database: leave out --database (setting store.url)");
  }
  if (manifest.engine != "postgres") {
    return fail(ErrorCode::failed_precondition, "the backup is of tables in " + manifest.engine);
  }
  if (!config.store.url.empty()) return {};
  return fail(ErrorCode::failed_precondition,
              "the backup is of a PostgreSQL database: name an empty one with --database",
              "database");
}

Result<void> check_files(const std::string& from, const Manifest& manifest,
                         const RestoreListener& show) {
  double done = 0;
  for (const BackupFile& file : manifest.files) {
    show(0.3 * done / static_cast<double>(manifest.files.size()), "checking " + file.path);
    done += 1;
    auto digest = digest_file(real_file_system(), from + "/" + file.path);
    if (!digest && digest.error().code() == ErrorCode::not_found) {
      return fail(ErrorCode::data_loss, fmt::format("the backup lacks {}", file.path));
    }
    if (!digest) return pass(digest, "reading the backup");
    if (digest->bytes != file.bytes || digest->sha256 != file.sha256) {
      return fail(ErrorCode::data_loss,
                  fmt::format("{} of the backup is not as it was written ({} bytes, {} expected): "
                              "take another copy of the backup",
                              file.path, digest->bytes, file.bytes));
    }
  }
  return {};
}

Result<void> check_place(const std::string& data) {
  std::error_code error;
  if (!fs::exists(data, error)) return {};
  if (fs::is_directory(data, error) && fs::is_empty(data, error)) return {};
  return fail(ErrorCode::failed_precondition,
              data + " is not empty: a restore never writes over data; name a new folder");
}

Result<void> check_space(const std::string& beside, const Manifest& manifest) {
  std::uint64_t needed = 0;
  for (const BackupFile& file : manifest.files) needed += file.bytes;
  ATTUNE_ASSIGN(const std::uint64_t free, real_file_system().free_bytes(beside));
  if (free >= needed) return {};
  return fail(ErrorCode::unavailable, fmt::format("{} has {} MiB free, the backup needs {} MiB",
                                                  beside, free >> 20, needed >> 20));
}

Result<void> copy_files(const std::string& from, const std::string& to, const Manifest& manifest,
                        const RestoreListener& show) {
  FileSystem& files = real_file_system();
  double done = 0;
  for (const BackupFile& file : manifest.files) {
    show(0.3 + 0.4 * done / static_cast<double>(manifest.files.size()), "copying " + file.path);
    done += 1;
    if (file.path.starts_with("tables/")) continue;   // for the database, not for the folder
    const std::string target = to + "/" + file.path;
    ATTUNE_TRY(files.create_folder(folder_of(target)));
    ATTUNE_ASSIGN(const FileDigest digest, copy_file(files, from + "/" + file.path, target,
                                                     std::numeric_limits<std::uint64_t>::max()));
    if (digest.sha256 != file.sha256) {
      return fail(ErrorCode::data_loss, file.path + " changed while it was copied");
    }
    ATTUNE_TRY(files.sync_folder(folder_of(target)));
  }
  return {};
}

/// The copy, opened as the server will open it: tables as the manifest says, and a journal that
/// holds what comes after them. Then models are told where they lie.
Result<void> check_copy(const std::string& folder, const Manifest& manifest, const Config& config,
                        const std::string& data) {
  const DataPaths paths(folder);
  if (manifest.engine == "duckdb") {
    ATTUNE_ASSIGN(const auto store, open_embedded(paths.database, config));
    ATTUNE_ASSIGN(const auto session, store->session());
    ATTUNE_ASSIGN(const auto prints, store::print_tables(*session));
    ATTUNE_TRY(same_tables(manifest.tables, prints));
    // A newer program's tables are refused here, an older one's brought up to date.
    ATTUNE_TRY(store->migrate());
    const std::array parameters{store::Value{data}};
    ATTUNE_TRY(session->execute("learn/models_moved", parameters));
    ATTUNE_TRY(store->checkpoint());
  }
  RealClock clock;
  journal::FileJournalOptions options;
  options.folder = paths.journal;
  options.segment_bytes = static_cast<std::uint64_t>(config.journal.segment_bytes);
  ATTUNE_ASSIGN(const auto journal, journal::FileJournal::open(real_file_system(), clock, options));
  if (journal->durable_end().offset != manifest.journal_end ||
      journal->first().offset != manifest.journal_first) {
    return fail(ErrorCode::data_loss,
                fmt::format("the journal reaches from {} to {}, the manifest says {} to {}",
                            journal->first().offset, journal->durable_end().offset,
                            manifest.journal_first, manifest.journal_end));
  }
  return {};
}

/// The tables of a server; the folder remembers where they are.
Result<void> fill_database(const std::string& from, const std::string& folder,
                           const Manifest& manifest, const Config& config, const std::string& data,
                           const RestoreListener& show) {
  const auto open = [&] { return open_database(DataPaths(folder), config); };
  const auto tell = [&](const std::string& table, double done) {
    show(0.7 + 0.3 * done, "filling " + table);
  };
  return import_database(open, from, data, tell, manifest);
}

Result<void> put_in_place(const std::string& made, const std::string& data) {
  std::error_code error;
  fs::remove(data, error);   // an empty folder; one that filled up stays, and the rename fails
  if (::chmod(made.c_str(), 0700) != 0) {
    return fail(ErrorCode::unavailable, "cannot close " + made + " to others");
  }
  ATTUNE_TRY(real_file_system().rename(made, data));
  return real_file_system().sync_folder(folder_of(data));
}

}  // namespace

Result<RestoreReport> restore(const std::string& from, const std::string& data,
                              const Config& config, const RestoreListener& show) {
  const std::string target = fs::path(data + "/").lexically_normal().parent_path().string();
  ATTUNE_TRY(check_place(target));
  RestoreReport report;
  ATTUNE_ASSIGN(report.manifest, load_manifest(from));
  ATTUNE_TRY(check_engine(report.manifest, config));
  ATTUNE_TRY(check_files(from, report.manifest, show));
  ATTUNE_TRY(real_file_system().create_folder(folder_of(target)));
  ATTUNE_TRY(check_space(folder_of(target), report.manifest));

  const std::string made = target + ".restoring";
  std::error_code error;
  fs::remove_all(made, error);   // of a restore that was interrupted
  const auto make = [&]() -> Result<void> {
    ATTUNE_TRY(copy_files(from, made, report.manifest, show));
    show(0.7, "comparing tables and journal with the manifest");
    ATTUNE_TRY(check_copy(made, report.manifest, config, target));
    if (report.manifest.engine == "postgres") {
      ATTUNE_TRY(fill_database(from, made, report.manifest, config, target, show));
    }
    return put_in_place(made, target);
  };
  if (auto done = make(); !done) {
    fs::remove_all(made, error);
    return pass(done, "restoring");
  }
  for (const store::TablePrint& table : report.manifest.tables) report.rows += table.rows;
  for (const BackupFile& file : report.manifest.files) report.bytes += file.bytes;
  show(1, "done");
  return report;
}

}  // namespace attune
