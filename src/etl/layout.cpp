#include "etl/layout.h"

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
  ATTUNE_TRY(session.begin());
  auto rewritten = rewrite(session, begin_ms, end_ms);
  if (!rewritten) {
    static_cast<void>(session.rollback());   // the first error says what went wrong
    return pass(rewritten, "clustering interactions");
  }
  ATTUNE_TRY(session.commit());
  return rewritten;
}

}  // namespace attune::etl
