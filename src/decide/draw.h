// Exploration: the exact probability of each candidate for a slot, then the draw. Pins, caps and
// diversity are part of it, because what they allow depends on the slots above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace attune::learn {
struct BanditScores;
}

namespace attune::decide {

struct DrawOptions {
  double exploration = 0.05;  // epsilon, 0 .. 1
  double temperature = 0.02;  // of the softmax, in units of the score; 0: all mass on the best one
  double diversity = 0;       // d: a slot goes by (1 - d) score - d * likeness to the slots above
};

/// Probabilities of a slot: (1 - epsilon) softmax(score / temperature) + epsilon / count.
///
/// scores   finite; the first best one gets everything at temperature 0.
/// out      as many probabilities, sum 1 within 1e-12, each >= epsilon / count.
void slot_probabilities(std::span<const double> scores, const DrawOptions& options,
                        std::vector<double>& out);

/// What likeness goes by; 0 or less: not known, and so like nothing.
struct Traits {
  std::uint64_t category = 0;
  std::uint64_t brand = 0;
  double price = 0;
};

/// 0 .. 1: half for the same category, 0.3 for the same brand, and up to 0.2 for a like price (none
/// when one costs twice as much as the other).
double likeness(const Traits& a, const Traits& b);

/// At most `max` items of one group in the list; group 0: not counted.
struct Cap {
  std::size_t max = 0;
  std::vector<std::uint64_t> groups;  // one a candidate
};

/// A candidate that a rule puts in a slot.
struct Pin {
  std::size_t slot = 0;  // from 0
  std::size_t candidate = 0;
};

struct DrawPlan {
  std::span<const double> scores;  // one a candidate
  std::span<const Traits> traits;  // one a candidate, or none when diversity is 0
  std::span<const Cap> caps;
  std::span<const Pin> pins;  // by slot, each slot and candidate once
  /// Not null: its probabilities draw, over the first candidates, in place of scores and diversity.
  const learn::BanditScores* bandit = nullptr;
};

/// One slot's outcome.
struct Drawn {
  std::size_t candidate = 0;  // position in the scores given to draw_list
  double propensity = 1;      // its probability for this slot, given the slots above
  bool is_pinned = false;     // put there, not drawn
  double blend = 1;           // the probability without a bandit
};

/// Buffers to write into, so that a warm call allocates nothing.
struct DrawScratch {
  std::vector<double> scores;
  std::vector<double> alike;
  std::vector<char> is_out;
  std::vector<std::size_t> left;
  std::vector<double> probabilities;
  std::vector<double> blend;  // without a bandit
};

/// Fills up to `slots` slots one after the other, each from the candidates that are not shown yet,
/// not pinned to a slot below, and in no group that is full. Fewer when there are no more; pins
/// that then have no slot of their own move up. A pin may overfill a group.
///
/// out      the slots in order.
void draw_list(const DrawPlan& plan, std::size_t slots, const DrawOptions& options, Random& random,
               DrawScratch& scratch, std::vector<Drawn>& out);
/// Without pins, caps and traits.
void draw_list(std::span<const double> scores, std::size_t slots, const DrawOptions& options,
               Random& random, DrawScratch& scratch, std::vector<Drawn>& out);

}  // namespace attune::decide
