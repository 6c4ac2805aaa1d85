#include "serve/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

namespace attune::serve {
namespace {

constexpr std::size_t kDepthMax = 32;

}  // namespace

Result<boost::json::value> parse_json(std::string_view body) {
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::error_code error;
  boost::json::value value =
      boost::json::parse(boost::json::string_view(body.data(), body.size()), error, {}, options);
  if (!error) return value;
  if (error == boost::json::error::too_deep) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("is nested deeper than {} levels", kDepthMax), "body");
  }
  return fail(ErrorCode::invalid_argument, "is not JSON: " + error.message(), "body");
}

JsonFields::JsonFields(const boost::json::value& value, std::string prefix)
    : prefix_(std::move(prefix)) {
  object_ = value.if_object();
  if (object_ != nullptr) return;
  std::string field = prefix_.empty() ? "body" : prefix_.substr(0, prefix_.size() - 1);
  error_ = Error(ErrorCode::invalid_argument, "must be an object", std::move(field));
}

const boost::json::value* JsonFields::look(std::string_view name) {
  asked_.emplace_back(name);
  if (object_ == nullptr) return nullptr;
  const boost::json::value* value =
      object_->if_contains(boost::json::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;  // null is "not given"
}

void JsonFields::refuse(std::string_view name, std::string message) {
  if (!error_)
    error_ = Error(ErrorCode::invalid_argument, std::move(message), prefix_ + std::string(name));
}

void JsonFields::take(const Result<void>& part) {
  if (!part && !error_) error_ = part.error();
}

std::string JsonFields::text(std::string_view name, std::size_t bytes_max) {
  auto value = optional_text(name, bytes_max);
  if (!value || value->empty()) {
    refuse(name, "is required");
    return {};
  }
  return std::move(*value);
}

std::optional<std::string> JsonFields::optional_text(std::string_view name, std::size_t bytes_max) {
  const boost::json::value* value = look(name);
  if (value == nullptr) return std::nullopt;
  const boost::json::string* text = value->if_string();
  if (text == nullptr || text->size() > bytes_max ||
      std::find(text->begin(), text->end(), '\0') != text->end()) {
    refuse(name, fmt::format("must be text of at most {} bytes without NUL", bytes_max));
    return std::nullopt;
  }
  return std::string(text->data(), text->size());
}

std::optional<bool> JsonFields::optional_flag(std::string_view name) {
  const boost::json::value* value = look(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) {
    refuse(name, "must be true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<double> JsonFields::optional_number(std::string_view name, double low, double high) {
  const boost::json::value* value = look(name);
  if (value == nullptr) return std::nullopt;
  const double number = value->is_number() ? value->to_number<double>() : low - 1;
  if (!(number >= low && number <= high)) {
    refuse(name, fmt::format("must be a number from {} to {}", low, high));
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> JsonFields::optional_whole(std::string_view name, std::int64_t low,
                                                       std::int64_t high) {
  const boost::json::value* value = look(name);
  if (value == nullptr) return std::nullopt;
  boost::json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < low || number > high) {
    refuse(name, fmt::format("must be a whole number from {} to {}", low, high));
    return std::nullopt;
  }
  return number;
}

std::optional<std::vector<std::string>> JsonFields::optional_texts(std::string_view name,
                                                                   std::size_t bytes_max) {
  const boost::json::value* value = look(name);
  if (value == nullptr) return std::nullopt;
  const boost::json::array* array = value->if_array();
  std::vector<std::string> texts;
  bool good = array != nullptr;
  for (std::size_t i = 0; good && i < array->size(); ++i) {
    const boost::json::string* text = (*array)[i].if_string();
    good = text != nullptr && text->size() <= bytes_max;
    if (good) texts.emplace_back(text->data(), text->size());
  }
  if (!good) {
    refuse(name, fmt::format("must be an array of texts of at most {} bytes", bytes_max));
    return std::nullopt;
  }
  return texts;
}

const boost::json::object* JsonFields::optional_object(std::string_view name) {
  const boost::json::value* value = look(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) refuse(name, "must be an object");
  return value->if_object();
}

Result<void> JsonFields::finish() const {
  if (error_) return tl::unexpected<Error>(*error_);
  for (const auto& field : *object_) {
    const std::string_view name(field.key().data(), field.key().size());
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    return fail(ErrorCode::invalid_argument, "unknown field", prefix_ + std::string(name));
  }
  return {};
}

}  // namespace attune::serve
