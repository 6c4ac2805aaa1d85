// An answer of the API as text for a terminal.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace attune::commands {

/// A line for each field, a part's fields indented below its name, a list of objects as a table.
///
/// value  an object. Of a table's objects, fields that are objects or lists themselves are left
///        out: the API has them. A column of long texts comes last.
std::string answer_text(const boost::json::value& value);

}  // namespace attune::commands
