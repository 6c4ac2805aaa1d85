// Small pieces of text work that several collectors share: cutting in characters, percent decoding,
// hosts and URLs. All of it is byte safe on any input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attune::collect {

/// The first `characters_max` characters of valid UTF-8 text; never ends inside one.
std::string_view cut(std::string_view text, std::size_t characters_max);

std::string_view trim(std::string_view text);

inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
inline char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
std::string lower(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);

/// Whether `text` has a byte below 0x20, or 0x7f: no identifier may.
bool has_control(std::string_view text);

/// A value of a URL's query: %xx and '+' decoded. Bytes that are then no UTF-8 become U+FFFD.
std::string percent_decode(std::string_view text);

/// Replaces every byte that is not part of valid UTF-8 by U+FFFD, and NUL too.
std::string make_utf8(std::string_view text);

/// Views into one URL. `host` has no port, no user; case as in the text.
struct UrlParts {
  std::string_view scheme;  // "https", without ':'
  std::string_view host;
  std::string_view port;      // "8080", or empty
  std::string_view path;      // with its '/', or empty
  std::string_view query;     // without '?'
  std::string_view fragment;  // without '#'
};

/// Takes "scheme://host..." apart.
/// Returns  nothing for any other text, and for an empty host.
std::optional<UrlParts> split_url(std::string_view url);

/// Puts an http or https URL, or a path beginning with '/', into `out`: user and password removed,
/// white space at the ends and control characters left out, the scheme in lower case.
///
/// base_host  what a path is resolved against: "shop.example".
/// Returns    false when it is neither; `out` is then not defined.
bool clean_url(std::string_view text, std::string_view base_host, std::string& out);

/// Walks over the "name=value" pairs of a query: `next` gives views of both, not decoded.
class QueryPairs {
 public:
  explicit QueryPairs(std::string_view query) : rest_(query) {}
  bool next(std::string_view& name, std::string_view& value);

 private:
  std::string_view rest_;
};

/// A host for comparison: lower case, without "www." and without a final dot.
/// Returns  a view into `scratch` or into `host`.
std::string_view plain_host(std::string_view host, std::string& scratch);

/// Whether `host` is `domain` or lies below it, on whole labels. Both in lower case.
bool within_domain(std::string_view host, std::string_view domain);

}  // namespace attune::collect
