// The crash tests are worth what this file system is worth: each promise of its header, shown.
#include "base/file_system_faulty.h"

#include <set>

#include <gtest/gtest.h>

namespace attune {
namespace {

using Open = FileSystem::Open;

class FaultyFileSystemTest : public testing::Test {
 protected:
  std::unique_ptr<File> create(const std::string& path) {
    auto file = files_.open(path, Open::create);
    EXPECT_TRUE(file);
    return std::move(*file);
  }
  // A file under a durable name holding `bytes`, synced.
  std::unique_ptr<File> durable(const std::string& path, std::string_view bytes) {
    auto file = create(path);
    EXPECT_TRUE(file->write_at(0, bytes));
    EXPECT_TRUE(file->sync_data());
    EXPECT_TRUE(files_.sync_folder("d"));
    return file;
  }
  std::string after(PowerCut cut, const std::string& path) {
    cut.operations = files_.operations().size();
    const auto left = files_.after(cut);
    return left->contains(path) ? left->get(path) : "(none)";
  }

  static constexpr PowerCut kNothingKept{};
  static constexpr PowerCut kAllKept{
      .operations = 0, .names_kept = true, .writes_kept = true, .last_write_bytes = 1 << 20};

  FaultyFileSystem files_;
};

TEST_F(FaultyFileSystemTest, LosesWhatWasNotSynced) {
  const auto file = durable("d/a", "safe");
  ASSERT_TRUE(file->write_at(4, " and more"));
  EXPECT_EQ(after(kNothingKept, "d/a"), "safe");
  EXPECT_EQ(after(kAllKept, "d/a"), "safe and more");
  ASSERT_TRUE(file->sync_data());
  EXPECT_EQ(after(kNothingKept, "d/a"), "safe and more");
}

TEST_F(FaultyFileSystemTest, KeepsAPrefixOfTheLastWriteOnly) {
  const auto file = durable("d/a", "");
  ASSERT_TRUE(file->write_at(0, "first"));
  ASSERT_TRUE(file->write_at(5, "second"));
  EXPECT_EQ(after({.writes_kept = true, .last_write_bytes = 3}, "d/a"), "firstsec");
  EXPECT_EQ(after({.writes_kept = true, .last_write_bytes = 0}, "d/a"), "first");
}

TEST_F(FaultyFileSystemTest, LosesNamesWithoutASyncOfTheFolder) {
  const auto file = create("d/a");
  ASSERT_TRUE(file->write_at(0, "x"));
  ASSERT_TRUE(file->sync_data());
  EXPECT_EQ(after(kNothingKept, "d/a"), "(none)");
  EXPECT_EQ(after(kAllKept, "d/a"), "x");
  ASSERT_TRUE(files_.sync_folder("d"));
  EXPECT_EQ(after(kNothingKept, "d/a"), "x");

  ASSERT_TRUE(files_.rename("d/a", "d/b"));
  EXPECT_EQ(after(kNothingKept, "d/a"), "x");
  EXPECT_EQ(after(kNothingKept, "d/b"), "(none)");
  EXPECT_EQ(after(kAllKept, "d/b"), "x");
  ASSERT_TRUE(files_.sync_folder("d"));
  ASSERT_TRUE(files_.remove("d/b"));
  EXPECT_EQ(after(kNothingKept, "d/b"), "x");
  EXPECT_EQ(after(kAllKept, "d/b"), "(none)");
}

TEST_F(FaultyFileSystemTest, ScattersSectorsInEveryCombination) {
  const auto file = durable("d/a", "");
  ASSERT_TRUE(file->write_at(0, "aabb"));
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed < 60; ++seed) {
    seen.insert(after({.scatter_seed = seed, .sector_bytes = 2}, "d/a"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "aa", std::string("\0\0bb", 4), "aabb"}));
}

TEST_F(FaultyFileSystemTest, AFailedSyncLeavesCleanPagesThatNeverReachTheDisk) {
  const auto file = durable("d/a", "safe");
  ASSERT_TRUE(file->write_at(4, " gone"));
  files_.fail_sync(0);
  EXPECT_FALSE(file->sync_data());
  EXPECT_TRUE(file->sync_data());  // the trap: it succeeds and says nothing
  EXPECT_EQ(files_.live().get("d/a"), "safe gone");
  EXPECT_EQ(after(kNothingKept, "d/a"), "safe");
  ASSERT_TRUE(file->write_at(4, " gone"));
  ASSERT_TRUE(file->sync_data());
  EXPECT_EQ(after(kNothingKept, "d/a"), "safe gone");
}

TEST_F(FaultyFileSystemTest, FailsOneWriteHalfDone) {
  const auto file = durable("d/a", "");
  files_.fail_write(1);
  EXPECT_TRUE(file->write_at(0, "ab"));
  EXPECT_FALSE(file->write_at(2, "cdef"));
  EXPECT_EQ(files_.live().get("d/a"), "abcd");
  EXPECT_TRUE(file->write_at(2, "xyz!"));
  EXPECT_EQ(files_.live().get("d/a"), "abxyz!");
}

TEST_F(FaultyFileSystemTest, RunsFullAndHasSpaceAgain) {
  const auto file = durable("d/a", "1234");
  files_.set_capacity(7);
  EXPECT_EQ(*files_.free_bytes("d"), 3U);
  EXPECT_FALSE(file->reserve(8));
  EXPECT_FALSE(file->write_at(2, "345678"));
  EXPECT_EQ(files_.live().get("d/a"), "1234567");  // what fitted
  EXPECT_TRUE(file->write_at(0, "7654321"));       // no growth, no need of space
  ASSERT_TRUE(file->truncate(2));
  EXPECT_TRUE(file->write_at(2, "98765"));
  files_.set_capacity(100);
  EXPECT_TRUE(file->write_at(7, "43210"));
}

TEST_F(FaultyFileSystemTest, BeginsWithTheFilesACrashLeft) {
  MemoryFileSystem left;
  left.put("d/a", "old");
  FaultyFileSystem again(left);
  const auto image = again.after({.operations = again.operations().size()});
  EXPECT_EQ(image->get("d/a"), "old");
}

}  // namespace
}  // namespace attune
