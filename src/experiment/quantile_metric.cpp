#include "experiment/quantile_metric.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

namespace attune::experiment {
namespace {

namespace json = boost::json;

const json::object* row_of(const json::object& inputs, std::string_view metric,
                           std::string_view variation) {
  const json::value* at = inputs.if_contains("quantiles");
  if (at != nullptr) at = at->as_object().if_contains(metric);
  if (at != nullptr) at = at->as_object().if_contains(variation);
  return at == nullptr ? nullptr : &at->as_object();
}

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::failed_precondition, std::move(reason));
}

double number_at(const json::object& row, std::string_view name) {
  return row.at(name).to_number<double>();
}

}  // namespace

Result<Moments> quantile_moments(const json::object& inputs, const std::string& metric,
                                 const std::string& variation) {
  const json::object* row = row_of(inputs, metric, variation);
  if (row == nullptr) return refuse("no value of the metric was seen in the variation so far");
  const double people = number_at(*row, "people");
  if (row->at("low").is_null() || row->at("high").is_null()) {
    return refuse(fmt::format("{} values of {} people are too few beside the quantile",
                              number_at(*row, "amounts"), people));
  }
  const QuantileSums sums{.count = people,
                          .count_at_rank = people,
                          .value = number_at(*row, "value"),
                          .low = number_at(*row, "low"),
                          .high = number_at(*row, "high")};
  if (!(sums.high > sums.low)) {
    return refuse(fmt::format("so many values are {} that the error of the quantile cannot be told",
                              sums.value));
  }
  return moments_of(sums);
}

json::object quantile_json(const json::object& inputs, const std::string& metric,
                           const std::string& variation) {
  json::object found;
  if (const json::object* row = row_of(inputs, metric, variation)) {
    found = *row;
    found["mean"] = row->at("value");
  }
  const auto moments = quantile_moments(inputs, metric, variation);
  if (!moments) found["error"] = moments.error().message();
  return found;
}

Result<json::object> winsor_json(const json::object& inputs, const json::object& metric) {
  const json::value* quantile = metric.if_contains("winsor_quantile");
  if (quantile == nullptr) return fail(ErrorCode::not_found, "sums are not cut at a quantile");
  const double share = quantile->to_number<double>();
  json::object winsor{{"quantile", share}};
  const json::object* row = row_of(inputs, metric.at("name").as_string(), "");
  if (row == nullptr) return winsor;
  const double cap = number_at(*row, "value");
  const double people = number_at(*row, "people");
  if (!(cap > 0)) {
    return refuse(fmt::format("the {} quantile of all people is {}: to cut there would cut "
                              "everything; take a higher one, or ignore_zeros",
                              share, cap));
  }
  winsor["cap"] = cap;
  winsor["people"] = people;
  if (std::ceil(people * share) >= people) {
    winsor["note"] = fmt::format("{} people are too few: nothing is cut", people);
  }
  return winsor;
}

}  // namespace attune::experiment
