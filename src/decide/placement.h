// Where on a site something is recommended, and the owner's rules for it: plain data, as people
// edit it. docs/placements.md is the specification; whoever reads it from outside checks it first.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "decide/site_snapshot.h"
#include "learn/bandit.h"
#include "learn/bandit_learner.h"

namespace attune::decide {

/// Where none of the placements of the site is named.
inline constexpr std::string_view kDefaultPlacement = "default";

inline constexpr std::string_view kPopular = "popular";
inline constexpr std::string_view kCatalogue = "catalogue";
inline constexpr std::string_view kSearch = "search";
inline constexpr std::string_view kPinned = "pinned";      // of a shown item: a rule put it there
inline constexpr std::string_view kWithheld = "withheld";  // would have been shown; control group

/// What a placement may be mixed of; `popular` and the strategies that sites have models of.
std::span<const std::string_view> placement_strategies();

/// What an answer goes by.
enum class Context : std::uint8_t {
  any,       // the visit, the item on the page, and the person's history: whatever there is
  item,      // the item on the page alone
  cart,      // the items asked with
  session,   // the visit, without what the person did before it
  visitor,   // the visit and the history
  category,  // as any, from one category
  search,    // as any, from what a search text finds
};
std::string_view to_string(Context context);
std::optional<Context> parse_context(std::string_view text);

struct StrategyWeight {
  std::string strategy;
  double weight = 1;  // > 0
};

struct Placement {
  std::string name{kDefaultPlacement};
  std::size_t count = 10;
  std::vector<StrategyWeight> strategies{{"sequential", 0.95}, {"popular", 0.05}};
  /// Asked in order while there are fewer candidates than wanted.
  std::vector<std::string> fallback{"collaborative", "item_to_item", "graph", "content", "popular"};
  Context context = Context::any;
  double diversity = 0;               // 0: by score; 1: as unlike the slots above as can be
  std::optional<double> exploration;  // else the server's
  std::optional<double> temperature;
  std::vector<std::string> types;  // of products; empty: all
  bool hide_bought = true;
  bool hide_seen = false;  // items of this visit
  bool hide_out_of_stock = true;
  double control_share = 0;        // of visitors, 0 .. 0.9
  bool control_gets_none = false;  // else what is popular
  std::int64_t budget_us = 20'000;
  std::optional<learn::BanditKind> bandit;  // draws in place of the scores (docs/bandits.md)
  learn::BanditRewards bandit_rewards{};    // what it learns from
  double bandit_half_life_h = 0;            // of what it learned; 0: nothing is forgotten
};

/// Which items a rule is about; every given attribute must fit, an empty one fits all. Texts are
/// kept as hash64, sorted.
struct Condition {
  std::vector<std::uint64_t> categories;
  std::vector<std::uint64_t> brands;
  std::vector<std::uint64_t> labels;  // one of them is enough
  std::vector<std::uint64_t> types;
  std::vector<ItemKey> items;
  std::optional<double> price_min;  // an item without a price does not fit
  std::optional<double> price_max;
  std::optional<bool> in_stock;

  bool is_empty() const;
  /// item   null: only the live stream knows it, so that it has a key and no attributes.
  bool fits(ItemKey key, const SnapshotItem* item) const;
};

/// When a rule holds. Days and hours are the site's; an hour range may go over midnight.
struct Schedule {
  std::int64_t from_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();  // not included
  std::uint8_t days = 0x7f;                                          // bit 0 Monday .. 6 Sunday
  std::uint8_t from_hour = 0;                                        // 0 .. 23
  std::uint8_t until_hour = 24;  // 1 .. 24, not included; not equal to from_hour

  bool holds(std::int64_t now_ms, const TimeZone& zone) const;
};

enum class RuleKind : std::uint8_t { pin, boost, bury, exclude, only_if, cap, price_band };
std::string_view to_string(RuleKind kind);
std::optional<RuleKind> parse_rule_kind(std::string_view text);

struct Rule {
  std::string id;
  std::string name;
  RuleKind kind = RuleKind::exclude;
  std::string placement;  // empty: all
  Condition when;
  Schedule schedule;
  bool enabled = true;
  std::int32_t order = 0;  // smaller first; ties by id

  std::string item;          // pin: what
  std::size_t slot = 1;      // pin: where, from 1
  double factor = 2;         // boost: score times it; bury: divided by it; > 1
  std::size_t cap = 2;       // cap: at most so many of one group in a list
  bool cap_by_brand = false;  // else by category
  double price_min = 0;      // price_band
  double price_max = std::numeric_limits<double>::max();
  bool price_relative = false;  // both times the price of the item on the page
};

/// Everything the owner of a site has said; immutable, swapped whole.
struct SiteRules {
  TimeZone zone;
  std::map<std::string, Placement, std::less<>> placements;
  std::vector<Rule> rules;  // in order

  /// The placement of that name, else the default one of the site, else the built-in one.
  const Placement& find(std::string_view name) const;
};

/// Puts `rules` into their order.
void sort_rules(std::vector<Rule>& rules);

}  // namespace attune::decide
