// The OpenAPI 3.1 document: paths from the table of routes, schemas from schemas.json.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "serve/router.h"

namespace attune::serve {

/// schemas   text of schemas.json: an object of JSON schemas by name. A name that a route gives and
/// that
///           is not there is a bug (`ensure`).
/// more      schemas that the program makes.
std::string openapi_document(std::span<const Route* const> routes, std::string_view schemas,
                             const boost::json::object& more);

}  // namespace attune::serve
