#include "serve/api.h"

#include "base/ensure.h"
#include "serve/account_json.h"
#include "serve/embedded_files.h"
#include "serve/openapi.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kImportEventsMax = 50'000;

std::string_view embedded_text(std::string_view path) {
  for (const embedded::File& file : embedded::serve_files()) {
    if (file.path == path) return file.bytes;
  }
  ensure(false, "the file is compiled in");
  return {};
}

std::vector<Route> within(Area area, std::vector<Route> routes) {
  for (Route& route : routes) route.area = area;
  return routes;
}

}  // namespace

struct Api::State {
  State(ApiParts parts, ApiOptions options)
      : context(std::move(parts), std::move(options)),
        workers(context.options.worker_threads > 0
                    ? std::make_unique<WorkerPool>(context.options.worker_threads,
                                                   context.options.worker_queue_max)
                    : nullptr),
        router(context.control(), context.control(), context.clock(), workers.get(),
               {context.options.trust_proxy, context.options.public_url.starts_with("https://")}) {}

  ApiContext context;
  std::unique_ptr<WorkerPool> workers;
  Router router;
};

Api::Api(ApiParts parts, ApiOptions options)
    : state_(std::make_unique<State>(std::move(parts), std::move(options))) {
  ApiContext& api = state_->context;
  if (api.parts.enricher != nullptr) {
    collect::IntakeLimits limits = api.parts.native->limits();
    limits.body_bytes_max = api.options.import_body_bytes_max;
    limits.batch_events_max = kImportEventsMax;
    api.import_collector = std::make_unique<collect::NativeCollector>(*api.parts.enricher, limits);
  }
  Router& router = state_->router;
  router.add(collect_routes(api));
  router.add(account_routes(api));
  router.add(member_routes(api));
  router.add(site_routes(api));
  router.add(stats_routes(api));
  router.add(recommendation_routes(api));
  router.add(product_routes(api));
  router.add(within(Area::marketing, placement_routes(api)));
  router.add(within(Area::testing, flag_routes(api)));
  router.add(within(Area::testing, saved_group_routes(api)));
  router.add(within(Area::testing, connection_routes(api)));
  router.add(growthbook_routes(api));
  router.add(ofrep_routes(api));
  router.add(campaign_routes(api));
  router.add(within(Area::marketing, template_routes(api)));
  router.add(within(Area::marketing, content_routes(api)));
  router.add(within(Area::marketing, generate_routes(api)));
  router.add(within(Area::testing, test_routes(api)));
  router.add(import_routes(api));
  router.add(operation_routes(api));
  router.add(life_routes(api));
  router.add(etl_routes(api));
  router.add(learning_routes(api));
  router.add(bandit_routes(api));
  router.add(people_routes(api));
  router.add(model_routes(api));
  router.add(graph_routes(api));
  router.add(gorse_routes(api));
  router.add(health_routes(api));
  router.add(file_routes(api));
  router.set_audit(api.audit);
  api.router = &router;
  add_metrics([&api](std::vector<MetricFamily>& out) { api.publisher.collect(out); });
  api.openapi =
      openapi_document(router.routes(), embedded_text("schemas.json"), account_schemas());
}

Api::~Api() {
  stop();
  state_->workers.reset();  // what is queued still runs, and needs router and context
}

const Router& Api::router() const {
  return state_->router;
}
JobBoard& Api::jobs() {
  return state_->context.jobs;
}

Publisher& Api::publisher() {
  return state_->context.publisher;
}

Result<void> Api::refresh_content() {
  const auto sites = state_->context.control().sites();  // keeps the list alive
  for (const auto& [id, site] : sites->by_id) {
    ATTUNE_TRY(serve::refresh_content(state_->context, id));
  }
  return {};
}

namespace {

/// Reports of all accounts, one after the other, as a list.
Result<std::string> each_account(
    ApiContext& api, JobProgress& progress,
    const std::function<Result<std::string>(campaign::AccountId)>& report_of) {
  std::string reports;
  for (const AccountInfo& account : api.control().list_accounts()) {
    if (progress.stop_requested()) break;
    ATTUNE_ASSIGN(const std::string report, report_of(campaign::AccountId{account.id}));
    reports += (reports.empty() ? "" : ",") + report;
  }
  return "[" + reports + "]";
}

}  // namespace

Result<void> Api::find_insights() {
  const auto find = [&api = state_->context](JobProgress& progress) {
    return each_account(api, progress, [&](campaign::AccountId account) {
      return insights_now(api, account, progress);
    });
  };
  ATTUNE_TRY(jobs().start("insights", {}, find));
  return {};
}

Result<void> Api::refresh_advice() {
  const auto refresh = [&api = state_->context](JobProgress& progress) {
    return each_account(api, progress, [&](campaign::AccountId account) {
      return advice_now(api, account);
    });
  };
  ATTUNE_TRY(jobs().start("advice", {}, refresh));
  return {};
}

void Api::add_metrics(std::function<void(std::vector<MetricFamily>&)> source) {
  const std::lock_guard lock(state_->context.metric_mutex);
  state_->context.metric_sources.push_back(std::move(source));
}

void Api::stop() {
  state_->context.publisher.stop();
  state_->context.jobs.stop();
}

}  // namespace attune::serve
