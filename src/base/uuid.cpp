#include "base/uuid.h"

#include <openssl/evp.h>
#include <sodium.h>

#include "base/ensure.h"

namespace attune {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void stamp_version(Uuid& id, unsigned version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
}

}  // namespace

std::string Uuid::text() const {
  char out[36];
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
    out[at++] = kHex[bytes[i] >> 4];
    out[at++] = kHex[bytes[i] & 15];
  }
  return {out, sizeof out};
}

Result<Uuid> Uuid::parse(std::string_view text) {
  Uuid id;
  bool good = text.size() == 36;
  std::size_t at = 0;
  for (std::size_t i = 0; good && i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) good = text[at++] == '-';
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    good = good && high >= 0 && low >= 0;
    if (good) id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  if (!good) return fail(ErrorCode::invalid_argument, "not a UUID (8-4-4-4-12 hexadecimal digits)");
  return id;
}

Uuid Uuid::from_name(const Uuid& space, std::string_view name) {
  std::string input(reinterpret_cast<const char*>(space.bytes.data()), space.bytes.size());
  input.append(name);
  std::array<unsigned char, 20> digest{};
  unsigned length = 0;
  ensure(EVP_Digest(input.data(), input.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1,
         "SHA-1 is always available");
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), 16);
  stamp_version(id, 5);
  return id;
}

Uuid Uuid::random() {
  Uuid id;
  ensure(sodium_init() >= 0, "libsodium starts");
  randombytes_buf(id.bytes.data(), id.bytes.size());
  stamp_version(id, 4);
  return id;
}

}  // namespace attune
