#include "decide/candidates.h"

#include <algorithm>
#include <array>

#include "base/ensure.h"
#include "decide/reranker.h"

namespace attune::decide {
namespace {

/// More than are wanted, for those that filters and rules take out again; more still when they are
/// likely to take out most.
constexpr std::size_t kSpare = 50;
constexpr std::size_t kSpareRestricted = 500;
/// What a fallback's score counts beside candidates that came before it.
constexpr double kFallbackWeight = 0.02;
/// Items looked at to fill a list from the catalogue, or from one word or category of it.
constexpr std::size_t kCatalogueScanMax = 5000;
constexpr std::size_t kWordItemsMax = 2000;
constexpr std::size_t kCategoryItemsMax = 200;

/// What an answer is kept away from, always and by rules.
class Filter {
 public:
  Filter(const SiteView& view, const CandidateQuery& query, CandidateScratch& scratch,
         bool with_rules, bool with_restriction)
      : snapshot_(view.snapshot.get()),
        query_(query),
        scratch_(scratch),
        with_rules_(with_rules),
        with_restriction_(with_restriction) {
    if (snapshot_ == nullptr || !query.placement->hide_bought) return;
    bought_ = {snapshot_->purchases(query.trail->visitor), snapshot_->purchases(query.trail->user)};
  }

  bool allows(ItemKey key, std::uint32_t number) {
    if (!always(key, number)) return false;
    const SnapshotItem* item = item_of(number);
    if (with_restriction_ && !matches(number, item)) return false;
    if (!with_rules_ || by_rules(key, item)) return true;
    scratch_.rules_excluded = true;
    return false;
  }

  /// The filters that hold for pinned items too.
  bool always(ItemKey key, std::uint32_t number) const {
    const Placement& placement = *query_.placement;
    if (key == query_.current) return false;
    if (std::binary_search(query_.also_not.begin(), query_.also_not.end(), key)) return false;
    if (!query_.categories.empty() && !is_in_all(item_of(number))) return false;
    if (placement.hide_bought && is_bought(key)) return false;
    if (placement.hide_seen && has(query_.trail->recent(), key)) return false;
    const auto& types = query_.types;
    if (number == learn::kNoItem) return types.empty();
    const ItemGate& gate = snapshot_->gate(number);
    if (gate.hidden || (placement.hide_out_of_stock && !gate.in_stock)) return false;
    return types.empty() || std::find(types.begin(), types.end(), gate.type) != types.end();
  }

 private:
  using Purchase = std::pair<std::int64_t, ItemKey>;

  template <class Keys>
  static bool has(const Keys& keys, ItemKey key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  }

  const SnapshotItem* item_of(std::uint32_t number) const {
    return number == learn::kNoItem ? nullptr : &snapshot_->item(number);
  }

  bool is_bought(ItemKey key) const {
    return has(query_.trail->purchases(), key) || std::ranges::any_of(bought_, [&](auto person) {
             return std::ranges::binary_search(person, key, {}, &Purchase::second);
           });
  }

  bool is_in_all(const SnapshotItem* item) const {
    return item != nullptr &&
           std::all_of(query_.categories.begin(), query_.categories.end(),
                       [&](std::uint64_t category) { return item->is_in(category); });
  }

  bool matches(std::uint32_t number, const SnapshotItem* item) const {
    if (query_.category != 0 && (item == nullptr || !item->is_in(query_.category))) return false;
    return query_.words.empty() || (item != nullptr && scratch_.found.has(number));
  }

  bool in_band(const Rule& rule, const SnapshotItem* item) const {
    const double unit = rule.price_relative ? scratch_.reference_price : 1;
    if (unit <= 0) return true;  // nothing to compare with
    if (item == nullptr || !item->product.price) return false;
    const double price = *item->product.price;
    return price >= rule.price_min * unit && price <= rule.price_max * unit;
  }

  bool keeps_away(const Rule& rule, ItemKey key, const SnapshotItem* item) const {
    switch (rule.kind) {
      case RuleKind::exclude:
        return rule.when.fits(key, item);
      case RuleKind::only_if:
        return !rule.when.fits(key, item);
      case RuleKind::price_band:
        return rule.when.fits(key, item) && !in_band(rule, item);
      default:
        return false;
    }
  }

  bool by_rules(ItemKey key, const SnapshotItem* item) const {
    bool allowed = true;
    for (const std::size_t at : query_.active) {
      if (!keeps_away(query_.rules[at], key, item)) continue;
      if (query_.effects == nullptr) return false;
      (*query_.effects)[at].items.insert(key);
      allowed = false;
    }
    return allowed;
  }

  const SiteSnapshot* snapshot_;
  const CandidateQuery& query_;
  CandidateScratch& scratch_;
  std::array<std::span<const Purchase>, 2> bought_{};  // of the visitor and of the known user
  const bool with_rules_;
  const bool with_restriction_;
};

/// Collects the candidates of one answer.
class Collector {
 public:
  Collector(const SiteView& view, const CandidateQuery& query, CandidateScratch& scratch,
            bool with_rules, bool with_restriction)
      : view_(view),
        snapshot_(view.snapshot.get()),
        query_(query),
        scratch_(scratch),
        filter_(view, query, scratch, with_rules, with_restriction),
        with_rules_(with_rules),
        with_restriction_(with_restriction) {}

  /// Returns  whether a strategy of the mix gave a candidate.
  bool run();

 private:
  void begin();
  void find_words();
  void ask(std::string_view name, double weight, bool is_fallback);
  void ask_model(Source& source);
  void ask_popular(Source& source);
  void ask_list(Source& source, std::span<const std::uint32_t> items, double best);
  void ask_search(Source& source);
  void ask_catalogue();
  void take(Source& source, ItemKey key, std::uint32_t number, const PopularItem* popular,
            double raw, double share);
  std::vector<std::span<const std::uint32_t>> wanted_lists() const;
  const Rule* category_rule() const;
  bool is_restricted() const;
  void blend();

  const SiteView& view_;
  const SiteSnapshot* snapshot_;
  const CandidateQuery& query_;
  CandidateScratch& scratch_;
  Filter filter_;
  const bool with_rules_;
  const bool with_restriction_;
};

void Collector::begin() {
  scratch_.candidates.clear();
  scratch_.sources.clear();
  scratch_.sources.reserve(kSourcesMax);
  scratch_.visit.clear();
  scratch_.history.clear();
  scratch_.rules_excluded = false;
  scratch_.reference_price = 0;
  scratch_.seen.begin();
  if (snapshot_ == nullptr) return;
  const auto add = [&](const std::vector<ItemKey>& keys, std::vector<std::uint32_t>& numbers) {
    for (const ItemKey key : keys) {
      const std::uint32_t at = snapshot_->find(key);
      if (at != learn::kNoItem) numbers.push_back(at);
    }
  };
  add(query_.visit, scratch_.visit);
  add(query_.history, scratch_.history);
  const std::uint32_t current = snapshot_->find(query_.current);
  if (current != learn::kNoItem) {
    scratch_.reference_price = snapshot_->item(current).product.price.value_or(0);
  }
  if (with_restriction_) find_words();
}

/// Notes for every item with one of the words the share of the words that it has.
void Collector::find_words() {
  scratch_.found.begin(snapshot_->item_count());
  const double share = 1 / static_cast<double>(std::max<std::size_t>(1, query_.words.size()));
  for (const std::uint64_t word : query_.words) {
    const auto items = snapshot_->with_word(word);
    for (const std::uint32_t number : items.first(std::min(items.size(), kWordItemsMax))) {
      scratch_.found.at(number) += share;
    }
  }
}

bool Collector::is_restricted() const {
  if (with_restriction_ && (query_.category != 0 || !query_.words.empty())) return true;
  if (!query_.categories.empty() || !query_.types.empty()) return true;
  return with_rules_ &&
         std::any_of(query_.active.begin(), query_.active.end(), [this](std::size_t at) {
           const RuleKind kind = query_.rules[at].kind;
           return kind == RuleKind::only_if || kind == RuleKind::price_band;
         });
}

/// Lists of the catalogue that nothing outside of is allowed of; none: everything is.
std::vector<std::span<const std::uint32_t>> Collector::wanted_lists() const {
  std::vector<std::span<const std::uint32_t>> lists;
  if (snapshot_ == nullptr) return lists;
  const auto add = [&](std::uint64_t category) {
    lists.push_back(snapshot_->of_category(category));
  };
  if (with_restriction_ && query_.category != 0) {
    add(query_.category);
  } else if (!query_.categories.empty()) {
    add(query_.categories.front());
  } else if (const Rule* rule = with_rules_ ? category_rule() : nullptr) {
    for (const std::uint64_t category : rule->when.categories) add(category);
  } else {
    for (const std::uint64_t type : query_.types) lists.push_back(snapshot_->of_type(type));
  }
  return lists;
}

/// The first rule that shows only certain categories.
const Rule* Collector::category_rule() const {
  for (const std::size_t at : query_.active) {
    const Rule& rule = query_.rules[at];
    if (rule.kind == RuleKind::only_if && !rule.when.categories.empty()) return &rule;
  }
  return nullptr;
}

void Collector::take(Source& source, ItemKey key, std::uint32_t number, const PopularItem* popular,
                     double raw, double share) {
  auto& all = scratch_.candidates;
  const auto source_at = static_cast<std::size_t>(&source - scratch_.sources.data());
  ++source.named;
  std::uint32_t nowhere = 0;
  std::uint32_t& seen = number == learn::kNoItem ? nowhere : scratch_.seen.at(number);
  if (seen == 0) {
    Candidate made;
    made.key = key;
    made.number = number;
    made.source = static_cast<std::uint8_t>(source_at);
    made.raw_score = raw;
    all.push_back(made);
    seen = static_cast<std::uint32_t>(all.size());
  }
  Candidate& candidate = all[seen - 1];
  if (popular != nullptr) candidate.popular = popular;
  if (source.is_fallback && candidate.source != source_at) return;  // it has a score already
  candidate.parts[source_at] = static_cast<float>(share);
  const Source& first = scratch_.sources[candidate.source];
  const double most = first.weight * static_cast<double>(candidate.parts[candidate.source]);
  if (candidate.source != source_at && source.weight * share > most) {
    candidate.source = static_cast<std::uint8_t>(source_at);
    candidate.raw_score = raw;
  }
}

void Collector::ask_model(Source& source) {
  source.model = snapshot_ == nullptr ? nullptr : snapshot_->find_model(source.name);
  if (source.model == nullptr) {
    source.state = Source::State::no_model;
    return;
  }
  auto own = std::find_if(scratch_.models.begin(), scratch_.models.end(),
                          [&](const auto& entry) { return entry.first == source.name; });
  if (own == scratch_.models.end()) {
    own = scratch_.models.emplace(own, source.name, std::make_unique<learn::Scratch>());
  }
  source.scratch = own->second.get();
  const auto to_model = [&](const std::vector<std::uint32_t>& from,
                            std::vector<learn::ItemIndex>& to) {
    to.clear();
    for (const std::uint32_t number : from) {
      const learn::ItemIndex item = source.model->from_snapshot[number];
      if (item != learn::kNoItem) to.push_back(item);
    }
  };
  to_model(scratch_.visit, scratch_.model_visit);
  to_model(scratch_.history, scratch_.model_history);
  const std::size_t spare = is_restricted() ? kSpareRestricted : kSpare;
  const auto answer = source.model->model->model->recommend(
      learn::Query(scratch_.model_visit, scratch_.model_history),
      {.count = query_.count + spare, .drop_current = false}, *source.scratch);
  scratch_.numbers.clear();
  for (const learn::ScoredItem& found : answer) {
    scratch_.numbers.push_back(source.model->to_snapshot[found.item]);
  }
  snapshot_->fetch_gates(scratch_.numbers);
  // Of those that may be shown: the newest item itself often has the highest score.
  double best = 0;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const double score = answer[i].score;
    const std::uint32_t number = scratch_.numbers[i];
    const ItemKey key = snapshot_->gate(number).key;
    if (score <= 0 || !filter_.allows(key, number)) continue;
    if (best == 0) best = score;
    take(source, key, number, nullptr, score, score / best);
  }
}

/// What is visited most of a list but not of the whole site.
void Collector::ask_list(Source& source, std::span<const std::uint32_t> items, double best) {
  for (const std::uint32_t number : items.first(std::min(items.size(), kCategoryItemsMax))) {
    const SnapshotItem& item = snapshot_->item(number);
    if (item.decayed_visits <= 0) return;
    if (scratch_.listed.get(number) != 0 || !filter_.allows(item.key, number)) continue;
    if (best == 0) best = item.decayed_visits;
    const double share = std::min(1.0, item.decayed_visits / best);
    take(source, item.key, number, nullptr, item.decayed_visits, share);
  }
}

void Collector::ask_popular(Source& source) {
  scratch_.listed.begin();
  scratch_.numbers.clear();
  for (const PopularItem& item : view_.popular) {
    if (item.number != learn::kNoItem) scratch_.numbers.push_back(item.number);
  }
  if (snapshot_ != nullptr) snapshot_->fetch_gates(scratch_.numbers);
  double best = 0;  // of those that may be shown
  for (const PopularItem& item : view_.popular) {
    if (!filter_.allows(item.key, item.number)) continue;
    if (best == 0) best = item.score;
    if (item.number != learn::kNoItem) scratch_.listed.at(item.number) = 1;
    take(source, item.key, item.number, &item, item.score, item.score / best);
  }
  for (const auto items : wanted_lists()) ask_list(source, items, best);
}

void Collector::ask_search(Source& source) {
  for (const std::uint32_t number : scratch_.found.touched()) {
    const SnapshotItem& item = snapshot_->item(number);
    if (!filter_.allows(item.key, number)) continue;
    const double share = scratch_.found.get(number);
    take(source, item.key, number, nullptr, share, share);
  }
}

/// Fills up with items that nobody has looked at lately, so that a new shop shows its catalogue.
void Collector::ask_catalogue() {
  if (snapshot_ == nullptr || scratch_.candidates.size() >= query_.count) return;
  scratch_.sources.push_back({.name = std::string(kCatalogue), .weight = 0, .is_fallback = true});
  Source& source = scratch_.sources.back();
  const auto offer = [&](std::uint32_t number) {
    const SnapshotItem& item = snapshot_->item(number);
    if (!item.in_catalogue || scratch_.seen.get(number) != 0) return;
    if (!filter_.allows(item.key, number)) return;
    take(source, item.key, number, nullptr, 0, 0);
  };
  const auto wanted = [&] { return scratch_.candidates.size() < query_.count; };
  for (const auto items : wanted_lists()) {
    for (std::size_t i = 0; i < std::min(items.size(), kCatalogueScanMax) && wanted(); ++i) {
      offer(items[i]);
    }
  }
  if (with_rules_) {
    for (const std::size_t at : query_.active) {
      const Rule& rule = query_.rules[at];
      if (rule.kind != RuleKind::only_if) continue;
      for (const ItemKey key : rule.when.items) {
        const std::uint32_t number = snapshot_->find(key);
        if (number != learn::kNoItem && wanted()) offer(number);
      }
    }
  }
  const auto scanned = static_cast<std::uint32_t>(
      std::min(snapshot_->item_count(), kCatalogueScanMax));
  for (std::uint32_t number = 0; number < scanned && wanted(); ++number) offer(number);
}

void Collector::ask(std::string_view name, double weight, bool is_fallback) {
  ensure(scratch_.sources.size() + 2 <= kSourcesMax, "a placement names few strategies");
  scratch_.sources.push_back(
      {.name = std::string(name), .weight = weight, .is_fallback = is_fallback});
  Source& source = scratch_.sources.back();
  if (query_.clock != nullptr && query_.clock->steady_us() >= query_.deadline_us &&
      name != kPopular) {  // costs nothing, and there must be an answer
    source.state = Source::State::skipped;
  } else if (name == kPopular) {
    ask_popular(source);
  } else if (name == kSearch) {
    ask_search(source);
  } else {
    ask_model(source);
  }
}

/// The mean of the sources that gave something, by weight.
void Collector::blend() {
  double total = 0;
  for (const Source& source : scratch_.sources) {
    if (source.named > 0 && !source.is_fallback) total += source.weight;
  }
  const double first = total > 0 ? kFallbackWeight : 1;
  bool is_first = total <= 0;  // the first fallback that gave something then counts in full
  for (Source& source : scratch_.sources) {
    if (!source.is_fallback) {
      source.weight = total > 0 ? source.weight / total : 0;
    } else if (source.named > 0 && source.name != kCatalogue) {
      source.weight = is_first ? first : kFallbackWeight;
      is_first = false;
    }
  }
  for (Candidate& candidate : scratch_.candidates) {
    candidate.score = 0;
    for (std::size_t i = 0; i < scratch_.sources.size(); ++i) {
      candidate.score += scratch_.sources[i].weight * static_cast<double>(candidate.parts[i]);
    }
  }
}

bool Collector::run() {
  begin();
  const Placement& placement = *query_.placement;
  if (with_restriction_ && !query_.words.empty() && snapshot_ != nullptr) {
    double all = 0;
    for (const StrategyWeight& part : placement.strategies) all += part.weight;
    ask(kSearch, all, false);  // how well it fits the words counts as much as all strategies
  }
  if (query_.popular_only) {
    ask(kPopular, 1, false);
  } else {
    for (const StrategyWeight& part : placement.strategies) ask(part.strategy, part.weight, false);
  }
  const bool mix_gave = !scratch_.candidates.empty();
  for (const std::string& name : placement.fallback) {
    if (query_.popular_only || scratch_.candidates.size() >= query_.count) break;
    const bool asked = std::any_of(scratch_.sources.begin(), scratch_.sources.end(),
                                   [&](const Source& source) { return source.name == name; });
    if (!asked) ask(name, kFallbackWeight, true);
  }
  ask_catalogue();
  blend();
  return mix_gave;
}

/// Boosts and burials, then scores back into 0..1.
void apply_factors(const SiteView& view, const CandidateQuery& query,
                   std::span<Candidate> candidates) {
  double best = 1;
  for (const std::size_t at : query.active) {
    const Rule& rule = query.rules[at];
    if (rule.kind != RuleKind::boost && rule.kind != RuleKind::bury) continue;
    const double factor = rule.kind == RuleKind::boost ? rule.factor : 1 / rule.factor;
    for (Candidate& candidate : candidates) {
      const SnapshotItem* item =
          candidate.number == learn::kNoItem ? nullptr : &view.snapshot->item(candidate.number);
      if (!rule.when.fits(candidate.key, item)) continue;
      candidate.score *= factor;
      best = std::max(best, candidate.score);
      if (query.effects != nullptr) (*query.effects)[at].items.insert(candidate.key);
    }
  }
  for (Candidate& candidate : candidates) candidate.score /= best;
}

}  // namespace

void ItemNumbers::begin() {
  used_ = 0;
  if (++round_ != 0) return;
  std::ranges::fill(slots_, Slot{});  // after four billion requests
  round_ = 1;
}

std::size_t ItemNumbers::slot_of(std::uint32_t item) const {
  constexpr std::uint32_t kGolden = 2'654'435'769U;  // 2^32 over the golden ratio: Knuth's hash
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = ((item * kGolden) >> 12U) & mask;
  while (slots_[at].round == round_ && slots_[at].item != item) at = (at + 1) & mask;
  return at;
}

std::uint32_t ItemNumbers::get(std::uint32_t item) const {
  const Slot& slot = slots_[slot_of(item)];
  return slot.round == round_ ? slot.value : 0;
}

std::uint32_t& ItemNumbers::at(std::uint32_t item) {
  if (2 * used_ >= slots_.size()) grow();
  Slot& slot = slots_[slot_of(item)];
  if (slot.round != round_) {
    slot = {item, round_, 0};
    ++used_;
  }
  return slot.value;
}

void ItemNumbers::grow() {
  std::vector<Slot> before(2 * slots_.size());
  before.swap(slots_);
  for (const Slot& slot : before) {
    if (slot.round == round_) slots_[slot_of(slot.item)] = slot;
  }
}

std::string_view to_string(Fallback fallback) {
  static constexpr std::array<std::string_view, 4> kNames{
      "", "cold", "rules_excluded_everything", "nothing_matches"};
  return kNames[static_cast<std::size_t>(fallback)];
}

std::span<Candidate> find_candidates(const SiteView& view, const CandidateQuery& query,
                                     CandidateScratch& scratch, Fallback& fallback) {
  auto& all = scratch.candidates;
  const bool restricted = query.category != 0 || !query.words.empty();
  fallback = Fallback::none;
  bool mix_gave = Collector(view, query, scratch, true, restricted).run();
  bool with_rules = true;
  if (all.empty() && scratch.rules_excluded) {
    fallback = Fallback::rules_excluded_everything;
    with_rules = false;
    mix_gave = Collector(view, query, scratch, false, restricted).run();
  }
  if (all.empty() && restricted) {
    fallback = Fallback::nothing_matches;
    mix_gave = Collector(view, query, scratch, with_rules, false).run();
  }
  if (fallback == Fallback::none && !mix_gave && !all.empty()) fallback = Fallback::cold;
  if (view.reranker && !query.popular_only) {
    view.reranker->rerank({.view = view, .query = query, .sources = scratch.sources}, all);
  }
  apply_factors(view, query, all);
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.key < b.key;
  };
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(query.count, all.size()));
  std::partial_sort(all.begin(), end, all.end(), better);
  all.erase(end, all.end());
  return all;
}

Candidate pinned_candidate(const SiteView& view, const CandidateQuery& query, ItemKey key,
                           CandidateScratch& scratch) {
  Candidate candidate;
  const std::uint32_t number = view.snapshot ? view.snapshot->find(key) : learn::kNoItem;
  if (number == learn::kNoItem) return candidate;
  const Filter filter(view, query, scratch, false, false);
  if (!filter.always(key, number)) return candidate;
  candidate.key = key;
  candidate.number = number;
  candidate.score = 1;
  return candidate;
}

}  // namespace attune::decide
