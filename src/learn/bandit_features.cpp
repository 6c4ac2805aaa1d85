#include "learn/bandit_features.h"

#include <algorithm>
#include <cmath>

namespace attune::learn {
namespace {

float rounded(double value) {
  return static_cast<float>(std::round(std::clamp(value, -1.0, 1.0) * 1000) / 1000);
}

/// 1 or -1, by one bit of a hash; 0 when there is none.
double sign_of(std::uint64_t hash, int bit) {
  if (hash == 0) return 0;
  return ((hash >> bit) & 1U) != 0 ? 1 : -1;
}

double filled(std::size_t count, double full) {
  return std::min(static_cast<double>(count) / full, 1.0);
}

}  // namespace

double price_position(double price, double usual) {
  if (!(price > 0) || !(usual > 0)) return 0;
  return std::clamp(std::log(price / usual) / std::log(3.0), -1.0, 1.0);
}

std::vector<float> bandit_context(const BanditVisitor& visitor) {
  const auto number = [&](std::size_t from_1) {
    return visitor.profile.size() < from_1 ? 0 : visitor.profile[from_1 - 1];
  };
  return {1,
          rounded(filled(visitor.visit.size(), 5)),
          rounded(filled(visitor.history.size(), 20)),
          rounded(number(8)),    // views
          rounded(number(37)),   // mean price
          rounded(number(47))};  // purchases of what was put into the cart
}

BanditTaste::BanditTaste(const BanditVisitor& visitor) : visitor_(visitor) {
  double sum = 0;
  double count = 0;
  for (const auto* items : {&visitor.visit, &visitor.history}) {
    for (const BanditItem& item : *items) {
      if (!(item.price > 0)) continue;
      sum += std::log(item.price);
      count += 1;
    }
  }
  has_price_ = count > 0;
  if (has_price_) log_price_ = sum / count;
}

/// Of the items, those that agree; as if one more did not.
double BanditTaste::share(const std::vector<BanditItem>& of, std::uint64_t BanditItem::*what,
                          std::uint64_t value) const {
  if (value == 0 || of.empty()) return 0;
  const auto same = std::ranges::count_if(
      of, [&](const BanditItem& item) { return item.*what == value; });
  return static_cast<double>(same) / static_cast<double>(of.size() + 1);
}

void BanditTaste::append(const BanditCandidate& candidate, std::vector<float>& out) const {
  const BanditItem& item = candidate.item;
  const double near =
      has_price_ && item.price > 0 ? std::exp(-std::abs(std::log(item.price) - log_price_)) : 0;
  const double visit_category = share(visitor_.visit, &BanditItem::category, item.category);
  const double history_category = share(visitor_.history, &BanditItem::category, item.category);
  for (const double number :
       {1.0, candidate.score, candidate.popularity, visit_category,
        share(visitor_.visit, &BanditItem::brand, item.brand), history_category,
        share(visitor_.history, &BanditItem::brand, item.brand),
        std::max(visit_category, history_category), near, candidate.price_position,
        sign_of(item.category, 3), sign_of(item.category, 11), sign_of(item.brand, 3),
        sign_of(item.brand, 11)}) {
    out.push_back(rounded(number));
  }
}

}  // namespace attune::learn
