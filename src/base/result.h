// Errors as values. Every function that can fail in an expected way returns Result<T>; the codes are
// chosen by what the caller should do next, not by where it broke, and map one to one to HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace attune {

enum class ErrorCode : std::uint8_t {
  invalid_argument,     // fix the request (400)
  unauthenticated,      // log in (401)
  permission_denied,    // give up (403)
  not_found,            // decide (404)
  already_exists,       // decide (409)
  failed_precondition,  // change state first (409)
  resource_exhausted,   // slow down, Retry-After (429)
  unavailable,          // retry with backoff (503)
  deadline_exceeded,    // retry with backoff (504)
  data_loss,            // stop writing, alert (500)
  internal,             // report a bug (500)
};

/// The snake_case name of a code, as it appears in API answers.
std::string_view to_string(ErrorCode code);

/// What went wrong, for an operator to read. `field` names the input that is at fault, when one is.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message, std::string field = {})
      : code_(code), message_(std::move(message)), field_(std::move(field)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& field() const { return field_; }

  /// Adds context on the way up: "opening journal: no such folder".
  Error with(std::string_view context) && {
    message_.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
  std::string field_;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::not_found, "no such site");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string field = {}) {
  return tl::unexpected<Error>(Error(code, std::move(message), std::move(field)));
}

/// Passes an error on, with context: `return pass(r, "opening journal");`
template <class T>
tl::unexpected<Error> pass(Result<T>& failed, std::string_view context = {}) {
  if (context.empty()) return tl::unexpected<Error>(std::move(failed.error()));
  return tl::unexpected<Error>(std::move(failed.error()).with(context));
}

}  // namespace attune

#define ATTUNE_CONCAT_INNER(a, b) a##b
#define ATTUNE_CONCAT(a, b) ATTUNE_CONCAT_INNER(a, b)

/// Leaves the function with the error of a Result<void> expression, if it has one.
#define ATTUNE_TRY(expression)                                        \
  do {                                                                \
    if (auto attune_try = (expression); !attune_try) {                \
      return tl::unexpected<::attune::Error>(std::move(attune_try.error())); \
    }                                                                 \
  } while (false)

/// `ATTUNE_ASSIGN(auto file, open(path));` leaves with the error or takes the value.
#define ATTUNE_ASSIGN(declaration, expression)                                            \
  auto ATTUNE_CONCAT(attune_assign_, __LINE__) = (expression);                            \
  if (!ATTUNE_CONCAT(attune_assign_, __LINE__)) {                                         \
    return tl::unexpected<::attune::Error>(                                               \
        std::move(ATTUNE_CONCAT(attune_assign_, __LINE__).error()));                      \
  }                                                                                       \
  declaration = std::move(*ATTUNE_CONCAT(attune_assign_, __LINE__))
