// POSIX files. Error texts carry the path and errno; retries are made only for EINTR.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/file_system.h"

namespace attune {
namespace {

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT: return ErrorCode::not_found;
    case EEXIST: return ErrorCode::already_exists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::permission_denied;
    default: return ErrorCode::unavailable;  // ENOSPC, EDQUOT, EIO, EMFILE, ...: may pass
  }
}

tl::unexpected<Error> fail_errno(std::string_view what, const std::string& path) {
  const int error = errno;
  const std::string_view hint = error == ENOSPC || error == EDQUOT ? " (disk full)" : "";
  return fail(code_of(error), fmt::format("{} {}: {}{}", what, path,
                                          std::generic_category().message(error), hint));
}

// Runs a system call again while a signal interrupts it.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);  // what mattered was synced; a late error says nothing more
  }
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  int number_;
};

class RealFile final : public File {
 public:
  RealFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    std::size_t got = 0;
    while (got < into.size()) {
      const auto n = retry([&] {
        return ::pread(fd(), into.data() + got, into.size() - got,
                       static_cast<off_t>(offset + got));
      });
      if (n < 0) return fail_errno("reading", path_);
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    return got;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto n = retry([&] {
        return ::pwrite(fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (n < 0) return fail_errno("writing", path_);
      offset += static_cast<std::uint64_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
  }

  Result<void> sync_data() override {
    if (::fdatasync(fd()) != 0) return fail_errno("syncing", path_);  // never retried
    return {};
  }

  Result<void> truncate(std::uint64_t bytes) override {
    if (retry([&] { return ::ftruncate(fd(), static_cast<off_t>(bytes)); }) != 0) {
      return fail_errno("truncating", path_);
    }
    return {};
  }

  Result<void> reserve(std::uint64_t bytes) override {
    if (retry([&] { return ::fallocate(fd(), 0, 0, static_cast<off_t>(bytes)); }) != 0) {
      if (errno == EOPNOTSUPP || errno == ENOSYS) return {};
      return fail_errno("reserving space for", path_);
    }
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(fd(), &status) != 0) return fail_errno("looking at", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  int fd() const { return descriptor_.number(); }

  Descriptor descriptor_;
  std::string path_;
};

// flock, not fcntl: it is of the open file, so it also keeps out a second opener in this process,
// and is not lost when some other part of the program closes a descriptor of the same file.
class RealLock final : public FileLock {
 public:
  explicit RealLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

Descriptor open_descriptor(const std::string& path, int flags) {
  return Descriptor(retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0640); }));
}

class RealFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override {
    int flags = O_RDONLY;
    if (how == Open::write) flags = O_RDWR;
    if (how == Open::create) flags = O_RDWR | O_CREAT | O_EXCL;
    Descriptor descriptor = open_descriptor(path, flags);
    if (!descriptor.open()) return fail_errno("opening", path);
    return std::make_unique<RealFile>(std::move(descriptor), path);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return fail_errno("renaming", from);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return fail_errno("removing", path);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    DIR* open_folder = ::opendir(folder.c_str());
    if (open_folder == nullptr) return fail_errno("listing", folder);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(open_folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error = errno;
    ::closedir(open_folder);
    errno = error;
    if (error != 0) return fail_errno("listing", folder);
    std::ranges::sort(names);
    return names;
  }

  Result<void> create_folder(const std::string& folder) override {
    if (::mkdir(folder.c_str(), 0750) == 0) return sync_folder(folder_of(folder));
    if (errno == EEXIST) return {};
    const std::string above = folder_of(folder);
    if (errno != ENOENT || above == folder) return fail_errno("making folder", folder);
    ATTUNE_TRY(create_folder(above));
    if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) {
      return fail_errno("making folder", folder);
    }
    return sync_folder(above);
  }

  Result<void> sync_folder(const std::string& folder) override {
    const Descriptor descriptor = open_descriptor(folder, O_RDONLY | O_DIRECTORY);
    if (!descriptor.open()) return fail_errno("opening folder", folder);
    if (::fsync(descriptor.number()) != 0) return fail_errno("syncing folder", folder);
    return {};
  }

  Result<std::uint64_t> free_bytes(const std::string& folder) override {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) return fail_errno("looking at", folder);
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    Descriptor descriptor = open_descriptor(path, O_RDWR | O_CREAT);
    if (!descriptor.open()) return fail_errno("opening", path);
    if (retry([&] { return ::flock(descriptor.number(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno == EWOULDBLOCK) {
        return fail(ErrorCode::failed_precondition, path + " is held by another owner");
      }
      return fail_errno("locking", path);
    }
    return std::make_unique<RealLock>(std::move(descriptor));
  }
};

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem files;
  return files;
}

}  // namespace attune
