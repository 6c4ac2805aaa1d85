// Database connections that worker threads borrow: a connection is for one thread at a time, and
// opening one costs more than a query.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace attune::serve {

class SessionPool {
 public:
  explicit SessionPool(store::Store& store) : store_(store) {}

  /// A borrowed connection; goes back when it leaves scope, and what was not committed is undone.
  class Lease {
   public:
    Lease(SessionPool& pool, std::unique_ptr<store::Session> session)
        : pool_(&pool), session_(std::move(session)) {}
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    store::Session& operator*() const { return *session_; }
    store::Session* operator->() const { return session_.get(); }

    /// Keeps what was written by a lease that is bound to a tenant; nothing to do for others.
    [[nodiscard]] Result<void> commit();

   private:
    friend class SessionPool;
    SessionPool* pool_;
    std::unique_ptr<store::Session> session_;
    bool is_bound_ = false;   // a transaction is open that acts as a tenant
  };

  /// Errors  those of Store::session.
  [[nodiscard]] Result<Lease> borrow();
  /// One that reads and writes only the tenant's rows (Session::act_as), in one transaction.
  /// Errors  those of Store::session and of Session::act_as.
  [[nodiscard]] Result<Lease> borrow_as(const store::Tenant& tenant);

 private:
  store::Store& store_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Session>> idle_;  // guarded by mutex_
};

}  // namespace attune::serve
