// Session nearest neighbours: VMIS-kNN, VS-kNN, STAN and what lies between, by NeighbourParams. The
// index is four flat arrays. Sessions are numbered by recency (0 the newest), so that "the m
// newest" is "the m smallest numbers" and needs no heap and no look-up of times.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/session_log.h"
#include "learn/recommender.h"

namespace attune::learn {

class NeighbourModel final : public Recommender {
 public:
  static std::unique_ptr<NeighbourModel> train(const SessionLog& log,
                                               const NeighbourParams& params);
  /// Errors   data_loss: as read_recommender.
  [[nodiscard]] static Result<std::unique_ptr<Recommender>> read(ByteReader& in);

  std::string_view algorithm() const override { return "session_knn"; }
  std::size_t item_count() const override { return item_factors_.size(); }
  std::span<const ScoredItem> recommend(const Query& query,
                                        const RecommendOptions& options,
                                        Scratch& scratch) const override;
  Cause cause(ItemIndex item, const Scratch& scratch) const override;
  void write(ByteWriter& out) const override;

 private:
  NeighbourModel() = default;
  std::span<const std::uint32_t> sessions_of(ItemIndex item) const {
    return std::span(postings_).subspan(posting_begins_[item],
                                        posting_begins_[item + 1] - posting_begins_[item]);
  }
  std::size_t session_count() const { return session_begins_.size() - 1; }
  void index_items(const SessionLog& log);
  void weigh_items(const SessionLog& log);
  void collect(std::span<const ItemIndex> visit, Scratch& scratch) const;
  void choose_neighbours(Scratch& scratch) const;
  void score_items(Scratch& scratch) const;
  double position_weight(std::size_t position, std::size_t length) const;
  bool is_sound() const;

  NeighbourParams params_;
  std::vector<std::uint32_t> posting_begins_;  // item -> its part of postings_
  std::vector<std::uint32_t> postings_;        // sessions, newest first, at most m an item
  std::vector<std::uint32_t> session_begins_;  // session -> its part of the next two
  std::vector<ItemIndex> session_items_;       // distinct, in the order of their last click
  std::vector<std::uint16_t> session_steps_;   // beside: number of that click within the visit
  std::vector<float> session_factors_;         // session -> recency / norm
  std::vector<float> item_factors_;            // item -> idf factor
};

}  // namespace attune::learn
