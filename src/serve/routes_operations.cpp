// What an operator asks: SQL, jobs, training, replay, check, status; and what machines ask: health,
// metrics, the OpenAPI document.
#include <fmt/format.h>

#include "base/time_zone.h"
#include "serve/client_address.h"
#include "serve/json_fields.h"
#include "serve/routes.h"
#include "serve/value_json.h"

namespace attune::serve {
namespace {

constexpr std::size_t kQueryBytesMax = 256 * 1024;
constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::int64_t kRowsMax = 100'000;
constexpr std::int64_t kRowsDefault = 10'000;
constexpr std::size_t kAnswerBytesMax = 64 << 20;  // then the answer is cut and says so

std::string_view type_name(store::ColumnType type) {
  switch (type) {
    case store::ColumnType::boolean:
      return "boolean";
    case store::ColumnType::int32:
    case store::ColumnType::int64:
      return "integer";
    case store::ColumnType::float64:
      return "double";
    case store::ColumnType::decimal:
      return "decimal";
    case store::ColumnType::text:
      return "text";
    case store::ColumnType::uuid:
      return "uuid";
    case store::ColumnType::timestamp:
      return "timestamp";
    case store::ColumnType::date:
      return "date";
    case store::ColumnType::json:
      break;
  }
  return "json";
}

std::string rows_json(const store::Rows& rows) {
  std::string out = R"({"columns":[)";
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    out += i > 0 ? ",{\"name\":" : "{\"name\":";
    append_json_string(out, rows.columns[i].name);
    fmt::format_to(std::back_inserter(out), R"(,"type":"{}"}})", type_name(rows.columns[i].type));
  }
  out += R"(],"rows":[)";
  bool truncated = rows.truncated;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (out.size() > kAnswerBytesMax) {
      truncated = true;
      break;
    }
    out += i > 0 ? ",[" : "[";
    for (std::size_t j = 0; j < rows.rows[i].size(); ++j) {
      if (j > 0) out += ",";
      append_value(out, rows.rows[i][j]);
    }
    out += "]";
  }
  out += truncated ? R"(],"truncated":true})" : R"(],"truncated":false})";
  return out;
}

Result<Response> query(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string sql = fields.text("sql", kQueryBytesMax);
  store::QueryOptions options;
  options.rows_max = static_cast<std::size_t>(
      fields.optional_whole("rows_max", 1, kRowsMax).value_or(kRowsDefault));
  const bool archive = fields.optional_flag("archive").value_or(false);
  ATTUNE_TRY(fields.finish());
  if (archive) {
    if (!api.parts.operations.query_archive) return not_here();
    ATTUNE_ASSIGN(const store::Rows rows, api.parts.operations.query_archive(sql, options));
    return Response::json(rows_json(rows));
  }
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const store::Rows rows, session->query_text(sql, options));
  return Response::json(rows_json(rows));
}

void append_job(std::string& out, const Job& job) {
  const auto text = [&out](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
    append_json_string(out, value);
  };
  out += "{\"id\":";
  append_json_string(out, job.id);
  text("kind", job.kind);
  out += ",\"site\":";
  if (job.scope.site.empty()) {
    out += "null";
  } else {
    append_json_string(out, job.scope.site);
  }
  out += ",\"account\":";
  out += job.scope.account ? std::to_string(*job.scope.account) : "null";
  text("state", to_string(job.state));
  out += ",\"done\":";
  append_json_number(out, job.done);
  out += ",\"rate\":";
  append_json_number(out, job.rate);
  text("message", job.message);
  text("started_at", utc_text(job.started_ms));
  out += ",\"finished_at\":";
  if (job.finished_ms == 0) {
    out += "null";
  } else {
    append_json_string(out, utc_text(job.finished_ms));
  }
  out += ",\"result\":";
  out += job.result_json.empty() ? "null" : job.result_json;
  out += "}";
}

/// Administrators see every job; others those of their account.
bool may_see(const Caller& caller, const Job& job) {
  return caller.may_administer_server() || job.scope.account == caller.account_id;
}

Response list_jobs(ApiContext& api, const Call& call) {
  std::string out = R"({"jobs":[)";
  bool first = true;
  for (const Job& job : api.jobs.list()) {
    if (!may_see(call.caller, job)) continue;
    if (!first) out += ",";
    first = false;
    append_job(out, job);
  }
  out += "]}";
  return Response::json(std::move(out));
}

Result<Response> show_job(ApiContext& api, const Call& call) {
  const auto job = api.jobs.find(call.path("id"));
  if (!job || !may_see(call.caller, *job)) {
    return fail(ErrorCode::not_found, "no such job", "id");
  }
  std::string out;
  append_job(out, *job);
  return Response::json(std::move(out));
}

Result<Response> train(ApiContext& api, const Call& call) {
  if (!api.parts.operations.train) return not_here();
  TrainOptions options;
  if (!call.request().body.empty()) {
    ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
    JsonFields fields(body);
    options.strategy = fields.optional_text("strategy", 50).value_or("");
    options.algorithm = fields.optional_text("algorithm", 500).value_or("");
    ATTUNE_TRY(fields.finish());
  }
  return start_job(api, "train", {.site = call.site->id.text()},
                   [&api, site = *call.site, options](JobProgress& progress) {
                     return api.parts.operations.train(site, options, progress);
                   });
}

Result<Response> start_global(ApiContext& api, std::string kind,
                              const std::function<Result<std::string>(JobProgress&)>& work) {
  if (!work) return not_here();
  return start_job(api, std::move(kind), {}, work);
}

Result<Response> status(ApiContext& api) {
  if (!api.parts.operations.status) return not_here();
  ATTUNE_ASSIGN(std::string json, api.parts.operations.status());
  return Response::json(std::move(json));
}

Result<Response> database_status(ApiContext& api) {
  if (!api.parts.operations.database_status) return not_here();
  ATTUNE_ASSIGN(std::string json, api.parts.operations.database_status());
  return Response::json(std::move(json));
}

// Health ------------------------------------------------------------------------------------------

Response ready(const ApiContext& api) {
  std::vector<Readiness> parts;
  if (api.parts.operations.readiness) parts = api.parts.operations.readiness();
  bool all = true;
  std::string list;
  for (const Readiness& part : parts) {
    all = all && part.ready;
    list += list.empty() ? "{\"part\":" : ",{\"part\":";
    append_json_string(list, part.part);
    list += part.ready ? ",\"ready\":true,\"detail\":" : ",\"ready\":false,\"detail\":";
    append_json_string(list, part.detail);
    list += "}";
  }
  return Response::json(fmt::format(R"({{"ready":{},"parts":[{}]}})", all, list), all ? 200 : 503);
}

/// Numbers of a business are nobody else's: whoever is not on this network shows an admin key.
bool may_scrape(const ApiContext& api, const Call& call) {
  const Request& request = call.request();
  if (request.peer != PeerKind::tcp || is_internal_address(call.client_address)) return true;
  std::string_view authorization = request.header("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return false;
  const auto caller = api.control().caller_of_key(authorization.substr(kScheme.size()));
  return caller && caller->may_administer_server();
}

Response metrics(ApiContext& api, const Call& call) {
  if (!may_scrape(api, call)) {
    return Response::error(
        Error(ErrorCode::unauthenticated,
              "from outside this network, send an admin key for the whole server"));
  }
  std::vector<MetricFamily> families;
  api.router->collect(families);
  {
    const std::lock_guard lock(api.metric_mutex);
    for (const auto& source : api.metric_sources) source(families);
  }
  if (api.parts.operations.metrics) add_samples(families, api.parts.operations.metrics());
  Response response = Response::text(metrics_text(families));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace

tl::unexpected<Error> not_here() {
  return fail(ErrorCode::unavailable, "this is not available in this process");
}

Result<Response> start_job(ApiContext& api, std::string kind, JobScope scope, JobWork work) {
  ATTUNE_ASSIGN(const std::string id,
                api.jobs.start(std::move(kind), std::move(scope), std::move(work)));
  const auto job = api.jobs.find(id);
  if (!job) return fail(ErrorCode::internal, "the job vanished");
  std::string out;
  append_job(out, *job);
  return Response::json(std::move(out), 202);
}

std::vector<Route> operation_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route sql = row(Method::post, "/api/v1/query", "query", Access::server_admin,
                  "Runs one read-only SQL statement.", "QueryAnswer");
  sql.body_bytes_max = kQueryBytesMax;
  sql.request_schema = "Query";
  sql.on_worker = worker([&api](const Call& call) { return query(api, call); });
  routes.push_back(sql);

  Route jobs = row(Method::get, "/api/v1/jobs", "list_jobs", Access::account_read,
                   "Jobs since the start, newest first.", "Jobs");
  jobs.on_worker = [&api](const Call& call) { return list_jobs(api, call); };
  routes.push_back(jobs);

  Route job =
      row(Method::get, "/api/v1/jobs/{id}", "show_job", Access::account_read, "One job.", "Job");
  job.on_worker = worker([&api](const Call& call) { return show_job(api, call); });
  routes.push_back(job);

  Route training = row(Method::post, "/api/v1/sites/{site}/train", "train", Access::site_admin,
                       "Starts a training of the site's recommendation models.", "Job");
  training.request_schema = "Train";
  training.body_bytes_max = kBodyBytesMax;
  training.on_worker = worker([&api](const Call& call) { return train(api, call); });
  routes.push_back(training);

  Route replay = row(Method::post, "/api/v1/replay", "replay", Access::server_admin,
                     "Starts rebuilding every derived table from the journal.", "Job");
  replay.body_bytes_max = kBodyBytesMax;
  replay.on_worker = worker(
      [&api](const Call&) { return start_global(api, "replay", api.parts.operations.replay); });
  routes.push_back(replay);

  Route check = row(Method::post, "/api/v1/check", "check", Access::server_admin,
                    "Starts a check of the journal and of the tables against it.", "Job");
  check.body_bytes_max = kBodyBytesMax;
  check.on_worker = worker(
      [&api](const Call&) { return start_global(api, "check", api.parts.operations.check); });
  routes.push_back(check);

  Route state = row(Method::get, "/api/v1/status", "status", Access::server_admin,
                    "How the server is doing.", "Status");
  state.on_worker = worker([&api](const Call&) { return status(api); });
  routes.push_back(state);

  Route database = row(Method::get, "/api/v1/status/database", "database_status",
                       Access::server_admin,
                       "What waits in the database, how fast it goes, what takes room and time.",
                       "DatabaseStatus");
  database.on_worker = worker([&api](const Call&) { return database_status(api); });
  routes.push_back(database);
  return routes;
}

std::vector<Route> health_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route alive = row(Method::get, "/healthz", "healthz", Access::open,
                    "Whether the process answers.", "Health");
  alive.runs = Runs::on_io;
  alive.on_io = [](std::shared_ptr<Call>, Responder answer) {
    answer(Response::json(R"({"status":"ok"})"));
  };
  routes.push_back(alive);

  Route readiness = row(Method::get, "/readyz", "readyz", Access::open,
                        "Whether events are taken and tables keep up; 503 when not.", "Readiness");
  readiness.runs = Runs::on_io;
  readiness.on_io = [&api](std::shared_ptr<Call>, Responder answer) { answer(ready(api)); };
  routes.push_back(readiness);

  Route numbers =
      row(Method::get, "/metrics", "metrics", Access::open,
          "Counters for Prometheus; from outside the network only with an admin key.", "");
  numbers.on_worker = [&api](const Call& call) { return metrics(api, call); };
  routes.push_back(numbers);

  Route document = row(Method::get, "/api/v1/openapi.json", "openapi", Access::open,
                       "This document.", "OpenApi");
  document.runs = Runs::on_io;
  document.on_io = [&api](std::shared_ptr<Call>, Responder answer) {
    Response response;
    response.shared_body = api.openapi;
    response.with("Access-Control-Allow-Origin", "*");
    answer(std::move(response));
  };
  routes.push_back(document);
  return routes;
}

}  // namespace attune::serve
