// Recommended campaigns: proposed from the account's own numbers, held against what became of them;
// and the import of platform statistics.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "campaign/advice_store.h"
#include "serve/advice_routes.h"
#include "serve/json_fields.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using campaign::Calibration;

constexpr std::size_t kCsvBytesMax = 8 << 20;

Result<Response> with_desk(ApiContext& api, const Call& call, DeskWork work) {
  ATTUNE_ASSIGN(const campaign::AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  return work({api.accounts, *session, account, api.clock().now_ms()}, call);
}

Result<Response> propose(const campaign::Desk& desk, const Call& call) {
  campaign::forecast::AdviceOptions options;
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  options.margin = fields.optional_number("margin", 0.001, 1).value_or(1);
  options.roi_target = fields.optional_number("roi_target", -1, 100).value_or(0);
  options.most = static_cast<std::size_t>(fields.optional_whole("most", 1, 50).value_or(5));
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(const std::int64_t proposed, campaign::propose_campaigns(desk, options));
  ATTUNE_ASSIGN(const std::int64_t noted, campaign::note_actuals(desk));
  return Response::json(fmt::format(R"({{"proposed":{},"measured":{}}})", proposed, noted));
}

json::object coverage_json(const Calibration::Coverage& coverage) {
  json::object out{{"count", coverage.count}, {"within_interval", coverage.held}};
  if (coverage.count > 0) {
    out["coverage"] = static_cast<double>(coverage.held) / static_cast<double>(coverage.count);
  }
  return out;
}

Result<Response> calibration(const campaign::Desk& desk, const Call&) {
  ATTUNE_ASSIGN(const Calibration made, campaign::calibration_of(desk));
  json::object out{{"interval_level", 0.8},
                   {"ctr", coverage_json(made.ctr)},
                   {"conversion", coverage_json(made.conversion)},
                   {"engagement", coverage_json(made.engagement)},
                   {"roi", coverage_json(made.roi)},
                   {"judged", made.judged}};
  if (made.judged > 0) out["brier"] = made.brier;
  return Response::json(json::serialize(out));
}

Result<Response> import_csv(const campaign::Desk& desk, const Call& call) {
  ATTUNE_ASSIGN(const campaign::StatsImport done,
                campaign::import_stats(desk, call.request().body));
  json::array errors;
  for (const campaign::LineError& each : done.errors) {
    errors.push_back(json::object{{"line", each.line}, {"message", each.message}});
  }
  return Response::json(json::serialize(
      json::object{{"rows", done.rows}, {"errors", std::move(errors)}}));
}

}  // namespace

Result<std::string> advice_now(ApiContext& api, campaign::AccountId account) {
  ATTUNE_ASSIGN(const auto session, api.parts.store->session());
  ATTUNE_ASSIGN(const campaign::AdviceRefresh made,
                campaign::refresh_advice({api.accounts, *session, account, api.clock().now_ms()}));
  return fmt::format(R"({{"proposed":{},"measured":{}}})", made.proposed, made.measured);
}

Route desk_row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
               DeskWork work, std::string_view summary, std::string_view response) {
  const Access access = method == Method::get ? Access::account_read : Access::account_write;
  Route route = row(method, pattern, name, access, summary, response);
  route.area = Area::marketing;
  route.query = {{"account", "For administrators: whose rows; without it, your own."}};
  route.on_worker =
      worker([&api, work](const Call& call) { return with_desk(api, call, work); });
  return route;
}

std::vector<Route> advice_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route refresh = desk_row(api, Method::post, "/api/v1/campaign_advice", "propose_campaigns",
                           propose,
                           "Proposes campaigns from the account's past ones, and notes what "
                           "became of those that were implemented.",
                           "AdviceMade");
  refresh.request_schema = "AdviceOptions";
  refresh.body_bytes_max = 8 * 1024;
  routes.push_back(std::move(refresh));
  routes.push_back(desk_row(api, Method::get, "/api/v1/campaign_advice/calibration",
                            "advice_calibration", calibration,
                            "How predictions fared: coverage of the 80 % intervals and the Brier "
                            "score of the confidence, over implemented recommendations.",
                            "AdviceCalibration"));
  Route file = desk_row(api, Method::post, "/api/v1/campaign_stats_import",
                        "import_campaign_stats", import_csv,
                        "Stores platform statistics from a CSV file, all of it or nothing.",
                        "StatsImported");
  file.body_bytes_max = kCsvBytesMax;
  file.body_type = BodyType::any;
  routes.push_back(std::move(file));
  return routes;
}

}  // namespace attune::serve
