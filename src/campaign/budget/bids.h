// How much higher or lower to bid, day by day, so that a campaign comes to its target: a
// proportional-integral controller of the logarithm of a bid multiplier. docs/campaigns.md, "Bids",
// is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::campaign::budget {

/// roi: revenue by spend, less 1. spend: of a day.
enum class Aim : std::uint8_t { roi, cost_per_conversion, spend };
std::string_view to_string(Aim aim);

struct BidDay {
  std::int32_t day = 0;   // since 1970-01-01, in order
  double spend = 0;
  double conversions = 0;
  double revenue = 0;
  double target = 0;      // roi: above -1; else at least 0
};

/// Gains are for one day. With the smoothing they are stable for campaigns whose outcome changes by
/// up to 3 % when the bid changes by 1 %, which the simulations of bids_test hold them to.
/// Source  Zhang and others, "Feedback control of real-time display advertising", WSDM 2016 (arXiv
///         1603.01055), section 3; where we differ: logarithms, so that doubling and halving weigh
///         the same, and an integral that stops at the limits.
struct BidOptions {
  double proportional = 0.1;
  double integral = 0.2;
  double keep = 0.7;          // of yesterday's sums in today's: a half-life of two days
  double dead_band = 0.05;    // of the error: within it nothing moves
  double low = 0.5;           // of the multiplier
  double high = 2;
  double step_max = 0.2;      // of the multiplier in one day, up; as many times less, down
};

struct BidStep {
  std::int32_t day = 0;
  double measured = 0;     // smoothed; with few numbers drawn to the target
  double target = 0;
  double error = 0;        // ln of how far it is from it; above 0: bid higher
  double multiplier = 1;   // of the bids at the start, for the next day
};

/// The controller's whole way: one step a day.
std::vector<BidStep> control_bids(Aim aim, std::span<const BidDay> days,
                                  const BidOptions& options = {});

/// What to do now, in words, from the last two steps.
std::string words_of(Aim aim, std::span<const BidStep> steps, const BidOptions& options = {});

}  // namespace attune::campaign::budget
