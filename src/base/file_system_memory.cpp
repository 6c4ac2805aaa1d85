#include "base/file_system_memory.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace attune {
namespace {

class MemoryFile final : public File {
 public:
  explicit MemoryFile(std::shared_ptr<MemoryFileBytes> file) : file_(std::move(file)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    const MutexLock held(file_->mutex);
    if (offset >= file_->bytes.size()) return std::size_t{0};
    const std::size_t got = std::min(into.size(), file_->bytes.size() - offset);
    std::memcpy(into.data(), file_->bytes.data() + offset, got);
    return got;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const MutexLock held(file_->mutex);
    if (bytes.empty()) return {};
    if (file_->bytes.size() < offset + bytes.size()) file_->bytes.resize(offset + bytes.size());
    file_->bytes.replace(offset, bytes.size(), bytes);
    return {};
  }

  Result<void> sync_data() override { return {}; }

  Result<void> truncate(std::uint64_t bytes) override {
    const MutexLock held(file_->mutex);
    file_->bytes.resize(bytes);
    return {};
  }

  Result<void> reserve(std::uint64_t bytes) override {
    const MutexLock held(file_->mutex);
    if (file_->bytes.size() < bytes) file_->bytes.resize(bytes);
    return {};
  }

  Result<std::uint64_t> size() override {
    const MutexLock held(file_->mutex);
    return std::uint64_t{file_->bytes.size()};
  }

 private:
  std::shared_ptr<MemoryFileBytes> file_;
};

// The file system keeps a weak reference to the token: gone with the lock.
class MemoryLock final : public FileLock {
 public:
  explicit MemoryLock(std::shared_ptr<bool> token) : token_(std::move(token)) {}

 private:
  std::shared_ptr<bool> token_;
};

tl::unexpected<Error> no_such_file(const std::string& path) {
  return fail(ErrorCode::not_found, path + ": no such file");
}

}  // namespace

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, Open how) {
  const MutexLock held(mutex_);
  const auto found = files_.find(path);
  if (how == Open::create) {
    if (found != files_.end()) return fail(ErrorCode::already_exists, path + ": exists already");
    auto bytes = std::make_shared<MemoryFileBytes>();
    files_.emplace(path, bytes);
    return std::make_unique<MemoryFile>(std::move(bytes));
  }
  if (found == files_.end()) return no_such_file(path);
  return std::make_unique<MemoryFile>(found->second);
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const MutexLock held(mutex_);
  auto moved = files_.extract(from);
  if (moved.empty()) return no_such_file(from);
  files_[to] = std::move(moved.mapped());
  return {};
}

Result<void> MemoryFileSystem::remove(const std::string& path) {
  const MutexLock held(mutex_);
  if (files_.erase(path) == 0) return no_such_file(path);
  return {};
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& folder) {
  const MutexLock held(mutex_);
  std::vector<std::string> names;
  const std::string before = folder + "/";
  for (auto at = files_.lower_bound(before); at != files_.end(); ++at) {
    if (!at->first.starts_with(before)) break;
    std::string name = at->first.substr(before.size());
    if (name.find('/') == std::string::npos) names.push_back(std::move(name));
  }
  return names;
}

Result<void> MemoryFileSystem::create_folder(const std::string&) { return {}; }

Result<void> MemoryFileSystem::sync_folder(const std::string&) { return {}; }

Result<std::uint64_t> MemoryFileSystem::free_bytes(const std::string&) {
  return std::numeric_limits<std::uint64_t>::max();
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path) {
  const MutexLock held(mutex_);
  if (!locks_[path].expired()) {
    return fail(ErrorCode::failed_precondition, path + " is held by another owner");
  }
  auto token = std::make_shared<bool>(true);
  locks_[path] = token;
  return std::make_unique<MemoryLock>(std::move(token));
}

bool MemoryFileSystem::contains(const std::string& path) const {
  const MutexLock held(mutex_);
  return files_.contains(path);
}

std::string MemoryFileSystem::get(const std::string& path) const {
  const MutexLock held(mutex_);
  const auto found = files_.find(path);
  if (found == files_.end()) return {};
  const MutexLock bytes_held(found->second->mutex);
  return found->second->bytes;
}

void MemoryFileSystem::put(const std::string& path, std::string bytes) {
  auto fresh = std::make_shared<MemoryFileBytes>();
  {
    const MutexLock bytes_held(fresh->mutex);
    fresh->bytes = std::move(bytes);
  }
  const MutexLock held(mutex_);
  files_[path] = std::move(fresh);
}

std::vector<std::string> MemoryFileSystem::paths() const {
  const MutexLock held(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, file] : files_) paths.push_back(path);
  return paths;
}

std::uint64_t MemoryFileSystem::bytes_total() const {
  const MutexLock held(mutex_);
  std::uint64_t total = 0;
  for (const auto& [path, file] : files_) {
    const MutexLock bytes_held(file->mutex);
    total += file->bytes.size();
  }
  return total;
}

}  // namespace attune
