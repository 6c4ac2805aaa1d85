// The steps that the analytics schema has as procedures, as jobs.
#include <array>

#include "base/time_zone.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

using Action = EtlRequest::Action;

constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::int64_t kBatchMax = 1'000'000;
constexpr std::int64_t kDaysMax = 36'500;
constexpr std::int32_t kRangeDaysMax = 3'660;

Result<void> read_days(JsonFields& fields, EtlRequest& request) {
  constexpr std::size_t kDayBytes = 10;
  const std::string start = fields.text("start_date", kDayBytes);
  const std::string end = fields.text("end_date", kDayBytes);
  ATTUNE_TRY(fields.finish());
  const auto first = parse_day(start);
  if (!first) return fail(ErrorCode::invalid_argument, "is no day (2026-01-31)", "start_date");
  const auto last = parse_day(end);
  if (!last) return fail(ErrorCode::invalid_argument, "is no day (2026-01-31)", "end_date");
  if (*last < *first || *last - *first >= kRangeDaysMax) {
    return fail(ErrorCode::invalid_argument, "lies 0 to 3659 days after start_date", "end_date");
  }
  request.start_day = *first;
  request.end_day = *last;
  return {};
}

Result<Response> start_step(ApiContext& api, const Call& call, Action action) {
  if (!api.parts.operations.etl) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  EtlRequest request;
  request.action = action;
  if (action == Action::process) {
    request.batch_size = fields.optional_whole("batch_size", 1, kBatchMax).value_or(1000);
  } else if (action == Action::cleanup) {
    request.retention_days = fields.optional_whole("retention_days", 1, kDaysMax).value_or(90);
  } else if (action == Action::daily) {
    ATTUNE_TRY(read_days(fields, request));
  }
  ATTUNE_TRY(fields.finish());
  return start_job(api, "etl", {}, [&api, request](JobProgress& progress) {
    return api.parts.operations.etl(request, progress);
  });
}

struct Step {
  Action action;
  std::string_view pattern;
  std::string_view name;
  std::string_view summary;
};

constexpr std::array kSteps{
    Step{Action::process, "/api/v1/etl/process", "etl_process",
         "Starts taking rows of events_log that came from elsewhere into the tables."},
    Step{Action::sessions, "/api/v1/etl/sessions", "etl_sessions",
         "Starts closing sessions that are over."},
    Step{Action::daily, "/api/v1/etl/daily", "etl_daily",
         "Starts counting days of every site anew."},
    Step{Action::cleanup, "/api/v1/etl/cleanup", "etl_cleanup",
         "Starts removing old events that the tables have taken in from events_log."},
};

}  // namespace

std::vector<Route> etl_routes(ApiContext& api) {
  std::vector<Route> routes;
  for (const Step& step : kSteps) {
    Route route;
    route.method = Method::post;
    route.pattern = step.pattern;
    route.name = step.name;
    route.access = Access::server_admin;
    route.summary = step.summary;
    route.request_schema = "EtlStep";
    route.response_schema = "Job";
    route.body_bytes_max = kBodyBytesMax;
    route.on_worker = worker(
        [&api, action = step.action](const Call& call) { return start_step(api, call, action); });
    routes.push_back(route);
  }
  return routes;
}

}  // namespace attune::serve
