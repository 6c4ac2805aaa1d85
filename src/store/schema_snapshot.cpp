#include "store/schema_snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace attune::store {
namespace {

constexpr std::string_view kMarker = "--- ";   // begins the line before each statement
constexpr std::size_t kObjectsMax = 100'000;

}  // namespace

Result<std::vector<SchemaObject>> schema_objects(Session& session) {
  ATTUNE_ASSIGN(const Rows rows,
                session.query("store/schema_objects", {}, {.rows_max = kObjectsMax}));
  std::vector<SchemaObject> objects;
  for (const auto& row : rows.rows) {
    objects.push_back({std::get<std::string>(row[0]), std::get<std::string>(row[1]),
                       std::get<std::string>(row[2])});
  }
  return objects;
}

std::string snapshot_text(const std::vector<SchemaObject>& objects) {
  std::string text =
      "-- The schema after all migrations, as the database describes it. Not run: `attune migrate "
      "verify`\n-- compares with it. Written by tools/schema_snapshot.\n";
  for (const SchemaObject& object : objects) {
    text += fmt::format("\n{}{}: {}\n{};\n", kMarker, object.kind, object.name, object.statement);
  }
  return text;
}

std::vector<SchemaObject> parse_snapshot(std::string_view text) {
  std::vector<SchemaObject> objects;
  const std::string boundary = "\n" + std::string(kMarker);
  std::size_t at = text.find(boundary);
  while (at != std::string_view::npos) {
    const std::size_t next = text.find(boundary, at + 1);
    std::string_view part = text.substr(at + boundary.size(), next - at - boundary.size());
    const std::string_view head = part.substr(0, part.find('\n'));
    part.remove_prefix(std::min(head.size() + 1, part.size()));
    while (!part.empty() && (part.back() == '\n' || part.back() == ';')) part.remove_suffix(1);
    const std::size_t colon = head.find(": ");
    if (colon != std::string_view::npos) {
      objects.push_back({std::string(head.substr(0, colon)), std::string(head.substr(colon + 2)),
                         std::string(part)});
    }
    at = next;
  }
  return objects;
}

SchemaDifferences compare_schema(const std::vector<SchemaObject>& expected,
                                 const std::vector<SchemaObject>& actual) {
  const auto key = [](const SchemaObject& object) { return std::pair(object.kind, object.name); };
  std::map<std::pair<std::string, std::string>, SchemaObject> left;
  for (const SchemaObject& object : expected) left.emplace(key(object), object);
  SchemaDifferences differences;
  for (const SchemaObject& object : actual) {
    const auto found = left.find(key(object));
    if (found == left.end()) {
      differences.extra.push_back(object);
      continue;
    }
    if (found->second.statement != object.statement) differences.different.push_back(object);
    left.erase(found);
  }
  for (auto& entry : left) differences.missing.push_back(std::move(entry.second));
  return differences;
}

Result<SchemaDifferences> verify_schema(Session& session, const SqlCatalog& catalog) {
  ATTUNE_ASSIGN(const SqlFile* snapshot, catalog.find("schema"));
  ATTUNE_ASSIGN(const std::vector<SchemaObject> actual, schema_objects(session));
  return compare_schema(parse_snapshot(snapshot->text), actual);
}

}  // namespace attune::store
