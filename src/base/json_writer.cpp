#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace attune {
namespace {

constexpr char kHex[] = "0123456789abcdef";

/// 0: goes out as it is; 'u': \u00xx; else the letter after the backslash.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  return escapes;
}();

template <class Number>
void append_number(std::string& out, Number value) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

void JsonWriter::quote(std::string_view value) {
  const auto is_plain = [](char c) { return kEscapes[static_cast<unsigned char>(c)] == 0; };
  if (std::ranges::all_of(value, is_plain)) {   // nearly always; one growth instead of three
    const std::size_t begin = out_.size();
    out_.resize(begin + value.size() + 2);
    out_[begin] = '"';
    value.copy(out_.data() + begin + 1, value.size());
    out_.back() = '"';
    return;
  }
  out_.push_back('"');
  std::size_t from = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const auto byte = static_cast<unsigned char>(value[at]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out_.append(value, from, at - from);
    from = at + 1;
    out_.push_back('\\');
    out_.push_back(escape);
    if (escape != 'u') continue;
    out_.append("00");
    out_.push_back(kHex[byte >> 4]);
    out_.push_back(kHex[byte & 15]);
  }
  out_.append(value, from);
  out_.push_back('"');
}

void JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::text(std::string_view value) {
  separate();
  quote(value);
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::number(double value) {
  separate();
  if (!std::isfinite(value)) {
    out_.append("null");
  } else {
    append_number(out_, value);
  }
}

void JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
}

void JsonWriter::null() {
  separate();
  out_.append("null");
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
}

}  // namespace attune
