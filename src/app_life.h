// What a backup is, and how it becomes a data folder again. Private to src/app*.cpp and to the
// commands that need no running server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config.h"
#include "store/store.h"
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
  std::string engine;                // "duckdb" or "postgres"
  std::string made_at;               // UTC
  std::uint64_t journal_first = 0;
  std::uint64_t journal_end = 0;     // of the copied journal
  std::uint64_t journal_position = 0;   // up to which the tables are complete
  std::vector<store::TablePrint> tables;
  std::vector<BackupFile> files;
  // Of PostgreSQL alone: each table is a file, tables/NAME.copy.
  std::int32_t schema = 0;              // number of the newest migration
  std::vector<std::pair<std::string, std::int64_t>> sequences;   // and the last number of each
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

/// Writes all tables of a PostgreSQL database, as of one moment, into files of the folder `to`
/// (app_backup_postgres.cpp), and fills in what the manifest says of them.
///
/// begun  called once within the transaction, when that moment has come.
[[nodiscard]] Result<void> export_database(store::Session& session, const std::string& to,
                                           const std::function<Result<void>()>& begun,
                                           const store::CopyListener& show, Manifest& manifest);
/// Puts them into a database without tables, and compares rows and hashes with the manifest. When
/// it fails, the database is without tables again.
///
/// open     opens the database; asked anew when it has tables.
/// data     the data folder that is made, where models will lie.
/// Errors   failed_precondition: there are tables of ours in it; those of migrate_up.
using OpenStore = std::function<Result<std::unique_ptr<store::Store>>()>;
[[nodiscard]] Result<void> import_database(const OpenStore& open, const std::string& from,
                                           const std::string& data,
                                           const store::CopyListener& show,
                                           const Manifest& manifest);

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
