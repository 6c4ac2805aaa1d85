// `attune maintain`: what has to be done now and then, by the scheduler and by the command. A
// longer period does the shorter ones too. One step that fails does not keep the others from their
// work.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <functional>
#include <map>

#include "app_parts.h"
#include "base/time_zone.h"
#include "etl/daily_metrics.h"
#include "etl/layout.h"
#include "etl/months.h"
#include "etl/retention.h"
#include "spdlog/spdlog.h"
#include "store/postgres/extension.h"

namespace attune {
namespace {

namespace json = boost::json;
using serve::MaintainPeriod;
using store::Value;

constexpr int kMonthsAhead = 2;
constexpr int kMonthsClusteredMax = 12;

struct LastRun {
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;
  bool succeeded = false;
  std::string detail;
};

Result<std::map<std::string, LastRun>> last_runs(store::Session& session) {
  std::map<std::string, LastRun> runs;
  ATTUNE_ASSIGN(const store::Rows rows, session.query("maintain/runs", {}));
  for (const auto& row : rows.rows) {
    runs[std::get<std::string>(row[0])] = {
        .started_ms = std::get<store::Timestamp>(row[1]).us / 1000,
        .finished_ms = std::get<store::Timestamp>(row[2]).us / 1000,
        .succeeded = std::get<bool>(row[3]),
        .detail = std::get<store::Json>(row[4]).text};
  }
  return runs;
}

/// One run: its steps, what they did, and what went wrong.
class Upkeep {
 public:
  Upkeep(App::Parts& parts, MaintainPeriod period, serve::JobProgress& progress)
      : parts_(parts), period_(period), progress_(progress), started_ms_(parts.clock.now_ms()) {}

  Result<std::string> run() {
    ATTUNE_ASSIGN(session_, parts_.store->session());
    daily();
    if (period_ != MaintainPeriod::daily) weekly();
    if (period_ == MaintainPeriod::monthly) monthly();
    return finish();
  }

 private:
  using Work = std::function<Result<json::value>()>;

  void step(std::string_view name, const Work& work) {
    if (progress_.stop_requested()) return;
    progress_.set(0, 0, std::string(name));
    const auto done = work();
    if (done) {
      result_[name] = *done;
      return;
    }
    spdlog::warn("maintenance, {}: {}", name, done.error().message());
    errors_.push_back(fmt::format("{}: {}", name, done.error().message()));
  }

  void daily() {
    step("removed", [this] { return remove_old_rows(); });
    step("archived_rows_removed", [this]() -> Result<json::value> {
      ATTUNE_ASSIGN(const auto rules, rules_in_force());
      ATTUNE_ASSIGN(const std::int64_t rows, open_archive(parts_, progress_)
                                                 ->remove_old(*session_, rules, started_ms_));
      return json::value(rows);
    });
    if (parts_.extension == "timescaledb") {
      step("chunks_dropped", [this]() -> Result<json::value> {
        ATTUNE_ASSIGN(const auto dropped, store::drop_empty_chunks(*session_, parts_.extension));
        return json::value(dropped);
      });
    }
    if (parts_.store->engine() == store::Engine::postgres) {
      step("partitions_made", [this]() -> Result<json::value> {
        const std::array parameters{
            Value{store::Date{etl::day_of(started_ms_)}},
            Value{store::Date{etl::day_of(etl::month_begin_ms(started_ms_, kMonthsAhead))}}};
        ATTUNE_ASSIGN(const auto rows, session_->query("maintain/make_partitions", parameters));
        return json::value(std::get<std::int64_t>(rows.rows.at(0).at(0)));
      });
    }
    step("days_computed", [this]() -> Result<json::value> {
      const EtlAtRest rest(*parts_.etl);   // which computes the same days
      ATTUNE_ASSIGN(const std::int64_t days,
                    etl::refresh_daily_metrics(*session_, *parts_.control));
      return json::value(days);
    });
  }

  void weekly() {
    step("analyzed", [this]() -> Result<json::value> {
      ATTUNE_TRY(session_->execute("store/analyze"));
      return json::value(true);
    });
  }

  void monthly() {
    step("archived", [this]() -> Result<json::value> {
      ATTUNE_ASSIGN(json::array files, archive_alone(parts_, *session_, progress_));
      return json::value(std::move(files));
    });
    if (parts_.store->engine() == store::Engine::postgres) {
      step("partitions_dropped", [this]() -> Result<json::value> {
        const std::array parameters{
            Value{store::Date{etl::day_of(etl::month_begin_ms(started_ms_, -1))}}};
        ATTUNE_ASSIGN(const auto rows, session_->query("maintain/drop_partitions", parameters));
        return json::value(std::get<std::int64_t>(rows.rows.at(0).at(0)));
      });
      return;
    }
    step("rows_clustered", [this] { return cluster_months(); });
  }

  Result<etl::RetentionRules> rules_in_force() {
    return etl::RetentionRules::load(*session_, default_limits(parts_.options.config));
  }

  Result<json::value> remove_old_rows() {
    ATTUNE_ASSIGN(const auto rules, rules_in_force());
    ATTUNE_TRY(etl::apply_marks(*session_));   // a replay that was cut short brought rows back
    ATTUNE_ASSIGN(const auto removed, etl::apply_retention(*session_, sites_with_rows(parts_),
                                                           rules, started_ms_));
    json::array tables;
    for (const etl::TakenOut& each : removed) {
      tables.push_back(
          json::object{{"site", each.site}, {"table", each.table}, {"rows", each.rows}});
    }
    return json::value(std::move(tables));
  }

  /// Months that ended since the last time, of the last year at most.
  Result<json::value> cluster_months() {
    ATTUNE_ASSIGN(const auto runs, last_runs(*session_));
    const auto last = runs.find(std::string(to_string(MaintainPeriod::monthly)));
    const std::int64_t end_ms = etl::month_begin_ms(started_ms_);
    std::int64_t begin_ms = etl::month_begin_ms(started_ms_, -kMonthsClusteredMax);
    if (last != runs.end() && last->second.succeeded) {
      begin_ms = std::max(begin_ms, etl::month_begin_ms(last->second.started_ms));
    }
    std::int64_t rows = 0;
    while (begin_ms < end_ms && !progress_.stop_requested()) {
      const std::int64_t next_ms = etl::month_begin_ms(begin_ms, 1);
      ATTUNE_ASSIGN(const std::int64_t moved,
                    etl::cluster_interactions(*session_, begin_ms, next_ms));
      rows += moved;
      begin_ms = next_ms;
    }
    return json::value(rows);
  }

  Result<std::string> finish() {
    if (!errors_.empty()) {
      result_["errors"] = json::array(errors_.begin(), errors_.end());
    }
    const std::int64_t now_ms = parts_.clock.now_ms();
    for (const MaintainPeriod each :
         {MaintainPeriod::daily, MaintainPeriod::weekly, MaintainPeriod::monthly}) {
      if (each > period_) break;
      const std::array parameters{Value{std::string(to_string(each))},
                                  Value{store::Timestamp::from_ms(started_ms_)},
                                  Value{store::Timestamp::from_ms(now_ms)},
                                  Value{errors_.empty()},
                                  Value{store::Json{json::serialize(result_)}}};
      ATTUNE_TRY(session_->execute("maintain/record", parameters));
    }
    if (!errors_.empty()) return fail(ErrorCode::failed_precondition, errors_.front());
    result_["period"] = to_string(period_);
    return json::serialize(result_);
  }

  App::Parts& parts_;
  const MaintainPeriod period_;
  serve::JobProgress& progress_;
  const std::int64_t started_ms_;
  std::unique_ptr<store::Session> session_;
  json::object result_;
  std::vector<std::string> errors_;
};

/// Weeks begin on Monday; 1970-01-01 was a Thursday.
std::int64_t week_of(std::int64_t ms) { return (etl::day_of(ms) + 3) / 7; }

}  // namespace

etl::DefaultLimits default_limits(const Config& config) {
  const auto days = [](std::int64_t given) -> std::optional<std::int64_t> {
    if (given == 0) return std::nullopt;
    return std::max(given, etl::kRetentionDaysMin);
  };
  return {.raw_events = {.archive_after_days = std::nullopt,
                         .delete_after_days = days(config.retention.events_days)},
          .interactions = {.archive_after_days = days(config.retention.archive_after_days),
                           .delete_after_days = days(config.retention.interactions_days)}};
}

std::vector<std::string> sites_with_rows(const App::Parts& parts) {
  std::vector<std::string> sites{""};
  const auto all = parts.control->sites();
  for (const auto& [id, site] : all->by_id) sites.push_back(id.text());
  return sites;
}

Result<std::string> maintain_now(App::Parts& parts, MaintainPeriod period,
                                 serve::JobProgress& progress) {
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  return Upkeep(parts, period, progress).run();
}

Result<std::optional<MaintainPeriod>> maintenance_due(App::Parts& parts, std::int64_t now_ms) {
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  ATTUNE_ASSIGN(const auto runs, last_runs(*session));
  const auto due = [&](MaintainPeriod period, auto of) {
    const auto last = runs.find(std::string(to_string(period)));
    return last == runs.end() || !last->second.succeeded ||
           of(last->second.started_ms) != of(now_ms);
  };
  const auto month = [](std::int64_t ms) { return etl::month_begin_ms(ms); };
  if (due(MaintainPeriod::monthly, month)) return MaintainPeriod::monthly;
  if (due(MaintainPeriod::weekly, week_of)) return MaintainPeriod::weekly;
  if (due(MaintainPeriod::daily, etl::day_of)) return MaintainPeriod::daily;
  return std::nullopt;
}

json::object maintenance_status(App::Parts& parts) {
  json::object status;
  const auto session = parts.store->session();
  if (!session) return status;
  const auto runs = last_runs(**session);
  if (!runs) return status;
  for (const auto& [period, run] : *runs) {
    boost::system::error_code broken;
    status[period] = json::object{{"started_at", utc_text(run.started_ms)},
                                  {"finished_at", utc_text(run.finished_ms)},
                                  {"ok", run.succeeded},
                                  {"did", json::parse(run.detail, broken)}};
  }
  return status;
}

}  // namespace attune
