// What a new model is judged on before it may serve: the site's newest visits, which it was not
// trained on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learn/evaluation.h"
#include "learn/training_data.h"

namespace attune::learn {

/// What a model did on the site's newest visits, which it was not trained on, beside popularity.
struct HeldOut {
  /// The same by people, for strategies that know people: of those who came back, what they took
  /// anew (Protocol::time).
  struct People {
    std::uint64_t people = 0;     // 0: nobody came back, or the strategy knows visits
    double ndcg = 0;
    double popularity_ndcg = 0;
    Interval gain;                // model minus popularity, 95 %, by person
    double not_better = 1;        // share of resamples
    double present_ndcg = -1;     // of Present
    double worse = 0;             // likewise
  };
  /// The parameters of the model in production, trained on the same visits. The artefact itself has
  /// seen the held-out visits and would win by that.
  struct Present {
    double mrr = -1;    // negative: nothing in production, or with the same parameters
    double worse = 0;   // share of resamples in which the new model has a lower MRR
  };
  Quality model;
  Quality popularity;
  std::uint64_t predictions = 0;
  std::int64_t from_ms = 0;  // visits that ended from here on were held out
  Interval mrr_gain;         // model minus popularity, 95 %, by visit
  double not_better = 1;     // share of resamples in which the model has no higher MRR
  People people;
  Present present;
};

/// Whether the strategy is made of who took what: judged by people where enough came back.
bool knows_people(const ModelParams& params);

/// The first visit to hold out: those of the last whole days, or the last fifth when there are few
/// days.
///
/// log   at least one visit.
std::size_t held_out_begin(const SessionLog& log);

/// What the training child measures: the model is trained on the visits before the held-out ones.
///
/// present   parameters of the model in production; null: there is none.
HeldOut measure_held_out(const TrainingData& data, const ModelParams& params,
                         const ModelParams* present = nullptr, const NeuralTrainer& neural = {});

/// Whether people come back to the item they look at so often that the model predicts better when
/// it may name it: chosen on the newest visits of `known`, which are all before those that a model
/// is judged on. Neural models keep what they have: their training is not worth a choice.
bool repeats_help(const SessionLog& known, const Catalogue& catalogue, const ModelParams& params);

}  // namespace attune::learn
