// Every bandit of every site: learned from the decisions and clicks of the journal, served as
// immutable copies, kept as one artefact together with the position up to which it was learned, so
// that a restart goes on exactly there. docs/bandits.md, "In service", is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/uuid.h"
#include "event/codec.h"
#include "event/event.h"
#include "journal/journal.h"
#include "learn/bandit_learner.h"

namespace attune::decide {

/// What a decision keeps of the bandit that drew it: all that is needed to learn from it.
struct BanditTrace {
  std::string placement;  // the bandit's
  learn::BanditKind kind = learn::BanditKind::thompson_linear;
  std::uint64_t updates = 0;   // that the policy had seen: its revision
  double given_up = 0;  // predicted clicks of the best list minus those of the list drawn
  std::vector<float> context{};
  std::vector<std::vector<float>> features{};  // one an item of the decision; empty: pinned
  /// The probability that the draw without a bandit would have given each item in its slot, so that
  /// the two can be compared; may be empty.
  std::vector<double> blend{};
  // How it learns, as the placement says; kept so that records alone lead to the state.
  learn::BanditRewards rewards{};
  double half_life_h = 0;  // 0: nothing is forgotten
};
void write_trace(const BanditTrace& trace, JsonWriter& out);
/// The trace of a decision's factors; nothing: no bandit drew it.
/// Errors   invalid_argument: there is one, and it makes no sense.
[[nodiscard]] Result<std::optional<BanditTrace>> read_trace(std::string_view factors_json);

struct BanditBookOptions {
  learn::BanditLearnerOptions learner{};
  std::size_t models_max = 200;  // over all sites; decisions of further ones teach nothing
};

struct BanditStatus {
  Uuid site{};
  std::string placement;
  learn::BanditKind kind = learn::BanditKind::thompson_linear;
  bool is_frozen = false;
  std::uint64_t updates = 0;
  double mean_reward = 0;     // of what was learned, decayed
  double given_up = 0;        // mean over decisions: clicks that exploring is predicted to cost
  std::size_t remembered = 0;  // decisions that can still teach
  learn::BanditLearnerCounters counters;
  std::vector<learn::BanditArmState> arms;  // most updated first
};

class BanditBook {
 public:
  explicit BanditBook(const BanditBookOptions& options = {});

  /// The policy in service; one that knows nothing when there is none yet.
  /// Threads  any.
  std::shared_ptr<const learn::Bandit> serving(const Uuid& site, std::string_view placement,
                                               learn::BanditKind kind) const;

  // The stream; one thread. Records are given in the journal's order: the same records give the
  // same state, however they are batched.
  void take(const event::Decision& decision);
  void take(const event::EventView& event);
  /// A record says that it is at least so late.
  void advance(std::int64_t now_ms);
  /// Puts what was learned since the last call in service.
  /// Returns  whether there was anything.
  bool publish();

  /// Keeps the policy in service as it is; what follows is still learned, and comes into service
  /// when it is thawed.
  /// Errors   not_found: no such bandit.
  [[nodiscard]] Result<void> freeze(const Uuid& site, std::string_view placement, bool frozen);
  /// Forgets all that was learned. Errors as freeze.
  [[nodiscard]] Result<void> reset(const Uuid& site, std::string_view placement);
  void forget(const Uuid& site);
  std::vector<BanditStatus> status(const std::optional<Uuid>& site) const;
  std::uint64_t refused() const;  // traces that could not be learned from

  /// Everything, with the position up to which the journal was taken.
  std::string write(journal::Position position) const;
  /// Takes what `write` wrote in place of everything there is.
  /// Returns  the position to go on from.
  /// Errors   data_loss: not such bytes; nothing changed.
  [[nodiscard]] Result<journal::Position> read(std::string_view bytes);

 private:
  struct Model {
    std::unique_ptr<learn::BanditLearner> learner;
    std::shared_ptr<const learn::Bandit> served;  // null: not published yet
    bool is_frozen = false;
    bool is_changed = false;
    double given_up = 0;  // sum over decisions
    std::uint64_t drawn = 0;
  };
  struct Key {
    Uuid site{};
    std::string placement;
    auto operator<=>(const Key&) const = default;
  };
  using Models = std::map<Key, Model>;

  static learn::BanditOptions options_of(learn::BanditKind kind);
  [[nodiscard]] Result<Model> make(learn::BanditKind kind) const;
  Model* model_for(const Key& key, const BanditTrace& trace)
      ATTUNE_THREAD(requires_capability(mutex_));
  void take_outcome(const event::EventView& event, Model& model, const std::string& site)
      ATTUNE_THREAD(requires_capability(mutex_));
  void advance_to(std::int64_t now_ms) ATTUNE_THREAD(requires_capability(mutex_));

  const BanditBookOptions options_;
  std::vector<std::shared_ptr<const learn::Bandit>> fresh_;  // by kind
  mutable Mutex mutex_;
  Models models_ ATTUNE_THREAD(guarded_by(mutex_));
  std::int64_t now_ms_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
  std::uint64_t refused_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
  mutable Mutex served_mutex_;  // held for one look-up; taken after mutex_ where both are
  std::map<Key, std::shared_ptr<const learn::Bandit>> served_
      ATTUNE_THREAD(guarded_by(served_mutex_));
};

}  // namespace attune::decide
