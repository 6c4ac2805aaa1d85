// Bandits in the simulated shop: clicks beside popularity and beside an oracle that knows the
// tastes, and how regret grows, with 95 % intervals over seeds (Student's t).
//   bandits_bench [--sessions N] [--seeds N] [--threads N] [--curves FILE] [--only NAME]
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <boost/math/distributions/students_t.hpp>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <thread>

#include "bandits/simulated_shop.h"
#include "shop/shop_pages.h"

namespace {

using attune::learn::BanditKind;
using attune::shop::ShopOptions;
using attune::shop::ShopPolicy;
using attune::shop::ShopResult;

std::vector<ShopPolicy> policies() {
  using Kind = ShopPolicy::Kind;
  std::vector<ShopPolicy> all{{.name = "oracle", .kind = Kind::oracle},
                              {.name = "best list", .kind = Kind::best_list},
                              {.name = "popularity", .kind = Kind::popular},
                              {.name = "random", .kind = Kind::random}};
  for (const BanditKind kind : attune::learn::kBanditKinds) {
    ShopPolicy policy{.name = std::string(to_string(kind)), .kind = Kind::bandit};
    policy.bandit.kind = kind;
    all.push_back(policy);
  }
  return all;
}

struct Mean {
  double value = 0;
  double half = 0;  // of the 95 % interval
};

Mean mean_of(const std::vector<double>& values) {
  Mean mean;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) mean.value += value / count;
  if (values.size() < 2) return mean;
  double squares = 0;
  for (const double value : values) squares += (value - mean.value) * (value - mean.value);
  const boost::math::students_t t(count - 1);
  mean.half = quantile(t, 0.975) * std::sqrt(squares / (count - 1) / count);
  return mean;
}

/// How fast regret grows at the end: exponent of a power of the sessions, between half and all.
double exponent_of(const std::vector<double>& regret) {
  return std::log2(regret.back() / regret[regret.size() / 2 - 1]);
}
double late_of(const std::vector<double>& regret, std::size_t sessions) {
  return 2000 * (regret.back() - regret[regret.size() / 2 - 1]) / static_cast<double>(sessions);
}

struct Setup {
  ShopOptions options;
  std::size_t seeds = 10;
  unsigned threads = 2;
  std::string curves;
  std::string only;
};

using Results = std::vector<std::vector<ShopResult>>;  // by policy, by seed

Results run_all(const Setup& setup, const std::vector<ShopPolicy>& all) {
  const auto catalogue = attune::shop::Catalogue::parse(attune::shop::catalogue_json());
  Results results(all.size(), std::vector<ShopResult>(setup.seeds));
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < setup.threads; ++i) {
    workers.emplace_back([&] {
      for (std::size_t job = next++; job < all.size() * setup.seeds; job = next++) {
        ShopOptions options = setup.options;
        options.seed = 1 + job % setup.seeds;
        auto run = run_shop(*catalogue, options, all[job / setup.seeds]);
        if (!run) {
          fmt::print(stderr, "{}\n", run.error().message());
          std::abort();
        }
        results[job / setup.seeds][job % setup.seeds] = std::move(*run);
      }
    });
  }
  workers.clear();
  return results;
}

void print_table(const Setup& setup, const Results& results) {
  std::vector<double> popular;
  for (const auto& of_policy : results) {
    if (of_policy[0].name != "popularity") continue;
    for (const ShopResult& run : of_policy) popular.push_back(run.clicks);
  }
  fmt::print("| policy | clicks a session | of the oracle's | times popularity's | regret | "
             "regret / 1,000 sessions, last half | growth | smallest propensity | us a session |\n"
             "|---|---|---|---|---|---|---|---|---|\n");
  const auto sessions = static_cast<double>(setup.options.sessions);
  for (const auto& of_policy : results) {
    std::map<std::string, std::vector<double>> values;
    double least = 1;
    for (std::size_t seed = 0; seed < of_policy.size(); ++seed) {
      const ShopResult& run = of_policy[seed];
      values["clicks"].push_back(run.clicks / sessions);
      values["share"].push_back(100 * run.clicks / run.oracle_clicks);
      if (!popular.empty()) values["times"].push_back(run.clicks / popular[seed]);
      values["regret"].push_back(run.regret.back());
      values["late"].push_back(late_of(run.regret, setup.options.sessions));
      if (run.regret.back() > 0) values["growth"].push_back(exponent_of(run.regret));
      values["us"].push_back(run.seconds * 1e6 / sessions);
      least = std::min(least, run.smallest_propensity);
    }
    const auto cell = [&](const char* name, int digits) {
      if (values[name].empty()) return std::string("-");
      const Mean mean = mean_of(values[name]);
      return fmt::format("{:.{}f} ± {:.{}f}", mean.value, digits, mean.half, digits);
    };
    fmt::print("| {} | {} | {} % | {} | {} | {} | {} | {:.2g} | {:.0f} |\n", of_policy[0].name,
               cell("clicks", 4), cell("share", 1), cell("times", 2), cell("regret", 0),
               cell("late", 1), cell("growth", 2), least, mean_of(values["us"]).value);
  }
}

void write_curves(const Setup& setup, const Results& results) {
  std::ofstream out(setup.curves);
  out << "policy,session,regret,half\n";
  for (const auto& of_policy : results) {
    const std::size_t points = of_policy[0].regret.size();
    for (std::size_t point = 0; point < points; ++point) {
      std::vector<double> regrets;
      for (const ShopResult& run : of_policy) regrets.push_back(run.regret[point]);
      const Mean mean = mean_of(regrets);
      out << fmt::format("{},{},{:.2f},{:.2f}\n", of_policy[0].name,
                         setup.options.sessions * (point + 1) / points, mean.value, mean.half);
    }
  }
}

/// What is wanted of the shop, as bench/page looks for it.
void print_wanted(const Results& results) {
  std::map<std::string, const std::vector<ShopResult>*> by_name;
  for (const auto& of_policy : results) by_name[of_policy[0].name] = &of_policy;
  if (!by_name.contains("popularity") || !by_name.contains("epsilon_greedy")) return;
  const auto ratio = [&](const char* name, auto value) {
    std::vector<double> values;
    for (std::size_t seed = 0; seed < by_name[name]->size(); ++seed) values.push_back(value(seed));
    return mean_of(values);
  };
  for (const char* name : {"lin_ucb_hybrid", "thompson_linear", "thompson_logistic"}) {
    const auto& runs = *by_name[name];
    const Mean times = ratio(name, [&](std::size_t seed) {
      return runs[seed].clicks / (*by_name["popularity"])[seed].clicks;
    });
    const Mean share = ratio(name, [&](std::size_t seed) {
      return 100 * runs[seed].clicks / runs[seed].oracle_clicks;
    });
    const Mean late = ratio(name, [&](std::size_t seed) {
      return late_of(runs[seed].regret, 1000) /
             late_of((*by_name["epsilon_greedy"])[seed].regret, 1000);
    });
    fmt::print("{}: clicks times popularity's {:.2f} ± {:.2f} (wanted: at least 1.5)\n", name,
               times.value, times.half);
    fmt::print("{}: clicks of the oracle's {:.1f} ± {:.1f} % (wanted: at least 85 %)\n", name,
               share.value, share.half);
    fmt::print("{}: regret of the last half beside epsilon-greedy's {:.2f} ± {:.2f} "
               "(wanted: below 1)\n",
               name, late.value, late.half);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Setup setup;
  CLI::App app("Bandits in the simulated shop");
  app.add_option("--sessions", setup.options.sessions)->check(CLI::Range(100, 10'000'000));
  app.add_option("--seeds", setup.seeds)->check(CLI::Range(1, 1000));
  app.add_option("--threads", setup.threads)->check(CLI::Range(1, 64));
  app.add_option("--curves", setup.curves);
  app.add_option("--only", setup.only, "one policy, beside popularity");
  double alpha = -1;
  double spread = -1;
  double ridge = -1;
  double gamma = -1;
  app.add_option("--alpha", alpha);
  app.add_option("--spread", spread);
  app.add_option("--ridge", ridge);
  app.add_option("--gamma", gamma);
  CLI11_PARSE(app, argc, argv);
  std::vector<ShopPolicy> all = policies();
  if (!setup.only.empty()) {
    std::erase_if(all, [&](const ShopPolicy& policy) {
      return policy.name != setup.only && policy.name != "popularity";
    });
  }
  for (ShopPolicy& policy : all) {
    if (alpha >= 0) policy.bandit.alpha = alpha;
    if (spread >= 0) policy.bandit.spread = spread;
    if (ridge > 0) policy.bandit.ridge = ridge;
    if (gamma > 0) policy.bandit.gamma = gamma;
  }
  fmt::print("{} sessions of {} visitors, lists of {}, {} seeds; intervals are 95 % over seeds\n\n",
             setup.options.sessions, setup.options.visitors, setup.options.slots, setup.seeds);
  const Results results = run_all(setup, all);
  print_table(setup, results);
  fmt::print("\n");
  print_wanted(results);
  if (!setup.curves.empty()) write_curves(setup, results);
  return 0;
}
