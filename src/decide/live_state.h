// What the stream of the last hours says, in bounded memory: for each visitor and visit the newest
// items and purchases, for each item the visits per hour. Written by LiveFeed, read by every
// request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "event/codec.h"

namespace attune::decide {

/// stable_id(site, item id): the same number as product.id, so no table of names is shared or
/// locked.
using ItemKey = std::int64_t;

struct LiveOptions {
  std::size_t trails_max = 200'000;  // visitors and visits remembered, over all sites
  std::size_t items_max = 200'000;   // items counted, over all sites
  std::int64_t visit_gap_ms = 30 * 60'000;
};

/// What one visitor or visit did lately. 510 bytes.
struct Trail {
  static constexpr std::size_t kItemsMax = 16;
  static constexpr std::size_t kPurchasesMax = 8;
  static constexpr std::size_t kHistoryMax = 32;

  std::array<ItemKey, kItemsMax> items{};       // of the newest visit, oldest first
  std::array<ItemKey, kPurchasesMax> bought{};  // a ring: the newest overwrites the oldest
  std::array<ItemKey, kHistoryMax> history{};   // of the visits before, oldest first, each once
  std::int64_t last_ms = 0;
  std::uint64_t visit = 0;          // hash of the visit's id, 0 without one
  std::int64_t visitor = 0;         // users.id of the visitor id
  std::int64_t user = 0;            // users.id of the known user, 0: not known
  std::uint64_t visitor_trail = 0;  // where the visitor's own trail is
  std::uint8_t item_count = 0;
  std::uint8_t bought_count = 0;
  std::uint8_t bought_next = 0;
  std::uint8_t history_count = 0;

  std::span<const ItemKey> recent() const { return {items.data(), item_count}; }
  std::span<const ItemKey> purchases() const { return {bought.data(), bought_count}; }
  std::span<const ItemKey> before() const { return {history.data(), history_count}; }
  /// Returns  whether the item is new in this visit.
  bool add_item(ItemKey item);
  void add_purchase(ItemKey item);
  /// The visit's items become history.
  void end_visit();
};

/// Visits of an item in each of the last hours.
class HourCounts {
 public:
  static constexpr std::int64_t kHours = 24;
  /// hour   since 1970; hours more than kHours before the newest are not counted.
  void add(std::int64_t hour);
  /// Returns  visits in that hour; 0 for hours not remembered.
  std::uint32_t at(std::int64_t hour) const;
  std::int64_t newest() const { return newest_; }

 private:
  std::array<std::uint32_t, kHours> visits_{};
  std::int64_t newest_ = 0;
};

struct LiveItem {
  std::string id;
  std::string name;  // as an event said it, may be empty
  HourCounts hours;
};

class LiveState {
 public:
  explicit LiveState(const LiveOptions& options = {});
  ~LiveState();
  LiveState(const LiveState&) = delete;
  LiveState& operator=(const LiveState&) = delete;

  /// Takes one event of the journal in; bots, imports (stream > 0) and events without items change
  /// nothing.
  /// Threads  one writer at a time; readers at any time.
  void apply(const event::EventView& event);

  /// What is known of the visit, else of the visitor; purchases and user are the visitor's in both
  /// cases.
  /// Returns  false: neither is known, `out` is empty.
  bool find_trail(const Uuid& site, std::string_view visitor, std::string_view session,
                  Trail& out) const;

  /// Calls `visit` for every live item of the site, under its lock: be quick.
  void each_item(const Uuid& site,
                 const std::function<void(ItemKey, const LiveItem&)>& visit) const;
  /// Grows with every counted visit of the site's items; 0: none yet.
  std::uint64_t revision(const Uuid& site) const;
  std::vector<Uuid> sites() const;
  void forget(const Uuid& site);
  /// Empties the trails of a person, by stable_id of the visitor's or user's id, and of visits.
  void forget_person(std::int64_t person);

  std::size_t trail_count() const;
  std::size_t item_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attune::decide
