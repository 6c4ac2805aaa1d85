// What serving must know of a site besides its model, read from the store: the catalogue, how often
// each item was visited lately, and who bought what. Plain values: decide builds its snapshot from
// them and never sees the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "learn/session_log.h"
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
};

/// Visits of one item on one day (UTC), counted once a visit.
struct ItemDay {
  std::string item_id;
  std::int32_t day = 0;  // since 1970-01-01
  std::uint32_t visits = 0;
};

struct Purchase {
  std::int64_t user_id = 0;  // users.id: stable_id(site, visitor or user id)
  std::string item_id;
  std::int64_t time_ms = 0;
};

struct SiteData {
  std::vector<Product> products;      // by id
  std::vector<ItemDay> visits;        // of the last `popularity_days`, before counted_until_ms
  std::vector<Purchase> purchases;    // of the last `purchase_days`, newest first
  std::int64_t counted_until_ms = 0;  // a whole hour; visits from here on are the live stream's
};

struct SiteDataOptions {
  std::int32_t popularity_days = 30;
  std::int32_t purchase_days = 90;
  std::size_t purchases_max = 1'000'000;
};

/// now_ms   only to leave out what lies more than a day ahead of it; all ages count from the site's
///          newest interaction, so that imported history of other years works as well.
/// Errors   as store::Session::query.
[[nodiscard]] Result<SiteData> load_site_data(store::Session& session, const Uuid& site,
                                              std::int64_t now_ms,
                                              const SiteDataOptions& options = {});

/// When the site's newest interaction was; nothing when it has none.
[[nodiscard]] Result<std::optional<std::int64_t>> newest_interaction_ms(store::Session& session,
                                                                        const Uuid& site,
                                                                        std::int64_t now_ms);

struct SessionQuery {
  std::int32_t history_days = 180;      // back from the newest interaction
  std::size_t clicks_max = 20'000'000;  // the newest ones
  std::int64_t timeout_ms = 600'000;
};

/// The site's visits with at least two different items in a row; a view, click and cart of one item
/// in a row are one click.
///
/// Errors   as store::Session::scan.
[[nodiscard]] Result<SessionLog> load_sessions(store::Session& session, const Uuid& site,
                                               std::int64_t now_ms, const SessionQuery& query = {});

}  // namespace attune::learn
