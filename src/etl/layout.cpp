#include "etl/layout.h"
#include "store/transaction.h"

#include <array>
#include <variant>

namespace attune::etl {
namespace {

using store::Timestamp;
using store::Value;

Result<std::int64_t> rewrite(store::Session& session, std::int64_t begin_ms, std::int64_t end_ms) {
  ATTUNE_ASSIGN(const store::Rows last, session.query("etl/interactions.last_row", {}));
  const std::array parameters{Value{Timestamp::from_ms(begin_ms)},
                              Value{Timestamp::from_ms(end_ms)}, last.rows.at(0).at(0)};
  return session.execute("etl/interactions.cluster", parameters);
}

}  // namespace

Result<std::int64_t> cluster_interactions(store::Session& session, std::int64_t begin_ms,
                                          std::int64_t end_ms) {
  if (session.engine() != store::Engine::duckdb) return 0;
  auto rewritten = store::in_transaction(
      session, [&] { return rewrite(session, begin_ms, end_ms); });
  if (!rewritten) return pass(rewritten, "clustering interactions");
  return rewritten;
}

}  // namespace attune::etl
