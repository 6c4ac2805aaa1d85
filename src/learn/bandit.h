// Policies that learn from what follows their own choices. One small interface stands before all of
// them: candidates in, predicted rewards and the exact probability of every candidate out. Sources:
// Li, Chu, Langford, Schapire 2010 (LinUCB); Chapelle and Li 2011 (Beta-Bernoulli and logistic
// Thompson sampling); Agrawal and Goyal 2013 (linear Thompson sampling); Foster and Rakhlin 2020
// (SquareCB). docs/bandits.md is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace attune::learn {

class ByteReader;
class ByteWriter;

/// Values are on disk: never renumber.
enum class BanditKind : std::uint8_t {
  lin_ucb = 1,            // one ridge regression of the context an arm
  lin_ucb_hybrid = 2,     // the same, and one over context x features that all arms share
  thompson_beta = 3,      // clicks and misses of each arm; no context
  thompson_linear = 4,    // one Bayesian ridge regression over context x features
  thompson_logistic = 5,  // one logistic regression over context x features, diagonal Laplace
  greedy = 6,             // the ridge regression without exploration of its own
  epsilon_greedy = 7,     // the same, and `epsilon` evenly
  square_cb = 8,          // the same, by inverse gap weighting
};
inline constexpr BanditKind kBanditKinds[] = {
    BanditKind::lin_ucb,           BanditKind::lin_ucb_hybrid, BanditKind::thompson_beta,
    BanditKind::thompson_linear,   BanditKind::thompson_logistic, BanditKind::greedy,
    BanditKind::epsilon_greedy,    BanditKind::square_cb};

std::string_view to_string(BanditKind kind);                 // "lin_ucb", ...
std::optional<BanditKind> parse_bandit_kind(std::string_view name);

struct BanditOptions {
  BanditKind kind = BanditKind::thompson_linear;
  std::uint32_t context_size = 1;  // numbers that describe the visitor; one of them a constant 1
  std::uint32_t feature_size = 1;  // numbers that describe a candidate; one of them a constant 1
  double floor = 0.02;     // of each slot, evenly over its candidates; above 0, at most 1
  double epsilon = 0.1;    // epsilon_greedy: the floor, when it is above `floor`
  double alpha = 0.5;      // LinUCB: standard errors added to the prediction
  double spread = 0.25;    // linear and logistic Thompson: standard errors of a draw
  double ridge = 1;        // precision of the prior of every weight
  double gamma = 10;       // SquareCB: of the gaps, times the square root of the updates
  double prior_clicks = 1; // thompson_beta
  double prior_misses = 1;
  std::uint32_t draws = 64;            // of the posterior an answer: they are the probabilities
  std::uint32_t arms_max = 2000;       // remembered; the least updated one makes room
  std::uint32_t refactor_every = 500;  // updates between factorisations of a precision matrix
  std::uint32_t batch = 32;            // logistic: choices that are fitted together
  std::uint32_t batches_open = 16;     // logistic: newest batches that can still be corrected
};

inline constexpr std::uint32_t kBanditProductMax = 512;  // context_size * feature_size
inline constexpr double kBanditValueMax = 1000;          // of a number of context or features
inline constexpr double kBanditRewardMax = 1000;

/// An arm is an item, by a number that is always the same.
using ArmKey = std::int64_t;

struct BanditArm {
  ArmKey key = 0;
  std::span<const float> features;  // feature_size numbers
};

/// One choice and what came of it.
struct BanditExample {
  ArmKey arm = 0;
  std::span<const float> context;
  std::span<const float> features;
  double reward = 0;  // thompson_beta and thompson_logistic: 0 .. 1
  double weight = 1;  // above 0
};

/// What a policy makes of the candidates of one answer. Slots are drawn from it.
struct BanditScores {
  /// Predicted reward of each candidate.
  std::vector<double> means;
  /// What slots rank by, `rows` times one number a candidate: bounds, or draws of the posterior.
  std::vector<double> ranks;
  std::size_t rows = 0;
  /// 0: the best of each row has the row's share. Above: inverse gap weighting of the one row.
  double gamma = 0;
  double floor = 0;
};

/// Exact probabilities of one slot.
///
/// left   candidates that are not shown yet, by their numbers; not empty.
/// out    as many, sum 1 within 1e-12, each >= floor / count. Candidates that tie share alike.
void bandit_probabilities(const BanditScores& scores, std::span<const std::size_t> left,
                          std::vector<double>& out);

struct BanditSlot {
  std::size_t candidate = 0;
  double propensity = 1;  // given the slots above; 1 where pinned
  bool pinned = false;
};

/// Fills slots one after the other.
///
/// pinned   candidates of the first slots that are set by others, or kNotPinned; may be shorter
///          than `slots`. No candidate twice.
/// slots    at most the number of candidates.
inline constexpr std::size_t kNotPinned = static_cast<std::size_t>(-1);
void draw_bandit_list(const BanditScores& scores, std::size_t slots,
                      std::span<const std::size_t> pinned, Random& random,
                      std::vector<BanditSlot>& out);

struct BanditArmState {
  ArmKey key = 0;
  std::uint64_t updates = 0;  // ever
  double weight = 0;          // of its examples, decayed
  double reward = 0;          // their weighted sum, decayed
};

/// One writer; readers of a copy (`clone`), or of one that nobody writes to.
class Bandit {
 public:
  virtual ~Bandit() = default;

  const BanditOptions& options() const { return options_; }
  /// Examples taken, ever.
  std::uint64_t updates() const { return updates_; }
  /// Sum of the logarithms of all decays so far.
  double log_decay() const { return log_decay_; }
  /// Every arm remembered, in no order that means anything.
  const std::vector<BanditArmState>& arms() const { return arms_; }

  /// Predicts and, where the policy draws from a posterior, draws with `seed`.
  ///
  /// Errors   invalid_argument: lengths that differ from the options', a number that is not finite
  ///          or beyond kBanditValueMax. No candidates: `out` is empty.
  /// Threads  any, while nobody updates.
  [[nodiscard]] Result<void> score(std::span<const float> context, std::span<const BanditArm> arms,
                                   std::uint64_t seed, BanditScores& out) const;

  /// What `score` and `update` ask of their numbers.
  /// Errors   invalid_argument, as score.
  [[nodiscard]] Result<void> check(std::span<const float> context,
                                   std::span<const BanditArm> arms) const;

  /// Learns from one choice.
  /// Errors   invalid_argument: as score; a reward or weight out of range. Nothing changed then.
  [[nodiscard]] Result<void> update(const BanditExample& example);

  /// Replaces the reward of an example that was given to `update` before: after it the state is the
  /// one that the right reward would have led to, within rounding.
  ///
  /// example    as given then.
  /// log_decay  log_decay() at that update.
  /// Returns    false: it is too long ago for this policy (thompson_logistic), or its arm was
  ///            forgotten; nothing changed.
  [[nodiscard]] Result<bool> correct(const BanditExample& example, double reward, double log_decay);

  /// Makes all that was learned count `factor` as much, for tastes that drift.
  /// factor   above 0, at most 1.
  void decay(double factor);

  virtual std::unique_ptr<Bandit> clone() const = 0;

  /// Appends everything `read_bandit` needs.
  void write(ByteWriter& out) const;
  /// Takes what `write` wrote after the options; for read_bandit.
  /// Returns  whether the bytes made sense; if not, do not use the bandit.
  [[nodiscard]] bool read(ByteReader& in);

 protected:
  explicit Bandit(const BanditOptions& options) : options_(options) {}
  Bandit(const Bandit&) = default;

  virtual void do_score(std::span<const float> context, std::span<const BanditArm> arms,
                        std::uint64_t seed, BanditScores& out) const = 0;
  /// place   of the example's arm in arms().
  virtual void do_update(const BanditExample& example, std::size_t place) = 0;
  virtual bool do_correct(const BanditExample& example, std::size_t place, double reward,
                          double scale) = 0;
  virtual void do_decay(double factor) = 0;
  /// The arm at `place` is new, or takes the place of a forgotten one: start it afresh.
  virtual void start_arm(std::size_t place) = 0;
  virtual void do_write(ByteWriter& out) const = 0;
  /// Returns  whether the bytes made sense.
  virtual bool do_read(ByteReader& in) = 0;

  std::size_t find(ArmKey arm) const;  // its place, or kNotPinned

 private:
  Result<void> check(const BanditExample& example) const;
  std::size_t place_of(ArmKey arm);

  BanditOptions options_;
  std::uint64_t updates_ = 0;
  double log_decay_ = 0;
  std::vector<BanditArmState> arms_;  // by place
  std::unordered_map<ArmKey, std::uint32_t> places_;
};

/// Errors   invalid_argument, with the name of the option: sizes of 0 or beyond kBanditProductMax,
///          a floor that is not above 0, and the like.
[[nodiscard]] Result<std::unique_ptr<Bandit>> make_bandit(const BanditOptions& options);

/// Reads what Bandit::write wrote.
/// Errors   data_loss: the bytes are not a bandit, or numbers in them are out of range.
[[nodiscard]] Result<std::unique_ptr<Bandit>> read_bandit(ByteReader& in);

}  // namespace attune::learn
