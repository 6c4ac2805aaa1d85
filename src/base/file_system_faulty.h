// A file system that records everything done to it, fails and fills up on demand, and can
// afterwards say what a power cut at any moment would have left behind. It wraps a memory file
// system, so a crash test is an ordinary unit test: run a workload once, then open every image it
// could have become.
//
// What it models: unsynced writes of a file lost wholly, kept up to a byte of the last one, or kept
// in scattered sectors; sizes that grow with what was kept; names created, renamed or removed
// without a sync of the folder, lost or kept; a failed sync whose pages stay in the cache, look
// clean, and never reach the disk unless written again; one failing write (with a part of it in the
// file), one failing sync, and a disk that is full after so many bytes.
// What it does not: damage to synced bytes (tests do that by hand), and file systems that reorder
// a rename before the data of a synced file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/file_system_memory.h"
#include "base/mutex.h"

namespace attune {

/// One thing that was done, in order.
struct FileOperation {
  enum class Kind {
    create, write, truncate, reserve, sync, failed_sync, rename, remove, sync_folder, mark
  };
  Kind kind = Kind::mark;
  std::size_t file = 0;       // number of the file (by creation), for the kinds that concern one
  std::string path;           // create, rename (from), remove, sync_folder; the text of a mark
  std::string to;             // rename
  std::uint64_t offset = 0;   // write; the new size for truncate and reserve
  std::string bytes;          // write
};

/// When the power goes and what the disk then has of everything that was not synced.
struct PowerCut {
  std::size_t operations = 0;    // how many of the recorded operations had been made
  bool names_kept = false;       // unsynced creates, renames and removes made it
  bool writes_kept = false;      // unsynced writes made it, but for the last one ...
  std::size_t last_write_bytes = 0;  // ... of which this many first bytes did
  std::uint64_t scatter_seed = 0;    // not 0: instead, a coin for each sector of unsynced writes
  std::size_t sector_bytes = 512;
};

class FaultyFileSystem final : public FileSystem {
 public:
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  FaultyFileSystem() = default;
  /// Begins with these files, all synced: what a crash left, to crash again.
  explicit FaultyFileSystem(const MemoryFileSystem& start);

  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> create_folder(const std::string& folder) override;
  Result<void> sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

  // Faults. Counts are of calls from now on: 0 is the next one. A failing write leaves half of
  // its bytes in the file.
  void fail_write(std::size_t after_writes);
  void fail_sync(std::size_t after_syncs);    // of files and folders
  void set_capacity(std::uint64_t bytes);     // of all files together, sizes counted

  /// Puts a note between the operations: what the tests look at to see what came before what.
  void mark(std::string text);
  std::vector<FileOperation> operations() const;

  /// The disk after a power cut: everything synced before it, plus what `cut` says of the rest.
  std::unique_ptr<MemoryFileSystem> after(const PowerCut& cut) const;

  /// The files as running programs see them now.
  MemoryFileSystem& live() { return live_; }

 private:
  friend class FaultyFile;
  void record(FileOperation operation) ATTUNE_THREAD(requires_capability(mutex_));
  Result<void> admit_bytes(std::uint64_t more) ATTUNE_THREAD(requires_capability(mutex_));
  Result<void> take_sync_fault() ATTUNE_THREAD(requires_capability(mutex_));

  MemoryFileSystem live_;
  mutable Mutex mutex_;
  std::vector<FileOperation> operations_ ATTUNE_THREAD(guarded_by(mutex_));
  std::map<std::string, std::size_t> numbers_ ATTUNE_THREAD(guarded_by(mutex_));  // path to file
  std::size_t files_made_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
  std::size_t writes_until_fault_ ATTUNE_THREAD(guarded_by(mutex_)) = kNever;
  std::size_t syncs_until_fault_ ATTUNE_THREAD(guarded_by(mutex_)) = kNever;
  std::uint64_t capacity_ ATTUNE_THREAD(guarded_by(mutex_)) =
      std::numeric_limits<std::uint64_t>::max();
};

}  // namespace attune
