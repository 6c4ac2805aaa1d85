#include "base/result.h"

namespace attune {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    using enum ErrorCode;
    case invalid_argument: return "invalid_argument";
    case unauthenticated: return "unauthenticated";
    case permission_denied: return "permission_denied";
    case not_found: return "not_found";
    case already_exists: return "already_exists";
    case failed_precondition: return "failed_precondition";
    case resource_exhausted: return "resource_exhausted";
    case unavailable: return "unavailable";
    case deadline_exceeded: return "deadline_exceeded";
    case data_loss: return "data_loss";
    case internal: return "internal";
  }
  return "internal";
}

}  // namespace attune
