#include "etl/replay.h"

#include <algorithm>
#include <utility>

#include "etl/consumer.h"
#include "etl/state.h"

namespace attune::etl {

Result<Counts> replay(journal::Journal& journal, store::Store& fresh,
                      const event::SiteDirectory& sites, const Clock& clock,
                      const Settings& settings, journal::Position until,
                      const ReplayListener& progress) {
  ATTUNE_ASSIGN(auto session, fresh.session());
  ATTUNE_ASSIGN(const auto position, load_position(*session));
  if (position) {
    return fail(ErrorCode::failed_precondition,
                "a replay needs a database that has read nothing yet");
  }
  if (journal.first().offset != 0) {
    return fail(ErrorCode::failed_precondition,
                "the journal's beginning is no longer kept: a replay would lose what it held");
  }
  Settings paced = settings;
  ReplayProgress now{.position = {}, .until = until};
  const Consumer* running = nullptr;
  paced.committed = [&](journal::Position committed) {
    const Counts counts = running->status().counts;
    now.position = committed;
    now.records = counts.events + counts.decisions + counts.other_records;
    if (progress) progress(now);
  };
  Consumer consumer(journal, fresh, sites, clock, std::move(paced));
  running = &consumer;
  ATTUNE_TRY(consumer.run_until(until));
  return consumer.status().counts;
}

Result<journal::Position> committed_position(store::Session& session) {
  ATTUNE_ASSIGN(const auto position, load_position(session));
  return position.value_or(journal::Position{});
}

}  // namespace attune::etl
