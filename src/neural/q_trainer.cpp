#include "neural/q_trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/ensure.h"

namespace attune::neural {
namespace {

using learn::LoggedSteps;
using learn::QWeights;
using learn::SlateShape;
using learn::SlateState;
using learn::SlateStep;
using torch::Tensor;

constexpr double kNormMax = 10;  // gradients longer than that are shortened
constexpr std::uint32_t kSaid = 200;

std::int64_t wide(std::size_t number) { return static_cast<std::int64_t>(number); }

struct QNet : torch::nn::Module {
  QNet(const SlateShape& shape, const QParams& params)
      : value1(wide(shape.state_features), params.hidden),
        value2(params.hidden, 1),
        advantage1(wide(shape.state_features + shape.item_features + 1), params.hidden),
        advantage2(params.hidden, params.hidden),
        advantage3(params.hidden, 1) {
    register_module("value1", value1);
    register_module("value2", value2);
    register_module("advantage1", advantage1);
    register_module("advantage2", advantage2);
    register_module("advantage3", advantage3);
  }

  /// person   batch x state features. items  batch x (candidates + 1) x (item features + 1).
  /// Returns  batch x (candidates + 1).
  Tensor forward(const Tensor& person, const Tensor& items) {
    const Tensor both =
        torch::cat({person.unsqueeze(1).expand({-1, items.size(1), -1}), items}, 2);
    const Tensor hidden = torch::relu(advantage2->forward(torch::relu(advantage1->forward(both))));
    const Tensor advantage = advantage3->forward(hidden).squeeze(2);
    const Tensor value = value2->forward(torch::relu(value1->forward(person)));
    return value + advantage - advantage.mean(1, true);
  }

  torch::nn::Linear value1, value2, advantage1, advantage2, advantage3;
};

QWeights::Layer layer_of(const torch::nn::Linear& linear) {
  const auto floats = [](const Tensor& tensor) {
    const Tensor flat = tensor.detach().contiguous().view({-1});
    const float* begin = flat.data_ptr<float>();
    return std::vector<float>(begin, begin + flat.numel());
  };
  return {.weights = floats(linear->weight), .bias = floats(linear->bias)};
}

/// Features with mean 0 and deviation 1 are learned from; the first layers take it back afterwards.
struct Scale {
  Tensor mean;
  Tensor deviation;
};

struct Scales {
  Scale person;
  Scale items;  // with the mark of nothing chosen, which stays as it is
};

Scale scale_of(const std::vector<float>& rows, std::size_t width, std::size_t marks) {
  const Tensor all = torch::tensor(rows).view({-1, wide(width)});
  const Tensor mean = all.mean(0);
  Tensor deviation = (all - mean).square().mean(0).sqrt();
  deviation = torch::where(deviation < 1e-6, torch::ones_like(deviation), deviation);
  return {.mean = torch::cat({mean, torch::zeros({wide(marks)})}),
          .deviation = torch::cat({deviation, torch::ones({wide(marks)})})};
}

Scales scales_of(const std::vector<SlateStep>& steps, const SlateShape& shape) {
  std::vector<float> person;
  std::vector<float> items;
  for (const SlateStep& step : steps) {
    person.insert(person.end(), step.before.person.begin(), step.before.person.end());
    items.insert(items.end(), step.before.items.begin(), step.before.items.end());
  }
  return {.person = scale_of(person, shape.state_features, 0),
          .items = scale_of(items, shape.item_features, 1)};
}

/// y = W (x - mean) / deviation + b, as a layer that takes x.
QWeights::Layer layer_of(const torch::nn::Linear& linear, const Scale& scale) {
  const Tensor weights = linear->weight.detach() / scale.deviation;
  torch::nn::Linear same(linear->options);
  const torch::NoGradGuard no_gradients;
  same->weight.copy_(weights);
  same->bias.copy_(linear->bias - weights.mv(scale.mean));
  return layer_of(same);
}

Scale joined(const Scales& scales) {
  return {.mean = torch::cat({scales.person.mean, scales.items.mean}),
          .deviation = torch::cat({scales.person.deviation, scales.items.deviation})};
}

QWeights weights_of(const QNet& net, const SlateShape& shape, const QParams& params,
                    const Scales& scales, double reward_unit) {
  QWeights weights;
  weights.state_features = static_cast<std::uint32_t>(shape.state_features);
  weights.item_features = static_cast<std::uint32_t>(shape.item_features);
  weights.hidden = params.hidden;
  weights.reward_unit = reward_unit;
  weights.value = {layer_of(net.value1, scales.person), layer_of(net.value2)};
  weights.advantage = {layer_of(net.advantage1, joined(scales)), layer_of(net.advantage2),
                       layer_of(net.advantage3)};
  return weights;
}

/// States side by side.
struct States {
  Tensor person;
  Tensor items;
};

States states_of(std::span<const SlateState* const> states, const SlateShape& shape,
                 const Scales& scales) {
  const std::size_t width = shape.item_features + 1;
  std::vector<float> person;
  std::vector<float> items(states.size() * (shape.candidates + 1) * width, 0);
  person.reserve(states.size() * shape.state_features);
  float* at = items.data();
  for (const SlateState* state : states) {
    person.insert(person.end(), state->person.begin(), state->person.end());
    for (std::size_t i = 0; i < shape.candidates; ++i, at += width) {
      std::copy_n(state->items.data() + i * shape.item_features, shape.item_features, at);
    }
    at[width - 1] = 1;  // nothing chosen
    at += width;
  }
  const auto count = wide(states.size());
  const Tensor people = torch::tensor(person).view({count, wide(shape.state_features)});
  const Tensor offers =
      torch::tensor(items).view({count, wide(shape.candidates + 1), wide(width)});
  return {.person = (people - scales.person.mean) / scales.person.deviation,
          .items = (offers - scales.items.mean) / scales.items.deviation};
}

std::vector<std::uint32_t> random_slate(const SlateShape& shape, Random& random) {
  std::vector<std::uint32_t> all(shape.candidates);
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  for (std::size_t i = 0; i < shape.slate; ++i) {
    std::swap(all[i], all[i + random.below(all.size() - i)]);
  }
  all.resize(shape.slate);
  return all;
}

/// The mean size of a reward: networks learn numbers around 1 best.
double reward_unit_of(const std::vector<SlateStep>& steps) {
  double sum = 0;
  for (const SlateStep& step : steps) sum += std::fabs(step.outcome.reward);
  return sum > 0 ? sum / static_cast<double>(steps.size()) : 1;
}

class Learner {
 public:
  /// seen     some steps, at least one: they tell the scale of features and rewards.
  Learner(const SlateShape& shape, const QParams& params, const std::vector<SlateStep>& seen)
      : shape_(shape),
        params_(params),
        scales_(scales_of(seen, shape)),
        reward_unit_(reward_unit_of(seen)),
        random_(params.seed) {
    torch::manual_seed(params.seed);
    net_ = std::make_shared<QNet>(shape, params);
    target_ = std::make_shared<QNet>(shape, params);
    move_target(1);
    optimizer_ = std::make_unique<torch::optim::Adam>(net_->parameters(),
                                                      torch::optim::AdamOptions(params.rate));
  }

  /// One step of learning from `batch` steps drawn from `replay`.
  void learn(const std::vector<SlateStep>& replay) {
    std::vector<const SlateStep*> drawn(params_.batch);
    for (auto& step : drawn) step = &replay[random_.below(replay.size())];
    std::vector<const SlateState*> before;
    std::vector<std::int64_t> chosen;
    for (const SlateStep* step : drawn) {
      before.push_back(&step->before);
      chosen.push_back(step->outcome.chosen);
    }
    const Tensor goal = torch::tensor(goals(drawn));
    const States states = states_of(before, shape_, scales_);
    const Tensor values = net_->forward(states.person, states.items)
                              .gather(1, torch::tensor(chosen).unsqueeze(1))
                              .squeeze(1);
    const double left = 1 - static_cast<double>(steps_) / std::max(1U, params_.steps);
    static_cast<torch::optim::AdamOptions&>(optimizer_->param_groups()[0].options())
        .lr(params_.rate * std::max(left, 0.01));
    optimizer_->zero_grad();
    torch::smooth_l1_loss(values, goal).backward();
    const double norm = torch::nn::utils::clip_grad_norm_(net_->parameters(), kNormMax);
    if (std::isfinite(norm)) optimizer_->step();
    move_target(params_.follow);
    ++steps_;
  }

  std::vector<std::uint32_t> slate(const SlateState& state) {
    const torch::NoGradGuard no_gradients;
    const SlateState* one[] = {&state};
    const States states = states_of(one, shape_, scales_);
    const Tensor values = net_->forward(states.person, states.items).contiguous();
    return best(values.data_ptr<float>(), state);
  }

  Random& random() { return random_; }

  learn::QModel model() const {
    auto made = learn::QModel::make(weights_of(*net_, shape_, params_, scales_, reward_unit_));
    ensure(made.has_value(), "training gives finite weights of the right sizes");
    return std::move(*made);
  }

 private:
  std::vector<std::uint32_t> best(const float* values, const SlateState& state) const {
    return learn::best_slate({values, shape_.candidates}, state.appeals,
                             values[shape_.candidates], state.null_appeal, shape_.slate);
  }

  /// Reward and what the next state is worth: the slate by the net, its value by the target net.
  std::vector<float> goals(const std::vector<const SlateStep*>& steps) {
    const torch::NoGradGuard no_gradients;
    std::vector<const SlateState*> after;
    for (const SlateStep* step : steps) after.push_back(&step->after);
    const States states = states_of(after, shape_, scales_);
    const Tensor mine = net_->forward(states.person, states.items).contiguous();
    const Tensor theirs = target_->forward(states.person, states.items).contiguous();
    std::vector<float> result;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      double goal = steps[i]->outcome.reward / reward_unit_;
      const SlateState& next = steps[i]->after;
      if (!next.done) {
        const std::size_t row = i * (shape_.candidates + 1);
        const float* values = theirs.data_ptr<float>() + row;
        goal += params_.discount *
                learn::slate_value(best(mine.data_ptr<float>() + row, next),
                                   {values, shape_.candidates}, next.appeals,
                                   values[shape_.candidates], next.null_appeal);
      }
      result.push_back(static_cast<float>(goal));
    }
    return result;
  }

  void move_target(double share) {
    const torch::NoGradGuard no_gradients;
    auto from = net_->parameters();
    auto to = target_->parameters();
    for (std::size_t i = 0; i < from.size(); ++i) to[i].lerp_(from[i], share);
  }

  SlateShape shape_;
  QParams params_;
  Scales scales_;
  double reward_unit_;
  Random random_;
  std::uint32_t steps_ = 0;
  std::shared_ptr<QNet> net_;
  std::shared_ptr<QNet> target_;
  std::unique_ptr<torch::optim::Adam> optimizer_;
};

void say(const learn::ProgressSink& progress, std::uint32_t step, std::uint32_t steps) {
  if (progress && step % std::max(1U, steps / kSaid) == 0) {
    progress("learning", static_cast<double>(step) / steps);
  }
}

/// The newest steps of a session that goes on for ever: people come one after the other.
class Actor {
 public:
  Actor(learn::SlateEnvironment& environment, const QParams& params)
      : environment_(environment), capacity_(params.replay), seed_(params.seed << 32U) {
    environment_.begin(++seed_);
  }
  const SlateState& now() const { return environment_.now(); }
  const std::vector<SlateStep>& replay() const { return replay_; }

  void show(std::span<const std::uint32_t> slate) {
    SlateStep step{.before = environment_.now(), .outcome = environment_.show(slate), .after = {}};
    step.after = environment_.now();
    if (step.after.done) environment_.begin(++seed_);
    if (replay_.size() < capacity_) {
      replay_.push_back(std::move(step));
    } else {
      replay_[oldest_++ % capacity_] = std::move(step);
    }
  }

 private:
  learn::SlateEnvironment& environment_;
  std::size_t capacity_;
  std::uint64_t seed_;
  std::vector<SlateStep> replay_;
  std::size_t oldest_ = 0;
};

}  // namespace

learn::QModel train_q_model(learn::SlateEnvironment& environment, const QParams& params,
                            const learn::ProgressSink& progress) {
  const SlateShape shape = environment.shape();
  Random random(params.seed);
  Actor actor(environment, params);
  for (std::uint32_t i = 0; i < std::max(1U, params.warm_up); ++i) {
    actor.show(random_slate(shape, random));
  }
  Learner learner(shape, params, actor.replay());
  for (std::uint32_t step = 0; step < params.steps; ++step) {
    const double passed = std::min(1.0, 2.0 * step / params.steps);
    const double explore =
        params.explore_begin + passed * (params.explore_end - params.explore_begin);
    actor.show(learner.random().uniform() < explore ? random_slate(shape, learner.random())
                                                    : learner.slate(actor.now()));
    learner.learn(actor.replay());
    say(progress, step, params.steps);
  }
  return learner.model();
}

learn::QModel train_q_model(const LoggedSteps& log, const QParams& params,
                            const learn::ProgressSink& progress) {
  Learner learner(log.shape, params, log.steps);
  for (std::uint32_t step = 0; step < params.steps; ++step) {
    learner.learn(log.steps);
    say(progress, step, params.steps);
  }
  return learner.model();
}

ReferenceValues reference_values(const SlateShape& shape, const QParams& params,
                                 const SlateState& state) {
  const torch::NoGradGuard no_gradients;
  torch::manual_seed(params.seed);
  QNet net(shape, params);
  const SlateState* one[] = {&state};
  const Scales scales = scales_of({{.before = state, .outcome = {}, .after = {}}}, shape);
  const States states = states_of(one, shape, scales);
  const Tensor values = net.forward(states.person, states.items).contiguous();
  const float* begin = values.data_ptr<float>();
  return {.weights = weights_of(net, shape, params, scales, 1),
          .values = {begin, begin + values.numel()}};
}

}  // namespace attune::neural
