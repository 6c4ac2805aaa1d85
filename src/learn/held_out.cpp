#include "learn/held_out.h"

#include <algorithm>

#include "learn/site_evaluation.h"

namespace attune::learn {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::size_t kHeldOutPredictions = 200;  // enough for an interval that says something
constexpr std::int64_t kHeldOutDaysMax = 7;
constexpr double kHeldOutShareMax = 0.3;

/// Number of visits that end before `time_ms`.
std::size_t visits_before(const SessionLog& log, std::int64_t time_ms) {
  std::size_t low = 0;
  std::size_t high = log.session_count();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (log.end_ms(middle) < time_ms)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// A model beside another, by what people took who came back.
struct Beside {
  std::uint64_t people = 0;   // 0: nobody came back
  double ndcg = 0, other_ndcg = 0;
  Interval gain;
  double not_better = 1;      // share of resamples in which the model is not better than the other
};

Beside measure_beside(const TrainingData& data, const ModelParams& params,
                      const ModelParams& other) {
  SiteEvaluationOptions options;
  options.protocol = Protocol::time;
  options.bootstrap = {};
  const auto measured = evaluate_models(data, {params, other}, options);
  if (!measured) return {};
  const auto ndcg = static_cast<std::size_t>(Measure::ndcg);
  const bool ahead = measured->strategies.front().params == params;
  const StrategyQuality& model = measured->strategies[ahead ? 0 : 1];
  const StrategyQuality& beside = measured->strategies[ahead ? 1 : 0];
  const Lead& lead = measured->leads.front();
  Interval gain = lead.differences[ndcg].interval;
  if (!ahead) gain = {.low = -gain.high, .high = -gain.low};
  return {.people = measured->units,
          .ndcg = model.means[ndcg].value,
          .other_ndcg = beside.means[ndcg].value,
          .gain = gain,
          .not_better = ahead ? lead.not_better : 1 - lead.not_better};
}

HeldOut::People measure_people(const TrainingData& data, const ModelParams& params,
                               const ModelParams* present) {
  const Beside popular = measure_beside(data, params, params_of(Algorithm::popularity));
  HeldOut::People result{.people = popular.people,
                         .ndcg = popular.ndcg,
                         .popularity_ndcg = popular.other_ndcg,
                         .gain = popular.gain,
                         .not_better = popular.not_better};
  if (present != nullptr && popular.people > 0) {
    const Beside now = measure_beside(data, params, *present);
    result.present_ndcg = now.other_ndcg;
    result.worse = now.not_better;
  }
  return result;
}

}  // namespace

bool knows_people(const ModelParams& params) {
  return params.algorithm == Algorithm::ials || params.algorithm == Algorithm::ease;
}

std::size_t held_out_begin(const SessionLog& log) {
  const std::size_t count = log.session_count();
  const std::size_t trained_min =
      count - static_cast<std::size_t>(kHeldOutShareMax * static_cast<double>(count));
  for (std::int64_t days = 1; days <= kHeldOutDaysMax; ++days) {
    const std::size_t begin = visits_before(log, log.end_ms(count - 1) - days * kDay);
    if (begin < trained_min) break;
    const std::size_t predictions = log.begins[count] - log.begins[begin] - (count - begin);
    if (predictions >= kHeldOutPredictions) return begin;
  }
  return count - std::max<std::size_t>(1, count / 5);
}

bool repeats_help(const SessionLog& known, const Catalogue& catalogue, const ModelParams& params) {
  if (known.session_count() < 2 || params.algorithm == Algorithm::neural) {
    return !params.drop_current;
  }
  const std::size_t begin = held_out_begin(known);
  const SessionLog train = slice(known, 0, begin);
  const SessionLog valid = slice(known, begin, known.session_count());
  const TrainedModel trained = train_model(params, train, catalogue);
  RecommendOptions options{.drop_current = true, .drop_seen = params.drop_seen};
  const BootstrapOptions none{.resamples = 0};
  const auto mrr = [&] {
    return evaluate_model(*trained.model, trained.log, valid, options, none).quality.mrr;
  };
  const double without = mrr();
  options.drop_current = false;
  return mrr() > without;
}

HeldOut measure_held_out(const TrainingData& data, const ModelParams& params,
                         const ModelParams* present, const NeuralTrainer& neural) {
  const SessionLog& log = data.log;
  HeldOut result;
  if (log.session_count() < 2) return result;
  const std::size_t begin = held_out_begin(log);
  result.from_ms = log.end_ms(begin);
  const SessionLog train = slice(log, 0, begin);
  const SessionLog test = slice(log, begin, log.session_count());
  ModelParams popularity;
  popularity.algorithm = Algorithm::popularity;
  const BootstrapOptions bootstrap;
  const Evaluation model =
      train_and_evaluate(params, train, test, bootstrap, {}, data.catalogue, neural);
  const Evaluation baseline = train_and_evaluate(popularity, train, test, bootstrap);
  if (present != nullptr && *present == params) present = nullptr;
  result.model = model.quality;
  result.popularity = baseline.quality;
  result.predictions = model.hits.size();
  if (const auto comparison = compare(model, baseline, bootstrap);
      comparison && !model.hits.empty()) {
    result.mrr_gain = comparison->by_session.mrr;
    result.not_better = comparison->mrr_not_better;
  }
  if (present != nullptr) {
    const Evaluation now =
        train_and_evaluate(*present, train, test, bootstrap, {}, data.catalogue, neural);
    result.present.mrr = now.quality.mrr;
    if (const auto comparison = compare(now, model, bootstrap); comparison && !model.hits.empty())
      result.present.worse = 1 - comparison->mrr_not_better;
  }
  if (knows_people(params)) result.people = measure_people(data, params, present);
  return result;
}

}  // namespace attune::learn
