// What learning keeps of people, and what it is told directly: profiles and feature vectors
// computed anew, metadata of RL models, and interactions named by numbers.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <future>
#include <mutex>

#include "base/time_zone.h"
#include "profile/refresh.h"
#include "serve/interactions.h"
#include "serve/json_fields.h"
#include "serve/routes.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 64 * 1024;
constexpr std::size_t kMetricsBytesMax = 16 * 1024;

Result<Response> refresh_profiles(ApiContext& api, const Call& call) {
  return start_job(api, "profiles", {.site = call.site->id.text()},
                   [&api, site = call.site->id](JobProgress& progress) -> Result<std::string> {
                     progress.set(0, 0, "computing profiles");
                     ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
                     profile::RefreshOptions options;
                     options.turn = api.parts.profile_turn;
                     options.progress = [&progress](std::int64_t done, std::int64_t all) {
                       progress.set(static_cast<double>(done) / static_cast<double>(all), 0,
                                    fmt::format("{} of {} profiles", done, all));
                       return !progress.stop_requested();
                     };
                     ATTUNE_ASSIGN(const profile::Refreshed done,
                                   profile::refresh(*session, site, api.clock().now_ms(), options));
                     return fmt::format(R"({{"profiles":{},"features":{}}})", done.profiles,
                                        done.features);
                   });
}

void append_member(std::string& out, std::string_view name,
                   const std::optional<std::string>& text) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  if (text) append_json_string(out, *text);
  else out += "null";
}

std::string rl_model_json(RowReader row) {
  std::string out = fmt::format(R"({{"id":{})", row.take<std::int64_t>());
  append_member(out, "model_name", row.take<std::string>());
  append_member(out, "algorithm_type", row.take<std::string>());
  append_member(out, "version", row.take<std::string>());
  fmt::format_to(std::back_inserter(out), R"(,"is_active":{})",
                 row.take_optional<bool>().value_or(false));
  const auto time_text = [&](const std::optional<store::Timestamp>& time) {
    return time ? std::optional(utc_text(time->us / 1000)) : std::nullopt;
  };
  append_member(out, "training_date", time_text(row.take_optional<store::Timestamp>()));
  fmt::format_to(std::back_inserter(out), R"(,"performance_metrics":{})",
                 row.take_optional<std::string>().value_or("null"));
  append_member(out, "model_path", row.take_optional<std::string>());
  append_member(out, "created_at", time_text(row.take<store::Timestamp>()));
  const auto created_by = row.take_optional<std::int64_t>();
  out += created_by ? fmt::format(R"(,"created_by":{}}})", *created_by) : ",\"created_by\":null}";
  return out;
}

Result<Response> list_rl_models(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id.text()};
  ATTUNE_ASSIGN(const store::Rows rows, session->query("serve/rl_models", parameters));
  std::string out = R"({"models":[)";
  for (const auto& row : rows.rows) {
    if (out.back() == '}') out += ",";
    out += rl_model_json(RowReader(row));
  }
  return Response::json(out + "]}");
}

template <class T>
store::Value value_of(const std::optional<T>& given) {
  return given ? store::Value(*given) : store::Value(store::Null{});
}

/// The object "performance_metrics", taken out of the body, as text.
Result<std::optional<store::Json>> take_metrics(boost::json::value& body) {
  if (!body.is_object()) return std::nullopt;
  const boost::json::value* found = body.get_object().if_contains("performance_metrics");
  if (found == nullptr || found->is_null()) return std::nullopt;
  std::string text = boost::json::serialize(*found);
  if (!found->is_object() || text.size() > kMetricsBytesMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be an object of at most {} bytes", kMetricsBytesMax),
                "performance_metrics");
  }
  body.get_object().erase("performance_metrics");
  return store::Json{std::move(text)};
}

Result<std::optional<store::Timestamp>> day_of(const std::optional<std::string>& text,
                                               std::string_view field) {
  constexpr std::int64_t kDayMs = 86'400'000;
  if (!text) return std::nullopt;
  auto day = parse_day(*text);
  if (!day) {
    return fail(ErrorCode::invalid_argument, "is a day like 2026-01-31", std::string(field));
  }
  return store::Timestamp::from_ms(*day * kDayMs);
}

Result<Response> put_rl_model(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(boost::json::value body, parse_json(call.request().body));
  ATTUNE_ASSIGN(const std::optional<store::Json> metrics, take_metrics(body));
  JsonFields fields(body);
  const std::string name = fields.text("model_name", 100);
  const std::string algorithm = fields.text("algorithm_type", 50);
  const std::string version = fields.text("version", 20);
  const bool active = fields.optional_flag("is_active").value_or(false);
  const auto trained_text = fields.optional_text("training_date", 40);
  const auto path = fields.optional_text("model_path", 500);
  ATTUNE_TRY(fields.finish());
  if (algorithm != "LINUCB" && algorithm != "THOMPSON_SAMPLING" && algorithm != "DQN") {
    return fail(ErrorCode::invalid_argument, "is LINUCB, THOMPSON_SAMPLING or DQN",
                "algorithm_type");
  }
  ATTUNE_ASSIGN(const auto trained, day_of(trained_text, "training_date"));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const std::int64_t account = call.caller.account_id;
  const store::Value parameters[] = {
      call.site->id.text(), name, algorithm, version, active, value_of(trained), value_of(metrics),
      value_of(path), account == 0 ? store::Value(store::Null{}) : store::Value(account),
      store::Timestamp::from_ms(api.clock().now_ms())};
  ATTUNE_TRY(session->execute("serve/rl_model_upsert", parameters));
  ATTUNE_TRY(session.commit());
  return Response::json(R"({"stored":1})");
}

Result<Response> delete_rl_model(ApiContext& api, const Call& call) {
  const std::string_view text = call.path("id");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  std::int64_t gone = 0;
  if (error == std::errc{} && end == text.data() + text.size()) {
    ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
    const store::Value parameters[] = {call.site->id.text(), id};
    ATTUNE_ASSIGN(gone, session->execute("serve/rl_model_delete", parameters));
    ATTUNE_TRY(session.commit());
  }
  if (gone == 0) return fail(ErrorCode::not_found, "no such model", "id");
  return Response::empty(204);
}

Result<Response> add_interaction(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  InteractionEvents events;
  {
    ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
    ATTUNE_ASSIGN(events,
                  interaction_events(*session, *call.site, boost::json::array{body}, false));
  }
  if (!events.refused.empty()) return tl::unexpected<Error>(events.refused.begin()->second);
  collect::RequestContext context;   // of the person, not of the program that asks for them
  context.received_ms = call.request().received_ms;
  context.trusted = true;
  context.key_site = call.site->id;
  const auto sites = api.control().sites();
  collect::Intake intake =
      collect_interactions(*api.parts.native, *sites, context, std::move(events));
  if (intake.refused) return tl::unexpected<Error>(*intake.refused);
  if (intake.accepted_count == 0) return Response::json(collect::answer_json(intake), 400);
  std::promise<Result<void>> done;
  auto durable = done.get_future();
  api.parts.journal->append(std::move(intake.batch),
                            [&done](Result<journal::Position> position) {
                              if (position) done.set_value({});
                              else done.set_value(pass(position));
                            });
  if (const auto written = durable.get(); !written) return journal_error(written.error());
  return Response::json(collect::answer_json(intake));
}

}  // namespace

std::vector<Route> learning_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route refresh = row(Method::post, "/api/v1/sites/{site}/profiles/refresh", "refresh_profiles",
                      Access::site_admin,
                      "Starts computing the site's profiles and feature vectors anew.", "Job");
  refresh.on_worker = worker([&api](const Call& call) { return refresh_profiles(api, call); });
  routes.push_back(refresh);

  Route list = row(Method::get, "/api/v1/sites/{site}/rl-models", "list_rl_models",
                   Access::site_read, "Metadata of RL models, newest first.", "RlModels");
  list.on_worker = worker([&api](const Call& call) { return list_rl_models(api, call); });
  routes.push_back(list);

  Route put = row(Method::put, "/api/v1/sites/{site}/rl-models", "put_rl_model", Access::site_admin,
                  "Stores the metadata of one RL model; its name and version name it.", "Stored");
  put.request_schema = "RlModel";
  put.body_bytes_max = kBodyBytesMax;
  put.on_worker = worker([&api](const Call& call) { return put_rl_model(api, call); });
  routes.push_back(put);

  Route remove = row(Method::delete_, "/api/v1/sites/{site}/rl-models/{id}", "delete_rl_model",
                     Access::site_admin, "Forgets an RL model.", "");
  remove.on_worker = worker([&api](const Call& call) { return delete_rl_model(api, call); });
  routes.push_back(remove);

  Route add = row(Method::post, "/api/v1/sites/{site}/interactions", "add_interaction",
                  Access::site_write,
                  "Takes one interaction between a user and a product that are named by number.",
                  "EventsAnswer");
  add.request_schema = "Interaction";
  add.body_bytes_max = kBodyBytesMax;
  add.on_worker = worker([&api](const Call& call) { return add_interaction(api, call); });
  routes.push_back(add);
  return routes;
}

}  // namespace attune::serve
