// Trains learn::NeuralModel with libtorch. No torch type leaves the source file.
#pragma once

#include <memory>

#include "learn/model_params.h"
#include "learn/neural_model.h"
#include "learn/progress.h"
#include "learn/session_log.h"

namespace attune::neural {

/// Sets threads and how memory is kept. Call it before memory is bounded: libtorch makes a pool of
/// threads then, and waits for ever for one that got no stack.
void prepare_libtorch();

/// Trains on the whole log. With patience, the number of epochs is found first, by the MRR@20 of
/// the newest tenth of the visits, of a model trained on the others. Deterministic. One thread,
/// because the machine is the one that serves.
std::unique_ptr<learn::Recommender> train_sequence_model(const learn::SessionLog& log,
                                                         const learn::NeuralParams& params,
                                                         const learn::ProgressSink& progress = {});

/// A logit of every item after `visit`, of untrained weights made with the seed, and these weights:
/// what tests hold the other forward pass against.
struct ReferencePass {
  learn::NeuralWeights weights;
  std::vector<float> logits;
};
ReferencePass reference_pass(std::size_t item_count, const learn::NeuralParams& params,
                             const std::vector<learn::ItemIndex>& visit);

}  // namespace attune::neural
