#include "store/duckdb/handles.h"

#include <array>
#include <string>

namespace attune::store {

namespace {

struct Kind {
  std::string_view prefix;
  ErrorCode code;
};

// DuckDB begins every message with its kind; not every call has a result to ask for the number.
constexpr std::array kKinds{
    Kind{"INTERRUPT Error", ErrorCode::deadline_exceeded},
    Kind{"Out of Memory Error", ErrorCode::resource_exhausted},
    Kind{"TransactionContext Error", ErrorCode::unavailable},
    Kind{"Permission Error", ErrorCode::permission_denied},
    Kind{"Conversion Error", ErrorCode::invalid_argument},
    Kind{"Out of Range Error", ErrorCode::invalid_argument},
    Kind{"Invalid Input Error", ErrorCode::invalid_argument},
    Kind{"Division by Zero Error", ErrorCode::invalid_argument},
    Kind{"Constraint Error", ErrorCode::invalid_argument},
    Kind{"FATAL Error", ErrorCode::data_loss},
    Kind{"IO Error", ErrorCode::unavailable},
};

// Mistakes in the text of a statement.
constexpr std::array<std::string_view, 8> kStatementKinds{
    "Parser Error", "Binder Error",          "Catalog Error",        "Syntax Error",
    "Not implemented Error", "Mismatch Type Error", "Parameter Not Allowed Error",
    "Missing Extension Error"};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

ErrorCode code_of(std::string_view message, bool ours) {
  if (contains(message, "Duplicate key") || contains(message, "duplicate key")) {
    return ErrorCode::already_exists;
  }
  if (contains(message, "No space left on device") || contains(message, "max_temp_directory_size")) {
    return ErrorCode::resource_exhausted;
  }
  if (contains(message, "database has been invalidated")) return ErrorCode::data_loss;
  for (const Kind& kind : kKinds) {
    if (message.starts_with(kind.prefix)) return kind.code;
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
  return {code_of(message, ours), message};
}

}  // namespace attune::store
