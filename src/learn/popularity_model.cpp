#include "learn/popularity_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/bytes.h"
#include "learn/model_params.h"
#include "learn/weights.h"

namespace attune::learn {

namespace {

/// Visits of each item, an item once a visit, halved for every half life of age.
std::vector<double> decayed_visits(const SessionLog& log, double half_life_days) {
  std::vector<double> scores(log.item_count(), 0);
  const std::size_t sessions = log.session_count();
  const std::int64_t newest_ms = sessions == 0 ? 0 : log.end_ms(sessions - 1);
  std::vector<std::size_t> last_visit(log.item_count(), sessions);
  for (std::size_t v = 0; v < sessions; ++v) {
    const double age_days = static_cast<double>(newest_ms - log.end_ms(v)) / kDayMs;
    const double weight = std::exp2(-age_days / half_life_days);
    for (const ItemIndex item : log.session(v)) {
      if (last_visit[item] == v) continue;
      last_visit[item] = v;
      scores[item] += weight;
    }
  }
  return scores;
}

}  // namespace

std::unique_ptr<PopularityModel> PopularityModel::train(const SessionLog& log,
                                                        double half_life_days) {
  std::unique_ptr<PopularityModel> model(new PopularityModel(Algorithm::popularity));
  model->scores_ = decayed_visits(log, half_life_days);
  model->rank();
  return model;
}

std::unique_ptr<PopularityModel> PopularityModel::train_trending(const SessionLog& log,
                                                                 const TrendingParams& params) {
  std::unique_ptr<PopularityModel> model(new PopularityModel(Algorithm::trending));
  const std::vector<double> lately = decayed_visits(log, params.half_life_hours / 24);
  const std::vector<double> always = decayed_visits(log, params.long_days);
  const auto sum = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  // A busy hour of the whole shop is no trend of an item: rates are shares of all visits.
  const double scale = sum(lately) / std::max(sum(always), 1e-9);
  for (std::size_t i = 0; i < lately.size(); ++i) {
    const double expected = always[i] * scale;
    const double more = (lately[i] - expected) / std::sqrt(expected + params.prior_visits);
    model->scores_.push_back(std::max(0.0, more));
  }
  model->rank();
  return model;
}

void PopularityModel::rank() {
  ranking_.clear();
  for (ItemIndex item = 0; item < scores_.size(); ++item) {
    if (scores_[item] > 0) ranking_.push_back({item, scores_[item]});
  }
  std::stable_sort(ranking_.begin(), ranking_.end(),
                   [](const ScoredItem& a, const ScoredItem& b) { return a.score > b.score; });
}

std::span<const ScoredItem> PopularityModel::recommend(const Query& query,
                                                       const RecommendOptions& options,
                                                       Scratch& scratch) const {
  const std::span<const ItemIndex> visit = query.visit;
  // Enough of the ranking's head to fill the answer after what is left out of it.
  scratch.items.begin(item_count());
  const std::size_t left_out_max = options.drop_seen ? visit.size() : options.drop_current ? 1 : 0;
  const std::size_t head = std::min(ranking_.size(), options.count + left_out_max);
  for (std::size_t i = 0; i < head; ++i) scratch.items.at(ranking_[i].item) = ranking_[i].score;
  rank_items(scratch.items, visit, options, scratch.ranked);
  return scratch.ranked;
}

void PopularityModel::write(ByteWriter& out) const {
  out.number(algorithm_);
  out.numbers(scores_);
}

Result<std::unique_ptr<Recommender>> PopularityModel::read(Algorithm algorithm, ByteReader& in) {
  std::unique_ptr<PopularityModel> model(new PopularityModel(algorithm));
  model->scores_ = in.numbers<double>();
  const auto is_score = [](double score) { return std::isfinite(score) && score >= 0; };
  if (!in.ok() || !std::all_of(model->scores_.begin(), model->scores_.end(), is_score)) {
    return fail(ErrorCode::data_loss, "the popularity table of the artefact is not consistent");
  }
  model->rank();
  return std::unique_ptr<Recommender>(std::move(model));
}

}  // namespace attune::learn
