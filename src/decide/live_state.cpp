#include "decide/live_state.h"

#include <algorithm>
#include <atomic>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/hash.h"
#include "base/mutex.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kShards = 16;

enum class TrailOf : std::uint64_t { visitor = 1, visit = 2 };

std::uint64_t trail_key(const Uuid& site, TrailOf whose, std::string_view id) {
  const std::string_view bytes(reinterpret_cast<const char*>(site.bytes.data()), site.bytes.size());
  return hash64(id, hash64(bytes, static_cast<std::uint64_t>(whose)));
}

/// Trails by key, the least recently written one making room for a new one. The list of ages runs
/// through the entries by number: one allocation for all.
class TrailShard {
 public:
  explicit TrailShard(std::size_t trails_max) : trails_max_(std::max<std::size_t>(1, trails_max)) {}

  bool copy(std::uint64_t key, Trail& out) const {
    const MutexLock lock(mutex_);
    const auto at = numbers_.find(key);
    if (at == numbers_.end()) return false;
    out = entries_[at->second].trail;
    return true;
  }

  /// Calls `change` with the trail of `key`, made if need be.
  template <class Change>
  void change(std::uint64_t key, Change&& change) {
    const MutexLock lock(mutex_);
    change(entries_[touch(key)].trail);
  }

  /// Empties trails for which `which(key, trail)` is true; their places stay.
  template <class Which>
  void clear_if(Which which) {
    const MutexLock lock(mutex_);
    for (Entry& entry : entries_) {
      if (which(entry.key, entry.trail)) entry.trail = Trail{};
    }
  }

  std::size_t count() const {
    const MutexLock lock(mutex_);
    return numbers_.size();
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffffU;
  struct Entry {
    Trail trail;
    std::uint64_t key = 0;
    std::uint32_t older = kNone;
    std::uint32_t newer = kNone;
  };

  std::uint32_t touch(std::uint64_t key) ATTUNE_THREAD(requires_capability(mutex_)) {
    if (const auto at = numbers_.find(key); at != numbers_.end()) {
      unlink(at->second);
      link_newest(at->second);
      return at->second;
    }
    std::uint32_t number = 0;
    if (entries_.size() < trails_max_) {
      number = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      number = oldest_;
      unlink(number);
      numbers_.erase(entries_[number].key);
      entries_[number] = Entry{};
    }
    entries_[number].key = key;
    numbers_.emplace(key, number);
    link_newest(number);
    return number;
  }

  void unlink(std::uint32_t number) ATTUNE_THREAD(requires_capability(mutex_)) {
    Entry& entry = entries_[number];
    (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
    (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
    entry.older = kNone;
    entry.newer = kNone;
  }

  void link_newest(std::uint32_t number) ATTUNE_THREAD(requires_capability(mutex_)) {
    entries_[number].older = newest_;
    (newest_ == kNone ? oldest_ : entries_[newest_].newer) = number;
    newest_ = number;
  }

  mutable Mutex mutex_;
  const std::size_t trails_max_;
  std::vector<Entry> entries_ ATTUNE_THREAD(guarded_by(mutex_));
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_ ATTUNE_THREAD(guarded_by(mutex_));
  std::uint32_t oldest_ ATTUNE_THREAD(guarded_by(mutex_)) = kNone;
  std::uint32_t newest_ ATTUNE_THREAD(guarded_by(mutex_)) = kNone;
};

/// Whether items of such an event were looked at, wanted or bought: docs/etl.md, section 9, without
/// the kinds that take something back.
bool is_interest(const event::EventView& event) {
  using enum event::Kind;
  switch (event.kind) {
    case product_view:
    case product_click:
    case recommendation_click:
    case cart_add:
    case wishlist_add:
    case purchase:
      return true;
    case pageview:
      return event.items.size() == 1;
    default:
      return false;
  }
}

}  // namespace

bool Trail::add_item(ItemKey item) {
  const auto begin = items.begin();
  const auto end = begin + item_count;
  const bool is_new = std::find(begin, end, item) == end;
  if (item_count > 0 && items[item_count - 1U] == item) return false;
  if (item_count == kItemsMax) {
    std::move(begin + 1, end, begin);
    --item_count;
  }
  items[item_count++] = item;
  return is_new;
}

void Trail::add_purchase(ItemKey item) {
  bought[bought_next] = item;
  bought_next = static_cast<std::uint8_t>((bought_next + 1U) % kPurchasesMax);
  bought_count = static_cast<std::uint8_t>(std::min<std::size_t>(bought_count + 1U, kPurchasesMax));
}

void Trail::end_visit() {
  for (const ItemKey item : recent()) {
    const auto end = history.begin() + history_count;
    auto gap = std::find(history.begin(), end, item);  // an item moves to the newest place
    if (gap == end && history_count < kHistoryMax) {
      history[history_count++] = item;
      continue;
    }
    if (gap == end) gap = history.begin();
    std::move(gap + 1, end, gap);
    *(end - 1) = item;
  }
  item_count = 0;
}

void HourCounts::add(std::int64_t hour) {
  if (hour <= newest_ - kHours || hour < 0) return;
  if (newest_ == 0) newest_ = hour;
  for (; newest_ < hour; ++newest_) {
    if (hour - newest_ > kHours) newest_ = hour - kHours;  // older slots are all overwritten below
    visits_[static_cast<std::size_t>((newest_ + 1) % kHours)] = 0;
  }
  ++visits_[static_cast<std::size_t>(hour % kHours)];
}

std::uint32_t HourCounts::at(std::int64_t hour) const {
  if (hour < 0 || hour > newest_ || hour <= newest_ - kHours) return 0;
  return visits_[static_cast<std::size_t>(hour % kHours)];
}

/// The items of one site.
struct SiteItems {
  mutable Mutex mutex;
  std::unordered_map<ItemKey, LiveItem> items ATTUNE_THREAD(guarded_by(mutex));
  std::atomic<std::uint64_t> revision{0};
};

struct LiveState::Impl {
  explicit Impl(const LiveOptions& chosen) : options(chosen) {
    for (std::size_t i = 0; i < kShards; ++i) {
      shards.push_back(std::make_unique<TrailShard>(options.trails_max / kShards));
    }
  }

  TrailShard& shard(std::uint64_t key) const { return *shards[key % kShards]; }

  std::shared_ptr<SiteItems> find_site(const Uuid& site) const {
    const std::shared_lock lock(sites_mutex);
    const auto at = sites.find(site);
    return at == sites.end() ? nullptr : at->second;
  }
  std::shared_ptr<SiteItems> make_site(const Uuid& site) {
    if (auto found = find_site(site)) return found;
    const std::unique_lock lock(sites_mutex);
    return sites.try_emplace(site, std::make_shared<SiteItems>()).first->second;
  }

  void begin_visit_if_new(Trail& trail, std::uint64_t visit, std::int64_t now_ms) const;
  void count_item(SiteItems& site, ItemKey key, const event::ItemView& item, std::int64_t hour);
  void forget_quiet_items(std::int64_t hour);

  const LiveOptions options;
  std::vector<std::unique_ptr<TrailShard>> shards;
  mutable std::shared_mutex sites_mutex;
  std::unordered_map<Uuid, std::shared_ptr<SiteItems>> sites;
  std::atomic<std::size_t> item_count{0};
  std::int64_t swept_hour = 0;  // the writer's own, as the next two
  Uuid site_named{};
  std::string site_text;
};

void LiveState::Impl::begin_visit_if_new(Trail& trail, std::uint64_t visit,
                                         std::int64_t time_ms) const {
  const bool other_visit = visit != 0 && trail.visit != 0 && visit != trail.visit;
  const bool after_gap = visit == 0 && time_ms - trail.last_ms > options.visit_gap_ms;
  if (other_visit || after_gap) trail.end_visit();
  if (visit != 0) trail.visit = visit;
  trail.last_ms = std::max(trail.last_ms, time_ms);
}

/// Makes room when too many items are counted: those without a visit in the hours remembered go.
void LiveState::Impl::forget_quiet_items(std::int64_t hour) {
  if (hour == swept_hour) return;  // at most once an hour: it looks at all of them
  swept_hour = hour;
  const std::shared_lock lock(sites_mutex);
  for (const auto& named : sites) {
    SiteItems& site = *named.second;
    const MutexLock items_lock(site.mutex);
    item_count -= std::erase_if(site.items, [&](const auto& entry) {
      return entry.second.hours.newest() <= hour - HourCounts::kHours;
    });
  }
}

void LiveState::Impl::count_item(SiteItems& site, ItemKey key, const event::ItemView& item,
                                 std::int64_t hour) {
  if (item_count >= options.items_max) forget_quiet_items(hour);
  const MutexLock lock(site.mutex);
  auto at = site.items.find(key);
  if (at == site.items.end()) {
    if (item_count >= options.items_max) return;  // known ones are still counted
    at = site.items.try_emplace(key).first;
    at->second.id = item.id;
    ++item_count;
  }
  if (!item.name.empty() && at->second.name != item.name) at->second.name = item.name;
  at->second.hours.add(hour);
  site.revision.fetch_add(1, std::memory_order_relaxed);
}

LiveState::LiveState(const LiveOptions& options) : impl_(std::make_unique<Impl>(options)) {}
LiveState::~LiveState() = default;

void LiveState::apply(const event::EventView& event) {
  if (event.is_bot || event.stream != 0 || event.items.empty() || !is_interest(event)) return;
  Impl& impl = *impl_;
  if (impl.site_text.empty() || impl.site_named != event.site) {
    impl.site_named = event.site;
    impl.site_text = event.site.text();
  }
  const std::int64_t time_ms = event.timestamp_ms;
  const std::uint64_t visitor_key = trail_key(event.site, TrailOf::visitor, event.visitor_id);
  const std::uint64_t visit_key =
      event.session_id.empty() ? 0 : trail_key(event.site, TrailOf::visit, event.session_id);
  const std::int64_t visitor = stable_id(impl.site_text, event.visitor_id);
  const std::int64_t user = event.user_id.empty() ? 0 : stable_id(impl.site_text, event.user_id);
  const auto site = impl.make_site(event.site);
  for (const event::ItemView& item : event.items) {
    if (event::is_content_item(item.id)) continue;
    const ItemKey key = stable_id(impl.site_text, item.id);
    bool is_new = false;
    impl.shard(visitor_key).change(visitor_key, [&](Trail& trail) {
      impl.begin_visit_if_new(trail, visit_key, time_ms);
      trail.visitor = visitor;
      trail.visitor_trail = visitor_key;
      if (user != 0) trail.user = user;
      is_new = trail.add_item(key);
      if (event.kind == event::Kind::purchase) trail.add_purchase(key);
    });
    if (visit_key != 0) {
      impl.shard(visit_key).change(visit_key, [&](Trail& trail) {
        trail.last_ms = std::max(trail.last_ms, time_ms);
        trail.visitor_trail = visitor_key;
        is_new = trail.add_item(key);
      });
    }
    if (is_new) impl.count_item(*site, key, item, time_ms / kHourMs);
  }
}

bool LiveState::find_trail(const Uuid& site, std::string_view visitor, std::string_view session,
                           Trail& out) const {
  out = Trail{};
  Trail of_visit;
  bool found = false;
  if (!session.empty()) {
    const std::uint64_t key = trail_key(site, TrailOf::visit, session);
    found = impl_->shard(key).copy(key, of_visit);
  }
  std::uint64_t visitor_key = of_visit.visitor_trail;
  if (!visitor.empty()) visitor_key = trail_key(site, TrailOf::visitor, visitor);
  const bool knows_visitor = visitor_key != 0 && impl_->shard(visitor_key).copy(visitor_key, out);
  if (found) {
    out.items = of_visit.items;
    out.item_count = of_visit.item_count;
    out.last_ms = of_visit.last_ms;
  }
  return found || knows_visitor;
}

void LiveState::each_item(const Uuid& site,
                          const std::function<void(ItemKey, const LiveItem&)>& visit) const {
  const auto found = impl_->find_site(site);
  if (!found) return;
  const MutexLock lock(found->mutex);
  for (const auto& entry : found->items) visit(entry.first, entry.second);
}

std::uint64_t LiveState::revision(const Uuid& site) const {
  const auto found = impl_->find_site(site);
  return found ? found->revision.load(std::memory_order_relaxed) : 0;
}

std::vector<Uuid> LiveState::sites() const {
  const std::shared_lock lock(impl_->sites_mutex);
  std::vector<Uuid> all;
  for (const auto& entry : impl_->sites) all.push_back(entry.first);
  return all;
}

void LiveState::forget(const Uuid& site) {
  const std::unique_lock lock(impl_->sites_mutex);
  const auto at = impl_->sites.find(site);
  if (at == impl_->sites.end()) return;
  {
    const MutexLock items_lock(at->second->mutex);
    impl_->item_count -= at->second->items.size();
    at->second->items.clear();
  }
  impl_->sites.erase(at);
}

void LiveState::forget_person(std::int64_t person) {
  std::unordered_set<std::uint64_t> trails;
  for (const auto& shard : impl_->shards) {
    shard->clear_if([&](std::uint64_t key, const Trail& trail) {
      if (trail.visitor != person && trail.user != person) return false;
      trails.insert(key);
      return true;
    });
  }
  for (const auto& shard : impl_->shards) {
    shard->clear_if([&](std::uint64_t, const Trail& trail) {
      return trail.visitor_trail != 0 && trails.contains(trail.visitor_trail);
    });
  }
}

std::size_t LiveState::trail_count() const {
  std::size_t count = 0;
  for (const auto& shard : impl_->shards) count += shard->count();
  return count;
}

std::size_t LiveState::item_count() const {
  return impl_->item_count;
}

}  // namespace attune::decide
