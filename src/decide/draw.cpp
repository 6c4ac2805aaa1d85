#include "decide/draw.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "learn/bandit.h"

namespace attune::decide {
namespace {

bool is_full(const Cap& cap, std::size_t candidate, std::span<const Drawn> shown) {
  const std::uint64_t group = cap.groups[candidate];
  if (group == 0) return false;
  std::size_t count = 0;
  for (const Drawn& drawn : shown) {
    if (cap.groups[drawn.candidate] == group && ++count >= cap.max) return true;
  }
  return cap.max == 0;
}

/// The candidates of a slot, with the scores that hold for it.
void collect(const DrawPlan& plan, const DrawOptions& options, std::span<const Drawn> shown,
             DrawScratch& scratch) {
  scratch.left.clear();
  scratch.scores.clear();
  for (std::size_t i = 0; i < plan.scores.size(); ++i) {
    if (scratch.is_out[i] != 0) continue;
    const auto full = [&](const Cap& cap) { return is_full(cap, i, shown); };
    if (std::any_of(plan.caps.begin(), plan.caps.end(), full)) continue;
    scratch.left.push_back(i);
    scratch.scores.push_back(options.diversity == 0 ? plan.scores[i]
                                                    : (1 - options.diversity) * plan.scores[i] -
                                                          options.diversity * scratch.alike[i]);
  }
}

Drawn draw_slot(const DrawPlan& plan, const DrawOptions& options, Random& random,
                DrawScratch& scratch) {
  slot_probabilities(scratch.scores, options, scratch.blend);
  if (plan.bandit == nullptr) {
    scratch.probabilities = scratch.blend;
  } else {
    learn::bandit_probabilities(*plan.bandit, scratch.left, scratch.probabilities);
  }
  double rest = random.uniform();
  std::size_t chosen = 0;
  // The last candidate takes what rounding leaves of the sum.
  while (chosen + 1 < scratch.probabilities.size() && rest >= scratch.probabilities[chosen]) {
    rest -= scratch.probabilities[chosen++];
  }
  return {scratch.left[chosen], scratch.probabilities[chosen], false, scratch.blend[chosen]};
}

}  // namespace

void slot_probabilities(std::span<const double> scores, const DrawOptions& options,
                        std::vector<double>& out) {
  const auto count = static_cast<double>(scores.size());
  out.assign(scores.size(), 0);
  if (scores.empty()) return;
  const auto best = std::max_element(scores.begin(), scores.end());
  if (options.temperature > 0) {
    double sum = 0;  // relative to the best score, which adds 1: no overflow, never zero
    for (std::size_t i = 0; i < scores.size(); ++i) {
      out[i] = std::exp((scores[i] - *best) / options.temperature);
      sum += out[i];
    }
    for (double& share : out) share /= sum;
  } else {
    out[static_cast<std::size_t>(best - scores.begin())] = 1;
  }
  for (double& share : out) share = (1 - options.exploration) * share + options.exploration / count;
}

double likeness(const Traits& a, const Traits& b) {
  double like = 0;
  if (a.category != 0 && a.category == b.category) like += 0.5;
  if (a.brand != 0 && a.brand == b.brand) like += 0.3;
  if (a.price > 0 && b.price > 0) {
    like += 0.2 * std::max(0.0, 1 - std::abs(std::log2(a.price / b.price)));
  }
  return like;
}

void draw_list(const DrawPlan& plan, std::size_t slots, const DrawOptions& options, Random& random,
               DrawScratch& scratch, std::vector<Drawn>& out) {
  const bool diverse = options.diversity > 0;
  ensure(!diverse || plan.traits.size() == plan.scores.size(), "every candidate has its traits");
  out.clear();
  scratch.is_out.assign(plan.scores.size(), 0);
  scratch.alike.assign(diverse ? plan.scores.size() : 0, 0);
  for (const Pin& pin : plan.pins) scratch.is_out[pin.candidate] = 1;
  std::size_t next_pin = 0;
  while (out.size() < slots) {
    const bool has_pin = next_pin < plan.pins.size();
    if (!has_pin || plan.pins[next_pin].slot > out.size()) {
      collect(plan, options, out, scratch);
    }
    if (has_pin && (plan.pins[next_pin].slot <= out.size() || scratch.left.empty())) {
      out.push_back({plan.pins[next_pin++].candidate, 1, true});
    } else if (scratch.left.empty()) {
      return;
    } else {
      out.push_back(draw_slot(plan, options, random, scratch));
    }
    const std::size_t chosen = out.back().candidate;
    scratch.is_out[chosen] = 1;
    for (std::size_t i = 0; i < scratch.alike.size(); ++i) {
      if (scratch.is_out[i] != 0) continue;
      scratch.alike[i] = std::max(scratch.alike[i], likeness(plan.traits[chosen], plan.traits[i]));
    }
  }
}

void draw_list(std::span<const double> scores, std::size_t slots, const DrawOptions& options,
               Random& random, DrawScratch& scratch, std::vector<Drawn>& out) {
  ensure(slots <= scores.size(), "a list is not longer than its candidates");
  DrawPlan plan;
  plan.scores = scores;
  draw_list(plan, slots, options, random, scratch, out);
}

}  // namespace attune::decide
