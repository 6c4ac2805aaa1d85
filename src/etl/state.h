// What the ETL keeps in memory, read back from the tables (docs/etl.md, section 13), and the
// questions it asks them while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/result.h"
#include "etl/counts.h"
#include "etl/facts.h"
#include "etl/transformer.h"
#include "journal/journal.h"
#include "store/store.h"

namespace attune::etl {

/// How far the tables go; nullopt: nothing was ever read.
[[nodiscard]] Result<std::optional<journal::Position>> load_position(store::Session& session);

/// Fills a new transformer with what one that had worked all along would hold.
///
/// Returns  where to read on.
/// Errors   those of the store; internal: rows of another shape.
[[nodiscard]] Result<journal::Position> load_state(store::Session& session,
                                                   Transformer& transformer);

/// Facts from the tables.
class StoreFacts final : public Facts {
 public:
  explicit StoreFacts(store::Session& session) : session_(session) {}

  Result<void> session_rows(std::span<const StoredSession> sessions,
                            const std::function<void(SessionRow&&)>& tell) override;
  Result<void> pages(std::span<const StoredPages> sessions,
                     const std::function<void(std::uint64_t, Moment)>& tell) override;

 private:
  store::Session& session_;
};

}  // namespace attune::etl
