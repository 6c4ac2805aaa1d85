// Columns of user_sessions_hot and user_sessions_cold, and back from a row of them to a SessionRow.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "etl/session_row.h"
#include "store/column_batch.h"
#include "store/store.h"

namespace attune::etl {

/// What both tables have.
class SessionsTable {
 public:
  void add(const SessionRow& row, std::string_view site);
  store::ColumnBatch batch;

 private:
  void add_lead(const Lead& lead, bool has_page);
  void add_exit(const SessionRow& row);

  store::Int64Column& session_key_ = batch.add_int64("session_key");
  store::TextColumn& session_id_ = batch.add_text("session_id");
  store::TextColumn& visitor_id_ = batch.add_text("visitor_id");
  store::TextColumn& site_id_ = batch.add_text("site_id");
  store::Int32Column& stream_ = batch.add_int32("stream");
  store::TimestampColumn& session_start_ = batch.add_timestamp("session_start");
  store::TimestampColumn& last_event_at_ = batch.add_timestamp("last_event_at");
  store::Int32Column& pageview_count_ = batch.add_int32("pageview_count");
  store::Int32Column& event_count_ = batch.add_int32("event_count");
  store::Int32Column& engaged_count_ = batch.add_int32("engaged_count");
  store::TextColumn& entry_url_ = batch.add_text("entry_url");
  store::TextColumn& entry_path_ = batch.add_text("entry_path");
  store::TextColumn& entry_title_ = batch.add_text("entry_title");
  store::TextColumn& utm_source_ = batch.add_text("utm_source");
  store::TextColumn& utm_medium_ = batch.add_text("utm_medium");
  store::TextColumn& utm_campaign_ = batch.add_text("utm_campaign");
  store::TextColumn& utm_content_ = batch.add_text("utm_content");
  store::TextColumn& utm_term_ = batch.add_text("utm_term");
  store::TextColumn& referrer_type_ = batch.add_text("referrer_type");
  store::TextColumn& referrer_platform_ = batch.add_text("referrer_platform");
  store::TextColumn& original_referrer_ = batch.add_text("original_referrer");
  store::TextColumn& user_agent_ = batch.add_text("user_agent");
  store::TextColumn& browser_language_ = batch.add_text("browser_language");
  store::TextColumn& timezone_ = batch.add_text("timezone");
  store::Int32Column& screen_width_ = batch.add_int32("screen_width");
  store::Int32Column& screen_height_ = batch.add_int32("screen_height");
  store::Int32Column& viewport_width_ = batch.add_int32("viewport_width");
  store::Int32Column& viewport_height_ = batch.add_int32("viewport_height");
  store::DecimalColumn& device_pixel_ratio_ = batch.add_decimal("device_pixel_ratio", 2);
  store::TextColumn& browser_ = batch.add_text("browser");
  store::TextColumn& os_ = batch.add_text("os");
  store::TextColumn& device_type_ = batch.add_text("device_type");
  store::TextColumn& country_ = batch.add_text("country");
  store::TextColumn& user_id_ = batch.add_text("user_id");
  store::TimestampColumn& user_at_ = batch.add_timestamp("user_at");
  store::Int64Column& user_position_ = batch.add_int64("user_position");
  store::TimestampColumn& lead_at_ = batch.add_timestamp("lead_at");
  store::Int64Column& lead_position_ = batch.add_int64("lead_position");
  store::Int64Column& last_position_ = batch.add_int64("last_position");
  store::TextColumn& exit_url_ = batch.add_text("exit_url");
  store::TextColumn& exit_path_ = batch.add_text("exit_path");
  store::TimestampColumn& exit_at_ = batch.add_timestamp("exit_at");
  store::Int64Column& exit_position_ = batch.add_int64("exit_position");
};

/// And what only user_sessions_hot has: the exit page's own row.
class HotSessionsTable : public SessionsTable {
 public:
  void add(const SessionRow& row, std::string_view site, std::int64_t time_on_page_ms_max);

 private:
  store::BoolColumn& exit_is_cold_ = batch.add_bool("exit_is_cold");
  store::TextColumn& exit_visitor_id_ = batch.add_text("exit_visitor_id");
  store::TextColumn& exit_title_ = batch.add_text("exit_title");
  store::TextColumn& exit_query_params_ = batch.add_text("exit_query_params");
  store::TextColumn& exit_hash_fragment_ = batch.add_text("exit_hash_fragment");
  store::Int32Column& exit_time_on_page_seconds_ = batch.add_int32("exit_time_on_page_seconds");
  store::TextColumn& exit_referrer_ = batch.add_text("exit_referrer");
  store::BoolColumn& exit_internal_referrer_ = batch.add_bool("exit_internal_referrer");
  store::TextColumn& exit_utm_source_ = batch.add_text("exit_utm_source");
  store::TextColumn& exit_utm_medium_ = batch.add_text("exit_utm_medium");
  store::TextColumn& exit_utm_campaign_ = batch.add_text("exit_utm_campaign");
  store::TextColumn& exit_utm_content_ = batch.add_text("exit_utm_content");
  store::TextColumn& exit_utm_term_ = batch.add_text("exit_utm_term");
};

/// Reads a row of etl/sessions.fetch_hot or etl/sessions.fetch_cold.
/// Errors  internal: not such a row.
[[nodiscard]] Result<SessionRow> session_row_of(std::span<const store::Value> values);

}  // namespace attune::etl
