#include "journal/format.h"

#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "journal_fixture.h"

namespace attune::journal {
namespace {

// The bytes of the example in docs/formats/journal.md: lines "offset  hex hex hex  | words".
std::string bytes_of_the_document() {
  const char* root = std::getenv("ATTUNE_SOURCE_DIR");
  std::ifstream file(std::string(root != nullptr ? root : ".") + "/docs/formats/journal.md");
  std::string bytes;
  std::string line;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line == "<!-- example begins -->") inside = true;
    if (line == "<!-- example ends -->") inside = false;
    if (!inside || !line.starts_with("    ")) continue;
    std::istringstream words(line.substr(0, line.find('|')));
    std::string word;
    words >> word;
    EXPECT_EQ(std::stoul(word, nullptr, 16), bytes.size()) << line;
    while (words >> word) bytes.push_back(static_cast<char>(std::stoul(word, nullptr, 16)));
  }
  return bytes;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x} ", static_cast<unsigned char>(byte));
  return text;
}

class JournalFormatTest : public JournalFixture {};

TEST_F(JournalFormatTest, TheWorkedExampleOfTheDocumentIsWhatIsWritten) {
  ASSERT_EQ(open(), "ok");
  ASSERT_EQ(append_batch({"hello", "hi"}), "ok");
  ASSERT_EQ(append("again"), "ok");
  EXPECT_EQ(hex(bytes()), hex(bytes_of_the_document()));
}

TEST_F(JournalFormatTest, HeadersRoundTrip) {
  const SegmentHeader header{.start = 0x0123456789abcdef, .journal_id = test_journal_id()};
  const std::string bytes = encode(header);
  ASSERT_EQ(bytes.size(), kSegmentHeaderBytes);
  const auto decoded = decode_segment_header(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->start, header.start);
  EXPECT_EQ(decoded->journal_id, header.journal_id);
}

TEST_F(JournalFormatTest, HeadersRefuseEveryFlippedBit) {
  const std::string good = encode(SegmentHeader{.start = 5, .journal_id = test_journal_id()});
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_segment_header(bad)) << "bit " << bit;
  }
  EXPECT_EQ(code_of(decode_segment_header(good.substr(0, 63))), "data_loss");
  std::string newer = good;
  newer[8] = 2;
  EXPECT_EQ(code_of(decode_segment_header(newer)), "failed_precondition");
}

TEST_F(JournalFormatTest, NamesSayTheStartAndSortLikeIt) {
  EXPECT_EQ(segment_name(67108832), "00000000000067108832.journal");
  for (const std::uint64_t start : {std::uint64_t{0}, std::uint64_t{7},
                                    std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(segment_start(segment_name(start)), start);
  }
  for (const char* other : {"", "1.journal", "0000000000000000000x.journal", "etl.cursor",
                            "99999999999999999999.journal", "00000000000000000000.journal.new",
                            "-0000000000000000001.journal"}) {
    EXPECT_EQ(segment_start(other), std::nullopt) << other;
  }
}

TEST_F(JournalFormatTest, FramesCheckOnlyInTheirPlaceAndJournal) {
  const FrameCodec codec(test_journal_id());
  std::string record;
  codec.put_record(record, Position{100}, "body");
  std::string group;
  codec.put_group(group, Position{100}, 12);
  const FrameHeader record_header = FrameCodec::split(record.data());
  const FrameHeader group_header = FrameCodec::split(group.data());
  EXPECT_TRUE(codec.check_record(record_header, Position{100}, "body"));
  EXPECT_TRUE(codec.check_group(group_header, Position{100}));
  EXPECT_FALSE(codec.check_record(record_header, Position{101}, "body"));
  EXPECT_FALSE(codec.check_record(record_header, Position{100}, "bodY"));
  EXPECT_FALSE(codec.check_group(group_header, Position{99}));
  EXPECT_FALSE(codec.check_group(record_header, Position{100}));
  EXPECT_FALSE(codec.check_record(group_header, Position{100}, "body"));

  const FrameCodec other(Uuid::from_name(test_journal_id(), "another"));
  EXPECT_FALSE(other.check_record(record_header, Position{100}, "body"));
  EXPECT_FALSE(other.check_group(group_header, Position{100}));
}

}  // namespace
}  // namespace attune::journal
