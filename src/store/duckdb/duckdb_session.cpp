#include "store/duckdb/duckdb_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "store/duckdb/bulk_load.h"
#include "store/duckdb/values.h"

namespace attune::store {

namespace {

// Longer texts only serve to keep the parser busy.
constexpr std::size_t kAdHocBytesMax = 100'000;

// Calls `visit(row)` for each row until it returns false or fails, chunk by chunk.
template <class Visit>
Result<void> for_each_row(OwnedResult& result, const std::vector<ColumnReader>& readers, bool ours,
                          Visit visit) {
  std::vector<Value> row;
  std::vector<duckdb_vector> vectors(readers.size());
  for (;;) {
    const OwnedChunk chunk(duckdb_fetch_chunk(result.get()));
    if (!chunk) break;
    const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
    if (rows == 0) break;
    for (idx_t i = 0; i < readers.size(); ++i) {
      vectors[i] = duckdb_data_chunk_get_vector(chunk.get(), i);
    }
    for (idx_t at = 0; at < rows; ++at) {
      row.clear();
      for (std::size_t i = 0; i < readers.size(); ++i)
        row.push_back(readers[i].read(vectors[i], at));
      Result<bool> more = visit(row);
      if (!more) return pass(more);
      if (!*more) return {};
    }
  }
  // A streamed statement can still fail while it is fetched.
  const char* error = duckdb_result_error(result.address());
  if (error != nullptr && *error != '\0') return tl::unexpected<Error>(duckdb_error(error, ours));
  return {};
}

Result<Rows> collect(OwnedResult& result, const QueryOptions& options, bool ours) {
  Rows rows;
  const std::vector<ColumnReader> readers = column_readers(*result.address());
  for (const ColumnReader& reader : readers) rows.columns.push_back(reader.info);
  ATTUNE_TRY(for_each_row(result, readers, ours, [&](std::vector<Value>& row) -> Result<bool> {
    if (rows.rows.size() == options.rows_max) {
      rows.truncated = true;
      return false;
    }
    rows.rows.push_back(std::move(row));
    return true;
  }));
  return rows;
}

// Waits without burning a core. DuckDB gives a statement to its worker threads, and one that cannot
// be split (a commit that checkpoints) to one of them, while the thread that asked spins on an
// empty queue: measured, a third of all CPU time of a bulk load. So we look again at growing
// intervals.
class Patience {
 public:
  void wait() {
    if (++tries_ < kSpins) return std::this_thread::yield();
    std::unique_lock lock(mutex_);
    never_.wait_for(lock, pause_);   // nobody notifies: it is the timeout that is wanted
    pause_ = std::min(pause_ * 2, kPauseMax);
  }
  void reset() {
    tries_ = 0;
    pause_ = kPauseMin;
  }

 private:
  static constexpr int kSpins = 50;
  static constexpr std::chrono::microseconds kPauseMin{20};
  static constexpr std::chrono::microseconds kPauseMax{500};
  int tries_ = 0;
  std::chrono::microseconds pause_ = kPauseMin;
  std::mutex mutex_;
  std::condition_variable never_;
};

Result<OwnedResult> run(duckdb_prepared_statement statement, bool streaming, bool ours) {
  OwnedPending pending;
  const duckdb_state started =
      streaming ? duckdb_pending_prepared_streaming(statement, pending.address())
                : duckdb_pending_prepared(statement, pending.address());
  if (started != DuckDBSuccess) {
    return tl::unexpected<Error>(duckdb_error(duckdb_pending_error(pending.get()), ours));
  }
  Patience patience;
  for (bool ready = false; !ready;) {
    switch (duckdb_pending_execute_task(pending.get())) {
      case DUCKDB_PENDING_RESULT_READY: ready = true; break;
      case DUCKDB_PENDING_RESULT_NOT_READY: patience.reset(); break;
      case DUCKDB_PENDING_NO_TASKS_AVAILABLE: patience.wait(); break;
      case DUCKDB_PENDING_ERROR:
        return tl::unexpected<Error>(duckdb_error(duckdb_pending_error(pending.get()), ours));
    }
  }
  OwnedResult result;
  if (duckdb_execute_pending(pending.get(), result.address()) != DuckDBSuccess) {
    return tl::unexpected<Error>(duckdb_error(duckdb_result_error(result.address()), ours));
  }
  return result;
}

std::string quoted(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) out.append(c == mark ? 2 : 1, c);
  out += mark;
  return out;
}

// The one statement of an ad-hoc text, prepared, if it is of a kind that only reads.
Result<OwnedPrepared> prepare_reading(duckdb_connection connection, const std::string& sql) {
  Owned<duckdb_extracted_statements, duckdb_destroy_extracted> extracted;
  const idx_t count = duckdb_extract_statements(connection, sql.c_str(), extracted.address());
  if (count == 0) {
    const char* error = duckdb_extract_statements_error(extracted.get());
    if (error == nullptr) return fail(ErrorCode::invalid_argument, "no statement", "sql");
    return tl::unexpected<Error>(duckdb_error(error, false));
  }
  if (count > 1) return fail(ErrorCode::invalid_argument, "more than one statement", "sql");
  OwnedPrepared prepared;
  if (duckdb_prepare_extracted_statement(connection, extracted.get(), 0, prepared.address()) !=
      DuckDBSuccess) {
    return tl::unexpected<Error>(duckdb_error(duckdb_prepare_error(prepared.get()), false));
  }
  // SHOW, DESCRIBE, SUMMARIZE, VALUES and WITH are selects by now. EXPLAIN ANALYZE runs what it
  // explains, but in a transaction that may only read.
  const duckdb_statement_type type = duckdb_prepared_statement_type(prepared.get());
  if (type != DUCKDB_STATEMENT_TYPE_SELECT && type != DUCKDB_STATEMENT_TYPE_EXPLAIN) {
    return fail(ErrorCode::invalid_argument, "only statements that read are allowed", "sql");
  }
  if (duckdb_nparams(prepared.get()) != 0) {
    return fail(ErrorCode::invalid_argument, "parameters cannot be given here", "sql");
  }
  return prepared;
}

}  // namespace

Result<std::unique_ptr<DuckdbSession>> DuckdbSession::open(std::shared_ptr<DuckdbShared> shared) {
  OwnedConnection connection;
  if (duckdb_connect(shared->database.get(), connection.address()) != DuckDBSuccess) {
    return fail(ErrorCode::resource_exhausted, "the database takes no more connections");
  }
  std::unique_ptr<DuckdbSession> session(
      new DuckdbSession(std::move(shared), std::move(connection)));
  ATTUNE_TRY(session->run_plain("store/use"));
  return session;
}

Result<DuckdbSession::PreparedFile*> DuckdbSession::find(std::string_view file,
                                                         std::span<const Value> parameters) {
  auto known = prepared_.find(std::string(file));
  if (known == prepared_.end()) {
    ATTUNE_ASSIGN(const SqlFile* sql, shared_->catalog.find(file));
    PreparedFile entry;
    entry.file = sql;
    entry.statements.resize(sql->statements.size());
    known = prepared_.emplace(file, std::move(entry)).first;
  }
  if (static_cast<std::size_t>(known->second.file->parameter_count) != parameters.size()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} takes {} parameters, not {}", file,
                            known->second.file->parameter_count, parameters.size()));
  }
  return &known->second;
}

Result<duckdb_prepared_statement> DuckdbSession::ready(PreparedFile& file, std::size_t at,
                                                       std::span<const Value> parameters) {
  const SqlStatement& sql = file.file->statements[at];
  OwnedPrepared& statement = file.statements[at];
  // Without parameters DuckDB 1.4 keeps the plan it made, and with it what the tables' statistics said
  // then: a filter on a table that was empty is "no rows" for ever. With parameters it plans anew.
  if (!statement || sql.parameters.empty()) {
    OwnedPrepared fresh;
    const std::string text(sql.text);
    if (duckdb_prepare(connection_.get(), text.c_str(), fresh.address()) != DuckDBSuccess) {
      return tl::unexpected<Error>(duckdb_error(duckdb_prepare_error(fresh.get()), true)
                                       .with(fmt::format("preparing {}", file.file->file_name)));
    }
    statement = std::move(fresh);
  }
  for (const int number : sql.parameters) {
    idx_t index = 0;
    const std::string name = std::to_string(number);
    if (duckdb_bind_parameter_index(statement.get(), &index, name.c_str()) != DuckDBSuccess) {
      return fail(ErrorCode::internal, fmt::format("{}: no ${}", file.file->file_name, number));
    }
    ATTUNE_TRY(
        bind_value(statement.get(), index, parameters[static_cast<std::size_t>(number) - 1]));
  }
  return statement.get();
}

Result<Rows> DuckdbSession::query(std::string_view file, std::span<const Value> parameters,
                                  const QueryOptions& options) {
  ATTUNE_ASSIGN(PreparedFile* entry, find(file, parameters));
  if (entry->statements.size() != 1) {
    return fail(ErrorCode::internal, fmt::format("{} is not one statement", file));
  }
  ATTUNE_ASSIGN(const duckdb_prepared_statement statement, ready(*entry, 0, parameters));
  const Watchdog::Guard guard(shared_->watchdog, connection_.get(), options.timeout_ms);
  auto result = run(statement, false, true);
  if (!result) return pass(result, file);
  auto rows = collect(*result, options, true);
  if (!rows) return pass(rows, file);
  return rows;
}

Result<std::int64_t> DuckdbSession::scan(std::string_view file, std::span<const Value> parameters,
                                         const RowVisitor& visit, const QueryOptions& options) {
  ATTUNE_ASSIGN(PreparedFile* entry, find(file, parameters));
  if (entry->statements.size() != 1) {
    return fail(ErrorCode::internal, fmt::format("{} is not one statement", file));
  }
  ATTUNE_ASSIGN(const duckdb_prepared_statement statement, ready(*entry, 0, parameters));
  const Watchdog::Guard guard(shared_->watchdog, connection_.get(), options.timeout_ms);
  auto result = run(statement, true, true);
  if (!result) return pass(result, file);
  std::int64_t visited = 0;
  const std::vector<ColumnReader> readers = column_readers(*result->address());
  ATTUNE_TRY(for_each_row(*result, readers, true, [&](std::vector<Value>& row) -> Result<bool> {
    Result<void> done = visit(row);
    if (!done) return pass(done);
    ++visited;
    return true;
  }));
  return visited;
}

Result<std::int64_t> DuckdbSession::execute(std::string_view file,
                                            std::span<const Value> parameters) {
  ATTUNE_ASSIGN(PreparedFile* entry, find(file, parameters));
  std::int64_t changed = 0;
  for (std::size_t i = 0; i < entry->statements.size(); ++i) {
    ATTUNE_ASSIGN(const duckdb_prepared_statement statement, ready(*entry, i, parameters));
    auto result = run(statement, false, true);
    if (!result) return pass(result, file);
    changed = static_cast<std::int64_t>(duckdb_rows_changed(result->address()));
  }
  return changed;
}

Result<Rows> DuckdbSession::query_text(std::string_view sql, const QueryOptions& options) {
  if (sql.size() > kAdHocBytesMax) {
    return fail(ErrorCode::invalid_argument, "longer than 100000 bytes", "sql");
  }
  if (sql.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "holds a NUL byte", "sql");
  }
  // A connection of its own: what it creates or changes for itself ends with it, and the session's
  // transaction, if one is open, is not touched.
  ATTUNE_ASSIGN(const std::unique_ptr<DuckdbSession> reader, open(shared_));
  ATTUNE_TRY(reader->run_plain("store/begin_read_only"));
  ATTUNE_TRY(reader->join_archive());
  ATTUNE_ASSIGN(const OwnedPrepared prepared,
                prepare_reading(reader->connection_.get(), std::string(sql)));
  const Watchdog::Guard guard(shared_->watchdog, reader->connection_.get(), options.timeout_ms);
  ATTUNE_ASSIGN(OwnedResult result, run(prepared.get(), true, false));
  return collect(result, options, false);
}

/// Puts archived rows under the names of their tables, as of the open transaction.
Result<void> DuckdbSession::join_archive() {
  if (!shared_->has_archive) return {};
  ATTUNE_ASSIGN(const Rows catalogue, query("store/archive_exists", {}, {}));
  if (catalogue.rows.at(0).at(0) == Value{std::int64_t{0}}) return {};
  ATTUNE_TRY(run_plain("store/archive_files"));
  ATTUNE_ASSIGN(const Rows files, query("store/archive_count", {}, {}));
  if (files.rows.at(0).at(0) == Value{std::int64_t{0}}) return {};
  auto joined = run_plain("store/archive_view");
  if (!joined) {
    return pass(joined, "a file that archive_file lists is not there or damaged: put the folder "
                        "archive back as a backup has it");
  }
  return joined;
}

Result<void> DuckdbSession::append(std::string_view table, const ColumnBatch& batch) {
  return bulk_load(connection_.get(), table, batch);
}

Result<OwnedResult> DuckdbSession::run_text(const std::string& text, bool streaming) {
  OwnedPrepared prepared;
  if (duckdb_prepare(connection_.get(), text.c_str(), prepared.address()) != DuckDBSuccess) {
    return tl::unexpected<Error>(duckdb_error(duckdb_prepare_error(prepared.get()), true));
  }
  return run(prepared.get(), streaming, true);
}

Result<std::int64_t> DuckdbSession::copy_table(std::string_view table, Session& to) {
  auto* target = dynamic_cast<DuckdbSession*>(&to);
  if (target == nullptr) return Session::copy_table(table, to);
  const std::string name = quoted(table, '"');
  ATTUNE_TRY(target->run_text("truncate " + name, false));
  ATTUNE_ASSIGN(OwnedResult rows, run_text("from " + name, true));
  OwnedAppender appender;
  if (duckdb_appender_create(target->connection_.get(), nullptr, std::string(table).c_str(),
                             appender.address()) != DuckDBSuccess) {
    return tl::unexpected<Error>(duckdb_appender_failure(appender.get()));
  }
  std::int64_t copied = 0;
  for (;;) {
    const OwnedChunk chunk(duckdb_fetch_chunk(rows.get()));
    if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) break;
    copied += static_cast<std::int64_t>(duckdb_data_chunk_get_size(chunk.get()));
    if (duckdb_append_data_chunk(appender.get(), chunk.get()) != DuckDBSuccess) {
      return tl::unexpected<Error>(duckdb_appender_failure(appender.get()));
    }
  }
  const char* error = duckdb_result_error(rows.address());
  if (error != nullptr && *error != '\0') return tl::unexpected<Error>(duckdb_error(error, true));
  if (duckdb_appender_close(appender.get()) != DuckDBSuccess) {
    return tl::unexpected<Error>(duckdb_appender_failure(appender.get()));
  }
  return copied;
}

Result<void> DuckdbSession::copy_sequences(Session& to) {
  auto* target = dynamic_cast<DuckdbSession*>(&to);
  if (target == nullptr) return Session::copy_sequences(to);
  ATTUNE_ASSIGN(const Rows mine, query("store/sequences", {}, {}));
  ATTUNE_ASSIGN(const Rows theirs, target->query("store/sequences", {}, {}));
  for (const auto& row : mine.rows) {
    std::int64_t missing = std::get<std::int64_t>(row[1]);
    for (const auto& other : theirs.rows) {
      if (other[0] == row[0]) missing -= std::get<std::int64_t>(other[1]);
    }
    if (missing <= 0) continue;
    // There is no setval: numbers are drawn until it stands where ours does.
    const std::string name = quoted(std::get<std::string>(row[0]), '\'');
    ATTUNE_TRY(target->run_text(
        fmt::format("from range({}) as r(i) select count(nextval({}))", missing, name), false));
  }
  return {};
}

Result<void> DuckdbSession::run_plain(std::string_view file) {
  ATTUNE_TRY(execute(file, {}));
  return {};
}

Result<void> DuckdbSession::begin() { return run_plain("store/begin"); }
Result<void> DuckdbSession::commit() { return run_plain("store/commit"); }
Result<void> DuckdbSession::rollback() { return run_plain("store/rollback"); }

Result<std::vector<std::string>> DuckdbSession::columns_of(std::string_view file) {
  ATTUNE_ASSIGN(const SqlFile* sql, shared_->catalog.find(file));
  std::vector<std::string> names;
  for (const SqlStatement& each : sql->statements) {
    const std::string text(each.text);
    OwnedPrepared prepared;
    if (duckdb_prepare(connection_.get(), text.c_str(), prepared.address()) != DuckDBSuccess) {
      return tl::unexpected<Error>(duckdb_error(duckdb_prepare_error(prepared.get()), true)
                                       .with(fmt::format("preparing {}", sql->file_name)));
    }
    names.clear();
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared.get()); ++i) {
      const char* name = duckdb_prepared_statement_column_name(prepared.get(), i);
      names.emplace_back(name);
      duckdb_free(const_cast<char*>(name));
    }
    // A statement that changes rows without RETURNING answers with how many, others with nothing.
    // Columns that depend on a parameter (query_table) cannot be told: the header is believed.
    if (names.size() == 1 && names[0] == "unknown" && !sql->header_columns.empty()) {
      names = sql->header_columns;
    }
    const bool select =
        duckdb_prepared_statement_type(prepared.get()) == DUCKDB_STATEMENT_TYPE_SELECT;
    if (!select && names.size() == 1 && (names[0] == "Count" || names[0] == "Success" ||
                                         names[0] == "unknown")) {
      names.clear();
    }
  }
  return names;
}

}  // namespace attune::store
