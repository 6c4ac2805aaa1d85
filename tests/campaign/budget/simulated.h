// Days of a campaign whose curve is known.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/time_zone.h"
#include "campaign/budget/response.h"

namespace attune::campaign::budget {

constexpr std::int32_t kLastDay = 20'700;

struct Simulated {
  std::optional<Curve> truth = {};
  std::function<double(double)> mean = {};   // in place of a curve
  std::int32_t days = 90;
  double usual = 100;
  double spread = 0.4;    // of the logarithm of the spend
  double noise = 1.5;     // variance by mean
  double weekend = 1;     // times as much on Saturdays and Sundays
  std::int32_t rest_every = 0;   // every so many days nothing is spent; 0: never
  double organic = 0;     // on such a day
};

inline double noisy(double mean, double noise, Random& random) {
  return std::max(0.0, mean + std::sqrt(noise * mean) * forecast::draw_normal(random));
}

inline std::vector<Day> simulate(const Simulated& account, Random& random) {
  std::vector<Day> days;
  for (std::int32_t i = 0; i < account.days; ++i) {
    const std::int32_t day = kLastDay - account.days + 1 + i;
    const double spend =
        account.usual * std::exp(account.spread * forecast::draw_normal(random));
    if (account.rest_every > 0 && i % account.rest_every == 0) {
      days.push_back({day, 0, account.organic});
      continue;
    }
    const double level = weekday_of(day) >= 5 ? account.weekend : 1;
    const double mean = account.truth ? account.truth->value(spend) : account.mean(spend);
    days.push_back({day, spend, noisy(level * mean, account.noise, random)});
  }
  return days;
}

}  // namespace attune::campaign::budget
