// Everything a request reads about a site, built off the request path and swapped whole: models,
// catalogue, visits, purchases, histories. Immutable after `build`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "decide/live_state.h"
#include "learn/site_data.h"
#include "learn/site_model.h"

namespace attune::decide {

/// An item by its dense number in the snapshot. Texts that rules compare are hash64 of them, 0 for
/// an empty one.
struct SnapshotItem {
  learn::Product product;  // of an item that no catalogue and event described: only the id
  ItemKey key = 0;
  std::uint64_t category = 0;
  std::uint64_t brand = 0;
  std::uint64_t type = 0;
  std::vector<std::uint64_t> further_categories;
  std::vector<std::uint64_t> labels;
  bool in_catalogue = false;
  bool in_stock = true;           // or not tracked
  bool recommendable = true;      // not hidden, in stock
  std::uint32_t week_visits = 0;  // in the 7 days before counted_until_ms
  double decayed_visits = 0;      // each halved for every half life of age at counted_until_ms

  bool is_in(std::uint64_t wanted) const {
    return wanted == category || std::find(further_categories.begin(), further_categories.end(),
                                           wanted) != further_categories.end();
  }
};

/// What says whether an item may be shown at all, apart from the rest of it: a request looks at
/// hundreds, which are anywhere in memory.
struct ItemGate {
  ItemKey key = 0;
  std::uint64_t type = 0;
  bool hidden = false;
  bool in_stock = true;
};

/// A model in service, and which of its items are which of the snapshot's.
struct ServedModel {
  std::string strategy;
  std::shared_ptr<const learn::SiteModel> model;
  std::vector<std::uint32_t> to_snapshot;     // by number in the model
  std::vector<learn::ItemIndex> from_snapshot;  // by number here; kNoItem: the model lacks it
};

class SiteSnapshot {
 public:
  using Models = std::vector<std::pair<std::string, std::shared_ptr<const learn::SiteModel>>>;

  /// data    what learn::load_site_data gave; may be empty.
  /// models  by strategy, each once; may be empty: popularity only.
  static std::shared_ptr<const SiteSnapshot> build(const Uuid& site, const learn::SiteData& data,
                                                   const Models& models);
  /// The same with a sequential model, or with none.
  static std::shared_ptr<const SiteSnapshot> build(const Uuid& site, const learn::SiteData& data,
                                                   std::shared_ptr<const learn::SiteModel> model);

  std::span<const ServedModel> models() const { return models_; }
  /// Null: the strategy has no model in service.
  const ServedModel* find_model(std::string_view strategy) const;
  /// The sequential one, or null.
  const learn::SiteModel* model() const;
  std::size_t item_count() const { return items_.size(); }
  const SnapshotItem& item(std::uint32_t number) const { return items_[number]; }
  const ItemGate& gate(std::uint32_t number) const { return gates_[number]; }
  /// Has the gates on their way from memory by the time they are asked for.
  void fetch_gates(std::span<const std::uint32_t> numbers) const {
    for (const std::uint32_t number : numbers) __builtin_prefetch(gates_.data() + number);
  }
  /// The item's number, or learn::kNoItem.
  std::uint32_t find(ItemKey key) const;
  /// Visits from here on are not in the snapshot: the live stream counts them.
  std::int64_t counted_until_ms() const { return counted_until_ms_; }
  /// What that user (users.id) is known to have bought, ascending by item.
  std::span<const std::pair<std::int64_t, ItemKey>> purchases(std::int64_t user) const;
  /// What that user (users.id) took before, by number, oldest first; empty when not known.
  std::span<const std::uint32_t> history(std::int64_t user) const;
  /// What the numbers of that user (users.id) come from; null: not known.
  const learn::PersonFacts* facts(std::int64_t user) const;
  /// Geometric mean of the prices of a category (hash64); 0: none is known.
  double usual_price(std::uint64_t category) const;
  /// Recommendable items that were visited, the most visited first, ties by item id.
  std::span<const std::uint32_t> most_visited() const { return most_visited_; }
  /// Items of the catalogue of a category (hash64), most visited first.
  std::span<const std::uint32_t> of_category(std::uint64_t category) const;
  /// Items of the catalogue of a type (hash64) but products, most visited first.
  std::span<const std::uint32_t> of_type(std::uint64_t type) const;
  /// Items of the catalogue with a word (hash64, see each_word) in name, brand or category, most
  /// visited first.
  std::span<const std::uint32_t> with_word(std::uint64_t word) const;

 private:
  /// Lists of numbers by a 64-bit key, in one piece of memory.
  class Lists {
   public:
    void add(std::uint64_t key, std::uint32_t number) { pairs_.emplace_back(key, number); }
    /// rank   position of each number in the wanted order.
    void finish(const std::vector<std::uint32_t>& rank);
    std::span<const std::uint32_t> find(std::uint64_t key) const;

   private:
    std::vector<std::pair<std::uint64_t, std::uint32_t>> pairs_;
    std::vector<std::uint32_t> numbers_;
    std::unordered_map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> ranges_;
  };

  SiteSnapshot() = default;
  SnapshotItem& add(const std::string& site_text, const std::string& id);
  void add_products(const std::string& site_text, const learn::SiteData& data);
  void add_models(const std::string& site_text, const Models& models);
  void add_histories(const std::string& site_text, const learn::SiteData& data);
  void make_lists();
  void add_usual_prices();

  std::unordered_map<std::uint64_t, double> usual_prices_;  // by category
  std::vector<ServedModel> models_;
  std::vector<SnapshotItem> items_;
  std::vector<ItemGate> gates_;  // beside items_
  std::unordered_map<ItemKey, std::uint32_t> numbers_;
  std::vector<std::pair<std::int64_t, ItemKey>> purchases_;  // sorted
  std::vector<std::int64_t> history_users_;                  // ascending
  std::vector<std::uint32_t> history_begins_;                // one more than users
  std::vector<std::uint32_t> history_items_;
  std::shared_ptr<const std::vector<learn::PersonFacts>> people_;  // by user; may be null
  std::vector<std::uint32_t> most_visited_;
  Lists categories_;
  Lists types_;
  Lists words_;
  std::int64_t counted_until_ms_ = 0;
};

/// Calls `take` with hash64 of every word: runs of letters and digits, in lower case (ASCII; bytes
/// beyond ASCII count as letters).
void each_word(std::string_view text, const std::function<void(std::uint64_t)>& take);

/// hash64 of an attribute of a product; 0 for an empty one.
std::uint64_t attribute_hash(std::string_view text);

}  // namespace attune::decide
