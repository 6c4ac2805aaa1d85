#include "store/migration_lock.h"

#include <chrono>
#include <string>

#include "base/mutex.h"

namespace attune::store {
namespace {

constexpr std::chrono::milliseconds kAskAgain{200};

Result<bool> try_lock(Session& session) {
  ATTUNE_ASSIGN(const Rows rows, session.query("store/migrate_lock", {}));
  return std::get<bool>(rows.rows.at(0).at(0));
}

Result<std::string> holder(Session& session) {
  ATTUNE_ASSIGN(const Rows rows, session.query("store/migrate_holder", {}));
  return rows.rows.empty() ? std::string("somebody") : std::get<std::string>(rows.rows[0][0]);
}

}  // namespace

Result<MigrationLock> MigrationLock::take(Store& store, std::int64_t wait_ms) {
  if (store.engine() != Engine::postgres) return MigrationLock(nullptr);
  ATTUNE_ASSIGN(std::unique_ptr<Session> session, store.session());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  Mutex mutex;
  Condition never;   // nobody notifies: it is the timeout that is wanted
  for (;;) {
    ATTUNE_ASSIGN(const bool locked, try_lock(*session));
    if (locked) return MigrationLock(std::move(session));
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) break;
    const MutexLock lock(mutex);
    static_cast<void>(never.wait_until(mutex, now + kAskAgain));
  }
  ATTUNE_ASSIGN(const std::string who, holder(*session));
  return fail(ErrorCode::unavailable,
              who + " is migrating this database: wait until it is done, or end it",
              "database");
}

MigrationLock::~MigrationLock() {
  // A connection that broke has lost the lock already.
  if (session_) static_cast<void>(session_->query("store/migrate_unlock", {}));
}

}  // namespace attune::store
