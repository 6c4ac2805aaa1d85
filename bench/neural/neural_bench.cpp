// What Q-learning is worth beside policies that do not look ahead, in two simulators: trains with
// several budgets and seeds, plays the same fresh sessions with every policy, prints
// a table with intervals, and draws the learning curve of the long-term simulator.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "learn/simulator_interest.h"
#include "learn/simulator_long_term.h"
#include "neural/q_trainer.h"
#include "neural/sequence_trainer.h"

namespace {

using namespace attune;
using learn::SlatePolicy;
using learn::SlateState;

struct Options {
  std::uint64_t seeds = 5;
  std::size_t sessions = 1000;
  std::uint32_t steps = 10'000;
  std::string plot;
};

constexpr std::uint64_t kFreshSeed = 1;             // training counts from seed * 2^32
constexpr std::uint64_t kChoosingSeed = 1'000'000;  // sessions on which a constant is chosen
constexpr double kTwoSided = 1.96;                  // 95 % of a normal distribution

struct Estimate {
  double mean = 0;
  double half_width = 0;  // 95 %
};

Estimate estimate(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  const auto count = static_cast<double>(numbers.size());
  const double mean = sum / count;
  double squares = 0;
  for (const double number : numbers) squares += (number - mean) * (number - mean);
  return {mean, count > 1 ? kTwoSided * std::sqrt(squares / (count - 1) / count) : 0};
}

/// Rewards of each session, the mean of models trained with different seeds; and each seed's mean.
struct Learned {
  std::vector<double> sessions;
  std::vector<double> seeds;
  double train_seconds = 0;
};

Learned learn_and_play(learn::SlateEnvironment& environment, std::uint32_t steps,
                       const Options& options) {
  Learned result;
  result.sessions.assign(options.sessions, 0);
  for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
    const auto start = std::chrono::steady_clock::now();
    const learn::QModel model = neural::train_q_model(
        environment, {.steps = steps, .explore_end = 0.05, .seed = seed});
    result.train_seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
        static_cast<double>(options.seeds);
    const std::size_t slate = environment.shape().slate;
    const auto rewards = learn::play(
        environment, [&](const SlateState& state) { return model.slate(state, slate); },
        kFreshSeed, options.sessions);
    for (std::size_t i = 0; i < rewards.size(); ++i) {
      result.sessions[i] += rewards[i] / static_cast<double>(options.seeds);
    }
    result.seeds.push_back(estimate(rewards).mean);
  }
  return result;
}

void print_row(std::string_view policy, const std::vector<double>& rewards,
               const std::vector<double>& myopic) {
  std::vector<double> gains(rewards.size());
  for (std::size_t i = 0; i < gains.size(); ++i) gains[i] = rewards[i] - myopic[i];
  const Estimate reward = estimate(rewards);
  const Estimate gain = estimate(gains);
  const double base = estimate(myopic).mean;
  fmt::print("  {:<34} {:9.2f} +- {:6.2f}   {:+7.1f} % +- {:.1f}\n", policy, reward.mean,
             reward.half_width, 100 * gain.mean / base, 100 * gain.half_width / base);
}

void print_goal(std::string_view name, const Learned& learned, const std::vector<double>& myopic) {
  const double base = estimate(myopic).mean;
  const auto [low, high] = std::minmax_element(learned.seeds.begin(), learned.seeds.end());
  const Estimate seeds = estimate(learned.seeds);
  fmt::print("  {}: DQN earns {:.3f} times the best myopic policy, worst of {} seeds {:.3f}, best "
             "{:.3f} (wanted: above 1)\n",
             name, seeds.mean / base, learned.seeds.size(), *low / base, *high / base);
  fmt::print("  training {:.0f} s a seed, one thread\n", learned.train_seconds);
}

struct Point {
  double steps = 0;
  Estimate reward;
};
struct Level {
  std::string name;
  double reward = 0;
};

/// A line with intervals over levels, as SVG.
void draw(const std::string& path, const std::vector<Point>& points,
          const std::vector<Level>& levels) {
  constexpr double kWidth = 720, kHeight = 360, kLeft = 60, kRight = 190, kTop = 20, kBottom = 50;
  double low = 1e300;
  double high = -1e300;
  for (const Level& level : levels) {
    low = std::min(low, level.reward);
    high = std::max(high, level.reward);
  }
  for (const Point& point : points) {
    low = std::min(low, point.reward.mean - point.reward.half_width);
    high = std::max(high, point.reward.mean + point.reward.half_width);
  }
  const double first = std::log(points.front().steps);
  const double last = std::log(points.back().steps);
  const auto x = [&](double steps) {
    return kLeft + (kWidth - kLeft - kRight) * (std::log(steps) - first) / (last - first);
  };
  const auto y = [&](double reward) {
    return kHeight - kBottom - (kHeight - kTop - kBottom) * (reward - low) / (high - low);
  };
  std::ofstream out(path);
  out << fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
                     "font-family=\"sans-serif\" font-size=\"12\">\n"
                     "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                     kWidth, kHeight);
  for (const Level& level : levels) {
    out << fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#999\" "
                       "stroke-dasharray=\"4 3\"/><text x=\"{}\" y=\"{:.1f}\">{} {:.0f}</text>\n",
                       kLeft, kWidth - kRight, y(level.reward), y(level.reward),
                       kWidth - kRight + 6, y(level.reward) + 4, level.name, level.reward);
  }
  std::string line;
  for (const Point& point : points) {
    const double at = x(point.steps);
    line += fmt::format("{:.1f},{:.1f} ", at, y(point.reward.mean));
    out << fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" "
                       "stroke=\"#2563eb\"/><text x=\"{0:.1f}\" y=\"{3}\" "
                       "text-anchor=\"middle\">{4:.0f}</text>\n",
                       at, y(point.reward.mean - point.reward.half_width),
                       y(point.reward.mean + point.reward.half_width), kHeight - kBottom + 18,
                       point.steps);
  }
  out << fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"#2563eb\" "
                     "stroke-width=\"2\"/>\n<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">steps "
                     "of training (DQN; bars: 95 % over seeds)</text>\n</svg>\n",
                     line, (kLeft + kWidth - kRight) / 2, kHeight - 10);
}

void long_term(const Options& options) {
  learn::LongTermSimulator simulator;
  const auto play = [&](const SlatePolicy& policy, std::uint64_t seed) {
    return learn::play(simulator, policy, seed, options.sessions);
  };
  double constant = 1;
  double best = 0;
  for (int tenth = 0; tenth <= 10; ++tenth) {
    const double mean =
        estimate(play(learn::long_term_constant(tenth / 10.0), kChoosingSeed)).mean;
    if (mean <= best) continue;
    best = mean;
    constant = tenth / 10.0;
  }
  const auto myopic = play(learn::long_term_myopic(), kFreshSeed);
  const auto fixed = play(learn::long_term_constant(constant), kFreshSeed);
  const auto planned = play(learn::long_term_planner({}), kFreshSeed);
  fmt::print("long-term satisfaction: engagement of a session, {} sessions, against myopic\n",
             options.sessions);
  print_row("myopic: most engaging now", myopic, myopic);
  print_row(fmt::format("best constant clickbait ({:.1f})", constant), fixed, myopic);
  print_row("planner that knows the simulator", planned, myopic);
  std::vector<Point> points;
  for (const double share : {0.05, 0.1, 0.2, 0.5, 1.0}) {
    const auto steps = static_cast<std::uint32_t>(share * options.steps);
    const Learned learned = learn_and_play(simulator, steps, options);
    points.push_back({static_cast<double>(steps), estimate(learned.seeds)});
    print_row(fmt::format("DQN, {} steps, mean of {} seeds", steps, options.seeds),
              learned.sessions, myopic);
    if (share == 1.0) {
      print_goal("long-term satisfaction", learned, myopic);
      fmt::print("  that is {:.1f} % of what the planner earns\n",
                 100 * estimate(learned.sessions).mean / estimate(planned).mean);
    }
  }
  if (options.plot.empty()) return;
  draw(options.plot, points,
       {{"myopic", estimate(myopic).mean},
        {fmt::format("constant {:.1f}", constant), estimate(fixed).mean},
        {"planner", estimate(planned).mean}});
}

void interest(const Options& options) {
  learn::InterestSimulator simulator;
  const std::size_t slate = simulator.shape().slate;
  const auto myopic = learn::play(
      simulator, [&](const SlateState& state) { return learn::most_appealing(state, slate); },
      kFreshSeed, options.sessions);
  const Learned learned = learn_and_play(simulator, options.steps, options);
  fmt::print("interest evolution: clicks of a session, {} sessions, slates of {}\n",
             options.sessions, slate);
  print_row("myopic: most clicks now", myopic, myopic);
  print_row(fmt::format("SlateQ, {} steps, mean of {} seeds", options.steps, options.seeds),
            learned.sessions, myopic);
  print_goal("interest evolution", learned, myopic);
}

bool set_option(Options& options, std::string_view name, std::string_view value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (name == "--plot") {
    options.plot = value;
    return true;
  }
  if (error != std::errc{} || end != value.data() + value.size() || number == 0) return false;
  if (name == "--seeds") options.seeds = number;
  else if (name == "--sessions") options.sessions = number;
  else if (name == "--steps") options.steps = static_cast<std::uint32_t>(number);
  else return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 < argc && set_option(options, argv[i], argv[i + 1])) continue;
    fmt::print(stderr, "neural_bench [--seeds N] [--sessions N] [--steps N] [--plot F]\n");
    return EXIT_FAILURE;
  }
  neural::prepare_libtorch();
  long_term(options);
  interest(options);
  return EXIT_SUCCESS;
}
