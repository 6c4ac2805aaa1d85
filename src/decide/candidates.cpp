#include "decide/candidates.h"

#include <algorithm>

namespace attune::decide {
namespace {

/// The rules of every answer.
class Filter {
 public:
  Filter(const SiteSnapshot* snapshot, const Trail& trail, ItemKey current)
      : snapshot_(snapshot), trail_(trail), current_(current) {}

  bool allows(ItemKey key, std::uint32_t number) const {
    if (key == current_) return false;
    const auto purchases = trail_.purchases();
    if (std::find(purchases.begin(), purchases.end(), key) != purchases.end()) return false;
    if (snapshot_ == nullptr || number == learn::kNoItem) return true;
    return snapshot_->item(number).recommendable && !snapshot_->bought(trail_.visitor, key) &&
           !snapshot_->bought(trail_.user, key);
  }

 private:
  const SiteSnapshot* snapshot_;
  const Trail& trail_;
  ItemKey current_;
};

/// More than are wanted, for those that the rules take out again.
constexpr std::size_t kSpare = 50;

void add_sequential(const SiteView& view, const Filter& filter, const CandidateOptions& options,
                    CandidateScratch& scratch) {
  const learn::SiteModel* model = view.snapshot ? view.snapshot->model() : nullptr;
  if (model == nullptr || scratch.visit.empty()) return;
  const auto answer = model->model->recommend(
      scratch.visit, {.count = options.count + kSpare, .drop_current = false}, scratch.model);
  double best =
      0;  // of those that may be shown: the newest item itself often has the highest score
  for (const learn::ScoredItem& found : answer) {
    const ItemKey key = view.snapshot->item(found.item).key;
    if (!filter.allows(key, found.item)) continue;
    if (best == 0) best = found.score;
    Candidate candidate;
    candidate.key = key;
    candidate.number = found.item;
    candidate.raw_score = found.score;
    candidate.score = (1 - options.popular_weight) * found.score / best;
    candidate.strategy = Strategy::sequential;
    scratch.candidates.push_back(candidate);
    scratch.seen.at(found.item) = static_cast<double>(scratch.candidates.size());
  }
}

void add_popular(const SiteView& view, const Filter& filter, const CandidateOptions& options,
                 CandidateScratch& scratch) {
  if (view.popular.empty()) return;
  const double weight = scratch.candidates.empty() ? 1 : options.popular_weight;
  const double best = view.popular.front().score;
  for (const PopularItem& item : view.popular) {
    const double score = weight * item.score / best;
    if (item.number != learn::kNoItem && scratch.seen.has(item.number)) {
      const auto at = static_cast<std::size_t>(scratch.seen.get(item.number)) - 1;
      scratch.candidates[at].score += score;
      scratch.candidates[at].popular = &item;
      continue;
    }
    if (!filter.allows(item.key, item.number)) continue;
    Candidate candidate;
    candidate.key = item.key;
    candidate.number = item.number;
    candidate.popular = &item;
    candidate.raw_score = item.score;
    candidate.score = score;
    scratch.candidates.push_back(candidate);
    if (item.number != learn::kNoItem) {
      scratch.seen.at(item.number) = static_cast<double>(scratch.candidates.size());
    }
  }
}

/// Fills up with items that nobody has looked at lately, so that a new shop shows its catalogue.
void add_catalogue(const SiteView& view, const Filter& filter, const CandidateOptions& options,
                   CandidateScratch& scratch) {
  const std::size_t known = view.snapshot ? view.snapshot->item_count() : 0;
  for (std::uint32_t number = 0; number < known && scratch.candidates.size() < options.count;
       ++number) {
    const SnapshotItem& item = view.snapshot->item(number);
    if (!item.in_catalogue || scratch.seen.has(number) || !filter.allows(item.key, number))
      continue;
    Candidate candidate;
    candidate.key = item.key;
    candidate.number = number;
    candidate.strategy = Strategy::catalogue;
    scratch.candidates.push_back(candidate);
  }
}

}  // namespace

std::string_view to_string(Strategy strategy) {
  switch (strategy) {
    case Strategy::sequential:
      return "sequential";
    case Strategy::popular:
      return "popular";
    case Strategy::catalogue:
      return "catalogue";
  }
  return "popular";
}

std::span<const Candidate> find_candidates(const SiteView& view, const Trail& trail,
                                           ItemKey current, const CandidateOptions& options,
                                           CandidateScratch& scratch) {
  const SiteSnapshot* snapshot = view.snapshot.get();
  const Filter filter(snapshot, trail, current);
  scratch.candidates.clear();
  scratch.visit.clear();
  scratch.seen.begin(snapshot == nullptr ? 0 : snapshot->item_count());
  if (snapshot != nullptr) {
    const auto add_to_visit = [&](ItemKey key) {
      if (const std::uint32_t number = snapshot->find(key); number != learn::kNoItem) {
        scratch.visit.push_back(number);
      }
    };
    for (const ItemKey key : trail.recent()) add_to_visit(key);
    const bool ends_with_current =
        trail.item_count > 0 && trail.items[trail.item_count - 1U] == current;
    if (current != 0 && !ends_with_current) add_to_visit(current);
  }
  add_sequential(view, filter, options, scratch);
  add_popular(view, filter, options, scratch);
  add_catalogue(view, filter, options, scratch);
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.key < b.key;
  };
  auto& all = scratch.candidates;
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(options.count, all.size()));
  std::partial_sort(all.begin(), end, all.end(), better);
  all.erase(end, all.end());
  return all;
}

}  // namespace attune::decide
