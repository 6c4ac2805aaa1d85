// The models of a site: which serve, which were trained, and putting another one into service.
#include "learn/protocol.h"
#include "learn/strategy.h"
#include "serve/json_fields.h"
#include "serve/routes.h"
#include "serve/value_json.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::int64_t kResamplesMax = 10'000;
constexpr std::int64_t kTrialsMax = 1000;
constexpr std::int64_t kTuneSecondsMax = 3000;   // less than a child process may take

Result<Response> list_models(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session,
                api.sessions.borrow_as({.site = call.site->id, .account = {}}));
  const store::Value parameters[] = {call.site->id};
  ATTUNE_ASSIGN(const store::Rows rows, session->query("report/models", parameters));
  std::string out = R"({"models":)";
  append_rows(out, rows);
  return Response::json(out + '}');
}

/// {"strategy":s,"version":s}; without a version the one before.
Result<Response> serve_model(ApiContext& api, const Call& call, bool back) {
  if (!api.parts.operations.serve_model) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string strategy = fields.text("strategy", 100);
  const std::string version = back ? std::string{} : fields.text("version", 50);
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(std::string json,
                api.parts.operations.serve_model(*call.site, strategy, version));
  return Response::json(std::move(json));
}

Result<Response> evaluate(ApiContext& api, const Call& call) {
  if (!api.parts.operations.evaluate) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  EvaluateOptions options;
  options.strategy = fields.optional_text("strategy", 50).value_or("");
  options.protocol = fields.optional_text("protocol", 20).value_or(options.protocol);
  options.resamples = static_cast<std::uint32_t>(
      fields.optional_whole("resamples", 0, kResamplesMax).value_or(options.resamples));
  ATTUNE_TRY(fields.finish());
  ATTUNE_TRY(learn::parse_protocol(options.protocol));
  if (!options.strategy.empty()) ATTUNE_TRY(learn::default_params_of(options.strategy));
  return start_job(api, "evaluate", {.site = call.site->id.text()},
                   [&api, site = *call.site, options](JobProgress& progress) {
                     return api.parts.operations.evaluate(site, options, progress);
                   });
}

Result<Response> tune(ApiContext& api, const Call& call) {
  if (!api.parts.operations.tune) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  TuneOptions options;
  options.strategy = fields.text("strategy", 50);
  options.trials = static_cast<std::uint32_t>(
      fields.optional_whole("trials", 2, kTrialsMax).value_or(options.trials));
  options.seconds = static_cast<std::uint32_t>(
      fields.optional_whole("seconds", 1, kTuneSecondsMax).value_or(options.seconds));
  options.reset = fields.optional_flag("reset").value_or(false);
  ATTUNE_TRY(fields.finish());
  ATTUNE_TRY(learn::default_params_of(options.strategy));
  return start_job(api, "tune", {.site = call.site->id.text()},
                   [&api, site = *call.site, options](JobProgress& progress) {
                     return api.parts.operations.tune(site, options, progress);
                   });
}

}  // namespace

std::vector<Route> model_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route list = row(Method::get, "/api/v1/sites/{site}/models", "list_models", Access::site_read,
                   "Models of a site, those in production first, 500 at most.", "Models");
  list.on_worker = worker([&api](const Call& call) { return list_models(api, call); });
  routes.push_back(list);

  Route promote = row(Method::post, "/api/v1/sites/{site}/models/promote", "promote_model",
                      Access::site_admin,
                      "Puts a model into service in place of its strategy's present one.",
                      "ServedModel");
  promote.request_schema = "ModelVersion";
  promote.body_bytes_max = kBodyBytesMax;
  promote.on_worker = worker([&api](const Call& call) { return serve_model(api, call, false); });
  routes.push_back(promote);

  Route back = row(Method::post, "/api/v1/sites/{site}/models/rollback", "rollback_model",
                   Access::site_admin,
                   "Puts the model back into service that served before the present one.",
                   "ServedModel");
  back.request_schema = "ModelStrategy";
  back.body_bytes_max = kBodyBytesMax;
  back.on_worker = worker([&api](const Call& call) { return serve_model(api, call, true); });
  routes.push_back(back);

  Route judge = row(Method::post, "/api/v1/sites/{site}/evaluate", "evaluate_site",
                    Access::site_admin,
                    "Starts measuring the site's strategies on its own data; no model changes.",
                    "Job");
  judge.request_schema = "Evaluate";
  judge.body_bytes_max = kBodyBytesMax;
  judge.on_worker = worker([&api](const Call& call) { return evaluate(api, call); });
  routes.push_back(judge);

  Route search = row(Method::post, "/api/v1/sites/{site}/tune", "tune_site", Access::site_admin,
                     "Starts a search for a strategy's parameters; trainings use what it finds.",
                     "Job");
  search.request_schema = "Tune";
  search.body_bytes_max = kBodyBytesMax;
  search.on_worker = worker([&api](const Call& call) { return tune(api, call); });
  routes.push_back(search);
  return routes;
}

}  // namespace attune::serve
