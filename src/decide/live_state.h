// What the stream of the last hours says, in bounded memory: for each visitor and visit the newest items
// and purchases, for each item the visits per hour. Written by LiveFeed, read by every request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "event/codec.h"

namespace attune::decide {

/// stable_id(site, item id): the same number as product.id, so no table of names is shared or locked.
using ItemKey = std::int64_t;

struct LiveOptions {
  std::size_t trails_max = 400'000;      // visitors and visits remembered, over all sites
  std::size_t items_max = 1'000'000;     // items counted, over all sites
  std::int64_t visit_gap_ms = 30 * 60'000;
};

/// What one visitor or visit did lately.
struct Trail {
  static constexpr std::size_t kItemsMax = 16;
  static constexpr std::size_t kPurchasesMax = 16;

  std::array<ItemKey, kItemsMax> items{};        // newest visit, oldest first
  std::array<ItemKey, kPurchasesMax> bought{};   // a ring, newest overwrites oldest
  std::int64_t last_ms = 0;
  std::uint64_t visit = 0;                       // hash of the visit's id; changes begin a new visit
  std::int64_t visitor = 0;                      // stable_id(site, visitor id)
  std::int64_t user = 0;                         // stable_id(site, user id), 0: not known
  std::uint8_t item_count = 0;
  std::uint8_t bought_count = 0;
  std::uint8_t bought_next = 0;

  std::span<const ItemKey> recent() const { return {items.data(), item_count}; }
  std::span<const ItemKey> purchases() const { return {bought.data(), bought_count}; }
};

/// Visits of an item in hours since `first_hour`; hours before are forgotten.
struct HourCounts {
  static constexpr std::int64_t kHours = 48;
  std::array<std::uint32_t, kHours> visits{};
  std::int64_t newest_hour = -1;

  void add(std::int64_t hour);
  std::uint32_t at(std::int64_t hour) const;
};

struct LiveItem {
  std::string id;
  std::string name;                      // as events said it, may be empty
  HourCounts hours;
};

class LiveState {
 public:
  explicit LiveState(const LiveOptions& options = {});
  ~LiveState();
  LiveState(const LiveState&) = delete;
  LiveState& operator=(const LiveState&) = delete;

  /// Takes one event of the journal in; bots and imports (stream > 0) change nothing.
  /// Threads  one writer; readers at any time.
  void apply(const event::EventView& event);

  /// Copies what is known of the visit, else of the visitor, into `out`.
  /// Returns  false: neither is known.
  bool trail(const Uuid& site, std::string_view visitor, std::string_view session, Trail& out) const;

  /// Calls `visit(key, item)` for every live item of the site, under its lock: be quick.
  void each_item(const Uuid& site,
                 const std::function<void(ItemKey, const LiveItem&)>& visit) const;

  std::size_t trail_count() const;
  std::size_t item_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attune::decide
