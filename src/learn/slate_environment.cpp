#include "learn/slate_environment.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/core.h>

#include "learn/artefact.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

constexpr int kDinkelbachRoundsMax = 50;  // it is done in three or four
constexpr std::uint32_t kFeaturesMax = 4096;

void write_state(ByteWriter& out, const SlateState& state) {
  out.numbers(state.person);
  out.numbers(state.items);
  out.numbers(state.appeals);
  out.number(state.null_appeal);
  out.number(static_cast<std::uint8_t>(state.done));
}

SlateState read_state(ByteReader& in) {
  SlateState state;
  state.person = in.numbers<float>();
  state.items = in.numbers<float>();
  state.appeals = in.numbers<float>();
  state.null_appeal = in.number<float>();
  state.done = in.number<std::uint8_t>() != 0;
  return state;
}

bool is_sound(const SlateState& state, const SlateShape& shape) {
  const auto finite = [](float x) { return std::isfinite(x); };
  const auto positive = [](float x) { return std::isfinite(x) && x > 0; };
  return state.person.size() == shape.state_features &&
         state.items.size() == shape.candidates * shape.item_features &&
         state.appeals.size() == shape.candidates && std::isfinite(state.null_appeal) &&
         state.null_appeal >= 0 &&
         std::all_of(state.person.begin(), state.person.end(), finite) &&
         std::all_of(state.items.begin(), state.items.end(), finite) &&
         std::all_of(state.appeals.begin(), state.appeals.end(), positive);
}

}  // namespace

std::vector<double> play(SlateEnvironment& environment, const SlatePolicy& policy,
                         std::uint64_t first_seed, std::size_t count) {
  std::vector<double> rewards(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    environment.begin(first_seed + i);
    while (!environment.now().done) {
      rewards[i] += environment.show(policy(environment.now())).reward;
    }
  }
  return rewards;
}

double slate_value(std::span<const std::uint32_t> slate, std::span<const float> values,
                   std::span<const float> appeals, float null_value, float null_appeal) {
  double worth = static_cast<double>(null_appeal) * null_value;
  double appeal = null_appeal;
  for (const std::uint32_t item : slate) {
    worth += static_cast<double>(appeals[item]) * values[item];
    appeal += appeals[item];
  }
  return appeal > 0 ? worth / appeal : 0;
}

std::vector<std::uint32_t> best_slate(std::span<const float> values,
                                      std::span<const float> appeals, float null_value,
                                      float null_appeal, std::size_t count) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  count = std::min(count, order.size());
  std::vector<std::uint32_t> slate;
  double worth = null_value;
  for (int round = 0; round < kDinkelbachRoundsMax; ++round) {
    const auto gain = [&](std::uint32_t item) { return appeals[item] * (values[item] - worth); };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::uint32_t a, std::uint32_t b) {
                        return gain(a) != gain(b) ? gain(a) > gain(b) : a < b;
                      });
    std::vector<std::uint32_t> next(order.begin(),
                                    order.begin() + static_cast<std::ptrdiff_t>(count));
    if (next == slate) break;
    slate = std::move(next);
    worth = slate_value(slate, values, appeals, null_value, null_appeal);
  }
  return slate;
}

std::vector<std::uint32_t> most_appealing(const SlateState& state, std::size_t count) {
  const std::vector<float> same(state.appeals.size(), 1);
  return best_slate(same, state.appeals, 0, state.null_appeal + 1, count);
}

std::uint32_t draw_choice(std::span<const std::uint32_t> slate, const SlateState& state,
                          Random& random) {
  double rest = state.null_appeal;
  for (const std::uint32_t item : slate) rest += state.appeals[item];
  rest *= random.uniform();
  for (const std::uint32_t item : slate) {
    rest -= state.appeals[item];
    if (rest < 0) return item;
  }
  const bool none = state.null_appeal > 0 || slate.empty();
  return none ? static_cast<std::uint32_t>(state.appeals.size()) : slate.back();
}

double draw_normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

Result<void> save_steps(FileSystem& files, const SlateShape& shape,
                        std::span<const SlateStep> steps, const std::string& path) {
  ByteWriter out;
  for (const std::size_t number :
       {shape.state_features, shape.item_features, shape.candidates, shape.slate, steps.size()}) {
    out.number(static_cast<std::uint64_t>(number));
  }
  for (const SlateStep& step : steps) {
    write_state(out, step.before);
    out.number(step.outcome.chosen);
    out.number(step.outcome.reward);
    write_state(out, step.after);
  }
  return write_artefact(files, path, ArtefactKind::slate_steps, out.bytes());
}

Result<LoggedSteps> load_steps(FileSystem& files, const std::string& path) {
  ATTUNE_ASSIGN(const std::string payload, read_artefact(files, path, ArtefactKind::slate_steps));
  ByteReader in(payload);
  LoggedSteps log;
  SlateShape& shape = log.shape;
  for (std::size_t* number :
       {&shape.state_features, &shape.item_features, &shape.candidates, &shape.slate}) {
    *number = static_cast<std::size_t>(in.number<std::uint64_t>());
  }
  const auto count = in.number<std::uint64_t>();
  bool sound = in.ok() && shape.state_features >= 1 && shape.item_features >= 1 &&
               shape.state_features <= kFeaturesMax &&
               shape.item_features <= kFeaturesMax && shape.candidates <= kFeaturesMax &&
               shape.slate >= 1 && shape.slate <= shape.candidates;
  for (std::uint64_t i = 0; sound && i < count; ++i) {
    SlateStep step;
    step.before = read_state(in);
    step.outcome.chosen = in.number<std::uint32_t>();
    step.outcome.reward = in.number<double>();
    step.after = read_state(in);
    sound = in.ok() && is_sound(step.before, shape) && is_sound(step.after, shape) &&
            step.outcome.chosen <= shape.candidates && std::isfinite(step.outcome.reward);
    log.steps.push_back(std::move(step));
  }
  if (sound && in.at_end()) return log;
  return fail(ErrorCode::data_loss, fmt::format("{}: the steps are not consistent", path));
}

}  // namespace attune::learn
