// The catalogue of a site: products come from the shop, whole and in bulk.
#include <fmt/format.h>

#include <mutex>

#include "serve/catalogue_file.h"
#include "serve/gorse.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"
#include "serve/product.h"
#include "serve/routes.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 16 << 20;
constexpr std::size_t kFileBytesMax = 128 << 20;
constexpr std::size_t kProductsMax = 10'000;
constexpr std::size_t kWrongSaid = 10;  // lines in a refusal
constexpr int kTries =
    5;  // the ETL writes products it sees in events; who comes second tries again

Result<std::vector<Product>> read_products(std::string_view text) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(text));
  const boost::json::array* array = body.if_array();
  if (array == nullptr || array->empty() || array->size() > kProductsMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be an array of 1 to {} products", kProductsMax), "body");
  }
  std::vector<Product> products;
  products.reserve(array->size());
  for (const boost::json::value& each : *array) {
    ATTUNE_ASSIGN(Product product,
                  read_product(each, fmt::format("products[{}].", products.size())));
    products.push_back(std::move(product));
  }
  return products;
}

/// Runs `work` in a transaction of the site; again when another writer came first.
Result<void> write(ApiContext& api, const Call& call,
                   const std::function<Result<void>(store::Session&)>& work) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  Result<void> done;
  for (int i = 0; i < kTries; ++i) {
    ATTUNE_TRY(session->begin());
    done = session->act_as({.site = call.site->id, .account = {}});
    if (done) done = work(*session);
    if (done) {
      done = session->commit();
    } else if (auto undone = session->rollback(); !undone) {
      return pass(undone, done.error().message());
    }
    if (done || done.error().code() != ErrorCode::internal) break;
  }
  if (done && api.parts.operations.products_changed) {
    api.parts.operations.products_changed(*call.site);
  }
  return done;
}

Result<Response> put_list(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::vector<Product> products, read_products(call.request().body));
  const store::Timestamp now = store::Timestamp::from_ms(api.clock().now_ms());
  Result<void> stored = write(api, call, [&](store::Session& session) {
    return put_products(session, call.site->id, products, now);
  });
  if (!stored) return pass(stored, "storing products");
  return Response::json(fmt::format(R"({{"stored":{}}})", products.size()));
}

struct ImportOptions {
  bool complete = false;     // what the file does not name is hidden
  bool confirm = false;      // also when that is nearly everything
  bool skip_errors = false;  // what cannot be read is left out
};

Error wrong_lines(const CatalogueReport& report) {
  std::string message = fmt::format("{} of {} products cannot be read, nothing was stored",
                                    report.wrong_count, report.products + report.wrong_count);
  for (std::size_t i = 0; i < std::min(report.wrong.size(), kWrongSaid); ++i) {
    const CatalogueReport::Wrong& wrong = report.wrong[i];
    message += fmt::format("; line {}: {}{}{}", wrong.line, wrong.field,
                           wrong.field.empty() ? "" : " ", wrong.message);
  }
  if (report.wrong_count > kWrongSaid) message += "; and so on";
  return Error(ErrorCode::invalid_argument, message + " (skip_errors=1 leaves them out)", "body");
}

/// What is visible before, and a time that no product has been changed at.
struct Before {
  std::int64_t visible = 0;
  store::Timestamp now;
};

Result<Before> look_before(store::Session& session, const store::Value& site_id,
                           std::int64_t now_ms) {
  ATTUNE_ASSIGN(const store::Rows rows, session.query("serve/products_visible", {&site_id, 1}));
  RowReader row(rows.rows.at(0));
  Before before;
  before.visible = row.take<std::int64_t>();
  before.now = store::Timestamp::from_ms(now_ms);
  const auto newest = row.take_optional<store::Timestamp>();
  if (newest && newest->us >= before.now.us) before.now.us = newest->us + 1;
  return before;
}

Result<std::int64_t> hide_others(store::Session& session, const store::Value& site_id,
                                 const Before& before, const CatalogueReport& report,
                                 const ImportOptions& options) {
  gorse::Column spared;
  for (const std::string& id : report.wrong_ids) spared.add(id);
  const store::Value parameters[] = {site_id, before.now, spared.text()};
  ATTUNE_ASSIGN(const std::int64_t hidden, session.execute("serve/products_hide", parameters));
  if (hidden * 10 >= before.visible * 9 && hidden > 0 && !options.confirm) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("would hide {} of the {} products that can be seen, so nothing was "
                            "changed; confirm=1 does it",
                            hidden, before.visible),
                "confirm");
  }
  return hidden;
}

std::string import_json(const CatalogueReport& report, std::int64_t hidden) {
  std::string out = fmt::format(R"({{"stored":{},"hidden":{},"wrong":{},"errors":[)",
                                report.products, hidden, report.wrong_count);
  for (const CatalogueReport::Wrong& wrong : report.wrong) {
    if (out.back() == '}') out.push_back(',');
    out += fmt::format(R"({{"line":{},"field":)", wrong.line);
    append_json_string(out, wrong.field);
    out += R"(,"message":)";
    append_json_string(out, wrong.message);
    out.push_back('}');
  }
  out += R"(],"ignored":[)";
  for (const std::string& name : report.ignored) {
    if (out.back() != '[') out.push_back(',');
    append_json_string(out, name);
  }
  return out + "]}";
}

Result<Response> import_file(ApiContext& api, const Call& call) {
  ImportOptions options;
  const auto flag = [&](std::string_view name, bool& value) -> Result<void> {
    ATTUNE_ASSIGN(const std::int64_t number, call.query.number(name, 0, 0, 1));
    value = number == 1;
    return {};
  };
  ATTUNE_TRY(flag("complete", options.complete));
  ATTUNE_TRY(flag("confirm", options.confirm));
  ATTUNE_TRY(flag("skip_errors", options.skip_errors));
  const store::Value site_id = call.site->id.text();
  CatalogueReport report;
  std::int64_t hidden = 0;
  ATTUNE_TRY(write(api, call, [&](store::Session& session) -> Result<void> {
    ATTUNE_ASSIGN(const Before before, look_before(session, site_id, api.clock().now_ms()));
    ATTUNE_ASSIGN(report,
                  read_catalogue(call.request().body, [&](std::span<const Product> products) {
                    return put_products(session, call.site->id, products, before.now);
                  }));
    if (report.wrong_count > 0 && (!options.skip_errors || report.products == 0)) {
      return tl::unexpected<Error>(wrong_lines(report));
    }
    if (options.complete) {
      ATTUNE_ASSIGN(hidden, hide_others(session, site_id, before, report, options));
    }
    return {};
  }));
  return Response::json(import_json(report, hidden));
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
  put.on_worker = worker([&api](const Call& call) { return put_list(api, call); });

  constexpr std::string_view kFlag = R"({"type":"integer","minimum":0,"maximum":1,"default":0})";
  Route file;
  file.method = Method::post;
  file.pattern = "/api/v1/sites/{site}/products";
  file.name = "import_products";
  file.access = Access::site_write;
  file.body_bytes_max = kFileBytesMax;
  file.body_type = BodyType::any;
  file.summary = "Stores a catalogue from a file: CSV, JSON lines or a product feed; all or none.";
  file.query = {
      {"complete", "1: it is the whole catalogue; what it does not name is hidden.", kFlag},
      {"confirm", "1: also when that hides 90 % of the visible products or more.", kFlag},
      {"skip_errors", "1: leaves out what cannot be read, in place of storing nothing.", kFlag}};
  file.request_schema = "CatalogueFile";
  file.response_schema = "CatalogueImported";
  // One at a time: a file is long, and two whole catalogues of one site would hide each other.
  file.on_worker =
      worker([&api, busy = std::make_shared<std::mutex>()](const Call& call) -> Result<Response> {
        const std::unique_lock lock(*busy, std::try_to_lock);
        if (!lock) {
          return fail(ErrorCode::resource_exhausted,
                      "another catalogue is being stored: try again");
        }
        return import_file(api, call);
      });
  return {put, file};
}

}  // namespace attune::serve
