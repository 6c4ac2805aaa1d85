// The narrow database interface: open, query, execute, append a typed batch, transaction. No domain
// methods and no SQL text outside sql/. DuckDB lies behind it (store/duckdb) or PostgreSQL
// (store/postgres).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "store/engine.h"

namespace attune::store {

/// Microseconds since 1970-01-01 UTC; what TIMESTAMPTZ columns hold.
struct Timestamp {
  std::int64_t us = 0;
  auto operator<=>(const Timestamp&) const = default;
  static Timestamp from_ms(std::int64_t ms) { return {ms * 1000}; }
};

/// Days since 1970-01-01; what DATE columns hold.
struct Date {
  std::int32_t days = 0;
  auto operator<=>(const Date&) const = default;
};

/// A JSON document as text, for JSON/JSONB columns.
struct Json {
  std::string text;
  bool operator==(const Json&) const = default;
};

/// No value.
struct Null {
  bool operator==(const Null&) const = default;
};

/// A value in a parameter or a result row.
using Value =
    std::variant<Null, bool, std::int64_t, double, std::string, Uuid, Timestamp, Date, Json>;

enum class ColumnType : std::uint8_t {
  boolean, int32, int64, float64, decimal, text, uuid, timestamp, date, json
};

struct ColumnInfo {
  std::string name;
  ColumnType type = ColumnType::text;
};

/// A whole answer in memory; the caller bounds it with a LIMIT in the SQL or `rows_max`.
struct Rows {
  std::vector<ColumnInfo> columns;
  std::vector<std::vector<Value>> rows;   // rows[i][column]; DECIMAL arrives as double
  bool truncated = false;                 // more rows existed than `rows_max`
};

struct QueryOptions {
  std::size_t rows_max = 100'000;
  std::int64_t timeout_ms = 30'000;       // then deadline_exceeded
};

/// Told each row of an answer that is streamed; the values are gone when it returns. An error ends
/// the stream and becomes its result.
using RowVisitor = std::function<Result<void>(std::span<const Value> row)>;

/// Takes bytes, piece by piece.
using ByteSink = std::function<Result<void>(std::string_view bytes)>;
/// Gives bytes, piece by piece, good until it is asked again; nothing: the end.
using ByteSource = std::function<Result<std::string_view>()>;

/// Rows for one table, column by column; every column has the same length before append.
/// Columns not named get their default (or null).
class ColumnBatch;

/// Whose rows; what is not given has none.
struct Tenant {
  std::optional<Uuid> site;
  std::optional<std::int64_t> account;
};

/// One connection. Not thread safe: one a thread.
class Session {
 public:
  virtual ~Session() = default;

  [[nodiscard]] virtual Engine engine() const = 0;

  /// Runs a query from sql/, by its path without suffix: "report/overview".
  ///
  /// Errors   not_found: no such file; invalid_argument: parameters do not fit; deadline_exceeded;
  ///          resource_exhausted: disk or memory full; internal: the engine's own message.
  [[nodiscard]] virtual Result<Rows> query(std::string_view file, std::span<const Value> parameters,
                                           const QueryOptions& options = {}) = 0;

  /// Streams the answer of a query from sql/, of any length, in bounded memory. `rows_max` does not
  /// apply. Do nothing else with this session inside `visit`.
  ///
  /// Returns  rows visited.
  /// Errors   as query; and whatever `visit` returned.
  [[nodiscard]] virtual Result<std::int64_t> scan(std::string_view file,
                                                  std::span<const Value> parameters,
                                                  const RowVisitor& visit,
                                                  const QueryOptions& options = {}) = 0;

  /// Runs a statement file (it may hold several statements); parameters go to each that uses them.
  /// Returns  rows changed by the last statement.
  [[nodiscard]] virtual Result<std::int64_t> execute(std::string_view file,
                                                     std::span<const Value> parameters = {}) = 0;

  /// Ad-hoc text, for `attune query`: one statement, read only, no file or network access.
  [[nodiscard]] virtual Result<Rows> query_text(std::string_view sql,
                                                const QueryOptions& options = {}) = 0;

  /// Appends a batch to a table (or temporary table) by bulk load.
  [[nodiscard]] virtual Result<void> append(std::string_view table, const ColumnBatch& batch) = 0;

  /// Puts all rows of a table in the place of those that the table of that name has in `to`, a
  /// database of the same engine, exactly and in bounded memory. Within the transactions that are
  /// open on both, so that several tables can be copied as of one moment.
  ///
  /// Returns  rows copied.
  /// Errors   failed_precondition: the engines cannot do this.
  [[nodiscard]] virtual Result<std::int64_t> copy_table(std::string_view table, Session& to);
  /// Makes the sequences of `to` (as made by migrations) go on where those here are.
  [[nodiscard]] virtual Result<void> copy_sequences(Session& to);

  /// From here to the end of the transaction only the tenant's rows are seen and written, whatever
  /// a statement asks for. PostgreSQL only, by row-level security; on DuckDB nothing happens, and
  /// the statements' own predicates are what keeps tenants apart.
  ///
  /// Errors   failed_precondition: no transaction; permission_denied: not with this login.
  [[nodiscard]] virtual Result<void> act_as(const Tenant&) { return {}; }

  /// Gives all rows of a table in the engine's own text, in bounded memory.
  /// Errors   failed_precondition: the engine has none.
  [[nodiscard]] virtual Result<void> export_table(std::string_view table, const ByteSink& sink);
  /// Puts what export_table gave in the place of a table's rows, within the transaction that is
  /// open. Tables that refer to it are emptied too.
  [[nodiscard]] virtual Result<void> import_table(std::string_view table,
                                                  const ByteSource& source);

  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
  [[nodiscard]] virtual Result<void> rollback() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual Engine engine() const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> session() = 0;
  /// Applies all migrations that are missing, in order.
  [[nodiscard]] virtual Result<void> migrate() = 0;
  /// Writes what is in the write-ahead log into the database file.
  [[nodiscard]] virtual Result<void> checkpoint() = 0;
};

}  // namespace attune::store
