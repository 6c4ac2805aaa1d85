#include "experiment/payload_cipher.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <optional>

namespace attune::experiment {
namespace {

constexpr std::size_t kBlock = 16;   // bytes of key, vector and block

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string made(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytes(made), bytes(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  made.resize(static_cast<std::size_t>(size) - padding);
  return made;
}

std::string to_base64(std::string_view text) {
  std::string made((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(bytes(made), bytes(text), static_cast<int>(text.size()));
  made.resize(static_cast<std::size_t>(size));
  return made;
}

tl::unexpected<Error> unreadable() {
  return fail(ErrorCode::invalid_argument, "the payload cannot be decrypted with this key");
}

}  // namespace

Result<std::string> decrypt_payload(std::string_view encrypted, std::string_view key) {
  const std::size_t dot = encrypted.find('.');
  if (dot == std::string_view::npos) return unreadable();
  const auto secret = from_base64(key);
  const auto vector = from_base64(encrypted.substr(0, dot));
  const auto text = from_base64(encrypted.substr(dot + 1));
  if (!secret || !vector || !text || secret->size() != kBlock || vector->size() != kBlock) {
    return unreadable();
  }
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string plain(text->size() + kBlock, '\0');
  int size = 0;
  int rest = 0;
  const bool done =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, bytes(*secret),
                         bytes(*vector)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes(plain), &size, bytes(*text),
                        static_cast<int>(text->size())) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes(plain) + size, &rest) == 1;
  if (!done) return unreadable();
  plain.resize(static_cast<std::size_t>(size + rest));
  return plain;
}

Result<std::string> make_payload_key() {
  std::string key(kBlock, '\0');
  if (RAND_bytes(bytes(key), static_cast<int>(kBlock)) != 1) {
    return fail(ErrorCode::internal, "the system gives no random bytes");
  }
  return to_base64(key);
}

Result<std::string> encrypt_payload(std::string_view plain, std::string_view key) {
  const auto secret = from_base64(key);
  if (!secret || secret->size() != kBlock) {
    return fail(ErrorCode::invalid_argument, "a key is 16 bytes as base64");
  }
  std::string vector(kBlock, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string text(plain.size() + kBlock, '\0');
  int size = 0;
  int rest = 0;
  const bool done =
      cipher && RAND_bytes(bytes(vector), static_cast<int>(kBlock)) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, bytes(*secret),
                         bytes(vector)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes(text), &size, bytes(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes(text) + size, &rest) == 1;
  if (!done) return fail(ErrorCode::internal, "the payload cannot be encrypted");
  text.resize(static_cast<std::size_t>(size + rest));
  return to_base64(vector) + "." + to_base64(text);
}

}  // namespace attune::experiment
