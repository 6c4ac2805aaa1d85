// Work that is done in one transaction: all of it or nothing.
#pragma once

#include "base/result.h"
#include "store/store.h"

namespace attune::store {

/// Does `work`, a call without arguments that returns a Result, in a transaction of `session`.
///
/// Returns  what `work` does.
/// Errors   those of `work`, after which nothing of it is left; begin and commit's.
template <class Work>
[[nodiscard]] auto in_transaction(Session& session, Work&& work) -> decltype(work()) {
  ATTUNE_TRY(session.begin());
  auto done = work();
  if (!done) {
    static_cast<void>(session.rollback());   // the first error says what went wrong
    return done;
  }
  ATTUNE_TRY(session.commit());
  return done;
}

/// The same, seeing only the rows of `tenant`.
template <class Work>
[[nodiscard]] auto in_transaction_as(Session& session, const Tenant& tenant, Work&& work)
    -> decltype(work()) {
  return in_transaction(session, [&]() -> decltype(work()) {
    ATTUNE_TRY(session.act_as(tenant));
    return work();
  });
}

}  // namespace attune::store
