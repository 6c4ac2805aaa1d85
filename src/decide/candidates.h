// Which items may be shown, and how good each is: the step before the draw.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "decide/live_state.h"
#include "decide/popular.h"
#include "decide/site_snapshot.h"
#include "learn/session_model.h"

namespace attune::decide {

/// What a request reads of a site; swapped whole.
struct SiteView {
  std::shared_ptr<const SiteSnapshot> snapshot;  // may be null: live counts only
  std::vector<PopularItem> popular;
  std::uint64_t live_revision = 0;  // of the live counts in `popular`
  std::int64_t ranked_ms = 0;
};

enum class Strategy : std::uint8_t { sequential, popular, catalogue };
std::string_view to_string(Strategy strategy);

struct Candidate {
  ItemKey key = 0;
  std::uint32_t number = learn::kNoItem;  // in the snapshot, or kNoItem
  const PopularItem* popular = nullptr;   // in the view's ranking, when it is there
  double score = 0;                       // 0..1: what the draw goes by
  double raw_score = 0;                   // of the model, or decayed visits
  Strategy strategy = Strategy::popular;
};

struct CandidateOptions {
  std::size_t count = 30;        // at most so many
  double popular_weight = 0.05;  // share of popularity in the score of a visit with a history
};

/// Buffers of one request, kept from request to request.
struct CandidateScratch {
  learn::Scratch model;
  std::vector<std::uint32_t> visit;  // numbers of the visit's items that the snapshot knows
  learn::SparseSums seen;            // snapshot number -> position in `candidates` + 1
  std::vector<Candidate> candidates;
};

/// Best first, ties by item key; none hidden, out of stock, bought, or `current`.
///
/// current   the item on the page or looked at last; 0: none. Never a candidate.
/// Returns   a view into the scratch.
std::span<const Candidate> find_candidates(const SiteView& view, const Trail& trail,
                                           ItemKey current, const CandidateOptions& options,
                                           CandidateScratch& scratch);

}  // namespace attune::decide
