// What serving must know of a site besides its model, read from the store: the catalogue, how often
// each item was visited lately, and who bought what. Plain values: decide builds its snapshot from
// them and never sees the database.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "learn/profile_vector.h"
#include "learn/session_log.h"
#include "learn/training_data.h"
#include "store/store.h"

namespace attune::learn {

struct Product {
  std::string id;    // the shop's own
  std::string name;  // these five may be empty
  std::string category;
  std::string brand;
  std::string url;
  std::string image;
  std::optional<double> price;
  std::optional<double> stock;  // nothing: not tracked; <= 0: out of stock
  bool hidden = false;
  std::string type = "product";                 // or "content", "offer"
  std::vector<std::string> labels;
  std::vector<std::string> further_categories;  // of one in several, besides `category`

  bool is_in(std::string_view wanted) const {
    return wanted == category ||
           std::find(further_categories.begin(), further_categories.end(), wanted) !=
               further_categories.end();
  }
};

/// Visits of one item, counted once a visit and day (UTC).
struct ItemVisits {
  std::string item_id;
  double decayed = 0;      // each counts 2 ^ (-age of its day's end / half-life)
  std::uint32_t week = 0;  // of the newest day and the six before
};

struct Purchase {
  std::int64_t user_id = 0;  // users.id: stable_id(site, visitor or user id)
  std::string item_id;
  std::int64_t time_ms = 0;
};

/// What one person took before now, by number in SiteData::history_item_ids, oldest first, each
/// item once.
struct History {
  std::int64_t user_id = 0;
  std::vector<std::uint32_t> items;
};

/// What the numbers of a visitor are worked out from.
struct PersonFacts {
  std::int64_t user_id = 0;
  std::vector<ProfileFact> facts;  // newest first
  ProfileOrders orders;
};

struct SiteData {
  std::vector<Product> products;      // by id
  std::vector<ItemVisits> visits;     // of the last `popularity_days`, before counted_until_ms
  std::vector<Purchase> purchases;    // of the last `purchase_days`, newest first
  std::vector<History> histories;     // of the people seen last
  std::vector<std::string> history_item_ids;
  /// By user id; null: not asked for.
  std::shared_ptr<const std::vector<PersonFacts>> people{};
  std::int64_t counted_until_ms = 0;  // a whole hour; visits from here on are the live stream's
};

struct SiteDataOptions {
  std::int32_t popularity_days = 30;
  double half_life_days = 7;                 // of a visit; > 0
  std::int32_t purchase_days = 90;
  std::size_t purchases_max = 1'000'000;
  std::int32_t history_days = 90;
  std::size_t history_rows_max = 2'000'000;  // the newest interactions
  std::size_t history_people_max = 200'000;  // those seen last
  std::size_t history_items_max = 50;        // of a person
  std::size_t facts_rows_max = 0;            // the newest interactions; 0: `people` is not loaded
  std::size_t facts_person_max = 256;        // of a person
};

/// now_ms   only to leave out what lies more than a day ahead of it; all ages count from the site's
///          newest interaction, so that imported history of other years works as well.
/// Errors   as store::Session::query.
[[nodiscard]] Result<SiteData> load_site_data(store::Session& session, const Uuid& site,
                                              std::int64_t now_ms,
                                              const SiteDataOptions& options = {});

/// What the site's people did up to `until_ms`, by user id: SiteData::people.
[[nodiscard]] Result<std::vector<PersonFacts>> load_facts(store::Session& session,
                                                          const Uuid& site, std::int64_t until_ms,
                                                          std::size_t rows_max,
                                                          std::size_t person_max);

/// When the site's newest interaction was; nothing when it has none.
[[nodiscard]] Result<std::optional<std::int64_t>> newest_interaction_ms(store::Session& session,
                                                                        const Uuid& site,
                                                                        std::int64_t now_ms);

struct SessionQuery {
  std::int32_t history_days = 180;      // back from the newest interaction
  std::size_t clicks_max = 20'000'000;  // the newest ones
  std::int64_t timeout_ms = 600'000;
};

/// What the site's models are trained from: its visits, where a view, click and cart of one item in
/// a row are one click, and its catalogue.
///
/// Errors   as store::Session::scan.
[[nodiscard]] Result<TrainingData> read_training_data(store::Session& session, const Uuid& site,
                                                      std::int64_t now_ms,
                                                      const SessionQuery& query = {});

}  // namespace attune::learn
