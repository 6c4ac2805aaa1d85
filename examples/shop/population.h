// The outside of a simulated person: where they live, what they browse with, how they come to the
// shop.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shop/random.h"

namespace attune::shop {

/// What the server can see of a person. Made from seed and number like the taste, and as lasting.
struct Person {
  std::string user_agent;
  std::string screen;         // "1920x1080"
  std::string viewport;
  double device_pixel_ratio = 1;
  std::string language;       // "de-DE"
  std::string timezone;
  std::string ip;             // of an access network of that country: a plausible place
  std::string user_id;        // what the shop calls them once they order; empty: orders as a guest
};

Person make_person(std::uint64_t seed, std::uint64_t number);

/// How one visit begins.
struct Entry {
  std::string referrer;       // empty: typed or bookmarked
  std::string query;          // campaign tags and click ids of the link, without '?'
  double bounce = 0.35;       // how likely the first page is also the last
  bool deep = false;          // lands on a product or category rather than on the first page
};

Entry draw_entry(Random& random);

}  // namespace attune::shop
