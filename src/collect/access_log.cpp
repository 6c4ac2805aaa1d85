// Reads access logs in the common and the combined format:
//   host ident user [17/May/2015:10:05:03 +0000] "GET /path HTTP/1.1" 200 203023 "referer" "user
//   agent"
// A pageview is a GET that was answered 200..299 (but 204, 205, 206) or 304 with something that is
// a page by its path. All else is skipped under a reason, most general first: method, status, then
// what the path says. Where a log line has no referer and agent (common format) they are empty, and
// the hit counts as a bot's.
#include <fmt/format.h>
#include <simdjson.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/ensure.h"
#include "base/json_writer.h"
#include "collect/importer.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

constexpr std::size_t kLineBytesMax = 64 << 10;

/// Views into one line.
struct LogLine {
  std::string_view host;
  std::string_view time;
  std::string_view request;
  std::string_view status;
  std::string_view bytes;
  std::string_view referer;
  std::string_view agent;
};

/// Up to `end`, which is left out; the rest begins after it.
bool take_until(std::string_view& rest, char end, std::string_view& out) {
  const auto at = rest.find(end);
  if (at == std::string_view::npos) return false;
  out = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return true;
}

bool take_char(std::string_view& rest, char wanted) {
  if (!rest.starts_with(wanted)) return false;
  rest.remove_prefix(1);
  return true;
}

/// A quoted part; \" within does not end it.
bool take_quoted(std::string_view& rest, std::string_view& out) {
  if (!take_char(rest, '"')) return false;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      out = rest.substr(0, at);
      rest.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

bool split_line(std::string_view rest, LogLine& line) {
  std::string_view ident;
  if (!take_until(rest, ' ', line.host) || !take_until(rest, ' ', ident) || line.host.empty()) {
    return false;
  }
  // The user may have spaces: everything up to the time.
  const auto bracket = rest.find(" [");
  if (bracket == std::string_view::npos) return false;
  rest.remove_prefix(bracket + 2);
  if (!take_until(rest, ']', line.time) || !take_char(rest, ' ') ||
      !take_quoted(rest, line.request) || !take_char(rest, ' ')) {
    return false;
  }
  if (!take_until(rest, ' ', line.status)) return false;
  if (!take_until(rest, ' ', line.bytes)) {
    line.bytes = rest;
    return !line.bytes.empty();
  }
  if (!take_quoted(rest, line.referer)) return false;
  if (take_char(rest, ' ') && !take_quoted(rest, line.agent)) return false;
  return true;
}

/// What Apache escapes in quoted parts: \" \\ \t \n \r and \xhh. Clients send any bytes, so what
/// comes out is made UTF-8.
std::string unescape(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out.push_back(text[at]);
      continue;
    }
    const char kind = text[++at];
    int value = 0;
    if (kind == 'x' && at + 2 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 3, value, 16).ptr ==
            text.data() + at + 3) {
      out.push_back(static_cast<char>(value));
      at += 2;
    } else {
      out.push_back(kind == 't' ? '\t' : kind == 'n' ? '\n' : kind == 'r' ? '\r' : kind);
    }
  }
  return make_utf8(out);
}

bool read_int(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "17/May/2015:10:05:03 +0000" to milliseconds.
bool read_log_time(std::string_view text, std::int64_t& ms) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // 01234567890123456789012345
  // 17/May/2015:10:05:03 +0000
  if (text.size() != 26 || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' ||
      text[17] != ':' || text[20] != ' ' || (text[21] != '+' && text[21] != '-')) {
    return false;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(3, 3));
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, zone = 0;
  if (month == kMonths.end() || !read_int(text.substr(0, 2), day) ||
      !read_int(text.substr(7, 4), year) || !read_int(text.substr(12, 2), hour) ||
      !read_int(text.substr(15, 2), minute) || !read_int(text.substr(18, 2), second) ||
      !read_int(text.substr(22, 4), zone)) {
    return false;
  }
  const std::chrono::year_month_day date{
      std::chrono::year{year},
      std::chrono::month{static_cast<unsigned>(month - kMonths.begin()) + 1},
      std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || hour < 0 || minute < 0 ||
      second < 0 || zone < 0 || zone % 100 > 59) {
    return false;
  }
  const std::int64_t zone_minutes = (zone / 100 * 60 + zone % 100) * (text[21] == '-' ? -1 : 1);
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  ms = ((days * 1440 + hour * 60 + minute - zone_minutes) * 60 + second) * 1000;
  return true;
}

struct FileType {
  std::string_view extension;
  std::string_view reason;
};

constexpr FileType kFileTypes[] = {
    {"png", "image"},      {"jpg", "image"},     {"jpeg", "image"},     {"gif", "image"},
    {"ico", "image"},      {"svg", "image"},     {"webp", "image"},     {"avif", "image"},
    {"bmp", "image"},      {"tif", "image"},     {"tiff", "image"},     {"css", "style"},
    {"less", "style"},     {"js", "script"},     {"mjs", "script"},     {"map", "script"},
    {"wasm", "script"},    {"woff", "font"},     {"woff2", "font"},     {"ttf", "font"},
    {"otf", "font"},       {"eot", "font"},      {"mp3", "media"},      {"mp4", "media"},
    {"ogg", "media"},      {"webm", "media"},    {"avi", "media"},      {"mov", "media"},
    {"wav", "media"},      {"swf", "media"},     {"flv", "media"},      {"zip", "download"},
    {"gz", "download"},    {"tgz", "download"},  {"bz2", "download"},   {"xz", "download"},
    {"tar", "download"},   {"rar", "download"},  {"7z", "download"},    {"exe", "download"},
    {"dmg", "download"},   {"iso", "download"},  {"deb", "download"},   {"rpm", "download"},
    {"pdf", "download"},   {"jar", "download"},  {"json", "data_file"}, {"xml", "data_file"},
    {"csv", "data_file"},  {"yml", "data_file"}, {"rss", "feed"},       {"atom", "feed"},
    {"rdf", "feed"},       {"txt", "data_file"}, {"log", "data_file"},  {"conf", "data_file"},
    {"py", "data_file"},   {"pyc", "data_file"}, {"rb", "data_file"},   {"sh", "data_file"},
    {"c", "data_file"},    {"h", "data_file"},   {"cpp", "data_file"},  {"lua", "data_file"},
    {"xsl", "data_file"},  {"tex", "data_file"}, {"spec", "data_file"}, {"patch", "data_file"},
    {"diff", "data_file"}, {"vim", "data_file"}, {"md", "data_file"},   {"pcap", "data_file"},
    {"doc", "download"},   {"docx", "download"}, {"xls", "download"},   {"xlsx", "download"},
};

/// Why a path is no page, or nothing when it is one.
std::string_view not_a_page(std::string_view path, std::string_view query) {
  const std::string small = lower(path);
  std::string_view plain = small;
  while (plain.size() > 1 && plain.back() == '/') plain.remove_suffix(1);
  const auto slash = plain.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? plain : plain.substr(slash + 1);
  if (last == "robots.txt") return "robots";
  if (last == "feed" || last == "rss" || last == "atom") return "feed";
  const std::string small_query = lower(query);
  for (const std::string_view mark :
       {"flav=rss", "flav=atom", "feed=rss", "feed=atom", "format=feed"}) {
    if (small_query.find(mark) != std::string::npos) return "feed";
  }
  const auto dot = last.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  for (const FileType& type : kFileTypes) {
    if (last.substr(dot + 1) == type.extension) return type.reason;
  }
  return {};
}

std::string_view not_by_status(int status) {
  if (status < 200) return "informational";
  if (status == 204 || status == 205 || status == 206) return "no_page_status";
  if (status < 300 || status == 304) return {};
  if (status < 400) return "redirect";
  return status < 500 ? "client_error" : "server_error";
}

class AccessLogImporter final : public LineImporter {
 public:
  explicit AccessLogImporter(ImportOptions options) : options_(std::move(options)) {
    ensure(options_.visitor_key.size() >= 16, "an import has a key for its visitors");
    ensure(sodium_init() >= 0, "libsodium starts");
  }

  LineResult read(std::string_view text, std::string& event_json) override {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (trim(text).empty()) return {LineStatus::skipped, "blank"};
    if (text.size() > kLineBytesMax) return {LineStatus::rejected, "too_long"};
    if (!simdjson::validate_utf8(text.data(), text.size()) ||
        text.find('\0') != std::string_view::npos) {
      return {LineStatus::rejected, "not_utf8"};
    }
    LogLine line;
    if (!split_line(text, line)) return {LineStatus::rejected, "not_a_log_line"};
    std::int64_t time_ms = 0;
    if (!read_log_time(line.time, time_ms)) return {LineStatus::rejected, "bad_time"};
    int status = 0;
    if (!read_int(line.status, status) || status < 100 || status > 599) {
      return {LineStatus::rejected, "bad_status"};
    }
    return read_request(line, status, time_ms, event_json);
  }

 private:
  LineResult read_request(const LogLine& line, int status, std::int64_t time_ms,
                          std::string& event_json) const {
    const std::string request = unescape(line.request);
    std::string_view rest = request;
    std::string_view method;
    std::string_view target;
    if (!take_until(rest, ' ', method) || method.empty()) {
      return {LineStatus::rejected, "bad_request_line"};
    }
    const auto version = rest.rfind(" HTTP/");
    target = version == std::string_view::npos ? rest : rest.substr(0, version);
    if (target.empty()) return {LineStatus::rejected, "bad_request_line"};
    if (method != "GET") return {LineStatus::skipped, "not_get"};
    if (const auto reason = not_by_status(status); !reason.empty()) {
      return {LineStatus::skipped, reason};
    }
    std::string url;
    if (!clean_url(target.starts_with("//") ? target.substr(1) : target, options_.domain, url)) {
      return {LineStatus::rejected, "bad_request_line"};
    }
    const auto parts = split_url(url);
    if (!parts) return {LineStatus::rejected, "bad_request_line"};
    if (const auto reason = not_a_page(parts->path, parts->query); !reason.empty()) {
      return {LineStatus::skipped, reason};
    }
    write_event(line, status, time_ms, url, event_json);
    return {LineStatus::accepted, {}};
  }

  void write_event(const LogLine& line, int status, std::int64_t time_ms, const std::string& url,
                   std::string& event_json) const {
    const std::string referer = unescape(line.referer);
    std::string agent = unescape(line.agent);
    if (agent == "-") agent.clear();
    JsonWriter out(event_json);
    out.begin_object();
    const auto text = [&out](std::string_view key, std::string_view value) {
      out.key(key);
      out.text(value);
    };
    text("type", "pageview");
    out.key("timestamp");
    out.integer(time_ms);
    text("url", cut(url, 8000));
    if (!referer.empty() && referer != "-") text("referrer", cut(referer, 2000));
    text("visitor_id", visitor(line.host, agent));
    if (line.host.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos &&
        line.host.find_first_of(".:") != std::string_view::npos) {
      text("ip", line.host);
    }
    text("user_agent", agent.empty() ? "-" : std::string_view(agent));
    out.key("data");
    out.begin_object();
    out.key("status");
    out.integer(status);
    int bytes = 0;
    if (read_int(line.bytes, bytes)) {
      out.key("bytes");
      out.integer(bytes);
    }
    out.end_object();
    out.end_object();
  }

  /// One address with one user agent is one visitor, as the log cannot tell better.
  std::string visitor(std::string_view host, std::string_view agent) const {
    unsigned char hash[16];
    const std::string input = fmt::format("{}\n{}", host, agent);
    const std::string_view key = std::string_view(options_.visitor_key).substr(0, 64);
    crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(input.data()),
                       input.size(), reinterpret_cast<const unsigned char*>(key.data()),
                       key.size());
    char text[25];
    sodium_bin2base64(text, sizeof text, hash, sizeof hash,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return fmt::format("v{}", text);
  }

  ImportOptions options_;
};

}  // namespace

std::unique_ptr<LineImporter> make_access_log_importer(ImportOptions options) {
  return std::make_unique<AccessLogImporter>(std::move(options));
}

}  // namespace attune::collect
