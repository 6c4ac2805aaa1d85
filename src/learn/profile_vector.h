// The 50 numbers of a visitor (docs/profiles.md, user_context_features), worked out where an answer
// is made; sql/profile/refresh_features computes the same from the tables, and a test holds the two
// together.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace attune::learn {

inline constexpr std::size_t kProfileNumbers = 50;

/// In the order of the numbers that count them.
enum class FactKind : std::uint8_t {
  view,
  click,
  cart_add,
  purchase,
  wishlist,
  remove_cart,
  remove_wishlist,
};
/// As interaction_type says it: "VIEW", "CLICK", ...; others are views.
FactKind parse_fact_kind(std::string_view interaction_type);

enum class FactDevice : std::uint8_t { other, mobile, tablet, desktop };
FactDevice parse_fact_device(std::string_view device_type);

/// One interaction of a person.
struct ProfileFact {
  std::int64_t time_us = 0;
  std::int64_t item = 0;       // product.id
  std::uint64_t category = 0;  // hash64 of the product's; 0: none
  double price = std::numeric_limits<double>::quiet_NaN();  // of it, else the catalogue's
  float reward = 0;
  FactKind kind = FactKind::view;
  FactDevice device = FactDevice::other;
};

struct ProfileOrders {
  std::uint32_t count = 0;
  double spent = 0;
};

/// facts    of one person, in any order; those after `now_us` are left out.
/// Returns  the numbers, rounded to six digits; all 0 without a fact.
std::array<double, kProfileNumbers> profile_vector(std::span<const ProfileFact> facts,
                                                   const ProfileOrders& orders,
                                                   std::int64_t now_us);

}  // namespace attune::learn
