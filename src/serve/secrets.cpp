#include "serve/secrets.h"

#include <sodium.h>

#include <array>
#include <vector>

#include "base/ensure.h"

namespace attune::serve {
namespace {

void start_sodium() {
  static const bool started = sodium_init() >= 0;
  ensure(started, "libsodium starts");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string random_token(std::size_t bytes) {
  start_sodium();
  std::vector<unsigned char> random(bytes);
  randombytes_buf(random.data(), random.size());
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), kVariant);
  text.resize(text.size() - 1);  // its terminating zero
  return text;
}

std::string random_password() {
  start_sodium();
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789";  // without i, l, o, 0, 1
  std::string password;
  for (int i = 0; i < 16; ++i) {
    if (i % 4 == 0 && i > 0) password.push_back('-');
    password.push_back(kLetters[randombytes_uniform(static_cast<std::uint32_t>(kLetters.size()))]);
  }
  return password;
}

std::string secret_hash(std::string_view purpose, std::string_view text) {
  start_sodium();
  std::array<unsigned char, crypto_generichash_KEYBYTES_MAX> key{};
  ensure(purpose.size() <= key.size(), "a purpose is a short word");
  std::copy(purpose.begin(), purpose.end(), key.begin());
  std::array<unsigned char, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(text), text.size(), key.data(), key.size());
  std::string hex(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes, cost.bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::resource_exhausted, "not enough memory to hash a password");
  }
  return std::string(hash.data());
}

bool verify_password(const std::string& hash, std::string_view password) {
  start_sodium();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace attune::serve
