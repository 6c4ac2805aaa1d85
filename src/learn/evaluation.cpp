#include "learn/evaluation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "base/random.h"
#include "learn/bytes.h"
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

Interval interval_of(const std::vector<Quality>& means, double Quality::*measure) {
  std::vector<double> values;
  for (const Quality& mean : means) values.push_back(mean.*measure);
  return percentile_interval(std::move(values));
}

QualityIntervals intervals_of(const std::vector<Quality>& means) {
  return {.hit_rate = interval_of(means, &Quality::hit_rate),
          .mrr = interval_of(means, &Quality::mrr),
          .ndcg = interval_of(means, &Quality::ndcg)};
}

double share_not_above_zero(const std::vector<Quality>& means, double Quality::*measure) {
  const auto count = std::count_if(means.begin(), means.end(),
                                   [&](const Quality& mean) { return mean.*measure <= 0; });
  return means.empty() ? 1 : static_cast<double>(count) / static_cast<double>(means.size());
}

/// Visits of `test` in the numbers of `train`, without clicks on items that training saw nobody
/// click.
std::vector<std::vector<ItemIndex>> translate(const SessionLog& test, const SessionLog& train,
                                              std::size_t& clicks_unknown) {
  std::vector<ItemIndex> numbers;
  numbers.reserve(test.item_count());
  std::vector<bool> clicked(train.item_count());
  for (const ItemIndex item : train.items) clicked[item] = true;
  for (const std::string& id : test.item_ids) {
    const ItemIndex number = train.find(id);
    numbers.push_back(number != kNoItem && clicked[number] ? number : kNoItem);
  }
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

/// What each person took, oldest first; empty when the logs do not know their people.
std::vector<std::vector<ItemIndex>> histories(const SessionLog& train, const SessionLog& test) {
  std::vector<std::vector<ItemIndex>> taken;
  if (train.people.empty() || test.people.empty()) return taken;
  std::uint32_t people = 0;
  for (const std::uint32_t person : test.people) people = std::max(people, person + 1);
  taken.resize(people);
  for (std::size_t v = 0; v < train.session_count(); ++v) {
    if (train.people[v] >= people) continue;
    const auto items = train.session(v);
    taken[train.people[v]].insert(taken[train.people[v]].end(), items.begin(), items.end());
  }
  return taken;
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

Evaluation evaluate_model(const Recommender& model, const SessionLog& train,
                          const SessionLog& test, const RecommendOptions& options,
                          const BootstrapOptions& bootstrap, const ProgressSink& progress,
                          const Catalogue& catalogue) {
  Evaluation result;
  const auto visits = translate(test, train, result.clicks_unknown);
  ListMeasures lists(train, catalogue, kCutoff);
  const auto taken = histories(train, test);
  std::vector<double> latencies_us;
  RecommendOptions at_cutoff = options;
  at_cutoff.count = kCutoff;
  Scratch scratch;
  const std::size_t report_every = std::max<std::size_t>(1, visits.size() / 100);
  for (std::size_t v = 0; v < visits.size(); ++v) {
    const std::span<const ItemIndex> visit = visits[v];
    if (visit.size() < 2) continue;
    ++result.sessions;
    std::span<const ItemIndex> history;
    if (!taken.empty()) history = taken[test.people[v]];
    for (std::size_t known = 1; known < visit.size(); ++known) {
      const auto start = SteadyClock::now();
      const auto answer =
          model.recommend(Query(visit.first(known), history), at_cutoff, scratch);
      latencies_us.push_back(seconds_since(start) * 1e6);
      Hit hit{.session = static_cast<std::uint32_t>(v), .rank = 0};
      for (std::size_t i = 0; i < answer.size(); ++i) {
        if (answer[i].item == visit[known]) hit.rank = static_cast<std::uint32_t>(i + 1);
      }
      lists.add(answer, visit.first(known), visit.subspan(known));
      result.hits.push_back(hit);
    }
    if (progress && v % report_every == 0) {
      progress("evaluate", static_cast<double>(v) / static_cast<double>(visits.size()));
    }
  }
  result.quality = mean_quality(result.hits);
  result.by_prediction = intervals_of(resample(units_of(result.hits, false), {}, bootstrap));
  result.by_session = intervals_of(resample(units_of(result.hits, true), {}, bootstrap));
  result.lists = lists.mean();
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

TrainedModel train_model(const ModelParams& params, const SessionLog& train,
                         const Catalogue& catalogue, const NeuralTrainer& neural) {
  TrainedModel made{.model = nullptr, .log = log_for(train, catalogue, params)};
  made.model = train_recommender(made.log, params, catalogue, neural);
  // A log with other items has all visits; one with the same items may lack short ones.
  if (made.log.item_count() == train.item_count()) made.log = train;
  return made;
}

Evaluation train_and_evaluate(const ModelParams& params, const SessionLog& train,
                              const SessionLog& test, const BootstrapOptions& bootstrap,
                              const ProgressSink& progress, const Catalogue& catalogue,
                              const NeuralTrainer& neural) {
  const auto start = SteadyClock::now();
  const TrainedModel trained = train_model(params, train, catalogue, neural);
  const double train_seconds = seconds_since(start);
  Evaluation evaluation = evaluate_model(
      *trained.model, trained.log, test,
      {.drop_current = params.drop_current, .drop_seen = params.drop_seen},
      bootstrap, progress, catalogue);
  evaluation.params = params;
  evaluation.train_seconds = train_seconds;
  ByteWriter bytes;
  trained.model->write(bytes);
  evaluation.model_bytes = bytes.bytes().size();
  return evaluation;
}

namespace {

/// train_and_evaluate, with a neural model trained in its own program.
Result<Evaluation> evaluate_params(const ModelParams& params, const SessionLog& train,
                                   const SessionLog& test, const EvaluateOptions& options,
                                   const ProgressSink& progress) {
  if (!needs_program(params.algorithm)) {
    return train_and_evaluate(params, train, test, options.bootstrap, progress);
  }
  const auto start = SteadyClock::now();
  ATTUNE_ASSIGN(auto model, train_neural_model(train, params, options.neural, progress));
  const double train_seconds = seconds_since(start);
  const NeuralTrainer trained = [&](const SessionLog&, const Catalogue&, const ModelParams&) {
    return std::move(model);
  };
  Evaluation evaluation =
      train_and_evaluate(params, train, test, options.bootstrap, progress, {}, trained);
  evaluation.train_seconds = train_seconds;
  return evaluation;
}

}  // namespace

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
  ATTUNE_ASSIGN(report.model, evaluate_params(params, train, test, options, progress));
  if (report.model.hits.empty()) {
    return fail(
        ErrorCode::failed_precondition,
        "no prediction can be made: no test visit has two items that are in the training data");
  }
  ModelParams popularity;
  popularity.algorithm = Algorithm::popularity;
  report.baseline = train_and_evaluate(popularity, train, test, options.bootstrap, {});
  if (!options.compare_with.empty()) {
    ATTUNE_ASSIGN(Evaluation compared, evaluate_params(other, train, test, options, {}));
    report.other.push_back(std::move(compared));
    ATTUNE_ASSIGN(const Comparison comparison,
                  compare(report.model, report.other.front(), options.bootstrap));
    report.comparison.push_back(comparison);
  }
  return report;
}

}  // namespace attune::learn
