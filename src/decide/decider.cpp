#include "decide/decider.h"

#include <algorithm>
#include <atomic>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "base/json_writer.h"
#include "base/mutex.h"
#include "decide/candidates.h"
#include "decide/chooser.h"
#include "decide/depth.h"
#include "decide/shadow.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kRerankMs = 60'000;

/// As many buffers as there ever were requests at the same time.
class ScratchPool {
 public:
  class Lease {
   public:
    Lease(ScratchPool& pool, std::unique_ptr<ChooserScratch> scratch)
        : pool_(pool), scratch_(std::move(scratch)) {}
    ~Lease() { pool_.give_back(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ChooserScratch& operator*() { return *scratch_; }

   private:
    ScratchPool& pool_;
    std::unique_ptr<ChooserScratch> scratch_;
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
    return Lease(*this, std::make_unique<ChooserScratch>());
  }

 private:
  void give_back(std::unique_ptr<ChooserScratch> scratch) {
    const MutexLock lock(mutex_);
    free_.push_back(std::move(scratch));
  }
  Mutex mutex_;
  std::vector<std::unique_ptr<ChooserScratch>> free_ ATTUNE_THREAD(guarded_by(mutex_));
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

/// What was asked by, as the decision keeps it.
std::string context_of(const Request& request) {
  std::string json;
  JsonWriter out(json);
  out.begin_object();
  const auto text = [&out](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    out.key(name);
    out.text(value);
  };
  text("item", request.item);
  if (!request.items.empty()) {
    out.key("items");
    out.begin_array();
    for (const std::string& item : request.items) out.text(item);
    out.end_array();
  }
  text("type", request.type);
  text("category", request.category);
  text("query", request.query);
  out.end_object();
  return json;
}

/// How the answer came about, as the decision keeps it.
std::string factors_of(const Chooser& chooser, const Trail& trail, const SiteView& view,
                       const Answer& answer, const CandidateScratch& scratch) {
  std::string json;
  JsonWriter out(json);
  out.begin_object();
  out.key("exploration");
  out.number(chooser.exploration());
  out.key("temperature");
  out.number(chooser.temperature());
  out.key("diversity");
  out.number(chooser.placement().diversity);
  out.key("visit_items");
  out.integer(trail.item_count);
  out.key("visit");
  out.begin_array();
  for (const std::uint32_t number : scratch.visit) out.text(view.snapshot->item(number).product.id);
  out.end_array();
  out.key("models");
  out.begin_object();
  for (const AnswerSource& source : answer.sources) {
    if (source.version.empty()) continue;
    out.key(source.strategy);
    out.text(source.version);
  }
  out.end_object();
  if (chooser.trace() != nullptr) {
    out.key("bandit");
    write_trace(*chooser.trace(), out);
  }
  if (answer.group != Group::none) {
    out.key("group");
    out.text(to_string(answer.group));
  }
  if (!answer.fallback.empty()) {
    out.key("fallback");
    out.text(answer.fallback);
  }
  out.end_object();
  return json;
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
  template <class Change>
  void change(const Uuid& site, Change&& change);
  Result<Answer> choose(const Request& request, const SiteView& view, std::uint64_t seed) const;
  void record(const Request& request, const std::string& factors, Answer& answer,
              bool is_withheld) const;
  Trail trail_of(const Uuid& site, const std::string& visitor, const std::string& session) const {
    Trail trail;
    live.find_trail(site, visitor, session, trail);
    if (trail.visitor == 0 && !visitor.empty()) trail.visitor = stable_id(site.text(), visitor);
    return trail;
  }

  LiveState& live;
  event::DecisionSink* sink;
  const Clock& clock;
  const DeciderOptions options;
  const std::function<std::uint64_t()> next_seed;
  mutable ScratchPool scratches;
  mutable ShadowRunner shadows;
  mutable std::shared_mutex mutex;  // of the map; each slot has its own
  std::unordered_map<Uuid, std::shared_ptr<ViewSlot>> slots;
  Mutex rank_mutex;  // one ranking at a time, so that none undoes a newer one
  mutable std::atomic<std::uint64_t> requests{0};
  mutable std::atomic<std::uint64_t> recorded{0};
  mutable std::atomic<std::uint64_t> unrecorded{0};
  mutable std::atomic<std::uint64_t> cold{0};
  mutable std::atomic<std::uint64_t> skipped{0};
  mutable std::atomic<std::uint64_t> without_rules{0};
};

void Decider::Impl::rank(const Uuid& site, ViewSlot& slot,
                         std::shared_ptr<const SiteSnapshot> snapshot) {
  const auto before = slot.get();
  auto view = before ? std::make_shared<SiteView>(*before) : std::make_shared<SiteView>();
  view->live_revision = live.revision(site);
  view->ranked_ms = clock.now_ms();
  view->popular = rank_popular(site, snapshot.get(), live, view->ranked_ms,
                               {options.half_life_days, options.popular_items_max});
  view->snapshot = std::move(snapshot);
  slot.set(std::move(view));
}

/// Puts a changed copy of the site's view in service.
template <class Change>
void Decider::Impl::change(const Uuid& site, Change&& change) {
  const auto slot = make(site);
  const MutexLock lock(rank_mutex);
  const auto before = slot->get();
  auto view = before ? std::make_shared<SiteView>(*before) : std::make_shared<SiteView>();
  change(*view);
  slot->set(std::move(view));
}

Result<Answer> Decider::Impl::choose(const Request& request, const SiteView& view,
                                     std::uint64_t seed) const {
  auto lease = scratches.take();
  ChooserScratch& scratch = *lease;
  const Trail trail = trail_of(request.site, request.visitor, request.session);
  Chooser chooser(view, request, trail, clock, options, scratch);
  ATTUNE_ASSIGN(Answer answer, chooser.choose(seed));
  if (scratch.candidates.visit.empty() && scratch.candidates.history.empty()) {
    cold.fetch_add(1, std::memory_order_relaxed);
  }
  skipped.fetch_add(answer.skipped.size(), std::memory_order_relaxed);
  if (answer.fallback == to_string(Fallback::rules_excluded_everything)) {
    without_rules.fetch_add(1, std::memory_order_relaxed);
  }
  if (!request.preview && sink != nullptr && !answer.items.empty()) {
    record(request, factors_of(chooser, trail, view, answer, scratch.candidates), answer,
           chooser.is_withheld());
  }
  if (!request.preview) {
    shadows.offer(request.site, view.snapshot, scratch.candidates.visit,
                  scratch.candidates.history);
  }
  if (chooser.is_withheld()) answer.items.clear();
  return answer;
}

void Decider::Impl::record(const Request& request, const std::string& factors, Answer& answer,
                           bool is_withheld) const {
  event::Decision decision;
  decision.decision_id = Uuid::random();
  decision.site = request.site;
  decision.decided_ms = clock.now_ms();
  decision.session_id = request.session;
  decision.visitor_id = request.visitor;
  decision.placement = request.placement;
  const bool says_context = !request.item.empty() || !request.items.empty() ||
                            !request.category.empty() || !request.query.empty() ||
                            !request.type.empty();
  decision.context_json = request.context_json;
  if (decision.context_json.empty() && says_context) decision.context_json = context_of(request);
  decision.model_version = answer.model_version;
  decision.factors_json = factors;
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
    decided.strategy = is_withheld ? std::string(kWithheld) : item.strategy;
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
  if (request.count && (*request.count < 1 || *request.count > kDepthMax)) {
    return fail(ErrorCode::invalid_argument, fmt::format("must be from 1 to {}", kDepthMax), "n");
  }
  if (request.items.size() > kCartItemsMax) {
    return fail(ErrorCode::invalid_argument, fmt::format("are at most {}", kCartItemsMax), "items");
  }
  impl_->requests.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t seed =
      impl_->next_seed ? impl_->next_seed() : std::hash<Uuid>{}(Uuid::random());
  const auto view = impl_->view(request.site);
  static const SiteView kNothing;
  return impl_->choose(request, view ? *view : kNothing, seed);
}

void Decider::publish(const Uuid& site, std::shared_ptr<const SiteSnapshot> snapshot) {
  const auto slot = impl_->make(site);
  const MutexLock lock(impl_->rank_mutex);
  impl_->rank(site, *slot, std::move(snapshot));
}

void Decider::publish_rules(const Uuid& site, std::shared_ptr<const SiteRules> rules) {
  impl_->change(site, [&](SiteView& view) { view.rules = std::move(rules); });
}

std::shared_ptr<const SiteRules> Decider::rules(const Uuid& site) const {
  const auto view = impl_->view(site);
  return view ? view->rules : nullptr;
}

void Decider::publish_reranker(const Uuid& site, std::shared_ptr<const Reranker> reranker) {
  impl_->change(site, [&](SiteView& view) { view.reranker = std::move(reranker); });
}

Decider::VisitorView Decider::visitor(const Uuid& site, const std::string& visitor,
                                      const std::string& session) const {
  return {impl_->trail_of(site, visitor, session), snapshot(site)};
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
  impl_->shadows.run(impl_->clock);
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

std::vector<learn::ShadowCounts> Decider::take_shadow_counts(const Uuid& site) {
  return impl_->shadows.take(site);
}

DeciderCounters Decider::counters() const {
  return {impl_->requests, impl_->recorded, impl_->unrecorded,
          impl_->cold,     impl_->skipped,  impl_->without_rules};
}

const DeciderOptions& Decider::options() const {
  return impl_->options;
}

}  // namespace attune::decide
