// A database with hand-made visits: the tables as the ETL would have filled them, written directly.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time_zone.h"
#include "report/report.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::report {

/// The value, or a test that ends with the error's text.
template <class T>
T must(Result<T> result, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!result) {
    ADD_FAILURE_AT(file, line) << to_string(result.error().code()) << ": "
                               << result.error().message();
    if constexpr (std::is_void_v<T>) return;
    else throw std::runtime_error("no value");
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct VisitEvent {
  std::int64_t at_ms = 0;
  std::string type = "pageview";   // anything else goes to user_events
  std::string path = "/";
  std::string title = {};
  std::string visitor = {};        // empty: the visit's
};

struct Visit {
  std::string session;
  std::string visitor;
  std::vector<VisitEvent> events = {};   // in order of time
  std::string referrer_type = "direct";
  std::string platform = {};
  std::string referrer = {};
  std::string utm_source = {};
};

struct Order {
  std::string visitor;
  std::int64_t at_ms = 0;
  std::int64_t revenue_cents = 0;
};

class SiteFixture : public testing::Test {
 protected:
  explicit SiteFixture(std::string_view zone = "Europe/Berlin")
      : store_(must(store::open_duckdb({}))),
        session_((must(store_->migrate()), must(store_->session()))),
        site_{must(Uuid::parse("0b5ad1b8-6f06-4b3c-9f4b-3d1f6f2f1f10")),
              must(TimeZone::find(zone))} {}

  /// "2026-11-21 09:30:00" of the site's clock.
  std::int64_t at(std::string_view local) const {
    const std::int32_t day = must(parse_day(local.substr(0, 10)));
    const auto two = [&](std::size_t from) {
      return std::stoi(std::string(local.substr(from, 2)));
    };
    const std::int64_t clock_ms = ((two(11) * 60 + two(14)) * 60LL + two(17)) * 1000;
    const std::int64_t wall_ms = std::int64_t{day} * 86'400'000 + clock_ms;
    // The offset at the instant itself, found in two steps; the tests stay clear of repeated hours.
    std::int64_t instant = wall_ms - site_.zone.offset_ms(wall_ms);
    return wall_ms - site_.zone.offset_ms(instant);
  }
  static std::int64_t utc(std::string_view day, std::int64_t hour) {
    return std::int64_t{must(parse_day(day))} * 86'400'000 + hour * 3'600'000;
  }

  void add(const Visit& visit, const Site& site);
  void add(const Visit& visit) { add(visit, site_); }
  void add(const Order& order);

  /// What the ETL does for days that changed: their row, made by its own query.
  void sum_up(std::string_view first, std::string_view last) {
    for (std::int32_t day = must(parse_day(first)); day <= must(parse_day(last)); ++day) {
      const TimeRange bounds = site_.zone.day_bounds(day);
      const std::vector<store::Value> parameters{
          site_.id.text(), store::Date{day}, store::Timestamp::from_ms(bounds.begin_ms),
          store::Timestamp::from_ms(bounds.end_ms), stable_id(site_.id.text(), day_text(day))};
      must(session_->execute("etl/days.compute", parameters));
    }
  }

  void mark_pending(std::string_view day) {
    store::ColumnBatch batch;
    batch.add_text("site_id").push(site_.id.text());
    batch.add_date("metric_date").push({must(parse_day(day))});
    must(session_->append("etl_dirty_days", batch));
  }

  Range range(const RangeRequest& request) {
    return must(resolve_range(*session_, site_, request, now_ms_));
  }
  Overview overview_of(const RangeRequest& request) {
    return must(overview(*session_, site_, range(request)));
  }
  store::Value scalar(const std::string& sql) {
    return must(session_->query_text(sql)).rows.at(0).at(0);
  }

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
  Site site_;
  std::int64_t now_ms_ = 0;

 private:
  struct VisitCounts {
    std::size_t views = 0;
    std::size_t actions = 0;
    std::int32_t engaged = 0;
    const VisitEvent* entry = nullptr;   // first pageview
  };
  void add_session(const Visit& visit, const Site& site, std::int64_t key,
                   const VisitCounts& counts);

  std::int64_t next_id_ = 1;
};

inline void SiteFixture::add(const Visit& visit, const Site& site) {
  store::ColumnBatch views;
  auto& view_id = views.add_int64("id");
  auto& view_key = views.add_int64("session_key");
  auto& view_session = views.add_text("session_id");
  auto& view_visitor = views.add_text("visitor_id");
  auto& view_site = views.add_text("site_id");
  auto& view_url = views.add_text("url");
  auto& view_path = views.add_text("path");
  auto& view_title = views.add_text("title");
  auto& view_time = views.add_timestamp("view_timestamp");
  auto& view_seconds = views.add_int32("time_on_page_seconds");
  auto& view_internal = views.add_bool("internal_referrer");
  store::ColumnBatch actions;
  auto& action_id = actions.add_int64("id");
  auto& action_session = actions.add_text("session_id");
  auto& action_visitor = actions.add_text("visitor_id");
  auto& action_site = actions.add_text("site_id");
  auto& action_type = actions.add_text("event_type");
  auto& action_time = actions.add_timestamp("event_timestamp");
  auto& action_path = actions.add_text("page_path");

  const std::int64_t key = next_id_;
  const VisitEvent* entry = nullptr;
  std::int32_t engaged = 0;
  for (std::size_t i = 0; i < visit.events.size(); ++i) {
    const VisitEvent& event = visit.events[i];
    const std::string& visitor = event.visitor.empty() ? visit.visitor : event.visitor;
    const auto time = store::Timestamp::from_ms(event.at_ms);
    if (event.type != "pageview") {
      action_id.push(next_id_++);
      action_session.push(visit.session);
      action_visitor.push(visitor);
      action_site.push(site.id.text());
      action_type.push(event.type);
      action_time.push(time);
      action_path.push(event.path);
      if (event.type != "scroll") ++engaged;
      continue;
    }
    if (entry == nullptr) entry = &event;
    view_id.push(next_id_++);
    view_key.push(key);
    view_session.push(visit.session);
    view_visitor.push(visitor);
    view_site.push(site.id.text());
    view_url.push("https://shop.example" + event.path);
    view_path.push(event.path);
    view_title.push_or_null(event.title);
    view_time.push(time);
    const bool last = i + 1 == visit.events.size();
    view_seconds.push_if(!last, last ? 0 : static_cast<std::int32_t>(
        std::min<std::int64_t>((visit.events[i + 1].at_ms - event.at_ms) / 1000, 1800)));
    view_internal.push(0);
  }
  must(session_->append("pageviews_cold", views));
  must(session_->append("user_events", actions));

  add_session(visit, site, key, {.views = views.count(), .actions = actions.count(),
                                 .engaged = engaged, .entry = entry});
}

inline void SiteFixture::add_session(const Visit& visit, const Site& site, std::int64_t key,
                                     const VisitCounts& counts) {
  store::ColumnBatch batch;
  const auto start = store::Timestamp::from_ms(visit.events.front().at_ms);
  batch.add_int64("session_key").push(key);
  batch.add_text("session_id").push(visit.session);
  batch.add_text("visitor_id").push(visit.visitor);
  batch.add_text("site_id").push(site.id.text());
  batch.add_int32("stream").push(0);
  batch.add_timestamp("session_start").push(start);
  batch.add_timestamp("last_event_at").push(store::Timestamp::from_ms(visit.events.back().at_ms));
  batch.add_int32("pageview_count").push(static_cast<std::int32_t>(counts.views));
  batch.add_int32("event_count").push(static_cast<std::int32_t>(counts.actions));
  batch.add_int32("engaged_count").push(counts.engaged);
  batch.add_text("entry_path").push_or_null(counts.entry != nullptr ? counts.entry->path : "");
  batch.add_text("referrer_type").push(visit.referrer_type);
  batch.add_text("referrer_platform").push_or_null(visit.platform);
  batch.add_text("original_referrer").push_or_null(visit.referrer);
  batch.add_text("utm_source").push_or_null(visit.utm_source);
  batch.add_text("device_type").push("mobile");
  batch.add_text("country").push("DE");
  batch.add_timestamp("lead_at").push(start);
  batch.add_int64("lead_position").push(key);
  batch.add_int64("last_position").push(next_id_ - 1);
  must(session_->append("user_sessions_cold", batch));
}

inline void SiteFixture::add(const Order& order) {
  store::ColumnBatch batch;
  batch.add_int64("id").push(next_id_++);
  batch.add_text("site_id").push(site_.id.text());
  batch.add_text("session_id").push("s");
  batch.add_text("visitor_id").push(order.visitor);
  batch.add_timestamp("order_timestamp").push(store::Timestamp::from_ms(order.at_ms));
  batch.add_decimal("revenue", 4).push(order.revenue_cents * 100);
  batch.add_int32("item_count").push(1);
  must(session_->append("orders", batch));
}

}  // namespace attune::report
