// Visits of the last hours, through the ETL, for statements that are expected to find rows.
#pragma once

#include "store/store.h"

namespace attune::sources {

/// Makes a site, and puts its visits into a migrated database.
void put_visits(store::Store& store);

}  // namespace attune::sources
