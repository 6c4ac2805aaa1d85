// A value of the database as JSON.
#pragma once

#include <string>
#include <string_view>

#include "store/store.h"

namespace attune::serve {

/// Appends it: times in ISO 8601, days as 2026-11-21, JSON as it is.
void append_value(std::string& out, const store::Value& value);

/// Appends a row as an object, named as the columns are, without the column `left_out`.
void append_row(std::string& out, const store::Rows& rows, std::size_t at,
                std::string_view left_out = {});

/// Appends all rows as an array of objects.
void append_rows(std::string& out, const store::Rows& rows, std::string_view left_out = {});

}  // namespace attune::serve
