// `attune etl`: the steps that the analytics schema has as procedures, on both engines. The ETL
// does them by itself; here they are asked for, and on PostgreSQL they also take in rows of
// events_log that came from elsewhere.
#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "app_parts.h"
#include "base/time_zone.h"
#include "etl/daily_metrics.h"

namespace attune {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::int64_t kWaitStepMs = 200;
constexpr std::int64_t kWaitMs = 600'000;
constexpr std::int64_t kDayMs = 86'400'000;

Result<std::int64_t> ask_number(store::Session& session, std::string_view file,
                                std::span<const Value> parameters = {}) {
  ATTUNE_ASSIGN(const store::Rows rows, session.query(file, parameters));
  return std::get<std::int64_t>(rows.rows.at(0).at(0));
}

/// A step that only PostgreSQL has: what the embedded ETL has done already.
Result<void> call(store::Session& session, std::string_view file,
                  std::span<const Value> parameters = {}) {
  if (session.engine() != store::Engine::postgres) return {};
  ATTUNE_TRY(session.execute(file, parameters));
  return {};
}

/// Waits until all that is in the journal now is in the tables.
Result<void> drain(App::Parts& parts, serve::JobProgress& progress) {
  const journal::Position until = parts.journal->durable_end();
  for (std::int64_t waited_ms = 0; !parts.etl->wait_for(until, kWaitStepMs);
       waited_ms += kWaitStepMs) {
    const etl::ConsumerStatus now = parts.etl->status();
    if (!now.running) return fail(ErrorCode::unavailable, "the ETL has stopped: " + now.error);
    if (progress.stop_requested()) return fail(ErrorCode::unavailable, "the server stops");
    if (waited_ms > kWaitMs) {
      return fail(ErrorCode::deadline_exceeded, "the tables did not catch up in 10 minutes");
    }
    progress.set(static_cast<double>(now.position.offset) / static_cast<double>(until.offset), 0,
                 fmt::format("{} bytes of journal behind", now.lag_bytes));
  }
  return {};
}

/// Rows of events_log that the collector did not write: batch by batch, until none are left.
Result<json::object> process(App::Parts& parts, store::Session& session,
                             const serve::EtlRequest& request, serve::JobProgress& progress) {
  ATTUNE_TRY(drain(parts, progress));
  ATTUNE_ASSIGN(const std::int64_t waiting, ask_number(session, "etl/unprocessed"));
  std::int64_t left = waiting;
  const std::array parameters{Value{request.batch_size}};
  while (left > 0) {
    if (progress.stop_requested()) return fail(ErrorCode::unavailable, "the server stops");
    ATTUNE_TRY(call(session, "etl/process", parameters));
    ATTUNE_ASSIGN(const std::int64_t now, ask_number(session, "etl/unprocessed"));
    if (now >= left) break;   // rows come in as fast as they are worked off
    left = now;
    progress.set(1 - static_cast<double>(left) / static_cast<double>(waiting), 0,
                 fmt::format("{} rows left", left));
  }
  return json::object{{"processed", waiting - left}, {"unprocessed", left}};
}

Result<json::object> close_sessions(App::Parts& parts, store::Session& session,
                                    serve::JobProgress& progress) {
  ATTUNE_TRY(drain(parts, progress));
  ATTUNE_TRY(call(session, "etl/sessions.update"));
  ATTUNE_ASSIGN(const std::int64_t open, ask_number(session, "etl/sessions.open"));
  return json::object{{"open_sessions", open}};
}

Result<json::object> count_days(App::Parts& parts, store::Session& session,
                                const serve::EtlRequest& request, serve::JobProgress& progress) {
  ATTUNE_TRY(drain(parts, progress));
  const std::array parameters{Value{store::Date{request.start_day}},
                              Value{store::Date{request.end_day}}};
  ATTUNE_TRY(session.execute("etl/days.mark", parameters));
  ATTUNE_ASSIGN(const std::int64_t days,
                etl::refresh_daily_metrics(session, *parts.control));
  ATTUNE_TRY(call(session, "etl/days.calculate", parameters));
  return json::object{{"days", days}};
}

Result<json::object> clean_up(App::Parts& parts, store::Session& session,
                              const serve::EtlRequest& request) {
  const std::int64_t before_ms = parts.clock.now_ms() - request.retention_days * kDayMs;
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);   // no replay goes on meanwhile
  ATTUNE_ASSIGN(const std::int64_t removed,
                etl::remove_raw_events(session, sites_with_rows(parts),
                                       store::Timestamp::from_ms(before_ms),
                                       parts.clock.now_ms()));
  return json::object{{"removed", removed}, {"before", utc_text(before_ms)}};
}

}  // namespace

Result<std::string> etl_now(App::Parts& parts, const serve::EtlRequest& request,
                            serve::JobProgress& progress) {
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  Result<json::object> done;
  switch (request.action) {
    case serve::EtlRequest::Action::process:
      done = process(parts, *session, request, progress);
      break;
    case serve::EtlRequest::Action::sessions:
      done = close_sessions(parts, *session, progress);
      break;
    case serve::EtlRequest::Action::daily:
      done = count_days(parts, *session, request, progress);
      break;
    case serve::EtlRequest::Action::cleanup: done = clean_up(parts, *session, request); break;
  }
  if (!done) return pass(done);
  return json::serialize(*done);
}

}  // namespace attune
