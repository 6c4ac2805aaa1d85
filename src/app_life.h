// What a backup is, and how it becomes a data folder again. Private to src/app*.cpp and to the
// commands that need no running server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config.h"
#include "store/table_prints.h"

namespace attune {

/// Format of manifest.json; a restore refuses others.
inline constexpr int kBackupFormat = 1;

struct BackupFile {
  std::string path;      // within the backup: "journal/00000000000000000000.journal"
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// What a backup says of itself. docs/operations.md has the fields.
struct Manifest {
  std::string version;               // of the program that made it
  std::string engine;                // "duckdb"
  std::string made_at;               // UTC
  std::uint64_t journal_first = 0;
  std::uint64_t journal_end = 0;     // of the copied journal
  std::uint64_t journal_position = 0;   // up to which the tables are complete
  std::vector<store::TablePrint> tables;
  std::vector<BackupFile> files;
};

std::string to_json(const Manifest& manifest);
/// Errors   data_loss: not a manifest; failed_precondition: of another format.
[[nodiscard]] Result<Manifest> read_manifest(std::string_view json);

/// Errors   data_loss: they differ; names the first table that does.
[[nodiscard]] Result<void> same_tables(const std::vector<store::TablePrint>& wanted,
                                       const std::vector<store::TablePrint>& found);

struct RestoreReport {
  Manifest manifest;
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
};

using RestoreListener = std::function<void(double done, const std::string& what)>;

/// Puts a backup into an empty place. Every hash is checked before anything is written, every table
/// is counted and hashed again afterwards, and only then does the folder get its name.
///
/// from     the backup's folder.
/// data     the data folder to make; it may exist when it is empty.
/// Errors   failed_precondition: the data folder is not empty, or a newer version made the backup;
///          not_found, data_loss: the backup is not whole; unavailable: the disk.
[[nodiscard]] Result<RestoreReport> restore(const std::string& from, const std::string& data,
                                            const Config& config, const RestoreListener& show);

}  // namespace attune
