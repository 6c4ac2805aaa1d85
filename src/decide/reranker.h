// The place of learned rankers: they see all candidates of an answer with each strategy's score,
// after the blend and before the rules, and may change the scores.
#pragma once

#include <span>

#include "decide/candidates.h"

namespace attune::decide {

struct RankingContext {
  const SiteView& view;
  const CandidateQuery& query;
  std::span<const Source> sources;  // what Candidate::parts are of
};

class Reranker {
 public:
  virtual ~Reranker() = default;
  /// Gives every candidate its score: finite, 0..1. Their order is made afterwards.
  /// Threads  any, at the same time.
  virtual void rerank(const RankingContext& context, std::span<Candidate> candidates) const = 0;
};

}  // namespace attune::decide
