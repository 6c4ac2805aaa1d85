// Named cursors: small files beside the segments that say how far a consumer has come.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/mutex.h"
#include "base/uuid.h"
#include "journal/journal.h"

namespace attune::journal {

struct Cursor {
  std::string name;
  Position position;
};

class CursorStore {
 public:
  CursorStore(FileSystem& files, std::string folder, Uuid journal_id);

  /// Moves the cursor, making it if need be; durable when this returns. It may move back too.
  ///
  /// name     1 to 64 of a-z 0-9 _ -
  /// Errors   invalid_argument: the name; unavailable: not written, the old position holds.
  /// Threads  any.
  /// Source   docs/formats/journal.md, section 7.
  [[nodiscard]] Result<void> save(std::string_view name, Position position);

  /// Returns  the saved position, or nullopt when there is no such cursor.
  /// Errors   invalid_argument: the name; data_loss: the file is damaged or of another journal.
  [[nodiscard]] Result<std::optional<Position>> load(std::string_view name);

  /// Forgets the cursor, so that retention no longer waits for it; one that is not there is fine.
  [[nodiscard]] Result<void> remove(std::string_view name);

  /// All cursors by name.
  /// Errors   data_loss: one of them does not check (the message names it).
  [[nodiscard]] Result<std::vector<Cursor>> list();

 private:
  std::string path(std::string_view name) const;
  Result<std::optional<Position>> load_locked(std::string_view name)
      ATTUNE_THREAD(requires_capability(mutex_));

  FileSystem& files_;
  const std::string folder_;
  const Uuid journal_id_;
  Mutex mutex_;  // one replacement of a file at a time
};

}  // namespace attune::journal
