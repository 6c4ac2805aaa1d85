// What Gorse's clients send and read: users, items, feedback and scores in Gorse's JSON, whose
// rules for labels and dates are kept. docs/gorse.md is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace attune::serve::gorse {

inline constexpr std::size_t kRowsMax = 10'000;         // of one request
inline constexpr std::size_t kIdBytesMax = 255;         // of users, items, types and categories
inline constexpr std::size_t kCommentBytesMax = 65'536;
inline constexpr std::size_t kLabelsBytesMax = 262'144;  // as JSON
inline constexpr std::size_t kCategoriesMax = 100;

struct User {
  std::string id;
  std::string labels = "null";  // JSON, as it was sent but for spaces
  std::string comment;
};

struct UserPatch {
  std::optional<std::string> labels;
  std::optional<std::string> comment;
};

struct Item {
  std::string id;
  bool is_hidden = false;
  std::vector<std::string> categories;
  std::optional<std::int64_t> timestamp_us;
  std::string labels = "null";
  std::string comment;
};

struct ItemPatch {
  std::optional<bool> is_hidden;
  std::optional<std::vector<std::string>> categories;
  std::optional<std::int64_t> timestamp_us;
  std::optional<std::string> labels;
  std::optional<std::string> comment;
};

struct Feedback {
  std::string type;
  std::string user;
  std::string item;
  double value = 0;
  std::int64_t timestamp_us = 0;
  std::string labels = "null";
  std::string comment;
  std::int64_t updated_us = 0;
};

struct Score {
  std::string id;
  double score = 0;
};

/// Whether a body holds one object or a list of them.
enum class Shape : std::uint8_t { one, list };

// Readers of bodies. Names of members in any case, others than Gorse's are passed over, as Gorse
// does.
// Errors  invalid_argument: not JSON, more than kRowsMax rows, or a rule is broken; the message
//         names row and member.
[[nodiscard]] Result<std::vector<User>> read_users(std::string_view body, Shape shape);
[[nodiscard]] Result<std::vector<Item>> read_items(std::string_view body, Shape shape);
[[nodiscard]] Result<UserPatch> read_user_patch(std::string_view body);
[[nodiscard]] Result<ItemPatch> read_item_patch(std::string_view body);
/// now_us  for feedback without a timestamp.
[[nodiscard]] Result<std::vector<Feedback>> read_feedback(std::string_view body,
                                                          std::int64_t now_us);

/// Gorse's labels: null, a text, a number, a list of texts or of numbers, or an object of those.
bool labels_are_valid(const boost::json::value& labels);

/// Merges rows of one key, so that each stands once: values are added, or the last row wins.
void merge_feedback(std::vector<Feedback>& feedback, bool adds);

/// RFC 3339, a day, a day and a time (UTC without a zone), seconds or milliseconds since 1970.
/// Returns  microseconds since 1970; nothing: not a date that we know.
std::optional<std::int64_t> parse_date(std::string_view text);
/// "10m", "1h30m", "250ms": Go's durations, 0 to 10 years.
/// Returns  microseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
/// "2026-11-21T10:00:00.25Z"
std::string rfc3339(std::int64_t time_us);
/// "Sat, 21 Nov 2026 10:00:00 GMT"
std::string http_date(std::int64_t time_us);

/// JSON text of a value, members in their order, numbers in their shortest form.
void append_json(std::string& out, const boost::json::value& value);

// Writers of answers.
void append(std::string& out, const User& user);
void append(std::string& out, const Item& item);
void append(std::string& out, const Feedback& feedback);
void append(std::string& out, const Score& score);

template <class T>
std::string list_json(const std::vector<T>& rows) {
  std::string out = "[";
  for (const T& row : rows) {
    if (out.size() > 1) out.push_back(',');
    append(out, row);
  }
  out.push_back(']');
  return out;
}

/// A place in a list as Gorse's opaque cursor, safe in a query string; texts without U+001F.
std::string cursor_of(const std::vector<std::string_view>& key);
/// Errors  invalid_argument: none of ours.
[[nodiscard]] Result<std::vector<std::string>> read_cursor(std::string_view cursor,
                                                           std::size_t parts);

/// Texts with the unit separator between, as sql/serve/gorse_* take them.
class Column {
 public:
  void add(std::string_view text) {
    if (count_++ > 0) text_.push_back('\x1f');
    text_ += text;
  }
  const std::string& text() const { return text_; }
  bool empty() const { return count_ == 0; }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace attune::serve::gorse
