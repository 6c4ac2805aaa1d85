#include "learn/blend_model.h"

#include <algorithm>
#include <utility>

#include "learn/bytes.h"
#include "learn/model_params.h"

namespace attune::learn {

BlendModel::BlendModel(std::unique_ptr<Recommender> first, std::unique_ptr<Recommender> second,
                       double second_weight)
    : first_(std::move(first)), second_(std::move(second)), second_weight_(second_weight) {}

std::span<const ScoredItem> BlendModel::recommend(const Query& query,
                                                  const RecommendOptions& options,
                                                  Scratch& scratch) const {
  const std::span<const ItemIndex> visit = query.visit;
  if (scratch.nested.size() < 2) scratch.nested.resize(2);
  for (std::size_t part = 0; part < 2; ++part) {
    if (!scratch.nested[part]) scratch.nested[part] = std::make_unique<Scratch>();
  }
  RecommendOptions wide = options;
  wide.count = std::max(kCandidates, options.count);
  scratch.items.begin(item_count());
  const Recommender* const models[] = {first_.get(), second_.get()};
  const double weights[] = {1 - second_weight_, second_weight_};
  for (std::size_t part = 0; part < 2; ++part) {
    const auto answer = models[part]->recommend(visit, wide, *scratch.nested[part]);
    for (const ScoredItem& found : answer) {
      scratch.items.at(found.item) += weights[part] * found.score / answer.front().score;
    }
  }
  rank_items(scratch.items, visit, options, scratch.ranked);
  return scratch.ranked;
}

Cause BlendModel::cause(ItemIndex item, const Scratch& scratch) const {
  if (scratch.nested.size() < 2 || !scratch.nested[0] || !scratch.nested[1]) return {};
  const Cause cause = first_->cause(item, *scratch.nested[0]);
  return cause.kind != Cause::Kind::none ? cause : second_->cause(item, *scratch.nested[1]);
}

void BlendModel::write(ByteWriter& out) const {
  out.number(Algorithm::blend);
  out.number(second_weight_);
  first_->write(out);
  second_->write(out);
}

Result<std::unique_ptr<Recommender>> BlendModel::read(ByteReader& in) {
  const auto weight = in.number<double>();
  // Parts are plain models: a blend of blends would let a file recurse as deep as it is long.
  const auto read_part = [&]() -> Result<std::unique_ptr<Recommender>> {
    ByteReader peek = in;
    if (peek.number<Algorithm>() == Algorithm::blend) {
      return fail(ErrorCode::data_loss, "a blend of the artefact holds another blend");
    }
    return read_recommender(in);
  };
  ATTUNE_ASSIGN(auto first, read_part());
  ATTUNE_ASSIGN(auto second, read_part());
  if (!in.ok() || !(weight >= 0 && weight <= 1) || first->item_count() != second->item_count()) {
    return fail(ErrorCode::data_loss, "the blend of the artefact is not consistent");
  }
  return std::unique_ptr<Recommender>(
      std::make_unique<BlendModel>(std::move(first), std::move(second), weight));
}

}  // namespace attune::learn
