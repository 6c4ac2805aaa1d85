#include "store/postgres/postgres_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace attune::store {
namespace {

// Longer texts only serve to keep the parser busy.
constexpr std::size_t kAdHocBytesMax = 100'000;

/// The first word of a statement, lower case, behind spaces, comments and brackets.
std::string first_word(std::string_view sql) {
  for (;;) {
    const std::size_t begin = sql.find_first_not_of(" \t\r\n(");
    if (begin == std::string_view::npos) return {};
    sql.remove_prefix(begin);
    if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      const std::size_t end = sql.find("*/", 2);
      if (end == std::string_view::npos) return {};
      sql.remove_prefix(end + 2);
    } else {
      break;
    }
  }
  std::string word;
  for (const char c : sql) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower < 'a' || lower > 'z') break;
    word.push_back(lower);
  }
  return word;
}

/// Collects rows until `rows_max`.
class Collector {
 public:
  explicit Collector(const QueryOptions& options) : options_(options) {}

  postgres::Connection::Describe describe() {
    return [this](std::vector<ColumnInfo> columns) { rows_.columns = std::move(columns); };
  }
  postgres::Connection::Visit visit() {
    return [this](std::vector<Value>& row) -> Result<bool> {
      if (rows_.rows.size() == options_.rows_max) {
        rows_.truncated = true;
        return false;
      }
      rows_.rows.push_back(std::move(row));
      return true;
    };
  }
  Rows take() { return std::move(rows_); }

 private:
  const QueryOptions& options_;
  Rows rows_;
};

}  // namespace

Result<std::unique_ptr<PostgresSession>> PostgresSession::open(
    std::shared_ptr<postgres::Pool> pool) {
  ATTUNE_ASSIGN(auto connection, pool->take());
  return std::unique_ptr<PostgresSession>(
      new PostgresSession(std::move(pool), std::move(connection)));
}

PostgresSession::~PostgresSession() {
  if (in_transaction_) static_cast<void>(rollback());
  pool_->give_back(std::move(connection_));
}

Result<void> PostgresSession::ready() {
  if (!in_transaction_) {
    return connection_->broken_while_idle() ? pool_->revive(*connection_) : Result<void>();
  }
  // What was done in the transaction is gone with the connection.
  if (connection_->broken()) {
    return fail(ErrorCode::unavailable, "the connection was lost", "database");
  }
  return {};
}

Result<const SqlFile*> PostgresSession::find(std::string_view file,
                                             std::span<const Value> parameters) {
  ATTUNE_ASSIGN(const SqlFile* sql, pool_->catalog().find(file));
  if (static_cast<std::size_t>(sql->parameter_count) != parameters.size()) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} takes {} parameters, not {}", file,
                                                         sql->parameter_count, parameters.size()));
  }
  ATTUNE_TRY(ready());
  return sql;
}

Result<Rows> PostgresSession::query(std::string_view file, std::span<const Value> parameters,
                                    const QueryOptions& options) {
  ATTUNE_ASSIGN(const SqlFile* sql, find(file, parameters));
  if (sql->statements.size() != 1) {
    return fail(ErrorCode::internal, fmt::format("{} is not one statement", file));
  }
  Collector collector(options);
  auto done = connection_->run(*sql, 0, parameters, options.timeout_ms, collector.describe(),
                               collector.visit());
  if (!done) return pass(done, file);
  return collector.take();
}

Result<std::int64_t> PostgresSession::scan(std::string_view file, std::span<const Value> parameters,
                                           const RowVisitor& visit, const QueryOptions& options) {
  ATTUNE_ASSIGN(const SqlFile* sql, find(file, parameters));
  if (sql->statements.size() != 1) {
    return fail(ErrorCode::internal, fmt::format("{} is not one statement", file));
  }
  std::int64_t visited = 0;
  const auto told = [&](std::vector<Value>& row) -> Result<bool> {
    if (auto done = visit(row); !done) return pass(done);
    ++visited;
    return true;
  };
  ATTUNE_TRY(connection_->run(*sql, 0, parameters, options.timeout_ms, {}, told));
  return visited;
}

Result<std::int64_t> PostgresSession::execute(std::string_view file,
                                              std::span<const Value> parameters) {
  ATTUNE_ASSIGN(const SqlFile* sql, find(file, parameters));
  std::int64_t changed = 0;
  for (std::size_t i = 0; i < sql->statements.size(); ++i) {
    auto done = connection_->run(*sql, i, parameters, pool_->settings().execute_timeout_ms, {}, {});
    if (!done) return pass(done, file);
    changed = *done;
  }
  return changed;
}

Result<Rows> PostgresSession::query_text(std::string_view sql, const QueryOptions& options) {
  if (sql.size() > kAdHocBytesMax) {
    return fail(ErrorCode::invalid_argument, "longer than 100000 bytes", "sql");
  }
  if (sql.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "holds a NUL byte", "sql");
  }
  // The transaction refuses to write tables; COPY could still write files, for a role that may.
  constexpr std::array<std::string_view, 6> kReading{"select", "with",  "values",
                                                     "table",  "show", "explain"};
  const std::string word = first_word(sql);
  if (word.empty()) return fail(ErrorCode::invalid_argument, "no statement", "sql");
  if (std::ranges::find(kReading, word) == kReading.end()) {
    return fail(ErrorCode::invalid_argument, "only statements that read are allowed", "sql");
  }
  // A connection of its own, so that the session's transaction, if one is open, is not touched.
  ATTUNE_ASSIGN(const std::unique_ptr<PostgresSession> reader, open(pool_));
  ATTUNE_TRY(reader->run_plain("store/begin_read_only"));
  reader->in_transaction_ = true;
  Collector collector(options);
  ATTUNE_TRY(reader->connection_->run_text(sql, options.timeout_ms, collector.describe(),
                                           collector.visit()));
  return collector.take();
}

Result<void> PostgresSession::append(std::string_view table, const ColumnBatch& batch) {
  ATTUNE_TRY(ready());
  auto done = connection_->copy(table, batch);
  if (!done) return pass(done, fmt::format("appending to {}", table));
  return {};
}

Result<void> PostgresSession::export_table(std::string_view table, const ByteSink& sink) {
  ATTUNE_TRY(ready());
  auto done = connection_->copy_out(table, sink);
  if (!done) return pass(done, fmt::format("exporting {}", table));
  return {};
}

Result<void> PostgresSession::import_table(std::string_view table, const ByteSource& source) {
  ATTUNE_TRY(ready());
  auto done = connection_->copy_in(table, source);
  if (!done) return pass(done, fmt::format("importing {}", table));
  return {};
}

Result<void> PostgresSession::run_plain(std::string_view file) {
  ATTUNE_TRY(execute(file, {}));
  return {};
}

Result<void> PostgresSession::act_as(const Tenant& tenant) {
  // Outside of one the settings would be forgotten at once, and nobody bound.
  if (!in_transaction_) {
    return fail(ErrorCode::failed_precondition, "acting for a tenant needs a transaction");
  }
  const Value parameters[] = {tenant.site ? Value(tenant.site->text()) : Value(Null{}),
                              tenant.account ? Value(*tenant.account) : Value(Null{})};
  ATTUNE_TRY(query("store/act_as", parameters, {}));
  return {};
}

Result<void> PostgresSession::begin() {
  ATTUNE_TRY(run_plain("store/begin"));
  in_transaction_ = true;
  return {};
}

Result<void> PostgresSession::commit() {
  // The server answers a commit of a failed transaction with a rollback, and no error.
  const bool failed = connection_->failed();
  auto done = run_plain("store/commit");
  in_transaction_ = false;
  if (done && failed) {
    connection_->forget_settings();
    return fail(ErrorCode::failed_precondition, "the transaction had failed and was rolled back");
  }
  return done;
}

Result<void> PostgresSession::rollback() {
  const bool broken = connection_->broken();
  const bool was_open = std::exchange(in_transaction_, false);
  if (broken && was_open) return {};   // the server has rolled it back
  auto done = run_plain("store/rollback");
  connection_->forget_settings();
  return done;
}

Result<std::vector<std::string>> PostgresSession::columns_of(std::string_view file) {
  ATTUNE_ASSIGN(const SqlFile* sql, pool_->catalog().find(file));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sql->statements.size(); ++i) {
    ATTUNE_ASSIGN(names, connection_->columns_of(*sql, i));
  }
  return names;
}

}  // namespace attune::store
