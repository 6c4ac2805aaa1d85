#include "base/file_system.h"

#include <fmt/format.h>

namespace attune {

Result<std::string> read_file(FileSystem& files, const std::string& path, std::uint64_t bytes_max) {
  ATTUNE_ASSIGN(const auto file, files.open(path, FileSystem::Open::read));
  ATTUNE_ASSIGN(const std::uint64_t bytes, file->size());
  if (bytes > bytes_max) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("{} has {} bytes, more than the {} expected", path, bytes, bytes_max));
  }
  std::string text(bytes, '\0');
  ATTUNE_ASSIGN(const std::size_t got, file->read_at(0, text));
  text.resize(got);
  return text;
}

Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".new";
  if (auto removed = files.remove(fresh);
      !removed && removed.error().code() != ErrorCode::not_found) {
    return removed;
  }
  {
    ATTUNE_ASSIGN(const auto file, files.open(fresh, FileSystem::Open::create));
    ATTUNE_TRY(file->write_at(0, bytes));
    ATTUNE_TRY(file->sync_data());
  }
  ATTUNE_TRY(files.rename(fresh, path));
  return files.sync_folder(folder_of(path));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace attune
