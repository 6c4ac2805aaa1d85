// Who is still a visitor: the BG/NBD model of people who come again until one day they do not. A
// person comes at a rate of their own (gamma: r, alpha) and after each visit leaves for good with a
// probability of their own (beta: a, b). Pure: no storage, no clock.
//
// Source  Fader, Hardie, Lee: "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace attune::profile {

/// How people came: all those with the same three numbers. Days count from the first visit.
struct Rhythm {
  std::int64_t repeats = 0;   // x: days with a visit after the first day
  double recency = 0;         // t_x: the last of them; 0 when there is none
  double age = 0;             // T: today
  std::int64_t people = 1;
};

struct LifetimeParameters {
  double r = 0;
  double alpha = 0;   // days
  double a = 0;
  double b = 0;
};

struct LifetimeFit {
  LifetimeParameters parameters;
  double log_likelihood = 0;   // natural logarithm, sum over people
  int evaluations = 0;
};

/// Equation (6) of the source in the form that stays finite: sum over people of
///   ln G(r+x) - ln G(r) + r ln alpha + ln B(a, b+x) - ln B(a, b)
///   + ln((alpha+T)^-(r+x) + [x > 0] a / (b+x-1) (alpha+t_x)^-(r+x)).
///
/// parameters   all above 0.
double log_likelihood(const LifetimeParameters& parameters, std::span<const Rhythm> rhythms);

/// Probability that somebody who came so will come again. 1 for who never came again: the model
/// lets nobody leave before their second visit.
double probability_alive(const LifetimeParameters& parameters, std::int64_t repeats, double recency,
                         double age);

/// The parameters of greatest likelihood, by Nelder and Mead's simplex on their logarithms from
/// three starts. Where we differ from the source: each logarithm has a normal prior of mean 0 and
/// standard deviation 3, worth less than one person's visits, so that people who are all alike (a
/// and b without bound) have a maximum too.
///
/// Errors   failed_precondition: fewer than kReturningMin people came again, nobody is older than
///          kAgeMin days, or no start came to rest.
[[nodiscard]] Result<LifetimeFit> fit_lifetimes(std::span<const Rhythm> rhythms);

inline constexpr std::int64_t kReturningMin = 100;
inline constexpr double kAgeMin = 14;

}  // namespace attune::profile
