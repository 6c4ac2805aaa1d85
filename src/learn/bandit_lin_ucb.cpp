// LinUCB. Source: Li, Chu, Langford, Schapire, "A contextual-bandit approach to personalized news
// article recommendation", 2010, algorithms 1 and 2. Of the hybrid model we keep what algorithm 2
// keeps; with u = z - B_a^T A_a^-1 x its updates of A_0 and b_0 are one example of the shared
// regression, (u, r - x^T A_a^-1 b_a) with weight 1 / (1 + x^T A_a^-1 x), and its variance is
// x^T A_a^-1 x + u^T A_0^-1 u.
#include <Eigen/Core>

#include <cmath>

#include "learn/bandit_policies.h"
#include "learn/bandit_ridge.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Eigen::VectorXd> as_vector(std::span<const double> numbers) {
  return {numbers.data(), static_cast<Eigen::Index>(numbers.size())};
}

std::vector<double> input_of(std::span<const float> numbers) {
  return {numbers.begin(), numbers.end()};
}

class LinUcb final : public Bandit {
 public:
  explicit LinUcb(const BanditOptions& options)
      : Bandit(options),
        is_hybrid_(options.kind == BanditKind::lin_ucb_hybrid),
        fresh_{Ridge(options.context_size, options.ridge), {}},
        shared_(is_hybrid_ ? std::size_t{options.context_size} * options.feature_size : 0,
                options.ridge) {
    if (is_hybrid_) fresh_.cross.assign(options.context_size * shared_.size(), 0);
  }
  std::unique_ptr<Bandit> clone() const override { return std::make_unique<LinUcb>(*this); }

 protected:
  struct Model {
    Ridge ridge;                // A_a, b_a
    std::vector<double> cross;  // B_a, context x shared, row by row; empty: not hybrid
  };

  void do_score(std::span<const float> context, std::span<const BanditArm> candidates,
                std::uint64_t, BanditScores& out) const override {
    const std::vector<double> x = input_of(context);
    std::vector<double> u;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t place = find(candidates[i].key);
      const Model& model = place == kNotPinned ? fresh_ : models_[place];
      double variance = model.ridge.variance(x);
      out.means[i] = model.ridge.predict(x);
      if (is_hybrid_) {
        rest_of(model, x, context, candidates[i].features, u);
        out.means[i] += shared_.predict(u);
        variance += shared_.variance(u);
      }
      out.ranks.push_back(out.means[i] + options().alpha * std::sqrt(variance));
    }
  }

  void do_update(const BanditExample& example, std::size_t place) override {
    const std::vector<double> x = input_of(example.context);
    Model& model = models_[place];
    if (is_hybrid_) {
      std::vector<double> u;
      rest_of(model, x, example.context, example.features, u);
      shared_.add(u, example.reward - model.ridge.predict(x),
                  example.weight / (1 + example.weight * model.ridge.variance(x)),
                  options().refactor_every);
      std::vector<double> z;
      append_product(example.context, example.features, z);
      cross_of(model).noalias() += example.weight * as_vector(x) * as_vector(z).transpose();
    }
    model.ridge.add(x, example.reward, example.weight, options().refactor_every);
  }

  bool do_correct(const BanditExample& example, std::size_t place, double reward,
                  double scale) override {
    const std::vector<double> x = input_of(example.context);
    Model& model = models_[place];
    const double difference = scale * example.weight * (reward - example.reward);
    // b_0 is linear in the rewards: by what the arm's model of today does not explain.
    if (is_hybrid_) {
      std::vector<double> u;
      rest_of(model, x, example.context, example.features, u);
      shared_.correct(u, difference);
    }
    model.ridge.correct(x, difference);
    return true;
  }

  void do_decay(double factor) override {
    if (!is_hybrid_) {
      for (Model& model : models_) model.ridge.decay(factor);
      return;
    }
    // A_0 = ridge + sum z z^T - sum_a B_a^T A_a^-1 B_a: the sums over examples decay, and what the
    // arms take out of them is worked out anew.
    const auto size = static_cast<Eigen::Index>(shared_.size());
    Matrix precision = Eigen::Map<const Matrix>(shared_.precision().data(), size, size);
    Eigen::VectorXd sums = as_vector(shared_.sums());
    precision.diagonal().array() -= options().ridge;
    take_arms(1, precision, sums);
    precision *= factor;
    sums *= factor;
    for (Model& model : models_) {
      model.ridge.decay(factor);
      cross_of(model) *= factor;
    }
    take_arms(-1, precision, sums);
    precision.diagonal().array() += options().ridge;
    shared_.assign({precision.data(), precision.data() + precision.size()},
                   {sums.data(), sums.data() + sums.size()});
  }

  void start_arm(std::size_t place) override {
    if (place == models_.size()) {
      models_.push_back(fresh_);
    } else {
      models_[place] = fresh_;
    }
  }

  void do_write(ByteWriter& out) const override {
    for (const Model& model : models_) {
      model.ridge.write(out);
      out.numbers(model.cross);
    }
    if (is_hybrid_) shared_.write(out);
  }
  bool do_read(ByteReader& in) override {
    for (Model& model : models_) {
      if (!model.ridge.read(in)) return false;
      model.cross = in.numbers<double>();
      if (model.cross.size() != fresh_.cross.size()) return false;
      for (const double number : model.cross) {
        if (!std::isfinite(number)) return false;
      }
    }
    return !is_hybrid_ || shared_.read(in);
  }

 private:
  Eigen::Map<Matrix> cross_of(Model& model) const {
    return {model.cross.data(), static_cast<Eigen::Index>(options().context_size),
            static_cast<Eigen::Index>(shared_.size())};
  }
  Eigen::Map<const Matrix> cross_of(const Model& model) const {
    return {model.cross.data(), static_cast<Eigen::Index>(options().context_size),
            static_cast<Eigen::Index>(shared_.size())};
  }

  /// u = z - B_a^T A_a^-1 x.
  void rest_of(const Model& model, const std::vector<double>& x, std::span<const float> context,
               std::span<const float> features, std::vector<double>& u) const {
    u.clear();
    append_product(context, features, u);
    std::vector<double> solved;
    model.ridge.solve(x, solved);
    Eigen::Map<Eigen::VectorXd>(u.data(), static_cast<Eigen::Index>(u.size())).noalias() -=
        cross_of(model).transpose() * as_vector(solved);
  }

  /// Adds sign * sum_a B_a^T A_a^-1 B_a and sign * sum_a B_a^T A_a^-1 b_a.
  void take_arms(double sign, Matrix& precision, Eigen::VectorXd& sums) const {
    const auto context = static_cast<Eigen::Index>(options().context_size);
    std::vector<double> identity(options().context_size * options().context_size);
    for (std::size_t i = 0; i < options().context_size; ++i) {
      identity[i * options().context_size + i] = 1;
    }
    std::vector<double> inverse;
    for (const Model& model : models_) {
      model.ridge.covariance(identity, options().context_size, inverse);
      const Eigen::Map<const Matrix> solved(inverse.data(), context, context);
      const Matrix half = solved * cross_of(model);
      precision.noalias() += sign * cross_of(model).transpose() * half;
      sums.noalias() += sign * half.transpose() * as_vector(model.ridge.sums());
    }
  }

  bool is_hybrid_;
  Model fresh_;
  std::vector<Model> models_;  // by place
  Ridge shared_;               // A_0, b_0
};

}  // namespace

std::unique_ptr<Bandit> make_lin_ucb(const BanditOptions& options) {
  return std::make_unique<LinUcb>(options);
}

}  // namespace attune::learn
