// daily_site_metrics: recomputed, a dirty day at a time, by SQL from the tables (docs/etl.md,
// section 11). Runs beside the consumer on a session of its own, so that a busy day's count of
// visitors stalls nothing: what became dirty after its transaction began stays on the list.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "event/site_directory.h"
#include "store/store.h"

namespace attune::etl {

/// Recomputes all days that are dirty now.
///
/// Returns  how many.
/// Errors   those of the store; days done before it stay done.
[[nodiscard]] Result<std::int64_t> refresh_daily_metrics(store::Session& session,
                                                         const event::SiteDirectory& sites);

/// Puts all days of a site on the list: its time zone was changed.
[[nodiscard]] Result<void> mark_site_dirty(store::Session& session, const event::Site& site);

}  // namespace attune::etl
