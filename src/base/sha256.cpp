#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "base/ensure.h"

namespace attune {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

/// Calls `take(bytes)` for each piece of the file's first `bytes_max` bytes.
template <class Take>
Result<std::uint64_t> each_piece(File& file, std::uint64_t bytes_max, Take take) {
  std::vector<char> buffer(kPieceBytes);
  std::uint64_t at = 0;
  while (at < bytes_max) {
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, bytes_max - at));
    ATTUNE_ASSIGN(const std::size_t got, file.read_at(at, std::span<char>(buffer.data(), want)));
    if (got == 0) break;
    ATTUNE_TRY(take(at, std::string_view(buffer.data(), got)));
    at += got;
  }
  return at;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  ensure(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1, "SHA-256 is there");
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  ensure(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "hashing");
}

std::string Sha256::finish() {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  ensure(EVP_DigestFinal_ex(state_->context, digest.data(), &length) == 1, "hashing");
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

Result<FileDigest> digest_file(FileSystem& files, const std::string& path) {
  ATTUNE_ASSIGN(const auto file, files.open(path, FileSystem::Open::read));
  Sha256 hash;
  FileDigest digest;
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  const auto take = [&](std::uint64_t, std::string_view piece) -> Result<void> {
    hash.add(piece);
    return {};
  };
  ATTUNE_ASSIGN(digest.bytes, each_piece(*file, kAll, take));
  digest.sha256 = hash.finish();
  return digest;
}

Result<FileDigest> copy_file(FileSystem& files, const std::string& from, const std::string& to,
                             std::uint64_t bytes_max) {
  ATTUNE_ASSIGN(const auto source, files.open(from, FileSystem::Open::read));
  ATTUNE_ASSIGN(const auto target, files.open(to, FileSystem::Open::create));
  Sha256 hash;
  FileDigest digest;
  ATTUNE_ASSIGN(digest.bytes, each_piece(*source, bytes_max,
                                         [&](std::uint64_t at, std::string_view piece) {
                                           hash.add(piece);
                                           return target->write_at(at, piece);
                                         }));
  ATTUNE_TRY(target->sync_data());
  digest.sha256 = hash.finish();
  return digest;
}

}  // namespace attune
