#include "learn/neighbour_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "learn/bytes.h"
#include "learn/weights.h"

namespace attune::learn {
namespace {

/// Offsets must start at 0, never fall, and end at `size`.
bool is_partition(const std::vector<std::uint32_t>& begins, std::size_t size) {
  return !begins.empty() && begins.front() == 0 && begins.back() == size &&
         std::is_sorted(begins.begin(), begins.end());
}

bool all_below(const std::vector<std::uint32_t>& numbers, std::size_t limit) {
  return std::all_of(numbers.begin(), numbers.end(), [&](std::uint32_t n) { return n < limit; });
}

bool all_finite(const std::vector<float>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](float n) { return std::isfinite(n); });
}

}  // namespace

std::unique_ptr<NeighbourModel> NeighbourModel::train(const SessionLog& log,
                                                      const NeighbourParams& params) {
  std::unique_ptr<NeighbourModel> model(new NeighbourModel);
  model->params_ = params;
  const std::size_t count = log.session_count();
  const std::int64_t newest_ms = count == 0 ? 0 : log.end_ms(count - 1);
  std::vector<std::uint32_t> seen_in(log.item_count(), std::numeric_limits<std::uint32_t>::max());
  model->session_begins_.push_back(0);
  for (std::uint32_t session = 0; session < count; ++session) {
    const std::size_t v = count - 1 - session;
    const auto items = log.session(v);
    const std::size_t begin = model->session_items_.size();
    for (std::size_t i = items.size(); i-- > 0;) {  // backwards: the last click of each item counts
      if (seen_in[items[i]] == session) continue;
      seen_in[items[i]] = session;
      model->session_items_.push_back(items[i]);
      model->session_steps_.push_back(static_cast<std::uint16_t>(std::min<std::size_t>(i, 0xffff)));
    }
    const auto at = static_cast<std::ptrdiff_t>(begin);
    std::reverse(model->session_items_.begin() + at, model->session_items_.end());
    std::reverse(model->session_steps_.begin() + at, model->session_steps_.end());
    const auto distinct = static_cast<double>(model->session_items_.size() - begin);
    const double norm = params.similarity == Similarity::cosine ? std::sqrt(distinct) : 1;
    const double recency = recency_weight(newest_ms - log.end_ms(v), params.recency_days);
    model->session_factors_.push_back(static_cast<float>(recency / norm));
    model->session_begins_.push_back(static_cast<std::uint32_t>(model->session_items_.size()));
  }
  model->index_items(log);
  model->weigh_items(log);
  return model;
}

void NeighbourModel::index_items(const SessionLog& log) {
  std::vector<std::uint32_t> counts(log.item_count());
  for (const ItemIndex item : session_items_) ++counts[item];
  posting_begins_.assign(1, 0);
  for (std::uint32_t& count : counts) {
    posting_begins_.push_back(posting_begins_.back() + std::min(count, params_.sampled_sessions));
    count = 0;  // from here on: how many are in place
  }
  postings_.resize(posting_begins_.back());
  for (std::uint32_t session = 0; session < session_count(); ++session) {
    for (std::size_t i = session_begins_[session]; i < session_begins_[session + 1]; ++i) {
      const ItemIndex item = session_items_[i];
      if (counts[item] == params_.sampled_sessions) continue;
      postings_[posting_begins_[item] + counts[item]++] = session;
    }
  }
}

void NeighbourModel::weigh_items(const SessionLog& log) {
  std::vector<std::size_t> clicks(log.item_count());
  for (const ItemIndex item : log.items) ++clicks[item];
  item_factors_.reserve(clicks.size());
  const auto total =
      static_cast<double>(params_.idf_of_sessions ? log.session_count() : log.click_count());
  for (const std::size_t count : clicks) {
    const double ratio = total / static_cast<double>(std::max<std::size_t>(count, 1));
    const double idf = std::log(std::max(1.0, ratio));  // clicks may outnumber sessions
    const double factor = (params_.idf_power > 0 ? std::pow(idf, params_.idf_power) : 1) *
                          (1 + params_.idf_added * idf);
    item_factors_.push_back(static_cast<float>(factor));
  }
}

double NeighbourModel::position_weight(std::size_t position, std::size_t length) const {
  const auto p = static_cast<double>(position);
  const auto l = static_cast<double>(length);
  switch (params_.position) {
    case PositionWeight::linear:
      return p / l;
    case PositionWeight::quadratic:
      return (p / l) * (p / l);
    case PositionWeight::logarithmic:
      return 1 / std::log10(l - p + 1.7);
    case PositionWeight::exponential:
      return std::exp((p - l) / params_.position_scale);
    case PositionWeight::flat:
      return 1;
  }
  return 1;
}

std::span<const ScoredItem> NeighbourModel::recommend(const Query& query,
                                                      const RecommendOptions& options,
                                                      Scratch& scratch) const {
  const std::span<const ItemIndex> visit = query.visit;
  collect(visit, scratch);
  choose_neighbours(scratch);
  score_items(scratch);
  rank_items(scratch.items, visit, options, scratch.ranked);
  return scratch.ranked;
}

void NeighbourModel::collect(std::span<const ItemIndex> visit, Scratch& scratch) const {
  std::vector<ItemIndex>& tail = scratch.visit;  // newest first
  tail.clear();
  const std::size_t length_max = params_.last_items == 0 ? visit.size() : params_.last_items;
  for (std::size_t i = visit.size(); i-- > 0 && tail.size() < length_max;) {
    if (visit[i] < item_count()) tail.push_back(visit[i]);
  }
  scratch.sessions.begin(session_count());
  if (scratch.first_steps.size() < session_count()) scratch.first_steps.resize(session_count());
  for (std::size_t back = 0; back < tail.size(); ++back) {
    const auto here = tail.begin() + static_cast<std::ptrdiff_t>(back);
    if (std::find(tail.begin(), here, *here) != here) continue;  // its newest click has counted
    const double weight = position_weight(tail.size() - back, tail.size());
    for (const std::uint32_t session : sessions_of(*here)) {
      if (!scratch.sessions.has(session)) {
        scratch.first_steps[session] = static_cast<std::uint32_t>(back);
      }
      scratch.sessions.at(session) += weight;
    }
  }
}

void NeighbourModel::choose_neighbours(Scratch& scratch) const {
  std::vector<std::uint32_t>& found = scratch.sessions.touched();
  if (found.size() > params_.sampled_sessions) {
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(params_.sampled_sessions);
    std::nth_element(found.begin(), end, found.end());
    found.erase(end, found.end());
  }
  auto& neighbours = scratch.neighbours;
  neighbours.clear();
  for (const std::uint32_t session : found) {
    const double similarity = scratch.sessions.get(session) * session_factors_[session];
    neighbours.push_back({session, scratch.first_steps[session], similarity});
  }
  const auto closer = [](const Scratch::Neighbour& a, const Scratch::Neighbour& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.session < b.session;
  };
  const std::size_t kept = std::min<std::size_t>(params_.neighbours, neighbours.size());
  const auto end = neighbours.begin() + static_cast<std::ptrdiff_t>(kept);
  std::nth_element(neighbours.begin(), end, neighbours.end(), closer);
  neighbours.erase(end, neighbours.end());
  std::sort(neighbours.begin(), neighbours.end(), closer);  // sums are then in one order everywhere
}

void NeighbourModel::score_items(Scratch& scratch) const {
  const bool uses_positions = params_.distance_scale > 0 || params_.backward_weight < 1;
  scratch.items.begin(item_count());
  for (const Scratch::Neighbour& neighbour : scratch.neighbours) {
    const double weight =
        neighbour.similarity * step_weight(params_.step, neighbour.first_step + 1);
    const std::size_t begin = session_begins_[neighbour.session];
    const std::size_t end = session_begins_[neighbour.session + 1];
    double shared_at = 0;
    for (std::size_t i = begin; uses_positions && i < end;
         ++i) {  // items are in the order of steps
      const bool is_shared = params_.last_shared
                                 ? std::find(scratch.visit.begin(), scratch.visit.end(),
                                             session_items_[i]) != scratch.visit.end()
                                 : session_items_[i] == scratch.visit[neighbour.first_step];
      if (is_shared) shared_at = session_steps_[i];
    }
    for (std::size_t i = begin; i < end; ++i) {
      double factor = item_factors_[session_items_[i]];
      if (uses_positions) {
        const double ahead = session_steps_[i] - shared_at;
        if (ahead < 0) factor *= params_.backward_weight;
        if (params_.distance_scale > 0)
          factor *= std::exp(-std::abs(ahead) / params_.distance_scale);
      }
      scratch.items.at(session_items_[i]) += weight * factor;
    }
  }
}

Cause NeighbourModel::cause(ItemIndex item, const Scratch& scratch) const {
  // For each item of the visit: similar visits that came by it and hold `item`. Visits are short.
  Cause best;
  for (std::uint32_t back = 0; back < scratch.visit.size(); ++back) {
    Cause here;
    here.kind = Cause::Kind::visits;
    here.via = scratch.visit[back];
    for (const Scratch::Neighbour& neighbour : scratch.neighbours) {
      if (neighbour.first_step != back) continue;
      int via_step = -1;
      int item_step = -1;
      for (std::size_t i = session_begins_[neighbour.session];
           i < session_begins_[neighbour.session + 1]; ++i) {
        if (session_items_[i] == here.via) via_step = session_steps_[i];
        if (session_items_[i] == item) item_step = session_steps_[i];
      }
      if (item_step < 0) continue;
      ++here.count;
      if (item_step > via_step) ++here.after;
    }
    if (here.count > best.count) best = here;
  }
  return best;
}

void NeighbourModel::write(ByteWriter& out) const {
  out.number(Algorithm::neighbours);
  out.number(params_.last_items);
  out.number(params_.sampled_sessions);
  out.number(params_.neighbours);
  out.number(params_.position);
  out.number(params_.position_scale);
  out.number(params_.similarity);
  out.number(params_.step);
  out.number(params_.recency_days);
  out.number(params_.distance_scale);
  out.number(params_.last_shared);
  out.number(params_.backward_weight);
  out.number(params_.idf_of_sessions);
  out.number(params_.idf_power);
  out.number(params_.idf_added);
  out.numbers(posting_begins_);
  out.numbers(postings_);
  out.numbers(session_begins_);
  out.numbers(session_items_);
  out.numbers(session_steps_);
  out.numbers(session_factors_);
  out.numbers(item_factors_);
}

Result<std::unique_ptr<Recommender>> NeighbourModel::read(ByteReader& in) {
  std::unique_ptr<NeighbourModel> model(new NeighbourModel);
  NeighbourParams& params = model->params_;
  params.last_items = in.number<std::uint32_t>();
  params.sampled_sessions = in.number<std::uint32_t>();
  params.neighbours = in.number<std::uint32_t>();
  params.position = in.number<PositionWeight>();
  params.position_scale = in.number<double>();
  params.similarity = in.number<Similarity>();
  params.step = in.number<StepDecay>();
  params.recency_days = in.number<double>();
  params.distance_scale = in.number<double>();
  params.last_shared = in.number<std::uint8_t>() != 0;
  params.backward_weight = in.number<double>();
  params.idf_of_sessions = in.number<std::uint8_t>() != 0;
  params.idf_power = in.number<double>();
  params.idf_added = in.number<double>();
  model->posting_begins_ = in.numbers<std::uint32_t>();
  model->postings_ = in.numbers<std::uint32_t>();
  model->session_begins_ = in.numbers<std::uint32_t>();
  model->session_items_ = in.numbers<std::uint32_t>();
  model->session_steps_ = in.numbers<std::uint16_t>();
  model->session_factors_ = in.numbers<float>();
  model->item_factors_ = in.numbers<float>();
  if (!in.ok() || !model->is_sound()) {
    return fail(ErrorCode::data_loss, "the neighbour index of the artefact is not consistent");
  }
  return std::unique_ptr<Recommender>(std::move(model));
}

bool NeighbourModel::is_sound() const {
  return is_partition(session_begins_, session_items_.size()) &&
         is_partition(posting_begins_, postings_.size()) &&
         posting_begins_.size() == item_factors_.size() + 1 &&
         session_steps_.size() == session_items_.size() &&
         session_factors_.size() + 1 == session_begins_.size() &&
         all_below(postings_, session_count()) && all_below(session_items_, item_count()) &&
         all_finite(session_factors_) && all_finite(item_factors_) &&
         params_.position <= PositionWeight::flat && params_.step <= StepDecay::flat &&
         params_.position_scale > 0 && params_.recency_days >= 0 && params_.distance_scale >= 0 &&
         params_.backward_weight >= 0 && params_.neighbours > 0 && params_.sampled_sessions > 0;
}

}  // namespace attune::learn
