#include "experiment/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <variant>

#include "base/time_zone.h"
#include "experiment/bandit_weights.h"
#include "experiment/comparison.h"
#include "experiment/refresh.h"
#include "experiment/results.h"
#include "experiment/test_store.h"
#include "store/transaction.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kClock = "the clock";

std::int32_t day_of(std::int64_t ms) { return static_cast<std::int32_t>(ms / kDayMs); }

ArmSums sums_at(const json::object& inputs, const std::string& metric, const std::string& arm) {
  ArmSums sums;
  const auto read = [&](const std::string& name) -> const json::array* {
    const json::value* at = inputs.at("sums").as_object().if_contains(name);
    for (const std::string& part : {std::string(), std::string(), arm}) {
      if (at != nullptr) at = at->as_object().if_contains(part);
    }
    return at == nullptr ? nullptr : &at->as_array();
  };
  if (const json::array* numbers = read(metric)) {
    for (std::size_t i = 0; i < sums.sums.size(); ++i) {
      sums.sums[i] = (*numbers)[i].to_number<double>();
    }
  }
  const json::array* units = read("");
  sums.sums[0] = units == nullptr ? 0 : (*units)[0].to_number<double>();
  return sums;
}

Result<bool> has_snapshot_of_today(store::Session& session, const Test& test,
                                   std::int64_t now_ms) {
  const std::array parameters{Value{test.account}, Value{test.id}};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/snapshot.days", parameters));
  const auto* last = std::get_if<store::Timestamp>(&rows.rows[0][0]);
  const std::int64_t since_ms = last == nullptr ? *test.started_ms : last->us / 1000;
  return day_of(since_ms) == day_of(now_ms);
}

bool stops_itself(const Test& test) {
  const json::value* stop = test.design.if_contains("auto_stop");
  return stop != nullptr && stop->is_bool() && stop->as_bool() &&
         (test.engine == "sequential" || test.engine == "bandit");
}

/// Writes the people of each variation who clicked, counted anew: no metric needs them, so they are
/// not among the sums.
Result<void> keep_clicks(store::Session& session, const Test& test, std::int64_t now_ms) {
  const std::array of_test{Value{test.site}, Value{test.id},
                           Value{store::Timestamp::from_ms(test.started_ms.value_or(0))},
                           Value{test.hash_attribute == "user_id"}};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/clicks", of_test));
  for (const Arm& arm : test.arms) {
    const auto row = std::ranges::find_if(rows.rows, [&](const std::vector<Value>& each) {
      return std::get<std::string>(each[0]) == arm.id;
    });
    const std::int64_t people = row == rows.rows.end() ? 0 : std::get<std::int64_t>((*row)[1]);
    const std::array of_arm{Value{test.account}, Value{test.id}, Value{arm.id}, Value{people},
                            Value{store::Timestamp::from_ms(now_ms)}};
    ATTUNE_TRY(session.execute("experiment/arm_clicks", of_arm));
  }
  return {};
}

/// What one turn does with one test.
class Turn {
 public:
  Turn(store::Session& session, Test& test, std::int64_t now_ms, const std::stop_token& stop)
      : session_(session), test_(test), now_ms_(now_ms), stop_(stop) {}

  /// Returns  what was done, or nothing worth a line.
  Result<std::string> run() {
    if (test_.status == "Draft") {
      if (!test_.start_ms || *test_.start_ms > now_ms_) return std::string();
      return step(Action::start, "start_date has come", {});
    }
    if (test_.end_ms && *test_.end_ms <= now_ms_) {
      ATTUNE_ASSIGN(const std::string done, step(Action::complete, "end_date has come", {}));
      ATTUNE_TRY(look(session_, test_, now_ms_, Keep::snapshot));
      return done;
    }
    ATTUNE_ASSIGN(const bool kept, has_snapshot_of_today(session_, test_, now_ms_));
    ATTUNE_ASSIGN(const json::object verdict,
                  look(session_, test_, now_ms_, kept ? Keep::no : Keep::snapshot, stop_));
    if (!kept && test_.engine == "bandit" && test_.status == "Active") ATTUNE_TRY(share_anew());
    if (!stops_itself(test_)) return std::string();
    const std::string_view outcome = verdict.at("outcome").as_string();
    if (outcome == "neutral" && verdict.at("neutral_basis").as_string() == "interval") {
      ATTUNE_ASSIGN(const std::string done,
                    step(Action::complete, "neutral: the interval lies inside the smallest lift "
                                           "worth having, which holds at every look", {}));
      ATTUNE_TRY(look(session_, test_, now_ms_, Keep::snapshot));
      return done;
    }
    if (outcome != "won" && outcome != "lost") return std::string();
    const std::string winner(verdict.at("winner").as_string());
    ATTUNE_ASSIGN(const std::string done,
                  step(Action::complete,
                       fmt::format("{} at a corrected p of {:.4g}, which holds at every look",
                                   outcome, verdict.at("p_value").to_number<double>()),
                       winner));
    ATTUNE_TRY(look(session_, test_, now_ms_, Keep::snapshot));
    return done;
  }

 private:
  Result<std::string> step(Action action, std::string reason, std::string winner) {
    const Step wanted{action, std::string(kClock), std::move(reason), std::move(winner), now_ms_};
    ATTUNE_ASSIGN(test_, take_step(session_, test_, wanted));
    return fmt::format("test {}: {} ({})", test_.key, to_string(action), wanted.reason);
  }

  Result<void> share_anew() {
    ATTUNE_ASSIGN(const json::object inputs, gather(session_, test_, now_ms_));
    const std::vector<double> weights = next_weights(test_, inputs);
    if (weights.empty()) return {};
    return move_weights(session_, test_, weights, day_text(day_of(now_ms_)), now_ms_);
  }

  store::Session& session_;
  Test& test_;
  const std::int64_t now_ms_;
  const std::stop_token& stop_;
};

}  // namespace

Result<json::object> look(store::Session& session, const Test& test, std::int64_t now_ms,
                          Keep keep, const std::stop_token& stop) {
  ATTUNE_TRY(refresh(session, test, now_ms, {.stop = stop}));
  ATTUNE_ASSIGN(const json::object inputs, gather(session, test, now_ms));
  json::object verdict = verdict_of(inputs);
  if (keep == Keep::snapshot) {
    ATTUNE_TRY(keep_snapshot(session, test, inputs, verdict, now_ms));
    ATTUNE_TRY(keep_clicks(session, test, now_ms));
  }
  return verdict;
}

std::vector<double> next_weights(const Test& test, const json::object& inputs) {
  const json::array& metrics = inputs.at("metrics").as_array();
  const auto primary = std::ranges::find_if(metrics, [&](const json::value& metric) {
    return std::string_view(metric.at("name").as_string()) == test.primary_metric;
  });
  if (primary == metrics.end()) return {};
  const std::string kind(primary->at("kind").as_string());
  std::vector<ArmBelief> beliefs;
  for (const Arm& arm : test.arms) {
    const auto moments = arm_moments(sums_at(inputs, test.primary_metric, arm.id), kind);
    const auto belief = moments ? arm_belief(*moments)
                                : Result<ArmBelief>(tl::unexpected<Error>(moments.error()));
    if (!belief) return {};
    beliefs.push_back(*belief);
  }
  const Better better =
      primary->at("higher_is_better").as_bool() ? Better::higher : Better::lower;
  // Of two, both are always among the best two: then it is the chance to be the best.
  const auto shares = beliefs.size() == 2 ? best_arm_probabilities(beliefs, better)
                                          : top_two_probabilities(beliefs, better);
  return shares ? with_floor(*shares, kWeightFloor) : std::vector<double>();
}

Result<void> move_weights(store::Session& session, Test& test, const std::vector<double>& weights,
                          const std::string& day, std::int64_t now_ms) {
  json::object shares;
  for (std::size_t i = 0; i < test.arms.size(); ++i) {
    shares[test.arms[i].id] = weights[i];
    test.arms[i].traffic_percentage = weights[i] * 100;
  }
  test.weights.push_back({{"day", day}, {"weights", shares}});
  return store::in_transaction(session, [&]() -> Result<void> {
    const Value now{store::Timestamp::from_ms(now_ms)};
    const std::array of_test{Value{test.account}, Value{test.id},
                             Value{store::Json{json::serialize(test.weights)}}, now};
    ATTUNE_TRY(session.execute("experiment/weights", of_test));
    for (const Arm& arm : test.arms) {
      const std::array of_arm{Value{test.account}, Value{test.id}, Value{arm.id},
                              Value{arm.traffic_percentage}, now};
      ATTUNE_TRY(session.execute("experiment/arm_traffic", of_arm));
    }
    return {};
  });
}

Result<std::vector<std::string>> turn(store::Session& session, std::int64_t now_ms,
                                      const std::stop_token& stop) {
  ATTUNE_ASSIGN(std::vector<Test> tests, tests_at_work(session));
  std::vector<std::string> lines;
  for (Test& test : tests) {
    if (stop.stop_requested()) break;
    const auto done = Turn(session, test, now_ms, stop).run();
    if (!done && stop.stop_requested()) break;
    if (!done) lines.push_back(fmt::format("test {}: {}", test.name, done.error().message()));
    else if (!done->empty()) lines.push_back(*done);
  }
  return lines;
}

}  // namespace attune::experiment
