#include "serve/session_pool.h"

namespace attune::serve {

SessionPool::Lease::~Lease() {
  if (session_ == nullptr) return;
  // A connection that cannot even undo is replaced by its store when it is used again.
  if (is_bound_) static_cast<void>(session_->rollback());
  const std::lock_guard lock(pool_->mutex_);
  pool_->idle_.push_back(std::move(session_));
}

Result<SessionPool::Lease> SessionPool::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<store::Session> session = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(session));
    }
  }
  ATTUNE_ASSIGN(std::unique_ptr<store::Session> session, store_.session());
  return Lease(*this, std::move(session));
}

Result<SessionPool::Lease> SessionPool::borrow_as(const store::Tenant& tenant) {
  ATTUNE_ASSIGN(Lease lease, borrow());
  if (lease->engine() == store::Engine::duckdb) return lease;
  ATTUNE_TRY(lease->begin());
  lease.is_bound_ = true;
  ATTUNE_TRY(lease->act_as(tenant));
  return lease;
}

Result<void> SessionPool::Lease::commit() {
  if (!is_bound_) return {};
  is_bound_ = false;
  return session_->commit();
}

}  // namespace attune::serve
