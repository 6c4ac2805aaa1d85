// A store whose database file can be replaced while others hold sessions: what a replay on a
// running server needs. Sessions of it reopen by themselves on the new file at their next call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "base/result.h"
#include "store/statement_times.h"
#include "store/store.h"

namespace attune::store {

class SwappableStore final : public Store {
 public:
  using Open = std::function<Result<std::unique_ptr<Store>>()>;

  /// open     opens the database where it lies; called now and after each swap.
  [[nodiscard]] static Result<std::unique_ptr<SwappableStore>> make(Open open);
  ~SwappableStore() override;

  Engine engine() const override { return engine_; }
  Result<std::unique_ptr<Session>> session() override;
  Result<void> migrate() override;
  Result<void> checkpoint() override;

  /// Closes the database, runs `replace` (rename the new file over the old), opens it again. Waits
  /// for calls and transactions under way; sessions see the new database afterwards.
  ///
  /// Errors   of `replace`: the old database is opened again; of `open`: every later call has this
  /// error. Threads  any, but none that is inside a transaction of this store.
  [[nodiscard]] Result<void> swap(const std::function<Result<void>()>& replace);

  /// Of all sessions since the start.
  const StatementTimes& times() const { return times_; }

 private:
  class Proxy;
  explicit SwappableStore(Open open) : open_(std::move(open)) {}

  Open open_;
  Engine engine_ = Engine::duckdb;
  StatementTimes times_;
  std::shared_mutex gate_;             // shared: a call or transaction; exclusive: a swap
  std::unique_ptr<Store> store_;       // null only after a failed reopening
  std::mutex proxies_mutex_;
  std::set<Proxy*> proxies_;           // guarded by proxies_mutex_
};

}  // namespace attune::store
