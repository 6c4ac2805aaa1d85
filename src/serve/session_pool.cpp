#include "serve/session_pool.h"

namespace attune::serve {

SessionPool::Lease::~Lease() {
  if (session_ == nullptr) return;
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

}  // namespace attune::serve
