#include "campaign/learned_profile.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time_zone.h"
#include "campaign/forecast/rates.h"
#include "experiment/distributions.h"
#include "store/transaction.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::size_t kPatternsMax = 20;
constexpr double kLow = 0.1, kHigh = 0.9;   // an 80 % interval
constexpr std::size_t kPlatform = 1, kContent = 2;   // of a cell

json::string text(std::string_view words) { return json::string(words.data(), words.size()); }

json::object history_json(const std::vector<forecast::PastCampaign>& past, std::int64_t now_ms) {
  forecast::PastCampaign sum;
  std::set<std::string> campaigns;
  for (const forecast::PastCampaign& each : past) {
    campaigns.insert(each.id);
    sum.impressions += each.impressions;
    sum.clicks += each.clicks;
    sum.conversions += each.conversions;
    sum.revenue += each.revenue;
    sum.spend += each.spend;
  }
  return {{"campaigns", campaigns.size()},     {"impressions", sum.impressions},
          {"clicks", sum.clicks},              {"conversions", sum.conversions},
          {"revenue", sum.revenue},            {"spend", sum.spend},
          {"as_of", text(utc_text(now_ms))}};
}

/// Click rates by one word of the cells, best first.
json::array rates_json(const std::vector<forecast::PastCampaign>& past, std::size_t level,
                       std::string_view name) {
  std::vector<forecast::RateRow> rows;
  std::map<std::string, std::set<std::string>> campaigns;
  for (const forecast::PastCampaign& each : past) {
    if (each.cell[level].empty() || each.impressions <= 0) continue;
    rows.push_back({{each.cell[level], "", "", ""}, {each.impressions, each.clicks}});
    campaigns[each.cell[level]].insert(each.id);
  }
  const auto model = forecast::RateModel::fit(rows);
  std::vector<std::pair<double, json::object>> found;
  for (const auto& [word, ids] : campaigns) {
    const experiment::BetaLaw law = model.mean_of({word, "", "", ""});
    const double mean = law.a / (law.a + law.b);
    found.emplace_back(mean, json::object{{text(name), text(word)},
                                          {"campaigns", ids.size()},
                                          {"ctr", mean},
                                          {"ctr_low", experiment::beta_quantile(kLow, law)},
                                          {"ctr_high", experiment::beta_quantile(kHigh, law)}});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  json::array list;
  for (auto& each : found) list.push_back(std::move(each.second));
  return list;
}

Result<json::array> patterns_json(const Desk& desk) {
  const Table& table = *find_table("performance_patterns");
  const ListOptions newest{.limit = kListMax, .offset = 0, .parent = {}};
  ATTUNE_ASSIGN(const Page page,
                desk.accounts.list(desk.session, table, desk.account, newest));
  std::vector<std::pair<double, json::object>> found;
  for (const Row& row : page.rows) {
    const auto at = [&](std::string_view column) { return row[2 + *table.find(column)]; };
    const auto number = [&](std::string_view column) {
      const Value value = at(column);
      const double* real = std::get_if<double>(&value);
      return real == nullptr ? json::value() : json::value(*real);
    };
    const json::value p_value = number("p_value");
    if (p_value.is_null()) continue;
    found.emplace_back(p_value.as_double(),
                       json::object{{"name", text(std::get<std::string>(at("name")))},
                                    {"impact", number("performance_impact")},
                                    {"p_value", p_value}});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (found.size() > kPatternsMax) found.resize(kPatternsMax);
  json::array list;
  for (auto& each : found) list.push_back(std::move(each.second));
  return list;
}

}  // namespace

Result<bool> learn_profile(const Desk& desk) {
  ATTUNE_ASSIGN(const std::vector<forecast::PastCampaign> past, read_history(desk));
  ATTUNE_ASSIGN(json::array patterns, patterns_json(desk));
  const json::object history = history_json(past, desk.now_ms);
  const json::object preferences{{"platforms", rates_json(past, kPlatform, "platform")},
                                 {"content_types", rates_json(past, kContent, "content_type")},
                                 {"level", kHigh - kLow},
                                 {"as_of", text(utc_text(desk.now_ms))}};
  const json::object known{{"patterns", std::move(patterns)},
                           {"as_of", text(utc_text(desk.now_ms))}};
  const std::array parameters{Value{static_cast<std::int64_t>(desk.account)},
                              Value{store::Json{json::serialize(history)}},
                              Value{store::Json{json::serialize(known)}},
                              Value{store::Json{json::serialize(preferences)}},
                              Value{store::Timestamp::from_ms(desk.now_ms)}};
  ATTUNE_ASSIGN(const std::int64_t changed,
                store::in_transaction_as(desk.session, tenant_of(desk.account), [&] {
                  return desk.session.execute("campaign/learned_profile", parameters);
                }));
  return changed > 0;
}

}  // namespace attune::campaign
