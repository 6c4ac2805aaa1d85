#include "learn/artefact.h"

#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

constexpr std::string_view kMagic{"ATTUNEA\n", 8};
constexpr std::uint64_t kArtefactBytesMax = 8ULL << 30;

/// Magic, kind, version, payload size: all of the header but the checksum.
std::string header_of(ArtefactKind kind, std::uint64_t payload_bytes) {
  ByteWriter out;
  for (const char c : kMagic) out.number(c);
  out.number(kind);
  out.number(kArtefactVersion);
  out.number(payload_bytes);
  return out.bytes();
}

std::uint64_t checksum_of(std::string_view header, std::string_view payload) {
  return hash64(payload, hash64(header));
}

}  // namespace

Result<void> write_artefact(FileSystem& files, const std::string& path, ArtefactKind kind,
                            std::string_view payload) {
  std::string bytes = header_of(kind, payload.size());
  ByteWriter checksum;
  checksum.number(checksum_of(bytes, payload));
  bytes += checksum.bytes();
  bytes += payload;
  return replace_file(files, path, bytes);
}

Result<std::string> read_artefact(FileSystem& files, const std::string& path, ArtefactKind kind,
                                  std::uint32_t* found_version) {
  Result<std::string> read = read_file(files, path, kArtefactBytesMax);
  if (!read) return read;
  std::string& bytes = *read;
  const auto refuse = [&](ErrorCode code, std::string_view why) {
    return fail(code, fmt::format("{}: {}", path, why));
  };
  if (!bytes.starts_with(kMagic))
    return refuse(ErrorCode::data_loss, "is not an artefact of Attune");
  if (bytes.size() < kArtefactHeaderBytes)
    return refuse(ErrorCode::data_loss, "is cut off in its header");
  ByteReader header(
      std::string_view(bytes).substr(kMagic.size(), kArtefactHeaderBytes - kMagic.size()));
  const auto found_kind = header.number<ArtefactKind>();
  const auto version = header.number<std::uint32_t>();
  const auto payload_bytes = header.number<std::uint64_t>();
  const auto checksum = header.number<std::uint64_t>();
  if (version > kArtefactVersion) {
    return refuse(
        ErrorCode::failed_precondition,
        fmt::format("was written by a newer version of Attune (format {}, this one reads {})",
                    version, kArtefactVersion));
  }
  const std::string_view payload = std::string_view(bytes).substr(kArtefactHeaderBytes);
  if (payload.size() != payload_bytes) {
    return refuse(ErrorCode::data_loss,
                  fmt::format("holds {} bytes of {}", payload.size(), payload_bytes));
  }
  const std::string_view checked = std::string_view(bytes).substr(0, kArtefactHeaderBytes - 8);
  if (checksum != checksum_of(checked, payload)) {
    return refuse(ErrorCode::data_loss,
                  "its checksum does not fit its content: it was altered or damaged");
  }
  if (found_kind != kind)
    return refuse(ErrorCode::data_loss, "holds something else than was asked for");
  if (found_version != nullptr) *found_version = version;
  bytes.erase(0, kArtefactHeaderBytes);
  return read;
}

}  // namespace attune::learn
