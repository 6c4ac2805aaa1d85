#include "serve/interactions.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <unordered_map>
#include <vector>

#include "collect/text.h"
#include "serve/json_fields.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

constexpr std::int64_t kIdMax = INT64_MAX;
constexpr std::size_t kVisitorCharactersMax = 100;

struct Kind {
  std::string_view interaction;
  std::string_view event;
};
constexpr std::array kKinds{
    Kind{"VIEW", "product_view"},       Kind{"CLICK", "product_click"},
    Kind{"CART_ADD", "cart_add"},       Kind{"PURCHASE", "purchase"},
    Kind{"WISHLIST", "wishlist_add"},   Kind{"REMOVE_CART", "cart_remove"},
    Kind{"REMOVE_WISHLIST", "wishlist_remove"},
};

struct Interaction {
  std::int64_t user_id = 0;
  std::int64_t product_id = 0;
  std::string_view event;
  std::optional<std::string> session;
  std::optional<std::string> timestamp;
  std::optional<double> price;
  std::optional<double> quantity;
};

struct Person {
  std::string external_id;
  bool is_known = false;
};

/// Users and products of a site that a request names.
struct Parties {
  std::unordered_map<std::int64_t, Person> people;
  std::unordered_map<std::int64_t, std::string> products;
};

Result<Interaction> read(const boost::json::value& value, const std::string& prefix) {
  JsonFields fields(value, prefix);
  Interaction read;
  const auto user = fields.optional_whole("user_id", 0, kIdMax);
  const auto product = fields.optional_whole("product_id", 0, kIdMax);
  const std::string type = fields.text("interaction_type", 50);
  read.session = fields.optional_text("session_id", 100);
  read.timestamp = fields.optional_text("timestamp", 40);
  read.price = fields.optional_number("price", 0, 1e12);
  read.quantity = fields.optional_number("quantity", 0, 1e9);
  ATTUNE_TRY(fields.finish());
  if (!user) {
    return fail(ErrorCode::invalid_argument, "is required: users.id", prefix + "user_id");
  }
  if (!product) {
    return fail(ErrorCode::invalid_argument, "is required: product.id", prefix + "product_id");
  }
  for (const Kind& kind : kKinds) {
    if (kind.interaction == type) read.event = kind.event;
  }
  if (read.event.empty()) {
    return fail(ErrorCode::invalid_argument,
                "is VIEW, CLICK, CART_ADD, PURCHASE, WISHLIST, REMOVE_CART or REMOVE_WISHLIST "
                "(constraint user_product_interactions_type_check)",
                prefix + "interaction_type");
  }
  read.user_id = *user;
  read.product_id = *product;
  return read;
}

Result<Parties> look_up(store::Session& session, const std::string& site,
                        const std::vector<Result<Interaction>>& all) {
  std::string users;
  std::string products;
  for (const Result<Interaction>& each : all) {
    if (!each) continue;
    fmt::format_to(std::back_inserter(users), "{}{}", users.empty() ? "" : ",", each->user_id);
    fmt::format_to(std::back_inserter(products), "{}{}", products.empty() ? "" : ",",
                   each->product_id);
  }
  Parties found;
  if (users.empty()) return found;
  const store::Value people_of[] = {site, users};
  ATTUNE_ASSIGN(const store::Rows people, session.query("serve/interaction_people", people_of));
  for (const auto& row : people.rows) {
    RowReader reader(row);
    const auto id = reader.take<std::int64_t>();
    Person person{.external_id = reader.take<std::string>(), .is_known = reader.take<bool>()};
    found.people.emplace(id, std::move(person));
  }
  const store::Value products_of[] = {site, products};
  ATTUNE_ASSIGN(const store::Rows things,
                session.query("serve/interaction_products", products_of));
  for (const auto& row : things.rows) {
    RowReader reader(row);
    const auto id = reader.take<std::int64_t>();
    found.products.emplace(id, reader.take<std::string>());
  }
  return found;
}

/// The event's JSON, of the person and product that the numbers name.
Result<std::string> event_of(const event::Site& site, const Interaction& interaction,
                             const Parties& parties, const std::string& prefix) {
  const auto person = parties.people.find(interaction.user_id);
  if (person == parties.people.end()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the site has no user {} (constraint "
                            "fk_user_product_interactions_users)", interaction.user_id),
                prefix + "user_id");
  }
  const auto product = parties.products.find(interaction.product_id);
  if (product == parties.products.end()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the site has no product {} (constraint "
                            "fk_user_product_interactions_product)", interaction.product_id),
                prefix + "product_id");
  }
  boost::json::object item{{"id", product->second}};
  if (interaction.price) item["price"] = *interaction.price;
  if (interaction.quantity) item["quantity"] = *interaction.quantity;
  const std::string& id = person->second.external_id;
  boost::json::object event{{"site", site.id.text()}, {"type", interaction.event},
                            {"visitor_id", collect::cut(id, kVisitorCharactersMax)},
                            {"items", boost::json::array{std::move(item)}}};
  if (person->second.is_known) event["user_id"] = id;
  if (interaction.session) event["session_id"] = *interaction.session;
  if (interaction.timestamp) event["timestamp"] = *interaction.timestamp;
  return boost::json::serialize(event);
}

}  // namespace

Result<InteractionEvents> interaction_events(store::Session& session, const event::Site& site,
                                             const boost::json::array& interactions, bool prefix) {
  const auto prefix_of = [&](std::size_t index) {
    return prefix ? fmt::format("[{}].", index) : std::string();
  };
  std::vector<Result<Interaction>> all;
  all.reserve(interactions.size());
  for (const boost::json::value& each : interactions) {
    all.push_back(read(each, prefix_of(all.size())));
  }
  ATTUNE_ASSIGN(const Parties parties, look_up(session, site.id.text(), all));
  InteractionEvents events;
  for (std::size_t index = 0; index < all.size(); ++index) {
    Result<std::string> event = all[index]
                                    ? event_of(site, *all[index], parties, prefix_of(index))
                                    : tl::unexpected<Error>(all[index].error());
    if (!event) {
      events.refused.emplace(index, event.error());
      continue;
    }
    if (events.json.size() > 1) events.json.push_back(',');
    events.json += *event;
  }
  events.json.push_back(']');
  return events;
}

collect::Intake collect_interactions(const collect::NativeCollector& collector,
                                     const event::SiteSnapshot& sites,
                                     const collect::RequestContext& context,
                                     InteractionEvents events) {
  collect::Intake intake;
  if (events.json.size() > 2) intake = collector.collect(sites, context, events.json);
  if (intake.refused) return intake;
  for (auto& [index, error] : events.refused) {   // ascending: those before are in place
    collect::EventVerdict verdict;
    verdict.error = std::move(error);
    intake.verdicts.insert(intake.verdicts.begin() + static_cast<std::ptrdiff_t>(index),
                           std::move(verdict));
    intake.rejected_count += 1;
  }
  return intake;
}

}  // namespace attune::serve
