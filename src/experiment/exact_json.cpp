#include "experiment/exact_json.h"

#include <simdjson.h>

#include <boost/json.hpp>

namespace attune::experiment {
namespace {

namespace json = boost::json;

json::value copy_of(const simdjson::dom::element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY: {
      json::array list;
      for (const auto each : simdjson::dom::array(element)) list.push_back(copy_of(each));
      return list;
    }
    case simdjson::dom::element_type::OBJECT: {
      json::object object;
      for (const auto [key, value] : simdjson::dom::object(element)) object[key] = copy_of(value);
      return object;
    }
    case simdjson::dom::element_type::INT64: return std::int64_t(element);
    case simdjson::dom::element_type::UINT64: return std::uint64_t(element);
    case simdjson::dom::element_type::DOUBLE: return double(element);
    case simdjson::dom::element_type::STRING: return json::string(std::string_view(element));
    case simdjson::dom::element_type::BOOL: return bool(element);
    case simdjson::dom::element_type::NULL_VALUE: break;
  }
  return nullptr;
}

}  // namespace

Result<json::value> parse_exact(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  const auto parsed = parser.parse(text.data(), text.size());
  if (parsed.get(element) != simdjson::SUCCESS) {
    return fail(ErrorCode::invalid_argument, "must be JSON");
  }
  return copy_of(element);
}

}  // namespace attune::experiment
