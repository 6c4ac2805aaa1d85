#include "event/event.h"

#include <array>

#include "base/ensure.h"

namespace attune::event {
namespace {

constexpr std::array<std::string_view, 22> kKindNames = {
    "",
    "pageview",
    "click",
    "scroll",
    "scroll_depth",
    "form_submit",
    "text_copy",
    "page_visibility",
    "identify",
    "custom",
    "product_view",
    "product_click",
    "cart_add",
    "cart_remove",
    "wishlist_add",
    "wishlist_remove",
    "checkout",
    "purchase",
    "search",
    "recommendation_shown",
    "recommendation_click",
    "performance",
};
static_assert(kKindNames.size() == static_cast<std::size_t>(Kind::performance) + 1);

constexpr std::array<std::string_view, 8> kReferrerTypeNames = {
    "direct", "search", "social", "email", "paid", "ai", "referral", "internal"};
static_assert(kReferrerTypeNames.size() == static_cast<std::size_t>(ReferrerType::internal) + 1);

constexpr std::array<std::string_view, 5> kDeviceTypeNames = {"unknown", "desktop", "mobile",
                                                              "tablet", "bot"};
static_assert(kDeviceTypeNames.size() == static_cast<std::size_t>(DeviceType::bot) + 1);

template <class Enum, std::size_t count>
std::string_view name_of(const std::array<std::string_view, count>& names, Enum value) {
  const auto at = static_cast<std::size_t>(value);
  ensure(at < count, "the enumerator has a name");
  return names[at];
}

}  // namespace

std::string_view to_string(Kind kind) {
  return name_of(kKindNames, kind);
}
std::string_view to_string(ReferrerType type) {
  return name_of(kReferrerTypeNames, type);
}
std::string_view to_string(DeviceType type) {
  return name_of(kDeviceTypeNames, type);
}

std::optional<Kind> parse_kind(std::string_view name) {
  for (std::size_t at = 1; at < kKindNames.size(); ++at) {
    if (kKindNames[at] == name) return static_cast<Kind>(at);
  }
  return std::nullopt;
}

std::optional<ReferrerType> parse_referrer_type(std::string_view name) {
  for (std::size_t at = 0; at < kReferrerTypeNames.size(); ++at) {
    if (kReferrerTypeNames[at] == name) return static_cast<ReferrerType>(at);
  }
  return std::nullopt;
}

}  // namespace attune::event
