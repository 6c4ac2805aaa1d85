// The tables of a PostgreSQL database in a backup: one file each, in COPY's text, which later
// versions of the server read too. Written in one snapshot, so they belong together; read in one
// transaction, so they are all there or none.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "app_life.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/sha256.h"
#include "etl/months.h"
#include "etl/retention.h"
#include "store/migrate.h"
#include "store/sql_catalog.h"
#include "store/transaction.h"

namespace attune {
namespace {

using store::Value;

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kMonthsBackMax = 120;
constexpr int kMonthsAhead = 2;

std::string file_of(const std::string& table) { return "tables/" + table + ".copy"; }

/// A new file that is hashed while it is written.
class TableFile {
 public:
  [[nodiscard]] static Result<TableFile> make(const std::string& path) {
    TableFile made;
    ATTUNE_ASSIGN(made.file_, real_file_system().open(path, FileSystem::Open::create));
    return made;
  }

  Result<void> write(std::string_view bytes) {
    buffer_.append(bytes);
    return buffer_.size() < kPieceBytes ? Result<void>() : flush();
  }

  Result<FileDigest> finish() {
    ATTUNE_TRY(flush());
    ATTUNE_TRY(file_->sync_data());
    return FileDigest{.bytes = bytes_, .sha256 = hash_->finish()};
  }

 private:
  Result<void> flush() {
    ATTUNE_TRY(file_->write_at(bytes_, buffer_));
    hash_->add(buffer_);
    bytes_ += buffer_.size();
    buffer_.clear();
    return {};
  }

  std::unique_ptr<File> file_;
  std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
  std::string buffer_;
  std::uint64_t bytes_ = 0;
};

Result<void> export_snapshot(store::Session& session, const std::string& to,
                             const std::function<Result<void>()>& begun,
                             const store::CopyListener& show, Manifest& manifest) {
  ATTUNE_TRY(session.execute("store/snapshot"));
  ATTUNE_TRY(begun());
  ATTUNE_ASSIGN(manifest.tables, store::print_tables(session));
  for (const store::TablePrint& table : manifest.tables) {
    if (table.table != "extension_choice" || table.rows == 0) continue;
    return fail(ErrorCode::failed_precondition,
                "the database was made for an extension (attune init): back it up with the "
                "extension's own means");
  }
  ATTUNE_ASSIGN(const auto status,
                store::migration_status(session, store::SqlCatalog(store::Engine::postgres)));
  for (const store::MigrationStatus& each : status) {
    if (each.applied_at) manifest.schema = std::max(manifest.schema, each.number);
  }
  double done = 0;
  for (const store::TablePrint& table : manifest.tables) {
    if (show) show(table.table, done / static_cast<double>(manifest.tables.size()));
    done += 1;
    ATTUNE_ASSIGN(TableFile file, TableFile::make(to + "/" + file_of(table.table)));
    ATTUNE_TRY(session.export_table(
        table.table, [&](std::string_view bytes) { return file.write(bytes); }));
    ATTUNE_ASSIGN(const FileDigest digest, file.finish());
    manifest.files.push_back({file_of(table.table), digest.bytes, digest.sha256});
  }
  ATTUNE_ASSIGN(const store::Rows sequences, session.query("store/sequences", {}));
  for (const auto& row : sequences.rows) {
    manifest.sequences.emplace_back(std::get<std::string>(row[0]),
                                    std::get<std::int64_t>(row[1]));
  }
  return {};
}

Result<void> import_one(store::Session& session, const std::string& path,
                        const std::string& table) {
  ATTUNE_ASSIGN(const auto file, real_file_system().open(path, FileSystem::Open::read));
  std::string piece(kPieceBytes, '\0');
  std::uint64_t at = 0;
  return session.import_table(table, [&]() -> Result<std::string_view> {
    ATTUNE_ASSIGN(const std::size_t count, file->read_at(at, piece));
    at += count;
    return std::string_view(piece).substr(0, count);
  });
}

Result<void> import_all(store::Session& session, const std::string& from,
                        const store::CopyListener& show, const Manifest& manifest) {
  double done = 0;
  for (const store::TablePrint& table : manifest.tables) {
    if (show) show(table.table, done / static_cast<double>(manifest.tables.size()));
    done += 1;
    ATTUNE_TRY(import_one(session, from + "/" + file_of(table.table), table.table));
  }
  for (const auto& [name, last] : manifest.sequences) {
    const std::array parameters{Value{name}, Value{last}};
    ATTUNE_TRY(session.query("store/set_sequence", parameters));
  }
  ATTUNE_ASSIGN(const auto prints, store::print_tables(session));
  return same_tables(manifest.tables, prints);
}

/// Partitions for the months that came along; older ones than a server makes stay in the last one.
Result<void> make_partitions(store::Session& session) {
  ATTUNE_ASSIGN(const auto oldest, session.query("store/first_interaction", {}));
  const auto* first = std::get_if<store::Timestamp>(&oldest.rows.at(0).at(0));
  if (first == nullptr) return {};
  const std::int64_t now_ms = RealClock().now_ms();
  const std::int64_t begin_ms =
      std::max(first->us / 1000, etl::month_begin_ms(now_ms, -kMonthsBackMax));
  const std::array parameters{
      Value{store::Date{etl::day_of(begin_ms)}},
      Value{store::Date{etl::day_of(etl::month_begin_ms(now_ms, kMonthsAhead))}}};
  ATTUNE_TRY(session.query("maintain/make_partitions", parameters));
  return {};
}

Result<void> check_empty(store::Store& store, const store::SqlCatalog& catalog,
                         const Manifest& manifest) {
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_ASSIGN(const auto status, store::migration_status(*session, catalog));
  bool known = false;
  for (const store::MigrationStatus& each : status) {
    known = known || each.number == manifest.schema;
    if (each.state == store::MigrationState::pending) continue;
    return fail(ErrorCode::failed_precondition,
                "the database holds Attune's tables: a restore never writes over data; name an "
                "empty database",
                "database");
  }
  if (known) return {};
  return fail(ErrorCode::failed_precondition,
              fmt::format("the backup has schema {}, which this program does not know: use the "
                          "version that made it ({})",
                          manifest.schema, manifest.version));
}

}  // namespace

Result<void> export_database(store::Session& session, const std::string& to,
                             const std::function<Result<void>()>& begun,
                             const store::CopyListener& show, Manifest& manifest) {
  ATTUNE_TRY(real_file_system().create_folder(to + "/tables"));
  ATTUNE_TRY(session.begin());
  auto exported = export_snapshot(session, to, begun, show, manifest);
  static_cast<void>(session.rollback());   // it only read
  if (!exported) return pass(exported, "copying the tables");
  return real_file_system().sync_folder(to + "/tables");
}

Result<void> import_database(const OpenStore& open, const std::string& from,
                             const std::string& data, const store::CopyListener& show,
                             const Manifest& manifest) {
  const store::SqlCatalog catalog(store::Engine::postgres);
  {
    ATTUNE_ASSIGN(const auto store, open());
    ATTUNE_TRY(check_empty(*store, catalog, manifest));
    store::MigrateOptions up;
    up.last = manifest.schema;
    ATTUNE_TRY(store::migrate_up(*store, catalog, up));
  }
  ATTUNE_ASSIGN(const auto store, open());   // sessions of before know no roles
  const auto fill = [&]() -> Result<void> {
    ATTUNE_ASSIGN(const auto session, store->session());
    ATTUNE_TRY(store::in_transaction(
        *session, [&] { return import_all(*session, from, show, manifest); }));
    ATTUNE_TRY(store::migrate_up(*store, catalog));
    const std::array parameters{Value{data}};
    ATTUNE_TRY(session->execute("learn/models_moved", parameters));
    return make_partitions(*session);
  };
  auto filled = fill();
  if (!filled) {
    store::MigrateOptions down;
    down.lose_data = true;   // what was made here
    static_cast<void>(store::migrate_down(*store, catalog, 0, down));
    return pass(filled, "filling the database");
  }
  return filled;
}

}  // namespace attune
