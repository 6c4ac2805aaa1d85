// Exploration: the exact probability of each candidate for a slot, then the draw.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/random.h"

namespace attune::decide {

struct DrawOptions {
  double exploration = 0.05;  // epsilon, 0 .. 1
  double temperature = 0.02;  // of the softmax, in units of the score; 0: all mass on the best one
};

/// Probabilities of a slot: (1 - epsilon) softmax(score / temperature) + epsilon / count.
///
/// scores   best first; finite.
/// out      as many probabilities, sum 1 within 1e-12, each >= epsilon / count.
void slot_probabilities(std::span<const double> scores, const DrawOptions& options,
                        std::vector<double>& out);

/// One slot's outcome.
struct Drawn {
  std::size_t candidate = 0;  // position in the scores given to draw_list
  double propensity = 1;      // its probability for this slot, given the slots above
};

/// Fills `slots` slots one after the other, each from the candidates not yet shown.
///
/// scores   best first; at least `slots` of them.
/// out      the slots in order.
/// scratch  two buffers to write into, so that a warm call allocates nothing.
struct DrawScratch {
  std::vector<double> scores;
  std::vector<std::size_t> left;
  std::vector<double> probabilities;
};
void draw_list(std::span<const double> scores, std::size_t slots, const DrawOptions& options,
               Random& random, DrawScratch& scratch, std::vector<Drawn>& out);

}  // namespace attune::decide
