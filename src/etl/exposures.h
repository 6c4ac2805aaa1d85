// Exposures of a batch, one row a test and person: the first counts, and who was given two
// variations is marked. Rows of a batch and rows of the table follow one rule, so that batches and
// restarts leave no trace.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "event/event.h"
#include "store/store.h"

namespace attune::etl {

/// What identifies a person within a test of a site.
std::int64_t unit_id_of(const std::string& site, const std::string& test_key,
                        const std::string& visitor_id);

class Exposures {
 public:
  /// Returns  false: an id is missing, too long or no clean text, or the time is none; nothing was
  ///          added.
  bool add(const event::Exposure& exposure, std::uint64_t position);
  bool empty() const { return rows_.empty(); }
  /// Adds them to test_exposure, within the transaction that is open.
  [[nodiscard]] Result<void> write(store::Session& session) const;

 private:
  struct Row {
    event::Exposure first;
    std::uint64_t changed_position = 0;
    std::int64_t exposures = 0;
    bool is_mixed = false;
  };
  std::map<std::int64_t, Row> rows_;   // by unit
};

}  // namespace attune::etl
