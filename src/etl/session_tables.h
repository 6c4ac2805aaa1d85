// Columns of the tables that hold sessions (docs/etl.md, section 14), and back from a row of them
// to a SessionRow.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "etl/effects.h"
#include "etl/session_row.h"
#include "store/column_batch.h"
#include "store/store.h"

namespace attune::etl {

/// Columns of what a session is and of its lead; in hot_leads and user_sessions_cold.
class LeadColumns {
 public:
  explicit LeadColumns(store::ColumnBatch& batch) : batch_(batch) {}
  void add(const SessionRow& row, std::string_view site);

 private:
  store::ColumnBatch& batch_;
  store::Int64Column& session_key_ = batch_.add_int64("session_key");
  store::TextColumn& session_id_ = batch_.add_text("session_id");
  store::TextColumn& visitor_id_ = batch_.add_text("visitor_id");
  store::TextColumn& site_id_ = batch_.add_text("site_id");
  store::Int32Column& stream_ = batch_.add_int32("stream");
  store::TimestampColumn& lead_at_ = batch_.add_timestamp("lead_at");
  store::Int64Column& lead_position_ = batch_.add_int64("lead_position");
  store::TextColumn& entry_url_ = batch_.add_text("entry_url");
  store::TextColumn& entry_path_ = batch_.add_text("entry_path");
  store::TextColumn& entry_title_ = batch_.add_text("entry_title");
  store::TextColumn& utm_source_ = batch_.add_text("utm_source");
  store::TextColumn& utm_medium_ = batch_.add_text("utm_medium");
  store::TextColumn& utm_campaign_ = batch_.add_text("utm_campaign");
  store::TextColumn& utm_content_ = batch_.add_text("utm_content");
  store::TextColumn& utm_term_ = batch_.add_text("utm_term");
  store::TextColumn& referrer_type_ = batch_.add_text("referrer_type");
  store::TextColumn& referrer_platform_ = batch_.add_text("referrer_platform");
  store::TextColumn& original_referrer_ = batch_.add_text("original_referrer");
  store::TextColumn& user_agent_ = batch_.add_text("user_agent");
  store::TextColumn& browser_language_ = batch_.add_text("browser_language");
  store::TextColumn& timezone_ = batch_.add_text("timezone");
  store::Int32Column& screen_width_ = batch_.add_int32("screen_width");
  store::Int32Column& screen_height_ = batch_.add_int32("screen_height");
  store::Int32Column& viewport_width_ = batch_.add_int32("viewport_width");
  store::Int32Column& viewport_height_ = batch_.add_int32("viewport_height");
  store::DecimalColumn& device_pixel_ratio_ = batch_.add_decimal("device_pixel_ratio", 2);
  store::TextColumn& browser_ = batch_.add_text("browser");
  store::TextColumn& os_ = batch_.add_text("os");
  store::TextColumn& device_type_ = batch_.add_text("device_type");
  store::TextColumn& country_ = batch_.add_text("country");
};

/// Columns that most events of a session change; in hot_sessions and user_sessions_cold.
class StateColumns {
 public:
  explicit StateColumns(store::ColumnBatch& batch) : batch_(batch) {}
  void add(const SessionRow& row);

 private:
  store::ColumnBatch& batch_;
  store::TimestampColumn& session_start_ = batch_.add_timestamp("session_start");
  store::TimestampColumn& last_event_at_ = batch_.add_timestamp("last_event_at");
  store::Int64Column& last_position_ = batch_.add_int64("last_position");
  store::Int32Column& pageview_count_ = batch_.add_int32("pageview_count");
  store::Int32Column& event_count_ = batch_.add_int32("event_count");
  store::Int32Column& engaged_count_ = batch_.add_int32("engaged_count");
  store::TextColumn& user_id_ = batch_.add_text("user_id");
  store::TimestampColumn& user_at_ = batch_.add_timestamp("user_at");
  store::Int64Column& user_position_ = batch_.add_int64("user_position");
};

/// Columns of a whole session; in user_sessions_cold, and in user_sessions where it is a table.
class WholeColumns {
 public:
  explicit WholeColumns(store::ColumnBatch& batch) : batch_(batch) {}
  void add(const SessionRow& row, std::string_view site);

 private:
  store::ColumnBatch& batch_;
  LeadColumns lead_{batch_};
  StateColumns state_{batch_};
  store::TextColumn& exit_url_ = batch_.add_text("exit_url");
  store::TextColumn& exit_path_ = batch_.add_text("exit_path");
  store::TimestampColumn& exit_at_ = batch_.add_timestamp("exit_at");
  store::Int64Column& exit_position_ = batch_.add_int64("exit_position");
};

class ColdSessionsTable {
 public:
  void add(const SessionRow& row, std::string_view site) { columns_.add(row, site); }
  store::ColumnBatch batch;

 private:
  WholeColumns columns_{batch};
};

/// user_sessions where it is a table.
class WholeSessionsTable {
 public:
  void add(const SessionWrite& write, std::string_view site);
  store::ColumnBatch batch;

 private:
  WholeColumns columns_{batch};
  store::TimestampColumn& session_end_ = batch.add_timestamp("session_end");
  store::Int32Column& duration_seconds_ = batch.add_int32("duration_seconds");
  store::BoolColumn& bounce_ = batch.add_bool("bounce");
};

class HotSessionsTable {
 public:
  void add(const SessionRow& row);
  store::ColumnBatch batch;

 private:
  store::Int64Column& session_key_ = batch.add_int64("session_key");
  StateColumns state_{batch};
};

class HotLeadsTable {
 public:
  void add(const SessionRow& row, std::string_view site) { lead_.add(row, site); }
  store::ColumnBatch batch;

 private:
  LeadColumns lead_{batch};
};

/// The exit page of an open session, which is its whole row unless that is in pageviews_cold
/// already.
class HotPagesTable {
 public:
  void add(const SessionRow& row);
  store::ColumnBatch batch;

 private:
  store::Int64Column& session_key_ = batch.add_int64("session_key");
  store::TimestampColumn& exit_at_ = batch.add_timestamp("exit_at");
  store::Int64Column& exit_position_ = batch.add_int64("exit_position");
  store::BoolColumn& exit_is_cold_ = batch.add_bool("exit_is_cold");
  store::TextColumn& url_ = batch.add_text("url");
  store::TextColumn& path_ = batch.add_text("path");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& title_ = batch.add_text("title");
  store::TextColumn& query_params_ = batch.add_text("query_params");
  store::TextColumn& hash_fragment_ = batch.add_text("hash_fragment");
  store::TextColumn& referrer_ = batch.add_text("referrer");
  store::BoolColumn& internal_referrer_ = batch.add_bool("internal_referrer");
  store::TextColumn& utm_source_ = batch.add_text("utm_source");
  store::TextColumn& utm_medium_ = batch.add_text("utm_medium");
  store::TextColumn& utm_campaign_ = batch.add_text("utm_campaign");
  store::TextColumn& utm_content_ = batch.add_text("utm_content");
  store::TextColumn& utm_term_ = batch.add_text("utm_term");
};

/// Reads a row of etl/sessions.fetch_hot or etl/sessions.fetch_cold.
/// Errors  internal: not such a row.
[[nodiscard]] Result<SessionRow> session_row_of(std::span<const store::Value> values);

}  // namespace attune::etl
