// Seeded pseudo-random numbers, the same on every machine and compiler (the standard library's
// distributions are not). For simulation, resampling and draws that must be repeatable; not for
// secrets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace attune {

/// SplitMix64: passes BigCrush, one addition and three multiplications a number, any seed is a good
/// one.
/// Source   Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// 0 <= number < 1, a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// 0 .. count - 1; count > 0. Bias below count / 2^64.
  std::size_t below(std::size_t count) {
    __extension__ typedef unsigned __int128 Wide;
    return static_cast<std::size_t>((static_cast<Wide>(next()) * count) >> 64);
  }

 private:
  std::uint64_t state_;
};

}  // namespace attune
