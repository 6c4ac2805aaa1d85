// One connection to a PostgreSQL server: statements of sql/ prepared once, answers read row by row,
// batches copied in. Opened again by itself when it broke outside a transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "store/column_batch.h"
#include "store/postgres/handles.h"
#include "store/postgres/values.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store::postgres {

class Connection {
 public:
  /// url      "postgres://user:password@host:port/database?...", as libpq reads it.
  /// catalog  outlives the connection.
  /// Errors   unavailable: nobody answers; permission_denied: not with this role or password;
  ///          not_found: no such database; invalid_argument: not a connection URL;
  ///          failed_precondition: a server older than 15.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& url,
                                                                const SqlCatalog& catalog);

  /// Told each row; false ends the answer. Values may be moved from.
  using Visit = std::function<Result<bool>(std::vector<Value>& row)>;
  /// Told the columns once, before the first row.
  using Describe = std::function<void(std::vector<ColumnInfo> columns)>;

  /// Runs one statement of a file.
  /// Returns  rows changed (of a statement that changes some).
  /// Errors   those of error_of; of `visit`.
  [[nodiscard]] Result<std::int64_t> run(const SqlFile& file, std::size_t statement,
                                         std::span<const Value> parameters, std::int64_t timeout_ms,
                                         const Describe& describe, const Visit& visit);

  /// Runs one statement of somebody's own text, without parameters.
  [[nodiscard]] Result<void> run_text(std::string_view sql, std::int64_t timeout_ms,
                                      const Describe& describe, const Visit& visit);

  /// Errors   not_found: no such table or column; those of CopyEncoder; of error_of.
  [[nodiscard]] Result<void> copy(std::string_view table, const ColumnBatch& batch);

  /// All rows of a table in COPY's text format, and back in the place of those that are there.
  /// Errors   not_found: no such table; those of error_of; of `sink`; of `source`.
  [[nodiscard]] Result<void> copy_out(std::string_view table, const ByteSink& sink);
  [[nodiscard]] Result<void> copy_in(std::string_view table, const ByteSource& source);

  /// Names of the columns a statement answers with, without running it.
  [[nodiscard]] Result<std::vector<std::string>> columns_of(const SqlFile& file,
                                                            std::size_t statement);

  bool in_transaction() const;
  /// A statement of the open transaction failed: only its end is understood now.
  bool failed() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INERROR; }
  bool broken() const { return is_broken(connection_.get()); }
  /// Whether it broke while nothing was asked of it: a server that ends says so, or hangs up. Looks
  /// at what has arrived, without waiting.
  bool broken_while_idle();
  /// Opens it again when it is broken; what was prepared is forgotten.
  [[nodiscard]] Result<void> revive();
  /// The server has forgotten what we believe it knows: after a rollback.
  void forget_settings() { timeout_ms_ = -1; }

  const SqlCatalog& catalog() const { return catalog_; }

 private:
  Connection(std::string url, const SqlCatalog& catalog)
      : url_(std::move(url)), catalog_(catalog) {}

  Result<void> check_url() const;
  Result<void> connect();
  Result<void> limit(std::int64_t timeout_ms);
  Result<std::string> prepared(const SqlFile& file, std::size_t statement);
  Result<std::int64_t> read_answer(bool ours, const Describe& describe, const Visit& visit);
  Result<void> command(const std::string& text);
  void cancel();
  Result<void> end_of_copy(std::optional<Error> error);
  std::string quoted(std::string_view name) const;
  Result<std::string> stored_columns(std::string_view table);
  Result<std::vector<Oid>> targets(std::string_view table, const ColumnBatch& batch);

  const std::string url_;
  const SqlCatalog& catalog_;
  OwnedConnection connection_;
  bool inside_transaction_ = false;                           // the statement under way
  std::int64_t timeout_ms_ = -1;                              // as the server has it; -1: unknown
  std::unordered_map<std::string, std::string> prepared_;     // file and number -> name there
  std::unordered_map<std::string, std::unordered_map<std::string, Oid>> tables_;
};

}  // namespace attune::store::postgres
