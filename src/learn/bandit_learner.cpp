#include "learn/bandit_learner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/ensure.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

constexpr std::uint32_t kLearnerVersion = 2;  // 1: clicks alone earned something
constexpr std::int64_t kDecayEveryMs = 3'600'000;
constexpr std::uint64_t kItemsMax = 1000;  // of a decision
constexpr double kWeightMin = 1e-9;        // of what has aged to nothing before it could be learned

Result<void> check(const BanditLearnerOptions& o) {
  const auto refuse = [](const char* name, const char* rule) {
    return fail(ErrorCode::invalid_argument, rule, name);
  };
  constexpr std::int64_t kYearMs = 366LL * 86'400'000;
  if (o.window_ms < 1 || o.window_ms > kYearMs) return refuse("window_ms", "1 ms to a year");
  if (o.correct_ms < o.window_ms || o.correct_ms > kYearMs) {
    return refuse("correct_ms", "window_ms to a year");
  }
  if (o.decisions_max < 1 || o.decisions_max > 10'000'000) {
    return refuse("decisions_max", "1 to 10,000,000");
  }
  if (o.half_life_ms < 0) return refuse("half_life_ms", "0 or more");
  if (!o.rewards.is_good()) return refuse("rewards", "0 to 1000, one of them above 0");
  return {};
}

}  // namespace

bool BanditRewards::is_good() const {
  const auto in_range = [](double weight) { return weight >= 0 && weight <= 1000; };
  return in_range(click) && in_range(cart) && in_range(purchase) && in_range(revenue) &&
         click + cart + purchase + revenue > 0 && revenue_max > 0 && revenue_max <= 1e9;
}

double BanditRewards::of(BanditOutcome outcome, double paid) const {
  const double all = click + cart + purchase + revenue;
  if (outcome == BanditOutcome::click) return click / all;
  if (outcome == BanditOutcome::cart) return cart / all;
  return (purchase + revenue * std::clamp(paid / revenue_max, 0.0, 1.0)) / all;
}

Result<void> BanditLearner::set_options(const BanditLearnerOptions& options) {
  ATTUNE_TRY(check(options));
  options_ = options;
  return {};
}

Result<BanditLearner> BanditLearner::make(std::unique_ptr<Bandit> bandit,
                                          const BanditLearnerOptions& options) {
  ATTUNE_TRY(check(options));
  return BanditLearner(std::move(bandit), options);
}

BanditExample BanditLearner::example_of(const Decision& decision, std::size_t item,
                                        double reward, double log_decay) const {
  const std::size_t context = bandit_->options().context_size;
  const std::size_t features = bandit_->options().feature_size;
  const std::span<const float> numbers(decision.numbers);
  return {.arm = decision.items[item].arm,
          .context = numbers.first(context),
          .features = numbers.subspan(context + item * features, features),
          .reward = reward,
          .weight = std::max(std::exp(log_decay - decision.log_decay), kWeightMin)};
}

Result<void> BanditLearner::decided(const Uuid& decision, std::int64_t decided_ms,
                                    std::span<const float> context,
                                    std::span<const BanditImpression> items) {
  if (items.empty() || numbers_.contains(decision)) return {};
  if (items.size() > kItemsMax) {
    return fail(ErrorCode::invalid_argument, fmt::format("more than {} items", kItemsMax), "items");
  }
  std::vector<BanditArm> arms;
  for (const BanditImpression& item : items) arms.push_back({item.arm, item.features});
  ATTUNE_TRY(bandit_->check(context, arms));
  if (decisions_.size() == options_.decisions_max) drop_oldest();
  Decision& kept = decisions_.emplace_back();
  kept.id = decision;
  kept.decided_ms = decided_ms;
  kept.log_decay = bandit_->log_decay();
  kept.numbers.assign(context.begin(), context.end());
  for (const BanditImpression& item : items) {
    kept.numbers.insert(kept.numbers.end(), item.features.begin(), item.features.end());
    kept.items.push_back({.arm = item.arm, .log_decay = kept.log_decay});
  }
  numbers_[decision] = first_ + decisions_.size() - 1;
  ++counters_.decisions;
  return {};
}

void BanditLearner::shown(const Uuid& decision, ArmKey arm) {
  const auto at = numbers_.find(decision);
  if (at == numbers_.end()) return;
  Decision& made = decisions_[at->second - first_];
  const auto item = std::ranges::find(made.items, arm, &Item::arm);
  if (item == made.items.end()) return;
  item->shown = true;
  reports_shown_ = true;
}

bool BanditLearner::clicked(const Uuid& decision, ArmKey arm, std::int64_t clicked_ms,
                            std::int64_t person) {
  const auto at = numbers_.find(decision);
  if (at == numbers_.end()) {
    ++counters_.unknown;
    return false;
  }
  Decision& shown = decisions_[at->second - first_];
  const auto item = std::ranges::find(shown.items, arm, &Item::arm);
  const std::int64_t after_ms = clicked_ms - shown.decided_ms;
  if (item == shown.items.end() || after_ms > options_.window_ms) {
    ++counters_.unknown;
    return false;
  }
  if (item->fate == Fate::clicked) return false;
  const bool is_late = item->fate == Fate::missed;
  const bool taught = earn(shown, static_cast<std::size_t>(item - shown.items.begin()),
                           BanditOutcome::click, 0);
  ++(!is_late ? counters_.clicks : taught ? counters_.corrected : counters_.uncorrected);
  if (!taught) return false;
  item->person = person;
  remember_click(*item, at->second);
  return true;
}

void BanditLearner::remember_click(const Item& item, std::uint64_t number) {
  if (item.person == 0) return;
  std::uint64_t& newest = clicked_[{item.person, item.arm}];
  newest = std::max(newest, number);
}

bool BanditLearner::followed(std::int64_t person, ArmKey arm, BanditOutcome outcome,
                             double paid) {
  const auto at = clicked_.find({person, arm});
  if (at == clicked_.end()) return false;
  Decision& shown = decisions_[at->second - first_];
  const auto item = std::ranges::find(shown.items, arm, &Item::arm);
  return earn(shown, static_cast<std::size_t>(item - shown.items.begin()), outcome, paid);
}

/// Raises what the item earned by the weight of one more outcome.
bool BanditLearner::earn(Decision& decision, std::size_t number, BanditOutcome outcome,
                         double paid) {
  Item& item = decision.items[number];
  const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(outcome));
  if ((item.had & bit) != 0) return false;
  const double reward = std::min(1.0, item.reward + options_.rewards.of(outcome, paid));
  if (item.fate == Fate::open) {
    item.log_decay = bandit_->log_decay();
    const BanditExample example = example_of(decision, number, reward, item.log_decay);
    ensure(bandit_->update(example).has_value(), "it was checked when shown");
  } else if (reward != item.reward) {
    const BanditExample example = example_of(decision, number, item.reward, item.log_decay);
    const auto done = bandit_->correct(example, reward, item.log_decay);
    ensure(done.has_value(), "it was checked when shown");
    if (!*done) return false;
  }
  item.fate = Fate::clicked;
  item.reward = reward;
  item.had = static_cast<std::uint8_t>(item.had | bit);
  return true;
}

void BanditLearner::mature(Decision& decision) {
  const bool says_shown = std::ranges::any_of(decision.items, &Item::shown);
  const auto is_click = [](const Item& item) { return item.fate == Fate::clicked; };
  // A list in which something was clicked was seen; of one with reports, what they name.
  const bool was_seen = !reports_shown_ || std::ranges::any_of(decision.items, is_click);
  for (std::size_t i = 0; i < decision.items.size(); ++i) {
    Item& item = decision.items[i];
    if (item.fate != Fate::open) continue;
    if (says_shown ? !item.shown : !was_seen) {
      ++counters_.unseen;
      continue;
    }
    item.fate = Fate::missed;
    item.log_decay = bandit_->log_decay();
    const BanditExample example = example_of(decision, i, 0, item.log_decay);
    ensure(bandit_->update(example).has_value(), "it was checked when shown");
    ++counters_.misses;
  }
}

void BanditLearner::drop_oldest() {
  const Decision& oldest = decisions_.front();
  if (first_ >= matured_) {
    counters_.dropped += static_cast<std::uint64_t>(
        std::ranges::count(oldest.items, Fate::open, &Item::fate));
  }
  numbers_.erase(oldest.id);
  for (const Item& item : oldest.items) {
    const auto at = clicked_.find({item.person, item.arm});
    if (at != clicked_.end() && at->second == first_) clicked_.erase(at);
  }
  decisions_.pop_front();
  ++first_;
  matured_ = std::max(matured_, first_);
}

void BanditLearner::advance(std::int64_t now_ms) {
  if (options_.half_life_ms > 0) {
    if (decayed_ms_ == 0) decayed_ms_ = now_ms;
    if (const std::int64_t due_ms = now_ms - decayed_ms_; due_ms >= kDecayEveryMs) {
      const double lives = static_cast<double>(due_ms) / static_cast<double>(options_.half_life_ms);
      bandit_->decay(std::max(std::exp2(-lives), 1e-9));
      decayed_ms_ = now_ms;
    }
  }
  while (matured_ < first_ + decisions_.size()) {
    Decision& next = decisions_[matured_ - first_];
    if (now_ms - next.decided_ms <= options_.window_ms) break;
    mature(next);
    ++matured_;
  }
  while (first_ < matured_ && now_ms - decisions_.front().decided_ms > options_.correct_ms) {
    drop_oldest();
  }
}

void BanditLearner::write(ByteWriter& out) const {
  out.number(kLearnerVersion);
  out.number(options_.window_ms);
  out.number(options_.correct_ms);
  out.number(options_.decisions_max);
  out.number(options_.half_life_ms);
  const BanditRewards& r = options_.rewards;
  for (const double weight : {r.click, r.cart, r.purchase, r.revenue, r.revenue_max}) {
    out.number(weight);
  }
  bandit_->write(out);
  const BanditLearnerCounters& c = counters_;
  for (const std::uint64_t count : {c.decisions, c.clicks, c.misses, c.corrected, c.uncorrected,
                                    c.unknown, c.unseen, c.dropped}) {
    out.number(count);
  }
  out.number(decayed_ms_);
  out.number(static_cast<std::uint8_t>(reports_shown_ ? 1 : 0));
  out.number(matured_ - first_);
  out.number(static_cast<std::uint64_t>(decisions_.size()));
  for (const Decision& decision : decisions_) {
    for (const std::uint8_t byte : decision.id.bytes) out.number(byte);
    out.number(decision.decided_ms);
    out.number(decision.log_decay);
    out.numbers(decision.numbers);
    for (const Item& item : decision.items) {
      out.number(item.arm);
      out.number(item.fate);
      out.number(static_cast<std::uint8_t>(item.shown ? 1 : 0));
      out.number(item.log_decay);
      out.number(item.reward);
      out.number(item.had);
      out.number(item.person);
    }
  }
}

BanditLearner::Item BanditLearner::read_item(ByteReader& in, std::uint32_t version) {
  Item item{.arm = in.number<ArmKey>(),
            .fate = in.number<Fate>(),
            .shown = in.number<std::uint8_t>() != 0,
            .log_decay = in.number<double>()};
  if (version == 1) {
    item.had = item.fate == Fate::clicked ? 1 : 0;
    item.reward = item.had;
    return item;
  }
  item.reward = in.number<double>();
  item.had = in.number<std::uint8_t>();
  item.person = in.number<std::int64_t>();
  return item;
}

Result<BanditLearner> BanditLearner::read(ByteReader& in) {
  const auto refuse = [] {
    return fail(ErrorCode::data_loss, "a bandit's decisions are cut off or out of range");
  };
  const auto version = in.number<std::uint32_t>();
  if (version < 1 || version > kLearnerVersion) return refuse();
  BanditLearnerOptions options;
  options.window_ms = in.number<std::int64_t>();
  options.correct_ms = in.number<std::int64_t>();
  options.decisions_max = in.number<std::uint32_t>();
  options.half_life_ms = in.number<std::int64_t>();
  BanditRewards& r = options.rewards;
  if (version > 1) {
    for (double* weight : {&r.click, &r.cart, &r.purchase, &r.revenue, &r.revenue_max}) {
      *weight = in.number<double>();
    }
  }
  if (!in.ok() || !check(options)) return refuse();
  ATTUNE_ASSIGN(auto bandit, read_bandit(in));
  BanditLearner learner(std::move(bandit), options);
  BanditLearnerCounters& c = learner.counters_;
  for (std::uint64_t* count : {&c.decisions, &c.clicks, &c.misses, &c.corrected, &c.uncorrected,
                               &c.unknown, &c.unseen, &c.dropped}) {
    *count = in.number<std::uint64_t>();
  }
  learner.decayed_ms_ = in.number<std::int64_t>();
  learner.reports_shown_ = in.number<std::uint8_t>() != 0;
  learner.matured_ = in.number<std::uint64_t>();
  const auto count = in.number<std::uint64_t>();
  if (!in.ok() || count > options.decisions_max || learner.matured_ > count) return refuse();
  const std::size_t context = learner.bandit_->options().context_size;
  const std::size_t features = learner.bandit_->options().feature_size;
  for (std::uint64_t i = 0; i < count; ++i) {
    Decision decision;
    for (std::uint8_t& byte : decision.id.bytes) byte = in.number<std::uint8_t>();
    decision.decided_ms = in.number<std::int64_t>();
    decision.log_decay = in.number<double>();
    decision.numbers = in.numbers<float>();
    if (!in.ok() || !(decision.log_decay <= 0) ||
        decision.numbers.size() < context + features ||
        (decision.numbers.size() - context) % features != 0) {
      return refuse();
    }
    const std::size_t items = (decision.numbers.size() - context) / features;
    if (items > kItemsMax) return refuse();
    std::vector<BanditArm> arms;
    for (std::size_t k = 0; k < items; ++k) {
      const Item item = read_item(in, version);
      const bool is_in_time = item.log_decay <= decision.log_decay &&
                              item.log_decay >= learner.bandit_->log_decay();
      if (!in.ok() || item.fate > Fate::clicked || !is_in_time ||
          !(item.reward >= 0 && item.reward <= 1)) {
        return refuse();
      }
      decision.items.push_back(item);
      arms.push_back({item.arm, std::span<const float>(decision.numbers)
                                    .subspan(context + k * features, features)});
    }
    if (!learner.bandit_->check(std::span<const float>(decision.numbers).first(context), arms) ||
        !learner.numbers_.emplace(decision.id, i).second) {
      return refuse();
    }
    for (const Item& item : decision.items) learner.remember_click(item, i);
    learner.decisions_.push_back(std::move(decision));
  }
  return learner;
}

}  // namespace attune::learn
