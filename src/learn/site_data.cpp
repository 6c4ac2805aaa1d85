#include "learn/site_data.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <unordered_map>
#include <limits>
#include <utility>
#include <variant>

#include "base/hash.h"

namespace attune::learn {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

std::string text_of(const store::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string{} : *text;
}

std::optional<double> number_of(const store::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::nullopt;
}

/// The texts of a JSON list; none of anything else.
std::vector<std::string> texts_of(const store::Value& value) {
  std::vector<std::string> texts;
  const auto* json = std::get_if<store::Json>(&value);
  if (json == nullptr) return texts;
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(json->text, error);
  const auto* list = error ? nullptr : parsed.if_array();
  if (list == nullptr) return texts;
  for (const boost::json::value& each : *list) {
    if (const auto* text = each.if_string()) texts.emplace_back(*text);
  }
  return texts;
}

std::int64_t time_ms_of(const store::Value& value) {
  const auto* time = std::get_if<store::Timestamp>(&value);
  return time == nullptr ? 0 : time->us / 1000;
}

store::Value timestamp(std::int64_t time_ms) {
  return store::Timestamp::from_ms(time_ms);
}

ClickKind kind_of(std::string_view interaction) {
  if (interaction == "CLICK") return ClickKind::click;
  if (interaction == "CART_ADD") return ClickKind::cart;
  if (interaction == "WISHLIST") return ClickKind::wishlist;
  if (interaction == "PURCHASE") return ClickKind::purchase;
  return ClickKind::view;
}

// What a row of each query becomes; the columns are those of the file's header.

Result<void> take_product(SiteData& data, std::span<const store::Value> row) {
  Product product;
  product.id = text_of(row[0]);
  product.name = text_of(row[1]);
  product.category = text_of(row[2]);
  product.brand = text_of(row[3]);
  product.price = number_of(row[4]);
  product.stock = number_of(row[5]);
  product.url = text_of(row[6]);
  product.image = text_of(row[7]);
  const auto* hidden = std::get_if<bool>(&row[8]);
  product.hidden = hidden != nullptr && *hidden;
  product.further_categories = texts_of(row[9]);
  std::erase(product.further_categories, product.category);
  if (const auto* labels = std::get_if<store::Json>(&row[10])) {
    CatalogueItem read;
    read_labels(labels->text, read);
    product.labels = std::move(read.labels);
  }
  product.type = text_of(row[11]);
  data.products.push_back(std::move(product));
  return {};
}

Result<void> take_item(Catalogue& catalogue, std::span<const store::Value> row) {
  CatalogueItem item;
  item.id = text_of(row[0]);
  item.name = text_of(row[1]);
  item.category = text_of(row[2]);
  item.brand = text_of(row[3]);
  if (const auto price = number_of(row[4])) item.price = *price;
  if (const auto* labels = std::get_if<store::Json>(&row[10])) read_labels(labels->text, item);
  catalogue.push_back(std::move(item));
  return {};
}

Result<void> take_visits(SiteData& data, std::span<const store::Value> row) {
  const auto* decayed = std::get_if<double>(&row[1]);
  const auto* week = std::get_if<std::int64_t>(&row[2]);
  if (decayed == nullptr || week == nullptr) {
    return fail(ErrorCode::internal, "learn/item_visits gave other types than its header says");
  }
  data.visits.push_back({text_of(row[0]), *decayed, static_cast<std::uint32_t>(*week)});
  return {};
}

Result<void> take_purchase(SiteData& data, std::span<const store::Value> row) {
  const auto* user = std::get_if<std::int64_t>(&row[0]);
  if (user != nullptr) data.purchases.push_back({*user, text_of(row[1]), time_ms_of(row[2])});
  return {};
}

/// What people took, in the order of the tables.
struct HistoryBuilder {
  struct Taken {
    std::int64_t user = 0;
    std::int64_t time_us = 0;
    std::int64_t id = 0;
    std::uint32_t item = 0;
  };
  std::vector<Taken> all;
  std::unordered_map<std::string, std::uint32_t> items;
  std::vector<std::string> item_ids;
};

Result<void> take_history(HistoryBuilder& builder, std::span<const store::Value> row) {
  const auto* user = std::get_if<std::int64_t>(&row[0]);
  const auto* time = std::get_if<store::Timestamp>(&row[2]);
  const auto* id = std::get_if<std::int64_t>(&row[3]);
  if (user == nullptr || time == nullptr || id == nullptr) return {};
  const auto number = static_cast<std::uint32_t>(builder.items.size());
  const auto [item, added] = builder.items.try_emplace(text_of(row[1]), number);
  if (added) builder.item_ids.push_back(item->first);
  builder.all.push_back({*user, time->us, *id, item->second});
  return {};
}

/// People's items, each once, within limits; who was seen last comes first.
void build_histories(HistoryBuilder& builder, const SiteDataOptions& options, SiteData& data) {
  std::ranges::sort(builder.all, [](const auto& a, const auto& b) {
    return a.time_us != b.time_us ? a.time_us > b.time_us : a.id > b.id;
  });
  std::unordered_map<std::int64_t, std::uint32_t> people;
  for (const HistoryBuilder::Taken& each : builder.all) {
    auto person = people.find(each.user);
    if (person == people.end()) {
      if (data.histories.size() >= options.history_people_max) continue;
      person = people.emplace(each.user, data.histories.size()).first;
      data.histories.push_back({each.user, {}});
    }
    auto& taken = data.histories[person->second].items;
    if (taken.size() >= options.history_items_max) continue;
    if (std::find(taken.begin(), taken.end(), each.item) == taken.end()) {
      taken.push_back(each.item);
    }
  }
  for (History& history : data.histories) std::reverse(history.items.begin(), history.items.end());
  data.history_item_ids = std::move(builder.item_ids);
}

/// People's facts, in the order of the tables.
struct FactsBuilder {
  struct Dated {
    ProfileFact fact;
    std::int64_t id = 0;
  };
  struct Person {
    std::vector<Dated> facts;
    ProfileOrders orders;
  };
  std::string site;
  std::unordered_map<std::int64_t, Person> people;
};

Result<void> take_fact(FactsBuilder& builder, std::span<const store::Value> row) {
  const auto* user = std::get_if<std::int64_t>(&row[0]);
  const auto* item = std::get_if<std::int64_t>(&row[1]);
  const auto* time = std::get_if<store::Timestamp>(&row[2]);
  const auto* id = std::get_if<std::int64_t>(&row[8]);
  if (user == nullptr || item == nullptr || time == nullptr || id == nullptr) return {};
  const auto* category = std::get_if<std::string>(&row[6]);
  builder.people[*user].facts.push_back(
      {.fact = {.time_us = time->us,
                .item = *item,
                .category = category == nullptr ? 0 : hash64(*category),
                .price = number_of(row[4]).value_or(std::numeric_limits<double>::quiet_NaN()),
                .reward = static_cast<float>(number_of(row[5]).value_or(0)),
                .kind = parse_fact_kind(text_of(row[3])),
                .device = parse_fact_device(text_of(row[7]))},
       .id = *id});
  return {};
}

/// The newest facts of a person, newest first.
std::vector<ProfileFact> newest_facts(std::vector<FactsBuilder::Dated>& all, std::size_t most) {
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return a.fact.time_us != b.fact.time_us ? a.fact.time_us > b.fact.time_us : a.id > b.id;
  });
  std::vector<ProfileFact> facts;
  facts.reserve(std::min(all.size(), most));
  for (const auto& each : std::span(all).first(std::min(all.size(), most))) {
    facts.push_back(each.fact);
  }
  return facts;
}

Result<void> take_orders(FactsBuilder& builder, std::span<const store::Value> row) {
  const auto person = builder.people.find(stable_id(builder.site, text_of(row[0])));
  if (person == builder.people.end()) return {};
  person->second.orders = {.count = static_cast<std::uint32_t>(number_of(row[1]).value_or(0)),
                           .spent = number_of(row[2]).value_or(0)};
  return {};
}

Result<void> take_click(SessionLogBuilder& builder, std::span<const store::Value> row) {
  const auto* session_id = std::get_if<std::string>(&row[0]);
  const auto* item_id = std::get_if<std::string>(&row[1]);
  if (session_id == nullptr || item_id == nullptr) {
    return fail(ErrorCode::internal, "learn/sessions gave other types than its header says");
  }
  const auto* person = std::get_if<std::int64_t>(&row[4]);
  builder.add(*session_id, *item_id, time_ms_of(row[2]), kind_of(text_of(row[3])),
              person == nullptr ? 0 : *person);
  return {};
}

/// Streams a query's rows into `target`.
template <class Target>
Result<void> load(store::Session& session, std::string_view file,
                  std::span<const store::Value> parameters, Target& target,
                  Result<void> (*take)(Target&, std::span<const store::Value>),
                  const store::QueryOptions& options = {}) {
  auto rows = session.scan(
      file, parameters, [&](std::span<const store::Value> row) { return take(target, row); },
      options);
  if (!rows) return pass(rows, file);
  return {};
}

/// The oldest instant from which on a site has no more than `rows_max` interactions, by the hour;
/// the newest hour counts in any case. Saves sorting millions of rows for the newest of them.
Result<std::int64_t> newest_rows_since_ms(store::Session& session, const std::string& site,
                                          std::int64_t since_ms, std::int64_t until_ms,
                                          std::size_t rows_max) {
  const std::array parameters{store::Value(site), timestamp(since_ms), timestamp(until_ms)};
  auto hours = session.query("learn/interaction_hours", parameters);
  if (!hours) return pass(hours, "counting interactions");
  std::size_t rows = 0;
  std::int64_t cut_ms = until_ms;
  for (const auto& row : hours->rows) {
    const auto hour = static_cast<std::int64_t>(number_of(row[0]).value_or(0));
    rows += static_cast<std::size_t>(number_of(row[1]).value_or(0));
    if (rows > rows_max && cut_ms != until_ms) return cut_ms;
    cut_ms = std::max(since_ms, hour * kHourMs);
  }
  return cut_ms;
}

}  // namespace

Result<SiteData> load_site_data(store::Session& session, const Uuid& site, std::int64_t now_ms,
                                const SiteDataOptions& options) {
  SiteData data;
  const store::Value site_id = site.text();
  ATTUNE_TRY(load(session, "learn/products", std::array{site_id}, data, take_product));
  ATTUNE_ASSIGN(const std::optional<std::int64_t> newest_ms,
                newest_interaction_ms(session, site, now_ms));
  if (!newest_ms) return data;
  // The hour of the newest interaction is still growing: the live stream counts it.
  data.counted_until_ms = *newest_ms / kHourMs * kHourMs;
  const std::array counted{site_id,
                           timestamp(data.counted_until_ms - options.popularity_days * kDayMs),
                           timestamp(data.counted_until_ms), store::Value(options.half_life_days)};
  ATTUNE_TRY(load(session, "learn/item_visits", counted, data, take_visits));
  const std::array bought{site_id, timestamp(*newest_ms - options.purchase_days * kDayMs),
                          timestamp(*newest_ms + 1),
                          store::Value(static_cast<std::int64_t>(options.purchases_max))};
  ATTUNE_TRY(load(session, "learn/purchases", bought, data, take_purchase));
  ATTUNE_ASSIGN(const std::int64_t since_ms,
                newest_rows_since_ms(session, site.text(),
                                     *newest_ms - options.history_days * kDayMs, *newest_ms + 1,
                                     options.history_rows_max));
  const std::array took{site_id, timestamp(since_ms), timestamp(*newest_ms + 1),
                        store::Value(static_cast<std::int64_t>(options.history_rows_max))};
  HistoryBuilder histories;
  ATTUNE_TRY(load(session, "learn/histories", took, histories, take_history));
  build_histories(histories, options, data);
  if (options.facts_rows_max > 0) {
    ATTUNE_ASSIGN(auto people, load_facts(session, site, now_ms, options.facts_rows_max,
                                          options.facts_person_max));
    data.people = std::make_shared<const std::vector<PersonFacts>>(std::move(people));
  }
  return data;
}

Result<std::vector<PersonFacts>> load_facts(store::Session& session, const Uuid& site,
                                            std::int64_t until_ms, std::size_t rows_max,
                                            std::size_t person_max) {
  FactsBuilder builder{.site = site.text(), .people = {}};
  ATTUNE_ASSIGN(const std::int64_t since_ms,
                newest_rows_since_ms(session, builder.site, 0, until_ms + 1, rows_max));
  const std::array facts{store::Value(builder.site), timestamp(since_ms), timestamp(until_ms),
                         store::Value(static_cast<std::int64_t>(rows_max))};
  ATTUNE_TRY(load(session, "learn/profile_facts", facts, builder, take_fact));
  const std::array orders{store::Value(builder.site), timestamp(until_ms)};
  ATTUNE_TRY(load(session, "learn/profile_orders", orders, builder, take_orders));
  std::vector<PersonFacts> people;
  people.reserve(builder.people.size());
  for (auto& [user, person] : builder.people) {
    people.push_back({.user_id = user,
                      .facts = newest_facts(person.facts, person_max),
                      .orders = person.orders});
  }
  std::ranges::sort(people, {}, &PersonFacts::user_id);
  return people;
}

Result<std::optional<std::int64_t>> newest_interaction_ms(store::Session& session, const Uuid& site,
                                                          std::int64_t now_ms) {
  // Clocks of visitors are corrected to ours at receipt; a day of room costs nothing.
  const std::array parameters{store::Value(site.text()), timestamp(now_ms + kDayMs)};
  auto rows = session.query("learn/newest_interaction", parameters);
  if (!rows) return pass(rows, "looking for the newest interaction");
  if (rows->rows.empty() || std::holds_alternative<store::Null>(rows->rows[0][0])) {
    return std::optional<std::int64_t>{};
  }
  return std::optional<std::int64_t>(time_ms_of(rows->rows[0][0]));
}

Result<TrainingData> read_training_data(store::Session& session, const Uuid& site,
                                        std::int64_t now_ms, const SessionQuery& query) {
  TrainingData data;
  ATTUNE_TRY(load(session, "learn/products", std::array{store::Value(site.text())},
                  data.catalogue, take_item));
  // The database may order texts otherwise.
  std::ranges::sort(data.catalogue, {}, &CatalogueItem::id);
  SessionLogBuilder builder;
  ATTUNE_ASSIGN(const std::optional<std::int64_t> newest_ms,
                newest_interaction_ms(session, site, now_ms));
  if (newest_ms) {
    const std::array parameters{
        store::Value(site.text()), timestamp(*newest_ms - query.history_days * kDayMs),
        timestamp(*newest_ms + 1), store::Value(static_cast<std::int64_t>(query.clicks_max))};
    ATTUNE_TRY(load(session, "learn/sessions", parameters, builder, take_click,
                    {.timeout_ms = query.timeout_ms}));
  }
  ATTUNE_ASSIGN(data.log, builder.build({.merge_repeats = true, .newest_first = true}));
  return data;
}

}  // namespace attune::learn
