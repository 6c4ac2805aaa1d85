// libpq's handles with owners, and its errors as ours.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace attune::store::postgres {

struct ConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using OwnedConnection = std::unique_ptr<PGconn, ConnectionCloser>;

struct ResultClearer {
  void operator()(PGresult* result) const { PQclear(result); }
};
using OwnedResult = std::unique_ptr<PGresult, ResultClearer>;

/// The error of a failed result (null: of the connection itself), coded by its SQLSTATE: what the
/// caller should do next. The message names SQLSTATE and constraint.
///
/// ours  the statement is one of sql/: a mistake in its text is a bug, not the caller's fault.
[[nodiscard]] Error error_of(PGconn* connection, const PGresult* result, bool ours);

/// Whether the connection is of no more use.
[[nodiscard]] bool is_broken(PGconn* connection);

}  // namespace attune::store::postgres
