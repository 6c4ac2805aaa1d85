// All tables of a database: counted and hashed, and copied into another one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace attune::store {

/// Rows of a table, and a number made of all their values but not of their order.
struct TablePrint {
  std::string table;
  std::int64_t rows = 0;
  std::string hash;
  bool operator==(const TablePrint&) const = default;
};

/// Every table but the record of migrations, by name. As of one moment within a transaction.
[[nodiscard]] Result<std::vector<TablePrint>> print_tables(Session& session);

/// Told before each table: its name, and how many of the tables are done, 0..1.
using CopyListener = std::function<void(const std::string& table, double done)>;

/// Puts the rows of all tables of `from` into `to`, a migrated database of the same engine, in one
/// transaction of it; sequences go on where they were. For one moment's picture, call it within a
/// transaction of `from`.
[[nodiscard]] Result<void> copy_tables(Session& from, Session& to, const CopyListener& listener);

}  // namespace attune::store
