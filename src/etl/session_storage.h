// How sessions and pageviews are written, which depends on the engine (docs/etl.md, section 14): a
// columnar one rewrites small tables of open sessions, one with indexes rewrites rows in place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/uuid.h"
#include "etl/effects.h"
#include "store/store.h"

namespace attune::etl {

/// Texts of sites' ids, made once.
class SiteTexts {
 public:
  const std::string& of(const Uuid& site);

 private:
  std::unordered_map<Uuid, std::string> texts_;
};

class SessionStorage {
 public:
  virtual ~SessionStorage() = default;

  /// Writes sessions, pages, closings and page times of a batch, inside the caller's transaction.
  /// `first_position` of the batch: no row of a later number is in the tables.
  /// Errors   those of the store.
  [[nodiscard]] virtual Result<void> write(const Effects& effects, SiteTexts& sites,
                                           std::uint64_t first_position) = 0;
};

/// The one for the session's engine. `session` must outlive it.
[[nodiscard]] std::unique_ptr<SessionStorage> make_session_storage(store::Session& session);

/// Appends a batch to a table and empties it.
[[nodiscard]] Result<void> append_and_clear(store::Session& session, std::string_view table,
                                            store::ColumnBatch& batch);

}  // namespace attune::etl
