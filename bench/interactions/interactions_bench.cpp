// A year of interactions in the embedded database: rate of loading, size, and the two questions
// that the RL document asks of it.
//
//   interactions_bench [--days 36] [--rows-a-day 500000]
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "etl/archive.h"
#include "interactions.h"
#include "measure.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::bench {
namespace {

using store::Timestamp;
using store::Value;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kBeginMs = 1'735'689'600'000;   // 2025-01-01
constexpr std::size_t kBatchRows = 49'152;              // of one transaction, as the ETL's
constexpr const char* kSite = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
constexpr int kQuestions = 400;

struct Options {
  int days = 36;
  std::size_t rows_a_day = 500'000;
  bool keep = false;
};

class InteractionsTable {
 public:
  void add(std::int64_t id, const InteractionRow& row, const Day& day) {
    const InteractionType& type = kInteractionTypes[row.type];
    id_.push(id);
    user_id_.push(row.user_id);
    product_id_.push(row.product_id);
    type_.push(type.name);
    session_id_.push(day.sessions[row.session]);
    timestamp_.push(Timestamp::from_ms(row.time_ms));
    context_.push(day.contexts[row.context]);
    reward_.push_rounded(type.reward);
    site_id_.push(kSite);
  }
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::Int64Column& user_id_ = batch.add_int64("user_id");
  store::Int64Column& product_id_ = batch.add_int64("product_id");
  store::TextColumn& type_ = batch.add_text("interaction_type");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TimestampColumn& timestamp_ = batch.add_timestamp("timestamp");
  store::TextColumn& context_ = batch.add_json("context");
  store::DecimalColumn& reward_ = batch.add_decimal("reward", 2);
  store::TextColumn& site_id_ = batch.add_text("site_id");
};

class Bench {
 public:
  Bench(const Options& options, std::string folder)
      : options_(options), file_(folder + "/attune.duckdb"), year_(7, kSite) {}

  Result<void> run() {
    store::DuckdbSettings settings;
    settings.file = file_;
    settings.memory_bytes_max = 1024LL << 20;
    settings.threads = 2;
    settings.checkpoint_bytes = 64LL << 20;
    settings.archive = settings.file.parent_path() / "archive";
    ATTUNE_ASSIGN(store_, store::open_duckdb(settings));
    ATTUNE_TRY(store_->migrate());
    ATTUNE_ASSIGN(session_, store_->session());
    ATTUNE_TRY(load());
    ATTUNE_TRY(ask("as it was appended"));
    ATTUNE_TRY(cluster());
    return archive();
  }

 private:
  Result<void> load() {
    InteractionsTable table;
    double seconds = 0;
    std::int64_t id = 0;
    for (int number = 0; number < options_.days; ++number) {
      const Day day = year_.day(kBeginMs + number * kDayMs, options_.rows_a_day);
      for (std::size_t at = 0; at < day.rows.size(); ++at) {
        table.add(++id, day.rows[at], day);
        if (table.batch.count() < kBatchRows && at + 1 < day.rows.size()) continue;
        const double began = wall_seconds();
        ATTUNE_TRY(session_->begin());
        ATTUNE_TRY(session_->append("user_product_interactions", table.batch));
        ATTUNE_TRY(session_->commit());
        seconds += wall_seconds() - began;
        table.batch.clear();
      }
    }
    const double began = wall_seconds();
    ATTUNE_TRY(store_->checkpoint());
    seconds += wall_seconds() - began;
    rows_ = static_cast<double>(id);
    fmt::print("loaded {:.0f} rows, {:.0f}/s, checkpoints included (wanted: 300000)\n", rows_,
               rows_ / seconds);
    return print_size();
  }

  Result<void> print_size() {
    ATTUNE_ASSIGN(const store::Rows used,
                  session_->query_text("select used_blocks * block_size from "
                                       "pragma_database_size()"));
    const auto bytes = static_cast<double>(std::get<std::int64_t>(used.rows.at(0).at(0)));
    // The document expects 25 GB for 180 million rows; a fifth of it is wanted.
    fmt::print("  {:.0f} MiB in a file of {:.0f}; {:.1f} bytes a row, {:.2f} of what the document "
               "expects (wanted: 0.20)\n",
               bytes / 1048576,
               static_cast<double>(std::filesystem::file_size(file_)) / 1048576, bytes / rows_,
               bytes / rows_ / (25e9 / 180e6));
    return {};
  }

  Result<void> ask(const char* when) {
    fmt::print("{}\n", when);
    for (const bool active : {true, false}) {
      std::vector<double> times;
      std::size_t found = 0;
      for (int question = 0; question < kQuestions; ++question) {
        const std::array parameters{
            Value{std::string(kSite)}, Value{active ? year_.active_user() : year_.any_user()},
            Value{Timestamp::from_ms(kBeginMs)},
            Value{Timestamp::from_ms(kBeginMs + (options_.days + 1) * kDayMs)},
            Value{std::int64_t{50}}};
        const double began = wall_seconds();
        ATTUNE_ASSIGN(const store::Rows rows,
                      session_->query("profile/interactions.recent", parameters));
        times.push_back(wall_seconds() - began);
        found += rows.rows.size();
      }
      fmt::print("  last 50 of {} user: p50 {:.1f} ms, p99 {:.1f} ms, {:.0f} rows on average "
                 "(wanted: p99 10 ms)\n",
                 active ? "an active" : "any", percentile(times, 0.5) * 1e3,
                 percentile(times, 0.99) * 1e3, static_cast<double>(found) / kQuestions);
    }
    std::vector<double> times;
    for (int question = 0; question < 20; ++question) {
      const std::int64_t begin_ms =
          kBeginMs + (question % std::max(1, options_.days - 29)) * kDayMs;
      const std::array parameters{Value{std::string(kSite)}, Value{Timestamp::from_ms(begin_ms)},
                                  Value{Timestamp::from_ms(begin_ms + 30 * kDayMs)}};
      const double began = wall_seconds();
      ATTUNE_ASSIGN(const store::Rows rows,
                    session_->query("report/interaction_rewards", parameters));
      times.push_back(wall_seconds() - began);
    }
    fmt::print("  reward sums of a month: p50 {:.1f} ms, max {:.1f} ms (wanted: 100 ms)\n",
               percentile(times, 0.5) * 1e3, percentile(times, 1) * 1e3);
    return {};
  }

  Result<void> cluster() {
    double seconds = 0;
    int months = 0;
    for (int day = 0; day < options_.days; day += 30, ++months) {
      const double began = wall_seconds();
      ATTUNE_TRY(session_->begin());
      ATTUNE_ASSIGN(const store::Rows last, session_->query("etl/interactions.last_row", {}));
      const std::array parameters{Value{Timestamp::from_ms(kBeginMs + day * kDayMs)},
                                  Value{Timestamp::from_ms(kBeginMs + (day + 30) * kDayMs)},
                                  last.rows.at(0).at(0)};
      ATTUNE_TRY(session_->execute("etl/interactions.cluster", parameters));
      ATTUNE_TRY(session_->commit());
      ATTUNE_TRY(store_->checkpoint());
      seconds += wall_seconds() - began;
    }
    fmt::print("clustered {} months in {:.1f} s\n", months, seconds);
    ATTUNE_TRY(print_size());
    return ask("clustered by user within months");
  }

  /// Months that are over, as half a year after the last day.
  Result<void> archive() {
    store::ColumnBatch cursor;   // the rows above count as read from a journal
    cursor.add_text("name").push("etl");
    cursor.add_int64("position").push(static_cast<std::int64_t>(rows_) + 1);
    for (const char* name : {"tick_ms", "arrival_ms", "names_from"}) {
      cursor.add_int64(name).push(0);
    }
    ATTUNE_TRY(session_->append("etl_cursor", cursor));
    etl::ArchiveSettings settings;
    settings.data = std::filesystem::path(file_).parent_path().string();
    etl::Archive archive(real_file_system(), settings);
    etl::DefaultLimits limits;
    limits.interactions.archive_after_days = 183;
    ATTUNE_ASSIGN(const auto rules, etl::RetentionRules::load(*session_, limits));
    const double began = wall_seconds();
    ATTUNE_ASSIGN(const auto made,
                  archive.move_old(*session_, {kSite}, rules,
                                   kBeginMs + (options_.days + 183) * kDayMs));
    const double seconds = wall_seconds() - began;
    double rows = 0;
    double bytes = 0;
    for (const etl::ArchivedFile& file : made) {
      rows += static_cast<double>(file.rows);
      bytes += static_cast<double>(file.bytes);
    }
    if (rows == 0) return {};   // no month is over
    fmt::print("archived {:.0f} rows in {} files, {:.0f}/s; {:.1f} bytes a row (wanted: 20)\n",
               rows, made.size(), rows / seconds, bytes / rows);
    const double asked = wall_seconds();
    ATTUNE_ASSIGN(const store::Rows all,
                  session_->query_text("select count(*), sum(reward) from "
                                       "user_product_interactions"));
    fmt::print("  sum over all rows, archived ones too: {:.0f} ms, {} rows\n",
               (wall_seconds() - asked) * 1e3, std::get<std::int64_t>(all.rows.at(0).at(0)));
    return {};
  }

  const Options options_;
  const std::string file_;
  InteractionYear year_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
  double rows_ = 0;
};

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  attune::bench::Options options;
  CLI::App app("A year of interactions in the embedded database.");
  app.add_option("--days", options.days, "of the year")->check(CLI::Range(1, 3650));
  app.add_option("--rows-a-day", options.rows_a_day)->check(CLI::Range(1000, 10'000'000));
  app.add_flag("--keep", options.keep, "keep the folder");
  CLI11_PARSE(app, argc, argv);
  const std::string folder = fmt::format("/tmp/interactions_bench.{}", ::getpid());
  std::filesystem::create_directories(folder);
  attune::Result<void> done;
  {
    attune::bench::Bench bench(options, folder);
    done = bench.run();
  }
  if (!options.keep) std::filesystem::remove_all(folder);
  if (done) return 0;
  fmt::print(stderr, "interactions_bench: {}\n", done.error().message());
  return 1;
}
