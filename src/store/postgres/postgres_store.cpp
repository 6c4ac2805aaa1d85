#include "store/postgres/postgres_store.h"

#include "store/migrate.h"
#include "store/postgres/postgres_session.h"

namespace attune::store {
namespace {

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(std::shared_ptr<postgres::Pool> pool) : pool_(std::move(pool)) {}

  Engine engine() const override { return Engine::postgres; }

  Result<std::unique_ptr<Session>> session() override {
    ATTUNE_ASSIGN(std::unique_ptr<PostgresSession> own, PostgresSession::open(pool_));
    return std::unique_ptr<Session>(std::move(own));
  }

  Result<void> migrate() override {
    ATTUNE_ASSIGN(const int applied, migrate_up(*this, pool_->catalog()));
    // How a connection begins may depend on what was just applied (sql/store/open).
    if (applied > 0) pool_->forget_idle();
    return {};
  }

  /// The server checkpoints by itself.
  Result<void> checkpoint() override { return {}; }

 private:
  std::shared_ptr<postgres::Pool> pool_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_postgres(const PostgresSettings& settings) {
  return open_postgres(settings, SqlCatalog(Engine::postgres));
}

Result<std::unique_ptr<Store>> open_postgres(const PostgresSettings& settings, SqlCatalog catalog) {
  if (settings.connections_max < 2 || settings.connections_max > 1000) {
    return fail(ErrorCode::invalid_argument, "connections_max is 2 to 1000", "connections_max");
  }
  auto pool = std::make_shared<postgres::Pool>(settings, std::move(catalog));
  {
    ATTUNE_ASSIGN(const std::unique_ptr<PostgresSession> first, PostgresSession::open(pool));
  }
  return std::unique_ptr<Store>(std::make_unique<PostgresStore>(std::move(pool)));
}

}  // namespace attune::store
