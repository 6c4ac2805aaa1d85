#include "campaign/advice_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <boost/json.hpp>

#include "store/transaction.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;
using forecast::Advice;
using forecast::Spread;
using store::Value;

const Table& recommendations() { return *find_table("campaign_recommendations"); }

const Value& at(const Table& table, const Row& row, std::string_view column) {
  return row[2 + *table.find(column)];
}

Fields fields_of(const Table& table, const std::map<std::string_view, Value>& values) {
  Fields fields(table.columns.size());
  for (const auto& [name, value] : values) fields[*table.find(name)] = value;
  return fields;
}

std::optional<double> number_at(const Table& table, const Row& row, std::string_view column) {
  const Value& value = at(table, row, column);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

json::object spread_json(const Spread& spread) {
  return {{"low", spread.low}, {"high", spread.high}};
}

std::string words_of(const forecast::Cell& cell) {
  std::string all;
  for (const std::string& word : cell) {
    if (!word.empty()) all += (all.empty() ? "" : ", ") + word;
  }
  return all.empty() ? "all campaigns" : all;
}

/// From the numbers alone.
std::string reasoning_of(const Advice& advice) {
  std::string text = fmt::format(
      "{} past campaign(s) of {}: a click rate of {:.2f} % [{:.2f}, {:.2f}] and {:.2f} % "
      "[{:.2f}, {:.2f}] of clicks converting are expected of the next one (80 % intervals).",
      advice.campaigns, words_of(advice.cell), 100 * advice.ctr.mean, 100 * advice.ctr.low,
      100 * advice.ctr.high, 100 * advice.conversion.mean, 100 * advice.conversion.low,
      100 * advice.conversion.high);
  if (advice.roi) {
    text += fmt::format(" Return on spend {:.2f} [{:.2f}, {:.2f}].", advice.roi->mean,
                        advice.roi->low, advice.roi->high);
  } else {
    text += " There is no return to predict: no campaign has both spend and revenue.";
  }
  if (advice.is_prior_only) {
    text += fmt::format(" Fewer than {} campaigns: little more than a guess.",
                        forecast::kCampaignsMin);
  }
  return text;
}

/// The options are kept for the clock, which asks again with the same.
Fields advice_fields(const Advice& advice, const forecast::AdviceOptions& options) {
  json::object intervals{{"ctr", spread_json(advice.ctr)},
                         {"conversion", spread_json(advice.conversion)},
                         {"level", 0.8},
                         {"options", {{"margin", options.margin},
                                      {"roi_target", options.roi_target},
                                      {"most", options.most}}}};
  if (advice.roi) intervals["roi"] = spread_json(*advice.roi);
  if (advice.engagement) intervals["engagement"] = spread_json(*advice.engagement);
  json::object allocation;
  if (!advice.cell[1].empty()) allocation[advice.cell[1]] = 1.0;
  json::object audience;
  if (!advice.cell[3].empty()) audience["audience"] = advice.cell[3];
  std::map<std::string_view, Value> values = {
      {"name", words_of(advice.cell).substr(0, 255)},
      {"campaign_type", advice.cell[0].empty() ? std::string("any") : advice.cell[0]},
      {"reasoning", reasoning_of(advice)},
      {"target_audience", store::Json{json::serialize(audience)}},
      {"platform_allocation", store::Json{json::serialize(allocation)}},
      {"predicted_ctr", advice.ctr.mean},
      {"predicted_conversion", advice.conversion.mean},
      {"prediction_intervals", store::Json{json::serialize(intervals)}},
      {"method", std::string("hierarchical empirical Bayes")},
      {"basis", std::string(advice.is_prior_only ? "prior_only" : "tenant_history")},
      {"n", static_cast<std::int64_t>(advice.campaigns)}};
  if (!advice.cell[2].empty()) values["content_type"] = advice.cell[2];
  if (advice.budget && *advice.budget > 0) values["recommended_budget"] = *advice.budget;
  if (advice.engagement) values["predicted_engagement"] = advice.engagement->mean;
  if (advice.roi) {
    values["predicted_roi"] = std::max(advice.roi->mean, -1.0);
    values["confidence_score"] = advice.chance;
  }
  return fields_of(recommendations(), values);
}

/// The owner's taste for risk; a half when the profile does not say.
Result<double> risk_of(const Desk& desk) {
  const Table& profiles = *find_table("meta_user_profiles");
  ATTUNE_ASSIGN(const std::vector<Row> rows, all_rows(desk, profiles));
  if (rows.empty()) {
    return fail(ErrorCode::failed_precondition,
                "the account has no profile: make it first (POST /api/v1/meta_user_profiles)",
                "account");
  }
  return number_at(profiles, rows.front(), "risk_tolerance").value_or(0.5);
}

bool has_status(const Row& row, std::string_view status) {
  const Value& is = at(recommendations(), row, "implementation_status");
  return is == Value(std::string(status));
}

/// The options of a row's forecast; nothing: people wrote it, or an older version did.
std::optional<forecast::AdviceOptions> options_of(const Row& row) {
  const auto* text = std::get_if<store::Json>(&at(recommendations(), row, "prediction_intervals"));
  json::error_code problem;
  const json::value intervals = text == nullptr ? json::value() : json::parse(text->text, problem);
  const json::value* kept =
      intervals.is_object() ? intervals.get_object().if_contains("options") : nullptr;
  if (problem || kept == nullptr || !kept->is_object()) return std::nullopt;
  const auto number = [&](std::string_view name, double low, double high, double otherwise) {
    const json::value* value = kept->get_object().if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_number()) return otherwise;
    return std::clamp(value->to_number<double>(), low, high);
  };
  forecast::AdviceOptions options;
  options.margin = number("margin", 0.001, 1, options.margin);
  options.roi_target = number("roi_target", -1, 100, options.roi_target);
  options.most =
      static_cast<std::size_t>(number("most", 1, 50, static_cast<double>(options.most)));
  return options;
}

}  // namespace

Result<std::vector<Row>> all_rows(const Desk& desk, const Table& table) {
  std::vector<Row> rows;
  ListOptions options{.limit = kListMax, .offset = 0, .parent = {}};
  for (bool more = true; more && options.offset <= kOffsetMax; options.offset += kListMax) {
    ATTUNE_ASSIGN(Page page, desk.accounts.list(desk.session, table, desk.account, options));
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    more = page.more;
  }
  return rows;
}

Result<store::Rows> read_as(const Desk& desk, std::string_view file,
                            std::span<const Value> parameters,
                            const store::QueryOptions& options) {
  return store::in_transaction_as(desk.session, tenant_of(desk.account), [&] {
    return desk.session.query(file, parameters, options);
  });
}

Result<std::vector<forecast::PastCampaign>> read_history(const Desk& desk) {
  const Value parameters[] = {static_cast<std::int64_t>(desk.account)};
  ATTUNE_ASSIGN(const store::Rows rows, read_as(desk, "campaign/history", parameters));
  std::vector<forecast::PastCampaign> past;
  for (const auto& row : rows.rows) {
    const auto text = [&row](std::size_t i) { return std::get<std::string>(row[i]); };
    const auto count = [&row](std::size_t i) {
      return static_cast<double>(std::get<std::int64_t>(row[i]));
    };
    past.push_back({.id = text(0), .cell = {text(1), text(2), text(3), text(4)},
                    .impressions = count(5), .clicks = count(6), .conversions = count(7),
                    .revenue = std::get<double>(row[8]), .spend = std::get<double>(row[9]),
                    .engagements = {}});
    if (!std::holds_alternative<store::Null>(row[10])) past.back().engagements = count(10);
  }
  return past;
}

Result<std::int64_t> propose_campaigns(const Desk& desk, forecast::AdviceOptions options) {
  ATTUNE_ASSIGN(options.risk, risk_of(desk));
  ATTUNE_ASSIGN(const std::vector<forecast::PastCampaign> past, read_history(desk));
  const std::vector<Advice> advice = forecast::advise(past, options);
  ATTUNE_ASSIGN(const std::vector<Row> rows, all_rows(desk, recommendations()));
  const Fields expired =
      fields_of(recommendations(), {{"implementation_status", std::string("expired")}});
  for (const Row& row : rows) {
    // Those that people wrote have no basis and stay.
    if (!has_status(row, "proposed") ||
        std::holds_alternative<store::Null>(at(recommendations(), row, "basis"))) {
      continue;
    }
    ATTUNE_TRY(desk.accounts.update(desk.session, recommendations(), desk.account,
                                    std::get<Uuid>(row[0]), expired));
  }
  for (const Advice& each : advice) {
    ATTUNE_TRY(desk.accounts.create(desk.session, recommendations(), desk.account,
                                    advice_fields(each, options)));
  }
  return static_cast<std::int64_t>(advice.size());
}

Result<std::int64_t> note_actuals(const Desk& desk) {
  ATTUNE_ASSIGN(const std::vector<forecast::PastCampaign> past, read_history(desk));
  std::map<std::string, forecast::PastCampaign> totals;
  for (const forecast::PastCampaign& each : past) {
    forecast::PastCampaign& sum = totals[each.id];
    sum.impressions += each.impressions;
    sum.clicks += each.clicks;
    sum.conversions += each.conversions;
    sum.revenue += each.revenue;
    sum.spend += each.spend;
    if (each.engagements) sum.engagements = sum.engagements.value_or(0) + *each.engagements;
  }
  ATTUNE_ASSIGN(const std::vector<Row> rows, all_rows(desk, recommendations()));
  std::int64_t noted = 0;
  for (const Row& row : rows) {
    const auto* id = std::get_if<Uuid>(&at(recommendations(), row, "implemented_campaign_id"));
    if (id == nullptr || !has_status(row, "implemented")) continue;
    const auto found = totals.find(id->text());
    if (found == totals.end() || found->second.impressions <= 0) continue;
    const forecast::PastCampaign& sum = found->second;
    std::map<std::string_view, Value> values = {{"actual_ctr", sum.clicks / sum.impressions}};
    if (sum.clicks > 0) values["actual_conversion"] = std::min(1.0, sum.conversions / sum.clicks);
    if (sum.engagements) {
      values["actual_engagement"] = std::min(1.0, *sum.engagements / sum.impressions);
    }
    if (sum.spend > 0) {
      // As it was predicted: of revenue, the margin is earned.
      const forecast::AdviceOptions options = options_of(row).value_or(forecast::AdviceOptions{});
      values["actual_roi"] = std::max(-1.0, options.margin * sum.revenue / sum.spend - 1);
    }
    ++noted;
    const bool is_same = std::ranges::all_of(values, [&](const auto& each) {
      return at(recommendations(), row, each.first) == each.second;
    });
    if (is_same) continue;   // the clock comes every day
    ATTUNE_TRY(desk.accounts.update(desk.session, recommendations(), desk.account,
                                    std::get<Uuid>(row[0]),
                                    fields_of(recommendations(), values)));
  }
  return noted;
}

Result<AdviceRefresh> refresh_advice(const Desk& desk) {
  AdviceRefresh made;
  ATTUNE_ASSIGN(made.measured, note_actuals(desk));
  const Value parameters[] = {static_cast<std::int64_t>(desk.account)};
  ATTUNE_ASSIGN(const store::Rows rows, read_as(desk, "campaign/advice.changed", parameters));
  const auto* changed =
      rows.rows.empty() ? nullptr : std::get_if<store::Timestamp>(&rows.rows[0][0]);
  if (changed == nullptr) return made;
  ATTUNE_ASSIGN(const std::vector<Row> all, all_rows(desk, recommendations()));
  for (const Row& row : all) {   // newest first
    const auto options = options_of(row);
    if (!options) continue;
    const auto* created = std::get_if<store::Timestamp>(&row[row.size() - 2]);
    if (created == nullptr || *changed <= *created) return made;
    ATTUNE_ASSIGN(made.proposed, propose_campaigns(desk, *options));
    return made;
  }
  return made;
}

Result<Calibration> calibration_of(const Desk& desk) {
  ATTUNE_ASSIGN(const std::vector<Row> rows, all_rows(desk, recommendations()));
  Calibration made;
  double squares = 0;
  for (const Row& row : rows) {
    if (!has_status(row, "implemented")) continue;
    const auto* text =
        std::get_if<store::Json>(&at(recommendations(), row, "prediction_intervals"));
    json::error_code problem;
    const json::value intervals =
        text == nullptr ? json::value() : json::parse(text->text, problem);
    const auto judge = [&](std::string_view name, Calibration::Coverage& coverage) {
      const auto actual =
          number_at(recommendations(), row, fmt::format("actual_{}", name));
      const json::value* interval =
          intervals.is_object() ? intervals.get_object().if_contains(name) : nullptr;
      if (!actual || interval == nullptr || !interval->is_object()) return;
      const json::value* low = interval->get_object().if_contains("low");
      const json::value* high = interval->get_object().if_contains("high");
      if (low == nullptr || high == nullptr || !low->is_number() || !high->is_number()) return;
      ++coverage.count;
      coverage.held += *actual >= low->to_number<double>() &&
                               *actual <= high->to_number<double>() ? 1 : 0;
    };
    judge("ctr", made.ctr);
    judge("conversion", made.conversion);
    judge("engagement", made.engagement);
    judge("roi", made.roi);
    const auto chance = number_at(recommendations(), row, "confidence_score");
    const auto roi = number_at(recommendations(), row, "actual_roi");
    if (!chance || !roi) continue;
    ++made.judged;
    const forecast::AdviceOptions options = options_of(row).value_or(forecast::AdviceOptions{});
    squares += std::pow(*chance - (*roi > options.roi_target ? 1.0 : 0.0), 2);
  }
  if (made.judged > 0) made.brier = squares / static_cast<double>(made.judged);
  return made;
}

}  // namespace attune::campaign
