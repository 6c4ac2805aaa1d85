// What a bandit knows of a visitor and of a candidate, as numbers: the same code where an answer is
// made, in the simulated shop, and in tests. docs/bandits.md says each number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune::learn {

inline constexpr std::uint32_t kBanditContextSize = 6;
inline constexpr std::uint32_t kBanditFeatureSize = 14;

/// Something that was looked at, or a candidate. 0: not known.
struct BanditItem {
  std::uint64_t category = 0;  // a hash of its name
  std::uint64_t brand = 0;
  double price = 0;
};

struct BanditVisitor {
  std::vector<BanditItem> visit;    // this visit, in any order
  std::vector<BanditItem> history;  // before it
  /// The 50 numbers of docs/profiles.md; empty: not known.
  std::vector<double> profile;
};

struct BanditCandidate {
  BanditItem item;
  double score = 0;       // of the strategies' blend, 0..1
  double popularity = 0;  // beside the most popular item of the site, 0..1
  double price_position = 0;  // of its price within its category: -1 cheap .. 1 dear, 0 not known
};

/// ln(price / usual price of the category), from -1 to 1 at a third and three times.
double price_position(double price, double usual);

/// kBanditContextSize numbers, each 0..1, rounded to thousandths so that a record in text holds
/// exactly what the policy saw.
std::vector<float> bandit_context(const BanditVisitor& visitor);

/// What of a visitor every candidate is held against, worked out once.
class BanditTaste {
 public:
  explicit BanditTaste(const BanditVisitor& visitor);
  /// kBanditFeatureSize numbers, each -1..1, rounded to thousandths; appended.
  void append(const BanditCandidate& candidate, std::vector<float>& out) const;

 private:
  double share(const std::vector<BanditItem>& of, std::uint64_t BanditItem::*what,
               std::uint64_t value) const;
  const BanditVisitor& visitor_;
  double log_price_ = 0;  // mean over what was looked at
  bool has_price_ = false;
};

}  // namespace attune::learn
