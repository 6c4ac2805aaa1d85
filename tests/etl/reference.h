// The ETL once more, slow and obvious: written from docs/etl.md, sharing no code with src/etl but
// its settings. It keeps every session with all its events, searches by looking at everything, and
// sorts.
#pragma once

#include <map>
#include <string>

#include "etl/memory_journal.h"
#include "etl/settings.h"

namespace attune::etl {

/// Column to value, as text: "null", numbers in decimal, times in milliseconds since 1970.
using TextRow = std::map<std::string, std::string>;
/// Table to key to row.
using TextTables = std::map<std::string, std::map<std::string, TextRow>>;

std::string number_text(double value);

/// What the tables must hold after the journal's records before `until`.
TextTables reference_tables(const MemoryJournal& journal, journal::Position until,
                            const event::SiteDirectory& sites, const Settings& settings);

}  // namespace attune::etl
