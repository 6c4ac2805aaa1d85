// A product of the catalogue as the shop says it: read from JSON, stored whole.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "base/uuid.h"
#include "store/store.h"

namespace attune::serve {

/// What a product may be.
inline constexpr std::array<std::string_view, 3> kProductTypes{"product", "content", "offer"};

struct Product {
  std::string id;
  std::optional<std::string> name, category, brand, currency, url, image;
  std::optional<double> price;
  std::optional<std::int64_t> stock;
  bool hidden = false;
  std::string type = "product";
  std::string categories;  // a JSON list of all; empty: not given
  std::string labels;      // JSON; empty: not given
};

/// A type that was asked for, or empty: any.
/// Errors  invalid_argument (field "type"): there is no such type.
[[nodiscard]] Result<std::string> product_type(std::string_view text);

/// prefix  before names of fields in errors: "products[3]."
/// Errors  invalid_argument: the first broken rule, with its field.
[[nodiscard]] Result<Product> read_product(const boost::json::value& value, std::string prefix);

/// Stores products within the transaction that is open.
///
/// products  the last one of an id counts.
/// Errors    as store::Session::execute.
[[nodiscard]] Result<void> put_products(store::Session& session, const Uuid& site,
                                        std::span<const Product> products, store::Timestamp now);

}  // namespace attune::serve
