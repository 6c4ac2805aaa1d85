// Who is this visitor, what did they do; and what does the site offer: the people and the catalogue
// of a site, as the dashboard shows them.
#include <fmt/format.h>

#include "base/hash.h"
#include "serve/product.h"
#include "serve/routes.h"
#include "serve/value_json.h"

namespace attune::serve {
namespace {

constexpr std::size_t kTextMax = 255;
constexpr std::int64_t kRowsMax = 200;
constexpr std::int64_t kSkipMax = 1'000'000;
constexpr std::int64_t kInteractions = 50;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kHistoryMs = 400 * kDayMs;

Result<std::string> text_of(const Call& call, std::string_view name) {
  const std::string_view text = call.query.get_or(name, "");
  if (text.size() <= kTextMax) return std::string(text);
  return fail(ErrorCode::invalid_argument, fmt::format("is longer than {} bytes", kTextMax),
              std::string(name));
}

Result<Response> list_people(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::string search, text_of(call, "search"));
  ATTUNE_ASSIGN(const std::int64_t limit, call.query.number("limit", 50, 1, kRowsMax));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value parameters[] = {call.site->id, search, limit};
  ATTUNE_ASSIGN(const store::Rows rows, session->query("report/people", parameters));
  std::string out = R"({"people":)";
  append_rows(out, rows);
  return Response::json(out + '}');
}

Result<Response> show_person(ApiContext& api, const Call& call) {
  const std::string person(call.path("person"));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const store::Value whose[] = {call.site->id, person};
  ATTUNE_ASSIGN(const store::Rows profile, session->query("report/person", whose));
  const std::string site = call.site->id.text();
  const std::int64_t now_ms = api.clock().now_ms();
  const store::Value what[] = {site, stable_id(site, person),
                               store::Timestamp::from_ms(now_ms - kHistoryMs),
                               store::Timestamp::from_ms(now_ms + kDayMs), kInteractions};
  ATTUNE_ASSIGN(const store::Rows done, session->query("report/person_interactions", what));
  if (profile.rows.empty() && done.rows.empty()) {
    return fail(ErrorCode::not_found, "nobody of that id was seen here", "person");
  }
  std::string out = R"({"person":)";
  append_json_string(out, person);
  out += R"(,"profile":)";
  if (profile.rows.empty()) out += "null";
  else append_row(out, profile, 0, "person");
  out += R"(,"interactions":)";
  append_rows(out, done);
  return Response::json(out + '}');
}

Result<Response> list_products(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::string search, text_of(call, "search"));
  const std::string state(call.query.get_or("state", ""));
  if (state != "" && state != "hidden" && state != "out_of_stock" && state != "seen") {
    return fail(ErrorCode::invalid_argument, "is hidden, out_of_stock or seen", "state");
  }
  ATTUNE_ASSIGN(const std::int64_t limit, call.query.number("limit", 50, 1, kRowsMax));
  ATTUNE_ASSIGN(const std::int64_t skip, call.query.number("offset", 0, 0, kSkipMax));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const std::string type, product_type(call.query.get_or("type", "")));
  const store::Value parameters[] = {call.site->id.text(), search, state, skip, limit, type};
  ATTUNE_ASSIGN(const store::Rows rows, session->query("report/products", parameters));
  std::string out = R"({"total":)";
  if (rows.rows.empty()) out += '0';
  else append_value(out, rows.rows.front().back());
  out += R"(,"products":)";
  append_rows(out, rows, "total");
  return Response::json(out + '}');
}

}  // namespace

std::vector<Route> people_routes(ApiContext& api) {
  constexpr std::string_view kLimit =
      R"({"type":"integer","minimum":1,"maximum":200,"default":50})";
  Route people = row(Method::get, "/api/v1/sites/{site}/people", "list_people", Access::site_read,
                     "People by their profiles, the latest visitor first.", "People");
  people.query = {{"search", "Beginning of the person's id."},
                  {"limit", "At most so many.", kLimit}};
  people.on_worker = worker([&api](const Call& call) { return list_people(api, call); });

  Route person = row(Method::get, "/api/v1/sites/{site}/people/{person}", "show_person",
                     Access::site_read,
                     "A person's profile and the newest 50 interactions with products.", "Person");
  person.on_worker = worker([&api](const Call& call) { return show_person(api, call); });

  Route products = row(Method::get, "/api/v1/sites/{site}/products", "list_products",
                       Access::site_read, "The catalogue, the latest change first.", "ProductList");
  products.query = {
      {"search", "In id, name, category or brand."},
      {"state", "Only hidden ones, those out of stock, or those known by events only.",
       R"({"enum":["hidden","out_of_stock","seen"]})"},
      {"type", "Only of this type.", R"({"enum":["product","content","offer"]})"},
      {"limit", "At most so many.", kLimit},
      {"offset", "Leaves out so many.", R"({"type":"integer","minimum":0,"maximum":1000000})"}};
  products.on_worker = worker([&api](const Call& call) { return list_products(api, call); });
  return {people, person, products};
}

}  // namespace attune::serve
