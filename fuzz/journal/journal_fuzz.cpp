// Any bytes as the last segment of a journal: opening says what is wrong or gives a journal that
// works.
//
// The first byte of an input chooses what the others are:
//   0  the whole file
//   1  what follows a good header
//   2  a program that writes frames with right checksums in wrong places
//   3  damage (offset, flip) to a good segment, of which is known what may come back
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/file_system_memory.h"
#include "journal/appender.h"
#include "journal/file_journal.h"

namespace {

using namespace attune;
using namespace attune::journal;

constexpr std::size_t kFileBytesMax = 1 << 16;

// The input, eaten from the front; zeros when there is no more.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::uint16_t u16() {
    const std::string bytes = take(2);
    return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[0]) |
                                      static_cast<unsigned char>(bytes[1]) << 8);
  }
  std::string take(std::size_t count) {
    std::string bytes(rest_.substr(0, count));
    rest_.remove_prefix(bytes.size());
    bytes.resize(count);
    return bytes;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

FileJournalOptions options() {
  FileJournalOptions options;
  options.folder = "journal";
  options.reserve_bytes = 0;
  options.linger_us_max = 0;
  options.journal_id.bytes[0] = 7;
  return options;
}

std::string header() {
  return encode(SegmentHeader{.start = 0, .journal_id = options().journal_id});
}

std::string run_program(Bytes& program) {
  const FrameCodec codec(options().journal_id);
  std::string file = header();
  while (!program.empty() && file.size() < kFileBytesMax) {
    const Position here{file.size() - kSegmentHeaderBytes};
    const std::uint8_t what = program.u8();
    const std::uint32_t count = program.u8();
    switch (what % 4) {
      case 0: codec.put_record(file, here, program.take(count + 1)); break;
      case 1: codec.put_group(file, here, kFrameHeaderBytes + 1 + count); break;
      case 2: file += program.take(count); break;
      case 3: file.append(count, '\0'); break;
    }
  }
  return file;
}

using Texts = std::vector<std::string>;

// All records, which must be readable: what was opened was checked.
Texts read_all(FileJournal& journal) {
  Texts texts;
  auto reader = journal.read(journal.first());
  ensure(reader.has_value(), "the first position can be read");
  for (;;) {
    const auto record = (*reader)->next();
    ensure(record.has_value(), "an opened journal of one segment can be read to its end");
    if (!*record) return texts;
    texts.emplace_back((*record)->body);
  }
}

// Opens the segment, if it can be opened, and uses the journal.
void exercise(const std::string& segment, const std::vector<Texts>* groups) {
  MemoryFileSystem files;
  files.put("journal/" + segment_name(0), segment);
  const ManualClock clock;
  auto journal = FileJournal::open(files, clock, options());
  if (!journal) {
    const ErrorCode code = journal.error().code();
    ensure(code == ErrorCode::data_loss || code == ErrorCode::failed_precondition,
           "a bad segment is damage or of another version");
    ensure(files.get("journal/" + segment_name(0)) == segment, "what is refused is not changed");
    return;
  }
  Texts texts = read_all(**journal);
  if (groups != nullptr) {
    Texts whole;
    for (const Texts& group : *groups) {
      if (whole.size() >= texts.size()) break;
      whole.insert(whole.end(), group.begin(), group.end());
    }
    ensure(texts == whole, "what comes back are whole groups from the first on");
  }
  ensure(Appender(**journal).append("one more").has_value(), "an opened journal takes records");
  texts.emplace_back("one more");
  ensure(read_all(**journal) == texts, "and gives them back");
  journal->reset();
  journal = FileJournal::open(files, clock, options());
  ensure(journal && (*journal)->open_report().torn_bytes == 0, "recovery is done once");
  ensure(read_all(**journal) == texts, "and for good");
}

const std::vector<Texts>& good_groups() {
  static const std::vector<Texts> groups{
      {"first"}, {"a", "batch", "of four", "records"}, {std::string(100, 'x')}, {"last", "two"}};
  return groups;
}

std::string good_segment() {
  const FrameCodec codec(options().journal_id);
  std::string file = header();
  for (const Texts& group : good_groups()) {
    std::size_t bytes = 0;
    for (const std::string& text : group) bytes += kFrameHeaderBytes + text.size();
    codec.put_group(file, Position{file.size() - kSegmentHeaderBytes},
                    static_cast<std::uint32_t>(bytes));
    for (const std::string& text : group) {
      codec.put_record(file, Position{file.size() - kSegmentHeaderBytes}, text);
    }
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > kFileBytesMax) return 0;
  Bytes input(data, size);
  switch (input.u8() % 4) {
    case 0: exercise(std::string(input.rest()), nullptr); break;
    case 1: exercise(header() + std::string(input.rest()), nullptr); break;
    case 2: exercise(run_program(input), nullptr); break;
    case 3: {
      std::string segment = good_segment();
      segment.resize(segment.size() - input.u8() + input.u8());  // a shorter or a reserved end
      while (!input.empty() && !segment.empty()) {
        const std::size_t at = input.u16() % segment.size();
        segment[at] = static_cast<char>(segment[at] ^ input.u8());
      }
      exercise(segment, &good_groups());
      break;
    }
  }
  return 0;
}
