#include "base/crc32c.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace attune {
namespace {

std::string bytes_from(int first, int step, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(first + step * static_cast<int>(i)));
  }
  return bytes;
}

// RFC 3720, appendix B.4.
TEST(Crc32cTest, MatchesTheStandardsVectors) {
  for (const auto function : {crc32c, crc32c_portable}) {
    EXPECT_EQ(function(std::string(32, '\0'), 0), 0x8a9136aaU);
    EXPECT_EQ(function(std::string(32, '\xff'), 0), 0x62a8ab43U);
    EXPECT_EQ(function(bytes_from(0, 1, 32), 0), 0x46dd794eU);
    EXPECT_EQ(function(bytes_from(31, -1, 32), 0), 0x113fdb5cU);
    EXPECT_EQ(function("123456789", 0), 0xe3069283U);
    EXPECT_EQ(function("", 0), 0U);
  }
}

TEST(Crc32cTest, FastAndPortableAgreeAtEveryLengthAndAlignment) {
  std::mt19937_64 random(20261121);
  std::string bytes(300, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t count = 0; count + begin <= bytes.size(); ++count) {
      const auto piece = std::string_view(bytes).substr(begin, count);
      ASSERT_EQ(crc32c(piece, 77), crc32c_portable(piece, 77)) << begin << " " << count;
    }
  }
}

TEST(Crc32cTest, ContinuesWhereTheBytesBeforeEnded) {
  const std::string_view text = "the quick brown fox";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
  }
}

TEST(Crc32cTest, MaskChangesTheValueAndIsUndone) {
  const std::uint32_t crc = crc32c("foo");
  EXPECT_NE(mask_crc(crc), crc);
  EXPECT_NE(mask_crc(mask_crc(crc)), crc);
  EXPECT_EQ(unmask_crc(mask_crc(crc)), crc);
}

}  // namespace
}  // namespace attune
