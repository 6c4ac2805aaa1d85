// Reading answers: values of known type out of store::Rows, and parameters into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ensure.h"
#include "base/time_zone.h"
#include "report/range.h"
#include "store/store.h"

namespace attune::report {

using Row = std::vector<store::Value>;

inline std::int64_t integer(const store::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  ensure(std::holds_alternative<store::Null>(value), "a report query gave no integer");
  return 0;
}

inline std::optional<double> number_if(const store::Value& value) {
  if (std::holds_alternative<store::Null>(value)) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  const auto* number = std::get_if<double>(&value);
  ensure(number != nullptr, "a report query gave no number");
  return *number;
}

inline double number(const store::Value& value) { return number_if(value).value_or(0); }

inline std::string text(const store::Value& value) {
  if (const auto* found = std::get_if<std::string>(&value)) return *found;
  ensure(std::holds_alternative<store::Null>(value), "a report query gave no text");
  return {};
}

inline std::optional<std::int64_t> time_ms_if(const store::Value& value) {
  if (const auto* time = std::get_if<store::Timestamp>(&value)) return time->us / 1000;
  ensure(std::holds_alternative<store::Null>(value), "a report query gave no time");
  return std::nullopt;
}

/// The text of a JSON value; empty for null.
inline std::string json_text(const store::Value& value) {
  if (const auto* json = std::get_if<store::Json>(&value)) return json->text;
  ensure(std::holds_alternative<store::Null>(value), "a report query gave no JSON");
  return {};
}

inline std::int32_t day(const store::Value& value) {
  const auto* date = std::get_if<store::Date>(&value);
  ensure(date != nullptr, "a report query gave no day");
  return date->days;
}

inline std::optional<double> share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// $1 site, $2 begin, $3 end, and what follows.
inline Row parameters(const Site& site, TimeRange range, Row more = {}) {
  Row all{site.id.text(), store::Timestamp::from_ms(range.begin_ms),
          store::Timestamp::from_ms(range.end_ms)};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// One picture of the database for several queries; ends with it.
class Snapshot {
 public:
  [[nodiscard]] static Result<Snapshot> take(store::Session& session) {
    ATTUNE_TRY(session.begin());
    return Snapshot(session);
  }
  Snapshot(Snapshot&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
  Snapshot& operator=(Snapshot&&) = delete;
  // Nothing was written, so there is nothing a failing end could lose.
  ~Snapshot() {
    if (session_ != nullptr) static_cast<void>(session_->rollback());
  }

 private:
  explicit Snapshot(store::Session& session) : session_(&session) {}
  store::Session* session_;
};

}  // namespace attune::report
