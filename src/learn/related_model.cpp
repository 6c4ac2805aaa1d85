#include "learn/related_model.h"

#include <algorithm>
#include <cmath>

#include "learn/bytes.h"

namespace attune::learn {
namespace {

Cause::Kind kind_of(Algorithm algorithm, bool bought) {
  switch (algorithm) {
    case Algorithm::item_to_item:
      return bought ? Cause::Kind::bought_together : Cause::Kind::viewed_together;
    case Algorithm::graph:
      return Cause::Kind::connected;
    case Algorithm::content:
      return Cause::Kind::similar;
    default:
      return Cause::Kind::taken_together;
  }
}

bool is_query_param(const RelatedParams& params) {
  return std::isfinite(params.last_decay) && params.last_decay >= 0 && params.last_decay <= 1 &&
         std::isfinite(params.history_weight) && params.history_weight >= 0 &&
         params.history_weight <= 1;
}

}  // namespace

void RelatedModel::Lists::add(std::vector<RelatedItem>& list, std::size_t kept) {
  const auto stronger = [](const RelatedItem& a, const RelatedItem& b) {
    const float left = std::abs(a.weight);
    const float right = std::abs(b.weight);
    return left != right ? left > right : a.item < b.item;
  };
  const std::size_t count = std::min(kept, list.size());
  const auto middle = list.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(list.begin(), middle, list.end(), stronger);
  entries.insert(entries.end(), list.begin(), middle);
  begins.push_back(static_cast<std::uint32_t>(entries.size()));
}

RelatedModel::RelatedModel(Algorithm algorithm, const RelatedParams& params, Lists lists)
    : algorithm_(algorithm), params_(params), lists_(std::move(lists)) {}

void weigh_query(const Query& query, const RelatedParams& params, std::size_t item_count,
                 Scratch& scratch) {
  scratch.visit.clear();
  scratch.weights.clear();
  const auto take = [&](ItemIndex item, double weight) {
    const bool known = item < item_count;
    if (!known || std::ranges::find(scratch.visit, item) != scratch.visit.end()) return false;
    scratch.visit.push_back(item);
    scratch.weights.push_back(weight);
    return true;
  };
  double weight = 1;
  for (std::size_t i = query.visit.size(); i-- > 0 && scratch.visit.size() < params.last_items;) {
    if (take(query.visit[i], weight)) weight *= params.last_decay;
  }
  const std::size_t all_max = scratch.visit.size() + params.history_items;
  for (std::size_t i = query.history.size(); i-- > 0 && scratch.visit.size() < all_max;) {
    take(query.history[i], params.history_weight);
  }
}

std::span<const ScoredItem> RelatedModel::recommend(const Query& query,
                                                    const RecommendOptions& options,
                                                    Scratch& scratch) const {
  weigh_query(query, params_, item_count(), scratch);
  scratch.items.begin(item_count());
  for (std::size_t i = 0; i < scratch.visit.size(); ++i) {
    for (const RelatedItem& entry : related(scratch.visit[i])) {
      scratch.items.at(entry.item) += scratch.weights[i] * entry.weight;
    }
  }
  rank_items(scratch.items, query.visit, options, scratch.ranked);
  return scratch.ranked;
}

Cause RelatedModel::cause(ItemIndex item, const Scratch& scratch) const {
  Cause best;
  double most = 0;
  for (std::size_t i = 0; i < scratch.visit.size() && i < scratch.weights.size(); ++i) {
    const ItemIndex via = scratch.visit[i];
    if (via >= item_count()) continue;
    for (const RelatedItem& entry : related(via)) {
      const double part = scratch.weights[i] * entry.weight;
      if (entry.item != item || part <= most) continue;
      most = part;
      best = {.kind = kind_of(algorithm_, entry.bought), .via = via, .count = entry.count};
      if (!lists_.viewers.empty()) {
        best.of = entry.bought ? lists_.buyers[via] : lists_.viewers[via];
      }
    }
  }
  return best;
}

void RelatedModel::write(ByteWriter& out) const {
  out.number(algorithm_);
  out.number(params_.last_items);
  out.number(params_.last_decay);
  out.number(params_.history_items);
  out.number(params_.history_weight);
  out.numbers(lists_.begins);
  std::vector<ItemIndex> items;
  std::vector<float> weights;
  std::vector<std::uint32_t> counts;
  std::vector<std::uint8_t> bought;
  const bool counted = !lists_.viewers.empty();
  for (const RelatedItem& entry : lists_.entries) {
    items.push_back(entry.item);
    weights.push_back(entry.weight);
    if (!counted) continue;
    counts.push_back(entry.count);
    bought.push_back(entry.bought ? 1 : 0);
  }
  out.numbers(items);
  out.numbers(weights);
  out.numbers(counts);
  out.numbers(bought);
  out.numbers(lists_.viewers);
  out.numbers(lists_.buyers);
}

Result<std::unique_ptr<Recommender>> RelatedModel::read(Algorithm algorithm, ByteReader& in) {
  RelatedParams params;
  params.last_items = in.number<std::uint32_t>();
  params.last_decay = in.number<double>();
  params.history_items = in.number<std::uint32_t>();
  params.history_weight = in.number<double>();
  Lists lists;
  lists.begins = in.numbers<std::uint32_t>();
  const auto items = in.numbers<ItemIndex>();
  const auto weights = in.numbers<float>();
  const auto counts = in.numbers<std::uint32_t>();
  const auto bought = in.numbers<std::uint8_t>();
  lists.viewers = in.numbers<std::uint32_t>();
  lists.buyers = in.numbers<std::uint32_t>();
  const auto& begins = lists.begins;
  const bool counted = !lists.viewers.empty();
  const std::size_t size = items.size();
  bool sound = in.ok() && is_query_param(params) && !begins.empty() && begins.front() == 0 &&
               begins.back() == size && std::ranges::is_sorted(begins) && weights.size() == size &&
               counts.size() == (counted ? size : 0) && bought.size() == counts.size() &&
               lists.viewers.size() == lists.buyers.size() &&
               (!counted || lists.viewers.size() == lists.item_count());
  for (std::size_t i = 0; sound && i < size; ++i) {
    sound = items[i] < lists.item_count() && std::isfinite(weights[i]);
    lists.entries.push_back({items[i], weights[i], counted ? counts[i] : 0,
                             counted && bought[i] != 0});
  }
  if (!sound) {
    return fail(ErrorCode::data_loss, "the lists of related items in the artefact do not fit");
  }
  return std::make_unique<RelatedModel>(algorithm, params, std::move(lists));
}

}  // namespace attune::learn
