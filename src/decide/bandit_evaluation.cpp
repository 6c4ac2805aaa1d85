#include "decide/bandit_evaluation.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "decide/bandit_book.h"

namespace attune::decide {
namespace {

constexpr std::size_t kFolds = 3;
constexpr double kPrior = 10;  // choices at the mean of all, before a slot's own

struct Mean {
  double sum = 0;
  double count = 0;
};

/// Mean reward of a slot in the other folds.
class SlotModel {
 public:
  void add(std::size_t fold, std::int64_t rank, double reward) {
    for (Mean* mean : {&of_slot_[rank][fold], &of_all_[fold]}) {
      mean->sum += reward;
      mean->count += 1;
    }
  }
  double predict(std::size_t fold, std::int64_t rank) const {
    const Mean all = without(of_all_, fold);
    const double base = all.count > 0 ? all.sum / all.count : 0;
    const Mean slot = without(of_slot_.at(rank), fold);
    return (slot.sum + kPrior * base) / (slot.count + kPrior);
  }

 private:
  using Folds = std::array<Mean, kFolds>;
  static Mean without(const Folds& folds, std::size_t fold) {
    Mean rest;
    for (std::size_t i = 0; i < kFolds; ++i) {
      if (i == fold) continue;
      rest.sum += folds[i].sum;
      rest.count += folds[i].count;
    }
    return rest;
  }
  std::map<std::int64_t, Folds> of_slot_;
  Folds of_all_;
};

}  // namespace

Result<std::vector<learn::LoggedChoice>> seen_from_policy(const std::vector<LoggedItem>& items,
                                                          std::string_view policy) {
  const bool is_uniform = policy == "uniform";
  if (!is_uniform && policy != "blend") {
    return fail(ErrorCode::invalid_argument, "is uniform or blend", "policy");
  }
  std::vector<learn::LoggedChoice> choices;
  std::vector<std::pair<std::size_t, std::int64_t>> places;  // fold and rank of each choice
  SlotModel model;
  std::optional<BanditTrace> trace;
  std::size_t decisions = 0;
  std::int64_t above = 0;  // drawn slots of this decision
  for (std::size_t i = 0; i < items.size(); ++i) {
    const LoggedItem& item = items[i];
    if (i == 0 || item.decision != items[i - 1].decision) {
      ++decisions;
      above = 0;
      auto read = read_trace(item.factors_json);
      trace = read ? std::move(*read) : std::nullopt;
    }
    const std::int64_t left = std::max<std::int64_t>(item.eligible_count - above, 1);
    ++above;
    double target = 1 / static_cast<double>(left);
    if (!is_uniform) {
      target = item.propensity;  // without a bandit the blend drew
      if (trace) {
        const auto slot = static_cast<std::size_t>(item.rank) - 1;
        if (item.rank < 1 || slot >= trace->blend.size()) continue;  // it did not say
        target = trace->blend[slot];
      }
    }
    const double reward = item.clicked ? 1 : 0;
    choices.push_back({.reward = reward, .propensity = item.propensity, .target = target});
    places.emplace_back(decisions % kFolds, item.rank);
    model.add(decisions % kFolds, item.rank, reward);
  }
  if (choices.empty()) {
    return fail(ErrorCode::failed_precondition,
                "no recommendation of that placement and time has had its time to be clicked");
  }
  for (std::size_t i = 0; i < choices.size(); ++i) {
    // A policy draws something in every slot, so its own value by this model is the slot's mean.
    choices[i].model_logged = choices[i].model_target =
        model.predict(places[i].first, places[i].second);
  }
  return choices;
}

}  // namespace attune::decide
