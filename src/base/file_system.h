// The outside world of files, narrowed to what durable storage needs, so that the tests can pull
// the plug at any write. Three implementations: the real one (POSIX), one in memory, and one that
// forgets, fails and fills up (base/file_system_faulty.h).
//
// Durability is spelled out: a write is safe after `sync_data` of its file returned success; a
// created, renamed or removed name after `sync_folder` of its folder did. Nothing else makes
// anything safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune {

/// An open file. Offsets and sizes in bytes.
///
/// Errors of every call
///   unavailable  no space, or another I/O error; the message has the path and the system's reason.
/// Threads  reads may run beside each other and beside one writer of other bytes; all else needs
///          one caller at a time.
class File {
 public:
  virtual ~File() = default;

  /// Fills `into` from `offset`.
  /// Returns  bytes read: fewer than asked only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<char> into) = 0;

  /// Writes all of `bytes` at `offset`. After an error any part of them may be in the file.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;

  /// Puts data and size on the medium. After an error, what was written since the last success may
  /// or may not be there, and no later success says anything about it.
  [[nodiscard]] virtual Result<void> sync_data() = 0;

  [[nodiscard]] virtual Result<void> truncate(std::uint64_t bytes) = 0;

  /// Makes sure of disk space up to `bytes` and grows the file to that size with zeros. Where the
  /// file system cannot, it succeeds and does nothing: reading past the old end then gives nothing.
  [[nodiscard]] virtual Result<void> reserve(std::uint64_t bytes) = 0;

  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
};

/// Held until destroyed, at the latest until the process ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  enum class Open {
    read,        // must exist
    write,       // must exist; for reading too
    create,      // for writing; must not exist
  };

  virtual ~FileSystem() = default;

  /// Errors  not_found: no such file (or folder above it); already_exists: with `create`;
  ///         permission_denied; unavailable: anything else.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path, Open how) = 0;

  /// Puts `from` in the place of `to`, which may exist, at once.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;

  /// Errors  not_found. Those who have it open keep it.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;

  /// Names (not paths) of the files in a folder, sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;

  /// Makes a folder and those above it, durably; one that exists is fine.
  [[nodiscard]] virtual Result<void> create_folder(const std::string& folder) = 0;

  /// Puts the folder's entries on the medium.
  [[nodiscard]] virtual Result<void> sync_folder(const std::string& folder) = 0;

  /// Bytes that an ordinary process may still write where `folder` lies.
  [[nodiscard]] virtual Result<std::uint64_t> free_bytes(const std::string& folder) = 0;

  /// Takes the lock file at `path`, made if need be, without waiting.
  /// Errors  failed_precondition: someone has it, in this process or another.
  [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The file system of this machine.
FileSystem& real_file_system();

/// The folder that `path` lies in: "a/b" for "a/b/c", "." for "c".
std::string folder_of(const std::string& path);

/// All of a file, at most `bytes_max`.
/// Errors  those of open; resource_exhausted: it is longer.
[[nodiscard]] Result<std::string> read_file(FileSystem& files, const std::string& path,
                                            std::uint64_t bytes_max);

/// Replaces (or makes) the file as a whole: `path`.new, sync, rename, sync of the folder. After a
/// crash there is the old one or the new one.
[[nodiscard]] Result<void> replace_file(FileSystem& files, const std::string& path,
                                        std::string_view bytes);

}  // namespace attune
