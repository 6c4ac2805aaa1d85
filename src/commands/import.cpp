#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <unordered_set>

#include "base/clock.h"
#include "base/hash.h"
#include "collect/importer.h"
#include "commands/commands.h"
#include "commands/progress.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

constexpr std::size_t kBatchEvents = 500;
constexpr std::size_t kBatchBytes = 400 << 10;
constexpr std::size_t kLineBytesMax = 256 << 10;

/// Where every line went; the parts add up to `lines`, which `finish` checks.
struct Account {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t stored = 0;
  std::map<std::string, std::uint64_t> skipped;    // by reason
  std::map<std::string, std::uint64_t> rejected;   // by reason
  std::unordered_set<std::uint64_t> sessions;      // hashes of the client session ids sent

  static std::uint64_t sum(const std::map<std::string, std::uint64_t>& parts) {
    std::uint64_t total = 0;
    for (const auto& [reason, count] : parts) total += count;
    return total;
  }
};

/// The lines that were not taken, with number and reason; the file appears with the first of them.
class SideFile {
 public:
  explicit SideFile(std::string path) : path_(std::move(path)) {}

  Result<void> add(std::uint64_t line_number, std::string_view reason, std::string_view line) {
    if (!out_.is_open()) {
      out_.open(path_, std::ios::binary | std::ios::trunc);
      out_ << "line\treason\ttext\n";
    }
    out_ << line_number << '\t' << reason << '\t' << line << '\n';
    used_ = true;
    if (!out_) return fail(ErrorCode::unavailable, "cannot write " + path_);
    return {};
  }
  bool used() const { return used_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::ofstream out_;
  bool used_ = false;
};

/// Events on their way to the server, and which line each came from.
struct Batch {
  std::string events = "[";
  std::vector<std::uint64_t> lines;
  std::vector<std::string> texts;

  bool full() const { return lines.size() >= kBatchEvents || events.size() >= kBatchBytes; }
  void clear() {
    events = "[";
    lines.clear();
    texts.clear();
  }
};

class Import {
 public:
  Import(Channel& channel, const ImportCommand& command, const Clock& clock)
      : channel_(channel),
        command_(command),
        clock_(clock),
        side_(command.rejects.empty()
                  ? std::filesystem::path(command.file).filename().string() + ".rejected.tsv"
                  : command.rejects),
        progress_("importing " + std::filesystem::path(command.file).filename().string(), "lines",
                  clock) {}

  Result<void> run() {
    const std::int64_t started_us = clock_.steady_us();
    std::error_code error;
    const auto file_bytes = std::filesystem::file_size(command_.file, error);
    if (error) return fail(ErrorCode::not_found, fmt::format("cannot read {}", command_.file));
    std::ifstream in(command_.file, std::ios::binary);
    if (!in) return fail(ErrorCode::not_found, fmt::format("cannot read {}", command_.file));
    ATTUNE_TRY(begin());
    std::string line;
    while (std::getline(in, line)) {
      account_.lines += 1;
      account_.bytes += line.size() + 1;
      ATTUNE_TRY(take(line));
      if (batch_.full()) ATTUNE_TRY(send());
      progress_.update(file_bytes == 0 ? 1.0
                                       : static_cast<double>(account_.bytes) /
                                             static_cast<double>(file_bytes),
                       account_.lines);
    }
    if (in.bad()) return fail(ErrorCode::unavailable, fmt::format("reading {} failed", command_.file));
    ATTUNE_TRY(send());
    ATTUNE_TRY(call("POST", "/finish", "{}"));
    ATTUNE_TRY(wait_for_tables());
    progress_.finish();
    return report(static_cast<double>(clock_.steady_us() - started_us) / 1e6);
  }

 private:
  Result<void> begin() {
    ATTUNE_ASSIGN(const json::value site,
                  channel_.call("GET", "/api/v1/sites/" + encode_component(command_.site)));
    collect::ImportOptions options;
    options.domain = std::string(site.at("domain").as_string());
    options.visitor_key = Uuid::random().text();
    site_id_ = std::string(site.at("id").as_string());
    if (command_.kind == "access-log") importer_ = collect::make_access_log_importer(options);
    if (command_.kind == "sessions") importer_ = collect::make_session_file_importer();
    if (command_.kind == "events") importer_ = collect::make_ndjson_importer();
    if (command_.kind == "interactions") importer_ = collect::make_interaction_importer();
    json::object body{{"kind", command_.kind},
                      {"name", std::filesystem::path(command_.file).filename().string()}};
    ATTUNE_ASSIGN(const json::value begun, channel_.call("POST", base(), json::serialize(body)));
    stream_ = begun.at("stream").to_number<std::int64_t>();
    return {};
  }

  std::string base() const { return "/api/v1/sites/" + site_id_ + "/imports"; }

  Result<json::value> call(const std::string& method, const std::string& tail, std::string body) {
    return channel_.call(method, fmt::format("{}/{}{}", base(), stream_, tail), std::move(body));
  }

  Result<void> take(const std::string& line) {
    if (line.size() > kLineBytesMax) return reject(account_.lines, "line_too_long", line.substr(0, 200));
    const std::size_t before = batch_.events.size();
    if (!batch_.lines.empty()) batch_.events.push_back(',');
    const std::size_t begins = batch_.events.size();
    const collect::LineResult result = importer_->read(line, batch_.events);
    if (result.status == collect::LineStatus::accepted) {
      batch_.lines.push_back(account_.lines);
      batch_.texts.push_back(line);
      note_session(std::string_view(batch_.events).substr(begins));
      return {};
    }
    batch_.events.resize(before);
    if (result.status == collect::LineStatus::skipped) {
      account_.skipped[std::string(result.reason)] += 1;
      return {};
    }
    return reject(account_.lines, result.reason, line);
  }

  /// Session files name their sessions; the closing account says how many there were.
  void note_session(std::string_view event) {
    if (command_.kind != "sessions") return;
    constexpr std::string_view kKey = "\"session_id\":\"";
    const std::size_t at = event.find(kKey);
    if (at == std::string_view::npos) return;
    const std::string_view rest = event.substr(at + kKey.size());
    account_.sessions.insert(hash64(rest.substr(0, rest.find('"'))));
  }

  Result<void> reject(std::uint64_t line_number, std::string_view reason, std::string_view line) {
    account_.rejected[std::string(reason)] += 1;
    return side_.add(line_number, reason, line);
  }

  Result<void> send() {
    if (batch_.lines.empty()) return {};
    batch_.events.push_back(']');
    batch_number_ += 1;
    const char* what = command_.kind == "interactions" ? "interactions" : "events";
    auto answer =
        call("POST", fmt::format("/{}?batch={}", what, batch_number_), batch_.events);
    if (!answer) return pass(answer, fmt::format("sending lines {} to {}", batch_.lines.front(),
                                                 batch_.lines.back()));
    std::uint64_t rejected = 0;
    if (const json::value* results = answer->as_object().if_contains("results")) {
      for (const json::value& verdict : results->as_array()) {
        if (verdict.at("status").as_string() != "rejected") continue;
        const auto index = verdict.at("index").to_number<std::size_t>();
        const json::object& error = verdict.at("error").as_object();
        rejected += 1;
        ATTUNE_TRY(reject(batch_.lines.at(index), reason_of(error), batch_.texts.at(index)));
      }
    }
    account_.stored += batch_.lines.size() - rejected;
    batch_.clear();
    return {};
  }

  /// Code, field and, where one was broken, the name of the constraint: few words to count by.
  static std::string reason_of(const json::object& error) {
    std::string reason(error.at("code").as_string());
    if (const json::value* field = error.if_contains("field")) {
      std::string_view path = field->as_string();
      if (path.starts_with('[')) path.remove_prefix(std::min(path.size(), path.find("].") + 2));
      if (!path.empty()) reason = fmt::format("{} {}", reason, path);
    }
    constexpr std::string_view kConstraint = "(constraint ";
    const std::string_view message = error.at("message").as_string();
    const std::size_t at = message.find(kConstraint);
    if (at == std::string_view::npos) return reason;
    const std::string_view name = message.substr(at + kConstraint.size());
    return fmt::format("{} {}", reason, name.substr(0, name.find(')')));
  }

  /// The events are safe in the journal now; this waits until the tables show them.
  Result<void> wait_for_tables() {
    std::mutex mutex;
    std::condition_variable never;
    std::uint64_t goal = 0;
    std::uint64_t begun = 0;
    for (;;) {
      ATTUNE_ASSIGN(const json::value status, channel_.call("GET", "/api/v1/status"));
      const auto position = status.at("etl").at("position").to_number<std::uint64_t>();
      if (goal == 0) {
        goal = status.at("journal").at("durable_end").to_number<std::uint64_t>();
        begun = position;
      }
      if (position >= goal) return {};
      progress_.update(static_cast<double>(position - begun) /
                           static_cast<double>(std::max<std::uint64_t>(1, goal - begun)),
                       0, "filling tables");
      std::unique_lock lock(mutex);
      never.wait_for(lock, std::chrono::milliseconds(50));
    }
  }

  Result<void> report(double seconds) const {
    const std::uint64_t skipped = Account::sum(account_.skipped);
    const std::uint64_t rejected = Account::sum(account_.rejected);
    ensure_adds_up(skipped + rejected);
    if (command_.format == "json") {
      json::object skipped_parts;
      json::object rejected_parts;
      for (const auto& [reason, count] : account_.skipped) skipped_parts[reason] = count;
      for (const auto& [reason, count] : account_.rejected) rejected_parts[reason] = count;
      json::object out{{"lines", account_.lines},   {"stored", account_.stored},
                       {"skipped", skipped},        {"skipped_by_reason", skipped_parts},
                       {"rejected", rejected},      {"rejected_by_reason", rejected_parts},
                       {"seconds", seconds},        {"stream", stream_}};
      if (command_.kind == "sessions") out["sessions"] = account_.sessions.size();
      if (side_.used()) out["rejects_file"] = side_.path();
      fmt::print("{}\n", json::serialize(out));
      return {};
    }
    fmt::print("{}: {} lines in {}\n", command_.file, grouped(account_.lines), duration_text(seconds));
    fmt::print("  stored    {:>12}{}\n", grouped(account_.stored),
               command_.kind == "sessions"
                   ? fmt::format("   clicks in {} sessions", grouped(account_.sessions.size()))
                   : std::string());
    print_parts("skipped", skipped, account_.skipped);
    print_parts("rejected", rejected, account_.rejected);
    fmt::print("  sum       {:>12}   equals the lines read\n",
               grouped(account_.stored + skipped + rejected));
    if (side_.used()) fmt::print("rejected lines, with reasons: {}\n", side_.path());
    return {};
  }

  void ensure_adds_up(std::uint64_t not_stored) const;

  static void print_parts(const char* title, std::uint64_t total,
                          const std::map<std::string, std::uint64_t>& parts) {
    fmt::print("  {:<9} {:>12}\n", title, grouped(total));
    for (const auto& [reason, count] : parts) fmt::print("    {:>12}  {}\n", grouped(count), reason);
  }

  Channel& channel_;
  const ImportCommand& command_;
  const Clock& clock_;
  SideFile side_;
  Progress progress_;
  std::unique_ptr<collect::LineImporter> importer_;
  std::string site_id_;
  std::int64_t stream_ = 0;
  std::uint64_t batch_number_ = 0;
  Account account_;
  Batch batch_;
};

void Import::ensure_adds_up(std::uint64_t not_stored) const {
  ensure(account_.stored + not_stored == account_.lines, "every line read is accounted for");
}

}  // namespace

Result<void> run_import(Channel& channel, const ImportCommand& command, const Clock& clock) {
  constexpr std::array<std::string_view, 4> kKinds{"access-log", "sessions", "events",
                                                   "interactions"};
  if (std::ranges::find(kKinds, command.kind) == kKinds.end()) {
    return fail(ErrorCode::invalid_argument, "unknown kind of file: " + command.kind);
  }
  return Import(channel, command, clock).run();
}

}  // namespace attune::commands
