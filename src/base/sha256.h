// SHA-256 of bytes that come in pieces, and of files: for manifests that a later reader checks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"

namespace attune {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  /// 64 hex digits; nothing may be added afterwards.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// Reads a whole file in bounded memory.
/// Errors  those of open and read.
[[nodiscard]] Result<FileDigest> digest_file(FileSystem& files, const std::string& path);

/// Copies the first `bytes_max` bytes of a file (all of it when it is shorter) to `to`, which must
/// not exist; durable but for its name when this returns (sync the folder).
/// Returns  size and hash of what was written.
[[nodiscard]] Result<FileDigest> copy_file(FileSystem& files, const std::string& from,
                                           const std::string& to, std::uint64_t bytes_max);

}  // namespace attune
