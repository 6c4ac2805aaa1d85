// Training: a session log and hyperparameters in, an immutable model out.
#pragma once

#include <memory>

#include "learn/model_params.h"
#include "learn/session_log.h"
#include "learn/session_model.h"

namespace attune::learn {

/// Trains the model that `params` names. Deterministic: the same log and parameters give the same
/// model, byte for byte. The clock is the log's: ages count from its newest click.
///
/// log      at least one visit for a model that answers anything; an empty log gives an empty
///          model.
/// Returns  a model over log.item_count() items, numbered as in the log.
std::unique_ptr<SessionModel> train_model(const SessionLog& log, const ModelParams& params);

}  // namespace attune::learn
