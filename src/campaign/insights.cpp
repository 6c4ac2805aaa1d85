#include "campaign/insights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ensure.h"
#include "base/sha256.h"
#include "store/transaction.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;
using store::Null;
using store::Session;
using store::Value;

constexpr std::string_view kMethod = "beam search, confirmed on held-out campaigns";
constexpr std::array<std::string_view, 7> kWeekdays{"Monday",   "Tuesday", "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};

std::string text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

std::optional<double> number_of(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::nullopt;
}

Value value_of(const std::optional<double>& number) {
  return number ? Value(*number) : Value(Null{});
}

store::Json json_of(const json::value& value) { return store::Json{json::serialize(value)}; }

std::string percent(double share, int digits = 2) {
  return fmt::format("{:.{}f} %", 100 * share, digits);
}

/// Values for some columns of a table, by name.
class Draft {
 public:
  explicit Draft(const Table& table) : table_(table), fields_(table.columns.size()) {}

  Draft& set(std::string_view column, Value value) {
    const auto at = table_.find(column);
    ensure(at.has_value(), "the table has the column");
    fields_[*at] = std::move(value);
    return *this;
  }
  const Fields& fields() const { return fields_; }

 private:
  const Table& table_;
  Fields fields_;
};

/// Runs a query in a transaction of the account.
Result<store::Rows> query_as(Session& session, AccountId account, std::string_view file,
                             std::span<const Value> parameters) {
  return store::in_transaction_as(session, tenant_of(account),
                                  [&] { return session.query(file, parameters); });
}

// Patterns

struct Metric {
  std::string_view key;    // in hashes and JSON
  std::string_view word;   // in sentences
};
constexpr Metric kClicks{"ctr", "click rate"};
constexpr Metric kConversions{"conversion", "conversion rate by impression"};

/// The days of an account's campaigns as rows, once for each metric.
struct Days {
  PatternRows clicks;
  PatternRows conversions;
  std::int32_t first_day = 0, last_day = 0;   // since 1970-01-01
  std::size_t distinct_days = 0;
  double described = 0;   // share of rows whose audience and platform are known
};

/// Gives each text of an attribute a number; past the limit all are "other".
class Values {
 public:
  explicit Values(std::string name) { attribute_.name = std::move(name); }

  void add(const std::string& text) {
    const std::string& known = text.empty() ? kUnknown : text;
    const auto found = numbers_.find(known);
    if (found != numbers_.end()) {
      attribute_.of_row.push_back(found->second);
      return;
    }
    const bool is_full = attribute_.values.size() + 1 >= kPatternValuesMax;
    if (is_full && known != kOther) return add(kOther);
    const auto number = static_cast<std::uint16_t>(attribute_.values.size());
    attribute_.values.push_back(known);
    numbers_.emplace(known, number);
    attribute_.of_row.push_back(number);
  }
  const PatternRows::Attribute& attribute() const { return attribute_; }

 private:
  static inline const std::string kUnknown = "unknown";
  static inline const std::string kOther = "other";
  PatternRows::Attribute attribute_;
  std::map<std::string, std::uint16_t> numbers_;
};

/// The tercile of a day's spend among all of them.
std::string_view spend_word(double spend, const std::vector<double>& sorted) {
  const std::size_t third = sorted.size() / 3;
  if (sorted.empty() || sorted.front() == sorted.back()) return "the same";
  if (spend <= sorted[third]) return "low";
  return spend <= sorted[2 * third] ? "medium" : "high";
}

Days days_of(const store::Rows& rows) {
  Days days;
  Values weekday("weekday"), part("part of the week"), platform("platform"), objective("objective"),
      audience("audience"), content("template"), spend("spend");
  std::vector<double> spends;
  for (const auto& row : rows.rows) spends.push_back(number_of(row[10]).value_or(0));
  std::ranges::sort(spends);
  std::map<std::string, std::uint32_t> campaigns;
  std::set<std::int32_t> known_days;
  std::size_t described = 0;
  for (const auto& row : rows.rows) {
    const auto day = std::get<store::Date>(row[1]).days;
    known_days.insert(day);
    const auto number = static_cast<std::size_t>(std::get<std::int64_t>(row[2]));
    weekday.add(std::string(kWeekdays[std::clamp<std::size_t>(number, 1, 7) - 1]));
    part.add(number >= 6 ? "weekend" : "working days");
    platform.add(text_of(row[3]));
    objective.add(text_of(row[4]));
    audience.add(text_of(row[5]));
    content.add(text_of(row[6]));
    spend.add(std::string(spend_word(number_of(row[10]).value_or(0), spends)));
    described += text_of(row[3]).empty() || text_of(row[5]).empty() ? 0 : 1;
    const double impressions = number_of(row[7]).value_or(0);
    const auto next = static_cast<std::uint32_t>(campaigns.size());
    const auto group = campaigns.emplace(std::get<Uuid>(row[0]).text(), next).first->second;
    const auto add = [&](PatternRows& to, double successes) {
      to.trials.push_back(impressions);
      to.successes.push_back(std::min(successes, impressions));   // some come without impressions
      to.group.push_back(group);
    };
    add(days.clicks, number_of(row[8]).value_or(0));
    add(days.conversions, number_of(row[9]).value_or(0));
  }
  for (const Values* each : {&weekday, &part, &platform, &objective, &audience, &content, &spend}) {
    if (each->attribute().values.size() < 2) continue;   // the same everywhere says nothing
    days.clicks.attributes.push_back(each->attribute());
    days.conversions.attributes.push_back(each->attribute());
  }
  if (!known_days.empty()) {
    days.first_day = *known_days.begin();
    days.last_day = *known_days.rbegin();
    days.distinct_days = known_days.size();
    days.described = static_cast<double>(described) / static_cast<double>(rows.rows.size());
  }
  return days;
}

/// What kind of pattern it is, by its first condition.
std::string_view type_of(const PatternRows& rows, const Pattern& pattern) {
  const std::string& name = rows.attributes[pattern.conditions.front().attribute].name;
  if (name == "platform") return "platform";
  if (name == "audience") return "audience";
  if (name == "spend") return "budget";
  return name == "weekday" || name == "part of the week" ? "timing" : "content";
}

struct Finding {
  const PatternRows& rows;
  const Pattern& pattern;
  const Metric& metric;
  const Days& days;

  std::string condition() const { return describe(rows, pattern.conditions); }
  std::string hash() const {
    std::vector<std::string> parts;
    for (const Condition& each : pattern.conditions) {
      const PatternRows::Attribute& attribute = rows.attributes[each.attribute];
      parts.push_back(attribute.name + "=" + attribute.values[each.value]);
    }
    std::ranges::sort(parts);
    Sha256 digest;
    digest.add(metric.key);
    for (const std::string& part : parts) digest.add("\n" + part);
    return digest.finish();
  }
  json::array conditions() const {
    json::array list;
    for (const Condition& each : pattern.conditions) {
      const PatternRows::Attribute& attribute = rows.attributes[each.attribute];
      list.push_back({{"attribute", attribute.name}, {"value", attribute.values[each.value]}});
    }
    return list;
  }
  /// Relative to elsewhere; nothing where the rate elsewhere is 0.
  std::optional<double> lift() const {
    if (!(pattern.rate_elsewhere > 0)) return std::nullopt;
    return pattern.rate / pattern.rate_elsewhere - 1;
  }
  double impressions() const {
    double sum = 0;
    for (const double each : rows.trials) sum += each;
    return sum;
  }
  std::string title() const {
    const std::string_view direction = pattern.difference > 0 ? "Higher" : "Lower";
    const std::string text = fmt::format("{} {} where {}", direction, metric.word, condition());
    return text.size() <= 255 ? text : text.substr(0, 252) + "...";
  }
  std::string sentence() const {
    return fmt::format(
        "Where {}, the {} was {}, elsewhere {}: a difference of {:+.2f} points (95 % {:+.2f} to "
        "{:+.2f}), in {} campaigns that had no part in finding it. This is associated with the "
        "condition; whether the condition is the cause, a test would say.",
        condition(), metric.word, percent(pattern.rate), percent(pattern.rate_elsewhere),
        100 * pattern.difference, 100 * pattern.low, 100 * pattern.high, pattern.groups);
  }
  std::string suggestion() const {
    return fmt::format("Test it: run the same campaign with and without \"{}\".", condition());
  }
};

Draft draft_of(const Finding& found, const store::Timestamp& first_observed) {
  const Pattern& pattern = found.pattern;
  const auto instant_of = [](std::int32_t day) {
    return store::Timestamp::from_ms(std::int64_t{day} * 86'400'000);
  };
  Draft draft(*find_table("performance_patterns"));
  draft.set("pattern_type", std::string(type_of(found.rows, pattern)))
      .set("name", found.title())
      .set("description", found.sentence())
      .set("conditions", json_of(found.conditions()))
      .set("condition_hash", found.hash())
      .set("performance_impact", value_of(found.lift()))
      .set("frequency", pattern.coverage)
      .set("confidence_level", 1 - pattern.q_value)
      .set("p_value", pattern.q_value)
      .set("effect_size", pattern.effect_size)
      .set("campaigns_analyzed", static_cast<std::int64_t>(pattern.groups))
      .set("period_start", store::Date{found.days.first_day})
      .set("period_end", store::Date{found.days.last_day})
      .set("first_observed", first_observed)
      .set("last_observed", instant_of(found.days.last_day))
      .set("actionable_insights", json_of(json::array{found.suggestion()}))
      .set("automation_potential", 0.0)   // an association is not to be acted on by itself
      .set("method", std::string(kMethod))
      .set("basis", std::string("observational"))
      .set("n", static_cast<std::int64_t>(found.impressions()));
  return draft;
}

Draft insight_of(const Finding& found) {
  const Pattern& pattern = found.pattern;
  const auto type = type_of(found.rows, pattern);
  const auto lift = found.lift();
  const double period = 1.0 + found.days.last_day - found.days.first_day;
  Draft draft(*find_table("learning_insights"));
  draft.set("insight_type", std::string(type == "platform" ? "pattern" : type))
      .set("category", std::string(found.metric.key))
      .set("title", found.title())
      .set("description", found.sentence())
      .set("fingerprint", found.hash())
      .set("baseline_performance", json_of({{found.metric.key, pattern.rate_elsewhere}}))
      .set("improved_performance", json_of({{found.metric.key, pattern.rate}}))
      .set("improvement_percentage", lift ? Value(100 * *lift) : Value(Null{}))
      .set("identified_patterns", json_of(json::array{found.hash()}))
      .set("contributing_factors", json_of(found.conditions()))
      .set("correlations", json_of({{"cohens_h", pattern.effect_size}}))
      .set("optimization_suggestions", json_of(json::array{found.suggestion()}))
      .set("priority", std::string(std::abs(lift.value_or(0)) >= 0.2   ? "high"
                                   : std::abs(lift.value_or(0)) >= 0.1 ? "medium"
                                                                       : "low"))
      .set("expected_impact", Value(Null{}))   // what acting on it would bring is not known
      .set("confidence_score", 1 - pattern.q_value)
      .set("sample_size", static_cast<std::int64_t>(found.impressions()))
      .set("period_start", store::Date{found.days.first_day})
      .set("period_end", store::Date{found.days.last_day})
      .set("data_quality",
           static_cast<double>(found.days.distinct_days) / period * found.days.described)
      .set("basis", std::string("observational"))
      .set("method", std::string(kMethod));
  return draft;
}

/// One account's pass.
struct Pass {
  Session& session;
  AccountStore& accounts;
  AccountId account;
  const InsightOptions& options;
  std::set<std::string> told;      // fingerprints
  InsightReport report;

  std::vector<Value> of_account() const { return {static_cast<std::int64_t>(account)}; }

  Result<store::Rows> ask(std::string_view file) const {
    const auto parameters = of_account();
    return query_as(session, account, file, parameters);
  }

  Result<bool> tell(const Draft& draft, const std::string& fingerprint) {
    if (!told.insert(fingerprint).second) return false;
    const Table& table = *find_table("learning_insights");
    ATTUNE_TRY(accounts.create(session, table, account, draft.fields()));
    return true;
  }

  struct Known {
    Uuid id;
    Value first_observed;
    std::int32_t period_start = 0;
  };

  Result<void> keep(const Finding& found, const std::map<std::string, Known>& known) {
    const Table& table = *find_table("performance_patterns");
    const auto earlier = known.find(found.hash());
    auto first = store::Timestamp::from_ms(std::int64_t{found.days.first_day} * 86'400'000);
    if (earlier != known.end()) {
      if (const auto* seen = std::get_if<store::Timestamp>(&earlier->second.first_observed)) {
        first = *seen;
      }
    }
    const Draft draft = draft_of(found, first);
    if (earlier != known.end() && earlier->second.period_start == found.days.first_day) {
      ATTUNE_TRY(accounts.update(session, table, account, earlier->second.id, draft.fields()));
    } else {
      ATTUNE_TRY(accounts.create(session, table, account, draft.fields()));
    }
    ++report.patterns_found;
    if (earlier == known.end()) ++report.patterns_new;
    ATTUNE_ASSIGN(const bool is_new, tell(insight_of(found), found.hash()));
    report.insights_of_patterns += is_new ? 1 : 0;
    return {};
  }

  Result<void> look_for_patterns() {
    // A first look for the newest day: imported history of other years works as well.
    std::vector<Value> parameters{static_cast<std::int64_t>(account), store::Date{-100'000},
                                  store::Date{100'000}, std::int64_t{1}};
    ATTUNE_ASSIGN(const store::Rows newest,
                  query_as(session, account, "campaign/insights.days", parameters));
    if (newest.rows.empty()) {
      report.refusal = "no statistics of campaigns";
      return {};
    }
    const std::int32_t last = std::get<store::Date>(newest.rows[0][1]).days;
    parameters[1] = store::Date{last - options.days + 1};
    parameters[2] = store::Date{last};
    parameters[3] = options.rows_max;
    ATTUNE_ASSIGN(const store::Rows rows,
                  query_as(session, account, "campaign/insights.days", parameters));
    const Days days = days_of(rows);
    report.days = static_cast<std::int64_t>(rows.rows.size());
    ATTUNE_ASSIGN(const store::Rows seen, ask("campaign/insights.patterns"));
    std::map<std::string, Known> known;
    for (const auto& row : seen.rows) {
      known[text_of(row[1])] = {std::get<Uuid>(row[0]), row[2], std::get<store::Date>(row[3]).days};
    }
    const std::pair<const Metric&, const PatternRows&> searches[] = {
        {kClicks, days.clicks}, {kConversions, days.conversions}};
    for (const auto& [metric, of_metric] : searches) {
      ATTUNE_ASSIGN(const PatternSearch search, find_patterns(of_metric, options.patterns));
      if (!search.refusal.empty()) report.refusal = search.refusal;
      for (const Pattern& pattern : search.patterns) {
        ATTUNE_TRY(keep({of_metric, pattern, metric, days}, known));
      }
    }
    return {};
  }

  Result<void> look_at_tests() {
    ATTUNE_ASSIGN(const store::Rows tests, ask("campaign/insights.tests"));
    for (const auto& row : tests.rows) {
      const std::string fingerprint = "test:" + std::get<Uuid>(row[0]).text();
      ATTUNE_ASSIGN(const bool is_new, tell(insight_of_test(row, fingerprint), fingerprint));
      report.insights_of_tests += is_new ? 1 : 0;
    }
    return {};
  }

  static Draft insight_of_test(const std::vector<Value>& row, const std::string& fingerprint) {
    const std::string name = text_of(row[2]);
    const std::string metric = text_of(row[4]).empty() ? "the primary metric" : text_of(row[4]);
    const std::string winner = text_of(row[8]);
    const std::string status = text_of(row[9]);
    const auto p_value = number_of(row[10]);
    const auto lift = number_of(row[12]);
    const auto low = number_of(row[13]), high = number_of(row[14]);
    const bool is_sure = status == "Significant" || status == "Highly Significant";
    const bool has_won = is_sure && !winner.empty();
    const bool is_harm = is_sure && lift && *lift < 0;
    std::string text = has_won   ? fmt::format("\"{}\" won the test \"{}\".", winner, name)
                       : is_harm ? fmt::format("The test \"{}\" lost: keep what you had.", name)
                                 : fmt::format("The test \"{}\" did not find a difference.", name);
    const std::string title = text.substr(0, text.size() - 1);
    if (lift && low && high) {
      text += fmt::format(" {}: {:+.1f} % (interval {:+.1f} to {:+.1f} %", metric, 100 * *lift,
                          100 * *low, 100 * *high);
      text += p_value ? fmt::format(", corrected p {:.4f}).", *p_value) : ").";
    }
    if (!text_of(row[3]).empty()) text += " Hypothesis: " + text_of(row[3]);
    const std::string advice = has_won ? fmt::format("Ship \"{}\" to everybody.", winner)
                               : is_harm ? std::string("Keep the control.")
                                         : std::string("Keep the simpler variant, or test a bolder "
                                                       "change.");
    Draft draft(*find_table("learning_insights"));
    const auto day_of = [](const Value& value) -> Value {
      const auto* instant = std::get_if<store::Timestamp>(&value);
      if (instant == nullptr) return Null{};
      return store::Date{static_cast<std::int32_t>(instant->us / 86'400'000'000)};
    };
    draft.set("campaign_id", row[1])
        .set("insight_type", std::string("experiment_result"))
        .set("category", metric.substr(0, 100))
        .set("title", title.substr(0, 255))
        .set("description", text)
        .set("fingerprint", fingerprint)
        .set("improvement_percentage", lift ? Value(100 * *lift) : Value(Null{}))
        .set("contributing_factors", json_of(json::array{winner.empty() ? name : winner}))
        .set("optimization_suggestions", json_of(json::array{advice}))
        .set("priority", std::string(is_sure ? "high" : "low"))
        .set("expected_impact", has_won ? value_of(lift) : Value(Null{}))
        .set("confidence_score", row[11])
        .set("sample_size", row[15])
        .set("period_start", day_of(row[6]))
        .set("period_end", day_of(row[7]))
        .set("basis", std::string("experiment"))
        .set("method", text_of(row[5]));
    return draft;
  }
};

}  // namespace

std::string to_json(const InsightReport& report) {
  json::object made{{"days", report.days},
                    {"patterns_found", report.patterns_found},
                    {"patterns_new", report.patterns_new},
                    {"insights_of_patterns", report.insights_of_patterns},
                    {"insights_of_tests", report.insights_of_tests}};
  if (!report.refusal.empty()) made["refusal"] = report.refusal;
  return json::serialize(made);
}

Result<InsightReport> find_insights(Session& session, AccountStore& accounts, AccountId account,
                                    const InsightOptions& options) {
  Pass pass{.session = session,
            .accounts = accounts,
            .account = account,
            .options = options,
            .told = {},
            .report = {}};
  ATTUNE_ASSIGN(const store::Rows told, pass.ask("campaign/insights.fingerprints"));
  for (const auto& row : told.rows) pass.told.insert(text_of(row[0]));
  ATTUNE_TRY(pass.look_for_patterns());
  ATTUNE_TRY(pass.look_at_tests());
  return pass.report;
}

}  // namespace attune::campaign
