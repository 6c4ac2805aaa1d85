// How fast the journal takes and gives records, beside the plainest loop on the same disk.
//
//   append     clients that each wait for their record to be durable before they send the next one
//              (closed loop); answered from the callback, as a server does it
//   threads    the same with a blocked thread for each client, as a command would do it
//   batches    clients that append batches of 100
//   plain      write + fdatasync of as many bytes as the journal put into a group, one group after
//              the other, nothing else: the disk's own limit, measured in the same run
//   read       all records from the first, once while the page cache is warm
//
//   journal_bench [--folder DIR] [--seconds S] [--clients N] [--record-bytes B] [--read-records R]
//                 [--linger-us-max U]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "journal/appender.h"
#include "journal/file_journal.h"

namespace {

using namespace attune;
using namespace attune::journal;
using Steady = std::chrono::steady_clock;

struct Settings {
  std::string folder = "journal-bench";
  double seconds = 5;
  std::size_t clients = 256;
  std::size_t record_bytes = 500;
  std::size_t read_records = 5'000'000;
  std::int64_t linger_us_max = FileJournalOptions().linger_us_max;
};

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "journal_bench: {}\n", result.error().message());
  std::exit(1);
}

std::int64_t since_us(Steady::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin).count();
}

std::string make_body(std::size_t bytes) {
  std::string body(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
  return body;
}

// Latencies in microseconds, counted, so that measuring costs no memory worth naming.
class Latencies {
 public:
  void add(std::int64_t us) {
    ++counts_[static_cast<std::size_t>(std::clamp<std::int64_t>(us, 0, kLast))];
    ++total_;
  }
  std::uint64_t total() const { return total_; }
  double quantile_ms(double q) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::size_t us = 0; us < counts_.size(); ++us) {
      seen += counts_[us];
      if (seen >= rank && seen > 0) return static_cast<double>(us) / 1000;
    }
    return 0;
  }
  std::string text() const {
    return fmt::format("p50 {:.2f} p90 {:.2f} p99 {:.2f} p99.9 {:.2f} ms", quantile_ms(0.5),
                       quantile_ms(0.9), quantile_ms(0.99), quantile_ms(0.999));
  }

 private:
  static constexpr std::int64_t kLast = 1'000'000;
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(kLast + 1);
  std::uint64_t total_ = 0;
};

std::unique_ptr<FileJournal> open_fresh(const Settings& settings, const Clock& clock) {
  std::filesystem::remove_all(settings.folder);
  FileJournalOptions options;
  options.folder = settings.folder;
  options.linger_us_max = settings.linger_us_max;
  return must(FileJournal::open(real_file_system(), clock, options));
}

struct Load {
  double records_per_second = 0;
  double records_per_group = 0;
  double bytes_per_group = 0;
};

Load report(const char* name, const FileJournal& journal, const Latencies& latencies,
            double seconds) {
  const JournalStats stats = journal.stats();
  const auto records = static_cast<double>(stats.records);
  const auto groups = static_cast<double>(stats.groups);
  const Load load{records / seconds, records / groups, static_cast<double>(stats.bytes) / groups};
  fmt::print("{:<26} {:>9.0f} records/s  {}  ", name, load.records_per_second, latencies.text());
  fmt::print("{:.0f} records a sync, sync {:.0f} us mean, {:.1f} ms max\n", load.records_per_group,
             static_cast<double>(stats.sync_us_total) / groups,
             static_cast<double>(stats.sync_us_max) / 1000);
  return load;
}

// The answers of a group reach one thread, which sends each client's next record: what the I/O
// threads of a server do, without HTTP.
Load closed_loop(const char* name, const Settings& settings, std::size_t clients,
                 std::size_t batch_records) {
  const RealClock clock;
  auto journal = open_fresh(settings, clock);
  const std::string body = make_body(settings.record_bytes);
  Latencies latencies;

  std::mutex mutex;
  std::condition_variable answered;
  std::vector<std::size_t> ready;
  std::vector<Steady::time_point> sent(clients);
  const auto send = [&](std::size_t client) {
    RecordBatch batch;
    for (std::size_t i = 0; i < batch_records; ++i) batch.add(body);
    sent[client] = Steady::now();
    journal->append(std::move(batch), [&, client](Result<Position> result) {
      must(std::move(result));
      const std::lock_guard held(mutex);
      ready.push_back(client);
      if (ready.size() == 1) answered.notify_one();
    });
  };

  const auto begin = Steady::now();
  const auto stop_at = begin + std::chrono::duration<double>(settings.seconds);
  for (std::size_t client = 0; client < clients; ++client) send(client);
  std::size_t waiting = clients;
  std::vector<std::size_t> batch;
  while (waiting > 0) {
    {
      std::unique_lock held(mutex);
      answered.wait(held, [&] { return !ready.empty(); });
      batch.swap(ready);
    }
    const auto now = Steady::now();
    for (const std::size_t client : batch) {
      latencies.add(
          std::chrono::duration_cast<std::chrono::microseconds>(now - sent[client]).count());
      if (now < stop_at) {
        send(client);
      } else {
        --waiting;
      }
    }
    batch.clear();
  }
  return report(name, *journal, latencies, static_cast<double>(since_us(begin)) / 1e6);
}

void blocked_threads(const Settings& settings) {
  const RealClock clock;
  auto journal = open_fresh(settings, clock);
  const std::string body = make_body(settings.record_bytes);
  std::mutex mutex;
  Latencies latencies;
  const auto begin = Steady::now();
  const auto stop_at = begin + std::chrono::duration<double>(settings.seconds);
  std::vector<std::thread> threads;
  for (std::size_t client = 0; client < settings.clients; ++client) {
    threads.emplace_back([&] {
      Appender appender(*journal);
      std::vector<std::int64_t> mine;
      while (Steady::now() < stop_at) {
        const auto sent = Steady::now();
        must(appender.append(body));
        mine.push_back(since_us(sent));
      }
      const std::lock_guard held(mutex);
      for (const std::int64_t us : mine) latencies.add(us);
    });
  }
  for (auto& thread : threads) thread.join();
  report(fmt::format("threads, {} clients", settings.clients).c_str(), *journal, latencies,
         static_cast<double>(since_us(begin)) / 1e6);
}

enum class Ahead { nothing, reserved, zeros };

// The disk's own limit: same bytes a group, straight to a file that grows, has its space reserved
// (what the journal does) or was filled with zeros before (twice the bytes, not counted here).
double plain(const Settings& settings, const Load& load, Ahead ahead) {
  std::filesystem::remove_all(settings.folder);
  auto& files = real_file_system();
  must(files.create_folder(settings.folder).map([] { return 0; }));
  const std::string path = settings.folder + "/plain";
  auto file = must(files.open(path, FileSystem::Open::create));
  const std::string group = make_body(static_cast<std::size_t>(load.bytes_per_group));
  Latencies latencies;
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
  if (ahead == Ahead::zeros) {
    const std::string zeros(1 << 20, '\0');
    for (; end < 1ULL << 30; end += zeros.size()) {
      must(file->write_at(end, zeros).map([] { return 0; }));
    }
    must(file->sync_data().map([] { return 0; }));
  }
  const auto begin = Steady::now();
  while (static_cast<double>(since_us(begin)) < settings.seconds * 1e6) {
    const auto sent = Steady::now();
    if (offset + group.size() > end) {
      if (ahead == Ahead::zeros) offset = 0;  // used up: over it again
      if (ahead == Ahead::reserved) must(file->reserve(end += 8 << 20).map([] { return 0; }));
    }
    must(file->write_at(offset, group).map([] { return 0; }));
    must(file->sync_data().map([] { return 0; }));
    offset += group.size();
    latencies.add(since_us(sent));
  }
  const double rate = static_cast<double>(latencies.total()) * load.records_per_group /
                      (static_cast<double>(since_us(begin)) / 1e6);
  fmt::print("{:<26} {:>9.0f} records/s  {}  in groups of {:.0f} bytes\n",
             ahead == Ahead::nothing    ? "plain, growing file"
             : ahead == Ahead::reserved ? "plain, space reserved"
                                        : "plain, zeros before",
             rate, latencies.text(), load.bytes_per_group);
  return rate;
}

void read_all(const Settings& settings) {
  const RealClock clock;
  auto journal = open_fresh(settings, clock);
  const std::string body = make_body(settings.record_bytes);
  const std::size_t batch_records = 1000;
  const auto began = Steady::now();
  std::atomic<std::size_t> in_flight = 0;
  for (std::size_t i = 0; i < settings.read_records; i += batch_records) {
    RecordBatch batch;
    for (std::size_t j = 0; j < batch_records; ++j) batch.add(body);
    while (in_flight > 40) std::this_thread::yield();
    ++in_flight;
    journal->append(std::move(batch), [&](Result<Position> result) {
      must(std::move(result));
      --in_flight;
    });
  }
  while (in_flight > 0) std::this_thread::yield();
  const double seconds = static_cast<double>(since_us(began)) / 1e6;
  const auto written = static_cast<double>(journal->stats().bytes);
  fmt::print("{:<26} {:>9.0f} records/s  {:.0f} MB/s, batches of 1000\n", "bulk append",
             static_cast<double>(journal->stats().records) / seconds, written / seconds / 1e6);

  const auto pass = [&](const char* name) {
    auto reader = must(journal->read(journal->first()));
    const auto begin = Steady::now();
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    while (const auto record = must(reader->next())) {
      ++records;
      bytes += record->body.size();
    }
    const double took = static_cast<double>(since_us(begin)) / 1e6;
    fmt::print("{:<26} {:>9.0f} records/s  {:.0f} MB/s, {} records of {} bytes\n", name,
               static_cast<double>(records) / took, static_cast<double>(bytes) / took / 1e6,
               records, settings.record_bytes);
  };
  pass("read, first pass");
  pass("read, second pass");

  journal.reset();
  const auto opening = Steady::now();
  FileJournalOptions options;
  options.folder = settings.folder;
  journal = must(FileJournal::open(real_file_system(), clock, options));
  fmt::print("{:<26} {:>9.1f} ms         {}\n", "open",
             static_cast<double>(since_us(opening)) / 1e3, journal->open_report().text());
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Durable appends and reads of the journal, beside write + fdatasync in a loop.");
  app.add_option("--folder", settings.folder, "where to write; emptied before and after")
      ->capture_default_str();
  app.add_option("--seconds", settings.seconds, "for each load")->capture_default_str();
  app.add_option("--clients", settings.clients, "that wait at the same time")
      ->capture_default_str();
  app.add_option("--record-bytes", settings.record_bytes, "of one record")->capture_default_str();
  app.add_option("--read-records", settings.read_records, "to write and read back; 0: none")
      ->capture_default_str();
  app.add_option("--linger-us-max", settings.linger_us_max, "as of FileJournalOptions")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  fmt::print("{} processors, records of {} bytes, {} s each, in {}\n",
             std::thread::hardware_concurrency(), settings.record_bytes, settings.seconds,
             std::filesystem::absolute(settings.folder).string());
  const Load lone = closed_loop("append, 1 client", settings, 1, 1);
  for (const Ahead ahead : {Ahead::nothing, Ahead::reserved, Ahead::zeros}) {
    plain(settings, lone, ahead);
  }
  const Load load = closed_loop(fmt::format("append, {} clients", settings.clients).c_str(),
                                settings, settings.clients, 1);
  const double growing = plain(settings, load, Ahead::nothing);
  const double reserved = plain(settings, load, Ahead::reserved);
  plain(settings, load, Ahead::zeros);
  fmt::print("{:<26} {:>8.0f} % of the plain loop on a growing file, {:.0f} % on a reserved one\n",
             "append / plain", 100 * load.records_per_second / growing,
             100 * load.records_per_second / reserved);
  blocked_threads(settings);
  closed_loop("append, 16 x batch of 100", settings, 16, 100);
  if (settings.read_records > 0) read_all(settings);
  std::filesystem::remove_all(settings.folder);
  return 0;
}
