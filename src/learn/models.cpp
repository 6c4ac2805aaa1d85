#include "learn/models.h"

#include "learn/blend_model.h"
#include "learn/neighbour_model.h"
#include "learn/popularity_model.h"
#include "learn/transition_model.h"

namespace attune::learn {

std::unique_ptr<SessionModel> train_model(const SessionLog& log, const ModelParams& params) {
  switch (params.algorithm) {
    case Algorithm::popularity:
      return PopularityModel::train(log, params.half_life_days);
    case Algorithm::neighbours:
      return NeighbourModel::train(log, params.neighbours);
    case Algorithm::transitions:
      return TransitionModel::train(log, params.transitions);
    case Algorithm::blend:
      break;
  }
  return std::make_unique<BlendModel>(NeighbourModel::train(log, params.neighbours),
                                      TransitionModel::train(log, params.transitions),
                                      params.transition_weight);
}

}  // namespace attune::learn
