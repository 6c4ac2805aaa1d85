// The two simple importers: click sessions of a shop (SessionId, ItemId, Time), and our own NDJSON.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_writer.h"
#include "collect/importer.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

constexpr std::size_t kLineBytesMax = 512 << 10;  // half a body: a line always fits into one
constexpr std::size_t kDepthMax = 14;             // 16 less the two levels of {"events":[...]}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

/// 1..79 characters without controls and without "~": what a session id may be.
bool good_id(std::string_view text, std::size_t characters_max) {
  return !text.empty() && cut(text, characters_max).size() == text.size() && !has_control(text) &&
         text.find('~') == std::string_view::npos;
}

class SessionFileImporter final : public LineImporter {
 public:
  LineResult read(std::string_view line, std::string& event_json) override {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_first = is_first_;
    is_first_ = false;
    if (is_first && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (trim(line).empty()) return {LineStatus::skipped, "blank"};
    if (is_first && line == "SessionId\tItemId\tTime") return {LineStatus::skipped, "header"};
    const auto first = line.find('\t');
    const auto second = first == std::string_view::npos ? first : line.find('\t', first + 1);
    if (second == std::string_view::npos || line.find('\t', second + 1) != std::string_view::npos) {
      return {LineStatus::rejected, "wrong_columns"};
    }
    const std::string_view session = line.substr(0, first);
    const std::string_view item = line.substr(first + 1, second - first - 1);
    if (!is_utf8(session) || !good_id(session, 79)) return {LineStatus::rejected, "bad_session"};
    if (!is_utf8(item) || !good_id(item, 255)) return {LineStatus::rejected, "bad_item"};
    std::int64_t time_ms = 0;
    if (!read_seconds(line.substr(second + 1), time_ms)) return {LineStatus::rejected, "bad_time"};
    write_event(session, item, time_ms, event_json);
    return {LineStatus::accepted, {}};
  }

 private:
  static bool read_seconds(std::string_view text, std::int64_t& ms) {
    constexpr double kEarliestS = 946684800;  // 2000-01-01
    constexpr double kLatestS = 4102444800;   // 2100-01-01
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || !(seconds >= kEarliestS) ||
        !(seconds < kLatestS)) {
      return false;
    }
    ms = std::llround(seconds * 1000);
    return true;
  }

  static void write_event(std::string_view session, std::string_view item, std::int64_t time_ms,
                          std::string& event_json) {
    JsonWriter out(event_json);
    out.begin_object();
    out.key("type");
    out.text("product_view");
    out.key("timestamp");
    out.integer(time_ms);
    out.key("session_id");
    out.text(session);
    out.key("visitor_id");
    out.text(session);
    out.key("items");
    out.begin_array();
    out.begin_object();
    out.key("id");
    out.text(item);
    out.end_object();
    out.end_array();
    out.end_object();
  }

  bool is_first_ = true;
};

class NdjsonImporter final : public LineImporter {
 public:
  LineResult read(std::string_view line, std::string& event_json) override {
    line = trim(line);
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.empty()) return {LineStatus::skipped, "blank"};
    if (line.size() > kLineBytesMax) return {LineStatus::rejected, "too_long"};
    if (!is_utf8(line)) return {LineStatus::rejected, "not_utf8"};
    // Parsed here already, because the lines go on in one array: a broken one must not take the
    // others with it.
    simdjson::dom::element root;
    if (parser_.capacity() < line.size() &&
        parser_.allocate(std::max<std::size_t>(line.size(), 4096), kDepthMax) !=
            simdjson::SUCCESS) {
      return {LineStatus::rejected, "too_long"};
    }
    if (parser_.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS ||
        !root.is_object()) {
      return {LineStatus::rejected, "not_an_object"};
    }
    event_json.append(line);
    return {LineStatus::accepted, {}};
  }

 private:
  simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<LineImporter> make_session_file_importer() {
  return std::make_unique<SessionFileImporter>();
}

std::unique_ptr<LineImporter> make_ndjson_importer() {
  return std::make_unique<NdjsonImporter>();
}

}  // namespace attune::collect
