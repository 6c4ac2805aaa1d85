// How decide tells the journal what it chose, without including whoever wires them.
#pragma once

#include "base/result.h"
#include "event/event.h"

namespace attune::event {

class DecisionSink {
 public:
  virtual ~DecisionSink() = default;
  /// Queues the decision for the journal and returns at once; it is durable a group commit later.
  ///
  /// Errors   unavailable: the journal takes no writes or its queue is full. The caller still
  /// answers,
  ///          without a decision id, because nothing can be learned from what was not recorded.
  /// Threads  any.
  [[nodiscard]] virtual Result<void> record(const Decision& decision) = 0;
};

}  // namespace attune::event
