#include "serve/gorse.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <map>
#include <tuple>

#include "collect/draft.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"

namespace attune::serve::gorse {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::string_view kZeroTime = "0001-01-01T00:00:00";  // Go's time.Time of nothing
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr double kValueMax = 1e15;

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// The members of one object by name in any case; the first broken rule is kept.
class Members {
 public:
  Members(const json::value& value, std::string place) : place_(std::move(place)) {
    const json::object* object = value.if_object();
    if (object == nullptr) {
      refuse("", "must be an object");
      return;
    }
    for (const auto& member : *object) members_[lowered(member.key())] = &member.value();
  }

  /// The member, or null when it is absent or JSON's null.
  const json::value* find(std::string_view name) const {
    const auto at = members_.find(lowered(name));
    return at == members_.end() || at->second->is_null() ? nullptr : at->second;
  }
  std::optional<std::string> text(std::string_view name, std::size_t bytes_max) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const json::string* text = value->if_string();
    if (text == nullptr) return refuse(name, "must be a text");
    if (text->size() > bytes_max) {
      return refuse(name, fmt::format("is longer than {} bytes", bytes_max));
    }
    if (std::find(text->begin(), text->end(), '\x1f') != text->end() ||
        std::find(text->begin(), text->end(), '\0') != text->end()) {
      return refuse(name, "has a character that is not allowed: U+0000 or U+001F");
    }
    return std::string(*text);
  }
  std::string id(std::string_view name) {
    const std::string found = text(name, kIdBytesMax).value_or("");
    if (found.empty()) refuse(name, "is required");
    if (std::any_of(found.begin(), found.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
      refuse(name, "has a control character");
    }
    return found;
  }
  std::optional<bool> flag(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) refuse(name, "must be true or false");
    return value->is_bool() && value->get_bool();
  }
  double number(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return 0;
    json::error_code error;
    const double number = value->to_number<double>(error);
    if (error || !(std::abs(number) <= kValueMax)) {
      refuse(name, fmt::format("must be a number from -{0:.0e} to {0:.0e}", kValueMax));
      return 0;
    }
    return number;
  }
  std::optional<std::int64_t> date(std::string_view name) {
    const auto given = text(name, 100);
    if (!given || given->empty() || given->starts_with(kZeroTime)) return std::nullopt;
    const auto time_us = parse_date(*given);
    if (!time_us) refuse(name, fmt::format("is not a date: {}", *given));
    return time_us;
  }
  std::optional<std::vector<std::string>> categories() {
    const json::value* value = find("Categories");
    if (value == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    const json::array* list = value->if_array();
    if (list == nullptr || list->size() > kCategoriesMax) {
      refuse("Categories", fmt::format("must be a list of at most {} texts", kCategoriesMax));
      return std::nullopt;
    }
    for (const json::value& each : *list) {
      const json::string* text = each.if_string();
      if (text == nullptr || text->size() > kIdBytesMax ||
          std::find(text->begin(), text->end(), '\x1f') != text->end()) {
        refuse("Categories", fmt::format("must be texts of at most {} bytes", kIdBytesMax));
        return std::nullopt;
      }
      texts.emplace_back(*text);
    }
    return texts;
  }
  std::optional<std::string> labels() {
    const json::value* value = find("Labels");
    if (value == nullptr) return std::nullopt;
    std::string text;
    if (!labels_are_valid(*value)) {
      append_json(text, *value);
      return refuse("Labels", "unsupported labels: " + text.substr(0, 200));
    }
    append_json(text, *value);
    if (text.size() > kLabelsBytesMax) {
      return refuse("Labels", fmt::format("are longer than {} bytes", kLabelsBytesMax));
    }
    return text;
  }
  std::string comment() { return text("Comment", kCommentBytesMax).value_or(""); }

  Result<void> finish() const {
    if (broken_.empty()) return {};
    return fail(ErrorCode::invalid_argument, broken_);
  }

 private:
  std::nullopt_t refuse(std::string_view name, std::string_view rule) {
    if (broken_.empty()) broken_ = fmt::format("{}{} {}", place_, name, rule);
    return std::nullopt;
  }

  std::string place_;
  std::string broken_;
  std::map<std::string, const json::value*> members_;
};

/// Parses; an error says what a client of Gorse's expects: text.
Result<json::value> parse_body(std::string_view body) {
  Result<json::value> value = parse_json(body);
  if (!value) {
    return fail(ErrorCode::invalid_argument, "the body is not JSON: " + value.error().message());
  }
  return value;
}

/// Reads one row, or a list of them, by `read`.
template <class T, class Read>
Result<std::vector<T>> read_rows(std::string_view body, Shape shape, Read read) {
  ATTUNE_ASSIGN(const json::value value, parse_body(body));
  std::vector<T> rows;
  const auto add = [&](const json::value& each, std::string place) -> Result<void> {
    Members members(each, std::move(place));
    rows.push_back(read(members));
    return members.finish();
  };
  if (shape == Shape::one) {
    ATTUNE_TRY(add(value, ""));
    return rows;
  }
  const json::array* list = value.if_array();
  if (list == nullptr || list->size() > kRowsMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the body must be a list of at most {} rows", kRowsMax));
  }
  rows.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    ATTUNE_TRY(add((*list)[i], fmt::format("[{}].", i)));
  }
  return rows;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(out), "\"{}\":", name);
  append_json_string(out, text);
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

bool labels_are_valid(const json::value& labels) {
  if (labels.is_null() || labels.is_string() || labels.is_number()) return true;
  if (const auto* list = labels.if_array()) {
    const auto are = [&](auto is) { return std::all_of(list->begin(), list->end(), is); };
    return are([](const json::value& each) { return each.is_string(); }) ||
           are([](const json::value& each) { return each.is_number(); });
  }
  const auto* object = labels.if_object();
  return object != nullptr && std::all_of(object->begin(), object->end(), [](const auto& member) {
           return labels_are_valid(member.value());
         });
}

Result<std::vector<User>> read_users(std::string_view body, Shape shape) {
  return read_rows<User>(body, shape, [](Members& members) {
    User user;
    user.id = members.id("UserId");
    user.labels = members.labels().value_or("null");
    user.comment = members.comment();
    return user;
  });
}

Result<std::vector<Item>> read_items(std::string_view body, Shape shape) {
  return read_rows<Item>(body, shape, [](Members& members) {
    Item item;
    item.id = members.id("ItemId");
    item.is_hidden = members.flag("IsHidden").value_or(false);
    item.categories = members.categories().value_or(std::vector<std::string>{});
    item.timestamp_us = members.date("Timestamp");
    item.labels = members.labels().value_or("null");
    item.comment = members.comment();
    return item;
  });
}

Result<UserPatch> read_user_patch(std::string_view body) {
  ATTUNE_ASSIGN(const json::value value, parse_body(body));
  Members members(value, "");
  UserPatch patch;
  patch.labels = members.labels();
  patch.comment = members.text("Comment", kCommentBytesMax);
  ATTUNE_TRY(members.finish());
  return patch;
}

Result<ItemPatch> read_item_patch(std::string_view body) {
  ATTUNE_ASSIGN(const json::value value, parse_body(body));
  Members members(value, "");
  ItemPatch patch;
  patch.is_hidden = members.flag("IsHidden");
  patch.categories = members.categories();
  patch.timestamp_us = members.date("Timestamp");
  patch.labels = members.labels();
  patch.comment = members.text("Comment", kCommentBytesMax);
  ATTUNE_TRY(members.finish());
  return patch;
}

Result<std::vector<Feedback>> read_feedback(std::string_view body, std::int64_t now_us) {
  return read_rows<Feedback>(body, Shape::list, [now_us](Members& members) {
    Feedback feedback;
    feedback.type = members.id("FeedbackType");
    feedback.user = members.id("UserId");
    feedback.item = members.id("ItemId");
    feedback.value = members.number("Value");
    feedback.timestamp_us = members.date("Timestamp").value_or(now_us);
    feedback.labels = members.labels().value_or("null");
    feedback.comment = members.comment();
    feedback.updated_us = now_us;
    return feedback;
  });
}

void merge_feedback(std::vector<Feedback>& feedback, bool adds) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::size_t> places;
  std::vector<Feedback> merged;
  merged.reserve(feedback.size());   // its texts stay where they are
  for (Feedback& row : feedback) {
    const auto at = places.find({row.type, row.user, row.item});
    if (at != places.end()) {
      const double before = adds ? merged[at->second].value : 0;
      merged[at->second].value = row.value + before;
      merged[at->second].timestamp_us = row.timestamp_us;
      merged[at->second].labels = std::move(row.labels);
      merged[at->second].comment = std::move(row.comment);
      continue;
    }
    merged.push_back(std::move(row));
    const Feedback& kept = merged.back();
    places.emplace(std::tuple{std::string_view(kept.type), std::string_view(kept.user),
                              std::string_view(kept.item)},
                   merged.size() - 1);
  }
  feedback = std::move(merged);
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  if (const auto number = number_of(text)) {
    if (text.size() == 10) return *number * kSecondUs;
    if (text.size() == 13) return *number * 1000;
    return std::nullopt;
  }
  std::string form(text);
  if (const std::size_t go = form.find(" +0000 UTC"); go != std::string::npos) {
    form.replace(go, std::string::npos, "Z");  // Go's time.Time.String()
  } else if (form.ends_with(" UTC")) {
    form.replace(form.size() - 4, 4, "Z");
  }
  if (form.size() < 10) return std::nullopt;
  for (const std::size_t at : {4UL, 7UL}) {
    if (form[at] == '/') form[at] = '-';
  }
  if (form.size() == 10) form += "T00:00:00Z";
  if (form[10] == ' ') form[10] = 'T';
  const bool has_zone = form.find_first_of("Zz+-", 11) != std::string::npos;
  if (!has_zone) form += 'Z';
  const auto time_ms = collect::parse_iso8601(form);
  if (!time_ms) return std::nullopt;
  return *time_ms * 1000;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double us;
  };
  constexpr std::array kUnits{Unit{"ms", 1e3}, Unit{"us", 1}, Unit{"ns", 1e-3},
                              Unit{"h", 3600e6}, Unit{"m", 60e6}, Unit{"s", 1e6}};
  constexpr double kMost = 10.0 * 366 * 86400e6;
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                              std::chars_format::fixed);
    if (error != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& each) {
      return text.starts_with(each.name);
    });
    if (unit == kUnits.end()) return std::nullopt;
    total += number * unit->us;
    text.remove_prefix(unit->name.size());
  }
  if (!(total <= kMost)) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

std::string rfc3339(std::int64_t time_us) {
  using namespace std::chrono;
  const sys_time<microseconds> time{microseconds(time_us)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::string out = fmt::format(
      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto rest = clock.subseconds().count(); rest != 0) {
    out += fmt::format(".{:06}", rest);
    while (out.ends_with('0')) out.pop_back();
  }
  return out + "Z";
}

std::string http_date(std::int64_t time_us) {
  using namespace std::chrono;
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_time<seconds> time = floor<seconds>(sys_time<microseconds>{microseconds(time_us)});
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

void append_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return append_json_string(out, value.get_string());
    case json::kind::double_:
      return append_json_number(out, value.get_double());
    case json::kind::array: {
      out.push_back('[');
      for (const json::value& each : value.get_array()) {
        if (out.back() != '[') out.push_back(',');
        append_json(out, each);
      }
      out.push_back(']');
      return;
    }
    case json::kind::object: {
      out.push_back('{');
      bool first = true;
      for (const auto& member : value.get_object()) {
        if (!first) out.push_back(',');
        first = false;
        append_json_string(out, member.key());
        out.push_back(':');
        append_json(out, member.value());
      }
      out.push_back('}');
      return;
    }
    default:
      out += json::serialize(value);  // null, a flag, a whole number
  }
}

void append(std::string& out, const User& user) {
  out.push_back('{');
  append_member(out, "UserId", user.id);
  out += ",\"Labels\":" + user.labels + ",";
  append_member(out, "Comment", user.comment);
  out.push_back('}');
}

void append(std::string& out, const Item& item) {
  out.push_back('{');
  append_member(out, "ItemId", item.id);
  out += item.is_hidden ? ",\"IsHidden\":true" : ",\"IsHidden\":false";
  out += ",\"Categories\":[";
  for (std::size_t i = 0; i < item.categories.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_json_string(out, item.categories[i]);
  }
  out += "],";
  append_member(out, "Timestamp",
                item.timestamp_us ? rfc3339(*item.timestamp_us) : std::string(kZeroTime) + "Z");
  out += ",\"Labels\":" + item.labels + ",";
  append_member(out, "Comment", item.comment);
  out.push_back('}');
}

void append(std::string& out, const Feedback& feedback) {
  out.push_back('{');
  append_member(out, "FeedbackType", feedback.type);
  out.push_back(',');
  append_member(out, "UserId", feedback.user);
  out.push_back(',');
  append_member(out, "ItemId", feedback.item);
  out += ",\"Value\":";
  append_json_number(out, feedback.value);
  out.push_back(',');
  append_member(out, "Timestamp", rfc3339(feedback.timestamp_us));
  out.push_back(',');
  append_member(out, "Updated", rfc3339(feedback.updated_us));
  out += ",\"Labels\":" + feedback.labels + ",";
  append_member(out, "Comment", feedback.comment);
  out.push_back('}');
}

void append(std::string& out, const Score& score) {
  out.push_back('{');
  append_member(out, "Id", score.id);
  out += ",\"Score\":";
  append_json_number(out, score.score);
  out.push_back('}');
}

std::string cursor_of(const std::vector<std::string_view>& key) {
  Column column;
  for (const std::string_view part : key) column.add(part);
  const std::string& plain = column.text();
  std::string text(sodium_base64_encoded_len(plain.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(),
                    reinterpret_cast<const unsigned char*>(plain.data()), plain.size(), kBase64);
  text.pop_back();  // its final NUL
  return text;
}

Result<std::vector<std::string>> read_cursor(std::string_view cursor, std::size_t parts) {
  std::vector<std::string> key;
  if (cursor.empty()) {
    key.resize(parts);
    return key;
  }
  std::string plain(cursor.size(), '\0');
  std::size_t bytes = 0;
  const bool is_ours =
      sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()), plain.size(), cursor.data(),
                        cursor.size(), nullptr, &bytes, nullptr, kBase64) == 0;
  plain.resize(is_ours ? bytes : 0);
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = plain.find('\x1f', begin);
    key.push_back(plain.substr(begin, end == std::string::npos ? end : end - begin));
  }
  if (!is_ours || key.size() != parts || !is_utf8(plain)) {
    return fail(ErrorCode::invalid_argument, "cursor is none that this server gave");
  }
  return key;
}

}  // namespace attune::serve::gorse
