// Reads a whole catalogue from a file as shops have them: CSV with a header, JSON lines, or the
// product feed of merchants (RSS 2.0 or Atom). docs/catalogue.md says which names mean what.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "serve/product.h"

namespace attune::serve {

inline constexpr std::size_t kCatalogueProductsMax = 1'000'000;

/// What a file had besides its products.
struct CatalogueReport {
  struct Wrong {
    std::size_t line = 0;  // from 1, where the product begins
    std::string field;     // may be empty
    std::string message;
  };
  std::size_t products = 0;  // those given to the sink
  std::size_t wrong_count = 0;
  std::vector<Wrong> wrong;            // the first ones
  std::vector<std::string> wrong_ids;  // of products that are named and cannot be read
  std::vector<std::string> ignored;    // columns that mean nothing here
};

/// Takes some products; each id comes once.
using ProductSink = std::function<Result<void>(std::span<const Product>)>;

/// Errors  invalid_argument (field "body"): empty, no such format, not well formed, too many
///         products; and whatever `sink` returned.
[[nodiscard]] Result<CatalogueReport> read_catalogue(std::string_view text,
                                                     const ProductSink& sink);

/// One product as texts, named as in catalogues or in merchants' feeds.
class ProductTexts {
 public:
  static bool knows(std::string_view name);
  void add(std::string_view name, std::string_view text);
  /// The product as the API takes it; a value that cannot be read stays a text, to be refused.
  boost::json::object object() &&;

 private:
  boost::json::object object_;
  std::string sale_price_;
  bool sale_has_dates_ = false;
};

/// Told each product of a feed, with its line.
using FeedVisitor = std::function<Result<void>(std::size_t line, boost::json::object product)>;

/// Errors  invalid_argument (field "body"): not well formed, a document type, too deep; and what
///         `visit` returned.
[[nodiscard]] Result<void> read_feed(std::string_view text, const FeedVisitor& visit);

}  // namespace attune::serve
