// How whoever gives people variations of a test tells the journal, without including whoever wires
// them.
#pragma once

#include "base/result.h"
#include "event/event.h"

namespace attune::event {

class ExposureSink {
 public:
  virtual ~ExposureSink() = default;
  /// Queues the exposure for the journal and returns at once; it is durable a group commit later.
  ///
  /// Errors   unavailable: the journal takes no writes or its queue is full. The caller may still
  ///          show the variation: who was not recorded is not in the test.
  /// Threads  any.
  [[nodiscard]] virtual Result<void> record(const Exposure& exposure) = 0;
};

}  // namespace attune::event
