// The baseline every other model must beat: items by visits, each visit halved for every half life
// of age.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/session_log.h"
#include "learn/session_model.h"

namespace attune::learn {

class PopularityModel final : public SessionModel {
 public:
  /// half_life_days   > 0; a visit that old counts half.
  static std::unique_ptr<PopularityModel> train(const SessionLog& log, double half_life_days);
  /// Errors   data_loss: as read_model.
  [[nodiscard]] static Result<std::unique_ptr<SessionModel>> read(ByteReader& in);

  std::string_view algorithm() const override { return "popularity"; }
  std::size_t item_count() const override { return scores_.size(); }
  std::span<const ScoredItem> recommend(std::span<const ItemIndex> visit,
                                        const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Support support(ItemIndex, const Scratch&) const override { return {}; }
  void write(ByteWriter& out) const override;

 private:
  PopularityModel() = default;
  void rank();

  std::vector<double> scores_;       // item -> decayed visits
  std::vector<ScoredItem> ranking_;  // all items, best first
};

}  // namespace attune::learn
