#include "shop/taste.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "shop/random.h"

namespace attune::shop {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kTasteStream = 1;
constexpr std::uint64_t kAppealSeed = 4;

/// Categories are loved unequally, or there would be no popular product to be better than.
constexpr std::array<double, 6> kLoved = {0.28, 0.20, 0.18, 0.14, 0.12, 0.08};

std::size_t position_of(const std::vector<std::string>& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (position_of(names, name) == names.size()) names.push_back(name);
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

Result<Product> product_of(const json::value& value, std::size_t index) {
  const std::string field = fmt::format("[{}]", index);
  if (!value.is_object()) return fail(ErrorCode::invalid_argument, "not an object", field);
  const json::object& object = value.as_object();
  Product product;
  product.id = text_of(object, "id");
  product.name = text_of(object, "name");
  product.category = text_of(object, "category");
  product.brand = text_of(object, "brand");
  product.path = text_of(object, "url");
  if (product.path.starts_with("/demo/")) product.path.erase(0, 5);
  const json::value* price = object.if_contains("price");
  if (price != nullptr && price->is_number()) product.price = price->to_number<double>();
  if (product.id.empty() || product.category.empty() || !(product.price > 0)) {
    return fail(ErrorCode::invalid_argument, "a product needs id, category and price", field);
  }
  // Squared, so that a few are liked by everybody and most are not.
  const double even = static_cast<double>(hash64(product.id, kAppealSeed) >> 11) * 0x1.0p-53;
  product.appeal = even * even;
  return product;
}

double median_price(const Catalogue& catalogue, std::string_view category) {
  std::vector<double> prices;
  for (const Product& product : catalogue.products) {
    if (product.category == category) prices.push_back(product.price);
  }
  const auto middle = prices.begin() + static_cast<std::ptrdiff_t>(prices.size() / 2);
  std::nth_element(prices.begin(), middle, prices.end());
  return *middle;
}

}  // namespace

Result<Catalogue> Catalogue::parse(std::string_view text) {
  boost::system::error_code problem;
  const json::value parsed = json::parse(text, problem);
  if (problem || !parsed.is_array() || parsed.as_array().empty()) {
    return fail(ErrorCode::invalid_argument, "a catalogue is a JSON array of products");
  }
  Catalogue catalogue;
  const json::array& lines = parsed.as_array();
  for (std::size_t index = 0; index < lines.size(); ++index) {
    ATTUNE_ASSIGN(Product product, product_of(lines[index], index));
    add_once(catalogue.categories, product.category);
    add_once(catalogue.brands, product.brand);
    catalogue.products.push_back(std::move(product));
  }
  return catalogue;
}

const Product* Catalogue::find(std::string_view id) const {
  const auto found = std::find_if(products.begin(), products.end(),
                                  [id](const Product& product) { return product.id == id; });
  return found == products.end() ? nullptr : &*found;
}

Visitor make_visitor(const Catalogue& catalogue, std::uint64_t seed, std::uint64_t number) {
  Random random(seed, kTasteStream, number);
  Visitor visitor;
  visitor.number = number;
  visitor.visitor_id = fmt::format("sim-{}-{}", seed, number);
  visitor.has_taste = !random.chance(1.0 / 7);
  const std::size_t categories = catalogue.categories.size();
  for (std::size_t index = 0; index < categories; ++index) {
    visitor.category_weight.push_back(visitor.has_taste ? random.between(0.02, 0.15) : 0.45);
  }
  for (std::size_t index = 0; index < catalogue.brands.size(); ++index) {
    visitor.brand_weight.push_back(visitor.has_taste ? random.between(0.1, 0.4) : 0.3);
  }
  visitor.price_sensitivity = random.uniform();
  if (!visitor.has_taste) return visitor;

  std::vector<double> loved(categories, kLoved.back());
  std::copy_n(kLoved.begin(), std::min(categories, kLoved.size()), loved.begin());
  const std::size_t first = random.weighted(loved);
  if (random.chance(0.4)) {
    visitor.category_weight[random.below(categories)] = random.between(0.55, 0.8);
  }
  visitor.category_weight[first] = random.between(0.9, 1.0);
  visitor.brand_weight[random.below(catalogue.brands.size())] = random.between(0.8, 1.0);
  return visitor;
}

double expected_taste(const Catalogue& catalogue, const Visitor& visitor, const Product& product) {
  const double category =
      visitor.category_weight[position_of(catalogue.categories, product.category)];
  const double brand = visitor.brand_weight[position_of(catalogue.brands, product.brand)];
  const double dear = std::log(product.price / median_price(catalogue, product.category));
  const double liking = -3.4 + 4.2 * category + 1.4 * brand -
                        0.9 * visitor.price_sensitivity * dear + 1.5 * (product.appeal - 0.33);
  return 1 / (1 + std::exp(-liking));
}

}  // namespace attune::shop
