#include "learn/learned_blend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "learn/bytes.h"
#include "learn/models.h"

namespace attune::learn {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// The strategies asked, in the order of their features. `sequential` comes as its two parts, so
// that the trees weigh them.
constexpr std::array kStrategies{Algorithm::neighbours, Algorithm::transitions,
                                 Algorithm::item_to_item, Algorithm::ials,
                                 Algorithm::graph, Algorithm::content, Algorithm::ease};

// A row: share of the best score and 1 / rank for each strategy, then these.
enum Feature : std::size_t {
  kVisitLength = 2 * kStrategies.size(),
  kHistoryLength,
  kStepsBack,      // of the candidate in the visit; missing: not in it
  kInHistory,      // 1 or 0
  kPopularity,
  kTrend,
  kSameCategory,   // as the visit's newest item: 1 or 0
  kSameBrand,
  kPriceRatio,     // to it, logarithm
  kFeatureCount,
};

// Below so many decisions the trees would learn noise: the strategies are weighed evenly.
constexpr std::size_t kDecisionsMin = 50;

ModelParams params_of_strategy(Algorithm algorithm) {
  ModelParams params = params_of(algorithm);
  if (algorithm == Algorithm::neighbours || algorithm == Algorithm::transitions) {
    params = default_params();
    params.algorithm = algorithm;
  }
  return params;
}

/// The first `count` visits; items keep their numbers.
SessionLog first_visits(const SessionLog& log, std::size_t count) {
  SessionLog first = log;
  first.begins.resize(count + 1);
  first.items.resize(first.begins.back());
  first.times_ms.resize(first.begins.back());
  if (!first.kinds.empty()) first.kinds.resize(first.begins.back());
  if (!first.people.empty()) first.people.resize(count);
  return first;
}

/// The visit from which on decisions are learned from: the newest share, at most so many.
std::size_t first_decided(const SessionLog& log, const LearnedBlendParams& params) {
  const auto count = static_cast<double>(log.session_count());
  auto begin = static_cast<std::size_t>(count * (1 - params.share));
  std::size_t decisions = 0;
  for (std::size_t v = log.session_count(); v > begin; --v) {
    decisions += log.session(v - 1).size() - 1;
    if (decisions > params.decisions) begin = v;
  }
  return begin;
}

/// A score for every item from a model that needs no visit, as a logarithm.
std::vector<float> scores_of_all(const SessionLog& log, Algorithm algorithm) {
  std::vector<float> scores(log.item_count());
  const auto model = train_recommender(log, params_of(algorithm));
  Scratch scratch;
  for (const ScoredItem& each : model->recommend({}, {.count = log.item_count()}, scratch)) {
    scores[each.item] = static_cast<float>(std::log1p(each.score));
  }
  return scores;
}

}  // namespace

void LearnedBlend::fit_strategies(const SessionLog& log, const Catalogue& catalogue,
                                  const ModelParams& params) {
  strategies_.clear();
  for (const Algorithm algorithm : kStrategies) {
    const bool wanted = (algorithm != Algorithm::ease || params.learned_blend.ease) &&
                        (algorithm != Algorithm::content || !catalogue.empty());
    if (!wanted) {
      strategies_.push_back(nullptr);
      continue;
    }
    const ModelParams own = params_of_strategy(algorithm);
    strategies_.push_back(train_recommender(log_for(log, catalogue, own), own, catalogue));
  }
  const std::vector<float> popularity = scores_of_all(log, Algorithm::popularity);
  const std::vector<float> trend = scores_of_all(log, Algorithm::trending);
  std::unordered_map<std::string_view, std::uint32_t> names;
  const auto number = [&](std::string_view name) {
    const auto next = static_cast<std::uint32_t>(names.size() + 1);
    return name.empty() ? 0 : names.emplace(name, next).first->second;
  };
  items_.assign(log.item_count(), {});
  for (std::size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    item = {.popularity = popularity[i], .trend = trend[i], .log_price = kMissing};
    const CatalogueItem* known = find_item(catalogue, log.item_ids[i]);
    if (known == nullptr) continue;
    item.category = number(known->category);
    item.brand = number(known->brand);
    if (known->price > 0) item.log_price = static_cast<float>(std::log(known->price));
  }
}

void LearnedBlend::describe(const Query& query, ItemIndex item, std::span<float> row) const {
  const Item& candidate = items_[item];
  row[kVisitLength] = static_cast<float>(query.visit.size());
  row[kHistoryLength] = static_cast<float>(query.history.size());
  row[kInHistory] =
      std::find(query.history.begin(), query.history.end(), item) != query.history.end() ? 1 : 0;
  for (std::size_t back = 0; back < query.visit.size(); ++back) {
    if (query.visit[query.visit.size() - 1 - back] != item) continue;
    row[kStepsBack] = static_cast<float>(back);
    break;
  }
  row[kPopularity] = candidate.popularity;
  row[kTrend] = candidate.trend;
  const auto newest = std::find_if(query.visit.rbegin(), query.visit.rend(),
                                   [&](ItemIndex each) { return each < items_.size(); });
  if (newest == query.visit.rend()) return;
  const Item& last = items_[*newest];
  if (last.category != 0) row[kSameCategory] = last.category == candidate.category ? 1 : 0;
  if (last.brand != 0) row[kSameBrand] = last.brand == candidate.brand ? 1 : 0;
  row[kPriceRatio] = candidate.log_price - last.log_price;
}

/// Fills scratch.items (item -> number of its row + 1) and scratch.rows.
void LearnedBlend::find_candidates(const Query& query, const RecommendOptions& options,
                                   Scratch& scratch) const {
  scratch.items.begin(item_count());
  scratch.rows.clear();
  scratch.nested.resize(std::max(scratch.nested.size(), strategies_.size()));
  RecommendOptions wide = options;
  wide.count = candidates_;
  for (std::size_t s = 0; s < strategies_.size(); ++s) {
    if (!strategies_[s]) continue;
    if (!scratch.nested[s]) scratch.nested[s] = std::make_unique<Scratch>();
    const auto answer = strategies_[s]->recommend(query, wide, *scratch.nested[s]);
    for (std::size_t rank = 0; rank < answer.size(); ++rank) {
      double& row = scratch.items.at(answer[rank].item);
      if (row == 0) {
        scratch.rows.resize(scratch.rows.size() + kFeatureCount, kMissing);
        row = static_cast<double>(scratch.rows.size() / kFeatureCount);
      }
      float* of = scratch.rows.data() + (static_cast<std::size_t>(row) - 1) * kFeatureCount;
      of[2 * s] = static_cast<float>(answer[rank].score / answer.front().score);
      of[2 * s + 1] = 1 / static_cast<float>(rank + 1);
    }
  }
  for (std::size_t i = 0; i < scratch.items.touched().size(); ++i) {
    describe(query, scratch.items.touched()[i],
             std::span(scratch.rows).subspan(i * kFeatureCount, kFeatureCount));
  }
}

RankingData LearnedBlend::decisions(const SessionLog& log, std::size_t begin,
                                    bool drop_current) const {
  RankingData data;
  data.feature_count = kFeatureCount;
  std::vector<std::vector<ItemIndex>> taken(log.people.size());
  Scratch scratch;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    const auto visit = log.session(v);
    std::span<const ItemIndex> history;
    if (!taken.empty()) history = taken[log.people[v]];
    for (std::size_t known = 1; v >= begin && known < visit.size(); ++known) {
      find_candidates({visit.first(known), history}, {.drop_current = drop_current}, scratch);
      const auto& items = scratch.items.touched();
      if (!scratch.items.has(visit[known])) continue;  // nothing to tell apart
      for (const ItemIndex item : items) data.labels.push_back(item == visit[known] ? 1 : 0);
      data.features.insert(data.features.end(), scratch.rows.begin(), scratch.rows.end());
      data.groups.push_back(static_cast<std::uint32_t>(items.size()));
    }
    if (!taken.empty()) {
      auto& own = taken[log.people[v]];
      own.insert(own.end(), visit.begin(), visit.end());
    }
  }
  return data;
}

std::unique_ptr<LearnedBlend> LearnedBlend::train(const SessionLog& log, const Catalogue& catalogue,
                                                  const ModelParams& params,
                                                  const TreeTrainer& trees) {
  auto made = std::make_unique<LearnedBlend>();
  made->candidates_ = params.learned_blend.candidates;
  const std::size_t begin = first_decided(log, params.learned_blend);
  made->fit_strategies(first_visits(log, begin), catalogue, params);
  const RankingData data = made->decisions(log, begin, params.drop_current);
  if (data.groups.size() >= kDecisionsMin) made->trees_ = trees(data, params.learned_blend);
  made->fit_strategies(log, catalogue, params);
  return made;
}

std::span<const ScoredItem> LearnedBlend::recommend(const Query& query,
                                                    const RecommendOptions& options,
                                                    Scratch& scratch) const {
  find_candidates(query, options, scratch);
  scratch.ranked.clear();
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < scratch.items.touched().size(); ++i) {
    const auto row = std::span(scratch.rows).subspan(i * kFeatureCount, kFeatureCount);
    double score = 0;
    if (trees_.tree_count() > 0) {
      score = trees_.score(row);
    } else {
      for (std::size_t s = 0; s < strategies_.size(); ++s) {
        if (!std::isnan(row[2 * s])) score += row[2 * s];
      }
    }
    best = std::max(best, score);
    scratch.ranked.push_back({scratch.items.touched()[i], score});
  }
  const auto better = [](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  };
  const std::size_t count = std::min(options.count, scratch.ranked.size());
  std::partial_sort(scratch.ranked.begin(),
                    scratch.ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    scratch.ranked.end(), better);
  scratch.ranked.resize(count);
  for (ScoredItem& each : scratch.ranked) each.score = std::exp(each.score - best);
  return scratch.ranked;
}

Cause LearnedBlend::cause(ItemIndex item, const Scratch& scratch) const {
  for (std::size_t s = 0; s < std::min(strategies_.size(), scratch.nested.size()); ++s) {
    if (!strategies_[s] || !scratch.nested[s]) continue;
    const Cause cause = strategies_[s]->cause(item, *scratch.nested[s]);
    if (cause.kind != Cause::Kind::none) return cause;
  }
  return {};
}

void LearnedBlend::write(ByteWriter& out) const {
  out.number(Algorithm::lambdamart);
  out.number(candidates_);
  trees_.write(out);
  out.number(static_cast<std::uint64_t>(items_.size()));
  for (const Item& item : items_) {
    out.number(item.popularity);
    out.number(item.trend);
    out.number(item.log_price);
    out.number(item.category);
    out.number(item.brand);
  }
  for (const auto& strategy : strategies_) {
    out.number(static_cast<std::uint8_t>(strategy != nullptr));
    if (strategy) strategy->write(out);
  }
}

Result<std::unique_ptr<Recommender>> LearnedBlend::read(ByteReader& in) {
  auto made = std::make_unique<LearnedBlend>();
  made->candidates_ = in.number<std::uint32_t>();
  ATTUNE_ASSIGN(made->trees_, TreeEnsemble::read(in, kFeatureCount));
  const auto count = in.number<std::uint64_t>();
  if (count > in.left()) return fail(ErrorCode::data_loss, "the blend of the artefact is cut");
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Item item;
    item.popularity = in.number<float>();
    item.trend = in.number<float>();
    item.log_price = in.number<float>();
    item.category = in.number<std::uint32_t>();
    item.brand = in.number<std::uint32_t>();
    made->items_.push_back(item);
  }
  for (std::size_t s = 0; s < kStrategies.size() && in.ok(); ++s) {
    made->strategies_.emplace_back();
    if (in.number<std::uint8_t>() == 0) continue;
    // Plain models: a blend of blends would let a file recurse as deep as it is long.
    ByteReader peek = in;
    if (peek.number<Algorithm>() == Algorithm::lambdamart) {
      return fail(ErrorCode::data_loss, "a blend of the artefact holds another blend");
    }
    ATTUNE_ASSIGN(made->strategies_.back(), read_recommender(in));
    if (made->strategies_.back()->item_count() != count) {
      return fail(ErrorCode::data_loss, "the blend of the artefact is not consistent");
    }
  }
  if (!in.ok() || made->candidates_ == 0) {
    return fail(ErrorCode::data_loss, "the blend of the artefact is not consistent");
  }
  return std::unique_ptr<Recommender>(std::move(made));
}

}  // namespace attune::learn
