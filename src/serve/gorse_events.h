// Feedback as events: what a client of Gorse sends goes through the journal like everything else,
// so that profiles, training and rewards see it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "event/site_directory.h"
#include "serve/gorse.h"
#include "serve/gorse_store.h"
#include "serve/routes.h"

namespace attune::serve::gorse {

/// What one request does to the journal.
struct EventBatches {
  std::string live = "[";     // JSON of events
  std::string history = "[";  // of those too old for the live stream (docs/etl.md, section 3)
};

/// The events of new feedback.
EventBatches events_of(const event::Site& site, const std::vector<Feedback>& feedback,
                       const Rules& rules, std::int64_t now_ms);
/// The events that take deleted feedback back, where there are such: the opposite of a wish and of
/// a cart's item. What was seen, clicked or bought stays so.
EventBatches events_of_deleted(const event::Site& site, const std::vector<Feedback>& feedback,
                               const Rules& rules);
/// The event that a recommendation's items were shown.
EventBatches events_of_shown(const event::Site& site, std::string_view user, const Uuid& decision,
                             std::span<const std::string> items);

/// Writes events; old ones into an import of kind "gorse" that all requests of an hour share.
class EventWriter {
 public:
  /// api   outlives this object.
  explicit EventWriter(ApiContext& api) : api_(api) {}

  /// Returns when everything is on disk.
  /// Errors   invalid_argument: an event breaks a rule, nothing was written; those of the journal.
  /// Threads  any.
  [[nodiscard]] Result<void> write(const Call& call, const event::Site& site,
                                   const EventBatches& batches);

 private:
  Result<std::uint32_t> history_stream(const Uuid& site);
  Result<journal::RecordBatch> collect(const Call& call, const event::Site& site,
                                       const std::string& json, std::uint32_t stream);

  ApiContext& api_;
  std::mutex history_mutex_;  // one batch of history at a time
};

}  // namespace attune::serve::gorse
