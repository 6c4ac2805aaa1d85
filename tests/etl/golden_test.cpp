// Runs tests/golden/etl/*.test: records in, rows out. The format is in that folder's README.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "etl/consumer.h"
#include "etl/memory_journal.h"
#include "etl/random_stream.h"
#include "etl/table_dump.h"
#include "event/event.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kInstantMs = 1'772'021'600'000;   // 07:13:20 in New York

Uuid id_of(std::string_view text) {
  return Uuid::from_name(*Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), text);
}

std::int64_t time_of(const std::string& text) {
  const bool negative = text.starts_with('-');
  const std::size_t colon = text.find(':');
  const std::int64_t minutes = std::abs(std::stoll(text.substr(0, colon)));
  const std::int64_t ms = (minutes * 60 + std::stoll(text.substr(colon + 1))) * 1000;
  return kInstantMs + (negative ? -ms : ms);
}

std::string time_text(std::int64_t ms) {
  const std::int64_t seconds = (ms - kInstantMs) / 1000;
  char text[40];
  std::snprintf(text, sizeof text, "%s%lld:%02lld", seconds < 0 ? "-" : "",
                static_cast<long long>(std::abs(seconds) / 60),
                static_cast<long long>(std::abs(seconds) % 60));
  return text;
}

/// A record's line, with what is absent as empty or zero.
class Line {
 public:
  explicit Line(const std::string& json) : object_(parser_.parse(json)) {}
  std::string text(const char* key, const char* absent = "") const {
    std::string_view found;
    return object_[key].get(found) == simdjson::SUCCESS ? std::string(found) : absent;
  }
  double number(const char* key, double absent) const {
    double found = 0;
    return object_[key].get(found) == simdjson::SUCCESS ? found : absent;
  }
  bool flag(const char* key) const {
    bool found = false;
    return object_[key].get(found) == simdjson::SUCCESS && found;
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> all;
    simdjson::dom::array array;
    if (object_[key].get(array) != simdjson::SUCCESS) return all;
    for (const auto element : array) all.emplace_back(std::string_view(element));
    return all;
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element object_;
};

const event::Site& site() {
  static const event::Site kNewYork = test_sites()[1];
  return kNewYork;
}

event::Event event_of(const Line& line, std::size_t number) {
  event::Event event;
  event.site = site().id;
  event.timestamp_ms = time_of(line.text("at"));
  event.received_ms = time_of(line.text("received", line.text("at").c_str()));
  event.stream = static_cast<std::uint32_t>(line.number("stream", 0));
  event.has_client_event_id = !line.text("id").empty();
  event.event_id = id_of(event.has_client_event_id ? line.text("id") : std::to_string(number));
  event.event_type = line.text("kind");
  event.kind = event::parse_kind(event.event_type).value_or(event::Kind::custom);
  event.session_id = line.text("session");
  event.visitor_id = line.text("visitor");
  event.user_id = line.text("user");
  event.path = line.text("path");
  event.is_bot = line.flag("bot");
  for (int type = 0; type < 8; ++type) {
    const auto candidate = static_cast<event::ReferrerType>(type);
    if (event::to_string(candidate) == line.text("referrer")) event.referrer_type = candidate;
  }
  if (!line.text("decision").empty()) event.decision_id = id_of(line.text("decision"));
  event.revenue = line.number("revenue", 0);
  for (const std::string& id : line.texts("items")) {
    event::Item item;
    item.id = id;
    item.price = line.number("price", -1);
    item.quantity = line.number("quantity", 1);
    event.items.push_back(std::move(item));
  }
  return event;
}

event::Decision decision_of(const Line& line) {
  event::Decision decision;
  decision.decision_id = id_of(line.text("decision"));
  decision.site = site().id;
  decision.decided_ms = time_of(line.text("at"));
  decision.visitor_id = line.text("visitor");
  for (const std::string& id : line.texts("items")) {
    event::DecidedItem item;
    item.item_id = id;
    item.rank = static_cast<std::uint32_t>(decision.items.size() + 1);
    decision.items.push_back(std::move(item));
  }
  return decision;
}

struct Expectation {
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
};

struct Golden {
  MemoryJournal journal;
  std::map<std::string, std::string> numbers;   // position, and its base 32, to "#n"
  std::vector<Expectation> expectations;
};

std::string base32(std::uint64_t value) {
  const std::string digit(1, "0123456789abcdefghijklmnopqrstuv"[value % 32]);
  return value < 32 ? digit : base32(value / 32) + digit;
}

void read_record(const std::string& text, Golden& golden) {
  const Line line(text);
  const std::size_t number = golden.numbers.size() / 2 + 1;
  const std::string kind = line.text("kind");
  std::uint64_t position = 0;
  if (kind == "decision") {
    position = golden.journal.add(decision_of(line));
  } else if (kind == "tick") {
    position = golden.journal.add(event::Tick{time_of(line.text("at"))});
  } else if (kind == "end") {
    position = golden.journal.add(event::ImportEnd{
        site().id, static_cast<std::uint32_t>(line.number("stream", 0)), time_of(line.text("at"))});
  } else {
    position = golden.journal.add(event_of(line, number));
  }
  golden.numbers[std::to_string(position)] = "#" + std::to_string(number);
  golden.numbers["~" + base32(position)] = "~#" + std::to_string(number);
}

void read(const std::filesystem::path& path, Golden& golden) {
  // A position of one digit would look like a small number: the journal begins with damage.
  golden.journal.add_body("\x01" + std::string(1'000'000, '\xff'));
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || (line.starts_with('#') && golden.expectations.empty())) continue;
    if (line.starts_with('{')) {
      read_record(line, golden);
    } else if (line.starts_with("== ")) {
      const std::size_t colon = line.find(':');
      Expectation expectation{line.substr(3, colon - 3), {}, {}};
      std::istringstream columns(line.substr(colon + 1));
      for (std::string column; columns >> column;) expectation.columns.push_back(column);
      golden.expectations.push_back(std::move(expectation));
    } else {
      golden.expectations.back().rows.push_back(line);
    }
  }
}

bool is_time(const std::string& column) {
  return column.ends_with("_at") || column.ends_with("timestamp") ||
         column == "session_start" || column == "session_end";
}

std::string shown(const Golden& golden, const std::string& column, const std::string& value) {
  if (value == "null") return value;
  if (is_time(column)) return time_text(std::stoll(value));
  if (const auto number = golden.numbers.find(value); number != golden.numbers.end()) {
    return number->second;
  }
  const std::size_t mark = value.find('~');
  if (mark == std::string::npos) return value;
  const auto number = golden.numbers.find(value.substr(mark));
  return number == golden.numbers.end() ? value : value.substr(0, mark) + number->second;
}

std::vector<std::string> rows_of(const Golden& golden, const Expectation& expectation,
                                 const TextTables& tables) {
  std::vector<const TextRow*> rows;
  if (tables.contains(expectation.table)) {
    for (const auto& [key, row] : tables.at(expectation.table)) rows.push_back(&row);
  }
  // Keys that are hashes say nothing; those rows stand in the order of their first column.
  const auto order = [&](const TextRow* row) {
    const std::string& table = expectation.table;
    if (table == "users" || table == "product") return std::pair(row->at("external_id"), 0LL);
    if (table == "daily_site_metrics") return std::pair(row->at("metric_date"), 0LL);
    if (table == "recommendations") {
      return std::pair(row->at("position"), std::stoll(row->at("rank")));
    }
    return std::pair(std::string(), std::stoll(row->at(table == "user_sessions" ? "session_key"
                                                                                : "id")));
  };
  std::ranges::sort(rows, {}, order);
  std::vector<std::string> texts;
  for (const TextRow* row : rows) {
    std::string text;
    for (const std::string& column : expectation.columns) {
      text += (text.empty() ? "" : " | ") + shown(golden, column, row->at(column));
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::filesystem::path> golden_files() {
  const char* source = std::getenv("ATTUNE_SOURCE_DIR");
  std::filesystem::path folder = source != nullptr ? source : ".";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "tests/golden/etl")) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void run(const std::filesystem::path& path, std::size_t batch_records_max) {
  SCOPED_TRACE(path.filename().string() + ", batches of " + std::to_string(batch_records_max));
  Golden golden;
  read(path, golden);
  const FixedSites sites(test_sites());
  const RealClock clock;
  const auto store = memory_store();
  Settings settings;
  settings.batch_records_max = batch_records_max;
  Consumer consumer(golden.journal, *store, sites, clock, settings);
  const auto done = consumer.run_until(golden.journal.durable_end());
  ASSERT_TRUE(done) << done.error().message();
  auto session = store->session();
  ASSERT_TRUE(session);
  const TextTables tables = dump_tables(**session);
  ASSERT_FALSE(golden.expectations.empty());
  for (const Expectation& expectation : golden.expectations) {
    EXPECT_EQ(rows_of(golden, expectation, tables), expectation.rows) << expectation.table;
  }
}

TEST(EtlGoldenTest, RowsAreAsTheFilesSay) {
  const auto files = golden_files();
  ASSERT_GE(files.size(), 15u);
  for (const auto& file : files) {
    run(file, 1000);
    run(file, 1);
  }
}

}  // namespace
}  // namespace attune::etl
