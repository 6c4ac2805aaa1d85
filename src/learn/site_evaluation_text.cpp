// What `attune evaluate site` prints.
#include <fmt/core.h>

#include <cmath>

#include "base/json_writer.h"
#include "learn/evaluation.h"
#include "learn/site_evaluation.h"

namespace attune::learn {
namespace {

const MeasuredMean& mean_of(const std::array<MeasuredMean, kMeasureCount>& means, Measure measure) {
  return means[static_cast<std::size_t>(measure)];
}

std::string cell(const MeasuredMean& mean, int digits) {
  if (std::isnan(mean.value)) return fmt::format("{:<{}}", "-", 3 * digits + 12);
  return fmt::format("{:<{}}", fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", mean.value, digits,
                                           mean.interval.low, digits, mean.interval.high, digits),
                     3 * digits + 12);
}

void add_accuracy(std::string& out, const SiteEvaluation& evaluation,
                  const std::array<std::pair<std::string_view, Measure>, 3>& columns) {
  out += fmt::format("\n{:<15}", "strategy");
  for (const auto& [name, measure] : columns) out += fmt::format("{:<24}", name);
  for (const StrategyQuality& each : evaluation.strategies) {
    out += fmt::format("\n{:<15}", each.strategy);
    for (const auto& [name, measure] : columns) out += cell(mean_of(each.means, measure), 4);
  }
  out += '\n';
}

void add_lists(std::string& out, const SiteEvaluation& evaluation) {
  out += fmt::format("\n{:<15}{:<9}{:<7}{:<21}{:<21}{:<21}{:<9}{:<16}training (s)", "strategy",
                     "coverage", "Gini", "novelty (bits)", "diversity", "calibration", "answers",
                     "p50 / p99 (us)");
  for (const StrategyQuality& each : evaluation.strategies) {
    out += fmt::format("\n{:<15}{:<9.3f}{:<7.3f}{:<21}{:<21}{:<21}{:<9}{:<16}{:.2f}", each.strategy,
                       each.coverage, each.gini, cell(mean_of(each.means, Measure::novelty), 2),
                       cell(mean_of(each.means, Measure::diversity), 3),
                       cell(mean_of(each.means, Measure::calibration), 3),
                       fmt::format("{:.1f} %", 100 * each.answered),
                       fmt::format("{:.0f} / {:.0f}", each.latency_p50_us, each.latency_p99_us),
                       each.train_seconds);
  }
  out += '\n';
}

void add_leads(std::string& out, const SiteEvaluation& evaluation) {
  if (evaluation.leads.empty()) return;
  const bool by_mrr = evaluation.judged_by == Measure::mrr;
  out += fmt::format("\n{} minus the other, on the same questions, {}@{}\n",
                     evaluation.strategies.front().strategy, by_mrr ? "MRR" : "NDCG", kCutoff);
  for (const Lead& lead : evaluation.leads) {
    const MeasuredMean& difference = mean_of(lead.differences, evaluation.judged_by);
    out += fmt::format("{:<15}{:+.4f} [{:+.4f}, {:+.4f}]   not better in {:.1f} % of resamples\n",
                       lead.strategy, difference.value, difference.interval.low,
                       difference.interval.high, 100 * lead.not_better);
  }
}

void add_means(JsonWriter& json, const std::array<MeasuredMean, kMeasureCount>& means) {
  for (std::size_t m = 0; m < kMeasureCount; ++m) {
    json.key(name_of(static_cast<Measure>(m)));
    json.begin_object();
    json.key("value");
    json.number(means[m].value);
    json.key("interval");
    json.begin_array();
    json.number(means[m].interval.low);
    json.number(means[m].interval.high);
    json.end_array();
    json.end_object();
  }
}

void add_strategy(JsonWriter& json, const StrategyQuality& each) {
  json.begin_object();
  json.key("strategy");
  json.text(each.strategy);
  json.key("params");
  json.raw(to_json(each.params));
  add_means(json, each.means);
  const auto number = [&](std::string_view name, double value) {
    json.key(name);
    json.number(value);
  };
  number("coverage", each.coverage);
  number("gini", each.gini);
  number("answered", each.answered);
  number("latency_p50_us", each.latency_p50_us);
  number("latency_p99_us", each.latency_p99_us);
  number("train_seconds", each.train_seconds);
  json.key("model_bytes");
  json.unsigned_integer(each.model_bytes);
  json.end_object();
}

}  // namespace

std::string to_text(const SiteEvaluation& evaluation) {
  const bool of_people = evaluation.protocol != Protocol::next_item;
  std::string out = fmt::format(
      "{}: {}\nlearned from {} clicks in {} visits, {} items; {} questions of {} {}\n",
      to_string(evaluation.protocol), meaning_of(evaluation.protocol), evaluation.clicks,
      evaluation.visits, evaluation.items, evaluation.questions, evaluation.units,
      of_people ? "people" : "visits");
  out += fmt::format("95 % intervals: bootstrap by {}, {} resamples\n",
                     of_people ? "person" : "visit", evaluation.resamples);
  for (const std::string& each : evaluation.left_out) {
    out += fmt::format("{} is left out: it answers visits, and these questions are of people\n",
                       each);
  }
  add_accuracy(
      out, evaluation,
      {{{"MRR@20", Measure::mrr}, {"NDCG@20", Measure::ndcg}, {"HR@20", Measure::hit_rate}}});
  add_accuracy(out, evaluation,
               {{{"precision@20", Measure::precision},
                 {"recall@20", Measure::recall},
                 {"MAP@20", Measure::map}}});
  add_lists(out, evaluation);
  add_leads(out, evaluation);
  return out;
}

std::string to_json(const SiteEvaluation& evaluation) {
  std::string out;
  JsonWriter json(out);
  const auto count = [&](std::string_view name, std::size_t value) {
    json.key(name);
    json.unsigned_integer(value);
  };
  json.begin_object();
  json.key("protocol");
  json.text(to_string(evaluation.protocol));
  json.key("judged_by");
  json.text(name_of(evaluation.judged_by));
  count("cutoff", kCutoff);
  count("resamples", evaluation.resamples);
  count("visits", evaluation.visits);
  count("clicks", evaluation.clicks);
  count("items", evaluation.items);
  count("questions", evaluation.questions);
  count("units", evaluation.units);
  json.key("strategies");
  json.begin_array();
  for (const StrategyQuality& each : evaluation.strategies) add_strategy(json, each);
  json.end_array();
  json.key("leads");
  json.begin_array();
  for (const Lead& lead : evaluation.leads) {
    json.begin_object();
    json.key("over");
    json.text(lead.strategy);
    add_means(json, lead.differences);
    json.key("not_better");
    json.number(lead.not_better);
    json.end_object();
  }
  json.end_array();
  json.key("left_out");
  json.begin_array();
  for (const std::string& each : evaluation.left_out) json.text(each);
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace attune::learn
