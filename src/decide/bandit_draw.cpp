#include "decide/bandit_draw.h"

#include <algorithm>
#include <functional>

#include "base/ensure.h"
#include "learn/bandit_features.h"

namespace attune::decide {
namespace {

learn::BanditItem item_of(const SnapshotItem& item) {
  return {item.category, item.brand, item.product.price.value_or(0)};
}

void add_items(const SiteView& view, std::span<const ItemKey> keys,
               std::vector<learn::BanditItem>& out) {
  if (!view.snapshot) return;
  for (const ItemKey key : keys) {
    const std::uint32_t number = view.snapshot->find(key);
    if (number != learn::kNoItem) out.push_back(item_of(view.snapshot->item(number)));
  }
}

/// The 50 numbers of the known user, else of the visitor; empty when the tables know neither.
std::vector<double> numbers_of(const SiteView& view, const CandidateQuery& query) {
  if (!view.snapshot || query.trail == nullptr || query.clock == nullptr) return {};
  const learn::PersonFacts* person = view.snapshot->facts(query.trail->user);
  if (person == nullptr) person = view.snapshot->facts(query.trail->visitor);
  if (person == nullptr) return {};
  const auto numbers =
      learn::profile_vector(person->facts, person->orders, query.clock->now_ms() * 1000);
  return {numbers.begin(), numbers.end()};
}

learn::BanditCandidate candidate_of(const SiteView& view, const Candidate& candidate) {
  learn::BanditCandidate made;
  made.score = std::clamp(candidate.score, 0.0, 1.0);
  if (candidate.popular != nullptr && view.popular.front().score > 0) {
    made.popularity = candidate.popular->score / view.popular.front().score;
  }
  if (candidate.number == learn::kNoItem) return made;
  const SnapshotItem& item = view.snapshot->item(candidate.number);
  made.item = item_of(item);
  made.price_position =
      learn::price_position(made.item.price, view.snapshot->usual_price(item.category));
  return made;
}

}  // namespace

void score_with_bandit(const BanditBook& book, const Uuid& site, learn::BanditKind kind,
                       const SiteView& view, const CandidateQuery& query,
                       std::span<const Candidate> candidates, double exploration,
                       std::uint64_t seed, BanditDraw& out) {
  const auto bandit = book.serving(site, query.placement->name, kind);
  learn::BanditVisitor visitor;
  add_items(view, query.visit, visitor.visit);
  add_items(view, query.history, visitor.history);
  visitor.profile = numbers_of(view, query);
  out.trace = BanditTrace{.placement = query.placement->name, .kind = kind};
  out.trace.rewards = query.placement->bandit_rewards;
  out.trace.half_life_h = query.placement->bandit_half_life_h;
  out.trace.updates = bandit->updates();
  out.trace.context = learn::bandit_context(visitor);
  const learn::BanditTaste taste(visitor);
  out.features.clear();
  for (const Candidate& candidate : candidates) {
    taste.append(candidate_of(view, candidate), out.features);
  }
  std::vector<learn::BanditArm> arms;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    arms.push_back({candidates[i].key,
                    std::span<const float>(out.features)
                        .subspan(i * learn::kBanditFeatureSize, learn::kBanditFeatureSize)});
  }
  const auto done = bandit->score(out.trace.context, arms, seed, out.scores);
  ensure(done.has_value(), "features are of the size and range that policies take");
  out.scores.floor = std::max(out.scores.floor, exploration);
  out.candidate_count = candidates.size();
}

void finish_trace(std::span<const Drawn> drawn, BanditDraw& out) {
  out.trace.features.clear();
  out.trace.blend.clear();
  std::vector<double> best = out.scores.means;
  std::size_t count = 0;
  double shown = 0;
  for (const Drawn& slot : drawn) {
    out.trace.blend.push_back(slot.blend);
    if (slot.is_pinned) {
      out.trace.features.emplace_back();
      continue;
    }
    const auto begin = out.features.begin() +
                       static_cast<std::ptrdiff_t>(slot.candidate * learn::kBanditFeatureSize);
    out.trace.features.emplace_back(begin, begin + learn::kBanditFeatureSize);
    shown += out.scores.means[slot.candidate];
    ++count;
  }
  const auto end = best.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(best.begin(), end, best.end(), std::greater<>());
  for (auto at = best.begin(); at != end; ++at) out.trace.given_up += *at;
  out.trace.given_up -= shown;
}

}  // namespace attune::decide
