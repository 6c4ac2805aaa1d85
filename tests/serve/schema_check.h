// Holds a JSON value against a schema of schemas.json: types, required and unknown fields,
// enumerations, bounds. The part of JSON Schema that we use; a keyword it does not know fails the
// check.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace attune::serve {

/// Returns  what does not fit, with its path; empty when all does.
std::string check_schema(const boost::json::value& value, const boost::json::value& schema,
                         const boost::json::object& schemas, const std::string& path = "$");

}  // namespace attune::serve
