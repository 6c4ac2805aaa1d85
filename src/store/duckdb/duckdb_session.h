// One connection to the embedded database.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/duckdb/handles.h"
#include "store/duckdb/watchdog.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store {

/// What all sessions of a store share; lives until the last of them is gone.
struct DuckdbShared {
  explicit DuckdbShared(SqlCatalog files) : catalog(std::move(files)) {}
  SqlCatalog catalog;
  OwnedDatabase database;
  bool has_archive = false;   // files beside the database hold rows of its tables
  Watchdog watchdog;   // after the database: its thread ends before the database closes
};

class DuckdbSession final : public Session {
 public:
  [[nodiscard]] static Result<std::unique_ptr<DuckdbSession>> open(
      std::shared_ptr<DuckdbShared> shared);

  Engine engine() const override { return Engine::duckdb; }
  Result<Rows> query(std::string_view file, std::span<const Value> parameters,
                     const QueryOptions& options) override;
  Result<std::int64_t> scan(std::string_view file, std::span<const Value> parameters,
                            const RowVisitor& visit, const QueryOptions& options) override;
  Result<std::int64_t> execute(std::string_view file, std::span<const Value> parameters) override;
  Result<Rows> query_text(std::string_view sql, const QueryOptions& options) override;
  Result<void> append(std::string_view table, const ColumnBatch& batch) override;
  Result<std::int64_t> copy_table(std::string_view table, Session& to) override;
  Result<void> copy_sequences(Session& to) override;
  Result<void> begin() override;
  Result<void> commit() override;
  Result<void> rollback() override;

  /// Columns a query file answers with, without running it: for the contract test.
  [[nodiscard]] Result<std::vector<std::string>> columns_of(std::string_view file);

 private:
  struct PreparedFile {
    const SqlFile* file = nullptr;
    std::vector<OwnedPrepared> statements;   // prepared when first run: later ones may need earlier
  };

  DuckdbSession(std::shared_ptr<DuckdbShared> shared, OwnedConnection connection)
      : shared_(std::move(shared)), connection_(std::move(connection)) {}

  Result<PreparedFile*> find(std::string_view file, std::span<const Value> parameters);
  Result<duckdb_prepared_statement> ready(PreparedFile& file, std::size_t at,
                                          std::span<const Value> parameters);
  Result<void> run_plain(std::string_view file);
  Result<void> join_archive();
  Result<OwnedResult> run_text(const std::string& text, bool streaming);

  std::shared_ptr<DuckdbShared> shared_;
  OwnedConnection connection_;
  std::unordered_map<std::string, PreparedFile> prepared_;
};

}  // namespace attune::store
