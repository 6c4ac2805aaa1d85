// What `attune evaluate sessions` prints.
#include <string>

#include <fmt/core.h>

#include "learn/evaluation.h"

namespace attune::learn {
namespace {

void add_measure(std::string& out, std::string_view name, double value, const Interval& by_session,
                 const Interval& by_prediction) {
  out += fmt::format("  {:<8} {:.4f}   [{:.4f}, {:.4f}]   [{:.4f}, {:.4f}]\n", name, value,
                     by_session.low, by_session.high, by_prediction.low, by_prediction.high);
}

void add_evaluation(std::string& out, std::string_view title, const Evaluation& e) {
  out += fmt::format("{}: {}\n", title, to_text(e.params));
  out += "           value   95 % by visit      95 % by prediction\n";
  add_measure(out, "HR@20", e.quality.hit_rate, e.by_session.hit_rate, e.by_prediction.hit_rate);
  add_measure(out, "MRR@20", e.quality.mrr, e.by_session.mrr, e.by_prediction.mrr);
  add_measure(out, "NDCG@20", e.quality.ndcg, e.by_session.ndcg, e.by_prediction.ndcg);
  out += fmt::format(
      "  precision {:.4f}, recall {:.4f}, MAP {:.4f} of all that followed; coverage {:.4f}, Gini "
      "{:.3f}, novelty {:.2f} bits, popularity {:.4f}",
      e.lists.precision, e.lists.recall, e.lists.map, e.lists.coverage, e.lists.gini,
      e.lists.novelty, e.lists.popularity);
  if (e.lists.has_categories) {
    out += fmt::format(", diversity {:.3f}, calibration {:.3f}", e.lists.diversity,
                       e.lists.calibration);
  }
  out += fmt::format(
      "\n  one answer p50 {:.0f} us, p90 {:.0f} us, "
      "p99 {:.0f} us; trained in {:.2f} s, {} bytes\n",
      e.latency_p50_us, e.latency_p90_us, e.latency_p99_us,
      e.train_seconds, e.model_bytes);
}

std::string json_of(const ListQuality& lists) {
  std::string text = fmt::format(
      "{{\"precision\":{:.6f},\"recall\":{:.6f},\"map\":{:.6f},\"coverage\":{:.6f},\"gini\":{:.6f},"
      "\"popularity\":{:.6f},\"novelty\":{:.4f}",
      lists.precision, lists.recall, lists.map, lists.coverage, lists.gini, lists.popularity,
      lists.novelty);
  if (lists.has_categories) {
    text += fmt::format(",\"diversity\":{:.6f},\"calibration\":{:.6f}", lists.diversity,
                        lists.calibration);
  }
  return text + "}";
}

std::string json_of(const Interval& interval) {
  return fmt::format("[{:.6f},{:.6f}]", interval.low, interval.high);
}

std::string json_of(const QualityIntervals& intervals) {
  return fmt::format("{{\"hr\":{},\"mrr\":{},\"ndcg\":{}}}", json_of(intervals.hit_rate),
                     json_of(intervals.mrr), json_of(intervals.ndcg));
}

std::string json_of(const Quality& quality) {
  return fmt::format("{{\"hr\":{:.6f},\"mrr\":{:.6f},\"ndcg\":{:.6f}}}", quality.hit_rate,
                     quality.mrr, quality.ndcg);
}

std::string json_of(const Evaluation& e) {
  return fmt::format(
      "{{\"params\":{},\"cutoff\":{},\"predictions\":{},\"sessions\":{},\"clicks_unknown\":{},"
      "\"quality\":{},\"interval_by_prediction\":{},\"interval_by_session\":{},\"lists\":{},"
      "\"latency_us\":{{\"p50\":{:.1f},\"p90\":{:.1f},\"p99\":{:.1f}}},"
      "\"train_seconds\":{:.3f},\"model_bytes\":{}}}",
      to_json(e.params), kCutoff, e.hits.size(), e.sessions, e.clicks_unknown, json_of(e.quality),
      json_of(e.by_prediction), json_of(e.by_session), json_of(e.lists), e.latency_p50_us,
      e.latency_p90_us, e.latency_p99_us, e.train_seconds, e.model_bytes);
}

}  // namespace

std::string to_text(const EvaluateReport& report) {
  std::string out = fmt::format(
      "train {}: {} clicks in {} visits, {} items\ntest {}: {} predictions in {} visits",
      report.options.train_path, report.train_clicks, report.train_sessions, report.train_items,
      report.options.test_path, report.model.hits.size(), report.model.sessions);
  out += fmt::format("; {} clicks on items that training never saw are left out\n",
                     report.model.clicks_unknown);
  out +=
      "Intervals are percentile bootstraps; the wider ones, by visit, are the honest ones: "
      "predictions of one visit are alike.\n\n";
  add_evaluation(out, "model", report.model);
  add_evaluation(out, "popularity baseline", report.baseline);
  if (!report.other.empty()) {
    const Comparison& c = report.comparison.front();
    add_evaluation(out, "compared with", report.other.front());
    out += "model minus compared, on the same predictions\n";
    out += "           value   95 % by visit      95 % by prediction\n";
    add_measure(out, "HR@20", c.difference.hit_rate, c.by_session.hit_rate,
                c.by_prediction.hit_rate);
    add_measure(out, "MRR@20", c.difference.mrr, c.by_session.mrr, c.by_prediction.mrr);
    add_measure(out, "NDCG@20", c.difference.ndcg, c.by_session.ndcg, c.by_prediction.ndcg);
    out += fmt::format(
        "  resamples (by visit) in which the model is not better: HR {:.2f} %, MRR {:.2f} %\n",
        100 * c.hit_rate_not_better, 100 * c.mrr_not_better);
  }
  return out;
}

std::string to_json(const EvaluateReport& report) {
  std::string out = fmt::format(
      "{{\"train\":{{\"sessions\":{},\"clicks\":{},\"items\":{}}},\"bootstrap\":{{\"resamples\":{},"
      "\"seed\":{}}},\"model\":{},\"popularity_baseline\":{}",
      report.train_sessions, report.train_clicks, report.train_items,
      report.options.bootstrap.resamples, report.options.bootstrap.seed, json_of(report.model),
      json_of(report.baseline));
  if (!report.other.empty()) {
    const Comparison& c = report.comparison.front();
    out += fmt::format(
        ",\"compared_with\":{},\"difference\":{},\"difference_interval_by_prediction\":{},"
        "\"difference_interval_by_session\":{},\"not_better\":{{\"hr\":{:.4f},\"mrr\":{:.4f}}}",
        json_of(report.other.front()), json_of(c.difference), json_of(c.by_prediction),
        json_of(c.by_session), c.hit_rate_not_better, c.mrr_not_better);
  }
  return out + "}";
}

}  // namespace attune::learn
