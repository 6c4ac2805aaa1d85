#include "learn/artefact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file_system_faulty.h"
#include "base/file_system_memory.h"
#include "learn/site_model.h"
#include "learn/training_data.h"
#include "test_log.h"

namespace attune::learn {
namespace {

using testing::HasSubstr;

SiteModel model_of(std::uint64_t seed) {
  return make_site_model(random_log({.visits = 30, .items = 12, .seed = seed}), default_params(),
                         "11111111-2222-3333-4444-555555555555", 1'795'255'200'000);
}

std::string bytes_at(FileSystem& files, const std::string& path) {
  return *read_file(files, path, 1 << 30);
}

TEST(ArtefactTest, ASiteModelComesBackAsItWas) {
  MemoryFileSystem files;
  const SiteModel model = model_of(1);
  ASSERT_TRUE(save_site_model(files, model, "m"));
  const auto again = load_site_model(files, "m");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ((*again)->version, model.version);
  EXPECT_EQ((*again)->site_id, model.site_id);
  EXPECT_EQ((*again)->trained_ms, model.trained_ms);
  EXPECT_EQ((*again)->item_ids, model.item_ids);
  EXPECT_EQ((*again)->params, model.params);
  EXPECT_EQ((*again)->sessions, 30U);
  ASSERT_TRUE(save_site_model(files, **again, "again"));
  EXPECT_EQ(bytes_at(files, "again"), bytes_at(files, "m"));
}

TEST(ArtefactTest, TheVersionSaysTimeAndContent) {
  EXPECT_THAT(model_of(1).version, testing::MatchesRegex("20261121-100000-[0-9a-f]{8}"));
  EXPECT_EQ(model_of(1).version, model_of(1).version);
  EXPECT_NE(model_of(1).version, model_of(2).version);
}

TEST(ArtefactTest, AnExportComesBackAsItWas) {
  MemoryFileSystem files;
  SessionLogBuilder builder;
  builder.add("one", "mug", 1000, ClickKind::view, 7);
  builder.add("one", "hat", 2000, ClickKind::purchase, 7);
  builder.add("two", "mug", 3000, ClickKind::cart);
  builder.add("three", "hat", 4000, ClickKind::view, 7);
  TrainingData data;
  data.log = *builder.build();
  EXPECT_EQ(data.log.people, (std::vector<std::uint32_t>{0, 1, 0}));
  data.catalogue = {{.id = "hat", .name = "Hat", .category = "c", .brand = "", .price = 9.5,
                     .labels = {"wool"}, .embedding = {0.5F, 1, 0, 2}},
                    {.id = "new", .name = "", .category = "", .brand = "", .price = 1,
                     .labels = {}, .embedding = {}}};
  ASSERT_TRUE(save_training_data(files, data, "x"));
  const auto again = load_training_data(files, "x");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->log.item_ids, data.log.item_ids);
  EXPECT_EQ(again->log.items, data.log.items);
  EXPECT_EQ(again->log.times_ms, data.log.times_ms);
  EXPECT_EQ(again->log.begins, data.log.begins);
  EXPECT_EQ(again->log.kinds, data.log.kinds);
  EXPECT_EQ(again->log.people, data.log.people);
  ASSERT_EQ(again->catalogue.size(), 2U);
  EXPECT_EQ(again->catalogue[0].labels, data.catalogue[0].labels);
  EXPECT_EQ(again->catalogue[0].embedding, data.catalogue[0].embedding);
  EXPECT_EQ(again->catalogue[0].price, 9.5);
  const std::string bytes = bytes_at(files, "x");
  for (std::size_t length = 0; length < bytes.size(); length += 3) {
    ASSERT_TRUE(replace_file(files, "cut", bytes.substr(0, length)));
    EXPECT_FALSE(load_training_data(files, "cut")) << length;
  }
}

TEST(ArtefactTest, RefusesAFileCutAtAnyByte) {
  MemoryFileSystem files;
  ASSERT_TRUE(save_site_model(files, model_of(1), "m"));
  const std::string bytes = bytes_at(files, "m");
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 40) {
    ASSERT_TRUE(replace_file(files, "cut", bytes.substr(0, length)));
    const auto model = load_site_model(files, "cut");
    ASSERT_FALSE(model) << length;
    EXPECT_EQ(model.error().code(), ErrorCode::data_loss);
    EXPECT_THAT(model.error().message(), HasSubstr("cut"));
  }
  ASSERT_TRUE(replace_file(files, "long", bytes + "x"));
  EXPECT_FALSE(load_site_model(files, "long"));
}

TEST(ArtefactTest, RefusesAFileWithAnyBitChanged) {
  MemoryFileSystem files;
  ASSERT_TRUE(save_site_model(files, model_of(1), "m"));
  const std::string bytes = bytes_at(files, "m");
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : 37) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ (1 << (at % 8)));
    ASSERT_TRUE(replace_file(files, "altered", altered));
    EXPECT_FALSE(load_site_model(files, "altered")) << "byte " << at;
  }
}

TEST(ArtefactTest, SaysWhatIsWrong) {
  MemoryFileSystem files;
  EXPECT_EQ(load_site_model(files, "nowhere").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(replace_file(files, "other", "PK\x03\x04 something else entirely, and long enough"));
  EXPECT_THAT(load_site_model(files, "other").error().message(), HasSubstr("not an artefact"));
  ASSERT_TRUE(save_training_data(files, {random_log({}), {}}, "export"));
  EXPECT_THAT(load_site_model(files, "export").error().message(), HasSubstr("something else"));
  ASSERT_TRUE(save_site_model(files, model_of(1), "m"));
  std::string newer = bytes_at(files, "m");
  newer[12] = 9;  // the format version
  ASSERT_TRUE(replace_file(files, "newer", newer));
  const auto model = load_site_model(files, "newer");
  EXPECT_EQ(model.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(model.error().message(), HasSubstr("newer version"));
}

TEST(ArtefactTest, APowerCutLeavesTheOldOneOrTheNewOne) {
  FaultyFileSystem files;
  ASSERT_TRUE(files.create_folder("models"));
  ASSERT_TRUE(save_site_model(files, model_of(1), "models/m"));
  const std::size_t before = files.operations().size();
  ASSERT_TRUE(save_site_model(files, model_of(2), "models/m"));
  const std::string old_version = model_of(1).version;
  const std::string new_version = model_of(2).version;
  std::size_t olds = 0;
  for (std::size_t operations = before; operations <= files.operations().size(); ++operations) {
    for (const bool kept : {false, true}) {
      const auto disk = files.after({.operations = operations,
                                     .names_kept = kept,
                                     .writes_kept = kept,
                                     .last_write_bytes = 100});
      const auto model = load_site_model(*disk, "models/m");
      ASSERT_TRUE(model) << "cut after operation " << operations << ": " << model.error().message();
      EXPECT_TRUE((*model)->version == old_version || (*model)->version == new_version);
      olds += (*model)->version == old_version ? 1 : 0;
    }
  }
  EXPECT_GT(olds, 0U) << "the sweep began before the new one was there";
}

TEST(ArtefactTest, AFailedWriteOrSyncKeepsTheOldOne) {
  for (const bool sync : {false, true}) {
    FaultyFileSystem files;
    ASSERT_TRUE(files.create_folder("models"));
    ASSERT_TRUE(save_site_model(files, model_of(1), "models/m"));
    sync ? files.fail_sync(0) : files.fail_write(0);
    const auto saved = save_site_model(files, model_of(2), "models/m");
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code(), ErrorCode::unavailable);
    EXPECT_EQ((*load_site_model(files, "models/m"))->version, model_of(1).version);
  }
}

}  // namespace
}  // namespace attune::learn
