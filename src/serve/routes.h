// The handlers behind the table, by area. Internal to the Api: what they share, and one function an
// area that gives its rows.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "campaign/account_store.h"
#include "serve/api.h"
#include "serve/audit_log.h"
#include "serve/content_slots.h"
#include "serve/exposure_recorder.h"
#include "serve/json_text.h"
#include "serve/publisher.h"
#include "serve/session_pool.h"
#include "serve/static_files.h"
#include "serve/worker_pool.h"

namespace attune::serve {

struct ApiContext {
  ApiContext(ApiParts p, ApiOptions o)
      : parts(std::move(p)),
        options(std::move(o)),
        sessions(*parts.store),
        publisher(sessions, *parts.clock),
        exposures(parts.exposures, *parts.clock),
        jobs(*parts.clock),
        accounts(*parts.clock),
        slots(sessions, accounts, *parts.clock) {}

  const ApiParts parts;
  const ApiOptions options;
  SessionPool sessions;
  Publisher publisher;
  ExposureRecorder exposures;
  std::mutex flag_mutex;  // one change of flags at a time: a check holds until its write
  JobBoard jobs;
  campaign::AccountStore accounts;
  SlotBook slots;
  AuditLog audit{*parts.store, *parts.clock};
  std::mutex test_mutex;   // for tests, where no clock takes its turn with them
  StaticFiles files;
  std::string openapi;  // the document, made once from the finished table
  std::mutex metric_mutex;
  std::vector<std::function<void(std::vector<MetricFamily>&)>>
      metric_sources;  // guarded by metric_mutex
  const Router* router = nullptr;

  // Imports: one batch at a time, and the newest answer of each, for a client that asks again.
  struct ImportAnswer {
    std::int64_t batch = 0;
    std::string json;
  };
  std::unique_ptr<collect::NativeCollector> import_collector;
  std::mutex import_mutex;
  std::unordered_map<std::uint32_t, ImportAnswer> import_answers;  // guarded by import_mutex

  const Clock& clock() const { return *parts.clock; }
  ControlPlane& control() const { return *parts.control; }
};

std::vector<Route> collect_routes(ApiContext& api);
std::vector<Route> account_routes(ApiContext& api);
std::vector<Route> member_routes(ApiContext& api);
std::vector<Route> site_routes(ApiContext& api);
std::vector<Route> stats_routes(ApiContext& api);
std::vector<Route> recommendation_routes(ApiContext& api);
std::vector<Route> product_routes(ApiContext& api);
std::vector<Route> placement_routes(ApiContext& api);
std::vector<Route> flag_routes(ApiContext& api);
std::vector<Route> saved_group_routes(ApiContext& api);
std::vector<Route> connection_routes(ApiContext& api);
std::vector<Route> growthbook_routes(ApiContext& api);
std::vector<Route> ofrep_routes(ApiContext& api);
std::vector<Route> campaign_routes(ApiContext& api);
/// Looks for an account's insights, and gives the report.
Result<std::string> insights_now(ApiContext& api, campaign::AccountId account,
                                 JobProgress& progress);
/// Brings an account's advice up to date, and gives the report.
Result<std::string> advice_now(ApiContext& api, campaign::AccountId account);
std::vector<Route> template_routes(ApiContext& api);
std::vector<Route> content_routes(ApiContext& api);
std::vector<Route> generate_routes(ApiContext& api);
std::vector<Route> test_routes(ApiContext& api);
std::vector<Route> import_routes(ApiContext& api);
std::vector<Route> operation_routes(ApiContext& api);
std::vector<Route> life_routes(ApiContext& api);
std::vector<Route> etl_routes(ApiContext& api);
std::vector<Route> learning_routes(ApiContext& api);
std::vector<Route> bandit_routes(ApiContext& api);
std::vector<Route> people_routes(ApiContext& api);
std::vector<Route> model_routes(ApiContext& api);
std::vector<Route> graph_routes(ApiContext& api);
std::vector<Route> gorse_routes(ApiContext& api);
std::vector<Route> health_routes(ApiContext& api);
std::vector<Route> file_routes(ApiContext& api);

/// Whose rows a call is about: the caller's own account, or the one named by an administrator.
/// Errors  permission_denied, invalid_argument, not_found, with the field "account".
[[nodiscard]] Result<campaign::AccountId> account_of(const ApiContext& api, const Call& call);

/// The site of a client key: its id or its public key; null: none.
const event::Site* site_of_client_key(const event::SiteSnapshot& sites, std::string_view key);
/// Whether If-None-Match names this ETag.
bool has_etag(const Request& request, std::string_view etag);

/// Brings what a site's content slots earned into the tables of their accounts.
/// Returns  rows of personalized_content written.
[[nodiscard]] Result<std::int64_t> refresh_content(ApiContext& api, const Uuid& site);

/// Starts a job and answers 202 with it.
[[nodiscard]] Result<Response> start_job(ApiContext& api, std::string kind, JobScope scope,
                                         JobWork work);
/// For a route whose engine is not wired in this process.
tl::unexpected<Error> not_here();

/// What the collectors must know of a request; texts point into the call.
collect::RequestContext collect_context(const Call& call, bool trust_proxy);

/// What admission refused, with the time to come back; 413 for what will be too large then as well.
Response admission_refusal(const collect::Refusal& refusal);

/// An error of the journal as the client should see it: a stopped journal is 503, not 500, because
/// the client should keep its events and come back.
Response journal_error(const Error& error);

/// Waits on this worker until the journal has the batch.
[[nodiscard]] Result<void> append_and_wait(journal::Journal& journal, journal::RecordBatch batch);

/// The rows that a call may see and change: those of its site.
inline store::Tenant site_of(const Call& call) {
  return {.site = call.site->id, .account = {}};
}

/// Has clients of the site's flags hear of a change that is stored.
inline Result<void> publish_flags(ApiContext& api, const Call& call) {
  auto served = api.publisher.publish(call.site->id);
  if (!served) return pass(served, "it is stored, and not in service yet");
  return {};
}

/// A handler for a worker that may fail: its error becomes the answer.
template <class Handler>
WorkerHandler worker(Handler handler) {
  return [handler = std::move(handler)](const Call& call) -> Response {
    Result<Response> response = handler(call);
    if (!response) return Response::error(response.error());
    return std::move(*response);
  };
}

}  // namespace attune::serve
