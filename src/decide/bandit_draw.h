// A placement's bandit at work on one answer: context and features from what is in memory, scores
// for the draw, and the trace that the decision keeps.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/uuid.h"
#include "decide/bandit_book.h"
#include "decide/candidates.h"
#include "decide/draw.h"
#include "learn/bandit.h"

namespace attune::decide {

struct BanditDraw {
  learn::BanditScores scores;   // of the candidates, in their order
  std::vector<float> features;  // kBanditFeatureSize of each
  BanditTrace trace;
  std::size_t candidate_count = 0;
};

/// Scores the candidates with the policy in service.
///
/// kind         of the placement's bandit; it is the placement of the query.
/// exploration  share of each slot that is drawn evenly; the policy's own floor when it is larger.
/// seed         of the draws of a posterior.
void score_with_bandit(const BanditBook& book, const Uuid& site, learn::BanditKind kind,
                       const SiteView& view, const CandidateQuery& query,
                       std::span<const Candidate> candidates, double exploration,
                       std::uint64_t seed, BanditDraw& out);

/// Completes the trace with what was drawn.
void finish_trace(std::span<const Drawn> drawn, BanditDraw& out);

}  // namespace attune::decide
