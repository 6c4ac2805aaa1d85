// Training of EASE and iALS on generated tastes: as many people, items and pairs as MovieLens 1M
// has, people and items heavy-tailed. Ten tastes; a person has two, and takes an item by its
// popularity and whether it fits.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>

#include "base/random.h"
#include "learn/preference_evaluation.h"

namespace attune::learn {
namespace {

struct Options {
  std::uint32_t people = 6040;
  std::uint32_t items = 3260;
  std::uint32_t pairs = 1'000'000;
  std::uint32_t epochs = 16;
  bool large = true;
};

constexpr std::uint32_t kTastes = 10;

PreferenceMatrix generate(const Options& options) {
  Random random(1);
  std::vector<double> up_to(options.items);   // cumulated popularity, 1 / (rank + 20) ^ 0.8
  double sum = 0;
  for (std::uint32_t i = 0; i < options.items; ++i) up_to[i] = sum += std::pow(i + 20.0, -0.8);
  std::vector<double> activity(options.people);
  double all = 0;
  for (double& each : activity) {
    const double draw = std::pow(1 - random.uniform(), -0.6);   // Pareto, cut off
    all += each = std::min(draw, 20.0);
  }
  PreferenceMatrix taken;
  taken.item_count = options.items;
  for (const double each : activity) {
    const auto wanted = static_cast<std::size_t>(each / all * options.pairs);
    const std::size_t first = random.below(kTastes);
    const std::size_t second = random.below(kTastes);
    std::vector<bool> has(options.items);
    std::vector<ItemIndex> row;
    for (std::size_t tries = 0; row.size() < wanted && tries < 60 * wanted; ++tries) {
      const auto found = std::ranges::lower_bound(up_to, random.uniform() * sum);
      const auto item = static_cast<ItemIndex>(found - up_to.begin());
      const bool fits = item % kTastes == first || item % kTastes == second;
      if (has[item] || random.uniform() > (fits ? 1 : 0.15)) continue;
      has[item] = true;
      row.push_back(item);
    }
    taken.add(std::move(row));
  }
  return taken;
}

int run(const Options& options) {
  const auto split = hold_out(generate(options), {.people = options.people / 6});
  if (!split) return 1;
  fmt::print("{} people, {} items, {} pairs to train on\n", split->train.user_count(),
             split->train.item_count, split->train.items.size());
  const auto report = [&](const std::string& name, const std::string& wanted, const auto& train) {
    const auto begin = std::chrono::steady_clock::now();
    const auto model = train();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!model) return;
    const auto quality = measure(**model, split->people, {.resamples = 0}).quality;
    fmt::print("{}: {:.2f} s, Recall@20 {:.4f}, NDCG@100 {:.4f}{}\n", name, took.count(),
               quality.recall20, quality.ndcg100, wanted);
  };
  const auto popular = measure(*count_popularity(split->train), split->people, {.resamples = 0});
  fmt::print("popular: Recall@20 {:.4f}, NDCG@100 {:.4f}\n", popular.quality.recall20,
             popular.quality.ndcg100);
  report("EASE, lambda 500", " (wanted: under 4 s)",
         [&] { return train_ease(split->train, {.lambda = 500}); });
  const auto ials = [&](std::uint32_t factors) {
    return [&, factors] {
      return train_ials(split->train, {.factors = factors, .epochs = options.epochs});
    };
  };
  report(fmt::format("iALS, 64 factors, {} epochs", options.epochs), " (wanted: under 3 s)",
         ials(64));
  if (options.large) {
    report(fmt::format("iALS, 256 factors, {} epochs", options.epochs), " (wanted: under 40 s)",
           ials(256));
  }
  return 0;
}

}  // namespace
}  // namespace attune::learn

int main(int argument_count, char** arguments) {
  attune::learn::Options options;
  CLI::App app("EASE and iALS on generated tastes");
  app.add_option("--people", options.people)->check(CLI::Range(12U, 1'000'000U));
  app.add_option("--items", options.items)->check(CLI::Range(10U, 12'000U));
  app.add_option("--pairs", options.pairs)->check(CLI::Range(100U, 100'000'000U));
  app.add_option("--epochs", options.epochs)->check(CLI::Range(1U, 1000U));
  app.add_flag("!--no-large", options.large, "leave out 256 factors");
  CLI11_PARSE(app, argument_count, arguments);
  return attune::learn::run(options);
}
