// Fills a journal with realistic traffic, for benchmarks of whatever reads one.
//
//   etl_generate --journal DIR --events 5000000 --rate 500 --site UUID
#include <future>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/file_system.h"
#include "event/codec.h"
#include "journal/appender.h"
#include "journal/file_journal.h"
#include "traffic.h"

namespace attune::bench {
namespace {

struct Options {
  std::string journal;
  std::uint64_t events = 1'000'000;
  TrafficOptions traffic;
};

Result<void> generate(const Options& options) {
  const RealClock clock;
  journal::FileJournalOptions journal_options;
  journal_options.folder = options.journal;
  ATTUNE_ASSIGN(auto journal, journal::FileJournal::open(real_file_system(), clock,
                                                         std::move(journal_options)));
  journal::Appender appender(*journal);
  Traffic traffic(options.traffic);
  journal::RecordBatch batch;
  for (std::uint64_t count = 0; count < options.events; ++count) {
    event::encode(traffic.next(), batch.bytes);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
    if (batch.count() < 1000 && count + 1 < options.events) continue;
    ATTUNE_TRY(appender.append(std::move(batch)));
    batch = {};
  }
  fmt::print("{} events, {} bytes\n", options.events, journal->durable_end().offset);
  return {};
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  attune::bench::Options options;
  std::string site = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
  CLI::App app("Fills a journal with realistic traffic.");
  app.add_option("--journal", options.journal, "the journal's folder")->required();
  app.add_option("--events", options.events, "how many");
  app.add_option("--rate", options.traffic.events_per_second, "events a second of event time");
  app.add_option("--seed", options.traffic.seed, "");
  app.add_option("--start", options.traffic.start_ms, "milliseconds since 1970");
  app.add_option("--site", site, "its id");
  CLI11_PARSE(app, argc, argv);
  const auto id = attune::Uuid::parse(site);
  if (!id) {
    fmt::print(stderr, "--site: {}\n", id.error().message());
    return 2;
  }
  options.traffic.site = *id;
  const auto done = attune::bench::generate(options);
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  return done ? 0 : 1;
}
