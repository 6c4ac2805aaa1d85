// Many threads on one journal: what the thread sanitizer looks at, and that order holds under it.
#include <atomic>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "journal_fixture.h"

namespace attune::journal {
namespace {

#if defined(ATTUNE_SANITIZED)
constexpr int kAppends = 300;
#else
constexpr int kAppends = 3000;
#endif
constexpr int kAppenders = 4;

// Each look at it takes a while: groups then seem to take long enough to linger for.
class TickingClock final : public Clock {
 public:
  std::int64_t now_ms() const override { return steady_us() / 1000; }
  std::int64_t steady_us() const override { return now_us_ += 100; }

 private:
  mutable std::atomic<std::int64_t> now_us_ = 0;
};

// Follows the journal to `count` records; each appender's must come in its own order.
void follow(FileJournal& journal, int count) {
  auto reader = journal.read(Position{});
  ASSERT_TRUE(reader);
  std::map<int, int> next;
  for (int seen = 0; seen < count;) {
    const auto record = (*reader)->next();
    ASSERT_TRUE(record) << record.error().message();
    if (!*record) {
      ASSERT_TRUE(journal.wait((*reader)->position(), 60'000));
      continue;
    }
    const std::string body((*record)->body);
    const int appender = std::stoi(body);
    ASSERT_EQ(std::stoi(body.substr(body.find(' '))), next[appender]++) << body;
    ++seen;
  }
}

TEST(JournalConcurrencyTest, AppendersReadersAndCursorsTogether) {
  MemoryFileSystem files;
  const TickingClock clock;
  FileJournalOptions options = test_options();
  options.segment_bytes = 10'000;
  options.reserve_bytes = 1000;
  options.linger_us_max = 2000;
  auto opened = FileJournal::open(files, clock, options);
  ASSERT_TRUE(opened);
  FileJournal& journal = **opened;

  std::vector<std::thread> threads;
  std::atomic<int> acknowledged = 0;
  for (int appender = 0; appender < kAppenders; ++appender) {
    threads.emplace_back([&, appender] {
      for (int i = 0; i < kAppends; ++i) {
        const std::string text = fmt::format("{} {}", appender, i);
        if (i % 10 == 0) {
          EXPECT_TRUE(Appender(journal).append(text));
          ++acknowledged;
        } else {
          journal.append(batch_of({text}), [&](Result<Position> result) {
            EXPECT_TRUE(result);
            ++acknowledged;
          });
        }
      }
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] { follow(journal, kAppenders * kAppends); });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 100; ++i) {
      const Position end = journal.durable_end();
      EXPECT_TRUE(journal.cursors().save("slow", Position{}));
      EXPECT_TRUE(journal.cursors().save("fast", end));
      EXPECT_EQ(*journal.retain_from(end), 0U);  // the slow cursor is before everything
      EXPECT_TRUE(journal.writable());
      EXPECT_LE(journal.stats().appends, static_cast<std::uint64_t>(kAppenders * kAppends));
    }
  });
  for (auto& thread : threads) thread.join();
  opened->reset();
  EXPECT_EQ(acknowledged, kAppenders * kAppends);
}

TEST(JournalConcurrencyTest, RetentionBehindAReader) {
  MemoryFileSystem files;
  const TickingClock clock;
  FileJournalOptions options = test_options();
  options.segment_bytes = 1000;
  auto opened = FileJournal::open(files, clock, options);
  ASSERT_TRUE(opened);
  FileJournal& journal = **opened;
  std::thread appender([&] {
    for (int i = 0; i < kAppends; ++i) {
      EXPECT_TRUE(Appender(journal).append(fmt::format("0 {}", i)));
    }
  });
  std::thread reader([&] {
    auto reading = journal.read(Position{});
    ASSERT_TRUE(reading);
    for (int seen = 0; seen < kAppends;) {
      const auto record = (*reading)->next();
      ASSERT_TRUE(record) << record.error().message();
      if (!*record) {
        ASSERT_TRUE(journal.wait((*reading)->position(), 60'000));
      } else if (++seen % 50 == 0) {
        ASSERT_TRUE(journal.retain_from((*record)->next));
      }
    }
  });
  appender.join();
  reader.join();
  EXPECT_GT(journal.first(), Position{});
}

}  // namespace
}  // namespace attune::journal
