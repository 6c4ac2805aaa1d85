// Files that hold one thing as a whole (a model, an export): a header of 32 bytes, then the
// payload. The header's last field is a checksum of the fields before it and of the payload, so
// that a file that was cut, altered, or is something else is refused, never half read.
// docs/formats/artefacts.md has the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"

namespace attune::learn {

/// What a file holds. Values are on disk: never renumber.
enum class ArtefactKind : std::uint32_t {
  site_model = 1,
  session_export = 2,
  bandits = 5,
  slate_steps = 8,
  q_model = 9,
};

inline constexpr std::size_t kArtefactHeaderBytes = 32;
inline constexpr std::uint32_t kArtefactVersion = 2;

/// Replaces the file at `path` as a whole: after a crash there is the old one or the new one.
///
/// Errors   unavailable: the disk.
[[nodiscard]] Result<void> write_artefact(FileSystem& files, const std::string& path,
                                          ArtefactKind kind, std::string_view payload);

/// version  when given, gets the format version of the file, 1 .. kArtefactVersion.
/// Errors   not_found, unavailable: the file; failed_precondition: a newer version wrote it;
///          data_loss: cut, altered, of another kind, or no artefact at all (the message says
///          which).
[[nodiscard]] Result<std::string> read_artefact(FileSystem& files, const std::string& path,
                                                ArtefactKind kind,
                                                std::uint32_t* version = nullptr);

}  // namespace attune::learn
