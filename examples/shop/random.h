// A small seeded generator (SplitMix64, Steele, Lea and Flood 2014), whose numbers are the same on
// every machine and library, which those of <random>'s distributions are not.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace attune::shop {

class Random {
 public:
  /// Streams of different (seed, a, b) are independent for our purposes.
  explicit Random(std::uint64_t seed, std::uint64_t a = 0, std::uint64_t b = 0) : state_(seed) {
    state_ = next() ^ (a * 0x9e3779b97f4a7c15ULL);
    state_ = next() ^ (b * 0xc2b2ae3d27d4eb4fULL);
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }

  /// Evenly in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return uniform() < probability; }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  /// Evenly in [0, count); count > 0.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  /// A waiting time with this mean.
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }

  /// An index drawn in proportion to `weights`, which are not negative and not all zero.
  std::size_t weighted(std::span<const double> weights) {
    double total = 0;
    for (const double weight : weights) total += weight;
    double left = uniform() * total;
    for (std::size_t index = 0; index + 1 < weights.size(); ++index) {
      left -= weights[index];
      if (left < 0) return index;
    }
    return weights.size() - 1;
  }

  /// How many of a Poisson process with this mean (Knuth; for means of a few dozen at most).
  std::uint32_t poisson(double mean) {
    const double limit = std::exp(-mean);
    std::uint32_t count = 0;
    for (double product = uniform(); product > limit; product *= uniform()) ++count;
    return count;
  }

 private:
  std::uint64_t state_;
};

}  // namespace attune::shop
