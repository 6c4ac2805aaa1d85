#include "learn/recommender.h"

#include <algorithm>

#include "learn/blend_model.h"
#include "learn/bytes.h"
#include "learn/neighbour_model.h"
#include "learn/collaborative_model.h"
#include "learn/learned_blend.h"
#include "learn/neural_model.h"
#include "learn/popularity_model.h"
#include "learn/related_model.h"
#include "learn/transition_model.h"

namespace attune::learn {

void SparseSums::begin(std::size_t size) {
  if (stamps_.size() < size) {
    stamps_.resize(size, 0);
    sums_.resize(size);
  }
  touched_.clear();
  if (++stamp_ == 0) {
    std::fill(stamps_.begin(), stamps_.end(), 0U);
    stamp_ = 1;
  }
}

void rank_items(const SparseSums& sums, std::span<const ItemIndex> visit,
                const RecommendOptions& options, std::vector<ScoredItem>& ranked) {
  const auto left_out = [&](ItemIndex item) {
    if (visit.empty()) return false;
    if (options.drop_seen) return std::find(visit.begin(), visit.end(), item) != visit.end();
    return options.drop_current && item == visit.back();
  };
  const auto better = [](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  };
  ranked.clear();
  for (const ItemIndex item : sums.touched()) {
    const double score = sums.get(item);
    if (score > 0 && !left_out(item)) ranked.push_back({item, score});
  }
  const std::size_t count = std::min(options.count, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    ranked.end(), better);
  ranked.resize(count);
}

Result<std::unique_ptr<Recommender>> read_recommender(ByteReader& in) {
  const auto algorithm = in.number<Algorithm>();
  switch (algorithm) {
    case Algorithm::popularity:
    case Algorithm::trending:
      return PopularityModel::read(algorithm, in);
    case Algorithm::neighbours:
      return NeighbourModel::read(in);
    case Algorithm::transitions:
      return TransitionModel::read(in);
    case Algorithm::blend:
      return BlendModel::read(in);
    case Algorithm::neural:
      return NeuralModel::read(in);
    case Algorithm::lambdamart:
      return LearnedBlend::read(in);
    case Algorithm::item_to_item:
    case Algorithm::ease:
    case Algorithm::graph:
    case Algorithm::content:
      return RelatedModel::read(algorithm, in);
    case Algorithm::ials:
      return CollaborativeModel::read(in);
  }
  return fail(ErrorCode::data_loss, "the artefact holds a kind of model that does not exist");
}

}  // namespace attune::learn
