#include "collect/umami_token.h"

#include <simdjson.h>
#include <sodium.h>

#include <array>

#include "base/json_writer.h"

namespace attune::collect {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::size_t kTokenBytesMax = 2048;

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  out.pop_back();
  return out;
}

std::optional<std::string> unbase64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &length, nullptr, kVariant) != 0) {
    return std::nullopt;
  }
  out.resize(length);
  return out;
}

using Signature = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

Signature signature_of(std::string_view text, std::string_view secret) {
  Signature signature{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&state, signature.data());
  return signature;
}

bool read_id(const simdjson::dom::element& root, std::string_view key, Uuid& id) {
  std::string_view text;
  if (root.at_key(key).get_string().get(text) != simdjson::SUCCESS) return false;
  const auto parsed = Uuid::parse(text);
  if (parsed) id = *parsed;
  return parsed.has_value();
}

}  // namespace

std::string sign_token(const UmamiToken& token, std::string_view secret) {
  std::string payload;
  JsonWriter out(payload);
  out.begin_object();
  out.key("websiteId");
  out.text(token.website.text());
  out.key("sessionId");
  out.text(token.session.text());
  out.key("visitId");
  out.text(token.visit.text());
  out.key("iat");
  out.integer(token.issued_s);
  out.end_object();
  std::string text = base64(kHeader) + "." + base64(payload);
  const Signature signature = signature_of(text, secret);
  text.push_back('.');
  text += base64({reinterpret_cast<const char*>(signature.data()), signature.size()});
  return text;
}

std::optional<UmamiToken> read_token(std::string_view text, std::string_view secret) {
  if (text.empty() || text.size() > kTokenBytesMax) return std::nullopt;
  const auto first = text.find('.');
  const auto second = text.rfind('.');
  if (first == std::string_view::npos || first == second) return std::nullopt;
  const auto signature = unbase64(text.substr(second + 1));
  const Signature expected = signature_of(text.substr(0, second), secret);
  // The algorithm is never read from the token: only HS256 is ever checked.
  if (!signature || signature->size() != expected.size() ||
      sodium_memcmp(signature->data(), expected.data(), expected.size()) != 0) {
    return std::nullopt;
  }
  const auto payload = unbase64(text.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload->data(), payload->size()).get(root) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  UmamiToken token;
  const bool complete = read_id(root, "websiteId", token.website) &&
                        read_id(root, "sessionId", token.session) &&
                        read_id(root, "visitId", token.visit) &&
                        root.at_key("iat").get_int64().get(token.issued_s) == simdjson::SUCCESS;
  if (!complete) return std::nullopt;
  return token;
}

}  // namespace attune::collect
