// The hidden truth behind the simulated visitors: what each of them likes. The simulator draws its
// visitors' behaviour from it, and tests ask it whether a recommendation was any good. Nothing of
// this is ever sent to the server. The model is written down in README.md beside this file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::shop {

/// One line of pages/catalogue.json.
struct Product {
  std::string id;
  std::string name;
  std::string category;
  std::string brand;
  double price = 0;           // in the shop's currency
  std::string path;           // without the "/demo" it is served under: "/product-x.html"
  double appeal = 0;          // 0..1, how much everybody likes it; makes some products popular
};

/// The products of the demo shop, with the distinct categories and brands in order of appearance.
struct Catalogue {
  std::vector<Product> products;
  std::vector<std::string> categories;
  std::vector<std::string> brands;

  /// Reads the JSON array that PUT /api/v1/sites/{site}/products takes.
  /// Errors  invalid_argument: not such an array, a product without id, category or price, or none.
  [[nodiscard]] static Result<Catalogue> parse(std::string_view json);

  /// The product with this id, or null.
  const Product* find(std::string_view id) const;
};

/// One simulated person, made from the seed and a number; the same two always make the same person.
struct Visitor {
  std::uint64_t number = 0;
  std::string visitor_id;               // what the tracker would have stored: "sim-<seed>-<number>"
  bool has_taste = true;                // false for one in seven: they like what all like
  std::vector<double> category_weight;  // by Catalogue::categories, 0..1; one or two are near 1
  std::vector<double> brand_weight;     // by Catalogue::brands, 0..1
  double price_sensitivity = 0;         // 0: does not look at prices, 1: looks at little else
};

/// Person `number` of the population `seed`.
Visitor make_visitor(const Catalogue& catalogue, std::uint64_t seed, std::uint64_t number);

/// How likely `visitor` finds `product` attractive when it is put before them.
///
/// Returns  a probability in (0, 1); the simulator clicks and buys by it.
double expected_taste(const Catalogue& catalogue, const Visitor& visitor, const Product& product);

}  // namespace attune::shop
