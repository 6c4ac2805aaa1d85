#include "learn/popularity_model.h"

#include <algorithm>
#include <cmath>

#include "learn/bytes.h"
#include "learn/model_params.h"
#include "learn/weights.h"

namespace attune::learn {

std::unique_ptr<PopularityModel> PopularityModel::train(const SessionLog& log,
                                                        double half_life_days) {
  std::unique_ptr<PopularityModel> model(new PopularityModel);
  model->scores_.assign(log.item_count(), 0);
  const std::size_t sessions = log.session_count();
  const std::int64_t newest_ms = sessions == 0 ? 0 : log.end_ms(sessions - 1);
  std::vector<std::size_t> last_visit(log.item_count(), sessions);
  for (std::size_t v = 0; v < sessions; ++v) {
    const double age_days = static_cast<double>(newest_ms - log.end_ms(v)) / kDayMs;
    const double weight = std::exp2(-age_days / half_life_days);
    for (const ItemIndex item : log.session(v)) {
      if (last_visit[item] == v) continue;
      last_visit[item] = v;
      model->scores_[item] += weight;
    }
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

std::span<const ScoredItem> PopularityModel::recommend(std::span<const ItemIndex> visit,
                                                       const RecommendOptions& options,
                                                       Scratch& scratch) const {
  // Enough of the ranking's head to fill the answer after what is left out of it.
  scratch.items.begin(item_count());
  const std::size_t left_out_max = options.drop_seen ? visit.size() : options.drop_current ? 1 : 0;
  const std::size_t head = std::min(ranking_.size(), options.count + left_out_max);
  for (std::size_t i = 0; i < head; ++i) scratch.items.at(ranking_[i].item) = ranking_[i].score;
  rank_items(scratch.items, visit, options, scratch.ranked);
  return scratch.ranked;
}

void PopularityModel::write(ByteWriter& out) const {
  out.number(Algorithm::popularity);
  out.numbers(scores_);
}

Result<std::unique_ptr<SessionModel>> PopularityModel::read(ByteReader& in) {
  std::unique_ptr<PopularityModel> model(new PopularityModel);
  model->scores_ = in.numbers<double>();
  const auto is_score = [](double score) { return std::isfinite(score) && score >= 0; };
  if (!in.ok() || !std::all_of(model->scores_.begin(), model->scores_.end(), is_score)) {
    return fail(ErrorCode::data_loss, "the popularity table of the artefact is not consistent");
  }
  model->rank();
  return std::unique_ptr<SessionModel>(std::move(model));
}

}  // namespace attune::learn
