// The journal in segment files on this machine: group commit on one writer thread, recovery on
// open, readers that follow, cursors, retention. Format and rules: docs/formats/journal.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "base/uuid.h"
#include "journal/cursor_store.h"
#include "journal/journal.h"
#include "journal/journal_opening.h"
#include "journal/segment_list.h"
#include "journal/segment_rewrite.h"
#include "journal/segment_writer.h"

namespace attune::journal {

/// What an append takes in memory beside the bytes it brings.
inline constexpr std::uint64_t kAppendBytes = 160;

struct FileJournalOptions {
  std::string folder;

  // Affects disk use: what retention frees at a time, and what recovery reads. 128 .. 2 GiB.
  std::uint64_t segment_bytes = 64ULL << 20;
  // How far ahead space is reserved; 0 turns it off. At most segment_bytes are.
  std::uint64_t reserve_bytes = 8ULL << 20;
  // Less free disk than this counts as full, so that the database beside the journal can go on.
  std::uint64_t free_bytes_min = 64ULL << 20;

  // Affects memory. What may wait for the disk, with kAppendBytes for each append; also what the
  // longest batch has to fit into. 1 KiB .. 1 GiB.
  std::uint64_t pending_bytes_max = 64ULL << 20;

  // Affects speed. What one write and sync take at most (a single larger batch still goes as one).
  std::uint64_t group_bytes_max = 1ULL << 20;
  // How long a group may wait for company, when the one before it had some; 0 turns it off.
  std::int64_t linger_us_max = 2000;
  // After a failed write appends are refused at once for so long, then the next one tries again.
  std::int64_t retry_ms = 250;

  Uuid journal_id;  // of a journal made new; nil: a random one
};

/// Counters since open, and what is happening now.
struct JournalStats {
  std::uint64_t appends = 0;            // acknowledged
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;              // frames and bodies
  std::uint64_t groups = 0;             // equals data syncs that succeeded
  std::uint64_t refused = 0;            // appends answered with an error
  std::uint64_t sync_us_total = 0;      // write and sync together
  std::uint64_t sync_us_max = 0;
  std::uint64_t pending_bytes = 0;      // held for appends that are not answered yet
};

class FileJournal final : public Journal {
 public:
  /// Opens the journal in `options.folder`, making it if there is none, and recovers its tail.
  ///
  /// Errors   invalid_argument     an option out of its bounds
  ///          failed_precondition  another process has it open, or a newer version wrote it
  ///          data_loss            damage that is no torn tail; the message says where, and
  ///                               nothing is changed
  ///          unavailable          I/O error, no space
  /// `files` and `clock` must outlive the journal.
  [[nodiscard]] static Result<std::unique_ptr<FileJournal>> open(FileSystem& files,
                                                                 const Clock& clock,
                                                                 FileJournalOptions options);

  /// Finishes what waits (each append is answered), then closes. No reader may outlive the journal.
  ~FileJournal() override;

  void append(RecordBatch batch, AppendDone done) override;
  Result<std::unique_ptr<Reader>> read(Position from) override;
  bool wait(Position after, std::int64_t wait_ms) override;
  Position first() const override;
  Position durable_end() const override;
  Result<std::uint64_t> retain_from(Position before) override;
  Result<void> writable() const override;

  /// Replaces bodies of records that are durable now (docs/formats/journal.md, section 11). The
  /// segment being written is finished first, by one more record.
  ///
  /// filler    body of that record: one that every reader passes over.
  /// Errors    those of an append and of rewrite_segment; segments done before it stay done, and
  ///           doing it again is safe.
  /// Threads   any but the writer's; retention waits meanwhile.
  [[nodiscard]] Result<Rewritten> replace(const Replace& replace, std::string_view filler);

  /// The segments there are now, the oldest first: their starts are positions to read from, so
  /// whoever keeps records by age looks at the first record of each.
  std::vector<Segment> segments() const { return segments_.all(); }

  CursorStore& cursors() { return cursors_; }
  const OpenReport& open_report() const { return report_; }
  JournalStats stats() const;

 private:
  struct Pending {
    RecordBatch batch;
    AppendDone done;
    std::uint64_t frame_bytes = 0;
  };

  FileJournal(FileSystem& files, const Clock& clock, FileJournalOptions options,
              OpenedJournal opened);
  Result<void> admit(std::uint64_t held_bytes) const ATTUNE_THREAD(requires_capability(mutex_));
  Result<void> refusal() const ATTUNE_THREAD(requires_capability(mutex_));

  // On the writer thread.
  void run_writer();
  std::span<Pending> next_group();
  void linger() ATTUNE_THREAD(requires_capability(mutex_));
  void commit(std::span<Pending> group);
  Result<void> write_group(std::span<const Pending> group);
  void settle(std::span<const Pending> group, const Result<void>& written, std::int64_t took_us);

  FileSystem& files_;
  const Clock& clock_;
  const FileJournalOptions options_;
  const std::unique_ptr<FileLock> lock_;
  const OpenReport report_;
  const FrameCodec codec_;
  CursorStore cursors_;
  SegmentList segments_;
  Mutex retention_mutex_;             // one deletion at a time

  mutable Mutex mutex_;
  Condition work_;                    // the writer waits here
  std::vector<Pending> pending_ ATTUNE_THREAD(guarded_by(mutex_));
  std::uint64_t held_bytes_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;     // all not answered yet
  std::uint64_t queued_bytes_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;   // frames of `pending_`
  std::size_t wake_at_count_ ATTUNE_THREAD(guarded_by(mutex_)) = 1;    // the writer wants so many
  std::optional<Error> stopped_ ATTUNE_THREAD(guarded_by(mutex_));     // for good
  std::optional<Error> refused_ ATTUNE_THREAD(guarded_by(mutex_));     // until then:
  std::int64_t refused_until_us_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
  bool closing_ ATTUNE_THREAD(guarded_by(mutex_)) = false;
  JournalStats stats_ ATTUNE_THREAD(guarded_by(mutex_));

  Mutex wait_mutex_;
  Condition grown_;                   // readers wait here
  std::atomic<std::uint64_t> end_;    // durable end
  std::atomic<bool> finish_segment_{false};   // the next group begins a new one

  // The writer thread's own.
  SegmentWriter writer_;
  std::vector<Pending> taken_;        // from `pending_`, in order
  std::size_t taken_done_ = 0;        // how many of them are answered
  std::string group_bytes_;           // the group being written, encoded
  std::size_t last_group_count_ = 0;
  std::int64_t average_sync_us_ = 0;

  std::thread thread_;                // last: it uses all of the above
};

}  // namespace attune::journal
