#include "learn/collaborative_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "learn/bytes.h"
#include "learn/person_items.h"

namespace attune::learn {
namespace {

IalsParams ials_params(const CollaborativeParams& params) {
  return {.factors = params.factors,
          .epochs = params.epochs,
          .unobserved = params.unobserved,
          .lambda = params.lambda};
}

bool is_left_out(ItemIndex item, std::span<const ItemIndex> visit,
                 const RecommendOptions& options) {
  if (visit.empty()) return false;
  if (options.drop_seen) return std::ranges::find(visit, item) != visit.end();
  return options.drop_current && item == visit.back();
}

}  // namespace

CollaborativeModel::CollaborativeModel(const CollaborativeParams& params, std::size_t item_count,
                                       std::vector<ItemIndex> items, ItemFactors factors)
    : params_(params),
      items_(std::move(items)),
      numbers_(item_count, kNoItem),
      factors_(std::make_shared<const ItemFactors>(std::move(factors))) {
  for (std::size_t i = 0; i < items_.size(); ++i) numbers_[items_[i]] = static_cast<ItemIndex>(i);
  model_ = make_ials(factors_, ials_params(params_));
}

std::unique_ptr<Recommender> CollaborativeModel::train(const SessionLog& log,
                                                       const CollaborativeParams& params) {
  const PreferenceMatrix taken = person_items(log, ClickKind::view, params.person_items);
  std::vector<ItemIndex> items = most_taken(taken, params.items);
  ItemFactors factors{params.factors, {}};
  if (!items.empty()) {
    auto trained = train_item_factors(only_items(taken, items), ials_params(params));
    // Parameters are in range: parse_params saw to it.
    if (trained) factors = std::move(*trained);
    if (!trained) items.clear();
  }
  return std::unique_ptr<Recommender>(
      new CollaborativeModel(params, log.item_count(), std::move(items), std::move(factors)));
}

std::span<const ScoredItem> CollaborativeModel::recommend(const Query& query,
                                                          const RecommendOptions& options,
                                                          Scratch& scratch) const {
  scratch.visit.clear();   // places in `items_` until the end
  scratch.ranked.clear();
  const auto take = [&](std::span<const ItemIndex> items) {
    for (std::size_t i = items.size(); i-- > 0 && scratch.visit.size() < params_.last_items;) {
      const ItemIndex number = items[i] < numbers_.size() ? numbers_[items[i]] : kNoItem;
      const bool is_new = std::ranges::find(scratch.visit, number) == scratch.visit.end();
      if (number != kNoItem && is_new) scratch.visit.push_back(number);
    }
  };
  take(query.visit);
  take(query.history);
  if (scratch.visit.empty() || options.count == 0) return {};
  scratch.scores.resize(items_.size());
  model_->score(scratch.visit, scratch.scores);
  for (ItemIndex& item : scratch.visit) item = items_[item];
  const auto better = [](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  };
  // The worst of the best so far is at the front.
  std::vector<ScoredItem>& best = scratch.ranked;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const ScoredItem found{items_[i], scratch.scores[i]};
    const bool full = best.size() == options.count;
    if (!(found.score > 0) || (full && !better(found, best.front())) ||
        is_left_out(found.item, query.visit, options)) {
      continue;
    }
    if (full) {
      std::ranges::pop_heap(best, better);
      best.back() = found;
    } else {
      best.push_back(found);
    }
    std::ranges::push_heap(best, better);
  }
  std::ranges::sort_heap(best, better);
  return best;
}

Cause CollaborativeModel::cause(ItemIndex item, const Scratch& scratch) const {
  Cause best;
  const ItemIndex number = item < numbers_.size() ? numbers_[item] : kNoItem;
  if (number == kNoItem) return best;
  const std::span<const float> own = factors_->of(number);
  double most = -std::numeric_limits<double>::infinity();
  for (const ItemIndex via : scratch.visit) {
    if (via >= numbers_.size() || numbers_[via] == kNoItem) continue;
    const std::span<const float> theirs = factors_->of(numbers_[via]);
    // The item itself is the cause only where there is no other.
    const double near = via == item ? std::numeric_limits<double>::lowest()
                                    : std::inner_product(own.begin(), own.end(),
                                                         theirs.begin(), 0.0);
    if (near <= most) continue;
    most = near;
    best = {.kind = Cause::Kind::taken_together, .via = via};
  }
  return best;
}

void CollaborativeModel::write(ByteWriter& out) const {
  out.number(Algorithm::ials);
  out.number(params_.factors);
  out.number(params_.unobserved);
  out.number(params_.lambda);
  out.number(params_.last_items);
  std::vector<std::uint8_t> known;
  for (const ItemIndex number : numbers_) known.push_back(number == kNoItem ? 0 : 1);
  out.numbers(known);
  out.numbers(factors_->values);
}

Result<std::unique_ptr<Recommender>> CollaborativeModel::read(ByteReader& in) {
  CollaborativeParams params;
  params.factors = in.number<std::uint32_t>();
  params.unobserved = in.number<double>();
  params.lambda = in.number<double>();
  params.last_items = in.number<std::uint32_t>();
  const auto known = in.numbers<std::uint8_t>();
  std::vector<ItemIndex> items;
  for (std::size_t item = 0; item < known.size(); ++item) {
    if (known[item] != 0) items.push_back(static_cast<ItemIndex>(item));
  }
  ItemFactors factors{std::max(params.factors, 1U), in.numbers<float>()};
  const auto finite = [](float value) { return std::isfinite(value); };
  const bool sound =
      in.ok() && params.factors > 0 && params.factors <= 2048 &&
      std::isfinite(params.unobserved) && params.unobserved > 0 && std::isfinite(params.lambda) &&
      params.lambda > 0 && factors.values.size() == items.size() * params.factors &&
      std::ranges::all_of(factors.values, finite);
  if (!sound) return fail(ErrorCode::data_loss, "the factors of the artefact are not consistent");
  return std::unique_ptr<Recommender>(
      new CollaborativeModel(params, known.size(), std::move(items), std::move(factors)));
}

}  // namespace attune::learn
