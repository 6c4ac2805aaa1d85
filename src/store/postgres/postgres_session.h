// A session of the PostgreSQL store: a connection of the pool, for as long as it lives.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/pool.h"
#include "store/store.h"

namespace attune::store {

class PostgresSession final : public Session {
 public:
  [[nodiscard]] static Result<std::unique_ptr<PostgresSession>> open(
      std::shared_ptr<postgres::Pool> pool);
  ~PostgresSession() override;

  Engine engine() const override { return Engine::postgres; }
  Result<Rows> query(std::string_view file, std::span<const Value> parameters,
                     const QueryOptions& options) override;
  Result<std::int64_t> scan(std::string_view file, std::span<const Value> parameters,
                            const RowVisitor& visit, const QueryOptions& options) override;
  Result<std::int64_t> execute(std::string_view file, std::span<const Value> parameters) override;
  Result<Rows> query_text(std::string_view sql, const QueryOptions& options) override;
  Result<void> export_table(std::string_view table, const ByteSink& sink) override;
  Result<void> import_table(std::string_view table, const ByteSource& source) override;
  Result<void> append(std::string_view table, const ColumnBatch& batch) override;
  Result<void> act_as(const Tenant& tenant) override;
  Result<void> begin() override;
  Result<void> commit() override;
  Result<void> rollback() override;

  /// Columns a query file answers with, without running it: for the contract test.
  [[nodiscard]] Result<std::vector<std::string>> columns_of(std::string_view file);

 private:
  PostgresSession(std::shared_ptr<postgres::Pool> pool,
                  std::unique_ptr<postgres::Connection> connection)
      : pool_(std::move(pool)), connection_(std::move(connection)) {}

  Result<void> ready();
  Result<const SqlFile*> find(std::string_view file, std::span<const Value> parameters);
  Result<void> run_plain(std::string_view file);

  std::shared_ptr<postgres::Pool> pool_;
  std::unique_ptr<postgres::Connection> connection_;
  bool in_transaction_ = false;   // as the caller sees it: a connection that broke has lost it
};

}  // namespace attune::store
