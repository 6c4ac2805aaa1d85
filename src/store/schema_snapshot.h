// The schema as the database itself describes it, and beside what it should be:
// sql/schema.duckdb.sql and sql/schema.postgres.sql hold the catalogue after all migrations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store {

struct SchemaObject {
  std::string kind;        // "table"
  std::string name;
  std::string statement;
  auto operator<=>(const SchemaObject&) const = default;
};

/// All objects of the current schema, in order of kind and name.
[[nodiscard]] Result<std::vector<SchemaObject>> schema_objects(Session& session);

/// The text of a snapshot file, and back.
std::string snapshot_text(const std::vector<SchemaObject>& objects);
std::vector<SchemaObject> parse_snapshot(std::string_view text);

struct SchemaDifferences {
  std::vector<SchemaObject> missing;     // in the snapshot alone
  std::vector<SchemaObject> different;   // in both, as the database has it
  std::vector<SchemaObject> extra;       // in the database alone: somebody else's, perhaps
};

SchemaDifferences compare_schema(const std::vector<SchemaObject>& expected,
                                 const std::vector<SchemaObject>& actual);

/// The database beside the snapshot that is compiled into the program.
[[nodiscard]] Result<SchemaDifferences> verify_schema(Session& session, const SqlCatalog& catalog);

}  // namespace attune::store
