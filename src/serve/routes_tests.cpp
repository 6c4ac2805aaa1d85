// Tests that run: their life, what people were given, and what came of it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <mutex>

#include "event/codec.h"
#include "experiment/results.h"
#include "experiment/run.h"
#include "experiment/test_store.h"
#include "serve/account_json.h"
#include "serve/exposures.h"
#include "serve/json_fields.h"
#include "serve/routes.h"
#include "serve/test_plan.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using campaign::AccountId;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::size_t kExposureBytesMax = 1 << 20;
constexpr std::size_t kReasonBytesMax = 1000;

/// Whose turn it is with the tests: the clock's or a call's.
std::mutex& turn_of(ApiContext& api) {
  return api.parts.test_turn != nullptr ? *api.parts.test_turn : api.test_mutex;
}

Result<Uuid> id_of(const Call& call) {
  const auto id = Uuid::parse(call.path("id"));
  if (!id) return fail(ErrorCode::invalid_argument, "must be a UUID", "id");
  return *id;
}

Result<experiment::Action> action_of(std::string_view name) {
  using experiment::Action;
  for (const Action action : {Action::start, Action::pause, Action::resume, Action::complete,
                              Action::cancel}) {
    if (name == to_string(action)) return action;
  }
  return fail(ErrorCode::not_found, "must be one of: start, pause, resume, complete, cancel",
              "action");
}

/// {"reason": text?, "winner": variation?}; ending a test needs a reason.
Result<experiment::Step> read_step(const ApiContext& api, const Call& call) {
  experiment::Step step;
  ATTUNE_ASSIGN(step.action, action_of(call.path("action")));
  const std::string_view text = call.request().body;
  ATTUNE_ASSIGN(const json::value body, parse_json(text.empty() ? "{}" : text));
  JsonFields fields(body);
  step.reason = fields.optional_text("reason", kReasonBytesMax).value_or("");
  step.winner = fields.optional_text("winner", 100).value_or("");
  const bool ends = step.action == experiment::Action::complete ||
                    step.action == experiment::Action::cancel;
  if (ends && step.reason.empty()) {
    fields.refuse("reason", "say why: it is kept with the decision");
  }
  ATTUNE_TRY(fields.finish());
  step.by = call.caller.name.empty() ? "owner" : call.caller.name;
  step.now_ms = api.clock().now_ms();
  return step;
}

Result<Response> take_step(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const Uuid id, id_of(call));
  ATTUNE_ASSIGN(const experiment::Step step, read_step(api, call));
  const std::lock_guard one_at_a_time(turn_of(api));   // a check holds until its write
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  const auto owner = static_cast<std::int64_t>(account);
  ATTUNE_ASSIGN(experiment::Test test, experiment::load_test(*session, owner, id));
  if (step.action == experiment::Action::start && !test.site.empty()) {
    const auto site = Uuid::parse(test.site);
    const auto sites = api.control().sites();
    if (!site || !sites->by_id.contains(*site)) {
      return fail(ErrorCode::invalid_argument, "no such site", "site_id");
    }
  }
  ATTUNE_ASSIGN(test, experiment::take_step(*session, std::move(test), step));
  if (test.status == "Completed") {
    ATTUNE_TRY(experiment::look(*session, test, step.now_ms, experiment::Keep::snapshot));
  }
  const campaign::Table* table = campaign::find_table("ab_tests");
  ATTUNE_ASSIGN(const campaign::Row row, api.accounts.find(*session, *table, account, id));
  std::string out;
  append_row(out, *table, row);
  return Response::json(std::move(out));
}

Result<experiment::Test> started_test(ApiContext& api, store::Session& session, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const Uuid id, id_of(call));
  ATTUNE_ASSIGN(experiment::Test test,
                experiment::load_test(session, static_cast<std::int64_t>(account), id));
  if (test.started_ms) return test;
  return fail(ErrorCode::failed_precondition, "the test was never started", "status");
}

/// From the sums as they are: of any size of test at once.
Result<Response> show_results(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const experiment::Test test, started_test(api, *session, call));
  ATTUNE_ASSIGN(const json::object inputs,
                experiment::gather(*session, test, api.clock().now_ms()));
  return Response::json(json::serialize(experiment::verdict_of(inputs)));
}

/// The same after the sums were brought up to date.
Result<Response> refresh_results(ApiContext& api, const Call& call) {
  const std::lock_guard one_at_a_time(turn_of(api));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const experiment::Test test, started_test(api, *session, call));
  ATTUNE_ASSIGN(const json::object verdict,
                experiment::look(*session, test, api.clock().now_ms(), experiment::Keep::no));
  return Response::json(json::serialize(verdict));
}

Result<Response> take_exposures(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  const json::array* entries = body.if_array();
  const auto is_entry = [](const json::value& entry) { return entry.is_object(); };
  if (entries == nullptr || entries->size() > kExposuresMax ||
      std::ranges::none_of(*entries, is_entry)) {
    return fail(ErrorCode::invalid_argument, "must be an array of 1 to 1000 exposures", "body");
  }
  std::vector<experiment::Test> tests;
  {
    ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
    ATTUNE_ASSIGN(tests, experiment::tests_of_site(*session, call.site->id.text()));
  }
  const ExposureContext context{call.site->id, call.request().received_ms, tests};
  journal::RecordBatch batch;
  json::array rejected;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const auto exposure = read_exposure((*entries)[i], {}, context);
    if (!exposure) {
      rejected.push_back({{"index", i},
                          {"field", exposure.error().field()},
                          {"message", exposure.error().message()}});
      continue;
    }
    std::string record;
    event::encode(*exposure, record);
    batch.add(record);
  }
  const std::size_t accepted = entries->size() - rejected.size();
  if (accepted > 0) {
    auto durable = append_and_wait(*api.parts.journal, std::move(batch));
    if (!durable) return journal_error(durable.error());
  }
  return Response::json(json::serialize(json::object{{"accepted", accepted},
                                                     {"rejected", rejected}}));
}

}  // namespace

std::vector<Route> test_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route step;
  step.method = Method::post;
  step.pattern = "/api/v1/ab_tests/{id}/{action}";
  step.name = "step_ab_test";
  step.access = Access::account_write;
  step.body_bytes_max = kBodyBytesMax;
  step.summary = "Starts, pauses, resumes, completes or cancels a test.";
  step.request_schema = "TestStep";
  step.response_schema = "AbTest";
  step.query = {{"account", "For administrators: whose rows; without it, your own."}};
  step.on_worker = worker([&api](const Call& call) { return take_step(api, call); });
  routes.push_back(step);

  Route plan;
  plan.method = Method::post;
  plan.pattern = "/api/v1/ab_tests/plan";
  plan.name = "plan_ab_test";
  plan.access = Access::account_read;
  plan.body_bytes_max = kBodyBytesMax;
  plan.summary = "How many people a test needs for a lift, or what lift so many people find.";
  plan.request_schema = "TestPlan";
  plan.response_schema = "TestPlanAnswer";
  plan.on_worker = worker([](const Call& call) -> Result<Response> {
    ATTUNE_ASSIGN(std::string answer, plan_json(call.request().body));
    return Response::json(std::move(answer));
  });
  routes.push_back(plan);

  Route results;
  results.pattern = "/api/v1/ab_tests/{id}/results";
  results.name = "show_test_results";
  results.access = Access::account_read;
  results.summary = "What a test's sums say now.";
  results.response_schema = "TestVerdict";
  results.query = step.query;
  results.on_worker = worker([&api](const Call& call) { return show_results(api, call); });
  routes.push_back(results);

  Route refresh = results;
  refresh.method = Method::post;
  refresh.pattern = "/api/v1/ab_tests/{id}/refresh";
  refresh.name = "refresh_test_results";
  refresh.access = Access::account_write;
  refresh.audited = false;   // counts anew, and changes nothing that anybody set
  refresh.body_bytes_max = kBodyBytesMax;
  refresh.summary = "Brings a test's sums up to date at once, and says what they say.";
  refresh.on_worker = worker([&api](const Call& call) { return refresh_results(api, call); });
  routes.push_back(refresh);

  Route exposures;
  exposures.method = Method::post;
  exposures.pattern = "/api/v1/sites/{site}/exposures";
  exposures.name = "post_exposures";
  exposures.access = Access::site_write;
  exposures.body_bytes_max = kExposureBytesMax;
  exposures.summary = "Takes who was given which variation; answers when they are on disk.";
  exposures.request_schema = "Exposures";
  exposures.response_schema = "ExposuresAnswer";
  exposures.on_worker = worker([&api](const Call& call) { return take_exposures(api, call); });
  routes.push_back(exposures);
  return routes;
}

}  // namespace attune::serve
