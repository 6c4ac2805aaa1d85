#include "decide/shadow.h"

#include <algorithm>

#include <fmt/format.h>

namespace attune::decide {
namespace {

constexpr std::string_view kPrefix = "shadow:";
constexpr std::size_t kCompared = 10;

std::vector<learn::ItemIndex> in_numbers_of(const ServedModel& model,
                                            std::span<const std::uint32_t> items) {
  std::vector<learn::ItemIndex> numbers;
  for (const std::uint32_t item : items) {
    const learn::ItemIndex number = model.from_snapshot[item];
    if (number != learn::kNoItem) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::string shadow_name(std::string_view strategy) {
  return fmt::format("{}{}", kPrefix, strategy);
}

void ShadowRunner::offer(const Uuid& site, const std::shared_ptr<const SiteSnapshot>& snapshot,
                         std::span<const std::uint32_t> visit,
                         std::span<const std::uint32_t> history) {
  const auto is_shadow = [](const ServedModel& model) {
    return model.strategy.starts_with(kPrefix);
  };
  if (visit.empty() && history.empty()) return;
  if (!snapshot || std::ranges::none_of(snapshot->models(), is_shadow)) return;
  const MutexLock lock(mutex_);
  if (waiting_.size() >= kWaitingMax) return;
  waiting_.push_back({.site = site,
                      .snapshot = snapshot,
                      .visit = {visit.begin(), visit.end()},
                      .history = {history.begin(), history.end()}});
}

void ShadowRunner::run(const Clock& clock) {
  std::vector<Waiting> requests;
  {
    const MutexLock lock(mutex_);
    requests.swap(waiting_);
  }
  for (const Waiting& request : requests) {
    for (const ServedModel& model : request.snapshot->models()) {
      if (!model.strategy.starts_with(kPrefix)) continue;
      const ServedModel* present =
          request.snapshot->find_model(model.strategy.substr(kPrefix.size()));
      if (present != nullptr) compare(request, *present, model, clock);
    }
  }
}

void ShadowRunner::compare(const Waiting& request, const ServedModel& present,
                           const ServedModel& shadow, const Clock& clock) {
  const auto ask = [&](const ServedModel& served, double& us) {
    const auto visit = in_numbers_of(served, request.visit);
    const auto history = in_numbers_of(served, request.history);
    const learn::ModelParams& params = served.model->params;
    const std::int64_t start_us = clock.steady_us();
    const auto answer = served.model->model->recommend(
        learn::Query(visit, history),
        {.count = kCompared, .drop_current = params.drop_current, .drop_seen = params.drop_seen},
        scratch_);
    us = static_cast<double>(clock.steady_us() - start_us);
    std::vector<std::uint32_t> items;
    for (const learn::ScoredItem& each : answer) items.push_back(served.to_snapshot[each.item]);
    std::sort(items.begin(), items.end());
    return items;
  };
  learn::ShadowCounts made{.strategy = present.strategy, .version = shadow.model->version};
  const auto first = ask(present, made.present_us);
  const auto second = ask(shadow, made.answer_us);
  std::vector<std::uint32_t> both;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(both));
  const std::size_t most = std::max(first.size(), second.size());
  made.overlap =
      most == 0 ? 1 : static_cast<double>(both.size()) / static_cast<double>(most);
  made.requests = 1;
  const MutexLock lock(mutex_);
  const auto same = [&](const auto& known) {
    return known.first == request.site && known.second.strategy == made.strategy &&
           known.second.version == made.version;
  };
  const auto at = std::find_if(counted_.begin(), counted_.end(), same);
  if (at == counted_.end()) {
    counted_.emplace_back(request.site, std::move(made));
    return;
  }
  at->second.requests += 1;
  at->second.overlap += made.overlap;
  at->second.answer_us += made.answer_us;
  at->second.present_us += made.present_us;
}

std::vector<learn::ShadowCounts> ShadowRunner::take(const Uuid& site) {
  std::vector<learn::ShadowCounts> taken;
  const MutexLock lock(mutex_);
  std::erase_if(counted_, [&](auto& each) {
    if (each.first != site) return false;
    taken.push_back(std::move(each.second));
    return true;
  });
  return taken;
}

}  // namespace attune::decide
