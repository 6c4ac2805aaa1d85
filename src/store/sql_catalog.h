// The SQL files of sql/, compiled into the program: looked up by path without suffix, with the file
// of the engine preferred to the common one. sql/README.md is their style and their contract.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "base/result.h"
#include "store/engine.h"

namespace attune::store {

/// One statement of a file, without its ';'. Views into the embedded text.
struct SqlStatement {
  std::string_view text;
  std::vector<int> parameters;   // numbers of the $n it uses, ascending, once each
};

/// The text with its parameters numbered $1..$n without gaps, in the order of `parameters`:
/// PostgreSQL wants that, and a statement of a file may use only some of the file's. Quoted text of
/// ours holds no "$1".
std::string with_dense_parameters(const SqlStatement& statement);

struct SqlFile {
  std::string path;               // "report/overview"
  std::string_view text;          // the whole file
  std::string_view file_name;     // "report/overview.duckdb.sql"
  std::vector<SqlStatement> statements = {};
  int parameter_count = 0;        // the largest $n of all statements

  // What the header comment says, for the contract test and for readers.
  std::vector<std::string> header_parameters = {};   // names, in order of $1, $2, ...
  std::vector<std::string> header_columns = {};
};

/// Splits text at ';', minding quotes, dollar quotes and comments; parts with nothing but comments
/// are left out.
std::vector<SqlStatement> split_statements(std::string_view text);

class SqlCatalog {
 public:
  /// The files compiled into the program, as `engine` sees them.
  explicit SqlCatalog(Engine engine);
  /// Other files: tests. Paths end in .sql; the bytes must outlive the catalog.
  SqlCatalog(Engine engine, std::span<const embedded::File> files);

  Engine engine() const { return engine_; }

  /// Errors   not_found: no such file for this engine.
  [[nodiscard]] Result<const SqlFile*> find(std::string_view path) const;

  /// All files, by path.
  const std::map<std::string, SqlFile, std::less<>>& files() const { return files_; }

 private:
  Engine engine_;
  std::map<std::string, SqlFile, std::less<>> files_;
};

}  // namespace attune::store
