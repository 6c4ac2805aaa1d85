// Appending as one blocking call, for commands and tests. A server uses Journal::append and answers
// from the callback, so that no thread stands waiting.
#pragma once

#include <string_view>

#include "journal/journal.h"

namespace attune::journal {

class Appender {
 public:
  explicit Appender(Journal& journal) : journal_(journal) {}

  /// Appends one record; durable when this returns.
  ///
  /// Returns  its position.
  /// Errors   those of Journal::append.
  /// Threads  any; each call blocks its thread for about a sync.
  [[nodiscard]] Result<Position> append(std::string_view body);

  /// Appends all bodies of the batch or none; durable when this returns.
  /// Returns  the position of the first.
  [[nodiscard]] Result<Position> append(RecordBatch batch);

 private:
  Journal& journal_;
};

}  // namespace attune::journal
