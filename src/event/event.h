// The vocabulary: what a visitor did, and what we decided to show, as values every folder shares.
// docs/formats/events.md defines each kind and field; event/codec.h turns these into journal
// records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"

namespace attune::event {

/// Kinds with a meaning of their own to the ETL. Values are stored in the journal: never renumber.
enum class Kind : std::uint8_t {
  pageview = 1,
  click = 2,
  scroll = 3,
  scroll_depth = 4,
  form_submit = 5,
  text_copy = 6,
  page_visibility = 7,
  identify = 8,
  custom = 9,
  product_view = 10,     // interaction VIEW
  product_click = 11,    // interaction CLICK
  cart_add = 12,         // interaction CART_ADD
  cart_remove = 13,      // interaction REMOVE_CART
  wishlist_add = 14,     // interaction WISHLIST
  wishlist_remove = 15,  // interaction REMOVE_WISHLIST
  checkout = 16,         // a checkout step
  purchase = 17,         // interaction PURCHASE, one for each item
  search = 18,
  recommendation_shown = 19,  // the widget saw these items become visible
  recommendation_click = 20,
  performance = 21,  // web vitals; kept in events_log only
};

/// How a visit began. Values are stored in the journal: never renumber.
enum class ReferrerType : std::uint8_t {
  direct = 0,
  search = 1,
  social = 2,
  email = 3,
  paid = 4,
  ai = 5,
  referral = 6,
  internal = 7,
};

enum class DeviceType : std::uint8_t { unknown = 0, desktop = 1, mobile = 2, tablet = 3, bot = 4 };

std::string_view to_string(Kind kind);          // "pageview", "form_submit", ...
std::string_view to_string(ReferrerType type);  // "direct", "search", ...
std::string_view to_string(DeviceType type);

/// The kind of a name ("pageview"), or nullopt: then it is the name of a custom event.
std::optional<Kind> parse_kind(std::string_view name);
std::optional<ReferrerType> parse_referrer_type(std::string_view name);

/// A product as one event mentions it.
struct Item {
  std::string id;        // the shop's own id, 1..255 bytes
  std::string category;  // may be empty
  std::string name;      // may be empty
  double price = -1;     // in `Event::currency`; negative: not given
  double quantity = 1;
  std::string brand;  // may be empty

  bool operator==(const Item&) const = default;
};

/// One thing a visitor did, validated, enriched and redacted: exactly what the journal keeps.
/// Strings are UTF-8, already cut to the limits of docs/formats/events.md.
struct Event {
  Uuid site;                         // website.website_id
  Uuid event_id;                     // the client's, or made from the journal's content at receipt
  bool has_client_event_id = false;  // only such events are deduplicated
  Kind kind = Kind::custom;
  std::string event_type;         // events_log.event_type; for Kind::custom the event's own name
  std::int64_t timestamp_ms = 0;  // when it happened (client's clock, corrected)
  std::int64_t received_ms = 0;   // when we got it; becomes created_at
  std::uint32_t stream = 0;       // 0: live; else the number of an import (its own watermark)

  std::string session_id;  // the client's, or empty: the ETL gives one
  std::string visitor_id;  // never empty: the client's, or the keyed hash made at receipt
  std::string user_id;     // known identity (identify, login), may be empty

  std::string url;       // full, without credentials
  std::string path;      // "/products.html"; never empty for a pageview
  std::string query;     // without '?'
  std::string fragment;  // without '#'
  std::string title;
  std::string referrer;  // full URL or empty
  ReferrerType referrer_type = ReferrerType::direct;
  std::string referrer_platform;  // "Google", "Reddit", host of a referral, or empty
  std::string utm_source;
  std::string utm_medium;
  std::string utm_campaign;
  std::string utm_content;
  std::string utm_term;

  std::string user_agent;
  std::string browser;  // "Firefox"
  std::string os;       // "Android"
  DeviceType device = DeviceType::unknown;
  bool is_bot = false;            // kept in events_log, left out of every other table
  std::string ip;                 // truncated, or empty
  std::string country;            // ISO 3166-1 alpha-2, or empty
  std::string language;           // "de-DE"
  std::string timezone;           // "Europe/Berlin"
  std::int32_t screen_width = 0;  // 0: not given, for all six
  std::int32_t screen_height = 0;
  std::int32_t viewport_width = 0;
  std::int32_t viewport_height = 0;
  double device_pixel_ratio = 0;

  std::string element_tag;  // click
  std::string element_classes;
  std::string element_id;
  std::int32_t scroll_percentage = -1;
  std::string form_id;  // form_submit
  std::string form_action;
  std::string form_method;
  std::int32_t field_count = -1;
  std::string form_data_json;  // redacted object, or empty

  std::vector<Item> items;  // commerce and recommendation_* kinds
  std::string order_id;
  double revenue = 0;  // purchase: total in `currency`
  std::string currency;
  Uuid decision_id;      // recommendation_*: which decision this follows
  std::string raw_json;  // raw_event_data: the whole redacted payload, a JSON object

  bool operator==(const Event&) const = default;
};

/// One item of a decision, in the order shown.
struct DecidedItem {
  std::string item_id;
  std::uint32_t rank = 0;  // from 1
  double score = 0;        // 0..1, what recommendations.score stores
  double raw_score = 0;    // the model's own
  double propensity = 1;   // exact probability with which this item was drawn for this slot
  std::string strategy;    // 'popular', 'sequential', ...
  std::string reason;      // plain words

  bool operator==(const DecidedItem&) const = default;
};

/// Begins the item id of a template that a content slot showed: no product, so that neither the
/// catalogue nor interactions nor what is popular take it for one.
constexpr std::string_view kContentItem = "content:";
inline bool is_content_item(std::string_view item_id) { return item_id.starts_with(kContentItem); }

/// A choice we made for a visitor. Becomes one row of `recommendations` for each item.
struct Decision {
  Uuid decision_id;
  Uuid site;
  std::int64_t decided_ms = 0;
  std::string session_id;        // the client's text id, may be empty
  std::string visitor_id;        // may be empty: nobody to attribute to
  std::string type = "product";  // recommendation_type: 'product', 'content', 'offer'
  std::string placement;         // where on the site, may be empty
  std::string context_json;      // page, item, category where shown; a JSON object or empty
  std::string model_version;
  std::string factors_json;  // personalization_factors; a JSON object or empty
  std::uint32_t eligible_count = 0;
  std::uint64_t eligible_hash = 0;
  std::uint64_t seed = 0;
  std::vector<DecidedItem> items;

  bool operator==(const Decision&) const = default;
};

/// A person saw (or was about to see) one variation of a test. The first one counts.
struct Exposure {
  Uuid site;
  std::int64_t exposed_ms = 0;   // when the variation was shown (client's clock, corrected)
  std::int64_t received_ms = 0;  // when we got it
  std::string visitor_id;        // who was bucketed: never empty, 1..255 bytes
  std::string session_id;        // the client's text id, may be empty
  std::string test_key;          // ab_tests.test_key, 1..100 bytes
  std::string variation_id;      // test_variations.variation_id, 1..100 bytes
  std::string source;            // "tracker", "growthbook", "ofrep", "api" or "server"
  double propensity = 1;         // with which this variation was given, above 0
  std::string attributes_json;   // device, country ...: what results are broken down by; or empty

  bool operator==(const Exposure&) const = default;
};

/// Ends an import: its open sessions close and its memory is given back.
struct ImportEnd {
  Uuid site;
  std::uint32_t stream = 0;
  std::int64_t received_ms = 0;

  bool operator==(const ImportEnd&) const = default;
};

/// Says how late it is at least, so that the last sessions of a site that went quiet are closed by
/// the journal and not by a clock. Written by the server while live sessions are open.
struct Tick {
  std::int64_t received_ms = 0;
  bool operator==(const Tick&) const = default;
};

}  // namespace attune::event
