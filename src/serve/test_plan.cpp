#include "serve/test_plan.h"

#include <boost/json.hpp>
#include <cmath>

#include "experiment/power.h"
#include "serve/json_fields.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using experiment::Plan;

struct Wish {
  Plan plan;
  experiment::FamilyTarget target;
  std::optional<double> lift;
  std::optional<double> people;   // of one variation
  double variations = 2;
  std::optional<double> a_day;
};

Result<Wish> read_wish(std::string_view body) {
  ATTUNE_ASSIGN(const json::value value, parse_json(body));
  JsonFields fields(value);
  Wish wish;
  const auto mean = fields.optional_number("mean", -1e12, 1e12);
  if (!mean || *mean == 0) fields.refuse("mean", "say what a person does now; not 0");
  wish.plan.mean = mean.value_or(1);
  const auto variance = fields.optional_number("variance", 0, 1e18);
  const bool is_rate = wish.plan.mean > 0 && wish.plan.mean < 1;
  if (!variance && !is_rate) {
    fields.refuse("variance", "needed, unless mean is a conversion rate between 0 and 1");
  }
  if (variance && *variance <= 0) fields.refuse("variance", "must be above 0");
  wish.plan.variance = variance.value_or(wish.plan.mean * (1 - wish.plan.mean));
  const double alpha = fields.optional_number("alpha", 0.0001, 0.4).value_or(0.05);
  const double power = fields.optional_number("power", 0.5, 0.999).value_or(0.8);
  const auto metrics = fields.optional_whole("metrics", 1, 50).value_or(1);
  wish.target = experiment::for_metrics({.alpha = alpha, .power = power},
                                        static_cast<int>(metrics));
  wish.plan.alpha = wish.target.alpha;
  if (fields.optional_flag("sequential").value_or(false)) {
    wish.plan.tuned_count = fields.optional_number("n_star", 100, 1e9).value_or(5000);
  } else if (fields.optional_value("n_star") != nullptr) {
    fields.refuse("n_star", "is for sequential tests");
  }
  wish.lift = fields.optional_number("lift", -0.99, 10);
  wish.people = fields.optional_number("people_per_variation", 10, 1e12);
  if (wish.lift.has_value() == wish.people.has_value()) {
    fields.refuse("lift", "give the lift to be found, or people_per_variation");
  }
  if (wish.lift && *wish.lift == 0) fields.refuse("lift", "must not be 0");
  wish.variations = static_cast<double>(fields.optional_whole("variations", 2, 64).value_or(2));
  wish.a_day = fields.optional_number("people_per_day", 1, 1e12);
  ATTUNE_TRY(fields.finish());
  return wish;
}

}  // namespace

Result<std::string> plan_json(std::string_view body) {
  ATTUNE_ASSIGN(Wish wish, read_wish(body));
  json::object answer;
  if (wish.lift) {
    wish.plan.count_per_arm = 1000;   // not read
    ATTUNE_ASSIGN(const double people,
                  experiment::count_per_arm_for(wish.plan, *wish.lift, wish.target.power));
    wish.people = people;
    answer["lift"] = *wish.lift;
  } else {
    wish.plan.count_per_arm = *wish.people;
    ATTUNE_ASSIGN(const double lift,
                  experiment::minimum_detectable_lift(wish.plan, wish.target.power));
    answer["lift"] = lift;
  }
  answer["people_per_variation"] = *wish.people;
  answer["people"] = *wish.people * wish.variations;
  answer["alpha_per_metric"] = wish.target.alpha;
  answer["power_per_metric"] = wish.target.power;
  if (wish.a_day) answer["days"] = std::ceil(*wish.people * wish.variations / *wish.a_day);
  return json::serialize(answer);
}

}  // namespace attune::serve
