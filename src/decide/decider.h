// Chooses what a visitor sees: candidates from the sequential model and from popularity, rules,
// then a draw slot by slot with known probabilities, recorded as a decision. Reads memory only.
// docs/recommenders.md, "How an answer is made", is the specification.
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
#include "decide/site_snapshot.h"
#include "event/decision_sink.h"

namespace attune::decide {

struct DeciderOptions {
  double exploration = 0.05;  // epsilon: share of each slot drawn evenly over the pool, 0 .. 1
  double temperature = 0.02;  // softmax over scores 0..1 of the rest; 0: the best one always
  std::size_t pool_items_min = 30;  // candidates kept for drawing: max(this, 3 n)
  double popular_weight = 0.05;     // share of popularity in the score of a visit with a history
  double half_life_days = 7;        // of a visit in the popularity
  std::size_t popular_items_max = 200;  // items in the popularity ranking
};

inline constexpr std::size_t kCountMax = 100;

struct Request {
  Uuid site{};
  std::string visitor{};  // these three may be empty
  std::string session{};
  std::string item{};      // the item on the page
  std::size_t count = 10;  // 1 .. kCountMax
  std::string placement{};
  std::string context_json{};  // where shown; an object, or empty
  bool preview = false;        // for looking at: nothing is recorded
};

struct AnswerItem {
  std::string item_id;
  std::uint32_t rank = 0;  // from 1
  double score = 0;        // 0..1
  double raw_score = 0;    // the model's own, or decayed visits
  double propensity = 1;   // exact probability of the draw, given the slots above
  std::string strategy;    // "sequential", "popular", "catalogue"
  std::string reason;
  bool in_catalogue = false;  // the four below come from there, and may be empty
  std::string name;
  std::string url;
  std::string image;
  std::optional<double> price;
};

struct Answer {
  std::optional<Uuid> decision_id;   // nothing: preview, no items, or the journal takes no writes
  std::string model_version;         // "popularity": no model in production yet
  std::uint32_t eligible_count = 0;  // candidates of the first slot
  std::uint64_t eligible_hash = 0;   // sum of hash64(item id) over them, modulo 2^64
  std::uint64_t seed = 0;            // of the draw
  std::vector<AnswerItem> items;
};

struct DeciderCounters {
  std::uint64_t requests = 0;
  std::uint64_t recorded = 0;    // decisions that the journal took
  std::uint64_t unrecorded = 0;  // answers without a decision id because it did not
  std::uint64_t cold = 0;        // answers without any history to go by
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
  /// Errors   invalid_argument (field "n"): count is 0 or over kCountMax.
  /// Threads  any.
  [[nodiscard]] Result<Answer> recommend(const Request& request) const;

  /// Puts a new picture of a site in service; requests under way finish on the one they began with.
  void publish(const Uuid& site, std::shared_ptr<const SiteSnapshot> snapshot);
  /// The site's picture, or null.
  std::shared_ptr<const SiteSnapshot> snapshot(const Uuid& site) const;
  /// Forgets a deleted site, its live counts too.
  void forget(const Uuid& site);

  /// Ranks the popular items anew where live counts changed, or a minute has passed. LiveFeed calls
  /// it about once a second.
  void refresh_popular();

  DeciderCounters counters() const;
  const DeciderOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attune::decide
