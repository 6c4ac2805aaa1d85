#include "serve/target.h"

#include <fmt/format.h>

#include <charconv>

#include "serve/json_text.h"

namespace attune::serve {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<Error> bad_target(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), "target");
}

Result<void> read_path(std::string_view path, std::vector<std::string>& segments) {
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    ATTUNE_ASSIGN(std::string segment, percent_decode(path.substr(0, slash), false));
    if (segment == "." || segment == "..") return bad_target("the path has a dot segment");
    if (segments.size() == kSegmentsMax) {
      return bad_target(fmt::format("the path has more than {} segments", kSegmentsMax));
    }
    segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

Result<void> read_query(std::string_view query, QueryParameters& parameters) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    if (parameters.all().size() == kParametersMax) {
      return bad_target(fmt::format("the query has more than {} parameters", kParametersMax));
    }
    const std::size_t equals = pair.find('=');
    ATTUNE_ASSIGN(std::string name, percent_decode(pair.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      ATTUNE_ASSIGN(value, percent_decode(pair.substr(equals + 1), true));
    }
    parameters.add(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

std::optional<std::string_view> QueryParameters::get(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view QueryParameters::get_or(std::string_view name, std::string_view otherwise) const {
  return get(name).value_or(otherwise);
}

Result<std::int64_t> QueryParameters::number(std::string_view name, std::int64_t otherwise,
                                             std::int64_t low, std::int64_t high) const {
  const auto text = get(name);
  if (!text) return otherwise;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stop != end || value < low || value > high) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be a whole number from {} to {}", low, high), std::string(name));
  }
  return value;
}

std::string Target::path() const {
  std::string out;
  for (const std::string& segment : segments) {
    out.push_back('/');
    out += segment;
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const bool whole = i + 2 < text.size();
      const int high = whole ? hex_value(text[i + 1]) : -1;
      const int low = whole ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad_target("a percent escape needs two hex digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return bad_target("the target has a control character");
    out.push_back(c);
  }
  if (!is_utf8(out)) return bad_target("the target is not UTF-8");
  return out;
}

Result<Target> parse_target(std::string_view target) {
  if (target.size() > kTargetBytesMax) {
    return bad_target(fmt::format("the target is longer than {} bytes", kTargetBytesMax));
  }
  if (target.empty() || target.front() != '/') return bad_target("the target must begin with '/'");
  const std::size_t mark = target.find('?');
  Target parsed;
  ATTUNE_TRY(read_path(target.substr(0, mark), parsed.segments));
  if (mark != std::string_view::npos) ATTUNE_TRY(read_query(target.substr(mark + 1), parsed.query));
  return parsed;
}

}  // namespace attune::serve
