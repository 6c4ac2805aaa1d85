// The questions of the dashboard: parameters in, answers of `report` out as JSON.
#include <fmt/format.h>

#include "base/time_zone.h"
#include "report/report.h"
#include "report/uplift.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

using report::Range;

constexpr std::int64_t kLimitDefault = 20;

/// Writes one JSON object or array level after level; commas take care of themselves.
class Json {
 public:
  Json& open(char bracket) {
    comma();
    out_.push_back(bracket);
    fresh_ = true;
    return *this;
  }
  Json& close(char bracket) {
    out_.push_back(bracket);
    fresh_ = false;
    return *this;
  }
  Json& key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_.push_back(':');
    fresh_ = true;
    return *this;
  }
  void value(std::string_view text) {
    comma();
    append_json_string(out_, text);
  }
  void value(double number) {
    comma();
    append_json_number(out_, number);
  }
  void value(std::int64_t number) {
    comma();
    fmt::format_to(std::back_inserter(out_), "{}", number);
  }
  void value(bool flag) {
    comma();
    out_ += flag ? "true" : "false";
  }
  /// A value that is JSON already.
  void raw(std::string_view json) {
    comma();
    out_ += json;
  }
  void null() {
    comma();
    out_ += "null";
  }
  void value(const std::optional<double>& number) {
    if (number) {
      value(*number);
    } else {
      null();
    }
  }
  template <class T>
  Json& field(std::string_view name, const T& given) {
    key(name);
    value(given);
    return *this;
  }
  Json& field(std::string_view name, const std::string& given) {
    return field(name, std::string_view(given));
  }
  Json& field(std::string_view name, const char* given) {
    return field(name, std::string_view(given));
  }
  Response done() { return Response::json(std::move(out_)); }

 private:
  void comma() {
    if (!fresh_) out_.push_back(',');
    fresh_ = false;
  }
  std::string out_;
  bool fresh_ = true;  // nothing stands before on this level
};

struct Question {
  SessionPool::Lease session;
  report::Site site;
  Range range;
};

Result<report::Site> report_site(const event::Site& site) {
  ATTUNE_ASSIGN(TimeZone zone, TimeZone::find(site.timezone));
  report::Site made;
  made.id = site.id;
  made.zone = std::move(zone);
  return made;
}

Result<Question> ask(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session,
                api.sessions.borrow_as({.site = call.site->id, .account = {}}));
  ATTUNE_ASSIGN(report::Site site, report_site(*call.site));
  report::RangeRequest request;
  request.period = call.query.get_or("period", "");
  request.from = call.query.get_or("from", "");
  request.to = call.query.get_or("to", "");
  request.compare = call.query.get_or("compare", "");
  ATTUNE_ASSIGN(Range range, report::resolve_range(*session, site, request, api.clock().now_ms()));
  return Question{std::move(session), std::move(site), std::move(range)};
}

Result<std::int64_t> limit_of(const Call& call) {
  return call.query.number("limit", kLimitDefault, 1, report::kListRowsMax);
}

void put_span(Json& json, std::string_view name, const report::Span& span,
              const report::Site& site) {
  json.key(name).open('{');
  json.field("from", day_text(span.first_day)).field("to", day_text(span.last_day));
  json.field("timezone", site.zone.name()).close('}');
}

void put_metric(Json& json, std::string_view name, const std::optional<double>& now,
                const std::optional<double>& previous) {
  json.key(name).open('{').field("value", now).field("previous", previous).close('}');
}

Result<Response> overview(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::Overview answer, report::overview(*q.session, q.site, q.range));
  Json json;
  json.open('{');
  put_span(json, "range", q.range.span, q.site);
  if (q.range.previous) {
    put_span(json, "previous_range", *q.range.previous, q.site);
  } else {
    json.key("previous_range").null();
  }
  json.key("metrics").open('{');
  const auto count = [&](std::string_view name, std::int64_t report::Totals::*member) {
    std::optional<double> previous;
    if (answer.previous) previous = static_cast<double>((*answer.previous).*member);
    put_metric(json, name, static_cast<double>(answer.totals.*member), previous);
  };
  const auto share = [&](std::string_view name, std::optional<double> report::Totals::*member) {
    put_metric(json, name, answer.totals.*member,
               answer.previous ? (*answer.previous).*member : std::optional<double>());
  };
  count("visitors", &report::Totals::visitors);
  count("sessions", &report::Totals::sessions);
  count("pageviews", &report::Totals::pageviews);
  count("events", &report::Totals::events);
  share("bounce_rate", &report::Totals::bounce_rate);
  share("avg_session_duration_seconds", &report::Totals::avg_session_duration_seconds);
  share("pages_per_session", &report::Totals::pages_per_session);
  count("orders", &report::Totals::orders);
  put_metric(json, "revenue", answer.totals.revenue,
             answer.previous ? std::optional<double>(answer.previous->revenue) : std::nullopt);
  json.close('}').close('}');
  return json.done();
}

Result<Response> timeseries(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const report::Metric metric, report::parse_metric(call.query.get_or("metric", "")));
  const std::string_view text = call.query.get_or("interval", "");
  ATTUNE_ASSIGN(const report::Interval interval,
                report::parse_interval(text == "auto" ? "" : text));
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::Timeseries series,
                report::timeseries(*q.session, q.site, q.range, metric, interval));
  Json json;
  json.open('{').field("metric", report::to_string(series.metric));
  json.field("interval", report::to_string(series.interval)).key("points").open('[');
  for (const report::Point& point : series.points) {
    json.open('{').field("t", point.t).field("t_ms", point.t_ms).field("value", point.value);
    json.field("previous", point.previous).close('}');
  }
  json.close(']').field("last_partial", series.last_partial).close('}');
  return json.done();
}

Result<Response> pages(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const report::PageSort sort,
                report::parse_page_sort(call.query.get_or("sort", "")));
  ATTUNE_ASSIGN(const std::int64_t limit, limit_of(call));
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::Pages answer,
                report::pages(*q.session, q.site, q.range, sort, limit));
  Json json;
  json.open('{').key("rows").open('[');
  for (const report::PageRow& row : answer.rows) {
    json.open('{')
        .field("path", row.path)
        .field("title", row.title)
        .field("visitors", row.visitors);
    json.field("pageviews", row.pageviews);
    json.field("avg_time_on_page_seconds", row.avg_time_on_page_seconds);
    json.field("entries", row.entries).close('}');
  }
  json.close(']').field("total", answer.total).close('}');
  return json.done();
}

Result<Response> sources(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const report::SourceKind by,
                report::parse_source_kind(call.query.get_or("by", "")));
  ATTUNE_ASSIGN(const std::int64_t limit, limit_of(call));
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::Sources answer,
                report::sources(*q.session, q.site, q.range, by, limit));
  Json json;
  json.open('{').key("rows").open('[');
  for (const report::SourceRow& row : answer.rows) {
    json.open('{').field("name", row.name).field("visitors", row.visitors);
    json.field("sessions", row.sessions).field("bounce_rate", row.bounce_rate).close('}');
  }
  json.close(']').field("total", answer.total).close('}');
  return json.done();
}

Result<Response> forms(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t limit, limit_of(call));
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::Forms answer, report::forms(*q.session, q.site, q.range, limit));
  Json json;
  json.open('{').key("rows").open('[');
  for (const report::FormRow& row : answer.rows) {
    json.open('{').field("form_id", row.form_id).field("path", row.path);
    json.field("submissions", row.submissions).field("sessions", row.sessions);
    json.field("viewers", row.viewers).field("completion_rate", row.completion_rate).close('}');
  }
  json.close(']').field("total", answer.total).close('}');
  return json.done();
}

Result<Response> referrers(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t limit, limit_of(call));
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::Referrers answer,
                report::referrers(*q.session, q.site, q.range, limit));
  Json json;
  json.open('{').key("rows").open('[');
  for (const report::ReferrerRow& row : answer.rows) {
    json.open('{').field("name", row.host).field("type", row.type).field("visitors", row.visitors);
    json.field("sessions", row.sessions).close('}');
  }
  json.close(']').field("total", answer.total).close('}');
  return json.done();
}

void put_named(Json& json, std::string_view list, std::string_view name,
               const std::vector<report::NamedVisitors>& rows) {
  json.key(list).open('[');
  for (const report::NamedVisitors& row : rows) {
    json.open('{').field(name, row.name).field("visitors", row.visitors).close('}');
  }
  json.close(']');
}

Result<Response> realtime(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SessionPool::Lease session,
                api.sessions.borrow_as({.site = call.site->id, .account = {}}));
  ATTUNE_ASSIGN(const report::Site site, report_site(*call.site));
  ATTUNE_ASSIGN(const report::Realtime now, report::realtime(*session, site, api.clock().now_ms()));
  Json json;
  json.open('{').field("visitors_now", now.visitors_now).field("visitors_30m", now.visitors_30m);
  json.key("minutes").open('[');
  for (const report::RealtimeMinute& minute : now.minutes) {
    json.open('{').field("t", utc_text(minute.t_ms)).field("t_ms", minute.t_ms);
    json.field("visitors", minute.visitors).field("pageviews", minute.pageviews).close('}');
  }
  json.close(']');
  put_named(json, "pages", "path", now.pages);
  put_named(json, "sources", "name", now.sources);
  json.key("events").open('[');
  for (const report::RealtimeEvent& event : now.events) {
    json.open('{').field("t", utc_text(event.t_ms)).field("t_ms", event.t_ms);
    json.field("event_type", event.event_type).field("path", event.path);
    json.field("country", event.country).field("device_type", event.device_type);
    json.field("visitor", event.visitor).close('}');
  }
  json.close(']').close('}');
  return json.done();
}

void put_model(Json& json, const std::optional<report::ActiveModel>& model) {
  json.key("model");
  if (!model) {
    json.null();
    return;
  }
  json.open('{').field("version", model->version).field("algorithm", model->algorithm);
  json.key("trained_at");
  if (model->trained_ms) {
    json.value(std::string_view(utc_text(*model->trained_ms)));
  } else {
    json.null();
  }
  json.field("status", model->status).key("metrics");
  if (model->metrics_json.empty()) {
    json.null();
  } else {
    json.raw(model->metrics_json);
  }
  json.close('}');
}

Result<Response> recommendation_stats(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const report::RecommendationStats stats,
                report::recommendation_stats(*q.session, q.site, q.range));
  Json json;
  const report::RecommendationTotals& totals = stats.totals;
  json.open('{').key("totals").open('{').field("decisions", totals.decisions);
  json.field("shown", totals.shown).field("clicked", totals.clicked);
  json.field("converted", totals.converted).field("revenue", totals.revenue);
  json.field("ctr", totals.ctr).close('}').key("strategies").open('[');
  for (const report::StrategyRow& row : stats.strategies) {
    json.open('{').field("strategy", row.strategy).field("shown", row.shown);
    json.field("clicked", row.clicked)
        .field("converted", row.converted)
        .field("revenue", row.revenue);
    json.field("ctr", row.ctr)
        .field("ctr_low", row.ctr_low)
        .field("ctr_high", row.ctr_high)
        .close('}');
  }
  json.close(']').key("items").open('[');
  for (const report::RecommendedItemRow& row : stats.items) {
    json.open('{').field("item_id", row.item_id).field("name", row.name).field("shown", row.shown);
    json.field("clicked", row.clicked).field("converted", row.converted).close('}');
  }
  json.close(']');
  put_model(json, stats.model);
  json.close('}');
  return json.done();
}

void put_difference(Json& json, std::string_view name,
                    const std::optional<report::Difference>& given) {
  json.key(name);
  if (!given) {
    json.value(std::optional<double>());
    return;
  }
  json.open('{').field("treatment", given->treatment).field("control", given->control);
  json.field("difference", given->difference).field("low", given->low).field("high", given->high);
  json.field("relative", given->relative).field("relative_low", given->relative_low);
  json.field("relative_high", given->relative_high).field("enough", given->is_enough).close('}');
}

void put_group(Json& json, std::string_view name, const std::optional<report::GroupRow>& given) {
  json.key(name);
  if (!given) {
    json.value(std::optional<double>());
    return;
  }
  json.open('{').field("visitors", given->visitors).field("clickers", given->clickers);
  json.field("buyers", given->buyers).field("revenue", given->revenue).close('}');
}

Result<Response> placement_stats(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const Question q, ask(api, call));
  ATTUNE_ASSIGN(const std::vector<report::PlacementRow> placements,
                report::placement_results(*q.session, q.site, q.range, api.clock().now_ms()));
  Json json;
  json.open('{').key("placements").open('[');
  for (const report::PlacementRow& row : placements) {
    json.open('{').field("placement", row.placement).key("strategies").open('[');
    for (const report::PlacementStrategyRow& part : row.strategies) {
      json.open('{').field("strategy", part.strategy).field("model", part.model);
      json.field("items", part.items).field("shown", part.shown).field("waiting", part.waiting);
      json.field("clicked", part.clicked).field("added", part.added);
      json.field("converted", part.converted).field("revenue", part.revenue);
      json.field("ctr", part.ctr).field("ctr_low", part.ctr_low).field("ctr_high", part.ctr_high);
      json.close('}');
    }
    json.close(']');
    put_group(json, "treatment", row.treatment);
    put_group(json, "control", row.control);
    put_difference(json, "clicks", row.clicks);
    put_difference(json, "buyers", row.buyers);
    put_difference(json, "revenue", row.revenue);
    json.close('}');
  }
  json.close(']').close('}');
  return json.done();
}

std::vector<QueryParameter> range_parameters() {
  return {
      {"period", "Which time; without it, and without from and to, today.",
       R"({"enum":["today","yesterday","24h","7d","30d","90d","12mo","all"]})"},
      {"from", "First day, a day of the site's time zone.", R"({"type":"string","format":"date"})"},
      {"to", "Last day, included.", R"({"type":"string","format":"date"})"},
      {"compare", "Whether to compare with the time before.",
       R"({"enum":["previous","none"],"default":"previous"})"},
  };
}

const QueryParameter kLimit = {"limit", "How many rows.",
                               R"({"type":"integer","minimum":1,"maximum":1000,"default":20})"};

Route stats(std::string_view pattern, std::string_view name, std::string_view summary,
            std::string_view schema, WorkerHandler handler) {
  Route route = row(Method::get, pattern, name, Access::site_read, summary, schema);
  route.query = range_parameters();
  route.on_worker = std::move(handler);
  return route;
}

}  // namespace

std::vector<Route> stats_routes(ApiContext& api) {
  const auto with = [&api](Result<Response> (*handler)(ApiContext&, const Call&)) {
    return worker([&api, handler](const Call& call) { return handler(api, call); });
  };
  std::vector<Route> routes;
  routes.push_back(stats("/api/v1/sites/{site}/stats/overview", "stats_overview",
                         "Headline numbers and those of the time before.", "Overview",
                         with(overview)));
  routes.push_back(stats("/api/v1/sites/{site}/stats/timeseries", "stats_timeseries",
                         "One metric over time.", "Timeseries", with(timeseries)));
  routes.back().query.push_back(
      {"metric", "What is counted.",
       R"({"enum":["visitors","sessions","pageviews","events","revenue"],"default":"visitors"})"});
  routes.back().query.push_back(
      {"interval", "Time between points.",
       R"({"enum":["auto","minute","hour","day","week","month"],"default":"auto"})"});
  routes.push_back(stats("/api/v1/sites/{site}/stats/pages", "stats_pages", "What is read.",
                         "Pages", with(pages)));
  routes.back().query.push_back(kLimit);
  routes.back().query.push_back(
      {"sort", "By what.",
       R"({"enum":["visitors","pageviews","time","entries"],"default":"visitors"})"});
  routes.push_back(stats("/api/v1/sites/{site}/stats/sources", "stats_sources",
                         "Where visits come from.", "Sources", with(sources)));
  routes.back().query.push_back(kLimit);
  routes.back().query.push_back(
      {"by", "Grouped by what.",
       R"({"enum":["type","platform","utm_source","utm_medium","utm_campaign"]})"});
  routes.push_back(stats("/api/v1/sites/{site}/stats/referrers", "stats_referrers",
                         "Hosts that visits come from.", "Referrers", with(referrers)));
  routes.back().query.push_back(kLimit);
  routes.push_back(stats("/api/v1/sites/{site}/stats/forms", "stats_forms",
                         "Forms, and how many visits to their page sent them.", "Forms",
                         with(forms)));
  routes.back().query.push_back(kLimit);
  routes.push_back(stats("/api/v1/sites/{site}/stats/realtime", "stats_realtime",
                         "The last half hour.", "Realtime", with(realtime)));
  routes.back().query.clear();
  routes.push_back(stats("/api/v1/sites/{site}/recommendations/stats", "recommendation_stats",
                         "How often recommendations were shown, clicked and bought.",
                         "RecommendationStats", with(recommendation_stats)));
  routes.push_back(stats("/api/v1/sites/{site}/recommendations/placements", "placement_stats",
                         "What each placement brought, by strategy and model, and its uplift.",
                         "PlacementStats", with(placement_stats)));
  return routes;
}

}  // namespace attune::serve
