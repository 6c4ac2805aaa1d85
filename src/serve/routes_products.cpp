// The catalogue of a site: products come from the shop, whole and in bulk.
#include <fmt/format.h>

#include "base/hash.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 16 << 20;
constexpr std::size_t kProductsMax = 10'000;
constexpr int kTries =
    5;  // the ETL writes products it sees in events; who comes second tries again

struct Product {
  std::string id;
  std::optional<std::string> name, category, brand, currency, url, image;
  std::optional<double> price;
  std::optional<std::int64_t> stock;
  bool hidden = false;
};

Result<std::vector<Product>> read_products(std::string_view text) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(text));
  const boost::json::array* array = body.if_array();
  if (array == nullptr || array->empty() || array->size() > kProductsMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be an array of 1 to {} products", kProductsMax), "body");
  }
  std::vector<Product> products;
  products.reserve(array->size());
  for (std::size_t i = 0; i < array->size(); ++i) {
    JsonFields fields((*array)[i], fmt::format("products[{}].", i));
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
    ATTUNE_TRY(fields.finish());
    products.push_back(std::move(product));
  }
  return products;
}

template <class T>
store::Value value_of(const std::optional<T>& given) {
  return given ? store::Value(*given) : store::Value(store::Null{});
}

Result<void> store_products(store::Session& session, const Uuid& site,
                            const std::vector<Product>& products, store::Timestamp now) {
  const std::string site_id = site.text();
  ATTUNE_TRY(session.begin());
  if (auto bound = session.act_as({.site = site, .account = {}}); !bound) {
    static_cast<void>(session.rollback());
    return bound;
  }
  for (const Product& product : products) {
    const store::Value parameters[] = {stable_id(site_id, product.id),
                                       site_id,
                                       product.id,
                                       value_of(product.name),
                                       value_of(product.category),
                                       value_of(product.brand),
                                       value_of(product.price),
                                       value_of(product.currency),
                                       value_of(product.stock),
                                       value_of(product.url),
                                       value_of(product.image),
                                       product.hidden,
                                       now};
    auto stored = session.execute("serve/product_upsert", parameters);
    if (stored) continue;
    if (auto undone = session.rollback(); !undone) return pass(undone, stored.error().message());
    return pass(stored, fmt::format("product {}", product.id));
  }
  return session.commit();
}

Result<Response> put_products(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::vector<Product> products, read_products(call.request().body));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  const store::Timestamp now = store::Timestamp::from_ms(api.clock().now_ms());
  Result<void> stored;
  for (int i = 0; i < kTries; ++i) {
    stored = store_products(*session, call.site->id, products, now);
    if (stored || stored.error().code() != ErrorCode::internal) break;
  }
  if (!stored) return pass(stored, "storing products");
  if (api.parts.operations.products_changed) api.parts.operations.products_changed(*call.site);
  return Response::json(fmt::format(R"({{"stored":{}}})", products.size()));
}

}  // namespace

std::vector<Route> product_routes(ApiContext& api) {
  Route put;
  put.method = Method::put;
  put.pattern = "/api/v1/sites/{site}/products";
  put.name = "put_products";
  put.access = Access::site_write;
  put.body_bytes_max = kBodyBytesMax;
  put.summary = "Stores products of the catalogue, each whole; all or none.";
  put.request_schema = "Products";
  put.response_schema = "Stored";
  put.on_worker = worker([&api](const Call& call) { return put_products(api, call); });
  return {put};
}

}  // namespace attune::serve
