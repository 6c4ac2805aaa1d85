// The x-umami-cache token: a JSON web token (RFC 7519), HS256, that carries a visitor's session and
// visit from one answer to the next request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace attune::collect {

struct UmamiToken {
  Uuid website;
  Uuid session;
  Uuid visit;
  std::int64_t issued_s = 0;
};

std::string sign_token(const UmamiToken& token, std::string_view secret);

/// Returns  nothing for a token that this secret did not sign or that lacks a member.
std::optional<UmamiToken> read_token(std::string_view text, std::string_view secret);

}  // namespace attune::collect
