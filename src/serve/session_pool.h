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

  /// A borrowed connection; goes back when it leaves scope.
  class Lease {
   public:
    Lease(SessionPool& pool, std::unique_ptr<store::Session> session)
        : pool_(&pool), session_(std::move(session)) {}
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    store::Session& operator*() const { return *session_; }
    store::Session* operator->() const { return session_.get(); }

   private:
    SessionPool* pool_;
    std::unique_ptr<store::Session> session_;
  };

  /// Errors  those of Store::session.
  [[nodiscard]] Result<Lease> borrow();

 private:
  store::Store& store_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Session>> idle_;  // guarded by mutex_
};

}  // namespace attune::serve
