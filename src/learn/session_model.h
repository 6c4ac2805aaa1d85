// The one interface of everything that, given what a visit has looked at so far, ranks what comes
// next. Models are immutable after training and shared by all threads; what a query needs to write
// into is a Scratch of the calling thread, so that a warm query allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learn/session_log.h"

namespace attune::learn {

class ByteReader;
class ByteWriter;

/// score: finite, >= 0, higher is better; comparable within one answer only.
struct ScoredItem {
  ItemIndex item = 0;
  double score = 0;
  bool operator==(const ScoredItem&) const = default;
};

struct RecommendOptions {
  std::size_t count = 20;    // at most so many items are returned
  bool drop_current = true;  // leave out the visit's newest item
  bool drop_seen = false;    // leave out every item of the visit
};

/// Why an item is in an answer: how many earlier visits led to it, and through which item of this
/// visit.
struct Support {
  std::uint32_t visits = 0;        // similar visits that contain the item; 0: no such reason
  std::uint32_t visits_after = 0;  // of these, how many came to it after `via`
  ItemIndex via = kNoItem;         // the item of this visit that most of them share, or kNoItem
};

/// Sums by number, cleared in constant time: an entry is valid only when its stamp is the current
/// one.
class SparseSums {
 public:
  void begin(std::size_t size);
  /// Returns  the sum to add to; 0 when it was not touched since begin().
  double& at(std::uint32_t number) {
    if (stamps_[number] != stamp_) {
      stamps_[number] = stamp_;
      sums_[number] = 0;
      touched_.push_back(number);
    }
    return sums_[number];
  }
  bool has(std::uint32_t number) const { return stamps_[number] == stamp_; }
  double get(std::uint32_t number) const { return has(number) ? sums_[number] : 0; }
  std::vector<std::uint32_t>& touched() { return touched_; }
  const std::vector<std::uint32_t>& touched() const { return touched_; }

 private:
  std::vector<double> sums_;
  std::vector<std::uint32_t> stamps_;
  std::vector<std::uint32_t> touched_;
  std::uint32_t stamp_ = 0;
};

/// What one query writes into. One a thread; usable with any model, one after the other.
struct Scratch {
  struct Neighbour {
    std::uint32_t session = 0;
    std::uint32_t first_step = 0;  // the newest item it shares: position in `visit`
    double similarity = 0;
  };
  SparseSums sessions;
  std::vector<std::uint32_t> first_steps;  // beside `sessions`
  SparseSums items;
  std::vector<Neighbour> neighbours;
  std::vector<ItemIndex> visit;  // the part of the visit that the model looked at, newest first
  std::vector<ScoredItem> ranked;
  std::unique_ptr<Scratch> nested[2];  // for models made of two others
};

class SessionModel {
 public:
  virtual ~SessionModel() = default;

  /// "vmis_knn", "stan", "popularity", ...: what ml_models.algorithm says.
  virtual std::string_view algorithm() const = 0;
  virtual std::size_t item_count() const = 0;

  /// Ranks what the visit may look at next; best first, ties by item number.
  ///
  /// visit    oldest first; items >= item_count() are skipped; may be empty (then only models that
  ///          need no visit answer).
  /// Returns  a view into `scratch`, valid until its next use; never an item twice.
  /// Threads  any, each with its own scratch.
  virtual std::span<const ScoredItem> recommend(std::span<const ItemIndex> visit,
                                                const RecommendOptions& options,
                                                Scratch& scratch) const = 0;

  /// Why `item` is in the last answer that this model made with `scratch`.
  virtual Support support(ItemIndex item, const Scratch& scratch) const = 0;

  /// Appends everything `read_model` needs.
  virtual void write(ByteWriter& out) const = 0;
};

/// Reads what SessionModel::write wrote.
/// Errors   data_loss: the bytes are not a model, or numbers in them are out of range.
[[nodiscard]] Result<std::unique_ptr<SessionModel>> read_model(ByteReader& in);

/// Moves the `count` best of what `sums` holds into `ranked`, without the items the options leave
/// out.
void rank_items(const SparseSums& sums, std::span<const ItemIndex> visit,
                const RecommendOptions& options, std::vector<ScoredItem>& ranked);

}  // namespace attune::learn
