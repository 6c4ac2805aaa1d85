// One answer from one view of a site: what the decider does for a request, without what is shared
// between requests.
#pragma once

#include <vector>

#include "base/clock.h"
#include "decide/bandit_draw.h"
#include "decide/candidates.h"
#include "decide/decider.h"
#include "decide/draw.h"
#include "decide/live_state.h"

namespace attune::decide {

/// Buffers of one request under way.
struct ChooserScratch {
  CandidateScratch candidates;
  CandidateQuery query;
  DrawScratch draw;
  std::vector<Candidate> pool;  // candidates, then pinned items
  std::vector<double> scores;
  std::vector<Traits> traits;
  std::vector<Cap> caps;
  std::vector<Pin> pins;
  std::vector<std::size_t> pin_rules;  // beside `pins`
  std::vector<Drawn> drawn;
  std::vector<RuleEffect> effects;
  BanditDraw bandit;
};

class Chooser {
 public:
  /// All outlive the chooser; `trail` is what is known of the visitor.
  Chooser(const SiteView& view, const Request& request, const Trail& trail, const Clock& clock,
          const DeciderOptions& options, ChooserScratch& scratch);

  /// The answer, not recorded. When is_withheld(), its items are what would have been shown.
  /// Errors   invalid_argument (fields "item", "items", "category", "query"): the placement is
  ///          about one, and the request names none.
  [[nodiscard]] Result<Answer> choose(std::uint64_t seed);

  const Placement& placement() const { return placement_; }
  bool is_withheld() const { return is_withheld_; }
  /// What to keep of the bandit that drew the answer; null: none did.
  const BanditTrace* trace() const { return has_bandit_ ? &scratch_.bandit.trace : nullptr; }
  double exploration() const { return draw_.exploration; }
  double temperature() const { return draw_.temperature; }

 private:
  [[nodiscard]] Result<void> check() const;
  void fill_query();
  void fill_history();
  void choose_group(Answer& answer);
  void plan_pins(std::size_t slots);
  void plan_caps();
  void draw(std::uint64_t seed, std::size_t slots);
  void describe_sources(Answer& answer) const;
  void describe_rules(Answer& answer) const;
  AnswerItem describe(const Drawn& drawn) const;
  const std::string& id_of(const Candidate& candidate) const;
  const SnapshotItem* item_of(const Candidate& candidate) const;

  const SiteView& view_;
  const Request& request_;
  const Trail& trail_;
  const Clock& clock_;
  const DeciderOptions& options_;
  ChooserScratch& scratch_;
  const SiteRules* rules_;
  const Placement& placement_;
  DrawOptions draw_;
  bool is_withheld_ = false;
  bool has_bandit_ = false;
};

}  // namespace attune::decide
