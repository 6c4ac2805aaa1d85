#include "learn/tune.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>

#include <fmt/core.h>

#include "base/random.h"

namespace attune::learn {
namespace {

// Trials of one round are made before any of them is measured, so that the search goes the same way
// with any number of threads.
constexpr std::uint32_t kRoundTrials = 20;
// Local steps start from one of so many best trials: one winner may be an accident of the
// validation data.
constexpr std::size_t kParents = 8;

/// To two significant digits: what validation data of this size can tell apart, and what people can
/// read.
double rounded(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - 1);
  const double digits = std::round(value / unit);
  return unit >= 1 ? digits * unit : digits / std::round(1 / unit);
}

/// Draws hyperparameters. Ranges are wide around everything that has been published to work.
class Sampler {
 public:
  explicit Sampler(std::uint64_t seed) : random_(seed) {}

  ModelParams sample() {
    ModelParams params;
    params.algorithm = chance(0.5) ? Algorithm::blend : Algorithm::neighbours;
    for (std::size_t knob = 0; knob < kKnobs; ++knob) turn(params, knob);
    return params;
  }

  /// One to three knobs of `parent` drawn anew, or, when they are numbers, moved a little.
  ModelParams step_from(const ModelParams& parent) {
    ModelParams params = parent;
    const std::size_t turns = 1 + below(3);
    for (std::size_t i = 0; i < turns; ++i) {
      const std::size_t knob = below(kKnobs);
      chance(0.6) ? nudge(params, knob) : turn(params, knob);
    }
    return params;
  }

  std::size_t below(std::size_t count) { return random_.below(count); }

 private:
  static constexpr std::size_t kKnobs = 19;

  double uniform() { return random_.uniform(); }
  bool chance(double p) { return uniform() < p; }
  double log_between(double low, double high) {
    return rounded(low * std::pow(high / low, uniform()));
  }
  std::uint32_t whole(double low, double high) {
    return static_cast<std::uint32_t>(std::lround(log_between(low, high)));
  }
  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& values) {
    return values[below(N)];
  }

  void turn(ModelParams& params, std::size_t knob) {
    NeighbourParams& n = params.neighbours;
    TransitionParams& t = params.transitions;
    using enum StepDecay;
    switch (knob) {
      case 0:
        n.last_items = whole(2, 12);
        break;
      case 1:
        n.sampled_sessions = whole(200, 5000);
        break;
      case 2:
        n.neighbours = whole(40, 1000);
        break;
      case 3:
        n.position = one_of(std::array{PositionWeight::linear, PositionWeight::quadratic,
                                       PositionWeight::logarithmic, PositionWeight::exponential});
        break;
      case 4:
        n.position_scale = log_between(0.4, 8);
        break;
      case 5:
        n.similarity = one_of(std::array{Similarity::dot, Similarity::cosine});
        break;
      case 6:
        n.step = one_of(std::array{linear, reciprocal, quadratic, logarithmic, flat});
        break;
      case 7:
        n.recency_days = chance(0.4) ? 0 : log_between(2, 60);
        break;
      case 8:
        n.distance_scale = chance(0.4) ? 0 : log_between(0.7, 30);
        break;
      case 9:
        n.backward_weight = chance(0.4) ? 1 : rounded(uniform());
        break;
      case 10:
        n.idf_power = chance(0.2) ? 0 : log_between(0.3, 3);
        break;
      case 11:
        n.idf_added = chance(0.7) ? 0 : log_between(0.2, 10);
        break;
      case 12:
        params.drop_seen = chance(0.2);
        break;
      case 13:
        t.steps = whole(1, 20);
        break;
      case 14:
        t.step = one_of(std::array{linear, reciprocal, quadratic, logarithmic});
        break;
      case 15:
        t.last_items = whole(1, 6);
        break;
      case 16:
        t.last_decay = rounded(uniform());
        break;
      case 17:
        t.recency_days = chance(0.5) ? 0 : log_between(2, 60);
        break;
      case 18:
        params.transition_weight = rounded(uniform() * 0.6);
        break;
      default:
        break;
    }
  }

  double moved(double value, double low, double high) {
    return rounded(std::clamp(value * std::exp(0.5 * (uniform() - 0.5)), low, high));
  }
  std::uint32_t moved(std::uint32_t value, double low, double high) {
    const double at = moved(static_cast<double>(value), low, high);
    return static_cast<std::uint32_t>(std::lround(at));
  }

  void nudge(ModelParams& params, std::size_t knob) {
    NeighbourParams& n = params.neighbours;
    TransitionParams& t = params.transitions;
    switch (knob) {
      case 0:
        n.last_items = std::max(1U, n.last_items + static_cast<std::uint32_t>(below(3)) - 1);
        break;
      case 1:
        n.sampled_sessions = moved(n.sampled_sessions, 100, 10'000);
        break;
      case 2:
        n.neighbours = moved(n.neighbours, 20, 3000);
        break;
      case 4:
        n.position_scale = moved(n.position_scale, 0.2, 20);
        break;
      case 7:
        n.recency_days = moved(n.recency_days, 0, 365);
        break;
      case 8:
        n.distance_scale = moved(n.distance_scale, 0, 100);
        break;
      case 9:
        n.backward_weight = moved(n.backward_weight, 0, 1);
        break;
      case 10:
        n.idf_power = moved(n.idf_power, 0, 4);
        break;
      case 11:
        n.idf_added = moved(n.idf_added, 0, 20);
        break;
      case 16:
        t.last_decay = moved(t.last_decay, 0, 1);
        break;
      case 17:
        t.recency_days = moved(t.recency_days, 0, 365);
        break;
      case 18:
        params.transition_weight = moved(params.transition_weight, 0, 1);
        break;
      default:
        turn(params, knob);
        break;
    }
  }

  Random random_;
};

double objective_of(const Quality& quality) {
  return quality.hit_rate / 0.65 + quality.mrr / 0.335;
}

void sort_best_first(std::vector<Trial>& trials) {
  std::stable_sort(trials.begin(), trials.end(),
                   [](const Trial& a, const Trial& b) { return a.objective > b.objective; });
}

/// Measures trials [begin, end) of the list, on `threads` threads.
void measure(std::vector<Trial>& trials, std::size_t begin, const SessionLog& train,
             const SessionLog& valid, std::uint32_t threads) {
  std::atomic<std::size_t> next{begin};
  const auto work = [&] {
    for (std::size_t i = next++; i < trials.size(); i = next++) {
      const Evaluation e = train_and_evaluate(trials[i].params, train, valid, {.resamples = 0});
      trials[i].quality = e.quality;
      trials[i].objective = objective_of(e.quality);
    }
  };
  std::vector<std::jthread> pool;
  for (std::uint32_t i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
}

}  // namespace

Result<TuneReport> tune_sessions(const TuneOptions& options, const ProgressSink& progress) {
  const auto start = std::chrono::steady_clock::now();
  ATTUNE_ASSIGN(const SessionLog train, read_session_file(options.train_path));
  ATTUNE_ASSIGN(const SessionLog valid, read_session_file(options.valid_path));
  TuneReport report;
  report.options = options;
  Sampler sampler(options.seed);
  std::vector<Trial>& trials = report.trials;
  trials.push_back(
      {.params = published_params(), .quality = {}});  // never worse than where we began
  const auto sampled = static_cast<std::size_t>(options.trials * (1 - options.local_share));
  while (trials.size() < options.trials || trials.front().objective == 0) {
    const std::size_t begin = trials.front().objective == 0 ? 0 : trials.size();
    const std::size_t end = std::min<std::size_t>(options.trials, trials.size() + kRoundTrials);
    while (trials.size() < end) {
      const bool local = trials.size() >= sampled && trials.front().objective > 0;
      const std::size_t parents = std::min(kParents, begin);
      Trial trial;
      trial.params = local && parents > 0 ? sampler.step_from(trials[sampler.below(parents)].params)
                                          : sampler.sample();
      trials.push_back(trial);
    }
    measure(trials, begin, train, valid, std::max(1U, options.threads));
    sort_best_first(trials);
    if (trials.front().objective == 0) {
      return fail(ErrorCode::failed_precondition,
                  "no prediction of the validation data can be made from the training data");
    }
    if (progress) {
      progress(
          fmt::format("tune: best HR@20 {:.4f}, MRR@20 {:.4f}", trials.front().quality.hit_rate,
                      trials.front().quality.mrr),
          static_cast<double>(trials.size()) / std::max(1.0, static_cast<double>(options.trials)));
    }
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

std::string to_text(const TuneReport& report) {
  std::string out =
      fmt::format("{} trials in {:.0f} s, seed {}, measured on {}\n", report.trials.size(),
                  report.seconds, report.options.seed, report.options.valid_path);
  for (std::size_t i = 0; i < std::min<std::size_t>(10, report.trials.size()); ++i) {
    const Trial& trial = report.trials[i];
    out += fmt::format("{:3}  HR@20 {:.4f}  MRR@20 {:.4f}  {}\n", i + 1, trial.quality.hit_rate,
                       trial.quality.mrr, to_text(trial.params));
  }
  return out;
}

std::string to_json(const TuneReport& report) {
  std::string out = fmt::format("{{\"seed\":{},\"seconds\":{:.1f},\"trials\":[",
                                report.options.seed, report.seconds);
  for (std::size_t i = 0; i < report.trials.size(); ++i) {
    const Trial& trial = report.trials[i];
    out += fmt::format("{}{{\"objective\":{:.6f},\"hr\":{:.6f},\"mrr\":{:.6f},\"params\":{}}}",
                       i == 0 ? "" : ",", trial.objective, trial.quality.hit_rate,
                       trial.quality.mrr, to_json(trial.params));
  }
  return out + "]}";
}

}  // namespace attune::learn
