#include "learn/models.h"

#include "base/ensure.h"
#include "learn/blend_model.h"
#include "learn/collaborative_model.h"
#include "learn/neighbour_model.h"
#include "learn/popularity_model.h"
#include "learn/related_trainers.h"
#include "learn/transition_model.h"

namespace attune::learn {

std::unique_ptr<Recommender> train_recommender(const SessionLog& log, const ModelParams& params,
                                               const Catalogue& catalogue,
                                               const NeuralTrainer& neural) {
  switch (params.algorithm) {
    case Algorithm::popularity:
      return PopularityModel::train(log, params.half_life_days);
    case Algorithm::trending:
      return PopularityModel::train_trending(log, params.trending);
    case Algorithm::neighbours:
      return NeighbourModel::train(log, params.neighbours);
    case Algorithm::transitions:
      return TransitionModel::train(log, params.transitions);
    case Algorithm::neural:
    case Algorithm::lambdamart:
      ensure(static_cast<bool>(neural), "trained by attune-neural only");
      return neural(log, catalogue, params);
    case Algorithm::item_to_item:
      return train_item_to_item(log, params);
    case Algorithm::ials:
      return CollaborativeModel::train(log, params.collaborative);
    case Algorithm::ease:
      return train_ease_lists(log, params);
    case Algorithm::graph:
      return train_graph_walk(log, catalogue, params);
    case Algorithm::content:
      return train_content(log, catalogue, params);
    case Algorithm::blend:
      break;
  }
  return std::make_unique<BlendModel>(NeighbourModel::train(log, params.neighbours),
                                      TransitionModel::train(log, params.transitions),
                                      params.transition_weight);
}

SessionLog log_for(const SessionLog& log, const Catalogue& catalogue, const ModelParams& params) {
  switch (params.algorithm) {
    case Algorithm::neighbours:
    case Algorithm::transitions:
    case Algorithm::blend:
    case Algorithm::neural:
      return long_visits(log, 2);
    case Algorithm::graph:
    case Algorithm::content:
    case Algorithm::lambdamart: {
      std::vector<std::string> ids;
      for (const CatalogueItem& item : catalogue) ids.push_back(item.id);
      return with_items(log, ids);
    }
    default:
      return log;
  }
}

}  // namespace attune::learn
