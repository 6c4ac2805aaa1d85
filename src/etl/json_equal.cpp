#include "etl/json_equal.h"

#include <simdjson.h>

namespace attune::etl {
namespace {

using simdjson::dom::element;

bool same(element left, element right);

bool same_object(simdjson::dom::object left, simdjson::dom::object right) {
  if (left.size() != right.size()) return false;
  for (const auto& [key, value] : left) {
    element other;
    if (right.at_key(key).get(other) != simdjson::SUCCESS || !same(value, other)) return false;
  }
  return true;
}

bool same_array(simdjson::dom::array left, simdjson::dom::array right) {
  if (left.size() != right.size()) return false;
  auto other = right.begin();
  for (const element value : left) {
    if (!same(value, *other)) return false;
    ++other;
  }
  return true;
}

bool same(element left, element right) {
  double a = 0;
  double b = 0;
  if (left.get_double().get(a) == simdjson::SUCCESS &&
      right.get_double().get(b) == simdjson::SUCCESS) {
    return a == b;
  }
  if (left.type() != right.type()) return false;
  switch (left.type()) {
    case simdjson::dom::element_type::OBJECT:
      return same_object(left.get_object().value(), right.get_object().value());
    case simdjson::dom::element_type::ARRAY:
      return same_array(left.get_array().value(), right.get_array().value());
    case simdjson::dom::element_type::STRING:
      return left.get_string().value() == right.get_string().value();
    case simdjson::dom::element_type::BOOL:
      return left.get_bool().value() == right.get_bool().value();
    default: return left.is_null() && right.is_null();
  }
}

}  // namespace

bool same_json(std::string_view left, std::string_view right) {
  if (left == right) return true;
  simdjson::dom::parser left_parser;
  simdjson::dom::parser right_parser;
  element a;
  element b;
  if (left_parser.parse(left.data(), left.size()).get(a) != simdjson::SUCCESS ||
      right_parser.parse(right.data(), right.size()).get(b) != simdjson::SUCCESS) {
    return false;
  }
  return same(a, b);
}

}  // namespace attune::etl
