// The derived tables of a database as text, for comparison with what a test expects.
#pragma once

#include <string>

#include "etl/reference.h"
#include "store/store.h"

namespace attune::etl {

/// All derived tables, every column; JSON without spaces.
TextTables dump_tables(store::Session& session);

/// The first difference in words; empty when there is none.
std::string first_difference(const TextTables& expected, const TextTables& actual);

/// A migrated database in memory.
std::unique_ptr<store::Store> memory_store();

}  // namespace attune::etl
