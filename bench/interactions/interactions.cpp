#include "interactions.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/hash.h"

namespace attune::bench {
namespace {

constexpr std::size_t kUsers = 200'000;
constexpr std::size_t kProducts = 50'000;
constexpr std::size_t kCategories = 40;
constexpr double kSessionsMean = 2;
constexpr double kGapMs = 40'000;
constexpr double kHourMs = 3'600'000;

std::vector<double> cumulative_power(std::size_t count, double exponent) {
  std::vector<double> sums(count);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    sum += 1 / std::pow(static_cast<double>(k + 1), exponent);
    sums[k] = sum;
  }
  return sums;
}

std::size_t category_of(std::size_t product) { return product % kCategories; }

}  // namespace

InteractionYear::InteractionYear(std::uint64_t seed, std::string site)
    : random_(seed),
      site_(std::move(site)),
      activity_(cumulative_power(kUsers, 0.8)),
      popularity_(cumulative_power(kProducts, 1.0)) {}

std::size_t InteractionYear::draw(const std::vector<double>& cumulative) {
  const double at = std::uniform_real_distribution<>(0, cumulative.back())(random_);
  const auto found = std::ranges::lower_bound(cumulative, at);
  return static_cast<std::size_t>(found - cumulative.begin());
}

std::int64_t InteractionYear::active_user() {
  return stable_id(site_, fmt::format("user-{}", draw(activity_)));
}

std::int64_t InteractionYear::any_user() {
  return stable_id(site_, fmt::format("user-{}", random_() % kUsers));
}

Day InteractionYear::day(std::int64_t begin_ms, std::size_t rows) {
  Day day;
  day.rows.reserve(rows + 1000);
  std::normal_distribution<> noon(12.5, 2.5);
  std::normal_distribution<> evening(20, 1.5);
  std::geometric_distribution<> more_sessions(1 / kSessionsMean);
  while (day.rows.size() < rows) {
    const std::size_t user = draw(activity_);
    const int sessions = 1 + more_sessions(random_);
    for (int session = 0; session < sessions; ++session) {
      const double hour = random_() % 2 == 0 ? noon(random_) : evening(random_);
      const double at = std::clamp(hour, 0.0, 23.5) * kHourMs;
      add_session(user, begin_ms + static_cast<std::int64_t>(at), day);
    }
  }
  day.rows.resize(rows);
  std::ranges::stable_sort(day.rows, {}, &InteractionRow::time_ms);
  return day;
}

void InteractionYear::add_session(std::size_t user, std::int64_t begin_ms, Day& day) {
  static constexpr const char* kReferrers[] = {"search", "direct", "email", "social", "campaign"};
  static constexpr double kShares[] = {0.4, 0.75, 0.85, 0.95, 1};
  std::geometric_distribution<> length(1 / 25.0);
  std::exponential_distribution<> gap(1 / kGapMs);
  std::uniform_real_distribution<> share(0, 1);
  const auto* const referrer = std::ranges::lower_bound(kShares, share(random_));
  day.sessions.push_back(fmt::format("{:016x}{:016x}", random_(), random_()));
  const std::int64_t user_id = stable_id(site_, fmt::format("user-{}", user));
  double at = 0;
  for (int left = 1 + length(random_); left > 0; --left, at += gap(random_)) {
    std::size_t product = draw(popularity_);
    if (share(random_) < 0.7) {   // one of the user's three categories
      product = product / kCategories * kCategories + (user * 7 + random_() % 3) % kCategories;
      product = std::min(product, kProducts - 1);
    }
    double type_at = share(random_);
    std::uint8_t type = 0;
    while (type + 1U < std::size(kInteractionTypes) && type_at >= kInteractionTypes[type].share) {
      type_at -= kInteractionTypes[type++].share;
    }
    add_context(product, user, kReferrers[referrer - std::begin(kShares)], day);
    day.rows.push_back({user_id, stable_id(site_, fmt::format("product-{}", product)),
                        begin_ms + static_cast<std::int64_t>(at),
                        static_cast<std::uint32_t>(day.sessions.size() - 1),
                        static_cast<std::uint32_t>(day.contexts.size() - 1), type});
  }
}

void InteractionYear::add_context(std::size_t product, std::size_t user, const char* referrer,
                                  Day& day) {
  static constexpr const char* kDevices[] = {"mobile", "mobile", "desktop", "tablet", "mobile"};
  static constexpr const char* kPages[] = {"product", "category", "homepage", "search", "cart"};
  const std::size_t category = category_of(product);
  const double base = 5.0 * static_cast<double>(1 + category % 8);
  const double low = base * static_cast<double>(1U << (product / kCategories % 5));
  std::geometric_distribution<> place(0.5);
  day.contexts.push_back(fmt::format(
      R"({{"category_id": {}, "price_range": {{"min": {:.1f}, "max": {:.1f}}}, )"
      R"("device_type": "{}", "referrer": "{}", "position": {}, "page": "{}"}})",
      category, low, low * 2, kDevices[user % 5], referrer, std::min(24, 1 + place(random_)),
      kPages[std::min<std::size_t>(4, static_cast<std::size_t>(place(random_)))]));
}

}  // namespace attune::bench
