#include "decide/draw.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace attune::decide {

void slot_probabilities(std::span<const double> scores, const DrawOptions& options,
                        std::vector<double>& out) {
  const auto count = static_cast<double>(scores.size());
  out.assign(scores.size(), 0);
  if (scores.empty()) return;
  if (options.temperature > 0) {
    double sum = 0;  // relative to the best score, which adds 1: no overflow, never zero
    for (std::size_t i = 0; i < scores.size(); ++i) {
      out[i] = std::exp((scores[i] - scores.front()) / options.temperature);
      sum += out[i];
    }
    for (double& share : out) share /= sum;
  } else {
    out.front() = 1;
  }
  for (double& share : out) share = (1 - options.exploration) * share + options.exploration / count;
}

void draw_list(std::span<const double> scores, std::size_t slots, const DrawOptions& options,
               Random& random, DrawScratch& scratch, std::vector<Drawn>& out) {
  ensure(slots <= scores.size(), "a list is not longer than its candidates");
  out.clear();
  scratch.scores.assign(scores.begin(), scores.end());
  scratch.left.resize(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) scratch.left[i] = i;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    slot_probabilities(scratch.scores, options, scratch.probabilities);
    double rest = random.uniform();
    std::size_t chosen = 0;
    // The last candidate takes what rounding leaves of the sum.
    while (chosen + 1 < scratch.probabilities.size() && rest >= scratch.probabilities[chosen]) {
      rest -= scratch.probabilities[chosen++];
    }
    out.push_back({scratch.left[chosen], scratch.probabilities[chosen]});
    const auto at = static_cast<std::ptrdiff_t>(chosen);
    scratch.scores.erase(scratch.scores.begin() + at);
    scratch.left.erase(scratch.left.begin() + at);
  }
}

}  // namespace attune::decide
