// Files in memory, for tests: quick, and gone with the object.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/file_system.h"
#include "base/mutex.h"

namespace attune {

/// A file's bytes, shared by the name and by everyone who has it open.
struct MemoryFileBytes {
  Mutex mutex;
  std::string bytes ATTUNE_THREAD(guarded_by(mutex));
};

/// Folders need not be made: any path may be created. Threads: any.
class MemoryFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> create_folder(const std::string& folder) override;
  Result<void> sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

  // For tests: a file as a whole.
  bool contains(const std::string& path) const;
  std::string get(const std::string& path) const;  // empty when there is none
  void put(const std::string& path, std::string bytes);
  std::uint64_t bytes_total() const;
  std::vector<std::string> paths() const;  // sorted

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<MemoryFileBytes>> files_ ATTUNE_THREAD(guarded_by(mutex_));
  std::map<std::string, std::weak_ptr<bool>> locks_ ATTUNE_THREAD(guarded_by(mutex_));
};

}  // namespace attune
