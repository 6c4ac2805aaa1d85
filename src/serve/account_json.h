// Rows of an account's tables as JSON, both ways, and the schemas that say what they look like.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "campaign/account_store.h"

namespace attune::serve {

/// Errors   invalid_argument: no object, a field that the table lacks, or one that is read only;
///          an element of a list that is not one of its words.
[[nodiscard]] Result<campaign::Fields> read_fields(const campaign::Table& table,
                                                   std::string_view body);

void append_row(std::string& out, const campaign::Table& table, const campaign::Row& row);

/// For each table T: T (a row), NewT, TChange (bodies) and TList (a page).
boost::json::object account_schemas();

}  // namespace attune::serve
