// What follows what: for each item the items that came up to `steps` clicks later, with weights.
// One step is a Markov chain, several are sequential rules.
// Source   Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", 2018,
//          section 2.1.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/session_log.h"
#include "learn/recommender.h"

namespace attune::learn {

class TransitionModel final : public Recommender {
 public:
  static std::unique_ptr<TransitionModel> train(const SessionLog& log,
                                                const TransitionParams& params);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(ByteReader& in);

  std::string_view algorithm() const override { return "transitions"; }
  std::size_t item_count() const override { return row_begins_.size() - 1; }
  std::span<const ScoredItem> recommend(const Query& query,
                                        const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

 private:
  TransitionModel() = default;

  TransitionParams params_;
  std::vector<std::uint32_t> row_begins_;   // item -> its part of the next three
  std::vector<ItemIndex> followers_;        // strongest first
  std::vector<float> weights_;              // share of the row's whole weight
  std::vector<std::uint32_t> pair_counts_;  // visits with the pair
};

}  // namespace attune::learn
