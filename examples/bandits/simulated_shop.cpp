#include "bandits/simulated_shop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "base/hash.h"
#include "learn/bandit_features.h"
#include "learn/bandit_learner.h"
#include "shop/random.h"

namespace attune::shop {
namespace {

constexpr std::size_t kHistoryMax = 50;
constexpr std::int64_t kStartMs = 1'000'000;

/// Independent of the policy: each session's visitor and looks are the same for all of them.
enum class Stream : std::uint64_t { visits = 11, clicks = 12, draws = 13 };

class Shop {
 public:
  Shop(const Catalogue& catalogue, const ShopOptions& options)
      : catalogue_(catalogue), options_(options), taken_(catalogue.products.size(), 1) {
    for (std::size_t i = 0; i < options.visitors; ++i) {
      visitors_.push_back(make_visitor(catalogue, options.seed, i));
    }
    known_.resize(options.visitors);
    for (const Product& product : catalogue.products) {
      double sum = 0;
      double count = 0;
      for (const Product& other : catalogue.products) {
        if (other.category != product.category) continue;
        sum += std::log(other.price);
        count += 1;
      }
      positions_.push_back(learn::price_position(product.price, std::exp(sum / count)));
      items_.push_back({hash64(product.category), hash64(product.brand), product.price});
    }
    for (const Visitor& visitor : visitors_) {
      for (std::size_t i = 0; i < items_.size(); ++i) means_.push_back(chance(visitor, i));
    }
  }

  /// The next visitor comes and looks around.
  void begin(std::size_t session) {
    Random random(options_.seed, static_cast<std::uint64_t>(Stream::visits), session);
    now_ = random.below(options_.visitors);
    looked_.clear();
    std::vector<double> likes(truth().begin(), truth().end());
    const std::uint32_t looks = random.poisson(options_.looks);
    for (std::uint32_t i = 0; i < looks; ++i) looked_.push_back(random.weighted(likes));
    for (const std::size_t item : looked_) taken_[item] += 1;
  }
  /// Expected clicks of each item with the visitor of now.
  std::span<const double> truth() const {
    return std::span(means_).subspan(now_ * items_.size(), items_.size());
  }
  /// Of each item, over all visitors.
  std::vector<double> mean_truth() const {
    std::vector<double> sums(items_.size());
    for (std::size_t i = 0; i < means_.size(); ++i) sums[i % items_.size()] += means_[i];
    return sums;
  }
  const std::vector<double>& taken() const { return taken_; }

  learn::BanditVisitor visitor() const {
    learn::BanditVisitor known;
    for (const std::size_t item : looked_) known.visit.push_back(items_[item]);
    for (const std::size_t item : known_[now_]) known.history.push_back(items_[item]);
    return known;
  }
  learn::BanditCandidate candidate(std::size_t item) const {
    const double most = *std::ranges::max_element(taken_);
    const double popularity = taken_[item] / most;
    return {items_[item], popularity, popularity, positions_[item]};
  }
  /// What the visitor clicked joins what is known.
  void end(const std::vector<std::size_t>& clicked) {
    for (const std::size_t item : clicked) taken_[item] += 1;
    std::vector<std::size_t>& known = known_[now_];
    known.insert(known.end(), looked_.begin(), looked_.end());
    known.insert(known.end(), clicked.begin(), clicked.end());
    if (known.size() > kHistoryMax) {
      known.erase(known.begin(), known.end() - static_cast<std::ptrdiff_t>(kHistoryMax));
    }
  }

 private:
  double chance(const Visitor& visitor, std::size_t item) const {
    return options_.attention * expected_taste(catalogue_, visitor, catalogue_.products[item]);
  }
  const Catalogue& catalogue_;
  const ShopOptions& options_;
  std::vector<Visitor> visitors_;
  std::vector<double> means_;       // visitor by item
  std::vector<double> positions_;
  std::vector<learn::BanditItem> items_;
  std::vector<std::vector<std::size_t>> known_;   // of each visitor, from earlier sessions
  std::vector<double> taken_;                     // looks and clicks of each item, and 1
  std::size_t now_ = 0;
  std::vector<std::size_t> looked_;
};

std::vector<std::size_t> best_of(std::span<const double> scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(count);
  return order;
}

double sum_of(std::span<const double> truth, std::span<const std::size_t> list) {
  double sum = 0;
  for (const std::size_t item : list) sum += truth[item];
  return sum;
}

Uuid id_of(std::size_t session) {
  Uuid id{};
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>((session >> (8 * i)) & 255U);
  }
  return id;
}

/// A bandit, and what it needs from session to session.
class BanditChooser {
 public:
  BanditChooser(learn::BanditLearner learner, const ShopOptions& options)
      : learner_(std::move(learner)), options_(options) {}

  std::vector<std::size_t> choose(const Shop& shop, std::size_t session, double& least) {
    learner_.advance(time_of(session));
    const learn::BanditVisitor visitor = shop.visitor();
    context_ = learn::bandit_context(visitor);
    const learn::BanditTaste taste(visitor);
    features_.clear();
    const std::size_t items = shop.taken().size();
    for (std::size_t i = 0; i < items; ++i) taste.append(shop.candidate(i), features_);
    arms_.clear();
    for (std::size_t i = 0; i < items; ++i) {
      arms_.push_back({static_cast<learn::ArmKey>(i), features_of(i)});
    }
    Random numbers(options_.seed, static_cast<std::uint64_t>(Stream::draws), session);
    learn::BanditScores scores;
    if (!learner_.bandit().score(context_, arms_, numbers.next(), scores)) return {};
    std::vector<learn::BanditSlot> slots;
    attune::Random random(numbers.next());
    learn::draw_bandit_list(scores, options_.slots, {}, random, slots);
    std::vector<std::size_t> list;
    std::vector<learn::BanditImpression> shown;
    for (const learn::BanditSlot& slot : slots) {
      list.push_back(slot.candidate);
      shown.push_back({arms_[slot.candidate].key, features_of(slot.candidate)});
      least = std::min(least, slot.propensity);
    }
    if (!learner_.decided(id_of(session), time_of(session), context_, shown)) return {};
    return list;
  }
  void click(std::size_t session, std::size_t item) {
    learner_.clicked(id_of(session), static_cast<learn::ArmKey>(item), time_of(session) + 1000);
  }

 private:
  std::span<const float> features_of(std::size_t item) const {
    return std::span<const float>(features_).subspan(item * learn::kBanditFeatureSize,
                                                     learn::kBanditFeatureSize);
  }
  std::int64_t time_of(std::size_t session) const {
    return kStartMs + static_cast<std::int64_t>(session) * options_.between_ms;
  }
  learn::BanditLearner learner_;
  const ShopOptions& options_;
  std::vector<float> context_;
  std::vector<float> features_;
  std::vector<learn::BanditArm> arms_;
};

}  // namespace

Result<ShopResult> run_shop(const Catalogue& catalogue, const ShopOptions& options,
                            const ShopPolicy& policy) {
  learn::BanditOptions sized = policy.bandit;
  sized.context_size = learn::kBanditContextSize;
  sized.feature_size = learn::kBanditFeatureSize;
  ATTUNE_ASSIGN(auto bandit, learn::make_bandit(sized));
  ATTUNE_ASSIGN(auto learner, learn::BanditLearner::make(std::move(bandit), {}));
  BanditChooser chooser(std::move(learner), options);
  Shop shop(catalogue, options);
  ShopResult result;
  result.name = policy.name;
  const auto best_list = best_of(shop.mean_truth(), options.slots);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t session = 0; session < options.sessions; ++session) {
    shop.begin(session);
    const auto best = best_of(shop.truth(), options.slots);
    Random random(options.seed, static_cast<std::uint64_t>(Stream::clicks), session);
    std::vector<std::size_t> list = best;
    if (policy.kind == ShopPolicy::Kind::best_list) list = best_list;
    if (policy.kind == ShopPolicy::Kind::popular) list = best_of(shop.taken(), options.slots);
    if (policy.kind == ShopPolicy::Kind::random) {
      std::vector<double> lots(catalogue.products.size());
      for (double& lot : lots) lot = random.uniform();
      list = best_of(lots, options.slots);
    }
    if (policy.kind == ShopPolicy::Kind::bandit) {
      list = chooser.choose(shop, session, result.smallest_propensity);
    }
    std::vector<std::size_t> clicked;
    for (const std::size_t item : list) {
      if (random.chance(shop.truth()[item])) clicked.push_back(item);
    }
    if (policy.kind == ShopPolicy::Kind::bandit) {
      for (const std::size_t item : clicked) chooser.click(session, item);
    }
    result.clicks += sum_of(shop.truth(), list);
    result.oracle_clicks += sum_of(shop.truth(), best);
    if ((session + 1) * options.points / options.sessions >
        session * options.points / options.sessions) {
      result.regret.push_back(result.oracle_clicks - result.clicks);
    }
    shop.end(clicked);
  }
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace attune::shop
