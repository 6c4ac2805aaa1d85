#include "learn/blend_model.h"

#include <algorithm>
#include <utility>

#include "learn/bytes.h"
#include "learn/model_params.h"

namespace attune::learn {

BlendModel::BlendModel(std::unique_ptr<SessionModel> first, std::unique_ptr<SessionModel> second,
                       double second_weight)
    : first_(std::move(first)), second_(std::move(second)), second_weight_(second_weight) {}

std::span<const ScoredItem> BlendModel::recommend(std::span<const ItemIndex> visit,
                                                  const RecommendOptions& options,
                                                  Scratch& scratch) const {
  for (auto& nested : scratch.nested) {
    if (!nested) nested = std::make_unique<Scratch>();
  }
  RecommendOptions wide = options;
  wide.count = std::max(kCandidates, options.count);
  scratch.items.begin(item_count());
  const SessionModel* const models[] = {first_.get(), second_.get()};
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

Support BlendModel::support(ItemIndex item, const Scratch& scratch) const {
  if (!scratch.nested[0] || !scratch.nested[1]) return {};
  const Support support = first_->support(item, *scratch.nested[0]);
  return support.visits > 0 ? support : second_->support(item, *scratch.nested[1]);
}

void BlendModel::write(ByteWriter& out) const {
  out.number(Algorithm::blend);
  out.number(second_weight_);
  first_->write(out);
  second_->write(out);
}

Result<std::unique_ptr<SessionModel>> BlendModel::read(ByteReader& in) {
  const auto weight = in.number<double>();
  // Parts are plain models: a blend of blends would let a file recurse as deep as it is long.
  const auto read_part = [&]() -> Result<std::unique_ptr<SessionModel>> {
    ByteReader peek = in;
    if (peek.number<Algorithm>() == Algorithm::blend) {
      return fail(ErrorCode::data_loss, "a blend of the artefact holds another blend");
    }
    return read_model(in);
  };
  ATTUNE_ASSIGN(auto first, read_part());
  ATTUNE_ASSIGN(auto second, read_part());
  if (!in.ok() || !(weight >= 0 && weight <= 1) || first->item_count() != second->item_count()) {
    return fail(ErrorCode::data_loss, "the blend of the artefact is not consistent");
  }
  return std::unique_ptr<SessionModel>(
      std::make_unique<BlendModel>(std::move(first), std::move(second), weight));
}

}  // namespace attune::learn
