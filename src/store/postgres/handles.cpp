#include "store/postgres/handles.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace attune::store::postgres {
namespace {

struct State {
  std::string_view prefix;   // of the five characters; longer ones stand before shorter ones
  ErrorCode code;
};

constexpr std::array kStates{
    State{"23505", ErrorCode::already_exists},       // unique violation
    State{"23", ErrorCode::failed_precondition},     // other constraints
    State{"57014", ErrorCode::deadline_exceeded},    // canceled, by the statement timeout
    State{"57P", ErrorCode::unavailable},            // shutting down, starting up, crashed
    State{"58", ErrorCode::unavailable},             // input and output of the server's files
    State{"53300", ErrorCode::unavailable},          // too many connections
    State{"53", ErrorCode::resource_exhausted},      // disk or memory full
    State{"54", ErrorCode::invalid_argument},        // too complex, too many columns
    State{"55P03", ErrorCode::unavailable},          // a lock was not to be had in time
    State{"55", ErrorCode::failed_precondition},
    State{"40", ErrorCode::unavailable},             // deadlock, serialization: begin again
    State{"25006", ErrorCode::invalid_argument},     // writing in a transaction that only reads
    State{"25P03", ErrorCode::unavailable},          // idle in a transaction for too long
    State{"28", ErrorCode::permission_denied},       // wrong role or password
    State{"3D", ErrorCode::not_found},               // no such database
    State{"42501", ErrorCode::permission_denied},
    State{"22", ErrorCode::invalid_argument},        // data that does not fit its type
    State{"P0001", ErrorCode::failed_precondition},  // raised by a procedure
    State{"XX001", ErrorCode::data_loss},
    State{"XX002", ErrorCode::data_loss},
    State{"08", ErrorCode::unavailable},             // the connection
};

ErrorCode code_of(std::string_view state, bool ours) {
  for (const State& each : kStates) {
    if (state.starts_with(each.prefix)) return each.code;
  }
  // 42: syntax, unknown names, types that do not fit.
  return ours || !state.starts_with("42") ? ErrorCode::internal : ErrorCode::invalid_argument;
}

std::string_view field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string trimmed(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

}  // namespace

bool is_broken(PGconn* connection) { return PQstatus(connection) != CONNECTION_OK; }

Error error_of(PGconn* connection, const PGresult* result, bool ours) {
  const std::string_view state = result == nullptr ? "" : field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) {
    std::string reason = trimmed(PQerrorMessage(connection));
    if (reason.empty()) reason = "the database gave no reason";
    // Not from the server but about the way to it, whose end libpq may not have noticed yet.
    return {ErrorCode::unavailable, std::move(reason)};
  }
  std::string message(field(result, PG_DIAG_MESSAGE_PRIMARY));
  if (const auto detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    message.append(": ").append(detail);
  }
  if (const auto hint = field(result, PG_DIAG_MESSAGE_HINT); !hint.empty()) {
    message.append(" (").append(hint).append(")");
  }
  message += fmt::format(" [SQLSTATE {}", state);
  const std::string_view constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  if (!constraint.empty()) message += fmt::format(", constraint {}", constraint);
  message += "]";
  return {code_of(state, ours), std::move(message), std::string(constraint)};
}

}  // namespace attune::store::postgres
