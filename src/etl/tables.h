// From values to columns: one small type a table, which turns what the transformer says into rows
// of a column batch. The meaning of each column is docs/etl.md, sections 5 to 10.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "etl/effects.h"
#include "etl/session_row.h"
#include "etl/settings.h"
#include "event/codec.h"
#include "store/column_batch.h"

namespace attune::etl {

/// What rows of one event share; texts of ids are made once an event, not once a row.
struct EventContext {
  const event::EventView& event;
  std::uint64_t position = 0;
  std::string_view site;              // text of the site's id
  std::string_view session_id;        // of the session, when counted
};

class EventsLogTable {
 public:
  void add(const EventContext& context, bool is_late);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::UuidColumn& event_id_ = batch.add_uuid("event_id");
  store::TextColumn& event_type_ = batch.add_text("event_type");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TimestampColumn& timestamp_ = batch.add_timestamp("timestamp");
  store::TextColumn& url_ = batch.add_text("url");
  store::TextColumn& path_ = batch.add_text("path");
  store::TextColumn& user_agent_ = batch.add_text("user_agent");
  store::TextColumn& ip_address_ = batch.add_text("ip_address");
  store::TextColumn& raw_event_data_ = batch.add_json("raw_event_data");
  store::TimestampColumn& created_at_ = batch.add_timestamp("created_at");
  store::TimestampColumn& processed_at_ = batch.add_timestamp("processed_at");
  store::TextColumn& user_id_ = batch.add_text("user_id");
  store::Int32Column& stream_ = batch.add_int32("stream");
  store::BoolColumn& is_bot_ = batch.add_bool("is_bot");
  store::BoolColumn& is_late_ = batch.add_bool("is_late");
  store::BoolColumn& client_event_id_ = batch.add_bool("client_event_id");
};

class UserEventsTable {
 public:
  void add(const EventContext& context);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& event_type_ = batch.add_text("event_type");
  store::TimestampColumn& event_timestamp_ = batch.add_timestamp("event_timestamp");
  store::TextColumn& page_url_ = batch.add_text("page_url");
  store::TextColumn& page_path_ = batch.add_text("page_path");
  store::TextColumn& event_data_ = batch.add_json("event_data");
  store::TextColumn& element_tag_ = batch.add_text("element_tag");
  store::TextColumn& element_classes_ = batch.add_text("element_classes");
  store::TextColumn& element_id_ = batch.add_text("element_id");
  store::Int32Column& scroll_percentage_ = batch.add_int32("scroll_percentage");
  store::TextColumn& form_id_ = batch.add_text("form_id");
  std::string json_;
};

class FormSubmissionsTable {
 public:
  void add(const EventContext& context);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& form_id_ = batch.add_text("form_id");
  store::TextColumn& form_action_ = batch.add_text("form_action");
  store::TextColumn& form_method_ = batch.add_text("form_method");
  store::TextColumn& page_url_ = batch.add_text("page_url");
  store::TextColumn& page_path_ = batch.add_text("page_path");
  store::TimestampColumn& submit_timestamp_ = batch.add_timestamp("submit_timestamp");
  store::Int32Column& field_count_ = batch.add_int32("field_count");
  store::TextColumn& form_data_ = batch.add_json("form_data");
};

class OrdersTable {
 public:
  void add(const EventContext& context);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& order_id_ = batch.add_text("order_id");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& user_id_ = batch.add_text("user_id");
  store::TimestampColumn& order_timestamp_ = batch.add_timestamp("order_timestamp");
  store::DecimalColumn& revenue_ = batch.add_decimal("revenue", 4);
  store::TextColumn& currency_ = batch.add_text("currency");
  store::Int32Column& item_count_ = batch.add_int32("item_count");
};

class InteractionsTable {
 public:
  /// `index` of the item; `user_id` and `product_id` numbers of users and product.
  struct Row {
    std::size_t index = 0;
    std::string_view interaction_type;
    double reward = 0;
    std::int64_t user_id = 0;
    std::int64_t product_id = 0;
  };
  void add(const EventContext& context, const Row& row);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::Int64Column& user_id_ = batch.add_int64("user_id");
  store::Int64Column& product_id_ = batch.add_int64("product_id");
  store::TextColumn& interaction_type_ = batch.add_text("interaction_type");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TimestampColumn& timestamp_ = batch.add_timestamp("timestamp");
  store::TextColumn& context_ = batch.add_json("context");
  store::DecimalColumn& reward_ = batch.add_decimal("reward", 2);
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& item_id_ = batch.add_text("item_id");
  store::DecimalColumn& quantity_ = batch.add_decimal("quantity", 3);
  store::DecimalColumn& price_ = batch.add_decimal("price", 4);
  store::UuidColumn& decision_id_ = batch.add_uuid("decision_id");
  std::string json_;
};

class UsersTable {
 public:
  struct Row {
    std::int64_t id = 0;
    std::string external_id;
    bool is_known = false;
    std::string site;
    std::int64_t first_seen_ms = 0;
    std::int64_t created_ms = 0;
  };
  void add(const Row& row);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& external_id_ = batch.add_text("external_id");
  store::BoolColumn& is_known_ = batch.add_bool("is_known");
  store::TimestampColumn& first_seen_at_ = batch.add_timestamp("first_seen_at");
  store::TimestampColumn& created_at_ = batch.add_timestamp("created_at");
};

class ProductTable {
 public:
  struct Row {
    std::int64_t id = 0;
    std::string external_id;
    std::string site;
    std::string name;
    std::string category;
    std::string brand;
    double price = -1;
    std::string currency;
    std::int64_t created_ms = 0;
  };
  void add(const Row& row);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& external_id_ = batch.add_text("external_id");
  store::TextColumn& name_ = batch.add_text("name");
  store::TextColumn& category_ = batch.add_text("category");
  store::TextColumn& brand_ = batch.add_text("brand");
  store::DecimalColumn& price_ = batch.add_decimal("price", 4);
  store::TextColumn& currency_ = batch.add_text("currency");
  store::TextColumn& source_ = batch.add_text("source");
  store::TimestampColumn& created_at_ = batch.add_timestamp("created_at");
  store::TimestampColumn& updated_at_ = batch.add_timestamp("updated_at");
};

class PageviewsTable {
 public:
  void add(const FinalPage& page, std::string_view site);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::TextColumn& url_ = batch.add_text("url");
  store::TextColumn& path_ = batch.add_text("path");
  store::TextColumn& title_ = batch.add_text("title");
  store::TextColumn& query_params_ = batch.add_text("query_params");
  store::TextColumn& hash_fragment_ = batch.add_text("hash_fragment");
  store::TimestampColumn& view_timestamp_ = batch.add_timestamp("view_timestamp");
  store::Int32Column& time_on_page_seconds_ = batch.add_int32("time_on_page_seconds");
  store::TextColumn& referrer_ = batch.add_text("referrer");
  store::BoolColumn& internal_referrer_ = batch.add_bool("internal_referrer");
  store::TextColumn& utm_source_ = batch.add_text("utm_source");
  store::TextColumn& utm_medium_ = batch.add_text("utm_medium");
  store::TextColumn& utm_campaign_ = batch.add_text("utm_campaign");
  store::TextColumn& utm_content_ = batch.add_text("utm_content");
  store::TextColumn& utm_term_ = batch.add_text("utm_term");
  store::Int64Column& session_key_ = batch.add_int64("session_key");
};

class RecommendationsTable {
 public:
  void add(const LoggedDecision& logged, std::int64_t click_window_ms);
  store::ColumnBatch batch;

 private:
  store::UuidColumn& id_ = batch.add_uuid("id");
  store::UuidColumn& session_id_ = batch.add_uuid("session_id");
  store::TextColumn& user_id_ = batch.add_text("user_id");
  store::UuidColumn& website_id_ = batch.add_uuid("website_id");
  store::TextColumn& recommendation_type_ = batch.add_text("recommendation_type");
  store::TextColumn& item_id_ = batch.add_text("item_id");
  store::DecimalColumn& score_ = batch.add_decimal("score", 4);
  store::Int32Column& rank_ = batch.add_int32("rank");
  store::TextColumn& context_ = batch.add_json("context");
  store::TextColumn& strategy_ = batch.add_text("strategy");
  store::TextColumn& model_version_ = batch.add_text("model_version");
  store::TextColumn& personalization_factors_ = batch.add_json("personalization_factors");
  store::BoolColumn& shown_ = batch.add_bool("shown");
  store::BoolColumn& clicked_ = batch.add_bool("clicked");
  store::BoolColumn& converted_ = batch.add_bool("converted");
  store::TimestampColumn& shown_at_ = batch.add_timestamp("shown_at");
  store::UuidColumn& decision_id_ = batch.add_uuid("decision_id");
  store::Int64Column& position_ = batch.add_int64("position");
  store::Int64Column& product_id_ = batch.add_int64("product_id");
  store::Int64Column& person_id_ = batch.add_int64("person_id");
  store::TimestampColumn& decided_at_ = batch.add_timestamp("decided_at");
  store::DoubleColumn& propensity_ = batch.add_double("propensity");
  store::DoubleColumn& raw_score_ = batch.add_double("raw_score");
  store::TextColumn& reason_ = batch.add_text("reason");
  store::TextColumn& placement_ = batch.add_text("placement");
  store::TextColumn& session_text_ = batch.add_text("session_text");
  store::Int32Column& eligible_count_ = batch.add_int32("eligible_count");
  store::TextColumn& eligible_hash_ = batch.add_text("eligible_hash");
  store::TextColumn& seed_ = batch.add_text("seed");
  store::TimestampColumn& matured_at_ = batch.add_timestamp("matured_at");
};

class PurchasesTable {
 public:
  void add(const Purchase& purchase);
  store::ColumnBatch batch;

 private:
  store::Int64Column& id_ = batch.add_int64("id");
  store::Int64Column& person_id_ = batch.add_int64("person_id");
  store::Int64Column& product_id_ = batch.add_int64("product_id");
  store::TimestampColumn& purchased_at_ = batch.add_timestamp("purchased_at");
  store::DecimalColumn& amount_ = batch.add_decimal("amount", 4);
};

}  // namespace attune::etl
