// Rows past their cold age, moved out of the database into files: one Parquet file (zstd, sorted by
// person) for each site, month and run, below the archive's folder, with a row of the catalogue
// (archive_file) for each. Queries find them under the table's old name (store/archive_view).
//
// A file is written beside its name, synced and renamed before the transaction that takes its rows
// out of the table, puts it into the catalogue and marks the rows as taken out. Whatever a crash
// leaves that is not in the catalogue is no part of the archive, and swept away by the next run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "etl/erasure.h"
#include "etl/retention.h"
#include "store/store.h"

namespace attune::etl {

struct ArchiveSettings {
  /// DATA, which the folder "archive" and the database that files are made in lie in.
  std::string data;
  std::int64_t memory_bytes_max = std::int64_t{256} << 20;
  int threads = 2;
  /// Told before each step: for progress, and for tests that end the process there.
  std::function<void(std::string_view step)> on_step = [](std::string_view) {};
  /// Asked between files; what is left is done by the next run.
  std::function<bool()> stop_requested = [] { return false; };
};

/// A file of the catalogue.
struct ArchivedFile {
  std::string file;          // below the archive's folder
  std::string site;
  store::Date month;         // its first day
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::string sha256;
  store::Timestamp first;
  store::Timestamp last;
};

[[nodiscard]] Result<std::vector<ArchivedFile>> archived_files(store::Session& session);

/// Not thread safe; one at a time for a data folder, and no replay or backup meanwhile.
class Archive {
 public:
  Archive(FileSystem& files, ArchiveSettings settings)
      : files_(files), settings_(std::move(settings)) {}
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// Moves whole months that are past the age of their site.
  ///
  /// Returns  the files made.
  /// Errors   those of the store and of files; what was done before stays done.
  [[nodiscard]] Result<std::vector<ArchivedFile>> move_old(store::Session& session,
                                                           const std::vector<std::string>& sites,
                                                           const RetentionRules& rules,
                                                           std::int64_t now_ms);

  /// Removes files whose newest row is older than its site allows.
  /// Returns  rows removed.
  [[nodiscard]] Result<std::int64_t> remove_old(store::Session& session,
                                                const RetentionRules& rules, std::int64_t now_ms);

  /// Takes people, or a site as a whole, out of the archive: files that hold them are written anew.
  /// Returns  rows taken out.
  [[nodiscard]] Result<std::int64_t> erase(store::Session& session, const ErasedIds& ids,
                                           std::int64_t now_ms);

  /// Removes files that the catalogue does not know.
  /// Returns  how many.
  [[nodiscard]] Result<std::int64_t> sweep(store::Session& session);

  /// Answers ad-hoc text from the archive alone, where the server's database cannot read it.
  [[nodiscard]] Result<store::Rows> query_text(store::Session& session, std::string_view sql,
                                               const store::QueryOptions& options);

 private:
  struct Month;
  Result<store::Session*> workshop();
  Result<ArchivedFile> move_month(store::Session& session, const Month& month,
                                  std::int64_t now_ms);
  Result<std::int64_t> load_rows(store::Session& session, const Month& month,
                                 std::int64_t before_id);
  Result<ArchivedFile> write(const std::string& site, std::int64_t month_ms, std::int64_t now_ms);
  Result<std::int64_t> erase_people(store::Session& session, const ArchivedFile& old,
                                    const ErasedIds& ids, std::int64_t now_ms);
  Result<void> forget(const std::string& file);
  std::string path_of(const std::string& file) const;
  std::string workshop_file() const { return settings_.data + "/archive.making.duckdb"; }

  FileSystem& files_;
  const ArchiveSettings settings_;
  std::unique_ptr<store::Store> workshop_store_;   // a database that files are made in
  std::unique_ptr<store::Session> workshop_;
};

}  // namespace attune::etl
