// Which of some templates a visitor sees in a content slot: drawn with exact probabilities by a
// bandit of the book (docs/bandits.md), evenly for the visitors held out, and recorded as a
// decision. docs/content.md, "Slots", is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "decide/decider.h"
#include "event/decision_sink.h"
#include "learn/bandit.h"

namespace attune::decide {

class BanditBook;

/// A placement's name is at most 100 bytes, and this is in front of it.
constexpr std::string_view kSlotPlacement = "slot:";

/// What kind of visitor: "new", "returning" (was here before this visit), "buyer" (ordered before).
std::string_view segment_of(const Decider::VisitorView& visitor);

struct ContentRequest {
  Uuid site{};
  std::string slot;
  std::string visitor;
  std::string session;
  std::vector<std::string> templates;  // item ids that may be shown, 1 or more, each once
  learn::BanditKind policy = learn::BanditKind::thompson_linear;
  double floor = 0.05;          // share drawn evenly, above 0
  double holdout_share = 0.05;  // of visitors who always get an even draw
  std::string context_json;
  bool preview = false;         // nothing is recorded
};

struct ContentChoice {
  std::optional<Uuid> decision_id;   // nothing: a preview, or the journal takes no writes
  std::size_t chosen = 0;            // of the request's templates
  std::vector<double> probabilities; // one each
  bool is_holdout = false;
  std::string_view segment;
};

class ContentChooser {
 public:
  /// All outlive it; sink null: nothing is recorded.
  ContentChooser(const BanditBook& book, event::DecisionSink* sink, const Clock& clock)
      : book_(book), sink_(sink), clock_(clock) {}

  /// seed  of the draw: a random number, another one each time.
  /// Threads  any.
  ContentChoice choose(const ContentRequest& request, const Decider::VisitorView& visitor,
                       std::uint64_t seed) const;

 private:
  void record(const ContentRequest& request, const std::string& factors, std::uint64_t seed,
              ContentChoice& choice) const;

  const BanditBook& book_;
  event::DecisionSink* const sink_;
  const Clock& clock_;
};

/// Whether the visitor is held out of learned choices in that slot: always the same answer.
bool is_held_out(const ContentRequest& request);

}  // namespace attune::decide
