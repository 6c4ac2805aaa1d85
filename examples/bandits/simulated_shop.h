// Sessions in the demo shop with visitors whose tastes are known (examples/shop/taste.h). A policy
// shows a list, learns from clicks and from misses that have matured, and is measured by the clicks
// it may expect: no luck of the draw, and so little noise. docs/bandits.md has the results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/bandit.h"
#include "shop/taste.h"

namespace attune::shop {

struct ShopOptions {
  std::size_t sessions = 20'000;
  std::size_t visitors = 4000;      // who come back, evenly
  std::size_t slots = 5;            // items in a list
  double attention = 0.25;          // P(click) = attention * expected_taste
  double looks = 3;                 // mean number of items looked at before the list is shown
  std::int64_t between_ms = 10'000; // sessions; a miss is learned half an hour later
  std::uint64_t seed = 1;
  std::size_t points = 40;          // of the curve
};

/// Who chooses.
struct ShopPolicy {
  enum class Kind { oracle, best_list, popular, random, bandit };
  std::string name;
  Kind kind = Kind::random;
  learn::BanditOptions bandit{};   // sizes are filled in
};

struct ShopResult {
  std::string name;
  double clicks = 0;          // expected, of all lists that were shown
  double oracle_clicks = 0;   // of the best lists for the same visitors
  std::vector<double> regret;  // their difference, summed up to each point of the curve
  double smallest_propensity = 1;
  double seconds = 0;          // of choosing and learning
};

/// oracle: the best list for the visitor's tastes. best_list: the best one list for all, by the
/// true mean tastes. popular: the items looked at and clicked most so far.
/// Errors   of the bandit's options.
[[nodiscard]] Result<ShopResult> run_shop(const Catalogue& catalogue, const ShopOptions& options,
                                          const ShopPolicy& policy);

}  // namespace attune::shop
