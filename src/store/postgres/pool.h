// Connections, kept for the next session. Bounded, and patient with a server that is down.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "store/postgres/connection.h"
#include "store/postgres/postgres_store.h"

namespace attune::store::postgres {

class Pool {
 public:
  Pool(PostgresSettings settings, SqlCatalog catalog)
      : settings_(std::move(settings)), catalog_(std::move(catalog)) {}

  /// A connection that works, as far as is known without asking.
  /// Errors   resource_exhausted: none came free in time; unavailable; those of Connection::open.
  [[nodiscard]] Result<std::unique_ptr<Connection>> take();
  void give_back(std::unique_ptr<Connection> connection);
  /// Connections that nobody holds are closed; the next ones begin anew.
  void forget_idle();

  /// Opens a broken connection again, or says at once that it was tried a moment ago.
  [[nodiscard]] Result<void> revive(Connection& connection);

  const PostgresSettings& settings() const { return settings_; }
  const SqlCatalog& catalog() const { return catalog_; }

 private:
  Result<void> may_try();
  void tried(bool good);

  const PostgresSettings settings_;
  const SqlCatalog catalog_;
  Mutex mutex_;
  Condition freed_;
  std::vector<std::unique_ptr<Connection>> idle_ ATTUNE_THREAD(guarded_by(mutex_));
  std::size_t taken_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
  std::int64_t pause_ms_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;    // 0: the last attempt was good
  std::int64_t next_try_ms_ ATTUNE_THREAD(guarded_by(mutex_)) = 0; // steady
};

}  // namespace attune::store::postgres
