#include "campaign/budget_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

namespace attune::campaign {
namespace {

using store::Value;

constexpr std::size_t kRowsMax = 200'000;   // the limit of budget.days.sql

struct DayRow {
  Uuid id;   // of the campaign
  std::string campaign;
  std::string platform;
  std::string currency;
  std::int32_t day = 0;
  double spend = 0;
  double conversions = 0;
  double revenue = 0;
};

Result<std::optional<std::int32_t>> newest_day(const Desk& desk) {
  const Value parameters[] = {static_cast<std::int64_t>(desk.account)};
  ATTUNE_ASSIGN(const store::Rows rows, read_as(desk, "campaign/budget.newest", parameters));
  const auto* day = rows.rows.empty() ? nullptr : std::get_if<store::Date>(&rows.rows[0][0]);
  return day == nullptr ? std::nullopt : std::optional(day->days);
}

struct Period {
  std::int32_t first = 0;
  std::int32_t last = 0;
};

Result<std::vector<DayRow>> read_days(const Desk& desk, const Period& period) {
  const Value parameters[] = {static_cast<std::int64_t>(desk.account), store::Date{period.first},
                              store::Date{period.last}};
  ATTUNE_ASSIGN(const store::Rows rows, read_as(desk, "campaign/budget.days", parameters,
                                                {.rows_max = kRowsMax}));
  if (rows.rows.size() >= kRowsMax) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("there are over {} days of campaigns and platforms: too many to read "
                            "at once",
                            kRowsMax),
                "days");
  }
  std::vector<DayRow> days;
  for (const auto& row : rows.rows) {
    days.push_back({.id = std::get<Uuid>(row[0]),
                    .campaign = std::get<std::string>(row[1]),
                    .platform = std::get<std::string>(row[2]),
                    .currency = std::get<std::string>(row[3]),
                    .day = std::get<store::Date>(row[4]).days,
                    .spend = std::get<double>(row[5]),
                    .conversions = std::get<double>(row[6]),
                    .revenue = std::get<double>(row[7])});
  }
  return days;
}

/// The one currency of all rows, or the one asked for; rows of others go.
Result<std::string> settle_currency(std::vector<DayRow>& days, const std::string& asked) {
  std::set<std::string> all;
  for (const DayRow& each : days) {
    if (!each.currency.empty() && each.spend > 0) all.insert(each.currency);
  }
  if (asked.empty() && all.size() > 1) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("campaigns have several currencies ({}): say which budget it is",
                            fmt::join(all, ", ")),
                "currency");
  }
  const std::string currency = !asked.empty() ? asked : all.empty() ? "" : *all.begin();
  std::erase_if(days, [&](const DayRow& each) {
    return !each.currency.empty() && each.currency != currency;
  });
  return currency;
}

Result<std::vector<budget::Item>> items_of(std::span<const DayRow> rows,
                                           const BudgetOptions& options) {
  std::map<std::string, std::map<std::int32_t, budget::Day>> days;
  for (const DayRow& row : rows) {
    const std::string& name = options.by_platform ? row.platform : row.campaign;
    budget::Day& day = days[name.empty() ? "unknown" : name][row.day];
    day.day = row.day;
    day.spend += row.spend;
    day.value += options.by_revenue ? row.revenue : row.conversions;
  }
  std::vector<budget::Item> items;
  for (const auto& [name, by_day] : days) {
    budget::Item item{.name = name, .days = {}, .least = {}, .most = {}};
    for (const auto& [number, day] : by_day) item.days.push_back(day);
    items.push_back(std::move(item));
  }
  for (const BudgetOptions::Limit& limit : options.limits) {
    const auto found = std::ranges::find(items, limit.name, &budget::Item::name);
    if (found == items.end()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("there are no numbers of \"{}\"", limit.name), "limits");
    }
    found->least = limit.least;
    found->most = limit.most;
  }
  return items;
}

}  // namespace

Result<BudgetAnswer> propose_budget(const Desk& desk, const BudgetOptions& options) {
  BudgetAnswer made;
  ATTUNE_ASSIGN(made.last_day, newest_day(desk));
  std::vector<DayRow> days;
  if (made.last_day) {
    made.first_day = *made.last_day - options.days + 1;
    ATTUNE_ASSIGN(days, read_days(desk, {*made.first_day, *made.last_day}));
  }
  ATTUNE_ASSIGN(made.currency, settle_currency(days, options.currency));
  ATTUNE_ASSIGN(const std::vector<budget::Item> items, items_of(days, options));
  ATTUNE_ASSIGN(made.plan, budget::plan_budget(items, {.total = options.total,
                                                       .change_max = options.change_max,
                                                       .last_day = made.last_day.value_or(0)}));
  return made;
}

namespace {

constexpr std::int32_t kControlDays = 28;
constexpr std::int32_t kLookBackDays = 800;   // for what of a campaign's budget is gone

/// What a campaign is to come to.
struct Goal {
  std::optional<budget::Aim> aim;
  std::optional<double> target;
  // Of the campaign, for a pace.
  std::optional<double> budget;
  std::optional<std::int32_t> end_day;
};

template <class T>
std::optional<T> value_at(const Table& table, const Row& row, std::string_view column) {
  const auto* value = std::get_if<T>(&row[2 + *table.find(column)]);
  return value == nullptr ? std::nullopt : std::optional<T>(*value);
}

void read_targets(const std::string& text, Goal& goal) {
  boost::json::error_code problem;
  const boost::json::value targets = boost::json::parse(text, problem);
  if (problem || !targets.is_object()) return;
  for (const budget::Aim aim :
       {budget::Aim::roi, budget::Aim::cost_per_conversion, budget::Aim::spend}) {
    const std::string_view name = to_string(aim);
    const auto* value = targets.get_object().if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_number()) continue;
    const double target = value->to_number<double>();
    if (!(target > (aim == budget::Aim::roi ? -1 : 0))) continue;
    goal.aim = aim;
    goal.target = target;
    return;
  }
}

Result<std::map<std::string, Goal>> goals_of(const Desk& desk, const BidsOptions& options) {
  std::map<std::string, Goal> goals;   // by the campaign's id
  const Table& campaigns = *find_table("campaigns");
  ATTUNE_ASSIGN(const std::vector<Row> rows, all_rows(desk, campaigns));
  for (const Row& row : rows) {
    Goal& goal = goals[std::get<Uuid>(row[0]).text()];
    goal.aim = options.aim;
    goal.target = options.target;
    goal.budget = value_at<double>(campaigns, row, "budget");
    const auto end = value_at<store::Date>(campaigns, row, "end_date");
    if (end) goal.end_day = end->days;
  }
  const Table& settings = *find_table("campaign_personalization_settings");
  ATTUNE_ASSIGN(const std::vector<Row> own, all_rows(desk, settings));
  for (const Row& row : own) {
    const auto id = value_at<Uuid>(settings, row, "campaign_id");
    const auto targets = value_at<store::Json>(settings, row, "performance_targets");
    if (id && targets) read_targets(targets->text, goals[id->text()]);
  }
  return goals;
}

/// The target of each day: as it is, or an even pace of what is left of the budget.
/// Returns  false: there is neither.
bool set_targets(std::vector<budget::BidDay>& days, const Goal& goal) {
  if (goal.target) {
    for (budget::BidDay& each : days) each.target = *goal.target;
    return true;
  }
  if (goal.aim != budget::Aim::spend || !goal.budget || !goal.end_day) return false;
  double gone = 0;
  for (budget::BidDay& each : days) {
    const double left = std::max(0.0, *goal.budget - gone);
    each.target = left / std::max(1, *goal.end_day - each.day + 1);
    gone += each.spend;
  }
  return true;
}

CampaignBids bids_of(std::string name, const Goal& goal, std::vector<budget::BidDay> days,
                     std::int32_t first_day) {
  CampaignBids made{.name = std::move(name), .aim = {}, .steps = {}, .words = {}};
  if (!goal.aim) {
    made.words = "It has no target: name one, or set its performance_targets.";
    return made;
  }
  if (!set_targets(days, goal)) {
    made.words = "It has no value to come to: give one, or the campaign a budget and an end.";
    return made;
  }
  std::erase_if(days, [&](const budget::BidDay& day) { return day.day < first_day; });
  made.aim = goal.aim;
  made.steps = budget::control_bids(*goal.aim, days);
  made.words = budget::words_of(*goal.aim, made.steps);
  return made;
}

}  // namespace

Result<BidsAnswer> propose_bids(const Desk& desk, const BidsOptions& options) {
  BidsAnswer made;
  ATTUNE_ASSIGN(made.last_day, newest_day(desk));
  if (!made.last_day) return made;
  made.first_day = options.from.value_or(*made.last_day - kControlDays + 1);
  ATTUNE_ASSIGN(const std::vector<DayRow> rows,
                read_days(desk, {*made.last_day - kLookBackDays, *made.last_day}));
  ATTUNE_ASSIGN(const auto goals, goals_of(desk, options));
  struct Campaign {
    std::string name;
    std::map<std::int32_t, budget::BidDay> days;
  };
  std::map<std::string, Campaign> campaigns;   // by id
  for (const DayRow& row : rows) {
    Campaign& campaign = campaigns[row.id.text()];
    campaign.name = row.campaign;
    budget::BidDay& day = campaign.days[row.day];
    day.day = row.day;
    day.spend += row.spend;
    day.conversions += row.conversions;
    day.revenue += row.revenue;
  }
  for (auto& [id, campaign] : campaigns) {
    std::vector<budget::BidDay> days;
    bool is_running = false;
    for (const auto& [number, day] : campaign.days) {
      days.push_back(day);
      is_running |= day.spend > 0 && number > *made.last_day - budget::kPresentDays;
    }
    const auto goal = goals.find(id);
    if (!is_running || goal == goals.end()) continue;
    made.campaigns.push_back(
        bids_of(std::move(campaign.name), goal->second, std::move(days), *made.first_day));
  }
  std::ranges::sort(made.campaigns, {}, &CampaignBids::name);
  return made;
}

}  // namespace attune::campaign
