// What to spend on each campaign, and how high to bid: proposed from the account's own days, as
// JSON, or as CSV for a spreadsheet or an advertising platform's import.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "base/time_zone.h"
#include "campaign/budget_store.h"
#include "serve/advice_routes.h"
#include "serve/json_fields.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using campaign::BudgetAnswer;
using campaign::BudgetOptions;
using campaign::budget::Aim;

constexpr std::size_t kBodyBytesMax = 256 * 1024;
constexpr std::size_t kLimitsMax = 1000;
constexpr double kMoneyMax = 1e12;
constexpr std::size_t kPoints = 25;   // of a plotted curve
constexpr std::size_t kStepsShown = 28;

Result<bool> wants_csv(const Call& call) {
  const std::string_view format = call.query.get_or("format", "json");
  if (format == "csv") return true;
  if (format == "json") return false;
  return fail(ErrorCode::invalid_argument, "must be json or csv", "format");
}

/// A value of a CSV line, quoted where it has to be (RFC 4180).
std::string csv_value(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

Response csv_file(std::string body, std::string_view name) {
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.body = std::move(body);
  response.with("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  return response;
}

json::value day_json(const std::optional<std::int32_t>& day) {
  return day ? json::value(day_text(*day)) : json::value(nullptr);
}

json::object spread_json(const campaign::forecast::Spread& spread) {
  return {{"mean", spread.mean}, {"low", spread.low}, {"high", spread.high}};
}

Result<BudgetOptions::Limit> read_limit(const json::value& value, std::size_t index) {
  JsonFields fields(value, fmt::format("limits[{}].", index));
  BudgetOptions::Limit limit;
  limit.name = fields.text("name", 255);
  limit.least = fields.optional_number("min", 0, kMoneyMax);
  limit.most = fields.optional_number("max", 0, kMoneyMax);
  if (limit.least && limit.most && *limit.least > *limit.most) {
    fields.refuse("min", "must not be above max");
  }
  ATTUNE_TRY(fields.finish());
  return limit;
}

Result<BudgetOptions> read_budget(std::string_view text) {
  ATTUNE_ASSIGN(const json::value body, parse_json(text));
  JsonFields fields(body);
  BudgetOptions options;
  options.total = fields.optional_number("total", 0, kMoneyMax);
  options.days = static_cast<std::int32_t>(fields.optional_whole("days", 42, 730).value_or(90));
  options.change_max = fields.optional_number("change_max", 0.01, 1).value_or(0.2);
  options.currency = fields.optional_text("currency", 3).value_or("");
  const std::string objective = fields.optional_text("objective", 20).value_or("conversions");
  if (objective != "conversions" && objective != "revenue") {
    fields.refuse("objective", "must be conversions or revenue");
  }
  options.by_revenue = objective == "revenue";
  const std::string by = fields.optional_text("by", 20).value_or("campaign");
  if (by != "campaign" && by != "platform") fields.refuse("by", "must be campaign or platform");
  options.by_platform = by == "platform";
  const json::value* limits = fields.optional_value("limits");
  if (limits != nullptr && (!limits->is_array() || limits->get_array().size() > kLimitsMax)) {
    fields.refuse("limits", fmt::format("must be a list of at most {} limits", kLimitsMax));
    limits = nullptr;
  }
  ATTUNE_TRY(fields.finish());
  if (limits == nullptr) return options;
  for (std::size_t i = 0; i < limits->get_array().size(); ++i) {
    ATTUNE_ASSIGN(BudgetOptions::Limit limit, read_limit(limits->get_array()[i], i));
    options.limits.push_back(std::move(limit));
  }
  return options;
}

/// The curve up to where it may be used; empty without one.
json::array points_of(const campaign::budget::Response& response) {
  json::array points;
  if (response.draws.empty()) return points;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double share = static_cast<double>(i) / (kPoints - 1);
    const double spend = share * campaign::budget::kReach * response.spend_max;
    json::object point = spread_json(response.value_at(spend));
    point["spend"] = spend;
    points.push_back(std::move(point));
  }
  return points;
}

json::object line_json(const campaign::budget::Line& line) {
  const campaign::budget::Response& response = line.response;
  json::object made{{"name", line.name},
                    {"days", response.days},
                    {"present", response.present_spend},
                    {"proposed", line.proposed},
                    {"least", line.bounds.low},
                    {"most", line.bounds.high},
                    {"spend_max", response.spend_max},
                    {"reason", words_of(line)},
                    {"refusal", nullptr},
                    {"elasticity", nullptr},
                    {"points", points_of(response)}};
  if (!response.draws.empty()) {
    made["elasticity"] = {{"low", response.elasticity.low}, {"high", response.elasticity.high}};
  }
  if (response.is_known()) {
    made["proposed_low"] = line.optimum.low;
    made["proposed_high"] = line.optimum.high;
    made["next_unit"] = spread_json(line.next);
  } else {
    made["refusal"] = to_string(response.refusal);
  }
  return made;
}

std::string budget_csv(const BudgetAnswer& answer) {
  std::string out = "name,currency,present,proposed,least,most,refusal,reason\r\n";
  for (const campaign::budget::Line& line : answer.plan.lines) {
    const std::string_view refusal =
        line.response.is_known() ? "" : to_string(line.response.refusal);
    out += fmt::format("{},{},{:.2f},{:.2f},{:.2f},{:.2f},{},{}\r\n", csv_value(line.name),
                       csv_value(answer.currency), line.response.present_spend, line.proposed,
                       line.bounds.low, line.bounds.high, refusal, csv_value(words_of(line)));
  }
  return out;
}

Result<Response> propose_budget(const campaign::Desk& desk, const Call& call) {
  ATTUNE_ASSIGN(const bool is_csv, wants_csv(call));
  ATTUNE_ASSIGN(const BudgetOptions options, read_budget(call.request().body));
  ATTUNE_ASSIGN(const BudgetAnswer answer, campaign::propose_budget(desk, options));
  if (is_csv) return csv_file(budget_csv(answer), "budget.csv");
  const campaign::budget::Plan& plan = answer.plan;
  json::object out{{"objective", options.by_revenue ? "revenue" : "conversions"},
                   {"by", options.by_platform ? "platform" : "campaign"},
                   {"currency", nullptr},
                   {"first_day", day_json(answer.first_day)},
                   {"last_day", day_json(answer.last_day)},
                   {"total", plan.total},
                   {"present", plan.present},
                   {"proposed", plan.proposed},
                   {"held", plan.held},
                   {"unspent", std::max(0.0, plan.total - plan.proposed)},
                   {"change_max", options.change_max},
                   {"interval_level", 0.8},
                   {"basis", "observational"},
                   {"outcome_now", spread_json(plan.now)},
                   {"outcome_proposed", spread_json(plan.then)},
                   {"gain", spread_json(plan.gain)},
                   {"chance_better", plan.chance_better}};
  if (!answer.currency.empty()) out["currency"] = answer.currency;
  json::array lines;
  for (const campaign::budget::Line& line : plan.lines) lines.push_back(line_json(line));
  out["lines"] = std::move(lines);
  return Response::json(json::serialize(out));
}

Result<std::optional<double>> number_of(const Call& call, std::string_view name, double low) {
  const auto text = call.query.get(name);
  if (!text) return std::nullopt;
  double value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc{} && stop == end && std::isfinite(value) && value > low &&
      value <= kMoneyMax) {
    return value;
  }
  return fail(ErrorCode::invalid_argument, fmt::format("must be a number above {}", low),
              std::string(name));
}

Result<campaign::BidsOptions> read_bids(const Call& call) {
  campaign::BidsOptions options;
  if (const auto name = call.query.get("target")) {
    for (const Aim aim : {Aim::roi, Aim::cost_per_conversion, Aim::spend}) {
      if (*name == to_string(aim)) options.aim = aim;
    }
    if (!options.aim) {
      return fail(ErrorCode::invalid_argument, "must be roi, cost_per_conversion or spend",
                  "target");
    }
  }
  ATTUNE_ASSIGN(options.target, number_of(call, "value", options.aim == Aim::roi ? -1 : 0));
  if (options.target && !options.aim) {
    return fail(ErrorCode::invalid_argument, "say of which target", "value");
  }
  if (const auto day = call.query.get("from")) {
    const auto from = parse_day(*day);
    if (!from) {
      return fail(ErrorCode::invalid_argument, "must be a day, as 2026-11-21", "from");
    }
    options.from = *from;
  }
  return options;
}

json::object bids_json(const campaign::CampaignBids& bids) {
  json::object made{{"name", bids.name},       {"target", nullptr}, {"value", nullptr},
                    {"measured", nullptr},     {"multiplier", 1.0}, {"step", 1.0},
                    {"reason", bids.words}};
  json::array days;
  const std::size_t count = bids.steps.size();
  for (std::size_t i = count - std::min(count, kStepsShown); i < count; ++i) {
    const campaign::budget::BidStep& step = bids.steps[i];
    days.push_back({{"day", day_text(step.day)},
                    {"measured", step.measured},
                    {"target", step.target},
                    {"multiplier", step.multiplier}});
  }
  if (bids.aim) made["target"] = to_string(*bids.aim);
  if (count > 0) {
    const campaign::budget::BidStep& now = bids.steps.back();
    made["value"] = now.target;
    made["measured"] = now.measured;
    made["multiplier"] = now.multiplier;
    made["step"] = now.multiplier / (count > 1 ? bids.steps[count - 2].multiplier : 1.0);
  }
  made["days"] = std::move(days);
  return made;
}

std::string bids_csv(const campaign::BidsAnswer& answer) {
  std::string out = "name,target,value,measured,multiplier,reason\r\n";
  for (const campaign::CampaignBids& bids : answer.campaigns) {
    out += csv_value(bids.name);
    if (bids.aim && !bids.steps.empty()) {
      const campaign::budget::BidStep& now = bids.steps.back();
      out += fmt::format(",{},{:.4f},{:.4f},{:.4f},", to_string(*bids.aim), now.target,
                         now.measured, now.multiplier);
    } else {
      out += ",,,,1.0000,";
    }
    out += csv_value(bids.words) + "\r\n";
  }
  return out;
}

Result<Response> propose_bids(const campaign::Desk& desk, const Call& call) {
  ATTUNE_ASSIGN(const bool is_csv, wants_csv(call));
  ATTUNE_ASSIGN(const campaign::BidsOptions options, read_bids(call));
  ATTUNE_ASSIGN(const campaign::BidsAnswer answer, campaign::propose_bids(desk, options));
  if (is_csv) return csv_file(bids_csv(answer), "bids.csv");
  json::array campaigns;
  for (const campaign::CampaignBids& each : answer.campaigns) campaigns.push_back(bids_json(each));
  const campaign::budget::BidOptions limits;
  return Response::json(json::serialize(json::object{{"first_day", day_json(answer.first_day)},
                                                     {"last_day", day_json(answer.last_day)},
                                                     {"low", limits.low},
                                                     {"high", limits.high},
                                                     {"campaigns", std::move(campaigns)}}));
}

}  // namespace

std::vector<Route> budget_routes(ApiContext& api) {
  std::vector<Route> routes;
  const QueryParameter format{"format", "What the answer is.",
                              R"({"enum":["json","csv"],"default":"json"})"};
  Route plan = desk_row(api, Method::post, "/api/v1/campaign_budget", "propose_budget",
                        propose_budget,
                        "Divides a day's budget among campaigns or platforms by what more spend "
                        "brought, and says of which it cannot tell.",
                        "BudgetPlan");
  plan.access = Access::account_read;   // nothing is written
  plan.request_schema = "BudgetOptions";
  plan.body_bytes_max = kBodyBytesMax;
  plan.query.push_back(format);
  routes.push_back(std::move(plan));

  Route bids = desk_row(api, Method::get, "/api/v1/campaign_bids", "propose_bids", propose_bids,
                        "Bid multipliers that bring campaigns to a target, from their daily "
                        "numbers; to be taken over by hand or file.",
                        "BidMultipliers");
  bids.query.push_back({"target", "Of campaigns without performance_targets.",
                        R"({"enum":["roi","cost_per_conversion","spend"]})"});
  bids.query.push_back({"value", "Of the target; spend without one: an even pace of the budget.",
                        R"({"type":"number"})"});
  bids.query.push_back({"from", "The day whose bids are 1; without: four weeks back.",
                        R"({"type":"string","format":"date"})"});
  bids.query.push_back(format);
  routes.push_back(std::move(bids));
  return routes;
}

}  // namespace attune::serve
