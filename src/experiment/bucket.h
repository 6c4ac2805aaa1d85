// Which part of a test a person falls into: the same person the same part, on every machine, in the
// browser and here. As GrowthBook's SDKs do it (docs/lib/build-your-own, specification 0.8.0), so
// that they and we agree about everybody.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace attune::experiment {

/// Half open: from `begin` up to and without `end`.
struct Range {
  double begin = 0;
  double end = 0;

  bool holds(double bucket) const { return bucket >= begin && bucket < end; }
  bool operator==(const Range&) const = default;
};

/// A number in [0, 1) for `value`, by 32-bit FNV-1a over UTF-16 units.
///
/// value    an id, UTF-8; what is not UTF-8 is replaced by U+FFFD, as browsers do.
/// version  2: ten thousandths, of seed before value, hashed twice. 1: thousandths, of value before
///          seed; tests with like seeds are not independent, so only for tests that began with it.
/// Returns  nothing for another version.
std::optional<double> bucket_of(std::string_view seed, std::string_view value, int version);

/// Whether `value` is in the part of a namespace that a test holds; tests with disjoint parts of
/// one namespace share nobody.
bool in_namespace(std::string_view value, std::string_view name, const Range& part);

/// Shares of `count` variations, all alike.
std::vector<double> equal_weights(int count);

/// Where each of `count` variations lies. Coverage is held to [0, 1]; weights that are not `count`
/// many, or whose sum is not within a hundredth of 1, are replaced by equal ones.
std::vector<Range> bucket_ranges(int count, double coverage, std::span<const double> weights);

/// The variation whose range holds the bucket; -1: none.
int choose_variation(double bucket, std::span<const Range> ranges);

/// The variation that the address of a page asks for by `?key=1`, for looking at it.
std::optional<int> variation_in_query(std::string_view key, std::string_view url, int count);

}  // namespace attune::experiment
