#include "decide/placement.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace attune::decide {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

constexpr std::array<std::string_view, 10> kStrategies{
    "sequential", "item_to_item", "collaborative", "ease",  "graph",
    "content",    "trending",     "neural",        "blend", kPopular};

constexpr std::array<std::string_view, 7> kContexts{"any",     "item",     "cart",  "session",
                                                    "visitor", "category", "search"};
constexpr std::array<std::string_view, 7> kRuleKinds{"pin",     "boost", "bury",      "exclude",
                                                     "only_if", "cap",   "price_band"};

template <class Enum, std::size_t kCount>
std::optional<Enum> find_name(const std::array<std::string_view, kCount>& names,
                              std::string_view text) {
  const auto at = std::find(names.begin(), names.end(), text);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

template <class T>
bool among(const std::vector<T>& sorted, T value) {
  return sorted.empty() || std::binary_search(sorted.begin(), sorted.end(), value);
}

}  // namespace

std::span<const std::string_view> placement_strategies() {
  return kStrategies;
}

std::string_view to_string(Context context) {
  return kContexts[static_cast<std::size_t>(context)];
}

std::optional<Context> parse_context(std::string_view text) {
  return find_name<Context>(kContexts, text);
}

std::string_view to_string(RuleKind kind) {
  return kRuleKinds[static_cast<std::size_t>(kind)];
}

std::optional<RuleKind> parse_rule_kind(std::string_view text) {
  return find_name<RuleKind>(kRuleKinds, text);
}

bool Condition::is_empty() const {
  return categories.empty() && brands.empty() && labels.empty() && types.empty() && items.empty() &&
         !price_min && !price_max && !in_stock;
}

bool Condition::fits(ItemKey key, const SnapshotItem* item) const {
  if (!among(items, key)) return false;
  if (item == nullptr) {
    return categories.empty() && brands.empty() && labels.empty() && types.empty() && !price_min &&
           !price_max && !in_stock;
  }
  const auto& price = item->product.price;
  if (price_min && !(price && *price >= *price_min)) return false;
  if (price_max && !(price && *price <= *price_max)) return false;
  if (in_stock && *in_stock != item->in_stock) return false;
  const auto is_in = [item](std::uint64_t category) { return item->is_in(category); };
  if (!categories.empty() && std::none_of(categories.begin(), categories.end(), is_in)) {
    return false;
  }
  if (!among(brands, item->brand) || !among(types, item->type)) return false;
  return labels.empty() ||
         std::any_of(item->labels.begin(), item->labels.end(), [this](std::uint64_t label) {
           return std::binary_search(labels.begin(), labels.end(), label);
         });
}

bool Schedule::holds(std::int64_t now_ms, const TimeZone& zone) const {
  if (now_ms < from_ms || now_ms >= until_ms) return false;
  const bool always = days == 0x7f && from_hour == 0 && until_hour == 24;
  if (always) return true;
  const std::int32_t day = zone.day_of(now_ms);
  const std::int64_t local_ms = now_ms + zone.offset_ms(now_ms);
  const std::int64_t hour = (local_ms / kHourMs) % 24;
  const bool over_midnight = until_hour <= from_hour;
  // The hours after midnight belong to the day on which the range began.
  const bool from_yesterday = over_midnight && hour < until_hour;
  if (!((days >> weekday_of(from_yesterday ? day - 1 : day)) & 1U)) return false;
  return over_midnight ? hour >= from_hour || hour < until_hour
                       : hour >= from_hour && hour < until_hour;
}

const Placement& SiteRules::find(std::string_view name) const {
  static const Placement built_in;
  if (const auto at = placements.find(name); at != placements.end()) return at->second;
  if (const auto at = placements.find(kDefaultPlacement); at != placements.end()) {
    return at->second;
  }
  return built_in;
}

void sort_rules(std::vector<Rule>& rules) {
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) {
    return std::tie(a.order, a.id) < std::tie(b.order, b.id);
  });
}

}  // namespace attune::decide
