#include "serve/product.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/hash.h"
#include "serve/gorse.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"

namespace attune::serve {
namespace {

constexpr std::size_t kCategoriesMax = 100;
constexpr std::size_t kLabelsBytesMax = 262'144;  // as JSON
constexpr char kSeparator = '\x1f';               // of the texts of one column

/// `category` and `categories` as one list, whose first is the category.
void settle_categories(Product& product, std::vector<std::string> categories) {
  if (categories.empty()) return;
  if (product.category) {
    std::erase(categories, *product.category);
    categories.emplace(categories.begin(), *product.category);
  }
  product.category = categories.front();
  product.categories.assign(1, '[');
  for (const std::string& each : categories) {
    if (product.categories.size() > 1) product.categories.push_back(',');
    append_json_string(product.categories, each);
  }
  product.categories.push_back(']');
}

void refuse_separator(JsonFields& fields, std::string_view name,
                      const std::optional<std::string>& text) {
  if (text && text->find(kSeparator) != std::string::npos) {
    fields.refuse(name, "has the control character U+001F");
  }
}

}  // namespace

Result<std::string> product_type(std::string_view text) {
  if (text.empty() || std::ranges::find(kProductTypes, text) != kProductTypes.end()) {
    return std::string(text);
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("must be one of {}", fmt::join(kProductTypes, ", ")), "type");
}

Result<Product> read_product(const boost::json::value& value, std::string prefix) {
  JsonFields fields(value, std::move(prefix));
  Product product;
  product.id = fields.text("id", 255);
  product.name = fields.optional_text("name", 500);
  product.category = fields.optional_text("category", 255);
  product.brand = fields.optional_text("brand", 255);
  product.price = fields.optional_number("price", 0, 1e12);
  product.currency = fields.optional_text("currency", 3);
  product.stock = fields.optional_whole("stock", 0, 2'000'000'000);
  product.url = fields.optional_text("url", 2048);
  product.image = fields.optional_text("image", 2048);
  product.hidden = fields.optional_flag("hidden").value_or(false);
  product.type = fields.optional_text("type", 20).value_or(product.type);
  if (std::ranges::find(kProductTypes, product.type) == kProductTypes.end()) {
    fields.refuse("type", fmt::format("must be one of {}", fmt::join(kProductTypes, ", ")));
  }
  auto categories = fields.optional_texts("categories", 255);
  const boost::json::value* labels = fields.optional_value("labels");
  if (categories && categories->size() > kCategoriesMax) {
    fields.refuse("categories", fmt::format("has more than {} texts", kCategoriesMax));
  }
  settle_categories(product, std::move(categories).value_or(std::vector<std::string>{}));
  refuse_separator(fields, "id", product.id);
  refuse_separator(fields, "name", product.name);
  refuse_separator(fields, "category", product.category);
  refuse_separator(fields, "brand", product.brand);
  refuse_separator(fields, "currency", product.currency);
  refuse_separator(fields, "url", product.url);
  refuse_separator(fields, "image", product.image);
  if (labels != nullptr) gorse::append_json(product.labels, *labels);
  if (labels != nullptr &&
      (!gorse::labels_are_valid(*labels) || product.labels.size() > kLabelsBytesMax)) {
    fields.refuse("labels",
                  fmt::format("must be texts, numbers, lists of one of them, or an object of such, "
                              "in at most {} bytes",
                              kLabelsBytesMax));
  }
  ATTUNE_TRY(fields.finish());
  return product;
}

Result<void> put_products(store::Session& session, const Uuid& site,
                          std::span<const Product> products, store::Timestamp now) {
  std::map<std::string_view, const Product*> newest;  // a key may stand once in a statement
  for (const Product& product : products) newest[product.id] = &product;
  if (newest.empty()) return {};
  const std::string site_id = site.text();
  std::array<gorse::Column, 14> columns;
  for (const auto& [id, given] : newest) {
    const Product& product = *given;
    const std::string none;
    const std::string values[] = {std::to_string(stable_id(site_id, product.id)),
                                  product.id,
                                  product.name.value_or(none),
                                  product.category.value_or(none),
                                  product.brand.value_or(none),
                                  product.price ? fmt::format("{:.4f}", *product.price) : none,
                                  product.currency.value_or(none),
                                  product.stock ? std::to_string(*product.stock) : none,
                                  product.url.value_or(none),
                                  product.image.value_or(none),
                                  product.hidden ? "true" : "false",
                                  product.categories,
                                  product.labels,
                                  product.type};
    static_assert(std::size(values) == std::tuple_size_v<decltype(columns)>);
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].add(values[i]);
  }
  std::vector<store::Value> parameters{site_id};
  for (const gorse::Column& column : columns) parameters.emplace_back(column.text());
  parameters.emplace_back(now);
  ATTUNE_TRY(session.execute("serve/products_put", parameters));
  return {};
}

}  // namespace attune::serve
