// One contract, held by all three file systems.
#include "base/file_system.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/file_system_faulty.h"
#include "base/file_system_memory.h"
#include "base/uuid.h"

namespace attune {
namespace {

using Open = FileSystem::Open;

struct Kind {
  const char* name;
  bool real;
  std::function<std::unique_ptr<FileSystem>()> make;
};

class FileSystemTest : public testing::TestWithParam<Kind> {
 protected:
  FileSystemTest() : folder_("fs-test") {
    if (GetParam().real) {
      folder_ = (std::filesystem::temp_directory_path() / ("attune-" + Uuid::random().text()));
    } else {
      made_ = GetParam().make();
    }
    EXPECT_TRUE(files().create_folder(folder_));
  }
  ~FileSystemTest() override {
    if (GetParam().real) std::filesystem::remove_all(folder_);
  }

  FileSystem& files() { return made_ ? *made_ : real_file_system(); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::unique_ptr<File> create(const std::string& name, std::string_view bytes = {}) {
    auto file = files().open(path(name), Open::create);
    EXPECT_TRUE(file) << file.error().message();
    EXPECT_TRUE((*file)->write_at(0, bytes));
    return std::move(*file);
  }
  std::string contents(const std::string& name) {
    auto text = read_file(files(), path(name), 1 << 20);
    return text ? *text : "(" + text.error().message() + ")";
  }
  template <class T>
  static std::string code(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code()));
  }

 private:
  std::string folder_;
  std::unique_ptr<FileSystem> made_;
};

TEST_P(FileSystemTest, WritesAndReadsAtOffsets) {
  const auto file = create("a", "0123456789");
  ASSERT_TRUE(file->write_at(4, "xy"));
  std::string some(4, '?');
  EXPECT_EQ(*file->read_at(3, some), 4U);
  EXPECT_EQ(some, "3xy6");
}

TEST_P(FileSystemTest, ReadsShortOnlyAtTheEnd) {
  const auto file = create("a", "0123456789");
  std::string some(4, '?');
  EXPECT_EQ(*file->read_at(8, some), 2U);
  EXPECT_EQ(*file->read_at(10, some), 0U);
  EXPECT_EQ(*file->read_at(99, some), 0U);
}

TEST_P(FileSystemTest, FillsAGapWithZeros) {
  const auto file = create("a", "ab");
  ASSERT_TRUE(file->write_at(4, "e"));
  EXPECT_EQ(contents("a"), std::string("ab\0\0e", 5));
}

TEST_P(FileSystemTest, TruncatesAndReserves) {
  const auto file = create("a", "abcdef");
  ASSERT_TRUE(file->truncate(2));
  EXPECT_EQ(contents("a"), "ab");
  ASSERT_TRUE(file->reserve(4096));
  ASSERT_TRUE(file->sync_data());
  const std::string text = contents("a");
  EXPECT_EQ(text.substr(0, 2), "ab");
  EXPECT_EQ(text.find_first_not_of('\0', 2), std::string::npos);
  ASSERT_TRUE(file->reserve(10));  // never shrinks
  EXPECT_EQ(*file->size(), text.size());
}

TEST_P(FileSystemTest, SaysWhyAFileCannotBeOpened) {
  EXPECT_EQ(code(files().open(path("none"), Open::read)), "not_found");
  EXPECT_EQ(code(files().open(path("none"), Open::write)), "not_found");
  create("there");
  EXPECT_EQ(code(files().open(path("there"), Open::create)), "already_exists");
}

TEST_P(FileSystemTest, RenamesOverWhatIsThere) {
  create("new", "fresh");
  create("old", "stale");
  ASSERT_TRUE(files().rename(path("new"), path("old")));
  EXPECT_EQ(contents("old"), "fresh");
  EXPECT_EQ(code(files().open(path("new"), Open::read)), "not_found");
  EXPECT_EQ(code(files().rename(path("new"), path("old"))), "not_found");
}

TEST_P(FileSystemTest, KeepsARemovedFileForThoseWhoHaveItOpen) {
  const auto file = create("a", "still here");
  ASSERT_TRUE(files().remove(path("a")));
  EXPECT_EQ(code(files().remove(path("a"))), "not_found");
  std::string all(10, '?');
  EXPECT_EQ(*file->read_at(0, all), 10U);
  EXPECT_EQ(all, "still here");
}

TEST_P(FileSystemTest, ListsNamesInOrder) {
  create("b");
  create("a");
  create("c");
  EXPECT_EQ(*files().list(folder_of(path("a"))), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_P(FileSystemTest, SyncsFilesAndFolders) {
  EXPECT_TRUE(create("a", "x")->sync_data());
  EXPECT_TRUE(files().sync_folder(folder_of(path("a"))));
  EXPECT_GT(*files().free_bytes(folder_of(path("a"))), 0U);
}

TEST_P(FileSystemTest, LocksOnceUntilLetGo) {
  auto first = files().lock(path("lock"));
  ASSERT_TRUE(first);
  EXPECT_EQ(code(files().lock(path("lock"))), "failed_precondition");
  first->reset();
  EXPECT_EQ(code(files().lock(path("lock"))), "ok");
}

TEST_P(FileSystemTest, ReplacesAFileAsAWhole) {
  ASSERT_TRUE(replace_file(files(), path("a"), "one"));
  create("a.new", "left over by a crash");
  ASSERT_TRUE(replace_file(files(), path("a"), "two"));
  EXPECT_EQ(contents("a"), "two");
  EXPECT_EQ(code(files().open(path("a.new"), Open::read)), "not_found");
}

TEST_P(FileSystemTest, RefusesToReadMoreThanExpected) {
  create("a", "12345");
  EXPECT_EQ(code(read_file(files(), path("a"), 4)), "resource_exhausted");
}

INSTANTIATE_TEST_SUITE_P(
    , FileSystemTest,
    testing::Values(Kind{"real", true, {}},
                    Kind{"memory", false, [] { return std::make_unique<MemoryFileSystem>(); }},
                    Kind{"faulty", false, [] { return std::make_unique<FaultyFileSystem>(); }}),
    [](const auto& kind) { return kind.param.name; });

TEST(RealFileSystemTest, MakesFoldersAboveAndSaysWhenItMayNot) {
  const std::string top = std::filesystem::temp_directory_path() / Uuid::random().text();
  auto& files = real_file_system();
  ASSERT_TRUE(files.create_folder(top + "/a/b"));
  ASSERT_TRUE(files.create_folder(top + "/a/b"));
  EXPECT_TRUE(std::filesystem::is_directory(top + "/a/b"));
  EXPECT_FALSE(files.create_folder("/proc/attune/none"));
  const auto listing = files.list(top + "/none");
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code(), ErrorCode::not_found);
  EXPECT_NE(listing.error().message().find(top + "/none"), std::string::npos);
  std::filesystem::remove_all(top);
}

TEST(RealFileSystemTest, ReportsAFullDisk) {
  auto full = real_file_system().open("/dev/full", Open::write);
  ASSERT_TRUE(full);
  const auto written = (*full)->write_at(0, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::unavailable);
  EXPECT_NE(written.error().message().find("disk full"), std::string::npos);
}

}  // namespace
}  // namespace attune
