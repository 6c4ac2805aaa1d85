// Which items may be shown, and how good each is: what the strategies of a placement name, blended,
// without what filters and rules keep away. docs/placements.md says it step by step.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "decide/live_state.h"
#include "decide/placement.h"
#include "decide/popular.h"
#include "decide/site_snapshot.h"
#include "learn/recommender.h"

namespace attune::decide {

class Reranker;

/// What a request reads of a site; swapped whole.
struct SiteView {
  std::shared_ptr<const SiteSnapshot> snapshot;  // may be null: live counts only
  std::shared_ptr<const SiteRules> rules;        // may be null: the built-in placement, no rules
  std::shared_ptr<const Reranker> reranker;      // may be null
  std::vector<PopularItem> popular;
  std::uint64_t live_revision = 0;  // of the live counts in `popular`
  std::int64_t ranked_ms = 0;
};

/// Strategies of one answer, `popular`, `search` and `catalogue` counted.
inline constexpr std::size_t kSourcesMax = 12;

struct Candidate {
  ItemKey key = 0;
  std::uint32_t number = learn::kNoItem;  // in the snapshot, or kNoItem
  const PopularItem* popular = nullptr;   // in the view's ranking, when it is there
  double score = 0;                       // 0..1: what the draw goes by
  double raw_score = 0;                   // the strategy's own
  std::uint8_t source = 0;  // the one that gave most of the score, by number in the scratch
  std::array<float, kSourcesMax> parts{};  // each source's own score, 0..1, before weights
};

/// A strategy of one answer.
struct Source {
  enum class State : std::uint8_t { asked, skipped, no_model };
  std::string name;
  double weight = 1;
  bool is_fallback = false;
  State state = State::asked;
  std::uint32_t named = 0;  // candidates it gave
  const ServedModel* model = nullptr;
  learn::Scratch* scratch = nullptr;  // of its model's last answer
};

/// What rules did, by their number in the site's rules; for previews.
struct RuleEffect {
  std::size_t rule = 0;
  std::set<ItemKey> items;  // removed, boosted, buried, pinned or counted
};

/// What an answer is made from.
struct CandidateQuery {
  const Placement* placement = nullptr;
  std::span<const Rule> rules{};
  const Trail* trail = nullptr;
  std::vector<std::size_t> active{};  // rules that hold here and now, by number in `rules`
  std::vector<ItemKey> visit{};       // oldest first; the item on the page or the cart's at the end
  std::vector<ItemKey> history{};     // oldest first
  ItemKey current = 0;              // the item on the page or looked at last, never a candidate
  std::vector<ItemKey> also_not{};    // the cart's items and those a request excludes; ascending
  std::vector<std::uint64_t> categories{};  // only items that are in all of these
  std::vector<std::uint64_t> types{};  // not empty: products of these types alone
  std::uint64_t category = 0;       // not 0: from this category alone
  std::vector<std::uint64_t> words{};  // not empty: items with one of these words alone
  std::size_t count = 30;            // at most so many candidates
  bool popular_only = false;         // for the control group
  const Clock* clock = nullptr;
  std::int64_t deadline_us = 0;      // steady; strategies not asked by then are skipped
  std::vector<RuleEffect>* effects = nullptr;  // one a rule; null: not wanted
};

/// A number for each of the few items that one request touches; at home in the first cache, which a
/// table of all items is not.
class ItemNumbers {
 public:
  /// Forgets all.
  void begin();
  /// Returns  what the item has, to be changed; 0 when it has nothing yet.
  std::uint32_t& at(std::uint32_t item);
  /// Returns  what the item has, 0: nothing.
  std::uint32_t get(std::uint32_t item) const;

 private:
  struct Slot {
    std::uint32_t item = 0;
    std::uint32_t round = 0;  // of begin(); an earlier one: the slot is free
    std::uint32_t value = 0;
  };
  std::size_t slot_of(std::uint32_t item) const;
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(1024);  // a power of two, half of them free at least
  std::size_t used_ = 0;
  std::uint32_t round_ = 1;
};

/// Buffers of one request, kept from request to request.
struct CandidateScratch {
  std::vector<std::pair<std::string, std::unique_ptr<learn::Scratch>>> models;  // by strategy
  std::vector<Source> sources;
  std::vector<std::uint32_t> visit;    // numbers of the items that the snapshot knows
  std::vector<std::uint32_t> history;
  std::vector<learn::ItemIndex> model_visit;
  std::vector<learn::ItemIndex> model_history;
  std::vector<std::uint32_t> numbers;  // of what a model or a list names
  ItemNumbers seen;         // snapshot number -> position in `candidates` + 1
  ItemNumbers listed;       // snapshot numbers that the popularity ranking gave
  learn::SparseSums found;  // snapshot number -> share of the search words it has
  std::vector<Candidate> candidates;
  double reference_price = 0;  // of the item on the page or looked at last; 0: not known
  bool rules_excluded = false;  // a rule took a candidate out
};

/// How an answer had to do without what was asked for.
enum class Fallback : std::uint8_t {
  none,
  cold,                       // nothing of the mix knew this visitor or item
  rules_excluded_everything,  // answered as if exclude, only_if and price_band were not there
  nothing_matches,            // no item of the category or search: answered without it
};
std::string_view to_string(Fallback fallback);

/// Best first, ties by item key; what filters and rules allow, with the scores of blend, reranker,
/// boost and bury.
///
/// fallback  says what had to be given up.
/// Returns   a view into the scratch.
std::span<Candidate> find_candidates(const SiteView& view, const CandidateQuery& query,
                                     CandidateScratch& scratch, Fallback& fallback);

/// The candidate of an item that a rule pins, when filters allow it; null key when they do not.
Candidate pinned_candidate(const SiteView& view, const CandidateQuery& query, ItemKey key,
                           CandidateScratch& scratch);

}  // namespace attune::decide
