#include "collect/text.h"

#include <simdjson.h>

#include <algorithm>

namespace attune::collect {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Length in bytes of the valid UTF-8 character at the start of `text`; 0 when there is none.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  std::size_t length = 0;
  if (lead < 0x80) length = 1;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  return simdjson::validate_utf8(text.data(), length) ? length : 0;
}

/// Nearly every text is: looked at as a whole first, which is much faster than by characters.
bool is_clean(std::string_view text) {
  return text.find('\0') == std::string_view::npos &&
         simdjson::validate_utf8(text.data(), text.size());
}

bool good_scheme(std::string_view scheme) {
  if (scheme.empty() || !is_letter(scheme[0])) return false;
  return std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool good_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

bool good_bracketed_host(std::string_view host) {
  return host.size() > 2 && host.back() == ']' &&
         std::all_of(host.begin() + 1, host.end() - 1,
                     [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.' || c == '%'; });
}

void append_without_controls(std::string_view text, std::string& out) {
  if (!has_control(text)) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out.push_back(c);
  }
}

/// Host and port out of "user:password@host:port".
bool split_authority(std::string_view authority, UrlParts& parts) {
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    parts.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  parts.host = authority;
  if (parts.host.empty() || !std::all_of(parts.port.begin(), parts.port.end(), is_digit)) {
    return false;
  }
  return authority.front() == '[' ? good_bracketed_host(authority) : good_host(authority);
}

}  // namespace

std::string_view cut(std::string_view text, std::size_t characters_max) {
  if (text.size() <= characters_max) return text;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (characters == characters_max) return text.substr(0, at);
    ++characters;
  }
  return text;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool has_control(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  return found;
}

std::string make_utf8(std::string_view text) {
  if (is_clean(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = text[0] == '\0' ? 0 : character_bytes(text);
    out.append(length == 0 ? kReplacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
        hex_value(text[at + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])));
      at += 2;
    } else {
      out.push_back(text[at] == '+' ? ' ' : text[at]);
    }
  }
  return is_clean(out) ? out : make_utf8(out);
}

std::optional<UrlParts> split_url(std::string_view url) {
  const auto colon = url.find("://");
  if (colon == std::string_view::npos || !good_scheme(url.substr(0, colon))) return std::nullopt;
  UrlParts parts;
  parts.scheme = url.substr(0, colon);
  url.remove_prefix(colon + 3);
  const auto authority_end = std::min(url.find_first_of("/?#\\"), url.size());
  if (!split_authority(url.substr(0, authority_end), parts)) return std::nullopt;
  url.remove_prefix(authority_end);
  const auto hash = url.find('#');
  if (hash != std::string_view::npos) {
    parts.fragment = url.substr(hash + 1);
    url = url.substr(0, hash);
  }
  const auto question = url.find('?');
  if (question != std::string_view::npos) {
    parts.query = url.substr(question + 1);
    url = url.substr(0, question);
  }
  parts.path = url;
  return parts;
}

bool clean_url(std::string_view text, std::string_view base_host, std::string& out) {
  out.clear();
  text = trim(text);
  if (text.starts_with('/') && !text.starts_with("//")) {
    if (base_host.empty()) return false;
    out.append("https://").append(base_host);
    append_without_controls(text, out);
    return true;
  }
  const auto parts = split_url(text);
  if (!parts) return false;
  const bool secure = equals_ignoring_case(parts->scheme, "https");
  if (!secure && !equals_ignoring_case(parts->scheme, "http")) return false;
  out.append(secure ? "https://" : "http://").append(parts->host);
  if (!parts->port.empty()) out.append(":").append(parts->port);
  // From the end of host and port on, the text is taken as it is.
  const char* host_end = parts->port.data() != nullptr && !parts->port.empty()
                             ? parts->port.data() + parts->port.size()
                             : parts->host.data() + parts->host.size();
  std::string_view rest(host_end, static_cast<std::size_t>(text.data() + text.size() - host_end));
  if (rest.starts_with(':')) rest.remove_prefix(1);  // "http://host:/path"
  append_without_controls(rest, out);
  return true;
}

bool QueryPairs::next(std::string_view& name, std::string_view& value) {
  while (!rest_.empty()) {
    const auto end = std::min(rest_.find('&'), rest_.size());
    const std::string_view pair = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (pair.empty()) continue;
    const auto equal = std::min(pair.find('='), pair.size());
    name = pair.substr(0, equal);
    value = equal < pair.size() ? pair.substr(equal + 1) : std::string_view{};
    return true;
  }
  return false;
}

std::string_view plain_host(std::string_view host, std::string& scratch) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (std::any_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    scratch = lower(host);
    host = scratch;
  }
  if (host.starts_with("www.")) host.remove_prefix(4);
  return host;
}

bool within_domain(std::string_view host, std::string_view domain) {
  if (domain.empty() || !host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace attune::collect
