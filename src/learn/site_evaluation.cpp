#include "learn/site_evaluation.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "base/random.h"
#include "learn/bytes.h"
#include "learn/held_out.h"
#include "learn/list_measures.h"
#include "learn/strategy.h"
#include "learn/tuned_params.h"

namespace attune::learn {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Row = std::array<double, kMeasureCount>;

constexpr std::string_view kPopular = "popular";

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

std::size_t number(Measure measure) { return static_cast<std::size_t>(measure); }

/// Sums of some questions; those without a value do not count.
struct Sums {
  Row sum{};
  Row count{};

  void add(const Sums& other) {
    for (std::size_t m = 0; m < kMeasureCount; ++m) {
      sum[m] += other.sum[m];
      count[m] += other.count[m];
    }
  }
  void add(const Row& row) {
    for (std::size_t m = 0; m < kMeasureCount; ++m) {
      if (std::isnan(row[m])) continue;
      sum[m] += row[m];
      count[m] += 1;
    }
  }
  Row mean() const {
    Row mean{};
    for (std::size_t m = 0; m < kMeasureCount; ++m) {
      mean[m] = count[m] > 0 ? sum[m] / count[m] : std::numeric_limits<double>::quiet_NaN();
    }
    return mean;
  }
};

/// One strategy while it is compared.
struct Judged {
  StrategyQuality quality;
  Row means{};
  std::vector<Row> resampled;   // the same draws for every strategy
};

std::vector<double> column(const std::vector<Row>& rows, std::size_t measure) {
  std::vector<double> values;
  for (const Row& row : rows) {
    if (!std::isnan(row[measure])) values.push_back(row[measure]);
  }
  return values;
}

std::array<MeasuredMean, kMeasureCount> with_intervals(const Row& means,
                                                       const std::vector<Row>& resampled) {
  std::array<MeasuredMean, kMeasureCount> result;
  for (std::size_t m = 0; m < kMeasureCount; ++m) {
    result[m] = {.value = means[m], .interval = percentile_interval(column(resampled, m))};
  }
  return result;
}

std::vector<Row> resample(const std::vector<Sums>& units, const BootstrapOptions& options) {
  Random random(options.seed);
  std::vector<Row> means;
  for (std::uint32_t r = 0; r < options.resamples; ++r) {
    Sums drawn;
    for (std::size_t i = 0; i < units.size(); ++i) drawn.add(units[random.below(units.size())]);
    means.push_back(drawn.mean());
  }
  return means;
}

/// The model's answers to the questions of a split.
class Examiner {
 public:
  Examiner(const Split& split, const Catalogue& catalogue, Protocol protocol,
           const ModelParams& params)
      : split_(split),
        lists_(split.train, catalogue, kCutoff),
        only_new_(asks_of_people(protocol)) {
    options_.drop_current = params.drop_current;
    options_.drop_seen = params.drop_seen;
  }

  void ask(const Recommender& model) {
    for (const Case& one : split_.cases) {
      if (units_.empty() || unit_ != one.unit) units_.emplace_back();
      unit_ = one.unit;
      // What a person took before is not wanted: room for all of it, and the list is what is left.
      options_.count = kCutoff + (only_new_ ? one.history.size() : 0);
      const auto start = SteadyClock::now();
      const auto answer = model.recommend(Query(one.visit, one.history), options_, scratch_);
      latencies_us_.push_back(seconds_since(start) * 1e6);
      list_.assign(answer.begin(), answer.end());
      if (only_new_) {
        std::erase_if(list_, [&](const ScoredItem& each) {
          return std::ranges::find(one.history, each.item) != one.history.end();
        });
      }
      list_.resize(std::min(list_.size(), kCutoff));
      answered_ += list_.empty() ? 0 : 1;
      units_.back().add(row_of(one));
    }
  }

  Judged finish(const BootstrapOptions& bootstrap) {
    Judged judged;
    Sums all;
    for (const Sums& unit : units_) all.add(unit);
    judged.means = all.mean();
    judged.resampled = resample(units_, bootstrap);
    const ListQuality lists = lists_.mean();
    StrategyQuality& quality = judged.quality;
    quality.means = with_intervals(judged.means, judged.resampled);
    quality.coverage = lists.coverage;
    quality.gini = lists.gini;
    quality.answered =
        static_cast<double>(answered_) / static_cast<double>(split_.cases.size());
    std::ranges::sort(latencies_us_);
    const auto at = [&](double share) {
      return latencies_us_[static_cast<std::size_t>(
          share * static_cast<double>(latencies_us_.size() - 1))];
    };
    quality.latency_p50_us = at(0.5);
    quality.latency_p99_us = at(0.99);
    return judged;
  }

 private:
  Row row_of(const Case& one) {
    Row row{};
    double ideal = 0;
    for (std::size_t i = 0; i < std::min(kCutoff, one.next.size()); ++i) {
      ideal += 1 / std::log2(static_cast<double>(i) + 2);
    }
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (!std::ranges::binary_search(one.next, list_[i].item)) continue;
      double& mrr = row[number(Measure::mrr)];
      if (mrr == 0) mrr = 1 / static_cast<double>(i + 1);
      row[number(Measure::hit_rate)] = 1;
      row[number(Measure::ndcg)] += 1 / std::log2(static_cast<double>(i) + 2) / ideal;
    }
    const ListScores scores =
        lists_.add(list_, one.visit.empty() ? one.history : one.visit, one.rest);
    row[number(Measure::precision)] = scores.precision;
    row[number(Measure::recall)] = scores.recall;
    row[number(Measure::map)] = scores.average_precision;
    row[number(Measure::novelty)] = scores.novelty;
    row[number(Measure::diversity)] = scores.diversity;
    row[number(Measure::calibration)] = scores.calibration;
    return row;
  }

  const Split& split_;
  ListMeasures lists_;
  bool only_new_;
  RecommendOptions options_;
  Scratch scratch_;
  std::vector<ScoredItem> list_;
  std::vector<Sums> units_;
  std::uint32_t unit_ = 0;
  std::size_t answered_ = 0;
  std::vector<double> latencies_us_;
};

Result<ModelParams> params_of_strategy(std::string_view strategy, const std::string& folder) {
  if (strategy == kPopular) return params_of(Algorithm::popularity);
  return params_for(real_file_system(), folder, strategy);
}

bool needs_a_visit(std::string_view strategy) {
  return strategy == kSequential || strategy == kNeural;
}

Result<std::unique_ptr<Recommender>> train(const Split& split, const Catalogue& catalogue,
                                           const ModelParams& params,
                                           const NeuralProgram& neural) {
  if (!needs_program(params.algorithm)) {
    return train_model(params, split.train, catalogue).model;
  }
  return train_neural_model(split.train, params, neural, {}, catalogue);
}

Result<Judged> judge(ModelParams params, const Split& split, const Catalogue& catalogue,
                     const SiteEvaluationOptions& options) {
  if (options.choose_repeats && !asks_of_people(options.protocol)) {
    const bool blends = params.algorithm == Algorithm::lambdamart;   // as in training
    params.drop_current =
        !repeats_help(split.train, catalogue, blends ? default_params() : params);
  }
  const auto start = SteadyClock::now();
  ATTUNE_ASSIGN(const auto model, train(split, catalogue, params, options.neural));
  const double train_seconds = seconds_since(start);
  Examiner examiner(split, catalogue, options.protocol, params);
  examiner.ask(*model);
  Judged judged = examiner.finish(options.bootstrap);
  judged.quality.strategy = strategy_of(params);
  judged.quality.params = params;
  judged.quality.train_seconds = train_seconds;
  ByteWriter bytes;
  model->write(bytes);
  judged.quality.model_bytes = bytes.bytes().size();
  return judged;
}

Lead lead_of(const Judged& best, const Judged& other, Measure judged_by) {
  Row means{};
  for (std::size_t m = 0; m < kMeasureCount; ++m) means[m] = best.means[m] - other.means[m];
  std::vector<Row> differences;
  double not_better = 0;
  for (std::size_t r = 0; r < best.resampled.size(); ++r) {
    Row row{};
    for (std::size_t m = 0; m < kMeasureCount; ++m) {
      row[m] = best.resampled[r][m] - other.resampled[r][m];
    }
    not_better += row[number(judged_by)] > 0 ? 0 : 1;
    differences.push_back(row);
  }
  return {.strategy = other.quality.strategy,
          .differences = with_intervals(means, differences),
          .not_better = not_better / std::max(1.0, static_cast<double>(differences.size()))};
}

/// The strategies to ask: what was asked for, and popularity beside it.
Result<std::vector<ModelParams>> models_of(const SiteEvaluationOptions& options,
                                           std::vector<std::string>& left_out) {
  std::vector<std::string> names = options.strategies;
  if (names.empty()) names.assign(trained_strategies().begin(), trained_strategies().end());
  if (std::ranges::find(names, kPopular) == names.end()) names.emplace_back(kPopular);
  std::vector<ModelParams> models;
  for (const std::string& name : names) {
    ATTUNE_ASSIGN(ModelParams params, params_of_strategy(name, options.tuned_folder));
    if (asks_of_people(options.protocol) && needs_a_visit(name)) {
      left_out.push_back(name);
    } else {
      models.push_back(std::move(params));
    }
  }
  if (!options.strategies.empty() && !left_out.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("strategy {} answers visits, and protocol {} asks of people: choose "
                            "next-item or leave-one-out",
                            left_out.front(), to_string(options.protocol)),
                "strategy");
  }
  return models;
}

}  // namespace

std::string_view name_of(Measure measure) {
  constexpr std::array<std::string_view, kMeasureCount> kNames{
      "mrr",    "ndcg", "hit_rate",  "precision",  "recall",
      "map", "novelty", "diversity", "calibration"};
  return kNames[number(measure)];
}

Result<SiteEvaluation> evaluate_strategies(const TrainingData& data,
                                           const SiteEvaluationOptions& options,
                                           const ProgressSink& progress) {
  std::vector<std::string> left_out;
  ATTUNE_ASSIGN(const std::vector<ModelParams> models, models_of(options, left_out));
  ATTUNE_ASSIGN(SiteEvaluation result, evaluate_models(data, models, options, progress));
  result.left_out = std::move(left_out);
  return result;
}

Result<SiteEvaluation> evaluate_models(const TrainingData& data,
                                       const std::vector<ModelParams>& models,
                                       const SiteEvaluationOptions& options,
                                       const ProgressSink& progress) {
  SiteEvaluation result;
  std::vector<std::string> ids;
  for (const CatalogueItem& item : data.catalogue) ids.push_back(item.id);
  const SessionLog log = with_items(data.log, ids);
  ATTUNE_ASSIGN(const Split split, split_visits(log, options.protocol, options.split));
  result.protocol = options.protocol;
  result.judged_by = asks_of_people(options.protocol) ? Measure::ndcg : Measure::mrr;
  result.resamples = options.bootstrap.resamples;
  result.visits = split.train.session_count();
  result.clicks = split.train.click_count();
  result.items = split.train.item_count();
  result.questions = split.cases.size();
  result.units = split.units;
  std::vector<Judged> judged;
  for (const ModelParams& params : models) {
    if (progress) {
      progress(strategy_of(params),
               static_cast<double>(judged.size()) / static_cast<double>(models.size()));
    }
    ATTUNE_ASSIGN(Judged one, judge(params, split, data.catalogue, options));
    judged.push_back(std::move(one));
  }
  const std::size_t by = number(result.judged_by);
  std::ranges::stable_sort(
      judged, [&](const Judged& a, const Judged& b) { return a.means[by] > b.means[by]; });
  for (std::size_t i = 1; i < judged.size(); ++i) {
    result.leads.push_back(lead_of(judged.front(), judged[i], result.judged_by));
  }
  for (Judged& each : judged) result.strategies.push_back(std::move(each.quality));
  return result;
}

}  // namespace attune::learn
