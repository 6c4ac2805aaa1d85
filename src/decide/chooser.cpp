#include "decide/chooser.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/hash.h"
#include "decide/reason.h"

namespace attune::decide {
namespace {

constexpr std::size_t kHistoryMax = 50;
constexpr std::size_t kRuleItemsMax = 100;
constexpr std::size_t kQueryWordsMax = 16;

const SiteRules& no_rules() {
  static const SiteRules none;
  return none;
}

/// Whether the visitor is of the share that is shown what is popular, or nothing: the same answer
/// for a visitor and a placement, for ever.
bool is_control(const std::string& site, const Placement& placement, std::int64_t visitor) {
  const std::uint64_t number =
      hash64(fmt::format("control:{}:{}:{}", site, placement.name, visitor));
  return static_cast<double>(number >> 11) * 0x1p-53 < placement.control_share;
}

}  // namespace

std::string_view to_string(Group group) {
  if (group == Group::none) return "none";
  return group == Group::control ? "control" : "treatment";
}

Chooser::Chooser(const SiteView& view, const Request& request, const Trail& trail,
                 const Clock& clock, const DeciderOptions& options, ChooserScratch& scratch)
    : view_(view),
      request_(request),
      trail_(trail),
      clock_(clock),
      options_(options),
      scratch_(scratch),
      rules_(request.draft ? request.draft.get() : view.rules ? view.rules.get() : &no_rules()),
      placement_(rules_->find(request.placement)) {
  draw_.exploration = placement_.exploration.value_or(options.exploration);
  draw_.temperature = placement_.temperature.value_or(options.temperature);
  draw_.diversity = placement_.diversity;
}

Result<void> Chooser::check() const {
  const auto& types = placement_.types;
  if (!request_.type.empty() && !types.empty() &&
      std::find(types.begin(), types.end(), request_.type) == types.end()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("placement '{}' shows no products of this type", placement_.name),
                "type");
  }
  const auto missing = [this](std::string_view field, std::string_view what) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("placement '{}' recommends by {}: say which", placement_.name, what),
                std::string(field));
  };
  switch (placement_.context) {
    case Context::item:
      if (request_.item.empty()) return missing("item", "the item on the page");
      break;
    case Context::cart:
      if (request_.items.empty()) return missing("items", "the items of a cart");
      break;
    case Context::category:
      if (request_.category.empty()) return missing("category", "category");
      break;
    case Context::search:
      if (request_.query.empty()) return missing("query", "what was searched for");
      break;
    default:
      break;
  }
  return {};
}

void Chooser::fill_history() {
  auto& history = scratch_.query.history;
  const auto add_known = [&](std::int64_t user) {
    if (!view_.snapshot) return;
    for (const std::uint32_t number : view_.snapshot->history(user)) {
      history.push_back(view_.snapshot->item(number).key);
    }
  };
  add_known(trail_.user);
  if (trail_.visitor != trail_.user) add_known(trail_.visitor);
  history.insert(history.end(), trail_.before().begin(), trail_.before().end());
  if (placement_.context == Context::item || placement_.context == Context::cart) {
    history.insert(history.end(), trail_.recent().begin(), trail_.recent().end());
  }
  // Each item once, where it is newest, and not what this visit is about.
  const auto& visit = scratch_.query.visit;
  std::vector<ItemKey> newest;
  for (auto at = history.rbegin(); at != history.rend() && newest.size() < kHistoryMax; ++at) {
    if (std::find(newest.begin(), newest.end(), *at) != newest.end()) continue;
    if (std::find(visit.begin(), visit.end(), *at) != visit.end()) continue;
    newest.push_back(*at);
  }
  history.assign(newest.rbegin(), newest.rend());
}

void Chooser::fill_query() {
  CandidateQuery& query = scratch_.query;
  const std::string site = request_.site.text();
  query = CandidateQuery{.placement = &placement_, .rules = rules_->rules, .trail = &trail_};
  query.clock = &clock_;
  const Context context = placement_.context;
  if (context != Context::item && context != Context::cart) {
    query.visit.assign(trail_.recent().begin(), trail_.recent().end());
  }
  const auto look_at = [&](const std::string& item) {
    query.current = stable_id(site, item);
    if (query.visit.empty() || query.visit.back() != query.current) {
      query.visit.push_back(query.current);
    }
  };
  query.current = query.visit.empty() ? 0 : query.visit.back();
  if (context != Context::item) {
    for (const std::string& item : request_.items) {
      look_at(item);
      query.also_not.push_back(query.current);
    }
  }
  if (!request_.item.empty() && context != Context::cart) look_at(request_.item);
  if (context != Context::session && context != Context::item) fill_history();
  for (const std::string& item : request_.excluded) {
    query.also_not.push_back(stable_id(site, item));
  }
  std::sort(query.also_not.begin(), query.also_not.end());
  for (const std::string& category : request_.categories) {
    query.categories.push_back(attribute_hash(category));
  }
  query.category = attribute_hash(request_.category);
  for (const std::string& type : placement_.types) query.types.push_back(attribute_hash(type));
  if (!request_.type.empty()) query.types = {attribute_hash(request_.type)};
  each_word(request_.query, [&, &words = query.words](std::uint64_t word) {
    const bool is_new = std::find(words.begin(), words.end(), word) == words.end();
    if (is_new && words.size() < kQueryWordsMax) words.push_back(word);
  });
  const std::int64_t now_ms = clock_.now_ms();
  for (std::size_t i = 0; i < rules_->rules.size(); ++i) {
    const Rule& rule = rules_->rules[i];
    const bool is_here = rule.placement.empty() || rule.placement == placement_.name;
    if (rule.enabled && is_here && rule.schedule.holds(now_ms, rules_->zone)) {
      query.active.push_back(i);
    }
  }
  if (request_.preview) {
    scratch_.effects.assign(rules_->rules.size(), {});
    query.effects = &scratch_.effects;
  }
}

void Chooser::choose_group(Answer& answer) {
  if (placement_.control_share <= 0 || request_.preview) return;
  const std::string site = request_.site.text();
  std::int64_t visitor = trail_.visitor;
  if (!request_.visitor.empty()) visitor = stable_id(site, request_.visitor);
  if (visitor == 0 && !request_.session.empty()) visitor = stable_id(site, request_.session);
  if (visitor == 0) return;  // nobody to count
  answer.group = is_control(site, placement_, visitor) ? Group::control : Group::treatment;
  scratch_.query.popular_only = answer.group == Group::control;
  is_withheld_ = answer.group == Group::control && placement_.control_gets_none;
}

const SnapshotItem* Chooser::item_of(const Candidate& candidate) const {
  return candidate.number == learn::kNoItem ? nullptr : &view_.snapshot->item(candidate.number);
}

const std::string& Chooser::id_of(const Candidate& candidate) const {
  const SnapshotItem* item = item_of(candidate);
  return item == nullptr ? candidate.popular->id : item->product.id;
}

/// Puts pinned items behind the pool; one that is in the pool already leaves it.
void Chooser::plan_pins(std::size_t slots) {
  scratch_.pins.clear();
  scratch_.pin_rules.clear();
  auto& pool = scratch_.pool;
  std::vector<Candidate> pinned;
  std::vector<Pin>& pins = scratch_.pins;
  for (const std::size_t at : scratch_.query.active) {
    const Rule& rule = rules_->rules[at];
    if (rule.kind != RuleKind::pin || rule.slot > slots) continue;
    const ItemKey key = stable_id(request_.site.text(), rule.item);
    const Candidate candidate = pinned_candidate(view_, scratch_.query, key, scratch_.candidates);
    const auto same = [&](const Pin& pin) {
      return pin.slot == rule.slot - 1 || pinned[pin.candidate].key == key;
    };
    if (candidate.key == 0 || std::any_of(pins.begin(), pins.end(), same)) continue;
    std::erase_if(pool, [&](const Candidate& other) { return other.key == key; });
    pins.push_back({rule.slot - 1, pinned.size()});
    scratch_.pin_rules.push_back(at);
    pinned.push_back(candidate);
    if (scratch_.query.effects != nullptr) scratch_.effects[at].items.insert(key);
  }
  for (Pin& pin : pins) pin.candidate += pool.size();
  pool.insert(pool.end(), pinned.begin(), pinned.end());
  std::sort(pins.begin(), pins.end(), [](const Pin& a, const Pin& b) { return a.slot < b.slot; });
}

void Chooser::plan_caps() {
  scratch_.caps.clear();
  for (const std::size_t at : scratch_.query.active) {
    const Rule& rule = rules_->rules[at];
    if (rule.kind != RuleKind::cap) continue;
    Cap cap{.max = rule.cap, .groups = {}};
    for (const Candidate& candidate : scratch_.pool) {
      const SnapshotItem* item = item_of(candidate);
      std::uint64_t group = 0;
      if (item != nullptr && rule.when.fits(candidate.key, item)) {
        group = rule.cap_by_brand ? item->brand : item->category;
      }
      cap.groups.push_back(group);
      if (group != 0 && scratch_.query.effects != nullptr) {
        scratch_.effects[at].items.insert(candidate.key);
      }
    }
    scratch_.caps.push_back(std::move(cap));
  }
}

void Chooser::draw(std::uint64_t seed, std::size_t slots) {
  scratch_.scores.clear();
  scratch_.traits.clear();
  for (const Candidate& candidate : scratch_.pool) {
    scratch_.scores.push_back(candidate.score);
    if (draw_.diversity <= 0) continue;
    const SnapshotItem* item = item_of(candidate);
    scratch_.traits.push_back(
        item == nullptr ? Traits{}
                        : Traits{item->category, item->brand, item->product.price.value_or(0)});
  }
  plan_caps();
  Random random(seed);
  DrawPlan plan;
  const std::size_t eligible = scratch_.pool.size() - scratch_.pins.size();
  has_bandit_ = placement_.bandit && options_.bandits != nullptr &&
                !scratch_.query.popular_only && eligible > 0;
  if (has_bandit_) {
    score_with_bandit(*options_.bandits, request_.site, *placement_.bandit, view_, scratch_.query,
                      std::span<const Candidate>(scratch_.pool).first(eligible), draw_.exploration,
                      random.next(), scratch_.bandit);
    plan.bandit = &scratch_.bandit.scores;
  }
  plan.scores = scratch_.scores;
  plan.traits = scratch_.traits;
  plan.caps = scratch_.caps;
  plan.pins = scratch_.pins;
  draw_list(plan, slots, draw_, random, scratch_.draw, scratch_.drawn);
  if (has_bandit_) finish_trace(scratch_.drawn, scratch_.bandit);
}

AnswerItem Chooser::describe(const Drawn& drawn) const {
  const Candidate& candidate = scratch_.pool[drawn.candidate];
  AnswerItem item;
  item.score = std::clamp(candidate.score, 0.0, 1.0);
  item.raw_score = candidate.raw_score;
  item.propensity = drawn.propensity;
  item.is_pinned = drawn.is_pinned;
  if (drawn.is_pinned) {
    const std::size_t first = scratch_.pool.size() - scratch_.pins.size();
    const Rule& rule = rules_->rules[scratch_.pin_rules[drawn.candidate - first]];
    item.strategy = kPinned;
    item.reason = fmt::format("put here by the rule '{}'", rule.name);
  } else {
    item.strategy = scratch_.candidates.sources[candidate.source].name;
    item.reason = reason_for(view_, candidate, scratch_.candidates);
  }
  item.item_id = id_of(candidate);
  const SnapshotItem* known = item_of(candidate);
  if (known == nullptr) {
    item.name = candidate.popular->name;
    return item;
  }
  item.in_catalogue = known->in_catalogue;
  item.name = known->product.name;
  item.url = known->product.url;
  item.image = known->product.image;
  item.category = known->product.category;
  item.brand = known->product.brand;
  item.price = known->product.price;
  return item;
}

void Chooser::describe_sources(Answer& answer) const {
  double most = 0;
  answer.model_version = "popularity";
  for (const Source& source : scratch_.candidates.sources) {
    AnswerSource made;
    made.strategy = source.name;
    made.weight = source.weight;
    made.named = source.named;
    made.state = source.state == Source::State::skipped    ? "skipped"
                 : source.state == Source::State::no_model ? "no_model"
                                                           : "asked";
    if (source.model != nullptr) made.version = source.model->model->version;
    if (source.state == Source::State::skipped) answer.skipped.push_back(source.name);
    if (!made.version.empty() && source.weight > most) {
      most = source.weight;
      answer.model_version = made.version;
    }
    answer.sources.push_back(std::move(made));
  }
}

void Chooser::describe_rules(Answer& answer) const {
  if (!request_.preview) return;
  for (std::size_t i = 0; i < rules_->rules.size(); ++i) {
    const Rule& rule = rules_->rules[i];
    AnswerRule made;
    made.id = rule.id;
    made.name = rule.name;
    made.kind = to_string(rule.kind);
    const auto& active = scratch_.query.active;
    made.is_active = std::find(active.begin(), active.end(), i) != active.end();
    made.item_count = scratch_.effects[i].items.size();
    for (const ItemKey key : scratch_.effects[i].items) {
      const std::uint32_t number = view_.snapshot ? view_.snapshot->find(key) : learn::kNoItem;
      if (number == learn::kNoItem || made.items.size() >= kRuleItemsMax) continue;
      made.items.push_back(view_.snapshot->item(number).product.id);
    }
    answer.rules.push_back(std::move(made));
  }
}

Result<Answer> Chooser::choose(std::uint64_t seed) {
  const std::int64_t start_us = clock_.steady_us();
  ATTUNE_TRY(check());
  Answer answer;
  answer.placement = request_.placement;
  answer.seed = seed;
  const std::size_t slots = request_.count.value_or(placement_.count);
  fill_query();
  choose_group(answer);
  scratch_.query.count = std::max(options_.pool_items_min, 3 * slots);
  scratch_.query.deadline_us = start_us + placement_.budget_us;
  Fallback fallback = Fallback::none;
  const auto found = find_candidates(view_, scratch_.query, scratch_.candidates, fallback);
  scratch_.pool.assign(found.begin(), found.end());
  plan_pins(slots);
  draw(seed, slots);

  answer.fallback = to_string(fallback);
  const std::size_t eligible = scratch_.pool.size() - scratch_.pins.size();
  answer.eligible_count = static_cast<std::uint32_t>(eligible);
  for (std::size_t i = 0; i < eligible; ++i) {
    answer.eligible_hash += hash64(id_of(scratch_.pool[i]));
  }
  for (const Drawn& drawn : scratch_.drawn) {
    answer.items.push_back(describe(drawn));
    answer.items.back().rank = static_cast<std::uint32_t>(answer.items.size());
  }
  describe_sources(answer);
  describe_rules(answer);
  return answer;
}

}  // namespace attune::decide
