// What the transformer must ask the tables: rows of sessions it does not have in memory, and where
// the pages of a session lie. Asked at most once a batch each, for all sessions together.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "etl/moment.h"
#include "etl/session_index.h"
#include "etl/session_row.h"

namespace attune::etl {

struct StoredSession {
  std::uint64_t key = 0;
  Stored stored = Stored::hot;
  std::int64_t first_ms = 0;   // session_start in the tables
};

/// A session's pages in pageviews_cold lie within these times.
struct StoredPages {
  std::uint64_t key = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
};

class Facts {
 public:
  virtual ~Facts() = default;

  /// Tells the row of each session, in any order.
  /// Errors   of the store; internal: a row is missing.
  [[nodiscard]] virtual Result<void> session_rows(
      std::span<const StoredSession> sessions, const std::function<void(SessionRow&&)>& tell) = 0;

  /// Tells (session key, page) for each row of these sessions in pageviews_cold, in any order.
  [[nodiscard]] virtual Result<void> pages(
      std::span<const StoredPages> sessions,
      const std::function<void(std::uint64_t key, Moment page)>& tell) = 0;
};

}  // namespace attune::etl
