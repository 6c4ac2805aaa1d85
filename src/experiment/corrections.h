// Many p values at once: arms x goal metrics x dimension values. Each function answers in the order
// of its input, with values to hold against alpha as they are.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "experiment/effect.h"

namespace attune::experiment {

enum class Correction : std::uint8_t {
  none,
  bonferroni,          // p k; any dependence; chance of one false alarm or more
  sidak,               // 1 - (1 - p)^k; independent tests
  holm,                // step down; any dependence; never worse than bonferroni
  holm_sidak,          // step down; independent tests
  hochberg,            // step up; independent or positively dependent tests
  benjamini_hochberg,  // share of false alarms among alarms; independent or positively so
  benjamini_yekutieli  // the same under any dependence
};

std::string_view to_string(Correction correction);

/// p values of one family, corrected, each in [0, 1] and not below its raw value.
///
/// p_values  each in [0, 1].
/// Errors    invalid_argument: a p value outside [0, 1] or not a number.
/// Source    Holm, Scandinavian Journal of Statistics 6 (1979); Hochberg, Biometrika 75 (1988);
///           Benjamini, Hochberg, JRSS B 57 (1995); Benjamini, Yekutieli, Annals of Statistics 29
///           (2001).
Result<std::vector<double>> corrected(std::span<const double> p_values, Correction correction);

struct CorrectedEffect {
  double lift = 0;
  double corrected_p = 1;
  double alpha = 0.05;
};

/// GrowthBook's "adjusted interval": lift +- z_{alpha/2} |lift / z_{p/2}|, a picture that agrees
/// with the corrected p value. It does not cover at its nominal rate: an interval to be read as one
/// is that of familywise_alpha(). Without ends where p is 1.
Interval picture_interval(const CorrectedEffect& effect);

struct Family {
  double alpha = 0.05;
  int comparisons = 1;           // all of the family, the primary one among them
  double primary_share = 0.5;    // of alpha for the primary metric, in (0, 1)
};

/// Alpha of each interval so that all of them hold together with 1 - alpha (Bonferroni).
double familywise_alpha(const Family& family);
/// Preferential Bonferroni: the primary metric keeps `primary_share` of alpha, the others share the
/// rest.
///
/// Source  Eppo, documentation, statistics, multiple testing.
double primary_alpha(const Family& family);
double secondary_alpha(const Family& family);

struct Heterogeneity {
  double statistic = 0;  // Cochran's Q
  double degrees_of_freedom = 0;
  double p_value = 1;
  double pooled = 0;     // inverse-variance mean of the effects
};

/// Do the parts of a dimension differ in effect more than chance makes them? One test for the whole
/// dimension, before anybody reads single rows of the breakdown.
///
/// Errors  invalid_argument: fewer than 2 effects or a variance not above 0.
/// Source  Cochran, Biometrics 10 (1954).
Result<Heterogeneity> heterogeneity(std::span<const Effect> effects);

}  // namespace attune::experiment
