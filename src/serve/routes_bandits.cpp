// Bandits of a site: what they learned, and the commands of an operator.
#include <charconv>

#include <fmt/format.h>

#include "decide/bandit_evaluation.h"
#include "learn/off_policy.h"
#include "serve/json_fields.h"
#include "serve/row_reader.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 4 * 1024;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kWindowMs = 30 * 60'000;  // later decisions may still be clicked
constexpr std::int64_t kChoicesMax = 50'000;
constexpr std::uint32_t kResamples = 500;

Result<Response> list_bandits(ApiContext& api, const Call& call) {
  if (!api.parts.operations.bandits) return not_here();
  ATTUNE_ASSIGN(std::string json, api.parts.operations.bandits(call.site->id));
  return Response::json(std::move(json));
}

Result<Response> change_bandit(ApiContext& api, const Call& call) {
  if (!api.parts.operations.change_bandit) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string placement = fields.optional_text("placement", 100).value_or("");
  const std::string action = fields.text("action", 20);
  ATTUNE_TRY(fields.finish());
  BanditAction known = BanditAction::freeze;
  if (action == "thaw") known = BanditAction::thaw;
  else if (action == "reset") known = BanditAction::reset;
  else if (action != "freeze") {
    return fail(ErrorCode::invalid_argument, "is freeze, thaw or reset", "action");
  }
  ATTUNE_TRY(api.parts.operations.change_bandit(call.site->id, placement, known));
  return Response::json(R"({"stored":1})");
}

decide::LoggedItem logged_item(RowReader row) {
  decide::LoggedItem item;
  item.decision = row.take<Uuid>();
  item.rank = row.take<std::int64_t>();
  item.propensity = row.take<double>();
  item.clicked = row.take<bool>();
  item.eligible_count = row.take_optional<std::int64_t>().value_or(0);
  item.factors_json = row.take_optional<std::string>().value_or("");
  return item;
}

Result<Response> evaluate_bandit(ApiContext& api, const Call& call) {
  const std::string policy(call.query.get_or("policy", "uniform"));
  const std::string_view days_text = call.query.get_or("days", "30");
  std::int64_t days = 0;
  const auto [end, error] =
      std::from_chars(days_text.data(), days_text.data() + days_text.size(), days);
  if (error != std::errc{} || end != days_text.data() + days_text.size() || days < 1 ||
      days > 3650) {
    return fail(ErrorCode::invalid_argument, "is a number of days, 1 to 3650", "days");
  }
  const std::int64_t now_ms = api.clock().now_ms();
  const std::string placement(call.query.get_or("placement", ""));
  ATTUNE_ASSIGN(SessionPool::Lease session,
                api.sessions.borrow_as({.site = call.site->id, .account = {}}));
  const store::Value parameters[] = {
      call.site->id, store::Timestamp::from_ms(now_ms - days * kDayMs),
      store::Timestamp::from_ms(now_ms - kWindowMs),
      placement.empty() ? store::Value(store::Null{}) : store::Value(placement), kChoicesMax};
  ATTUNE_ASSIGN(const store::Rows rows, session->query("serve/bandit_choices", parameters));
  std::vector<decide::LoggedItem> items;
  for (const auto& row : rows.rows) items.push_back(logged_item(RowReader(row)));
  const auto choices = decide::seen_from_policy(items, policy);
  std::string report_json = "null";
  std::string text;
  if (choices) {
    learn::OffPolicyOptions options;
    options.bootstrap.resamples = kResamples;
    ATTUNE_ASSIGN(const auto report, learn::evaluate_off_policy(*choices, options));
    report_json = learn::to_json(report);
    text = learn::to_text(report);
  } else if (choices.error().code() == ErrorCode::failed_precondition) {
    text = choices.error().message();  // nothing to judge by yet
  } else {
    return tl::unexpected<Error>(choices.error());
  }
  std::string out = R"({"policy":)";
  append_json_string(out, policy);
  out += R"(,"report":)" + report_json + R"(,"text":)";
  append_json_string(out, text);
  return Response::json(out + "}");
}

}  // namespace

std::vector<Route> bandit_routes(ApiContext& api) {
  Route list;
  list.method = Method::get;
  list.pattern = "/api/v1/sites/{site}/bandits";
  list.name = "list_bandits";
  list.access = Access::site_read;
  list.summary = "Bandits of the site's placements: policy, arms, what they learned.";
  list.response_schema = "Bandits";
  list.on_worker = worker([&api](const Call& call) { return list_bandits(api, call); });

  Route change;
  change.method = Method::post;
  change.pattern = "/api/v1/sites/{site}/bandits";
  change.name = "change_bandit";
  change.access = Access::site_admin;
  change.summary = "Freezes a bandit's policy as it is, thaws it, or forgets all it learned.";
  change.response_schema = "Stored";
  change.request_schema = "BanditChange";
  change.body_bytes_max = kBodyBytesMax;
  change.on_worker = worker([&api](const Call& call) { return change_bandit(api, call); });

  Route evaluate;
  evaluate.method = Method::get;
  evaluate.pattern = "/api/v1/sites/{site}/bandits/evaluation";
  evaluate.name = "evaluate_bandit";
  evaluate.access = Access::site_read;
  evaluate.summary = "What another way to draw would have earned on the site's own decisions.";
  evaluate.response_schema = "BanditEvaluation";
  evaluate.query = {{"policy", "uniform, or blend: the strategies' scores without a bandit."},
                    {"placement", "Only of this one."},
                    {"days", "Of decisions: 30 when left out."}};
  evaluate.on_worker = worker([&api](const Call& call) { return evaluate_bandit(api, call); });
  return {list, change, evaluate};
}

}  // namespace attune::serve
