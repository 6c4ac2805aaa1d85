// Chooses what a visitor sees: candidates of several strategies, filters and rules, then a draw
// slot by slot with known probabilities, recorded as a decision. Reads memory only.
// docs/placements.md is the specification.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "decide/live_state.h"
#include "decide/placement.h"
#include "decide/site_snapshot.h"
#include "event/decision_sink.h"
#include "learn/shadow.h"

namespace attune::decide {

class BanditBook;
class Reranker;

struct DeciderOptions {
  double exploration = 0.05;  // epsilon: share of each slot drawn evenly over the pool, 0 .. 1
  double temperature = 0.02;  // softmax over scores 0..1 of the rest; 0: the best one always
  std::size_t pool_items_min = 30;  // candidates kept for drawing: max(this, 3 n)
  double popular_weight = 0.05;     // share of popularity in the score of a visit with a history
  double half_life_days = 7;        // of a visit in the popularity
  std::size_t popular_items_max = 200;  // items in the popularity ranking
  const BanditBook* bandits = nullptr;  // outlives the decider; null: placements have none
};

inline constexpr std::size_t kCountMax = 100;

inline constexpr std::size_t kCartItemsMax = 50;

struct Request {
  Uuid site{};
  std::string visitor{};  // these three may be empty
  std::string session{};
  std::string item{};                    // the item on the page
  std::vector<std::string> items{};      // a cart; at most kCartItemsMax
  std::string category{};                // from this category alone
  std::string type{};                    // products of this type alone
  std::string query{};                   // what was searched for
  std::optional<std::size_t> count{};    // 1 .. kCountMax; nothing: the placement's
  std::string placement{};
  std::string context_json{};  // where shown; an object, or empty
  std::vector<std::string> excluded{};    // item ids that are no candidates
  std::vector<std::string> categories{};  // only items of the catalogue that are in all of these
  bool preview = false;        // for looking at: nothing is recorded, nobody is in a control group
  std::shared_ptr<const SiteRules> draft{};  // in place of the site's, for a preview
};

struct AnswerItem {
  std::string item_id;
  std::uint32_t rank = 0;  // from 1
  double score = 0;        // 0..1
  double raw_score = 0;    // the strategy's own: a model's score, decayed visits
  double propensity = 1;   // exact probability of the draw, given the slots above
  bool is_pinned = false;  // a rule put it there: nothing was drawn
  std::string strategy;    // "sequential", "popular", ...: what its score is mostly from
  std::string reason;
  bool in_catalogue = false;  // the six below come from there, and may be empty
  std::string name;
  std::string url;
  std::string image;
  std::string category;
  std::string brand;
  std::optional<double> price;
};

/// What a strategy gave to an answer.
struct AnswerSource {
  std::string strategy;
  std::string version;    // of its model; empty without one
  std::string state;      // "asked", "skipped", "no_model"
  double weight = 0;      // in the blend
  std::uint32_t named = 0;  // candidates
};

/// What a rule did to an answer.
struct AnswerRule {
  std::string id;
  std::string name;
  std::string kind;
  bool is_active = false;           // enabled, for this placement, in its schedule
  std::vector<std::string> items;   // that it removed, moved, pinned or counted; at most 100
  std::size_t item_count = 0;
};

enum class Group : std::uint8_t { none, treatment, control };
std::string_view to_string(Group group);

struct Answer {
  std::optional<Uuid> decision_id;   // nothing: preview, no items, or the journal takes no writes
  std::string placement;             // as asked
  std::string model_version;         // of the strategy that weighs most; "popularity": of none
  std::uint32_t eligible_count = 0;  // candidates of the first slot that are not pinned
  std::uint64_t eligible_hash = 0;   // sum of hash64(item id) over them, modulo 2^64
  std::uint64_t seed = 0;            // of the draw
  Group group = Group::none;         // when the placement has a control group
  std::string fallback;              // what had to be given up; empty: nothing
  std::vector<std::string> skipped;  // strategies that there was no time for
  std::vector<AnswerSource> sources;
  std::vector<AnswerRule> rules;     // of a preview: every rule of the site, in order
  std::vector<AnswerItem> items;
};

struct DeciderCounters {
  std::uint64_t requests = 0;
  std::uint64_t recorded = 0;    // decisions that the journal took
  std::uint64_t unrecorded = 0;  // answers without a decision id because it did not
  std::uint64_t cold = 0;        // answers without any history to go by
  std::uint64_t skipped = 0;     // strategies not asked because time was up
  std::uint64_t without_rules = 0;  // answers for which rules had excluded everything
};

class Decider {
 public:
  /// live, sink, clock   outlive the decider. `sink` may be null: nothing is recorded.
  /// next_seed           a random number for each answer, any thread; null: from the operating
  ///                     system.
  Decider(LiveState& live, event::DecisionSink* sink, const Clock& clock,
          const DeciderOptions& options = {}, std::function<std::uint64_t()> next_seed = {});
  ~Decider();
  Decider(const Decider&) = delete;
  Decider& operator=(const Decider&) = delete;

  /// Answers from memory; a site without data gets an empty list, never an error.
  ///
  /// Errors   invalid_argument: count is 0 or over kCountMax (field "n"), too many items ("items"),
  ///          or what the placement is about is not said ("item", "items", "category", "query").
  /// Threads  any.
  [[nodiscard]] Result<Answer> recommend(const Request& request) const;

  /// Puts a new picture of a site in service; requests under way finish on the one they began with.
  void publish(const Uuid& site, std::shared_ptr<const SiteSnapshot> snapshot);
  /// Puts what the owner of a site has said in service; null: nothing.
  void publish_rules(const Uuid& site, std::shared_ptr<const SiteRules> rules);
  std::shared_ptr<const SiteRules> rules(const Uuid& site) const;
  /// Puts a learned ranker in service; null: none.
  void publish_reranker(const Uuid& site, std::shared_ptr<const Reranker> reranker);
  /// What is known of a visitor, in memory.
  struct VisitorView {
    Trail trail;
    std::shared_ptr<const SiteSnapshot> snapshot;  // may be null
  };
  VisitorView visitor(const Uuid& site, const std::string& visitor,
                      const std::string& session) const;
  /// The site's picture, or null.
  std::shared_ptr<const SiteSnapshot> snapshot(const Uuid& site) const;
  /// Forgets a deleted site, its live counts too.
  void forget(const Uuid& site);

  /// Ranks the popular items anew where live counts changed, or a minute has passed, and has models
  /// in the shadow answer. LiveFeed calls it about once a second.
  void refresh_popular();
  /// What was counted of the site's models in the shadow since the last call.
  std::vector<learn::ShadowCounts> take_shadow_counts(const Uuid& site);

  DeciderCounters counters() const;
  const DeciderOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attune::decide
