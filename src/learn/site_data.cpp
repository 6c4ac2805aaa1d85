#include "learn/site_data.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

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

std::int64_t time_ms_of(const store::Value& value) {
  const auto* time = std::get_if<store::Timestamp>(&value);
  return time == nullptr ? 0 : time->us / 1000;
}

store::Value timestamp(std::int64_t time_ms) {
  return store::Timestamp::from_ms(time_ms);
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
  data.products.push_back(std::move(product));
  return {};
}

Result<void> take_visits(SiteData& data, std::span<const store::Value> row) {
  const auto* day = std::get_if<std::int64_t>(&row[1]);
  const auto* visits = std::get_if<std::int64_t>(&row[2]);
  if (day == nullptr || visits == nullptr) {
    return fail(ErrorCode::internal, "learn/item_visits gave other types than its header says");
  }
  data.visits.push_back(
      {text_of(row[0]), static_cast<std::int32_t>(*day), static_cast<std::uint32_t>(*visits)});
  return {};
}

Result<void> take_purchase(SiteData& data, std::span<const store::Value> row) {
  const auto* user = std::get_if<std::int64_t>(&row[0]);
  if (user != nullptr) data.purchases.push_back({*user, text_of(row[1]), time_ms_of(row[2])});
  return {};
}

Result<void> take_click(SessionLogBuilder& builder, std::span<const store::Value> row) {
  const auto* session_id = std::get_if<std::string>(&row[0]);
  const auto* item_id = std::get_if<std::string>(&row[1]);
  if (session_id == nullptr || item_id == nullptr) {
    return fail(ErrorCode::internal, "learn/sessions gave other types than its header says");
  }
  builder.add(*session_id, *item_id, time_ms_of(row[2]));
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
                           timestamp(data.counted_until_ms)};
  ATTUNE_TRY(load(session, "learn/item_visits", counted, data, take_visits));
  const std::array bought{site_id, timestamp(*newest_ms - options.purchase_days * kDayMs),
                          timestamp(*newest_ms + 1),
                          store::Value(static_cast<std::int64_t>(options.purchases_max))};
  ATTUNE_TRY(load(session, "learn/purchases", bought, data, take_purchase));
  return data;
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

Result<SessionLog> load_sessions(store::Session& session, const Uuid& site, std::int64_t now_ms,
                                 const SessionQuery& query) {
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
  return builder.build({.session_items_min = 2, .merge_repeats = true, .newest_first = true});
}

}  // namespace attune::learn
