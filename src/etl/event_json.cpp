#include "etl/event_json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace attune::etl {
namespace {

constexpr std::array<std::string_view, 15> kEventDataKeys = {
    "cart_value", "checkout_step", "currency", "data",        "decision_id",
    "element",    "extra",         "items",    "order_id",    "query",
    "revenue",    "text",          "text_length", "time_on_page", "visibility"};
static_assert(std::ranges::is_sorted(kEventDataKeys));

/// What an event says of the cart or order that its items are in.
constexpr std::array<std::string_view, 4> kContextKeys = {"cart_value", "checkout_step", "order_id",
                                                          "revenue"};
static_assert(std::ranges::is_sorted(kContextKeys));

/// Walks over the members of an object without looking into their values.
class MemberReader {
 public:
  explicit MemberReader(std::string_view json) : json_(json) {
    skip_space();
    ok_ = take('{');
    skip_space();
  }

  /// The next member: its key as written (escapes and all), its value, both; nullopt at the end or
  /// where the text is not JSON.
  struct Member {
    std::string_view key;
    std::string_view value;
    std::string_view whole;
  };
  std::optional<Member> next() {
    if (!ok_ || at_ >= json_.size() || json_[at_] == '}') return std::nullopt;
    const std::size_t begin = at_;
    const std::optional<std::string_view> key = string();
    skip_space();
    if (!key || !take(':')) return std::nullopt;
    skip_space();
    const std::size_t value_begin = at_;
    if (!skip_value()) return std::nullopt;
    const std::size_t end = at_;
    skip_space();
    if (take(',')) skip_space();
    return Member{*key, json_.substr(value_begin, end - value_begin),
                  json_.substr(begin, end - begin)};
  }

 private:
  bool take(char c) {
    if (at_ >= json_.size() || json_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < json_.size() && (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\r' ||
                                  json_[at_] == '\t')) {
      ++at_;
    }
  }
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    while (at_ < json_.size() && json_[at_] != '"') at_ += json_[at_] == '\\' ? 2 : 1;
    if (at_ >= json_.size()) return std::nullopt;
    return json_.substr(begin, at_++ - begin);
  }
  bool skip_value() {
    std::size_t depth = 0;
    while (at_ < json_.size()) {
      const char c = json_[at_];
      if (c == '"') {
        if (!string()) return false;
        if (depth == 0) return true;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') {
        if (depth == 0) return true;   // the end of the object around a number or a word
        --depth;
        ++at_;
        if (depth == 0) return true;
        continue;
      }
      if (depth == 0 && (c == ',' || c == ' ' || c == '\n')) return true;
      ++at_;
    }
    return false;
  }

  std::string_view json_;
  std::size_t at_ = 0;
  bool ok_ = false;
};

bool has_more_than_columns(std::string_view element) {
  MemberReader members(element);
  while (const auto member = members.next()) {
    if (member->key == "text" || member->key == "href") return true;
  }
  return false;
}

void append_member(std::string_view key, std::string_view text, bool& any, std::string& out) {
  if (text.empty()) return;
  out.push_back(any ? ',' : '{');
  any = true;
  out.append("\"").append(key).append("\":");
  append_json_text(text, out);
}

}  // namespace

bool append_event_data(std::string_view raw, std::string& out) {
  bool any = false;
  MemberReader members(raw);
  while (const auto member = members.next()) {
    if (!std::ranges::binary_search(kEventDataKeys, member->key)) continue;
    if (member->key == "element" && !has_more_than_columns(member->value)) continue;
    out.push_back(any ? ',' : '{');
    any = true;
    out.append(member->whole);
  }
  if (any) out.push_back('}');
  return any;
}

bool append_context(const event::EventView& event, const event::ItemView& item, std::string& out) {
  bool any = false;
  append_member("category", item.category, any, out);
  append_member("brand", item.brand, any, out);
  if (event.device != event::DeviceType::unknown) {
    append_member("device_type", event::to_string(event.device), any, out);
  }
  append_member("page", event.path, any, out);
  MemberReader members(event.raw_json);
  while (const auto member = members.next()) {
    if (!std::ranges::binary_search(kContextKeys, member->key)) continue;
    out.push_back(any ? ',' : '{');
    any = true;
    out.append(member->whole);
  }
  if (any) out.push_back('}');
  return any;
}

void append_json_text(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace attune::etl
