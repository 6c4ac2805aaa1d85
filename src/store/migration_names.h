// What a migration's statements do to tables, as far as its safety checks have to know: read from
// their first words, which in files of ours always have the same form.
#pragma once

#include <string>
#include <vector>

#include "store/sql_catalog.h"

namespace attune::store {

/// Names of the tables and views that a file makes.
std::vector<std::string> names_made(const SqlFile& file);

/// Names of the tables whose rows a file drops, deletes, or takes a column from; but for those that
/// it makes anew under the same name.
std::vector<std::string> names_emptied(const SqlFile& file);

}  // namespace attune::store
