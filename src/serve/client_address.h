// The visitor's address behind proxies.
#pragma once

#include <string>
#include <string_view>

#include "serve/http.h"

namespace attune::serve {

/// The address a request comes from.
///
/// trust_proxy  take it from X-Forwarded-For: the right-most address that is neither loopback nor
///              private, because what stands further left was written by the client; when there is
///              none, the left-most; without that header X-Real-IP.
/// Returns      an address as text; the peer's own when a header has none; empty for the control
/// socket.
std::string client_address(const Request& request, bool trust_proxy);

/// Whether `address` is loopback, private, link-local or unique-local; false when it is not an
/// address.
bool is_internal_address(std::string_view address);

/// "203.0.113.7:4711", "[2001:db8::1]:80" and both without port give the bare address; else empty.
std::string bare_address(std::string_view text);

}  // namespace attune::serve
