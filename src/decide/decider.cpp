#include "decide/decider.h"

#include <algorithm>
#include <atomic>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "base/mutex.h"
#include "decide/candidates.h"
#include "decide/draw.h"
#include "decide/reason.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kRerankMs = 60'000;

/// Buffers of one request under way.
struct RequestScratch {
  CandidateScratch candidates;
  DrawScratch draw;
  std::vector<double> scores;
  std::vector<Drawn> drawn;
};

/// As many buffers as there ever were requests at the same time.
class ScratchPool {
 public:
  class Lease {
   public:
    Lease(ScratchPool& pool, std::unique_ptr<RequestScratch> scratch)
        : pool_(pool), scratch_(std::move(scratch)) {}
    ~Lease() { pool_.give_back(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    RequestScratch& operator*() { return *scratch_; }

   private:
    ScratchPool& pool_;
    std::unique_ptr<RequestScratch> scratch_;
  };

  Lease take() {
    {
      const MutexLock lock(mutex_);
      if (!free_.empty()) {
        auto scratch = std::move(free_.back());
        free_.pop_back();
        return Lease(*this, std::move(scratch));
      }
    }
    return Lease(*this, std::make_unique<RequestScratch>());
  }

 private:
  void give_back(std::unique_ptr<RequestScratch> scratch) {
    const MutexLock lock(mutex_);
    free_.push_back(std::move(scratch));
  }
  Mutex mutex_;
  std::vector<std::unique_ptr<RequestScratch>> free_ ATTUNE_THREAD(guarded_by(mutex_));
};

/// A site's view behind a lock held for one copy of a pointer: std::atomic<std::shared_ptr> of gcc
/// 12 is a spin lock as well, and one that ThreadSanitizer cannot see.
class ViewSlot {
 public:
  std::shared_ptr<const SiteView> get() const {
    const MutexLock lock(mutex_);
    return view_;
  }
  void set(std::shared_ptr<const SiteView> view) {
    const MutexLock lock(mutex_);
    view_.swap(view);  // the old one dies after the lock is gone
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const SiteView> view_ ATTUNE_THREAD(guarded_by(mutex_));
};

void append_json_text(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

AnswerItem describe(const SiteView& view, const Candidate& candidate,
                    const CandidateScratch& scratch) {
  AnswerItem item;
  item.score = std::clamp(candidate.score, 0.0, 1.0);
  item.raw_score = candidate.raw_score;
  item.strategy = to_string(candidate.strategy);
  item.reason = reason_for(view, candidate, scratch);
  if (candidate.number == learn::kNoItem) {
    item.item_id = candidate.popular->id;
    item.name = candidate.popular->name;
    return item;
  }
  const SnapshotItem& known = view.snapshot->item(candidate.number);
  item.item_id = known.product.id;
  item.in_catalogue = known.in_catalogue;
  item.name = known.product.name;
  item.url = known.product.url;
  item.image = known.product.image;
  item.price = known.product.price;
  return item;
}

}  // namespace

struct Decider::Impl {
  Impl(LiveState& live_state, event::DecisionSink* decision_sink, const Clock& wall,
       const DeciderOptions& chosen, std::function<std::uint64_t()> seeds)
      : live(live_state),
        sink(decision_sink),
        clock(wall),
        options(chosen),
        next_seed(std::move(seeds)) {}

  std::shared_ptr<ViewSlot> find(const Uuid& site) const {
    const std::shared_lock lock(mutex);
    const auto at = slots.find(site);
    return at == slots.end() ? nullptr : at->second;
  }
  std::shared_ptr<ViewSlot> make(const Uuid& site) {
    if (auto found = find(site)) return found;
    const std::unique_lock lock(mutex);
    return slots.try_emplace(site, std::make_shared<ViewSlot>()).first->second;
  }
  std::shared_ptr<const SiteView> view(const Uuid& site) const {
    const auto slot = find(site);
    return slot ? slot->get() : nullptr;
  }

  void rank(const Uuid& site, ViewSlot& slot, std::shared_ptr<const SiteSnapshot> snapshot);
  Answer choose(const Request& request, const SiteView& view, std::uint64_t seed) const;
  void record(const Request& request, const Trail& trail, const SiteView& view, Answer& answer,
              const CandidateScratch& scratch) const;

  LiveState& live;
  event::DecisionSink* sink;
  const Clock& clock;
  const DeciderOptions options;
  const std::function<std::uint64_t()> next_seed;
  mutable ScratchPool scratches;
  mutable std::shared_mutex mutex;  // of the map; each slot has its own
  std::unordered_map<Uuid, std::shared_ptr<ViewSlot>> slots;
  Mutex rank_mutex;  // one ranking at a time, so that none undoes a newer one
  mutable std::atomic<std::uint64_t> requests{0};
  mutable std::atomic<std::uint64_t> recorded{0};
  mutable std::atomic<std::uint64_t> unrecorded{0};
  mutable std::atomic<std::uint64_t> cold{0};
};

void Decider::Impl::rank(const Uuid& site, ViewSlot& slot,
                         std::shared_ptr<const SiteSnapshot> snapshot) {
  auto view = std::make_shared<SiteView>();
  view->live_revision = live.revision(site);
  view->ranked_ms = clock.now_ms();
  view->popular = rank_popular(site, snapshot.get(), live, view->ranked_ms,
                               {options.half_life_days, options.popular_items_max});
  view->snapshot = std::move(snapshot);
  slot.set(std::move(view));
}

Answer Decider::Impl::choose(const Request& request, const SiteView& view,
                             std::uint64_t seed) const {
  auto lease = scratches.take();
  RequestScratch& scratch = *lease;
  Trail trail;
  live.find_trail(request.site, request.visitor, request.session, trail);
  ItemKey current = trail.item_count > 0 ? trail.items[trail.item_count - 1U] : 0;
  if (!request.item.empty()) current = stable_id(request.site.text(), request.item);

  const std::size_t pool = std::max(options.pool_items_min, 3 * request.count);
  const auto candidates = find_candidates(view, trail, current,
                                          {.count = pool, .popular_weight = options.popular_weight},
                                          scratch.candidates);
  scratch.scores.clear();
  for (const Candidate& candidate : candidates) scratch.scores.push_back(candidate.score);
  Random random(seed);
  draw_list(scratch.scores, std::min(request.count, candidates.size()),
            {options.exploration, options.temperature}, random, scratch.draw, scratch.drawn);

  Answer answer;
  const learn::SiteModel* model = view.snapshot ? view.snapshot->model() : nullptr;
  answer.model_version = model != nullptr ? model->version : "popularity";
  answer.eligible_count = static_cast<std::uint32_t>(candidates.size());
  for (const Candidate& candidate : candidates) {
    answer.eligible_hash +=
        hash64(candidate.number != learn::kNoItem ? view.snapshot->item(candidate.number).product.id
                                                  : candidate.popular->id);
  }
  answer.seed = seed;
  for (const Drawn& drawn : scratch.drawn) {
    answer.items.push_back(describe(view, candidates[drawn.candidate], scratch.candidates));
    answer.items.back().rank = static_cast<std::uint32_t>(answer.items.size());
    answer.items.back().propensity = drawn.propensity;
  }
  if (scratch.candidates.visit.empty()) cold.fetch_add(1, std::memory_order_relaxed);
  if (!request.preview && sink != nullptr && !answer.items.empty()) {
    record(request, trail, view, answer, scratch.candidates);
  }
  return answer;
}

void Decider::Impl::record(const Request& request, const Trail& trail, const SiteView& view,
                           Answer& answer, const CandidateScratch& scratch) const {
  event::Decision decision;
  decision.decision_id = Uuid::random();
  decision.site = request.site;
  decision.decided_ms = clock.now_ms();
  decision.session_id = request.session;
  decision.visitor_id = request.visitor;
  decision.placement = request.placement;
  decision.context_json = request.context_json;
  if (decision.context_json.empty() && !request.item.empty()) {
    decision.context_json = "{\"item\":";
    append_json_text(decision.context_json, request.item);
    decision.context_json += '}';
  }
  decision.model_version = answer.model_version;
  decision.factors_json =
      fmt::format("{{\"exploration\":{},\"temperature\":{},\"visit_items\":{},\"visit\":[",
                  options.exploration, options.temperature, trail.item_count);
  for (std::size_t i = 0; i < scratch.visit.size(); ++i) {
    if (i > 0) decision.factors_json += ',';
    append_json_text(decision.factors_json, view.snapshot->item(scratch.visit[i]).product.id);
  }
  decision.factors_json += "]}";
  decision.eligible_count = answer.eligible_count;
  decision.eligible_hash = answer.eligible_hash;
  decision.seed = answer.seed;
  for (const AnswerItem& item : answer.items) {
    event::DecidedItem decided;
    decided.item_id = item.item_id;
    decided.rank = item.rank;
    decided.score = item.score;
    decided.raw_score = item.raw_score;
    decided.propensity = item.propensity;
    decided.strategy = item.strategy;
    decided.reason = item.reason;
    decision.items.push_back(std::move(decided));
  }
  if (sink->record(decision)) {
    answer.decision_id = decision.decision_id;
    recorded.fetch_add(1, std::memory_order_relaxed);
  } else {
    unrecorded.fetch_add(1, std::memory_order_relaxed);  // the visitor gets the answer all the same
  }
}

Decider::Decider(LiveState& live, event::DecisionSink* sink, const Clock& clock,
                 const DeciderOptions& options, std::function<std::uint64_t()> next_seed)
    : impl_(std::make_unique<Impl>(live, sink, clock, options, std::move(next_seed))) {}

Decider::~Decider() = default;

Result<Answer> Decider::recommend(const Request& request) const {
  if (request.count < 1 || request.count > kCountMax) {
    return fail(ErrorCode::invalid_argument, fmt::format("must be from 1 to {}", kCountMax), "n");
  }
  impl_->requests.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t seed =
      impl_->next_seed ? impl_->next_seed() : std::hash<Uuid>{}(Uuid::random());
  const auto view = impl_->view(request.site);
  return impl_->choose(request, view ? *view : SiteView{}, seed);
}

void Decider::publish(const Uuid& site, std::shared_ptr<const SiteSnapshot> snapshot) {
  const auto slot = impl_->make(site);
  const MutexLock lock(impl_->rank_mutex);
  impl_->rank(site, *slot, std::move(snapshot));
}

std::shared_ptr<const SiteSnapshot> Decider::snapshot(const Uuid& site) const {
  const auto view = impl_->view(site);
  return view ? view->snapshot : nullptr;
}

void Decider::forget(const Uuid& site) {
  impl_->live.forget(site);
  const std::unique_lock lock(impl_->mutex);
  impl_->slots.erase(site);
}

void Decider::refresh_popular() {
  const MutexLock lock(impl_->rank_mutex);
  for (const Uuid& site : impl_->live.sites()) impl_->make(site);
  std::vector<std::pair<Uuid, std::shared_ptr<ViewSlot>>> all;
  {
    const std::shared_lock slots_lock(impl_->mutex);
    all.assign(impl_->slots.begin(), impl_->slots.end());
  }
  for (const auto& [site, slot] : all) {
    const auto view = slot->get();
    const bool is_current = view && view->live_revision == impl_->live.revision(site) &&
                            impl_->clock.now_ms() - view->ranked_ms < kRerankMs;
    if (!is_current) impl_->rank(site, *slot, view ? view->snapshot : nullptr);
  }
}

DeciderCounters Decider::counters() const {
  return {impl_->requests, impl_->recorded, impl_->unrecorded, impl_->cold};
}

const DeciderOptions& Decider::options() const {
  return impl_->options;
}

}  // namespace attune::decide
