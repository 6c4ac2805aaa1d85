#include "base/file_system_faulty.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/ensure.h"

namespace attune {

using Kind = FileOperation::Kind;

class FaultyFile final : public File {
 public:
  FaultyFile(FaultyFileSystem& files, std::size_t number, std::unique_ptr<File> live)
      : files_(files), number_(number), live_(std::move(live)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    return live_->read_at(offset, into);
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const MutexLock held(files_.mutex_);
    if (files_.writes_until_fault_ == 0) {
      files_.writes_until_fault_ = FaultyFileSystem::kNever;
      ATTUNE_TRY(put(offset, bytes.substr(0, bytes.size() / 2)));
      return fail(ErrorCode::unavailable, "injected write error");
    }
    if (files_.writes_until_fault_ != FaultyFileSystem::kNever) --files_.writes_until_fault_;
    ATTUNE_ASSIGN(const std::uint64_t size, live_->size());
    const std::uint64_t end = offset + bytes.size();
    if (auto room = files_.admit_bytes(end > size ? end - size : 0); !room) {
      // A real disk takes what still fits before it says no.
      const std::uint64_t spare = files_.capacity_ - std::min(files_.capacity_,
                                                              files_.live_.bytes_total());
      const std::uint64_t inside = size > offset ? size - offset : 0;
      ATTUNE_TRY(put(offset, bytes.substr(0, inside + spare)));
      return room;
    }
    return put(offset, bytes);
  }

  Result<void> sync_data() override {
    const MutexLock held(files_.mutex_);
    auto synced = files_.take_sync_fault();
    FileOperation operation;
    operation.kind = synced ? Kind::sync : Kind::failed_sync;
    operation.file = number_;
    files_.record(std::move(operation));
    return synced;
  }

  Result<void> truncate(std::uint64_t bytes) override {
    const MutexLock held(files_.mutex_);
    return resize(Kind::truncate, bytes);
  }

  Result<void> reserve(std::uint64_t bytes) override {
    const MutexLock held(files_.mutex_);
    ATTUNE_ASSIGN(const std::uint64_t size, live_->size());
    if (bytes <= size) return {};
    ATTUNE_TRY(files_.admit_bytes(bytes - size));
    return resize(Kind::reserve, bytes);
  }

  Result<std::uint64_t> size() override { return live_->size(); }

 private:
  Result<void> put(std::uint64_t offset, std::string_view bytes)
      ATTUNE_THREAD(requires_capability(files_.mutex_)) {
    FileOperation operation;
    operation.kind = Kind::write;
    operation.file = number_;
    operation.offset = offset;
    operation.bytes = bytes;
    files_.record(std::move(operation));
    return live_->write_at(offset, bytes);
  }

  Result<void> resize(Kind kind, std::uint64_t bytes)
      ATTUNE_THREAD(requires_capability(files_.mutex_)) {
    FileOperation operation;
    operation.kind = kind;
    operation.file = number_;
    operation.offset = bytes;
    files_.record(std::move(operation));
    return kind == Kind::truncate ? live_->truncate(bytes) : live_->reserve(bytes);
  }

  FaultyFileSystem& files_;
  const std::size_t number_;
  const std::unique_ptr<File> live_;
};

FaultyFileSystem::FaultyFileSystem(const MemoryFileSystem& start) {
  for (const std::string& path : start.paths()) {
    const auto file = open(path, Open::create);
    ensure(file && (*file)->write_at(0, start.get(path)) && (*file)->sync_data() &&
               sync_folder(folder_of(path)),
           "without faults, files can be made");
  }
}

void FaultyFileSystem::record(FileOperation operation) {
  operations_.push_back(std::move(operation));
}

Result<void> FaultyFileSystem::admit_bytes(std::uint64_t more) {
  if (live_.bytes_total() + more > capacity_) {
    return fail(ErrorCode::unavailable, "no space left (injected)");
  }
  return {};
}

Result<void> FaultyFileSystem::take_sync_fault() {
  if (syncs_until_fault_ == 0) {
    syncs_until_fault_ = kNever;
    return fail(ErrorCode::unavailable, "injected sync error");
  }
  if (syncs_until_fault_ != kNever) --syncs_until_fault_;
  return {};
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, Open how) {
  const MutexLock held(mutex_);
  ATTUNE_ASSIGN(auto file, live_.open(path, how));
  if (how == Open::create) {
    FileOperation operation;
    operation.kind = Kind::create;
    operation.path = path;
    operation.file = files_made_;
    record(std::move(operation));
    numbers_[path] = files_made_++;
  }
  return std::make_unique<FaultyFile>(*this, numbers_.at(path), std::move(file));
}

Result<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  const MutexLock held(mutex_);
  ensure(folder_of(from) == folder_of(to), "renames stay in their folder");
  ATTUNE_TRY(live_.rename(from, to));
  FileOperation operation;
  operation.kind = Kind::rename;
  operation.path = from;
  operation.to = to;
  record(std::move(operation));
  auto moved = numbers_.extract(from);
  numbers_[to] = moved.mapped();
  return {};
}

Result<void> FaultyFileSystem::remove(const std::string& path) {
  const MutexLock held(mutex_);
  ATTUNE_TRY(live_.remove(path));
  FileOperation operation;
  operation.kind = Kind::remove;
  operation.path = path;
  record(std::move(operation));
  numbers_.erase(path);
  return {};
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& folder) {
  return live_.list(folder);
}

Result<void> FaultyFileSystem::create_folder(const std::string&) { return {}; }

Result<void> FaultyFileSystem::sync_folder(const std::string& folder) {
  const MutexLock held(mutex_);
  ATTUNE_TRY(take_sync_fault());  // names of a failed sync stay unsynced, as if it had not been
  FileOperation operation;
  operation.kind = Kind::sync_folder;
  operation.path = folder;
  record(std::move(operation));
  return {};
}

Result<std::uint64_t> FaultyFileSystem::free_bytes(const std::string&) {
  const MutexLock held(mutex_);
  const std::uint64_t used = live_.bytes_total();
  return used < capacity_ ? capacity_ - used : 0;
}

Result<std::unique_ptr<FileLock>> FaultyFileSystem::lock(const std::string& path) {
  return live_.lock(path);
}

void FaultyFileSystem::fail_write(std::size_t after_writes) {
  const MutexLock held(mutex_);
  writes_until_fault_ = after_writes;
}

void FaultyFileSystem::fail_sync(std::size_t after_syncs) {
  const MutexLock held(mutex_);
  syncs_until_fault_ = after_syncs;
}

void FaultyFileSystem::set_capacity(std::uint64_t bytes) {
  const MutexLock held(mutex_);
  capacity_ = bytes;
}

void FaultyFileSystem::mark(std::string text) {
  const MutexLock held(mutex_);
  FileOperation operation;
  operation.kind = Kind::mark;
  operation.path = std::move(text);
  record(std::move(operation));
}

std::vector<FileOperation> FaultyFileSystem::operations() const {
  const MutexLock held(mutex_);
  return operations_;
}

namespace {

void put_bytes(std::string& file, std::uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  file.replace(offset, bytes.size(), bytes);
}

void apply(std::string& file, const FileOperation& operation) {
  switch (operation.kind) {
    case Kind::write: return put_bytes(file, operation.offset, operation.bytes);
    case Kind::truncate: return file.resize(operation.offset);
    case Kind::reserve:
      if (file.size() < operation.offset) file.resize(operation.offset);
      return;
    default: ensure(false, "only changes of a file's bytes are applied to it");
  }
}

// Replays the operations and keeps apart what is on the medium and what is only in the cache.
class Disk {
 public:
  explicit Disk(const PowerCut& cut) : cut_(cut), coin_(cut.scatter_seed) {}

  void perform(const FileOperation& operation) {
    switch (operation.kind) {
      case Kind::write:
      case Kind::truncate:
      case Kind::reserve: files_[operation.file].unsynced.push_back(&operation); break;
      case Kind::sync: persist(files_[operation.file]); break;
      case Kind::failed_sync:
        if (cut_.writes_kept) persist(files_[operation.file]);  // it may have worked after all
        files_[operation.file].unsynced.clear();
        break;
      case Kind::create:
      case Kind::rename:
      case Kind::remove: unsynced_names_.push_back(&operation); break;
      case Kind::sync_folder: persist_names(operation.path); break;
      case Kind::mark: break;
    }
  }

  std::unique_ptr<MemoryFileSystem> cut_power() {
    if (cut_.names_kept) {
      for (const FileOperation* operation : unsynced_names_) change_names(*operation);
    }
    if (cut_.scatter_seed != 0) {
      for (auto& [number, file] : files_) scatter(file);
    } else if (cut_.writes_kept) {
      keep_up_to_last_write();
    }
    auto left = std::make_unique<MemoryFileSystem>();
    for (const auto& [path, number] : names_) left->put(path, files_[number].bytes);
    return left;
  }

 private:
  struct Contents {
    std::string bytes;                            // on the medium
    std::vector<const FileOperation*> unsynced;   // in the cache only
  };

  static void persist(Contents& file) {
    for (const FileOperation* operation : file.unsynced) apply(file.bytes, *operation);
    file.unsynced.clear();
  }

  void persist_names(const std::string& folder) {
    std::erase_if(unsynced_names_, [&](const FileOperation* operation) {
      if (folder_of(operation->path) != folder) return false;
      change_names(*operation);
      return true;
    });
  }

  void change_names(const FileOperation& operation) {
    if (operation.kind == Kind::create) {
      names_[operation.path] = operation.file;
    } else if (operation.kind == Kind::rename) {
      auto moved = names_.extract(operation.path);
      names_[operation.to] = moved.mapped();
    } else {
      names_.erase(operation.path);
    }
  }

  void keep_up_to_last_write() {
    const FileOperation* last = nullptr;  // operations lie in one array: later means higher address
    for (const auto& [number, file] : files_) {
      for (const FileOperation* operation : file.unsynced) {
        if (operation->kind == Kind::write && (last == nullptr || operation > last)) {
          last = operation;
        }
      }
    }
    for (auto& [number, file] : files_) {
      for (const FileOperation* operation : file.unsynced) {
        if (operation == last) {
          put_bytes(file.bytes, last->offset,
                    std::string_view(last->bytes).substr(0, cut_.last_write_bytes));
        } else {
          apply(file.bytes, *operation);
        }
      }
    }
  }

  void scatter(Contents& file) {
    for (const FileOperation* operation : file.unsynced) {
      if (operation->kind != Kind::write) {
        if ((coin_() & 1) != 0) apply(file.bytes, *operation);
        continue;
      }
      std::string_view rest = operation->bytes;
      for (std::uint64_t offset = operation->offset; !rest.empty();) {
        const std::size_t piece =
            std::min<std::size_t>(rest.size(), cut_.sector_bytes - offset % cut_.sector_bytes);
        if ((coin_() & 1) != 0) put_bytes(file.bytes, offset, rest.substr(0, piece));
        rest.remove_prefix(piece);
        offset += piece;
      }
    }
  }

  const PowerCut cut_;
  std::mt19937_64 coin_;
  std::map<std::size_t, Contents> files_;
  std::map<std::string, std::size_t> names_;
  std::vector<const FileOperation*> unsynced_names_;
};

}  // namespace

std::unique_ptr<MemoryFileSystem> FaultyFileSystem::after(const PowerCut& cut) const {
  const MutexLock held(mutex_);
  ensure(cut.operations <= operations_.size(), "the power goes within the recording");
  Disk disk(cut);
  for (std::size_t i = 0; i < cut.operations; ++i) disk.perform(operations_[i]);
  return disk.cut_power();
}

}  // namespace attune
