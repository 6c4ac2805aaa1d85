#include "learn/evaluation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "base/random.h"
#include "learn/models.h"

namespace attune::learn {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

double reciprocal_rank(const Hit& hit) {
  return hit.rank == 0 ? 0 : 1.0 / hit.rank;
}
double discounted_gain(const Hit& hit) {
  return hit.rank == 0 ? 0 : 1 / std::log2(hit.rank + 1.0);
}

/// Sums of the three measures over some predictions.
struct Sums {
  double hits = 0;
  double reciprocal = 0;
  double gain = 0;
  double count = 0;

  void add(const Hit& hit) {
    hits += hit.rank > 0 ? 1 : 0;
    reciprocal += reciprocal_rank(hit);
    gain += discounted_gain(hit);
    count += 1;
  }
  void add(const Sums& other) {
    hits += other.hits;
    reciprocal += other.reciprocal;
    gain += other.gain;
    count += other.count;
  }
  Quality mean() const {
    if (count == 0) return {};
    return {.hit_rate = hits / count, .mrr = reciprocal / count, .ndcg = gain / count};
  }
};

/// The units a bootstrap draws: single predictions, or visits with all theirs.
std::vector<Sums> units_of(const std::vector<Hit>& hits, bool by_session) {
  std::vector<Sums> units;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (!by_session || i == 0 || hits[i].session != hits[i - 1].session) units.emplace_back();
    units.back().add(hits[i]);
  }
  return units;
}

Quality minus(const Quality& a, const Quality& b) {
  return {.hit_rate = a.hit_rate - b.hit_rate, .mrr = a.mrr - b.mrr, .ndcg = a.ndcg - b.ndcg};
}

/// Resampled means (second empty), or resampled differences of means on the same draws.
std::vector<Quality> resample(const std::vector<Sums>& first, const std::vector<Sums>& second,
                              const BootstrapOptions& options) {
  Random random(options.seed);
  std::vector<Quality> means;
  means.reserve(options.resamples);
  for (std::uint32_t r = 0; r < options.resamples; ++r) {
    Sums a;
    Sums b;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const std::size_t unit = random.below(first.size());
      a.add(first[unit]);
      if (!second.empty()) b.add(second[unit]);
    }
    means.push_back(second.empty() ? a.mean() : minus(a.mean(), b.mean()));
  }
  return means;
}

Interval percentile_interval(const std::vector<Quality>& means, double Quality::*measure) {
  if (means.empty()) return {};
  std::vector<double> values;
  for (const Quality& mean : means) values.push_back(mean.*measure);
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    const double part = position - static_cast<double>(below);
    return values[below] * (1 - part) + values[above] * part;
  };
  return {.low = at(0.025), .high = at(0.975)};
}

QualityIntervals intervals_of(const std::vector<Quality>& means) {
  return {.hit_rate = percentile_interval(means, &Quality::hit_rate),
          .mrr = percentile_interval(means, &Quality::mrr),
          .ndcg = percentile_interval(means, &Quality::ndcg)};
}

double share_not_above_zero(const std::vector<Quality>& means, double Quality::*measure) {
  const auto count = std::count_if(means.begin(), means.end(),
                                   [&](const Quality& mean) { return mean.*measure <= 0; });
  return means.empty() ? 1 : static_cast<double>(count) / static_cast<double>(means.size());
}

/// Visits of `test` in the numbers of `train`, without clicks training never saw.
std::vector<std::vector<ItemIndex>> translate(const SessionLog& test, const SessionLog& train,
                                              std::size_t& clicks_unknown) {
  std::vector<ItemIndex> numbers;
  numbers.reserve(test.item_count());
  for (const std::string& id : test.item_ids) numbers.push_back(train.find(id));
  std::vector<std::vector<ItemIndex>> visits(test.session_count());
  for (std::size_t v = 0; v < visits.size(); ++v) {
    for (const ItemIndex item : test.session(v)) {
      if (numbers[item] == kNoItem) {
        ++clicks_unknown;
      } else {
        visits[v].push_back(numbers[item]);
      }
    }
  }
  return visits;
}

/// Clicks of each item, scaled so that the rarest has 0 and the most frequent 1.
std::vector<double> popularity_of(const SessionLog& train) {
  std::vector<double> clicks(train.item_count());
  for (const ItemIndex item : train.items) clicks[item] += 1;
  if (clicks.empty()) return clicks;
  const auto [low, high] = std::minmax_element(clicks.begin(), clicks.end());
  const double least = *low;
  const double span = *high - *low;
  for (double& value : clicks) value = span > 0 ? (value - least) / span : 0;
  return clicks;
}

double percentile(std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

Quality mean_quality(const std::vector<Hit>& hits) {
  Sums sums;
  for (const Hit& hit : hits) sums.add(hit);
  return sums.mean();
}

Evaluation evaluate_model(const SessionModel& model, const SessionLog& train,
                          const SessionLog& test, const RecommendOptions& options,
                          const BootstrapOptions& bootstrap, const ProgressSink& progress) {
  Evaluation result;
  const auto visits = translate(test, train, result.clicks_unknown);
  const std::vector<double> popularity = popularity_of(train);
  std::vector<bool> recommended(train.item_count());
  std::vector<double> latencies_us;
  double popularity_sum = 0;
  std::size_t recommended_count = 0;
  RecommendOptions at_cutoff = options;
  at_cutoff.count = kCutoff;
  Scratch scratch;
  const std::size_t report_every = std::max<std::size_t>(1, visits.size() / 100);
  for (std::size_t v = 0; v < visits.size(); ++v) {
    const std::span<const ItemIndex> visit = visits[v];
    if (visit.size() < 2) continue;
    ++result.sessions;
    for (std::size_t known = 1; known < visit.size(); ++known) {
      const auto start = SteadyClock::now();
      const auto answer = model.recommend(visit.first(known), at_cutoff, scratch);
      latencies_us.push_back(seconds_since(start) * 1e6);
      Hit hit{.session = static_cast<std::uint32_t>(v), .rank = 0};
      for (std::size_t i = 0; i < answer.size(); ++i) {
        if (answer[i].item == visit[known]) hit.rank = static_cast<std::uint32_t>(i + 1);
        recommended[answer[i].item] = true;
        popularity_sum += popularity[answer[i].item];
      }
      recommended_count += answer.size();
      result.hits.push_back(hit);
    }
    if (progress && v % report_every == 0) {
      progress("evaluate", static_cast<double>(v) / static_cast<double>(visits.size()));
    }
  }
  result.quality = mean_quality(result.hits);
  result.by_prediction = intervals_of(resample(units_of(result.hits, false), {}, bootstrap));
  result.by_session = intervals_of(resample(units_of(result.hits, true), {}, bootstrap));
  const auto distinct = std::count(recommended.begin(), recommended.end(), true);
  result.coverage = train.item_count() == 0
                        ? 0
                        : static_cast<double>(distinct) / static_cast<double>(train.item_count());
  result.popularity =
      recommended_count == 0 ? 0 : popularity_sum / static_cast<double>(recommended_count);
  std::sort(latencies_us.begin(), latencies_us.end());
  result.latency_p50_us = percentile(latencies_us, 0.50);
  result.latency_p90_us = percentile(latencies_us, 0.90);
  result.latency_p99_us = percentile(latencies_us, 0.99);
  return result;
}

Result<Comparison> compare(const Evaluation& first, const Evaluation& second,
                           const BootstrapOptions& bootstrap) {
  const auto same_prediction = [](const Hit& a, const Hit& b) { return a.session == b.session; };
  if (!std::equal(first.hits.begin(), first.hits.end(), second.hits.begin(), second.hits.end(),
                  same_prediction)) {
    return fail(ErrorCode::invalid_argument,
                "the two evaluations were not made on the same predictions");
  }
  Comparison result;
  result.difference = minus(first.quality, second.quality);
  result.by_prediction =
      intervals_of(resample(units_of(first.hits, false), units_of(second.hits, false), bootstrap));
  const auto by_session =
      resample(units_of(first.hits, true), units_of(second.hits, true), bootstrap);
  result.by_session = intervals_of(by_session);
  result.hit_rate_not_better = share_not_above_zero(by_session, &Quality::hit_rate);
  result.mrr_not_better = share_not_above_zero(by_session, &Quality::mrr);
  return result;
}

Evaluation train_and_evaluate(const ModelParams& params, const SessionLog& train,
                              const SessionLog& test, const BootstrapOptions& bootstrap,
                              const ProgressSink& progress) {
  const auto start = SteadyClock::now();
  const auto model = train_model(train, params);
  const double train_seconds = seconds_since(start);
  Evaluation evaluation = evaluate_model(
      *model, train, test, {.drop_current = params.drop_current, .drop_seen = params.drop_seen},
      bootstrap, progress);
  evaluation.params = params;
  evaluation.train_seconds = train_seconds;
  return evaluation;
}

Result<EvaluateReport> evaluate_sessions(const EvaluateOptions& options,
                                         const ProgressSink& progress) {
  EvaluateReport report;
  report.options = options;
  ATTUNE_ASSIGN(const ModelParams params, parse_params(options.model));
  ModelParams other;
  if (!options.compare_with.empty()) {
    ATTUNE_ASSIGN(other, parse_params(options.compare_with));
  }
  ATTUNE_ASSIGN(const SessionLog train, read_session_file(options.train_path));
  ATTUNE_ASSIGN(const SessionLog test, read_session_file(options.test_path));
  report.train_sessions = train.session_count();
  report.train_clicks = train.click_count();
  report.train_items = train.item_count();
  report.model = train_and_evaluate(params, train, test, options.bootstrap, progress);
  if (report.model.hits.empty()) {
    return fail(
        ErrorCode::failed_precondition,
        "no prediction can be made: no test visit has two items that are in the training data");
  }
  ModelParams popularity;
  popularity.algorithm = Algorithm::popularity;
  report.baseline = train_and_evaluate(popularity, train, test, options.bootstrap, {});
  if (!options.compare_with.empty()) {
    report.other.push_back(train_and_evaluate(other, train, test, options.bootstrap, {}));
    ATTUNE_ASSIGN(const Comparison comparison,
                  compare(report.model, report.other.front(), options.bootstrap));
    report.comparison.push_back(comparison);
  }
  return report;
}

}  // namespace attune::learn
