#include "journal/file_journal.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/ensure.h"
#include "base/thread.h"
#include "journal/appender.h"
#include "journal/file_reader.h"

namespace attune::journal {
namespace {

constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr std::int64_t kWaitMsMax = 3'600'000;  // an hour: no overflow, whatever a caller says

Result<void> check(const FileJournalOptions& options) {
  const auto within = [](std::uint64_t value, std::uint64_t low, std::uint64_t high) {
    return value >= low && value <= high;
  };
  const auto bad = [](std::string message, std::string field) {
    return fail(ErrorCode::invalid_argument, std::move(message), std::move(field));
  };
  if (options.folder.empty()) return bad("a folder is needed", "folder");
  if (!within(options.segment_bytes, 128, 2 * kGiB)) {
    return bad("segment_bytes is 128 to 2 GiB", "segment_bytes");
  }
  if (!within(options.reserve_bytes, 0, 2 * kGiB)) {
    return bad("reserve_bytes is 0 to 2 GiB", "reserve_bytes");
  }
  if (!within(options.pending_bytes_max, 1 << 10, kGiB)) {
    return bad("pending_bytes_max is 1 KiB to 1 GiB", "pending_bytes_max");
  }
  if (!within(options.group_bytes_max, 1, options.pending_bytes_max)) {
    return bad("group_bytes_max is 1 to pending_bytes_max", "group_bytes_max");
  }
  if (options.linger_us_max < 0 || options.linger_us_max > 1'000'000) {
    return bad("linger_us_max is 0 to 1 s", "linger_us_max");
  }
  if (options.retry_ms < 0) return bad("retry_ms is not negative", "retry_ms");
  return {};
}

// What the batch takes in the journal, without its group's frame.
Result<std::uint64_t> frame_bytes_of(const RecordBatch& batch, std::uint64_t bytes_max) {
  if (batch.empty()) return fail(ErrorCode::invalid_argument, "an empty batch");
  std::size_t begin = 0;
  for (const std::uint32_t end : batch.ends) {
    ensure(end >= begin && end <= batch.bytes.size(), "a batch's ends ascend within its bytes");
    const std::size_t body_bytes = end - begin;
    if (body_bytes == 0) return fail(ErrorCode::invalid_argument, "an empty record");
    if (body_bytes > kRecordBytesMax) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("a record of {} bytes; at most {} are taken", body_bytes,
                              kRecordBytesMax));
    }
    begin = end;
  }
  const std::uint64_t bytes = begin + batch.count() * kFrameHeaderBytes;
  if (bytes > bytes_max) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a batch of {} bytes; at most {} are taken", bytes, bytes_max));
  }
  return bytes;
}

SegmentWriterOptions writer_options(const FileJournalOptions& options) {
  return {.folder = options.folder,
          .segment_bytes = options.segment_bytes,
          .reserve_bytes = options.reserve_bytes,
          .free_bytes_min = options.free_bytes_min};
}

}  // namespace

Result<std::unique_ptr<FileJournal>> FileJournal::open(FileSystem& files, const Clock& clock,
                                                       FileJournalOptions options) {
  ATTUNE_TRY(check(options));
  auto opened = open_journal(files, options.folder, options.journal_id);
  if (!opened) return pass(opened, "opening the journal");
  return std::unique_ptr<FileJournal>(
      new FileJournal(files, clock, std::move(options), std::move(*opened)));
}

FileJournal::FileJournal(FileSystem& files, const Clock& clock, FileJournalOptions options,
                         OpenedJournal opened)
    : files_(files),
      clock_(clock),
      options_(std::move(options)),
      lock_(std::move(opened.lock)),
      report_(std::move(opened.report)),
      codec_(report_.journal_id),
      cursors_(files, options_.folder, report_.journal_id),
      segments_(opened.segments),
      end_(report_.end.offset),
      writer_(files, writer_options(options_), report_.journal_id, segments_,
              std::move(opened.active)),
      thread_([this] { run_writer(); }) {}

FileJournal::~FileJournal() {
  {
    const MutexLock held(mutex_);
    closing_ = true;
  }
  work_.notify_one();
  thread_.join();
  const MutexLock held(mutex_);
  if (!stopped_) writer_.release_reserved();
}

void FileJournal::append(RecordBatch batch, AppendDone done) {
  auto frame_bytes = frame_bytes_of(batch, options_.pending_bytes_max - kAppendBytes);
  if (!frame_bytes) return done(pass(frame_bytes));
  bool wake = false;
  {
    MutexLock held(mutex_);
    if (auto admitted = admit(*frame_bytes + kAppendBytes); !admitted) {
      ++stats_.refused;
      held.unlock();
      return done(pass(admitted));
    }
    const bool was_enough = queued_bytes_ >= options_.group_bytes_max;
    pending_.push_back({std::move(batch), std::move(done), *frame_bytes});
    held_bytes_ += *frame_bytes + kAppendBytes;
    queued_bytes_ += *frame_bytes;
    wake = pending_.size() == wake_at_count_ ||
           (!was_enough && queued_bytes_ >= options_.group_bytes_max);
  }
  if (wake) work_.notify_one();
}

Result<void> FileJournal::admit(std::uint64_t held_bytes) const {
  ATTUNE_TRY(refusal());
  if (held_bytes_ + held_bytes > options_.pending_bytes_max) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("{} bytes wait for the disk already, at most {} may", held_bytes_,
                            options_.pending_bytes_max));
  }
  return {};
}

Result<void> FileJournal::refusal() const {
  if (stopped_) return tl::unexpected<Error>(*stopped_);
  if (refused_ && clock_.steady_us() < refused_until_us_) return tl::unexpected<Error>(*refused_);
  return {};
}

Result<void> FileJournal::writable() const {
  const MutexLock held(mutex_);
  return admit(kAppendBytes);
}

void FileJournal::run_writer() {
  name_thread("journal");
  for (;;) {
    const std::span<Pending> group = next_group();
    if (group.empty()) return;
    commit(group);
  }
}

// The next appends that go together, in order; empty when the journal closes and all is answered.
std::span<FileJournal::Pending> FileJournal::next_group() {
  if (taken_done_ == taken_.size()) {
    taken_.clear();
    taken_done_ = 0;
    const MutexLock held(mutex_);
    while (pending_.empty() && !closing_) work_.wait(mutex_);
    linger();
    taken_.swap(pending_);
    queued_bytes_ = 0;
  }
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  for (const std::size_t left = taken_.size() - taken_done_; count < left; ++count) {
    bytes += taken_[taken_done_ + count].frame_bytes;
    if (count > 0 && bytes > options_.group_bytes_max) break;
  }
  const std::span<Pending> group(taken_.data() + taken_done_, count);
  taken_done_ += count;
  return group;
}

// Clients that were just answered come back together. Waiting for them as long as a sync takes, at
// most, can only save syncs; a lone client leaves a group of one behind and is never waited for.
void FileJournal::linger() {
  const std::size_t enough = last_group_count_;
  const auto full = [&]() ATTUNE_THREAD(requires_capability(mutex_)) {
    return pending_.size() >= enough || queued_bytes_ >= options_.group_bytes_max || closing_;
  };
  const std::int64_t linger_us = std::min(average_sync_us_, options_.linger_us_max);
  if (enough < 2 || linger_us <= 0 || full()) return;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(linger_us);
  wake_at_count_ = enough;
  while (!full() && work_.wait_until(mutex_, deadline)) {
  }
  wake_at_count_ = 1;
}

void FileJournal::commit(std::span<Pending> group) {
  const std::int64_t began_us = clock_.steady_us();
  Position position{writer_.end().offset + kFrameHeaderBytes};
  const Result<void> written = write_group(group);
  settle(group, written, clock_.steady_us() - began_us);
  if (written) {
    end_.store(writer_.end().offset, std::memory_order_release);
    { const MutexLock held(wait_mutex_); }  // a reader between its test and its wait sees the end
    grown_.notify_all();
  }
  for (Pending& append : group) {
    if (written) {
      append.done(position);
    } else {
      append.done(tl::unexpected<Error>(written.error()));
    }
    position.offset += append.frame_bytes;
    append = Pending();  // gives memory back as it goes
  }
}

Result<void> FileJournal::write_group(std::span<const Pending> group) {
  {
    // What waited while the group before it failed gets the same answer, without another try.
    const MutexLock held(mutex_);
    ATTUNE_TRY(refusal());
  }
  std::uint64_t records_bytes = 0;
  for (const Pending& append : group) records_bytes += append.frame_bytes;
  const Position start = writer_.end();
  group_bytes_.clear();
  group_bytes_.reserve(kFrameHeaderBytes + records_bytes);
  codec_.put_group(group_bytes_, start, static_cast<std::uint32_t>(records_bytes));
  for (const Pending& append : group) {
    std::size_t begin = 0;
    for (const std::uint32_t end : append.batch.ends) {
      const std::string_view body(append.batch.bytes.data() + begin, end - begin);
      codec_.put_record(group_bytes_, Position{start.offset + group_bytes_.size()}, body);
      begin = end;
    }
  }
  ensure(group_bytes_.size() == kFrameHeaderBytes + records_bytes, "a group is as long as it says");
  if (finish_segment_.exchange(false)) writer_.finish_segment();
  return writer_.write(group_bytes_);
}

// Books the outcome: counters, and what it means for the appends to come.
void FileJournal::settle(std::span<const Pending> group, const Result<void>& written,
                         std::int64_t took_us) {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  for (const Pending& append : group) {
    bytes += append.frame_bytes;
    records += append.batch.count();
  }
  last_group_count_ = group.size();
  average_sync_us_ += (took_us - average_sync_us_) / 8;

  const MutexLock held(mutex_);
  held_bytes_ -= bytes + group.size() * kAppendBytes;
  if (written) {
    refused_.reset();
    stats_.appends += group.size();
    stats_.records += records;
    stats_.bytes += kFrameHeaderBytes + bytes;
    ++stats_.groups;
    stats_.sync_us_total += static_cast<std::uint64_t>(took_us);
    stats_.sync_us_max = std::max(stats_.sync_us_max, static_cast<std::uint64_t>(took_us));
    return;
  }
  stats_.refused += group.size();
  if (written.error().code() == ErrorCode::data_loss) {
    if (!stopped_) stopped_ = written.error();
  } else if (!refused_ || clock_.steady_us() >= refused_until_us_) {
    refused_ = written.error();
    refused_until_us_ = clock_.steady_us() + options_.retry_ms * 1000;
  }
}

Result<std::unique_ptr<Reader>> FileJournal::read(Position from) {
  if (from > durable_end()) {
    return fail(ErrorCode::data_loss,
                fmt::format("position {} is past the journal's end at {}", from.offset,
                            durable_end().offset));
  }
  const FileReaderSource source{
      .files = files_, .segments = segments_, .durable_end = end_, .codec = codec_};
  auto reader = std::make_unique<FileReader>(source, from);
  ATTUNE_TRY(reader->open_segment());
  return std::unique_ptr<Reader>(std::move(reader));
}

bool FileJournal::wait(Position after, std::int64_t wait_ms) {
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::milliseconds(std::clamp<std::int64_t>(wait_ms, 0, kWaitMsMax));
  const MutexLock held(wait_mutex_);
  while (durable_end() <= after) {
    if (!grown_.wait_until(wait_mutex_, deadline)) return durable_end() > after;
  }
  return true;
}

Position FileJournal::first() const { return segments_.first(); }

Position FileJournal::durable_end() const {
  return Position{end_.load(std::memory_order_acquire)};
}

Result<std::uint64_t> FileJournal::retain_from(Position before) {
  const MutexLock held(retention_mutex_);
  auto cursors = cursors_.list();
  if (!cursors) return pass(cursors, "retention");
  for (const Cursor& cursor : *cursors) before = std::min(before, cursor.position);
  std::uint64_t freed = 0;
  for (;;) {
    const auto oldest = segments_.oldest_finished();
    if (!oldest || *oldest->end > before.offset) return freed;
    auto removed = files_.remove(oldest->path);
    if (!removed && removed.error().code() != ErrorCode::not_found) {
      return pass(removed, "retention");
    }
    segments_.drop_oldest();
    if (removed) freed += kSegmentHeaderBytes + (*oldest->end - oldest->start);
    // One by one, so that what a crash leaves behind has no gap.
    if (auto synced = files_.sync_folder(options_.folder); !synced) {
      return pass(synced, "retention");
    }
  }
}

Result<Rewritten> FileJournal::replace(const Replace& replace, std::string_view filler) {
  const MutexLock held(retention_mutex_);
  const Position until = durable_end();
  finish_segment_.store(true);
  ATTUNE_TRY(Appender(*this).append(filler));
  Rewritten all;
  for (const Segment& segment : segments_.all()) {
    if (segment.start >= until.offset || !segment.end) break;
    ATTUNE_ASSIGN(const Rewritten done,
                  rewrite_segment(files_, segment, report_.journal_id, replace));
    all.add(done);
  }
  return all;
}

JournalStats FileJournal::stats() const {
  const MutexLock held(mutex_);
  JournalStats now = stats_;
  now.pending_bytes = held_bytes_;
  return now;
}

}  // namespace attune::journal
