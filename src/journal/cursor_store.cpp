#include "journal/cursor_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "journal/format.h"

namespace attune::journal {
namespace {

constexpr std::string_view kMagic = "ATTNCRSR";
constexpr std::string_view kSuffix = ".cursor";
constexpr std::size_t kCursorBytes = 48;
constexpr std::size_t kNameBytesMax = 64;

bool good_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, good);
}

Result<void> check_name(std::string_view name) {
  if (good_name(name)) return {};
  return fail(ErrorCode::invalid_argument, "a cursor's name is 1 to 64 of a-z 0-9 _ -", "cursor");
}

std::string_view text_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::string encode_cursor(const Uuid& journal_id, Position position) {
  std::string out(kMagic);
  put_u32(out, kFormatVersion);
  put_u32(out, 0);
  out.append(text_of(journal_id));
  put_u64(out, position.offset);
  put_u32(out, 0);
  put_u32(out, mask_crc(crc32c(out)));
  return out;
}

}  // namespace

CursorStore::CursorStore(FileSystem& files, std::string folder, Uuid journal_id)
    : files_(files), folder_(std::move(folder)), journal_id_(journal_id) {}

std::string CursorStore::path(std::string_view name) const {
  std::string path = folder_;
  path.append("/").append(name).append(kSuffix);
  return path;
}

Result<void> CursorStore::save(std::string_view name, Position position) {
  ATTUNE_TRY(check_name(name));
  const MutexLock held(mutex_);
  return replace_file(files_, path(name), encode_cursor(journal_id_, position));
}

Result<std::optional<Position>> CursorStore::load(std::string_view name) {
  ATTUNE_TRY(check_name(name));
  const MutexLock held(mutex_);
  return load_locked(name);
}

Result<std::optional<Position>> CursorStore::load_locked(std::string_view name) {
  const std::string file = path(name);
  auto bytes = read_file(files_, file, kCursorBytes);
  if (!bytes && bytes.error().code() == ErrorCode::not_found) return std::optional<Position>();
  if (!bytes && bytes.error().code() != ErrorCode::resource_exhausted) return pass(bytes);
  const auto damaged = [&](std::string_view why) {
    return fail(ErrorCode::data_loss, file + ": " + std::string(why));
  };
  if (!bytes || bytes->size() != kCursorBytes || !bytes->starts_with(kMagic)) {
    return damaged("not a cursor file");
  }
  if (get_u32(bytes->data() + 8) != kFormatVersion) {
    return fail(ErrorCode::failed_precondition, file + ": written by another version");
  }
  const std::uint32_t crc = crc32c(std::string_view(*bytes).substr(0, kCursorBytes - 4));
  if (get_u32(bytes->data() + kCursorBytes - 4) != mask_crc(crc)) return damaged("damaged");
  if (std::string_view(*bytes).substr(16, 16) != text_of(journal_id_)) {
    return damaged("the cursor belongs to another journal");
  }
  return std::optional<Position>(Position{get_u64(bytes->data() + 32)});
}

Result<void> CursorStore::remove(std::string_view name) {
  ATTUNE_TRY(check_name(name));
  const MutexLock held(mutex_);
  auto removed = files_.remove(path(name));
  if (!removed && removed.error().code() == ErrorCode::not_found) return {};
  ATTUNE_TRY(std::move(removed));
  return files_.sync_folder(folder_);
}

Result<std::vector<Cursor>> CursorStore::list() {
  const MutexLock held(mutex_);
  ATTUNE_ASSIGN(const auto names, files_.list(folder_));
  std::vector<Cursor> cursors;
  for (std::string_view name : names) {
    if (!name.ends_with(kSuffix)) continue;
    name.remove_suffix(kSuffix.size());
    if (!good_name(name)) continue;
    ATTUNE_ASSIGN(const auto position, load_locked(name));
    if (position) cursors.push_back({.name = std::string(name), .position = *position});
  }
  return cursors;
}

}  // namespace attune::journal
