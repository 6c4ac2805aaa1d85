#include "campaign/template/escape.h"

#include <fmt/format.h>

#include <iterator>

namespace attune::campaign::liquid {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Bytes of the character at `at`; 0: it is no UTF-8.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2
                            : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (bytes == 0 || at + bytes > text.size()) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  }
  if (bytes < 3) return bytes;
  const unsigned char second = byte(at + 1);
  // Longer than needed, a surrogate, above U+10FFFF.
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return bytes;
}

std::string clean(std::string_view text, bool one_line) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_bytes(text, i);
    const std::string_view character = text.substr(i, bytes);
    const auto c = static_cast<unsigned char>(text[i]);
    if (bytes == 0) {
      out += "\xEF\xBF\xBD";
    } else if (one_line && (c == '\r' || c == '\n' || c == '\t' || character == "\xE2\x80\xA8" ||
                            character == "\xE2\x80\xA9")) {
      out += ' ';
    } else if (bytes > 1 || c == '\n' || c == '\t' || (c >= ' ' && c != 0x7F)) {
      out += character;
    }
    i += bytes == 0 ? 1 : bytes;
  }
  return out;
}

/// For a string of a script in either quotes, within a page.
std::string escape_script(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c) || byte >= 0x80 || c == ' ' || c == ',' || c == '.' || c == '_') {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}", static_cast<unsigned>(byte));
    }
  }
  // Line ends of scripts before ECMAScript 2019.
  for (const std::string_view line : {"\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    for (std::size_t at = 0; (at = out.find(line, at)) != std::string::npos;) {
      out.replace(at, line.size(), line.back() == '\xA8' ? "\\u2028" : "\\u2029");
    }
  }
  return out;
}

/// Percents where a URL needs them; what a URL may hold stays, but never what ends an attribute.
std::string encode_url_but(std::string_view text, std::string_view kept) {
  std::string out;
  for (const char c : text) {
    const bool stays = is_plain(c) || kept.find(c) != std::string_view::npos;
    if (stays) out += c;
    else fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

constexpr std::string_view kUrlKept = "-._~/?#[]@:!$&()*+,;=%";

bool has_safe_scheme(std::string_view url) {
  const std::size_t end = url.find_first_of(":/?#");
  if (end == std::string_view::npos || url[end] != ':') return true;   // relative
  std::string scheme(url.substr(0, end));
  for (char& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel";
}

}  // namespace

std::string clean_text(std::string_view text) { return clean(text, false); }
std::string clean_line(std::string_view text) { return clean(text, true); }

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      case '`': out += "&#96;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string encode_url(std::string_view text) { return encode_url_but(clean_text(text), "-._~"); }

std::string escape_for(HtmlPlace::Escape place, std::string_view text, bool is_url_encoded) {
  using enum HtmlPlace::Escape;
  switch (place) {
    case html:
    case attribute:
      return escape_html(text);
    case js_string:
      return escape_script(text);
    case url_start: {
      // Leading spaces and controls would be skipped by a browser, a backslash read as a slash.
      std::string url = clean_line(text);
      url.erase(0, std::min(url.find_first_not_of(' '), url.size()));
      if (!has_safe_scheme(url)) return "#";
      return escape_html(encode_url_but(url, kUrlKept));
    }
    case url_path:
      if (is_url_encoded) return escape_html(encode_url_but(clean_line(text), "-._~/%"));
      return escape_html(encode_url_but(clean_line(text), "-._~/"));
    case url_scheme:
    case url_query:
      if (is_url_encoded) return escape_html(encode_url_but(clean_line(text), "-._~%"));
      return encode_url(text);
    default:
      return {};
  }
}

}  // namespace attune::campaign::liquid
