// Logistic Thompson sampling. Source: Chapelle and Li, "An empirical evaluation of Thompson
// sampling", 2011, algorithm 3: weights have independent normal posteriors; a batch moves the means
// to the minimum of sum q_j (w_j - m_j)^2 / 2 + log loss, then each precision grows by the
// curvature of the loss. We solve for the minimum by Newton steps in as many unknowns as the batch
// has examples, w = m + Q^-1 X^T a (Rasmussen and Williams 2006, algorithm 3.1). The newest batches
// stay open: a reward among them that turns out wrong is put right by fitting them again.
#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <deque>

#include "learn/bandit_policies.h"
#include "learn/bandit_ridge.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

constexpr int kStepsMax = 30;
constexpr int kHalvingsMax = 20;
constexpr double kSmallStep = 1e-10;

double sigmoid(double value) {
  return value >= 0 ? 1 / (1 + std::exp(-value)) : std::exp(value) / (1 + std::exp(value));
}
/// log(1 + exp(v)) without overflow.
double softplus(double value) {
  return std::max(value, 0.0) + std::log1p(std::exp(-std::abs(value)));
}

struct Posterior {
  Vector mean;
  Vector precision;
};

struct Batch {
  std::vector<ArmKey> arms;
  std::vector<double> inputs;  // one after the other
  std::vector<double> rewards;
  std::vector<double> weights;
  double decay_after = 1;

  std::size_t count() const { return arms.size(); }
};

void decay_by(double factor, double ridge, Posterior& posterior) {
  if (factor == 1) return;
  posterior.mean.array() *= factor * posterior.precision.array();
  posterior.precision.array() = ridge + factor * (posterior.precision.array() - ridge);
  posterior.mean.array() /= posterior.precision.array();
}

/// Weighted log loss at the values f, plus a^T K a / 2.
double loss_of(const Vector& f, const Vector& a, const Vector& offset, const Vector& rewards,
               const Vector& weights) {
  double loss = 0.5 * a.dot(f - offset);
  for (Eigen::Index i = 0; i < f.size(); ++i) {
    loss += weights(i) * (softplus(f(i)) - rewards(i) * f(i));
  }
  return loss;
}

/// The posterior after a batch.
void fold(const Batch& batch, double ridge, Posterior& posterior) {
  const auto count = static_cast<Eigen::Index>(batch.count());
  if (count > 0) {
    const Eigen::Map<const Matrix> inputs(batch.inputs.data(), count, posterior.mean.size());
    const Eigen::Map<const Vector> rewards(batch.rewards.data(), count);
    const Eigen::Map<const Vector> weights(batch.weights.data(), count);
    const Matrix scaled = inputs * posterior.precision.cwiseInverse().asDiagonal();
    const Matrix kernel = scaled * inputs.transpose();
    const Vector offset = inputs * posterior.mean;
    Vector a = Vector::Zero(count);
    Vector f = offset;
    Vector curve(count);
    double loss = loss_of(f, a, offset, rewards, weights);
    for (int step = 0; step < kStepsMax; ++step) {
      const Vector p = f.unaryExpr(&sigmoid);
      curve = weights.array() * p.array() * (1 - p.array());
      const Vector root = curve.cwiseSqrt();
      Matrix middle = root.asDiagonal() * kernel * root.asDiagonal();
      middle.diagonal().array() += 1;
      const Vector b = curve.cwiseProduct(f - offset) + weights.cwiseProduct(rewards - p);
      const Vector inner = root.cwiseProduct(kernel * b);
      const Vector target = b - root.cwiseProduct(middle.llt().solve(inner));
      Vector move = target - a;
      double change = 0;
      for (int halving = 0; halving < kHalvingsMax; ++halving, move *= 0.5) {
        const Vector next = offset + kernel * (a + move);
        const double next_loss = loss_of(next, a + move, offset, rewards, weights);
        if (!(next_loss <= loss)) continue;
        a += move;
        change = (next - f).lpNorm<Eigen::Infinity>();
        f = next;
        loss = next_loss;
        break;
      }
      if (change < kSmallStep) break;
    }
    posterior.mean += scaled.transpose() * a;
    const Vector p = f.unaryExpr(&sigmoid);
    curve = weights.array() * p.array() * (1 - p.array());
    posterior.precision += inputs.cwiseAbs2().transpose() * curve;
  }
  decay_by(batch.decay_after, ridge, posterior);
}

class ThompsonLogistic final : public Bandit {
 public:
  explicit ThompsonLogistic(const BanditOptions& options) : Bandit(options) {
    const auto size = static_cast<Eigen::Index>(options.context_size * options.feature_size);
    base_ = {Vector::Zero(size), Vector::Constant(size, options.ridge)};
    before_ = base_;
    now_ = base_;
  }
  std::unique_ptr<Bandit> clone() const override {
    return std::make_unique<ThompsonLogistic>(*this);
  }

 protected:
  void do_score(std::span<const float> context, std::span<const BanditArm> candidates,
                std::uint64_t seed, BanditScores& out) const override {
    std::vector<double> products;
    for (const BanditArm& arm : candidates) append_product(context, arm.features, products);
    const auto count = static_cast<Eigen::Index>(candidates.size());
    const Eigen::Map<const Matrix> inputs(products.data(), count, now_.mean.size());
    const Vector middles = inputs * now_.mean;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      out.means[i] = sigmoid(middles(static_cast<Eigen::Index>(i)));
    }
    std::vector<double> covariance(candidates.size() * candidates.size());
    Eigen::Map<Matrix>(covariance.data(), count, count).noalias() =
        inputs * now_.precision.cwiseInverse().asDiagonal() * inputs.transpose();
    out.rows = options().draws;
    draw_normals({middles.data(), candidates.size()}, covariance, options().spread, out.rows, seed,
                 out.ranks);
  }

  void do_update(const BanditExample& example, std::size_t) override {
    if (open_.empty() || open_.back().count() >= options().batch || open_.back().decay_after < 1) {
      before_ = now_;
      open_.emplace_back();
    }
    Batch& batch = open_.back();
    batch.arms.push_back(example.arm);
    append_product(example.context, example.features, batch.inputs);
    batch.rewards.push_back(example.reward);
    batch.weights.push_back(example.weight);
    now_ = before_;
    fold(batch, options().ridge, now_);
    if (open_.size() > options().batches_open) {
      fold(open_.front(), options().ridge, base_);
      open_.pop_front();
    }
  }

  bool do_correct(const BanditExample& example, std::size_t, double reward, double) override {
    std::vector<double> input;
    append_product(example.context, example.features, input);
    for (auto batch = open_.rbegin(); batch != open_.rend(); ++batch) {
      for (std::size_t i = batch->count(); i-- > 0;) {
        if (batch->arms[i] != example.arm || batch->rewards[i] != example.reward ||
            batch->weights[i] != example.weight ||
            !std::equal(input.begin(), input.end(),
                        batch->inputs.begin() + static_cast<std::ptrdiff_t>(i * input.size()))) {
          continue;
        }
        batch->rewards[i] = reward;
        fold_all();
        return true;
      }
    }
    return false;
  }

  void do_decay(double factor) override {
    if (open_.empty()) {
      decay_by(factor, options().ridge, base_);
    } else {
      open_.back().decay_after = std::max(open_.back().decay_after * factor, 1e-300);
    }
    decay_by(factor, options().ridge, now_);
  }

  void start_arm(std::size_t) override {}

  void do_write(ByteWriter& out) const override {
    out.numbers(std::vector<double>(base_.mean.begin(), base_.mean.end()));
    out.numbers(std::vector<double>(base_.precision.begin(), base_.precision.end()));
    out.number(static_cast<std::uint64_t>(open_.size()));
    for (const Batch& batch : open_) {
      out.numbers(batch.arms);
      out.numbers(batch.inputs);
      out.numbers(batch.rewards);
      out.numbers(batch.weights);
      out.number(batch.decay_after);
    }
  }

  bool do_read(ByteReader& in) override {
    const auto size = static_cast<std::size_t>(base_.mean.size());
    const auto mean = in.numbers<double>();
    const auto precision = in.numbers<double>();
    const auto count = in.number<std::uint64_t>();
    const auto within = [](const std::vector<double>& numbers, double low, double high) {
      return std::ranges::all_of(numbers, [=](double n) { return n >= low && n <= high; });
    };
    if (!in.ok() || mean.size() != size || precision.size() != size ||
        count > options().batches_open || !within(mean, -1e300, 1e300) ||
        !within(precision, options().ridge * (1 - 1e-9), 1e300)) {
      return false;
    }
    std::ranges::copy(mean, base_.mean.begin());
    std::ranges::copy(precision, base_.precision.begin());
    for (std::uint64_t i = 0; i < count; ++i) {
      Batch batch;
      batch.arms = in.numbers<ArmKey>();
      batch.inputs = in.numbers<double>();
      batch.rewards = in.numbers<double>();
      batch.weights = in.numbers<double>();
      batch.decay_after = in.number<double>();
      constexpr double kInputMax = kBanditValueMax * kBanditValueMax;
      if (!in.ok() || batch.count() == 0 || batch.count() > options().batch ||
          batch.inputs.size() != batch.count() * size || batch.rewards.size() != batch.count() ||
          batch.weights.size() != batch.count() || !within(batch.inputs, -kInputMax, kInputMax) ||
          !within(batch.rewards, 0, 1) || !within(batch.weights, 0, kBanditValueMax) ||
          !(batch.decay_after > 0 && batch.decay_after <= 1)) {
        return false;
      }
      open_.push_back(std::move(batch));
    }
    fold_all();
    return true;
  }

 private:
  void fold_all() {
    now_ = base_;
    before_ = base_;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (i + 1 == open_.size()) before_ = now_;
      fold(open_[i], options().ridge, now_);
    }
  }

  Posterior base_;           // after the batches that are closed for good
  std::deque<Batch> open_;   // oldest first; the last one may be growing
  Posterior before_;         // the last batch
  Posterior now_;            // after all
};

}  // namespace

std::unique_ptr<Bandit> make_logistic(const BanditOptions& options) {
  return std::make_unique<ThompsonLogistic>(options);
}

}  // namespace attune::learn
