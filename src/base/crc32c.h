// CRC-32C (Castagnoli), the checksum of everything in the journal; by SSE4.2 where there is one.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace attune {

/// Checksum of `bytes` put after the bytes whose checksum is `before` (0: nothing before):
/// crc32c(b, crc32c(a)) == crc32c(a + b).
/// Source  RFC 3720, appendix B.4, has test vectors.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same without special instructions: the fallback, and what the fast one is tested against.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0);

/// What is stored instead of the checksum itself: the CRC of bytes that contain their own CRC is
/// degenerate, and journals get copied into journals.
constexpr std::uint32_t mask_crc(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8U; }
constexpr std::uint32_t unmask_crc(std::uint32_t masked) {
  return std::rotl(masked - 0xa282ead8U, 15);
}

}  // namespace attune
