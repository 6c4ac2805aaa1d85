#include "learn/bandit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/ensure.h"
#include "learn/bandit_policies.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

constexpr std::uint32_t kBanditVersion = 1;
constexpr std::string_view kNames[] = {"lin_ucb",         "lin_ucb_hybrid",    "thompson_beta",
                                       "thompson_linear", "thompson_logistic", "greedy",
                                       "epsilon_greedy",  "square_cb"};

bool is_binary(BanditKind kind) {
  return kind == BanditKind::thompson_beta || kind == BanditKind::thompson_logistic;
}

Result<void> check_numbers(std::span<const float> numbers, std::size_t size, const char* field) {
  if (numbers.size() != size) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("has {} numbers, and the policy takes {}", numbers.size(), size),
                field);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (std::abs(static_cast<double>(numbers[i])) <= kBanditValueMax) continue;  // not so for NaN
    return fail(ErrorCode::invalid_argument,
                fmt::format("number {} is {}: it must be finite and from -{} to {}", i + 1,
                            numbers[i], kBanditValueMax, kBanditValueMax),
                field);
  }
  return {};
}

struct Rule {
  const char* name;
  double value;
  double low;   // the least allowed
  double high;  // the most
};

Result<void> check_options(const BanditOptions& o) {
  const Rule rules[] = {
      {"context_size", static_cast<double>(o.context_size), 1, kBanditProductMax},
      {"feature_size", static_cast<double>(o.feature_size), 1, kBanditProductMax},
      {"floor", o.floor, 1e-6, 1},
      {"epsilon", o.epsilon, 0, 1},
      {"alpha", o.alpha, 0, 1000},
      {"spread", o.spread, 0, 1000},
      {"ridge", o.ridge, 1e-6, 1e6},
      {"gamma", o.gamma, 1e-3, 1e6},
      {"prior_clicks", o.prior_clicks, 1e-3, 1e6},
      {"prior_misses", o.prior_misses, 1e-3, 1e6},
      {"draws", static_cast<double>(o.draws), 1, 10'000},
      {"arms_max", static_cast<double>(o.arms_max), 1, 1'000'000},
      {"refactor_every", static_cast<double>(o.refactor_every), 1, 1'000'000},
      {"batch", static_cast<double>(o.batch), 1, 256},
      {"batches_open", static_cast<double>(o.batches_open), 1, 1000},
  };
  for (const Rule& rule : rules) {
    if (rule.value >= rule.low && rule.value <= rule.high) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("is {}: it must be from {} to {}", rule.value, rule.low, rule.high),
                rule.name);
  }
  if (static_cast<std::uint64_t>(o.context_size) * o.feature_size > kBanditProductMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("times feature_size is above {}", kBanditProductMax), "context_size");
  }
  return {};
}

void write_options(ByteWriter& out, const BanditOptions& o) {
  out.number(o.kind);
  for (const std::uint32_t number : {o.context_size, o.feature_size, o.draws, o.arms_max,
                                     o.refactor_every, o.batch, o.batches_open}) {
    out.number(number);
  }
  for (const double number : {o.floor, o.epsilon, o.alpha, o.spread, o.ridge, o.gamma,
                              o.prior_clicks, o.prior_misses}) {
    out.number(number);
  }
}

BanditOptions read_options(ByteReader& in) {
  BanditOptions o;
  o.kind = in.number<BanditKind>();
  for (std::uint32_t* number : {&o.context_size, &o.feature_size, &o.draws, &o.arms_max,
                                &o.refactor_every, &o.batch, &o.batches_open}) {
    *number = in.number<std::uint32_t>();
  }
  for (double* number : {&o.floor, &o.epsilon, &o.alpha, &o.spread, &o.ridge, &o.gamma,
                         &o.prior_clicks, &o.prior_misses}) {
    *number = in.number<double>();
  }
  return o;
}

/// The candidates of `left` with the best rank of a row share what the row has to give.
void share_best(const double* ranks, std::span<const std::size_t> left, double share,
                std::vector<double>& out) {
  double best = ranks[left.front()];
  std::size_t ties = 0;
  for (const std::size_t candidate : left) {
    if (ranks[candidate] > best) {
      best = ranks[candidate];
      ties = 0;
    }
    if (ranks[candidate] == best) ++ties;
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (ranks[left[i]] == best) out[i] += share / static_cast<double>(ties);
  }
}

/// Foster and Rakhlin 2020: 1 / (count + gamma gap) for all but the best, which gets the rest.
void weigh_gaps(const BanditScores& scores, std::span<const std::size_t> left,
                std::vector<double>& out) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < left.size(); ++i) {
    if (scores.ranks[left[i]] > scores.ranks[left[best]]) best = i;
  }
  const auto count = static_cast<double>(left.size());
  double rest = 1;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (i == best) continue;
    const double gap = scores.ranks[left[best]] - scores.ranks[left[i]];
    out[i] = 1 / (count + scores.gamma * gap);
    rest -= out[i];
  }
  out[best] = rest;  // at least 1 / count; the others with no gap have exactly that
}

}  // namespace

std::string_view to_string(BanditKind kind) {
  const auto at = static_cast<std::size_t>(kind) - 1;
  ensure(at < std::size(kNames), "a bandit is of a known kind");
  return kNames[at];
}

std::optional<BanditKind> parse_bandit_kind(std::string_view name) {
  for (const BanditKind kind : kBanditKinds) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

void bandit_probabilities(const BanditScores& scores, std::span<const std::size_t> left,
                          std::vector<double>& out) {
  out.assign(left.size(), 0);
  if (left.empty()) return;
  if (scores.gamma > 0) {
    weigh_gaps(scores, left, out);
  } else {
    const double share = 1 / static_cast<double>(scores.rows);
    for (std::size_t row = 0; row < scores.rows; ++row) {
      share_best(scores.ranks.data() + row * scores.means.size(), left, share, out);
    }
  }
  const double even = scores.floor / static_cast<double>(left.size());
  for (double& probability : out) probability = (1 - scores.floor) * probability + even;
}

void draw_bandit_list(const BanditScores& scores, std::size_t slots,
                      std::span<const std::size_t> pinned, Random& random,
                      std::vector<BanditSlot>& out) {
  ensure(slots <= scores.means.size(), "a list is not longer than its candidates");
  out.clear();
  std::vector<std::size_t> left(scores.means.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  for (const std::size_t candidate : pinned) std::erase(left, candidate);
  std::vector<double> probabilities;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    if (slot < pinned.size() && pinned[slot] != kNotPinned) {
      out.push_back({.candidate = pinned[slot], .propensity = 1, .pinned = true});
      continue;
    }
    if (left.empty()) break;  // what is left was pinned to slots further down
    bandit_probabilities(scores, left, probabilities);
    double rest = random.uniform();
    std::size_t chosen = 0;
    // The last candidate takes what rounding leaves of the sum.
    while (chosen + 1 < probabilities.size() && rest >= probabilities[chosen]) {
      rest -= probabilities[chosen++];
    }
    out.push_back({.candidate = left[chosen], .propensity = probabilities[chosen]});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
}

Result<void> Bandit::check(std::span<const float> context,
                           std::span<const BanditArm> arms) const {
  ATTUNE_TRY(check_numbers(context, options_.context_size, "context"));
  for (const BanditArm& arm : arms) {
    ATTUNE_TRY(check_numbers(arm.features, options_.feature_size, "features"));
  }
  return {};
}

Result<void> Bandit::score(std::span<const float> context, std::span<const BanditArm> arms,
                           std::uint64_t seed, BanditScores& out) const {
  ATTUNE_TRY(check(context, arms));
  out.means.assign(arms.size(), 0);
  out.ranks.clear();
  out.rows = 1;
  out.gamma = 0;
  out.floor = options_.floor;
  if (!arms.empty()) do_score(context, arms, seed, out);
  return {};
}

Result<void> Bandit::check(const BanditExample& example) const {
  const BanditArm arm{example.arm, example.features};
  ATTUNE_TRY(check(example.context, {&arm, 1}));
  const double low = is_binary(options_.kind) ? 0 : -kBanditRewardMax;
  const double high = is_binary(options_.kind) ? 1 : kBanditRewardMax;
  if (!(example.reward >= low && example.reward <= high)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("is {}: it must be from {} to {}", example.reward, low, high),
                "reward");
  }
  if (!(example.weight > 0 && example.weight <= kBanditValueMax)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("is {}: it must be above 0 and at most {}", example.weight,
                            kBanditValueMax),
                "weight");
  }
  return {};
}

Result<void> Bandit::update(const BanditExample& example) {
  ATTUNE_TRY(check(example));
  const std::size_t place = place_of(example.arm);
  BanditArmState& state = arms_[place];
  ++state.updates;
  state.weight += example.weight;
  state.reward += example.weight * example.reward;
  ++updates_;
  do_update(example, place);
  return {};
}

Result<bool> Bandit::correct(const BanditExample& example, double reward, double log_decay) {
  ATTUNE_TRY(check(example));
  BanditExample right = example;
  right.reward = reward;
  ATTUNE_TRY(check(right));
  if (!(log_decay <= 0 && log_decay >= log_decay_)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("is {}: it must be from {} to 0", log_decay, log_decay_), "log_decay");
  }
  const std::size_t place = find(example.arm);
  const double scale = std::exp(log_decay_ - log_decay);  // what the example still counts
  if (place == kNotPinned || !do_correct(example, place, reward, scale)) return false;
  arms_[place].reward += scale * example.weight * (reward - example.reward);
  return true;
}

void Bandit::decay(double factor) {
  ensure(factor > 0 && factor <= 1, "a decay is above 0 and at most 1");
  if (factor == 1) return;
  log_decay_ += std::log(factor);
  for (BanditArmState& arm : arms_) {
    arm.weight *= factor;
    arm.reward *= factor;
  }
  do_decay(factor);
}

std::size_t Bandit::find(ArmKey arm) const {
  const auto at = places_.find(arm);
  return at == places_.end() ? kNotPinned : at->second;
}

std::size_t Bandit::place_of(ArmKey arm) {
  if (const std::size_t known = find(arm); known != kNotPinned) return known;
  std::size_t place = arms_.size();
  if (place < options_.arms_max) {
    arms_.push_back({.key = arm});
  } else {
    const auto least = std::ranges::min_element(
        arms_, [](const BanditArmState& a, const BanditArmState& b) {
          return a.weight != b.weight ? a.weight < b.weight : a.key < b.key;
        });
    place = static_cast<std::size_t>(least - arms_.begin());
    places_.erase(least->key);
    *least = {.key = arm};
  }
  places_[arm] = static_cast<std::uint32_t>(place);
  start_arm(place);
  return place;
}

void Bandit::write(ByteWriter& out) const {
  out.number(kBanditVersion);
  write_options(out, options_);
  out.number(updates_);
  out.number(log_decay_);
  out.number(static_cast<std::uint64_t>(arms_.size()));
  for (const BanditArmState& arm : arms_) {
    out.number(arm.key);
    out.number(arm.updates);
    out.number(arm.weight);
    out.number(arm.reward);
  }
  do_write(out);
}

bool Bandit::read(ByteReader& in) {
  updates_ = in.number<std::uint64_t>();
  log_decay_ = in.number<double>();
  const auto count = in.number<std::uint64_t>();
  if (!in.ok() || !(log_decay_ <= 0 && log_decay_ > -1e15)) return false;
  if (count > options_.arms_max) return false;
  for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
    BanditArmState arm;
    arm.key = in.number<ArmKey>();
    arm.updates = in.number<std::uint64_t>();
    arm.weight = in.number<double>();
    arm.reward = in.number<double>();
    if (!std::isfinite(arm.weight) || arm.weight < 0 || !std::isfinite(arm.reward)) return false;
    if (!places_.emplace(arm.key, static_cast<std::uint32_t>(arms_.size())).second) return false;
    arms_.push_back(arm);
    start_arm(arms_.size() - 1);
  }
  return in.ok() && do_read(in) && in.ok();
}

Result<std::unique_ptr<Bandit>> make_bandit(const BanditOptions& options) {
  ATTUNE_TRY(check_options(options));
  return make_policy(options);
}

Result<std::unique_ptr<Bandit>> read_bandit(ByteReader& in) {
  const auto refuse = [](const std::string& why) { return fail(ErrorCode::data_loss, why); };
  const auto version = in.number<std::uint32_t>();
  if (!in.ok()) return refuse("a bandit's state is cut off");
  if (version != kBanditVersion) {
    return refuse(fmt::format("a bandit's state has version {}, this one reads {}", version,
                              kBanditVersion));
  }
  const BanditOptions options = read_options(in);
  const auto kind = static_cast<std::size_t>(options.kind);
  if (!in.ok() || kind < 1 || kind > std::size(kNames) || !check_options(options)) {
    return refuse("a bandit's options are cut off or out of range");
  }
  auto bandit = make_policy(options);
  if (!bandit->read(in)) return refuse("a bandit's state is cut off or out of range");
  return bandit;
}

}  // namespace attune::learn
