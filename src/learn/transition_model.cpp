#include "learn/transition_model.h"

#include <algorithm>
#include <cmath>

#include "learn/bytes.h"
#include "learn/weights.h"

namespace attune::learn {
namespace {

/// Where each item was clicked: positions in log.items, item by item.
struct Occurrences {
  std::vector<std::uint32_t> begins;
  std::vector<std::uint32_t> clicks;
};

Occurrences find_occurrences(const SessionLog& log) {
  Occurrences found;
  found.begins.assign(log.item_count() + 1, 0);
  for (const ItemIndex item : log.items) ++found.begins[item + 1];
  for (std::size_t i = 1; i < found.begins.size(); ++i) found.begins[i] += found.begins[i - 1];
  found.clicks.resize(log.items.size());
  std::vector<std::uint32_t> next(found.begins.begin(), found.begins.end() - 1);
  for (std::uint32_t click = 0; click < log.items.size(); ++click) {
    found.clicks[next[log.items[click]]++] = click;
  }
  return found;
}

}  // namespace

std::unique_ptr<TransitionModel> TransitionModel::train(const SessionLog& log,
                                                        const TransitionParams& params) {
  std::unique_ptr<TransitionModel> model(new TransitionModel);
  model->params_ = params;
  const Occurrences found = find_occurrences(log);
  const std::size_t sessions = log.session_count();
  const std::int64_t newest_ms = sessions == 0 ? 0 : log.end_ms(sessions - 1);
  std::vector<std::uint32_t> session_ends(log.items.size());
  for (std::size_t v = 0; v < sessions; ++v) {
    std::fill(session_ends.begin() + log.begins[v], session_ends.begin() + log.begins[v + 1],
              log.begins[v + 1]);
  }
  SparseSums weights;
  SparseSums counts;
  std::vector<std::uint32_t> counted_in(log.item_count());  // end of the visit that counted last
  std::vector<ScoredItem> row;
  model->row_begins_.push_back(0);
  for (ItemIndex item = 0; item < log.item_count(); ++item) {
    weights.begin(log.item_count());
    counts.begin(log.item_count());
    double whole = 0;
    for (std::uint32_t o = found.begins[item]; o < found.begins[item + 1]; ++o) {
      const std::uint32_t click = found.clicks[o];
      const double recency = recency_weight(newest_ms - log.times_ms[click], params.recency_days);
      const std::size_t end =
          std::min<std::size_t>(session_ends[click], std::size_t{click} + params.steps + 1);
      for (std::size_t next = click + std::size_t{1}; next < end; ++next) {
        if (log.items[next] == item) continue;
        const double weight = recency * step_weight(params.step, next - click);
        weights.at(log.items[next]) += weight;
        if (!counts.has(log.items[next]) || counted_in[log.items[next]] != session_ends[click]) {
          counted_in[log.items[next]] = session_ends[click];
          counts.at(log.items[next]) += 1;
        }
        whole += weight;
      }
    }
    rank_items(weights, {}, {.count = params.kept}, row);
    for (const ScoredItem& follower : row) {
      model->followers_.push_back(follower.item);
      model->weights_.push_back(static_cast<float>(follower.score / whole));
      model->pair_counts_.push_back(static_cast<std::uint32_t>(counts.get(follower.item)));
    }
    model->row_begins_.push_back(static_cast<std::uint32_t>(model->followers_.size()));
  }
  return model;
}

std::span<const ScoredItem> TransitionModel::recommend(const Query& query,
                                                       const RecommendOptions& options,
                                                       Scratch& scratch) const {
  const std::span<const ItemIndex> visit = query.visit;
  scratch.visit.clear();
  scratch.items.begin(item_count());
  double factor = 1;
  for (std::size_t i = visit.size(); i-- > 0 && scratch.visit.size() < params_.last_items;) {
    if (visit[i] >= item_count()) continue;
    scratch.visit.push_back(visit[i]);
    for (std::size_t at = row_begins_[visit[i]]; at < row_begins_[visit[i] + 1]; ++at) {
      scratch.items.at(followers_[at]) += factor * weights_[at];
    }
    factor *= params_.last_decay;
  }
  rank_items(scratch.items, visit, options, scratch.ranked);
  return scratch.ranked;
}

Cause TransitionModel::cause(ItemIndex item, const Scratch& scratch) const {
  Cause best;
  for (const ItemIndex via : scratch.visit) {
    for (std::size_t at = row_begins_[via]; at < row_begins_[via + 1]; ++at) {
      if (followers_[at] == item && pair_counts_[at] > best.count) {
        best = {Cause::Kind::visits, via, pair_counts_[at], pair_counts_[at], 0};
      }
    }
  }
  return best;
}

void TransitionModel::write(ByteWriter& out) const {
  out.number(Algorithm::transitions);
  out.number(params_.steps);
  out.number(params_.step);
  out.number(params_.kept);
  out.number(params_.last_items);
  out.number(params_.last_decay);
  out.number(params_.recency_days);
  out.numbers(row_begins_);
  out.numbers(followers_);
  out.numbers(weights_);
  out.numbers(pair_counts_);
}

Result<std::unique_ptr<Recommender>> TransitionModel::read(ByteReader& in) {
  std::unique_ptr<TransitionModel> model(new TransitionModel);
  TransitionParams& params = model->params_;
  params.steps = in.number<std::uint32_t>();
  params.step = in.number<StepDecay>();
  params.kept = in.number<std::uint32_t>();
  params.last_items = in.number<std::uint32_t>();
  params.last_decay = in.number<double>();
  params.recency_days = in.number<double>();
  model->row_begins_ = in.numbers<std::uint32_t>();
  model->followers_ = in.numbers<std::uint32_t>();
  model->weights_ = in.numbers<float>();
  model->pair_counts_ = in.numbers<std::uint32_t>();
  const auto& begins = model->row_begins_;
  const std::size_t size = model->followers_.size();
  const bool sound =
      in.ok() && !begins.empty() && begins.front() == 0 && begins.back() == size &&
      std::is_sorted(begins.begin(), begins.end()) && model->weights_.size() == size &&
      model->pair_counts_.size() == size &&
      std::all_of(model->followers_.begin(), model->followers_.end(),
                  [&](ItemIndex item) { return item + std::size_t{1} < begins.size(); }) &&
      std::all_of(model->weights_.begin(), model->weights_.end(),
                  [](float weight) { return std::isfinite(weight); }) &&
      params.last_decay >= 0 && params.last_decay <= 1;
  if (!sound)
    return fail(ErrorCode::data_loss, "the transition table of the artefact is not consistent");
  return std::unique_ptr<Recommender>(std::move(model));
}

}  // namespace attune::learn
