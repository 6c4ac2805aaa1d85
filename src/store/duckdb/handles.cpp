#include "store/duckdb/handles.h"

#include <array>
#include <string>

namespace attune::store {

namespace {

struct Kind {
  std::string_view prefix;
  duckdb_error_type type;
  ErrorCode code;
};

// DuckDB begins most messages with their kind; where it does not (the appender), it gives the
// number.
constexpr std::array kKinds{
    Kind{"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT, ErrorCode::deadline_exceeded},
    Kind{"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY, ErrorCode::resource_exhausted},
    Kind{"TransactionContext Error", DUCKDB_ERROR_TRANSACTION, ErrorCode::unavailable},
    Kind{"Permission Error", DUCKDB_ERROR_PERMISSION, ErrorCode::permission_denied},
    Kind{"Conversion Error", DUCKDB_ERROR_CONVERSION, ErrorCode::invalid_argument},
    Kind{"Out of Range Error", DUCKDB_ERROR_OUT_OF_RANGE, ErrorCode::invalid_argument},
    Kind{"Invalid Input Error", DUCKDB_ERROR_INVALID_INPUT, ErrorCode::invalid_argument},
    Kind{"Division by Zero Error", DUCKDB_ERROR_DIVIDE_BY_ZERO, ErrorCode::invalid_argument},
    Kind{"Constraint Error", DUCKDB_ERROR_CONSTRAINT, ErrorCode::invalid_argument},
    Kind{"FATAL Error", DUCKDB_ERROR_FATAL, ErrorCode::data_loss},
    Kind{"IO Error", DUCKDB_ERROR_IO, ErrorCode::unavailable},
};

// Mistakes in the text of a statement.
constexpr std::array<std::string_view, 8> kStatementKinds{
    "Parser Error", "Binder Error",          "Catalog Error",        "Syntax Error",
    "Not implemented Error", "Mismatch Type Error", "Parameter Not Allowed Error",
    "Missing Extension Error"};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

ErrorCode code_of(std::string_view message, duckdb_error_type type, bool ours) {
  if (contains(message, "Duplicate key") || contains(message, "duplicate key")) {
    return ErrorCode::already_exists;
  }
  if (contains(message, "No space left on device") ||
      contains(message, "max_temp_directory_size")) {
    return ErrorCode::resource_exhausted;
  }
  if (contains(message, "database has been invalidated")) return ErrorCode::data_loss;
  for (const Kind& kind : kKinds) {
    if (type == kind.type || message.starts_with(kind.prefix)) return kind.code;
  }
  for (const std::string_view prefix : kStatementKinds) {
    if (message.starts_with(prefix)) {
      return ours ? ErrorCode::internal : ErrorCode::invalid_argument;
    }
  }
  return ErrorCode::internal;
}

}  // namespace

Error duckdb_error(const char* message, bool ours) {
  if (message == nullptr) return {ErrorCode::internal, "the database gave no reason"};
  return {code_of(message, DUCKDB_ERROR_INVALID, ours), message};
}

Error duckdb_appender_failure(duckdb_appender appender) {
  const Owned<duckdb_error_data, duckdb_destroy_error_data> data(
      duckdb_appender_error_data(appender));
  const char* message = duckdb_error_data_message(data.get());
  if (message == nullptr) return {ErrorCode::internal, "the database gave no reason"};
  return {code_of(message, duckdb_error_data_error_type(data.get()), true), message};
}

}  // namespace attune::store
