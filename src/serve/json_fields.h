// Reads the JSON object in a request's body field by field, so that every complaint names the field
// and the rule, and a misspelt field is refused instead of ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace attune::serve {

/// Parses a body: UTF-8 JSON, at most 32 levels deep.
/// Errors  invalid_argument (field "body").
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view body);

/// The fields of one object. Errors found on the way are kept; `finish` gives the first.
class JsonFields {
 public:
  /// value   an object, or the first error is that it is none.
  /// prefix  before field names in errors: "products[3]."
  explicit JsonFields(const boost::json::value& value, std::string prefix = {});

  std::string text(std::string_view name, std::size_t bytes_max);  // required
  std::optional<std::string> optional_text(std::string_view name, std::size_t bytes_max);
  std::optional<bool> optional_flag(std::string_view name);
  std::optional<double> optional_number(std::string_view name, double low, double high);
  std::optional<std::int64_t> optional_whole(std::string_view name, std::int64_t low,
                                             std::int64_t high);
  std::optional<std::vector<std::string>> optional_texts(std::string_view name,
                                                         std::size_t bytes_max);

  /// Null when it is absent.
  const boost::json::object* optional_object(std::string_view name);
  /// The value itself, or null: for an object or a list of objects, read by fields of its own.
  const boost::json::value* optional_value(std::string_view name) { return look(name); }
  /// Before the names of its fields in errors.
  std::string prefix_of(std::string_view name) const { return prefix_ + std::string(name) + "."; }
  /// Notes a broken rule that only the caller knows.
  void refuse(std::string_view name, std::string message);
  /// Notes what was wrong in a part.
  void take(const Result<void>& part);

  /// Errors  invalid_argument: the first broken rule, or a field nobody asked for.
  [[nodiscard]] Result<void> finish() const;

 private:
  const boost::json::value* look(std::string_view name);

  const boost::json::object* object_ = nullptr;
  std::string prefix_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

}  // namespace attune::serve
