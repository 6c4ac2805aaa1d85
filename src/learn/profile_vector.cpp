#include "learn/profile_vector.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace attune::learn {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::size_t kKinds = 7;
constexpr std::array<std::string_view, kKinds> kKindNames{
    "VIEW", "CLICK", "CART_ADD", "PURCHASE", "WISHLIST", "REMOVE_CART", "REMOVE_WISHLIST"};

/// ln(1 + value) / ln(1 + top), at most 1.
double log_share(double value, double top) {
  return std::min(1.0, std::log(1 + value) / std::log(1 + top));
}

/// What the facts add up to.
struct Sums {
  double n = 0;
  std::array<double, kKinds> kinds{};
  std::array<double, kKinds> lately{};  // of the last 30 days
  std::array<double, 4> quarters{};
  std::array<double, 7> weekdays{};     // from Monday
  std::array<double, 4> devices{};
  std::array<std::int64_t, kKinds> newest_us{};  // 0: none
  std::int64_t last_us = 0;
  double price_sum = 0;
  double price_count = 0;
  double price_max = 0;
  double reward = 0;

  void add(const ProfileFact& fact, std::int64_t now_us) {
    const auto kind = static_cast<std::size_t>(fact.kind);
    n += 1;
    kinds[kind] += 1;
    if (fact.time_us > now_us - 30 * kDayUs) lately[kind] += 1;
    const std::chrono::sys_time<std::chrono::microseconds> time{
        std::chrono::microseconds{fact.time_us}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    quarters[static_cast<std::size_t>((time - day) / std::chrono::hours{6})] += 1;
    weekdays[std::chrono::weekday{day}.iso_encoding() - 1] += 1;
    devices[static_cast<std::size_t>(fact.device)] += 1;
    newest_us[kind] = std::max(newest_us[kind], fact.time_us);
    last_us = std::max(last_us, fact.time_us);
    if (!std::isnan(fact.price)) {
      price_sum += fact.price;
      price_max = price_count > 0 ? std::max(price_max, fact.price) : fact.price;
      price_count += 1;
    }
    reward += static_cast<double>(fact.reward);
  }
  double of(FactKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};

/// How many different keys but 0 there are, and how often the most frequent one.
struct Groups {
  double count = 0;
  double most = 0;

  explicit Groups(std::vector<std::uint64_t> keys) {
    std::sort(keys.begin(), keys.end());
    for (auto at = keys.begin(); at != keys.end();) {
      const auto end = std::upper_bound(at, keys.end(), *at);
      if (*at != 0) {
        count += 1;
        most = std::max(most, static_cast<double>(end - at));
      }
      at = end;
    }
  }
};

double recency(std::int64_t newest_us, std::int64_t now_us) {
  if (newest_us == 0) return 0;
  return 1 / (1 + std::floor(static_cast<double>(now_us - newest_us) / kDayUs));
}

template <class Find>
std::size_t place_of(std::span<const std::string_view> names, Find&& name, std::size_t otherwise) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? otherwise : static_cast<std::size_t>(at - names.begin());
}

}  // namespace

FactKind parse_fact_kind(std::string_view interaction_type) {
  return static_cast<FactKind>(place_of(kKindNames, interaction_type, 0));
}

FactDevice parse_fact_device(std::string_view device_type) {
  constexpr std::array<std::string_view, 4> kNames{"", "mobile", "tablet", "desktop"};
  return static_cast<FactDevice>(place_of(kNames, device_type, 0));
}

std::array<double, kProfileNumbers> profile_vector(std::span<const ProfileFact> facts,
                                                   const ProfileOrders& orders,
                                                   std::int64_t now_us) {
  std::array<double, kProfileNumbers> numbers{};
  Sums sums;
  std::vector<std::uint64_t> items;
  std::vector<std::uint64_t> categories;
  for (const ProfileFact& fact : facts) {
    if (fact.time_us > now_us) continue;
    sums.add(fact, now_us);
    items.push_back(static_cast<std::uint64_t>(fact.item));
    categories.push_back(fact.category);
  }
  if (sums.n == 0) return numbers;
  std::size_t at = 0;
  const auto put = [&](double value) { numbers[at++] = std::round(value * 1e6) / 1e6; };
  const auto share = [&](double value) { put(value / sums.n); };
  for (const double count : sums.kinds) share(count);
  for (const double count : sums.kinds) put(log_share(count, 1000));
  for (const double count : sums.lately) put(log_share(count, 1000));
  for (const double count : sums.quarters) share(count);
  for (const double count : sums.weekdays) share(count);
  put(recency(sums.last_us, now_us));
  for (const FactKind kind : {FactKind::view, FactKind::cart_add, FactKind::purchase}) {
    put(recency(sums.newest_us[static_cast<std::size_t>(kind)], now_us));
  }
  put(log_share(sums.price_count > 0 ? sums.price_sum / sums.price_count : 0, 100'000));
  put(log_share(sums.price_max, 100'000));
  put(log_share(orders.spent, 100'000));
  put(log_share(orders.count > 0 ? orders.spent / orders.count : 0, 100'000));
  for (std::size_t device = 1; device < sums.devices.size(); ++device) share(sums.devices[device]);
  share(Groups(std::move(items)).count);
  const Groups by_category(std::move(categories));
  put(log_share(by_category.count, 100));
  share(by_category.most);
  const double carts = sums.of(FactKind::cart_add);
  const double views = sums.of(FactKind::view);
  put(carts > 0 ? std::min(1.0, sums.of(FactKind::purchase) / carts) : 0);
  put(views > 0 ? std::min(1.0, carts / views) : 0);
  put(std::clamp(sums.reward / sums.n / 10, -1.0, 1.0));
  put(1);
  return numbers;
}

}  // namespace attune::learn
