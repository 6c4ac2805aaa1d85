// Random tokens, their hashes, and passwords: what libsodium does for us, in our types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attune::serve {

/// `bytes` random bytes from the operating system as unpadded base64url.
std::string random_token(std::size_t bytes);

/// A password people can copy by hand: four groups of four letters and digits that look alike to
/// nobody, 80 bits.
std::string random_password();

/// BLAKE2b-256 of `text` under `purpose`, 64 hex digits. For high-entropy secrets only: it is fast.
std::string secret_hash(std::string_view purpose, std::string_view text);

/// Whether both are the same, in time that depends on their length only.
bool same_secret(std::string_view a, std::string_view b);

struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t bytes = 64U << 20;
};

/// argon2id with its parameters and salt, as text.
/// Errors  resource_exhausted: the memory for it is not there.
[[nodiscard]] Result<std::string> hash_password(std::string_view password,
                                                const PasswordCost& cost);
bool verify_password(const std::string& hash, std::string_view password);

}  // namespace attune::serve
