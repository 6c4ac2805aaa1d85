// The trainers whose result is a list of related items for each item.
#pragma once

#include <memory>

#include "base/result.h"
#include "learn/catalogue.h"
#include "learn/model_params.h"
#include "learn/related_model.h"
#include "learn/session_log.h"

namespace attune::learn {

/// item_to_item.cpp
std::unique_ptr<Recommender> train_item_to_item(const SessionLog& log, const ModelParams& params);

/// ease_lists.cpp: EASE among the items that most people took, the strongest weights of each kept.
std::unique_ptr<Recommender> train_ease_lists(const SessionLog& log, const ModelParams& params);

/// graph_walk.cpp: where walks from an item end that begin anew now and then.
std::unique_ptr<Recommender> train_graph_walk(const SessionLog& log, const Catalogue& catalogue,
                                              const ModelParams& params);

/// content.cpp: items whose words, category, brand, labels or embedding are alike.
std::unique_ptr<Recommender> train_content(const SessionLog& log, const Catalogue& catalogue,
                                           const ModelParams& params);

}  // namespace attune::learn
