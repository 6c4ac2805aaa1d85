#include "schema_check.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

namespace attune::serve {
namespace {

namespace json = boost::json;

bool is_of_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  return type == "number" && value.is_number();
}

std::string check_type(const json::value& value, const json::value& type, const std::string& path) {
  const auto fits = [&](const json::value& name) {
    return is_of_type(value, {name.get_string().data(), name.get_string().size()});
  };
  const bool good = type.is_array()
                        ? std::any_of(type.get_array().begin(), type.get_array().end(), fits)
                        : fits(type);
  return good ? ""
              : path + ": " + json::serialize(value).substr(0, 60) + " is not " +
                    json::serialize(type);
}

std::string check_object(const json::object& object, const json::object& schema,
                         const json::object& schemas, const std::string& path) {
  if (const json::value* required = schema.if_contains("required")) {
    for (const json::value& name : required->as_array()) {
      if (!object.contains(name.as_string())) return path + " lacks " + json::serialize(name);
    }
  }
  const json::value* properties = schema.if_contains("properties");
  const json::value* others = schema.if_contains("additionalProperties");   // a schema
  if (properties == nullptr && others == nullptr) return "";
  for (const auto& field : object) {
    const std::string name(field.key());
    const json::value* inner =
        properties == nullptr ? nullptr : properties->as_object().if_contains(field.key());
    if (inner == nullptr) inner = others;
    if (inner == nullptr) return path + " has " + name + ", which the schema does not";
    std::string problem = check_schema(field.value(), *inner, schemas, path + "." + name);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string check_bounds(const json::value& value, const json::object& schema,
                         const std::string& path) {
  if (!value.is_number()) return "";
  const double number = value.to_number<double>();
  const json::value* low = schema.if_contains("minimum");
  const json::value* high = schema.if_contains("maximum");
  if (low != nullptr && number < low->to_number<double>()) return path + " is below its minimum";
  if (high != nullptr && number > high->to_number<double>()) return path + " is above its maximum";
  return "";
}

bool is_known(std::string_view keyword) {
  constexpr std::array<std::string_view, 17> kKnown = {
      "type",     "properties", "required",  "items",    "enum",    "description",
      "examples", "format",     "oneOf",     "$ref",     "default", "minimum",
      "maximum",  "maxLength",  "minLength", "minItems", "maxItems"};
  return std::find(kKnown.begin(), kKnown.end(), keyword) != kKnown.end() ||
         keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum" ||
         keyword == "additionalProperties";
}

}  // namespace

std::string check_schema(const json::value& value, const json::value& given,
                         const json::object& schemas, const std::string& path) {
  const json::object& schema = given.as_object();
  for (const auto& keyword : schema) {
    if (!is_known(keyword.key())) return path + ": schema keyword " + std::string(keyword.key());
  }
  if (const json::value* reference = schema.if_contains("$ref")) {
    const std::string name(reference->as_string().c_str());
    return check_schema(value, schemas.at(name.substr(name.rfind('/') + 1)), schemas, path);
  }
  if (const json::value* choices = schema.if_contains("oneOf")) {
    std::string problems;
    for (const json::value& choice : choices->as_array()) {
      std::string problem = check_schema(value, choice, schemas, path);
      if (problem.empty()) return "";
      problems += problem + "; ";
    }
    return problems;
  }
  if (const json::value* type = schema.if_contains("type")) {
    if (std::string problem = check_type(value, *type, path); !problem.empty()) return problem;
  }
  if (const json::value* values = schema.if_contains("enum")) {
    const json::array& all = values->as_array();
    if (std::find(all.begin(), all.end(), value) == all.end())
      return path + " is none of the enumeration";
  }
  if (std::string problem = check_bounds(value, schema, path); !problem.empty()) return problem;
  if (value.is_object()) return check_object(value.get_object(), schema, schemas, path);
  const json::value* items = schema.if_contains("items");
  if (!value.is_array() || items == nullptr) return "";
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    std::string problem =
        check_schema(value.get_array()[i], *items, schemas, path + "[" + std::to_string(i) + "]");
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace attune::serve
