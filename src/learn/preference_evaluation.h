// How well a model knows people it was not trained on (strong generalization; Liang, Krishnan,
// Hoffman, Jebara 2018; Rendle et al. 2021): of each held-out person most items are shown to the
// model, which ranks all others; the rest are the targets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/evaluation.h"
#include "learn/preference_models.h"

namespace attune::learn {

struct HeldOutPerson {
  std::vector<ItemIndex> history;
  std::vector<ItemIndex> targets;   // ascending
};

struct HoldOut {
  PreferenceMatrix train;
  std::vector<HeldOutPerson> people;
};

struct HoldOutOptions {
  std::size_t people = 1000;
  double target_share = 0.2;    // of a person's items, rounded down
  std::size_t items_min = 5;    // people with fewer are not measured
  std::uint64_t seed = 1;
};

/// Draws people from `taken`; their items that nobody else took are left out.
///
/// Errors   failed_precondition: nobody is left to train or to measure on.
[[nodiscard]] Result<HoldOut> hold_out(const PreferenceMatrix& taken,
                                       const HoldOutOptions& options);

/// Means over people. Recall@k = hits / min(k, targets); NDCG@100 with binary gains.
struct PreferenceQuality {
  double recall20 = 0, recall50 = 0, ndcg100 = 0;
};
struct PreferenceEvaluation {
  std::size_t people = 0;
  PreferenceQuality quality;
  Interval recall20, recall50, ndcg100;   // 95 %, percentile bootstrap over people
  double coverage = 0;                    // distinct items among the first 20 / items
};

/// Items of the history are not ranked; ties go to the smaller number.
PreferenceEvaluation measure(const PreferenceModel& model, const std::vector<HeldOutPerson>& people,
                             const BootstrapOptions& bootstrap);

// --- what `attune evaluate people` does ---

struct PeopleEvaluation {
  std::string log_path;              // CSV with the two columns
  std::string user_column = "user_id";
  std::string item_column = "item_id";
  std::string model = "ease";        // "popular", "ease[:lambda=500]", "ials[:factors=64,...]"
  HoldOutOptions hold_out;
  BootstrapOptions bootstrap;
};

struct PeopleReport {
  PeopleEvaluation options;
  std::size_t users = 0, items = 0, pairs = 0;
  double train_seconds = 0;
  PreferenceEvaluation model;
  PreferenceEvaluation popular;      // the same people
};

/// Errors   those of the file, of the model's parameters, and of hold_out.
[[nodiscard]] Result<PeopleReport> evaluate_people(const PeopleEvaluation& options);

std::string to_text(const PeopleReport& report);
std::string to_json(const PeopleReport& report);

}  // namespace attune::learn
