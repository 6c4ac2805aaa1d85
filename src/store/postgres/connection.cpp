#include "store/postgres/connection.h"

#include <poll.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "store/postgres/copy.h"

namespace attune::store::postgres {
namespace {

constexpr int kOldestServer = 150'000;
constexpr std::int64_t kCopyTimeoutMs = 600'000;
constexpr std::int64_t kWholeTableTimeoutMs = 6 * 3'600'000;
constexpr std::size_t kCopyBufferBytes = std::size_t{1} << 20;

struct Parameters {
  std::vector<std::string> texts;
  std::vector<const char*> values;
};

Result<Parameters> parameters_of(const SqlStatement& statement, std::span<const Value> given) {
  Parameters out;
  out.texts.resize(statement.parameters.size());
  out.values.resize(statement.parameters.size());
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const Value& value = given[static_cast<std::size_t>(statement.parameters[i]) - 1];
    ATTUNE_ASSIGN(const bool present, to_text(value, out.texts[i]));
    out.values[i] = present ? out.texts[i].c_str() : nullptr;
  }
  return out;
}

std::vector<ColumnInfo> columns_of_result(const PGresult* result) {
  std::vector<ColumnInfo> columns;
  for (int i = 0; i < PQnfields(result); ++i) {
    columns.push_back({PQfname(result, i), column_type(static_cast<Oid>(PQftype(result, i)))});
  }
  return columns;
}

std::int64_t rows_changed(PGresult* result) {
  const std::string_view text = PQcmdTuples(result);
  std::int64_t changed = 0;
  std::from_chars(text.data(), text.data() + text.size(), changed);
  return changed;
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& url,
                                                     const SqlCatalog& catalog) {
  std::unique_ptr<Connection> connection(new Connection(url, catalog));
  ATTUNE_TRY(connection->connect());
  return connection;
}

Result<void> Connection::check_url() const {
  char* reason = nullptr;
  PQconninfoOption* options = PQconninfoParse(url_.c_str(), &reason);
  std::string message = reason == nullptr ? "" : reason;
  PQfreemem(reason);
  PQconninfoFree(options);
  // libpq takes anything else for the name of a database.
  if (!url_.starts_with("postgres://") && !url_.starts_with("postgresql://")) {
    message = "begins with postgres://";
  }
  if (message.empty()) return {};
  while (!message.empty() && message.back() == '\n') message.pop_back();
  return fail(ErrorCode::invalid_argument, "database URL: " + message, "database");
}

Result<void> Connection::connect() {
  ATTUNE_TRY(check_url());
  // What the URL says comes after these and wins.
  const char* keywords[] = {"application_name", "connect_timeout", "keepalives_idle",
                            "keepalives_interval", "tcp_user_timeout", "client_encoding",
                            "dbname", nullptr};
  const char* values[] = {"attune", "5", "30", "10", "30000", "UTF8", url_.c_str(), nullptr};
  prepared_.clear();
  tables_.clear();
  timeout_ms_ = -1;
  connection_.reset(PQconnectdbParams(keywords, values, 1));
  if (!connection_) return fail(ErrorCode::resource_exhausted, "no memory for a connection");
  if (broken()) {
    std::string reason = PQerrorMessage(connection_.get());
    while (!reason.empty() && reason.back() == '\n') reason.pop_back();
    ErrorCode code = ErrorCode::unavailable;
    const auto says = [&](std::string_view part) { return reason.find(part) != std::string::npos; };
    if (says("authentication failed") || says("no pg_hba.conf entry") || says("no password") ||
        says("role \"")) {
      code = ErrorCode::permission_denied;
    } else if (says("database \"") && says("does not exist")) {
      code = ErrorCode::not_found;
    } else if (says("invalid integer value") || says("invalid port number")) {
      code = ErrorCode::invalid_argument;
    }
    return fail(code, std::move(reason), "database");
  }
  if (PQserverVersion(connection_.get()) < kOldestServer) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the server is PostgreSQL {}; Attune needs 15 or newer",
                            PQserverVersion(connection_.get()) / 10'000),
                "database");
  }
  PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
  ATTUNE_ASSIGN(const SqlFile* opening, catalog_.find("store/open"));
  for (const SqlStatement& statement : opening->statements) {
    ATTUNE_TRY(command(std::string(statement.text)));
  }
  return {};
}

Result<void> Connection::revive() { return broken() ? connect() : Result<void>(); }

bool Connection::broken_while_idle() {
  // Unasked, a server that is well sends nothing but a notice now and then; one that ends says so
  // first and then hangs up.
  constexpr int kPartsMax = 16;
  for (int part = 0; part < kPartsMax && !broken(); ++part) {
    pollfd socket{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
    if (::poll(&socket, 1, 0) <= 0) return false;
    static_cast<void>(PQconsumeInput(connection_.get()));
  }
  return broken();
}

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Result<void> Connection::command(const std::string& text) {
  const OwnedResult result(PQexec(connection_.get(), text.c_str()));
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK ||
      PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
    return {};
  }
  return tl::unexpected<Error>(error_of(connection_.get(), result.get(), true));
}

Result<void> Connection::limit(std::int64_t timeout_ms) {
  if (timeout_ms == timeout_ms_) return {};
  // In a transaction that failed nothing but its end is understood.
  if (PQtransactionStatus(connection_.get()) == PQTRANS_INERROR) return {};
  ATTUNE_ASSIGN(const SqlFile* file, catalog_.find("store/timeout"));
  const std::string text = std::to_string(timeout_ms);
  const char* values[] = {text.c_str()};
  const OwnedResult result(PQexecParams(connection_.get(),
                                        std::string(file->statements.front().text).c_str(), 1,
                                        nullptr, values, nullptr, nullptr, 0));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    return tl::unexpected<Error>(error_of(connection_.get(), result.get(), true));
  }
  timeout_ms_ = timeout_ms;
  return {};
}

Result<std::string> Connection::prepared(const SqlFile& file, std::size_t statement) {
  const std::string key = fmt::format("{}#{}", file.path, statement);
  if (const auto known = prepared_.find(key); known != prepared_.end()) return known->second;
  const std::string name = fmt::format("attune_{}", prepared_.size());
  const std::string text = with_dense_parameters(file.statements[statement]);
  const OwnedResult result(
      PQprepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    return tl::unexpected<Error>(error_of(connection_.get(), result.get(), true)
                                     .with(fmt::format("preparing {}", file.file_name)));
  }
  prepared_.emplace(key, name);
  return name;
}

Result<std::int64_t> Connection::run(const SqlFile& file, std::size_t statement,
                                     std::span<const Value> parameters, std::int64_t timeout_ms,
                                     const Describe& describe, const Visit& visit) {
  const SqlStatement& sql = file.statements[statement];
  ATTUNE_TRY(limit(timeout_ms));
  inside_transaction_ = in_transaction();
  ATTUNE_ASSIGN(const Parameters given, parameters_of(sql, parameters));
  const int count = static_cast<int>(given.values.size());
  // A migration runs once, and what it makes may be gone when the next one would be prepared.
  if (file.path.starts_with("migrate/")) {
    const std::string text = with_dense_parameters(sql);
    if (PQsendQueryParams(connection_.get(), text.c_str(), count, nullptr, given.values.data(),
                          nullptr, nullptr, 0) != 1) {
      return tl::unexpected<Error>(error_of(connection_.get(), nullptr, true));
    }
  } else {
    ATTUNE_ASSIGN(const std::string name, prepared(file, statement));
    if (PQsendQueryPrepared(connection_.get(), name.c_str(), count, given.values.data(), nullptr,
                            nullptr, 0) != 1) {
      return tl::unexpected<Error>(error_of(connection_.get(), nullptr, true));
    }
  }
  return read_answer(true, describe, visit);
}

Result<void> Connection::run_text(std::string_view sql, std::int64_t timeout_ms,
                                  const Describe& describe, const Visit& visit) {
  ATTUNE_TRY(limit(timeout_ms));
  inside_transaction_ = false;   // of its own, and its answer ends it
  if (PQsendQueryParams(connection_.get(), std::string(sql).c_str(), 0, nullptr, nullptr, nullptr,
                        nullptr, 0) != 1) {
    return tl::unexpected<Error>(error_of(connection_.get(), nullptr, false));
  }
  ATTUNE_TRY(read_answer(false, describe, visit));
  return {};
}

Result<std::int64_t> Connection::read_answer(bool ours, const Describe& describe,
                                             const Visit& visit) {
  PQsetSingleRowMode(connection_.get());
  const bool inside = std::exchange(inside_transaction_, false);
  std::int64_t changed = 0;
  std::optional<Error> error;
  bool described = false;
  bool wanted = true;
  std::vector<Value> row;
  const auto read_row = [&](const PGresult* result) -> Result<bool> {
    row.clear();
    for (int i = 0; i < PQnfields(result); ++i) {
      if (PQgetisnull(result, 0, i) != 0) {
        row.emplace_back(Null{});
        continue;
      }
      const std::string_view text(PQgetvalue(result, 0, i),
                                  static_cast<std::size_t>(PQgetlength(result, 0, i)));
      ATTUNE_ASSIGN(Value value, from_text(static_cast<Oid>(PQftype(result, i)), text));
      row.push_back(std::move(value));
    }
    return visit(row);
  };
  while (OwnedResult result{PQgetResult(connection_.get())}) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
      if (!described && describe) describe(columns_of_result(result.get()));
      described = true;
      if (status == PGRES_TUPLES_OK) {
        changed = rows_changed(result.get());
        continue;
      }
      if (!wanted || !visit) continue;
      Result<bool> more = read_row(result.get());
      if (!more) error = std::move(more.error());
      wanted = more && *more;
      // Canceled inside a transaction, it would be the transaction that fails.
      if (!wanted && !inside) cancel();
    } else if (status == PGRES_COMMAND_OK) {
      changed = rows_changed(result.get());
    } else if (wanted && !error) {
      error = error_of(connection_.get(), result.get(), ours);
    }
  }
  if (error) return tl::unexpected<Error>(std::move(*error));
  if (broken()) return tl::unexpected<Error>(error_of(connection_.get(), nullptr, ours));
  return changed;
}

void Connection::cancel() {
  PGcancel* handle = PQgetCancel(connection_.get());
  if (handle == nullptr) return;
  std::array<char, 256> ignored{};
  static_cast<void>(PQcancel(handle, ignored.data(), static_cast<int>(ignored.size())));
  PQfreeCancel(handle);
}

Result<std::vector<std::string>> Connection::columns_of(const SqlFile& file,
                                                        std::size_t statement) {
  ATTUNE_ASSIGN(const std::string name, prepared(file, statement));
  const OwnedResult result(PQdescribePrepared(connection_.get(), name.c_str()));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    return tl::unexpected<Error>(error_of(connection_.get(), result.get(), true));
  }
  std::vector<std::string> names;
  for (const ColumnInfo& column : columns_of_result(result.get())) names.push_back(column.name);
  return names;
}

Result<std::vector<Oid>> Connection::targets(std::string_view table, const ColumnBatch& batch) {
  auto known = tables_.find(std::string(table));
  if (known == tables_.end()) {
    ATTUNE_ASSIGN(const SqlFile* file, catalog_.find("store/table_columns"));
    const Value parameters[] = {std::string(table)};
    std::unordered_map<std::string, Oid> columns;
    ATTUNE_TRY(run(*file, 0, parameters, 30'000, {}, [&](std::vector<Value>& row) -> Result<bool> {
      columns.emplace(std::get<std::string>(row[0]),
                      static_cast<Oid>(std::get<std::int64_t>(row[1])));
      return true;
    }));
    if (columns.empty()) return fail(ErrorCode::not_found, fmt::format("no table {}", table));
    known = tables_.emplace(table, std::move(columns)).first;
  }
  std::vector<Oid> out;
  for (const auto& column : batch.columns()) {
    const auto found = known->second.find(column->name());
    if (found == known->second.end()) {
      return fail(ErrorCode::not_found, fmt::format("no column {} in {}", column->name(), table),
                  column->name());
    }
    out.push_back(found->second);
  }
  return out;
}

std::string Connection::quoted(std::string_view name) const {
  char* text = PQescapeIdentifier(connection_.get(), name.data(), name.size());
  std::string out = text == nullptr ? "" : text;
  PQfreemem(text);
  return out;
}

Result<std::string> Connection::stored_columns(std::string_view table) {
  ATTUNE_ASSIGN(const SqlFile* file, catalog_.find("store/stored_columns"));
  const Value parameters[] = {std::string(table)};
  std::string names;
  ATTUNE_TRY(run(*file, 0, parameters, 30'000, {}, [&](std::vector<Value>& row) -> Result<bool> {
    names += (names.empty() ? "" : ", ") + quoted(std::get<std::string>(row[0]));
    return true;
  }));
  if (names.empty()) return fail(ErrorCode::not_found, fmt::format("no table {}", table));
  return names;
}

Result<void> Connection::copy_out(std::string_view table, const ByteSink& sink) {
  ATTUNE_ASSIGN(const std::string columns, stored_columns(table));
  ATTUNE_TRY(limit(kWholeTableTimeoutMs));
  // As a query: the table itself would leave out the rows of its partitions.
  const std::string statement = fmt::format(
      "copy (select {} from {}) to stdout", columns, quoted(table));
  const OwnedResult started(PQexec(connection_.get(), statement.c_str()));
  if (PQresultStatus(started.get()) != PGRES_COPY_OUT) {
    return tl::unexpected<Error>(error_of(connection_.get(), started.get(), true));
  }
  std::optional<Error> error;
  for (;;) {
    char* bytes = nullptr;
    const int count = PQgetCopyData(connection_.get(), &bytes, 0);
    if (count <= 0) break;   // -1: the end; -2: what went wrong is the result
    if (!error) {
      auto taken = sink(std::string_view(bytes, static_cast<std::size_t>(count)));
      if (!taken) {
        error = std::move(taken.error());
        cancel();
      }
    }
    PQfreemem(bytes);
  }
  return end_of_copy(std::move(error));
}

Result<void> Connection::copy_in(std::string_view table, const ByteSource& source) {
  ATTUNE_ASSIGN(const std::string columns, stored_columns(table));
  ATTUNE_TRY(limit(kWholeTableTimeoutMs));
  ATTUNE_TRY(command("truncate " + quoted(table) + " cascade"));
  const std::string statement = fmt::format("copy {} ({}) from stdin", quoted(table), columns);
  const OwnedResult started(PQexec(connection_.get(), statement.c_str()));
  if (PQresultStatus(started.get()) != PGRES_COPY_IN) {
    return tl::unexpected<Error>(error_of(connection_.get(), started.get(), true));
  }
  std::optional<Error> error;
  while (!error) {
    auto bytes = source();
    if (!bytes) {
      error = std::move(bytes.error());
    } else if (bytes->empty()) {
      break;
    } else if (PQputCopyData(connection_.get(), bytes->data(),
                             static_cast<int>(bytes->size())) != 1) {
      error = error_of(connection_.get(), nullptr, true);
    }
  }
  PQputCopyEnd(connection_.get(), error ? "the client gave up" : nullptr);
  return end_of_copy(std::move(error));
}

Result<void> Connection::end_of_copy(std::optional<Error> error) {
  while (OwnedResult result{PQgetResult(connection_.get())}) {
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && !error) {
      error = error_of(connection_.get(), result.get(), true);
    }
  }
  if (error) return tl::unexpected<Error>(std::move(*error));
  return {};
}

Result<void> Connection::copy(std::string_view table, const ColumnBatch& batch) {
  if (batch.empty()) return {};
  ATTUNE_ASSIGN(std::vector<Oid> types, targets(table, batch));
  ATTUNE_ASSIGN(const CopyEncoder encoder, CopyEncoder::make(batch, std::move(types)));
  ATTUNE_TRY(limit(kCopyTimeoutMs));
  std::string statement = "copy " + quoted(table) + " (";
  for (const auto& column : batch.columns()) {
    if (column != batch.columns().front()) statement += ", ";
    statement += quoted(column->name());
  }
  statement += ") from stdin (format binary)";
  const OwnedResult started(PQexec(connection_.get(), statement.c_str()));
  if (PQresultStatus(started.get()) != PGRES_COPY_IN) {
    return tl::unexpected<Error>(error_of(connection_.get(), started.get(), true));
  }
  std::optional<Error> error;
  std::string buffer(kCopyHeader);
  const auto send = [&] {
    const int sent =
        PQputCopyData(connection_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (sent != 1) error = error_of(connection_.get(), nullptr, true);
    buffer.clear();
  };
  const std::size_t rows = batch.count();
  for (std::size_t row = 0; row < rows && !error; ++row) {
    if (auto written = encoder.write(row, buffer); !written) error = std::move(written.error());
    if (buffer.size() >= kCopyBufferBytes && !error) send();
  }
  buffer.append(kCopyTrailer);
  if (!error) send();
  PQputCopyEnd(connection_.get(), error ? "the client gave up" : nullptr);
  return end_of_copy(std::move(error));
}

}  // namespace attune::store::postgres
