// The durable append-only log of raw events: what every table is derived from.
// docs/formats/journal.md has the on-disk format. Implementations: segment files
// (journal/file_journal.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::journal {

/// Where a record lies: bytes from the start of the journal, over all segments; increases, never
/// reused.
struct Position {
  std::uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

/// Longest record body; an event is cut to far less before it gets here.
inline constexpr std::size_t kRecordBytesMax = 1 << 20;

/// A record as a reader sees it; `body` is valid until the next call on that reader.
struct Record {
  Position position;   // of this record
  Position next;       // where the one after it begins: what a cursor stores
  std::string_view body;
};

/// Several bodies appended together, in one buffer: `ends[i]` is where body i ends.
struct RecordBatch {
  std::string bytes;
  std::vector<std::uint32_t> ends;

  void add(std::string_view body) {
    bytes.append(body);
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
  std::size_t count() const { return ends.size(); }
  bool empty() const { return ends.empty(); }
};

/// Told once per append, on the writer thread: the position of the batch's first record, or why
/// not. Must be quick and must not call back into the journal.
using AppendDone = std::function<void(Result<Position>)>;

class Reader {
 public:
  virtual ~Reader() = default;
  /// The next durable record, or nullopt when the reader has caught up.
  ///
  /// Errors   data_loss: damage with valid records after it; says where. unavailable: cannot read.
  [[nodiscard]] virtual Result<std::optional<Record>> next() = 0;
  virtual Position position() const = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// Appends all bodies of the batch in order, contiguously; `done` runs when all are on disk or
  /// none will be acknowledged. Batches are put in one order.
  ///
  /// Errors (through `done`)
  ///   invalid_argument    an empty batch, or a body empty or over kRecordBytesMax
  ///   resource_exhausted  more bytes are waiting than `pending_bytes_max`
  ///   unavailable         the disk is full; what waits is not lost, nothing new is taken for now
  ///   data_loss           an earlier sync failed: the journal takes no more writes
  /// Threads  any; `done` is called for every append, for refused ones before returning.
  virtual void append(RecordBatch batch, AppendDone done) = 0;

  /// A reader that starts at `from`, which must be a position some record or cursor gave.
  /// Errors   not_found: retention has deleted it (message gives the first position kept).
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> read(Position from) = 0;

  /// Waits until something durable lies after `after`, or until `wait_ms` have passed.
  /// Returns  whether there is something to read.
  virtual bool wait(Position after, std::int64_t wait_ms) = 0;

  virtual Position first() const = 0;         // oldest record kept
  virtual Position durable_end() const = 0;   // everything before this is on disk

  /// Deletes whole segments that lie before both `before` and every named cursor.
  /// Returns  bytes freed.
  [[nodiscard]] virtual Result<std::uint64_t> retain_from(Position before) = 0;

  /// Whether an append would be taken now: what a readiness probe asks, and what a collector may
  /// ask before it parses a large body.
  /// Errors   unavailable, data_loss: as append; resource_exhausted: no room to wait.
  [[nodiscard]] virtual Result<void> writable() const { return {}; }
};

}  // namespace attune::journal
