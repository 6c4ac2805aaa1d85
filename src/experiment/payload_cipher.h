// Payloads that only those who have the key can read: AES-128-CBC, as "base64(iv).base64(text)".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace attune::experiment {

/// key   16 bytes as base64.
/// Errors  invalid_argument: a key, an initialization vector or a text that is none; the wrong key.
[[nodiscard]] Result<std::string> decrypt_payload(std::string_view encrypted, std::string_view key);

/// A random key. Errors  internal: the system gives no random bytes.
[[nodiscard]] Result<std::string> make_payload_key();

/// With a random initialization vector.
/// Errors  invalid_argument: a key that is none.
[[nodiscard]] Result<std::string> encrypt_payload(std::string_view plain, std::string_view key);

}  // namespace attune::experiment
