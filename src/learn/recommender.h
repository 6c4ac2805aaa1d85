// The one interface of everything that, given what a person looked at, ranks what to show next:
// sequential, item to item, collaborative, graph and content models stand behind it. Models are
// immutable after training and shared by all threads; what a query needs to write into is a Scratch
// of the calling thread, so that a warm query allocates nothing.
#pragma once

#include <concepts>
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

/// Whom an answer is for, as items. Numbers >= item_count() are skipped; both may be empty.
struct Query {
  std::span<const ItemIndex> visit;    // this visit, a cart, or the item on the page; oldest first
  std::span<const ItemIndex> history;  // what the person took before it, oldest first

  Query() = default;
  template <class Items>
  requires std::convertible_to<const Items&, std::span<const ItemIndex>>
  Query(const Items& of_visit, std::span<const ItemIndex> before = {})
      : visit(of_visit), history(before) {}
};

/// Why an item is in an answer. Counts were counted; none is estimated.
struct Cause {
  enum class Kind : std::uint8_t {
    none,             // no such reason
    visits,           // `count` similar visits contain it, `after` of them came to it after `via`
    viewed_together,  // `count` of the `of` people who looked at `via` also looked at it
    bought_together,  // `count` of the `of` buyers of `via` also bought it
    taken_together,   // what people took says that it goes with `via`
    connected,        // paths of the graph lead from `via` to it
    similar,          // its attributes or its embedding are like those of `via`
  };
  Kind kind = Kind::none;
  ItemIndex via = kNoItem;  // the item of the visit or history that counts most, or kNoItem
  std::uint32_t count = 0;
  std::uint32_t after = 0;
  std::uint32_t of = 0;
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
  std::vector<double> weights;   // beside `visit`, for models of related items
  std::vector<float> scores;     // of all items, for models that have them all
  std::vector<ScoredItem> ranked;
  std::vector<float> dense;  // a score of every item, for models that score all
  std::vector<float> rows;   // features of candidates, for models that rank others' items
  std::vector<std::unique_ptr<Scratch>> nested;  // for models made of others
};

class Recommender {
 public:
  virtual ~Recommender() = default;

  /// "session_knn", "transitions", "popularity", ...: what ml_models.algorithm says.
  virtual std::string_view algorithm() const = 0;
  virtual std::size_t item_count() const = 0;

  /// Ranks what the person may want next; best first, ties by item number.
  ///
  /// query    empty: only models that need neither visit nor history answer.
  /// Returns  a view into `scratch`, valid until its next use; never an item twice.
  /// Threads  any, each with its own scratch.
  virtual std::span<const ScoredItem> recommend(const Query& query,
                                                const RecommendOptions& options,
                                                Scratch& scratch) const = 0;

  /// Why `item` is in the last answer that this model made with `scratch`.
  virtual Cause cause(ItemIndex item, const Scratch& scratch) const = 0;

  /// Appends everything `read_recommender` needs.
  virtual void write(ByteWriter& out) const = 0;
};

/// Reads what Recommender::write wrote.
/// Errors   data_loss: the bytes are not a model, or numbers in them are out of range.
[[nodiscard]] Result<std::unique_ptr<Recommender>> read_recommender(ByteReader& in);

/// Moves the `count` best of what `sums` holds into `ranked`, without the items the options leave
/// out.
void rank_items(const SparseSums& sums, std::span<const ItemIndex> visit,
                const RecommendOptions& options, std::vector<ScoredItem>& ranked);

}  // namespace attune::learn
