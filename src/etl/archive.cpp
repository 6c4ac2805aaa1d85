#include "etl/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include "base/hash.h"
#include "base/sha256.h"
#include "base/time_zone.h"
#include "etl/months.h"
#include "etl/replay.h"
#include "etl/settings.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"
#include "store/transaction.h"

namespace attune::etl {
namespace {

namespace fs = std::filesystem;
using store::Timestamp;
using store::Value;

constexpr std::size_t kBatchRows = 50'000;
constexpr char kSeparator = '\x1f';
constexpr store::QueryOptions kPatient{.rows_max = 10'000'000, .timeout_ms = 3'600'000};
constexpr std::string_view kUnfinished = ".new";

/// Rows of archive/rows on their way into the database that files are made in.
class RowCopy {
 public:
  explicit RowCopy(store::Session& to) : to_(to) {}

  Result<void> push(std::span<const Value> row) {
    put<std::int64_t>(id_, row[0]);
    put<std::int64_t>(user_, row[1]);
    put<std::int64_t>(product_, row[2]);
    put<std::string>(type_, row[3]);
    put<std::string>(session_, row[4]);
    put<Timestamp>(timestamp_, row[5]);
    const auto* context = std::get_if<store::Json>(&row[6]);
    context != nullptr ? context_.push(context->text) : context_.push_null();
    put_decimal(reward_, row[7]);
    put<std::string>(site_, row[8]);
    put<std::string>(visitor_, row[9]);
    put<std::string>(item_, row[10]);
    put_decimal(quantity_, row[11]);
    put_decimal(price_, row[12]);
    put<Uuid>(decision_, row[13]);
    return batch_.count() < kBatchRows ? Result<void>() : flush();
  }

  Result<void> flush() {
    if (batch_.empty()) return {};
    ATTUNE_TRY(to_.append(kInteractions, batch_));
    batch_.clear();
    return {};
  }

 private:
  template <class T, class Column>
  static void put(Column& column, const Value& value) {
    if (const T* given = std::get_if<T>(&value)) column.push(*given);
    else column.push_null();
  }
  static void put_decimal(store::DecimalColumn& column, const Value& value) {
    if (const double* given = std::get_if<double>(&value)) column.push_rounded(*given);
    else column.push_null();
  }

  store::Session& to_;
  store::ColumnBatch batch_;
  store::Int64Column& id_ = batch_.add_int64("id");
  store::Int64Column& user_ = batch_.add_int64("user_id");
  store::Int64Column& product_ = batch_.add_int64("product_id");
  store::TextColumn& type_ = batch_.add_text("interaction_type");
  store::TextColumn& session_ = batch_.add_text("session_id");
  store::TimestampColumn& timestamp_ = batch_.add_timestamp("timestamp");
  store::TextColumn& context_ = batch_.add_json("context");
  store::DecimalColumn& reward_ = batch_.add_decimal("reward", 2);
  store::TextColumn& site_ = batch_.add_text("site_id");
  store::TextColumn& visitor_ = batch_.add_text("visitor_id");
  store::TextColumn& item_ = batch_.add_text("item_id");
  store::DecimalColumn& quantity_ = batch_.add_decimal("quantity", 3);
  store::DecimalColumn& price_ = batch_.add_decimal("price", 4);
  store::UuidColumn& decision_ = batch_.add_uuid("decision_id");
};

Result<void> add_to_catalogue(store::Session& session, const ArchivedFile& file,
                              std::int64_t now_ms) {
  const std::array parameters{Value{file.file},
                              Value{file.site},
                              Value{std::string(kInteractions)},
                              Value{file.month},
                              Value{file.rows},
                              Value{file.bytes},
                              Value{file.sha256},
                              Value{file.first},
                              Value{file.last},
                              Value{Timestamp::from_ms(now_ms)}};
  ATTUNE_TRY(session.execute("archive/add", parameters));
  return {};
}

Result<void> remove_from_catalogue(store::Session& session, const std::string& file) {
  const std::array parameters{Value{file}};
  ATTUNE_TRY(session.execute("archive/remove", parameters));
  return {};
}

void remove_database(const std::string& file) {
  std::error_code ignored;
  for (const char* suffix : {"", ".wal"}) fs::remove(file + suffix, ignored);
  fs::remove_all(file + ".tmp", ignored);
}

/// Numbers that the ids have in users.id.
std::string user_numbers(const ErasedIds& ids) {
  std::string text;
  for (const auto* list : {&ids.visitors, &ids.anonymous, &ids.users}) {
    for (const std::string& id : *list) {
      fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : "\x1f",
                     stable_id(ids.site, id));
    }
  }
  return text;
}

std::string visitor_ids(const ErasedIds& ids) {
  std::string text;
  for (const auto* list : {&ids.visitors, &ids.anonymous}) {
    for (const std::string& id : *list) {
      if (!text.empty()) text += kSeparator;
      text += id;
    }
  }
  return text;
}

}  // namespace

struct Archive::Month {
  std::string site;
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
};

Result<std::vector<ArchivedFile>> archived_files(store::Session& session) {
  std::vector<ArchivedFile> all;
  ATTUNE_TRY(session.scan("archive/files", {}, [&](std::span<const Value> row) -> Result<void> {
    all.push_back({.file = std::get<std::string>(row[0]),
                   .site = std::get<std::string>(row[1]),
                   .month = std::get<store::Date>(row[2]),
                   .rows = std::get<std::int64_t>(row[3]),
                   .bytes = std::get<std::int64_t>(row[4]),
                   .sha256 = std::get<std::string>(row[5]),
                   .first = std::get<Timestamp>(row[6]),
                   .last = std::get<Timestamp>(row[7])});
    return {};
  }));
  return all;
}

Archive::~Archive() {
  workshop_.reset();
  if (!workshop_store_) return;
  workshop_store_.reset();
  remove_database(workshop_file());
}

std::string Archive::path_of(const std::string& file) const {
  return settings_.data + "/archive/" + file;
}

Result<store::Session*> Archive::workshop() {
  if (!workshop_) {
    remove_database(workshop_file());   // of a process that ended early
    store::DuckdbSettings settings;
    settings.file = workshop_file();
    settings.memory_bytes_max = settings_.memory_bytes_max;
    settings.threads = settings_.threads;
    settings.archive = settings_.data + "/archive";
    ATTUNE_ASSIGN(workshop_store_, store::open_duckdb(settings));
    ATTUNE_TRY(workshop_store_->migrate());
    ATTUNE_ASSIGN(workshop_, workshop_store_->session());
  }
  ATTUNE_TRY(workshop_->execute("archive/clear"));
  return workshop_.get();
}

Result<std::vector<ArchivedFile>> Archive::move_old(store::Session& session,
                                                    const std::vector<std::string>& sites,
                                                    const RetentionRules& rules,
                                                    std::int64_t now_ms) {
  ATTUNE_TRY(sweep(session));
  ATTUNE_TRY(apply_marks(session));   // or rows that a replay brought back would be moved twice
  std::vector<ArchivedFile> made;
  for (const std::string& site : sites) {
    const auto days = rules.of(site, kInteractions).archive_after_days;
    if (!days) continue;
    const std::int64_t before_ms = month_begin_ms(now_ms - *days * kDayMs);
    ATTUNE_ASSIGN(const journal::Position position, committed_position(session));
    const std::array parameters{Value{site}, Value{Timestamp::from_ms(before_ms)},
                                Value{static_cast<std::int64_t>(position.offset)}};
    while (!settings_.stop_requested()) {   // each turn takes away the oldest month there is
      ATTUNE_ASSIGN(const auto oldest, session.query("archive/first", parameters, kPatient));
      const auto* first = std::get_if<Timestamp>(&oldest.rows.at(0).at(0));
      if (first == nullptr) break;
      const std::int64_t begin_ms = month_begin_ms(first->us / 1000);
      ATTUNE_ASSIGN(ArchivedFile file,
                    move_month(session, {site, begin_ms, month_begin_ms(begin_ms, 1)}, now_ms));
      made.push_back(std::move(file));
    }
  }
  return made;
}

Result<ArchivedFile> Archive::move_month(store::Session& session, const Month& month,
                                         std::int64_t now_ms) {
  auto moved = store::in_transaction(session, [&]() -> Result<ArchivedFile> {
    if (session.engine() == store::Engine::postgres) {
      ATTUNE_TRY(session.execute("store/snapshot"));
    }
    ATTUNE_ASSIGN(const journal::Position position, committed_position(session));
    const auto before_id = static_cast<std::int64_t>(position.offset);
    settings_.on_step("reading rows");
    ATTUNE_ASSIGN(const std::int64_t read, load_rows(session, month, before_id));
    ATTUNE_ASSIGN(ArchivedFile file, write(month.site, month.begin_ms, now_ms));
    settings_.on_step("taking rows out of the table");
    const std::array range{Value{month.site}, Value{Timestamp::from_ms(month.begin_ms)},
                           Value{Timestamp::from_ms(month.end_ms)}, Value{before_id}};
    ATTUNE_ASSIGN(const std::int64_t deleted, session.execute("archive/delete", range));
    if (deleted != read || file.rows != read) {
      return fail(ErrorCode::internal,
                  fmt::format("{} rows were read, {} written and {} deleted", read, file.rows,
                              deleted));
    }
    ATTUNE_TRY(add_to_catalogue(session, file, now_ms));
    ATTUNE_TRY(mark(session,
                    {.site = month.site,
                     .table = std::string(kInteractions),
                     .action = "archived",
                     .before = Timestamp::from_ms(month.end_ms),
                     .before_id = before_id,
                     .rows = read},
                    now_ms));
    settings_.on_step("committing");
    return file;
  });
  if (!moved) {
    return pass(moved, fmt::format("archiving {} of site {}",
                                   day_text(day_of(month.begin_ms)).substr(0, 7), month.site));
  }
  settings_.on_step("committed");
  return moved;
}

Result<std::int64_t> Archive::load_rows(store::Session& session, const Month& month,
                                        std::int64_t before_id) {
  ATTUNE_ASSIGN(store::Session* const to, workshop());
  ATTUNE_TRY(to->begin());
  RowCopy copy(*to);
  const std::array range{Value{month.site}, Value{Timestamp::from_ms(month.begin_ms)},
                         Value{Timestamp::from_ms(month.end_ms)}, Value{before_id}};
  auto read = session.scan(
      "archive/rows", range, [&](std::span<const Value> row) { return copy.push(row); }, kPatient);
  if (read) {
    if (auto flushed = copy.flush(); !flushed) read = pass(flushed);
  }
  if (!read) {
    static_cast<void>(to->rollback());   // the first error says what went wrong
    return read;
  }
  ATTUNE_TRY(to->commit());
  return read;
}

/// Makes a file of what is in the workshop: durable, under its name, when this returns.
Result<ArchivedFile> Archive::write(const std::string& site, std::int64_t month_ms,
                                    std::int64_t now_ms) {
  ATTUNE_ASSIGN(const auto extent, workshop_->query("archive/extent", {}, kPatient));
  ArchivedFile made;
  made.rows = std::get<std::int64_t>(extent.rows.at(0).at(0));
  if (made.rows == 0) return fail(ErrorCode::internal, "there are no rows to archive");
  made.site = site;
  made.month = store::Date{day_of(month_ms)};
  made.first = std::get<Timestamp>(extent.rows.at(0).at(1));
  made.last = std::get<Timestamp>(extent.rows.at(0).at(2));
  const std::string folder =
      fmt::format("{}/site_id={}/month={}", kInteractions, site.empty() ? "none" : site,
                  day_text(made.month.days).substr(0, 7));
  std::int64_t name = now_ms;   // tells files of one month apart
  do made.file = fmt::format("{}/{}.parquet", folder, name++);
  while (fs::exists(path_of(made.file)));
  const std::string path = path_of(made.file);
  ATTUNE_TRY(files_.create_folder(path_of(folder)));
  settings_.on_step("writing a file");
  const std::string unfinished = path + std::string(kUnfinished);
  const std::array target{Value{unfinished}};
  ATTUNE_TRY(workshop_->execute("archive/write", target));
  settings_.on_step("syncing the file");
  {
    ATTUNE_ASSIGN(const auto file, files_.open(unfinished, FileSystem::Open::write));
    ATTUNE_TRY(file->sync_data());
  }
  ATTUNE_ASSIGN(const FileDigest digest, digest_file(files_, unfinished));
  made.bytes = static_cast<std::int64_t>(digest.bytes);
  made.sha256 = digest.sha256;
  settings_.on_step("naming the file");
  ATTUNE_TRY(files_.rename(unfinished, path));
  ATTUNE_TRY(files_.sync_folder(path_of(folder)));
  return made;
}

Result<std::int64_t> Archive::remove_old(store::Session& session, const RetentionRules& rules,
                                         std::int64_t now_ms) {
  ATTUNE_TRY(sweep(session));
  ATTUNE_ASSIGN(const auto all, archived_files(session));
  std::int64_t rows = 0;
  for (const ArchivedFile& file : all) {
    const auto days = rules.of(file.site, kInteractions).delete_after_days;
    if (!days || file.last.us / 1000 >= now_ms - *days * kDayMs) continue;
    ATTUNE_TRY(remove_from_catalogue(session, file.file));
    ATTUNE_TRY(forget(file.file));
    rows += file.rows;
  }
  return rows;
}

Result<std::int64_t> Archive::erase(store::Session& session, const ErasedIds& ids,
                                    std::int64_t now_ms) {
  ATTUNE_TRY(sweep(session));
  ATTUNE_ASSIGN(const auto all, archived_files(session));
  std::int64_t rows = 0;
  for (const ArchivedFile& file : all) {
    if (file.site != ids.site) continue;
    if (ids.everything) {
      ATTUNE_TRY(remove_from_catalogue(session, file.file));
      ATTUNE_TRY(forget(file.file));
      rows += file.rows;
      continue;
    }
    ATTUNE_ASSIGN(const std::int64_t erased, erase_people(session, file, ids, now_ms));
    rows += erased;
  }
  return rows;
}

Result<std::int64_t> Archive::erase_people(store::Session& session, const ArchivedFile& old,
                                           const ErasedIds& ids, std::int64_t now_ms) {
  ATTUNE_ASSIGN(store::Session* const shop, workshop());
  const Value visitors{visitor_ids(ids)};
  const Value users{user_numbers(ids)};
  const Value path{path_of(old.file)};
  const std::array question{path, visitors, users};
  ATTUNE_ASSIGN(const auto theirs, shop->query("archive/count_people", question, kPatient));
  const auto rows = std::get<std::int64_t>(theirs.rows.at(0).at(0));
  if (rows == 0) return rows;
  ArchivedFile made;
  if (rows < old.rows) {
    const std::array source{path};
    ATTUNE_TRY(shop->execute("archive/read", source));
    const std::array people{visitors, users};
    ATTUNE_TRY(shop->execute("archive/erase_people", people));
    ATTUNE_ASSIGN(made, write(old.site, std::int64_t{old.month.days} * kDayMs, now_ms));
  }
  auto replaced = store::in_transaction(session, [&]() -> Result<void> {
    ATTUNE_TRY(remove_from_catalogue(session, old.file));
    return made.file.empty() ? Result<void>() : add_to_catalogue(session, made, now_ms);
  });
  if (!replaced) return pass(replaced, "replacing " + old.file);
  ATTUNE_TRY(forget(old.file));
  return rows;
}

/// One that is gone already is no mistake.
Result<void> Archive::forget(const std::string& file) {
  settings_.on_step("removing a file");
  auto removed = files_.remove(path_of(file));
  if (!removed && removed.error().code() != ErrorCode::not_found) return removed;
  auto synced = files_.sync_folder(folder_of(path_of(file)));
  if (!synced && synced.error().code() != ErrorCode::not_found) return synced;
  return {};
}

Result<std::int64_t> Archive::sweep(store::Session& session) {
  const std::string root = settings_.data + "/archive";
  ATTUNE_TRY(files_.create_folder(root));
  ATTUNE_ASSIGN(const auto all, archived_files(session));
  std::set<std::string> known;
  for (const ArchivedFile& file : all) known.insert(file.file);
  std::vector<std::string> strange;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    std::string file = fs::relative(at->path(), root).string();
    if (!known.contains(file)) strange.push_back(std::move(file));
  }
  if (error) return fail(ErrorCode::unavailable, root + ": " + error.message());
  for (const std::string& file : strange) ATTUNE_TRY(forget(file));
  return static_cast<std::int64_t>(strange.size());
}

Result<store::Rows> Archive::query_text(store::Session& session, std::string_view sql,
                                        const store::QueryOptions& options) {
  ATTUNE_ASSIGN(const auto all, archived_files(session));
  ATTUNE_ASSIGN(store::Session* const shop, workshop());
  for (const ArchivedFile& file : all) ATTUNE_TRY(add_to_catalogue(*shop, file, 0));
  return shop->query_text(sql, options);
}

}  // namespace attune::etl
