// Training: a site's data and hyperparameters in, an immutable model out.
#pragma once

#include <functional>
#include <memory>

#include "learn/catalogue.h"
#include "learn/model_params.h"
#include "learn/recommender.h"
#include "learn/session_log.h"

namespace attune::learn {

/// Trains what needs_program. Only the program attune-neural has one, because it needs libtorch and
/// XGBoost; others have it trained in a child process (learn/neural_child.h).
using NeuralTrainer = std::function<std::unique_ptr<Recommender>(
    const SessionLog&, const Catalogue&, const ModelParams&)>;

/// Trains the model that `params` names. Deterministic: the same log and parameters give the same
/// model, byte for byte. The clock is the log's: ages count from its newest click.
///
/// log        at least one visit for a model that answers anything; an empty log gives an empty
///            model. Items without visits are fine.
/// catalogue  of items of the log; others are not looked at. Only content and graph do.
/// neural     not empty when needs_program(params.algorithm).
/// Returns    a model over log.item_count() items, numbered as in the log.
std::unique_ptr<Recommender> train_recommender(const SessionLog& log, const ModelParams& params,
                                               const Catalogue& catalogue = {},
                                               const NeuralTrainer& neural = {});

/// The log as a model of these parameters wants it: session models learn from visits with two
/// clicks and more; content and graph know all items of the catalogue.
SessionLog log_for(const SessionLog& log, const Catalogue& catalogue, const ModelParams& params);

}  // namespace attune::learn
