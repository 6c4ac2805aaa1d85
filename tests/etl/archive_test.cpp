// Moving old rows into files: what is where, and what a process that ends at any step leaves.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/sha256.h"
#include "base/time_zone.h"
#include "etl/archive.h"
#include "etl/months.h"
#include "etl/settings.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::etl {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNowMs = 1'790'000'000'000;   // 2026-09-21
constexpr DefaultLimits kDefaults{
    .raw_events = {},
    .interactions = {.archive_after_days = 60, .delete_after_days = 366}};
const std::string kSite = "11111111-1111-4111-8111-111111111111";
const std::string kOther = "22222222-2222-4222-8222-222222222222";
constexpr int kDays = 130;

std::string person(int number) { return fmt::format("person{}", number); }

/// Users and products that rows refer to, and `kDays` days of interactions of each of seven people.
void fill(store::Session& session, const std::string& site, std::int64_t first_id) {
  store::ColumnBatch users;
  auto& user_id = users.add_int64("id");
  auto& user_site = users.add_text("site_id");
  auto& external = users.add_text("external_id");
  for (int i = 0; i < 7; ++i) {
    user_id.push(stable_id(site, person(i)));
    user_site.push(site);
    external.push(person(i));
  }
  store::must(session.append("users", users));
  store::ColumnBatch products;
  auto& product_id = products.add_int64("id");
  auto& product_site = products.add_text("site_id");
  auto& item = products.add_text("external_id");
  product_id.push(5);
  product_site.push(site);
  item.push("p5");
  store::must(session.append("product", products));

  store::ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& user = batch.add_int64("user_id");
  auto& product = batch.add_int64("product_id");
  auto& type = batch.add_text("interaction_type");
  auto& timestamp = batch.add_timestamp("timestamp");
  auto& context = batch.add_json("context");
  auto& reward = batch.add_decimal("reward", 2);
  auto& of_site = batch.add_text("site_id");
  auto& visitor = batch.add_text("visitor_id");
  auto& price = batch.add_decimal("price", 4);
  constexpr std::int64_t kForeign = std::int64_t{1} << 62;
  for (int day = 0; day < kDays; ++day) {
    for (int i = 0; i < 7; ++i) {
      id.push(kForeign + first_id + day * 7 + i);
      user.push(stable_id(site, person(i)));
      product.push(5);
      type.push("VIEW");
      timestamp.push(store::Timestamp::from_ms(kNowMs - day * kDayMs - i));
      context.push(fmt::format(R"({{"page":{}}})", i));
      reward.push(day);
      of_site.push(site);
      visitor.push(person(i));
      price.push(12'345 + day);
    }
  }
  store::must(session.append("user_product_interactions", batch));
}

/// A data folder, and where its tables are.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<store::Store> open() = 0;
  /// Numbers of rows and a sum over them, hot and cold, as a person who asks sees them.
  virtual std::vector<std::string> seen(store::Store& store) = 0;

  std::string data() const { return folder_.path().string(); }
  int files() const {
    int count = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(data() + "/archive", error), end; at != end;
         at.increment(error)) {
      if (at->is_regular_file()) ++count;
    }
    return count;
  }

 protected:
  static constexpr std::string_view kQuestion =
      "select count(*), count(distinct id), cast(sum(reward) as double precision), "
      "cast(sum(price) as double precision), count(distinct cast(context as varchar)) "
      "from user_product_interactions";
  static std::vector<std::string> numbers(const store::Rows& rows) {
    std::vector<std::string> out;
    for (const store::Value& value : rows.rows.at(0)) {
      const auto* whole = std::get_if<std::int64_t>(&value);
      if (whole != nullptr) out.push_back(std::to_string(*whole));
      const auto* real = std::get_if<double>(&value);
      if (real != nullptr) out.push_back(fmt::format("{}", *real));
      if (whole == nullptr && real == nullptr) out.emplace_back("null");
    }
    return out;
  }
  store::TemporaryFolder folder_;
};

class EmbeddedPlace final : public Place {
 public:
  std::unique_ptr<store::Store> open() override {
    store::DuckdbSettings settings;
    settings.file = folder_.path() / "attune.duckdb";
    settings.archive = folder_.path() / "archive";
    return store::must(store::open_duckdb(settings));
  }
  std::vector<std::string> seen(store::Store& store) override {
    return numbers(store::must(store::must(store.session())->query_text(kQuestion)));
  }
};

Archive archive_of(const Place& place, std::function<void(std::string_view)> on_step) {
  return Archive(real_file_system(),
                 {.data = place.data(), .threads = 1, .on_step = std::move(on_step)});
}
const auto kQuietly = [](std::string_view) {};

Result<std::vector<ArchivedFile>> move_all(Archive& archive, store::Session& session) {
  const auto rules = store::must(RetentionRules::load(session, kDefaults));
  return archive.move_old(session, {"", kSite, kOther}, rules, kNowMs);
}

std::int64_t hot_rows(store::Session& session) {
  const std::array range{store::Value{kSite}, store::Value{store::Timestamp{0}},
                         store::Value{store::Timestamp::from_ms(kNowMs + 1)},
                         store::Value{std::int64_t{0}}};
  return store::must(session.scan("archive/rows", range,
                                  [](std::span<const store::Value>) { return Result<void>(); }));
}

void check_files(const Place& place, store::Session& session) {
  const auto known = store::must(archived_files(session));
  EXPECT_EQ(place.files(), static_cast<int>(known.size()));
  for (const ArchivedFile& file : known) {
    const auto digest =
        store::must(digest_file(real_file_system(), place.data() + "/archive/" + file.file));
    EXPECT_EQ(digest.sha256, file.sha256);
    EXPECT_EQ(static_cast<std::int64_t>(digest.bytes), file.bytes);
  }
}

/// Ends the process at the `n`-th step of `work`. Returns  whether it came to its end before.
bool ends_at(Place& place, int n, const std::function<void(Archive&, store::Session&)>& work) {
  const pid_t child = fork();
  if (child == 0) {
    int step = 0;
    const auto store = place.open();
    auto session = store::must(store->session());
    Archive archive = archive_of(place, [&step, n](std::string_view) {
      if (step++ == n) _exit(9);
    });
    work(archive, *session);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status) == 0;
}

/// Each turn a process is ended a step later; what it leaves is whole, and the next one goes on.
void check_crashes(Place& place) {
  std::vector<std::string> all;
  {
    const auto store = place.open();
    ASSERT_TRUE(store->migrate());
    auto session = store::must(store->session());
    fill(*session, kSite, 0);
    all = place.seen(*store);
  }
  int crashes = 0;
  for (int n = 0;; ++n) {
    const bool finished = ends_at(place, n % 8, [](Archive& archive, store::Session& session) {
      store::must(move_all(archive, session));
    });
    const auto store = place.open();
    EXPECT_EQ(place.seen(*store), all) << "after step " << n % 8;
    if (finished) break;
    ASSERT_LT(++crashes, 60);
  }
  EXPECT_GE(crashes, 8);
  const auto store = place.open();
  auto session = store::must(store->session());
  Archive archive = archive_of(place, kQuietly);
  EXPECT_TRUE(store::must(move_all(archive, *session)).empty());
  check_files(place, *session);
  EXPECT_LT(hot_rows(*session), 90 * 7);   // two months and the begun one
  EXPECT_GE(hot_rows(*session), 60 * 7);
}

void check_life(Place& place) {
  const auto store = place.open();
  ASSERT_TRUE(store->migrate());
  auto session = store::must(store->session());
  fill(*session, kSite, 0);
  fill(*session, kOther, 100'000);
  const auto all = place.seen(*store);
  Archive archive = archive_of(place, kQuietly);
  const auto made = store::must(move_all(archive, *session));
  ASSERT_EQ(made.size(), 4U);   // May, from the 15th on, and June, of two sites
  EXPECT_EQ(day_text(made[0].month.days), "2026-05-01");
  EXPECT_EQ(day_text(made[1].month.days), "2026-06-01");
  EXPECT_EQ(place.seen(*store), all);
  check_files(place, *session);

  auto marks = store::must(load_marks(*session));
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].action, "archived");
  EXPECT_EQ(marks[0].rows, made[0].rows + made[1].rows);

  // A person leaves the files that hold them, and only those are written anew.
  ErasedIds ids;
  ids.site = kSite;
  ids.visitors = {person(3)};
  std::int64_t theirs = 0;
  for (const auto& file : made) {
    if (file.site == kSite) theirs += file.rows / 7;
  }
  EXPECT_EQ(store::must(archive.erase(*session, ids, kNowMs + 1)), theirs);
  EXPECT_EQ(store::must(archive.erase(*session, ids, kNowMs + 2)), 0);
  check_files(place, *session);
  EXPECT_EQ(place.seen(*store)[0], std::to_string(std::stoll(all[0]) - theirs));

  // What is older than its site allows goes with the file.
  Limits limits{.archive_after_days = 60, .delete_after_days = 100};
  store::must(set_limits(*session, kOther, kInteractions, limits, kNowMs));
  const auto rules = store::must(RetentionRules::load(*session, kDefaults));
  EXPECT_EQ(store::must(archive.remove_old(*session, rules, kNowMs)), made[2].rows);
  check_files(place, *session);
  EXPECT_EQ(place.files(), 3);

  // A site goes as a whole; what the catalogue does not know is swept away.
  std::ofstream(place.data() + "/archive/left.parquet.new") << "half";
  EXPECT_EQ(store::must(archive.sweep(*session)), 1);
  ids = {};
  ids.site = kOther;
  ids.everything = true;
  EXPECT_EQ(store::must(archive.erase(*session, ids, kNowMs)), made[3].rows);
  EXPECT_EQ(place.files(), 2);
  check_files(place, *session);
}

/// Interactions of one person a year ago, as the ETL writes them from a journal.
void derive(store::Session& session) {
  store::ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& user = batch.add_int64("user_id");
  auto& product = batch.add_int64("product_id");
  auto& type = batch.add_text("interaction_type");
  auto& timestamp = batch.add_timestamp("timestamp");
  auto& of_site = batch.add_text("site_id");
  for (int i = 0; i < 5; ++i) {
    id.push(100 + i);
    user.push(stable_id(kSite, person(1)));
    product.push(5);
    type.push("CLICK");
    timestamp.push(store::Timestamp::from_ms(kNowMs - 200 * kDayMs - i));
    of_site.push(kSite);
  }
  store::must(session.append("user_product_interactions", batch));
}

/// A replay brings archived rows back and was ended before it took them out again.
void check_cut_replay(Place& place) {
  const auto store = place.open();
  ASSERT_TRUE(store->migrate());
  auto session = store::must(store->session());
  fill(*session, kSite, 0);
  store::ColumnBatch cursor;
  cursor.add_text("name").push("etl");
  cursor.add_int64("position").push(1000);
  for (const char* name : {"tick_ms", "arrival_ms", "names_from"}) cursor.add_int64(name).push(0);
  store::must(session->append("etl_cursor", cursor));
  derive(*session);
  const auto all = place.seen(*store);
  Archive archive = archive_of(place, kQuietly);
  EXPECT_EQ(store::must(move_all(archive, *session)).size(), 3U);
  EXPECT_EQ(place.seen(*store), all);
  derive(*session);
  EXPECT_NE(place.seen(*store), all);
  EXPECT_TRUE(store::must(move_all(archive, *session)).empty());
  EXPECT_EQ(place.seen(*store), all);
}

TEST(ArchiveTest, AProcessThatEndsAtAnyStepLosesAndRepeatsNothing) {
  EmbeddedPlace place;
  check_crashes(place);
}

TEST(ArchiveTest, RowsArePutInFilesFoundErasedAndRemoved) {
  EmbeddedPlace place;
  check_life(place);
}

TEST(ArchiveTest, RowsThatACutReplayBroughtBackAreNotMovedTwice) {
  EmbeddedPlace place;
  check_cut_replay(place);
}

TEST(ArchiveTest, AFileThatIsMissingIsNamedByTheQuery) {
  EmbeddedPlace place;
  const auto store = place.open();
  ASSERT_TRUE(store->migrate());
  auto session = store::must(store->session());
  fill(*session, kSite, 0);
  Archive archive = archive_of(place, kQuietly);
  const auto made = store::must(move_all(archive, *session));
  fs::remove(place.data() + "/archive/" + made[0].file);
  const auto answer = session->query_text("select 1");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message().find("archive_file lists"), std::string::npos)
      << answer.error().message();
}

TEST(ArchiveTest, AdHocQueriesReachNoOtherFolder) {
  EmbeddedPlace place;
  const auto store = place.open();
  ASSERT_TRUE(store->migrate());
  auto session = store::must(store->session());
  fill(*session, kSite, 0);
  Archive archive = archive_of(place, kQuietly);
  store::must(move_all(archive, *session));
  const std::string inside = place.data() + "/archive/**/*.parquet";
  EXPECT_TRUE(session->query_text("select count(*) from read_parquet('" + inside + "')"));
  for (const std::string& text :
       {"select * from read_text('" + place.data() + "/archive/../attune.duckdb')",
        std::string("select * from read_text('/etc/passwd')"),
        std::string("select * from read_csv('http://127.0.0.1:1/x.csv')"),
        "copy (select 1) to '" + place.data() + "/archive/x.parquet'",
        std::string("set global allowed_directories = ['/']")}) {
    EXPECT_FALSE(session->query_text(text)) << text;
  }
}

class PostgresPlace final : public Place {
 public:
  PostgresPlace() : cluster_(store::newest_postgres()) {}
  std::unique_ptr<store::Store> open() override {
    return store::must(store::open_postgres({.url = cluster_.url()}));
  }
  std::vector<std::string> seen(store::Store& store) override {
    auto session = store::must(store.session());
    auto hot = numbers(store::must(session->query_text(kQuestion)));
    Archive archive = archive_of(*this, kQuietly);
    const auto cold = numbers(store::must(archive.query_text(*session, kQuestion, {})));
    for (std::size_t i = 0; i + 1 < hot.size(); ++i) {
      if (cold[i] == "null") continue;
      hot[i] = hot[i] == "null" ? cold[i]
                                : fmt::format("{}", std::stod(hot[i]) + std::stod(cold[i]));
    }
    hot.pop_back();   // the text of a context depends on the engine
    return hot;
  }

 private:
  store::Cluster cluster_;
};

TEST(ArchivePostgresTest, AProcessThatEndsAtAnyStepLosesAndRepeatsNothing) {
  PostgresPlace place;
  check_crashes(place);
}

TEST(ArchivePostgresTest, RowsThatACutReplayBroughtBackAreNotMovedTwice) {
  PostgresPlace place;
  check_cut_replay(place);
}

TEST(ArchivePostgresTest, RowsArePutInFilesFoundErasedAndRemoved) {
  PostgresPlace place;
  check_life(place);
}

}  // namespace
}  // namespace attune::etl
