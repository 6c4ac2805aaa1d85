// Feeds a bandit with decisions and what followed them. A click teaches at once; an item without
// one counts as a miss only when the window has passed (it has matured), and a click that arrives
// after that puts the miss right, so that the state is the one that the truth would have led to.
// Where the site says what was truly visible, only that can be a miss.
// Times are those of the records: no clock is read, and the same records give the same state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "learn/bandit.h"

namespace attune::learn {

/// What may follow a choice, in the order it usually does.
enum class BanditOutcome : std::uint8_t { click, cart, purchase };

/// What an item earned is the sum of the weights of what followed, by the sum of all weights: 0..1.
/// The revenue counts in proportion, up to `revenue_max`.
struct BanditRewards {
  double click = 1;
  double cart = 0;
  double purchase = 0;
  double revenue = 0;
  double revenue_max = 100;  // above it a purchase earns no more
  bool operator==(const BanditRewards&) const = default;
  bool is_good() const;
  /// paid   of a purchase: price times quantity; 0: not known.
  double of(BanditOutcome outcome, double paid) const;
};

struct BanditLearnerOptions {
  std::int64_t window_ms = 30 * 60'000;       // a click counts when it came within it
  std::int64_t correct_ms = 72 * 3'600'000;   // and when its record came within this
  std::uint32_t decisions_max = 20'000;       // remembered; the oldest make room
  std::int64_t half_life_ms = 0;              // of what was learned; 0: nothing is forgotten
  BanditRewards rewards{};
};

struct BanditLearnerCounters {
  std::uint64_t decisions = 0;
  std::uint64_t clicks = 0;       // that taught (without a click's weight they earn 0)
  std::uint64_t misses = 0;       // that matured
  std::uint64_t corrected = 0;    // of them, put right by a late click
  std::uint64_t uncorrected = 0;  // a late click that came too late for the policy
  std::uint64_t unknown = 0;      // clicks without a remembered decision, or out of its window
  std::uint64_t unseen = 0;       // items that matured without having been visible
  std::uint64_t dropped = 0;      // items that had to make room before they had matured
};

/// One item of a decision, as it was when the list was drawn.
struct BanditImpression {
  ArmKey arm = 0;
  std::span<const float> features;
};

class BanditLearner {
 public:
  /// Errors   invalid_argument, with the name of the option.
  [[nodiscard]] static Result<BanditLearner> make(std::unique_ptr<Bandit> bandit,
                                                  const BanditLearnerOptions& options);

  const Bandit& bandit() const { return *bandit_; }
  const BanditLearnerOptions& options() const { return options_; }
  const BanditLearnerCounters& counters() const { return counters_; }
  std::size_t remembered() const { return decisions_.size(); }

  /// Remembers what was shown. A decision that is already remembered changes nothing.
  ///
  /// items    without those that were pinned.
  /// Errors   invalid_argument: lengths or numbers that the bandit does not take.
  [[nodiscard]] Result<void> decided(const Uuid& decision, std::int64_t decided_ms,
                                     std::span<const float> context,
                                     std::span<const BanditImpression> items);

  /// Whether clicks of the decision can still teach.
  bool remembers(const Uuid& decision) const { return numbers_.contains(decision); }

  /// The visitor saw the item. From the first such report on, decisions without any (and without a
  /// click) count as never seen.
  void shown(const Uuid& decision, ArmKey arm);

  /// A click (the first one of an item counts).
  ///
  /// person   who clicked, so that what they put into the cart or buy later finds the decision; 0:
  ///          not known.
  /// Returns  whether it taught.
  bool clicked(const Uuid& decision, ArmKey arm, std::int64_t clicked_ms, std::int64_t person = 0);

  /// The person put the item into the cart or bought it: credited to the newest decision in which
  /// they clicked it, once each, while that is remembered.
  /// Returns  whether it taught.
  bool followed(std::int64_t person, ArmKey arm, BanditOutcome outcome, double paid);

  /// From here on; what was learned stays.
  /// Errors   invalid_argument, as make.
  [[nodiscard]] Result<void> set_options(const BanditLearnerOptions& options);

  /// Lets mature, forget and decay what is due at `now_ms`, the time of the newest record.
  void advance(std::int64_t now_ms);

  /// Appends everything `read` needs: bandit, decisions, counters.
  void write(ByteWriter& out) const;
  /// Errors   data_loss: the bytes are not a learner, or numbers in them are out of range.
  [[nodiscard]] static Result<BanditLearner> read(ByteReader& in);

 private:
  enum class Fate : std::uint8_t { open = 0, missed = 1, clicked = 2 };
  struct Item {
    ArmKey arm = 0;
    Fate fate = Fate::open;
    bool shown = false;
    double log_decay = 0;  // the bandit's, when it was learned
    double reward = 0;       // as it was learned
    std::uint8_t had = 0;    // bits of BanditOutcome
    std::int64_t person = 0;  // who clicked
  };
  struct Decision {
    Uuid id{};
    std::int64_t decided_ms = 0;
    double log_decay = 0;        // the bandit's, when it was made: what it teaches ages from there
    std::vector<float> numbers;  // the context, then the features of each item
    std::vector<Item> items;
  };

  BanditLearner(std::unique_ptr<Bandit> bandit, const BanditLearnerOptions& options)
      : bandit_(std::move(bandit)), options_(options) {}
  BanditExample example_of(const Decision& decision, std::size_t item, double reward,
                           double log_decay) const;
  void mature(Decision& decision);
  bool earn(Decision& decision, std::size_t item, BanditOutcome outcome, double paid);
  static Item read_item(ByteReader& in, std::uint32_t version);
  void remember_click(const Item& item, std::uint64_t number);
  void drop_oldest();

  std::unique_ptr<Bandit> bandit_;
  BanditLearnerOptions options_;
  BanditLearnerCounters counters_;
  std::deque<Decision> decisions_;  // in the order they came
  std::uint64_t first_ = 0;         // number of the front
  std::uint64_t matured_ = 0;       // all before this number have matured
  std::unordered_map<Uuid, std::uint64_t> numbers_;
  std::map<std::pair<std::int64_t, ArmKey>, std::uint64_t> clicked_;  // newest number
  std::int64_t decayed_ms_ = 0;     // up to when
  bool reports_shown_ = false;      // this site says what was visible
};

}  // namespace attune::learn
