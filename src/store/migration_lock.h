// One who migrates at a time. On PostgreSQL an advisory lock on a connection of its own, which goes
// away with the connection; on DuckDB the file has one owner anyway.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "store/store.h"

namespace attune::store {

class MigrationLock {
 public:
  /// Errors   unavailable: somebody else has it, after `wait_ms`; names who.
  [[nodiscard]] static Result<MigrationLock> take(Store& store, std::int64_t wait_ms);
  ~MigrationLock();
  MigrationLock(MigrationLock&&) noexcept = default;
  MigrationLock& operator=(MigrationLock&&) = delete;

 private:
  explicit MigrationLock(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  std::unique_ptr<Session> session_;   // null on DuckDB
};

}  // namespace attune::store
