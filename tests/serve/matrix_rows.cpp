#include "matrix_rows.h"

#include <gtest/gtest.h>

#include "store/column_batch.h"

namespace attune::serve {

void add_stats_rows(Rows& rows, const std::string& base) {
  const auto site = [&base](const std::string& rest) { return base + rest; };
  const auto bad_ranges = [&site](const std::string& path) {
    return std::vector<Bad>{
        {"a period", site(path + "?period=1d"), "", 400, "period"},
        {"a day", site(path + "?from=2026-02-30&to=2026-03-01"), "", 400, "from"},
        {"one day only", site(path + "?from=2026-03-01"), "", 400, "to"},
        {"backwards", site(path + "?from=2026-03-02&to=2026-03-01"), "", 400, ""},
        {"a comparison", site(path + "?compare=always"), "", 400, "compare"}};
  };
  const auto add = [&](const std::string& name, const std::string& path, const std::string& query,
                       std::vector<Bad> more) {
    Row row{site(path + query), "", "", bad_ranges(path)};
    row.bad.insert(row.bad.end(), more.begin(), more.end());
    rows[name] = std::move(row);
  };
  add("stats_overview", "/stats/overview", "?period=7d", {});
  add("stats_timeseries", "/stats/timeseries",
      "?from=2026-11-01&to=2026-11-20&metric=sessions&interval=day",
      {{"a metric", site("/stats/timeseries?metric=clicks"), "", 400, "metric"},
       {"an interval", site("/stats/timeseries?interval=second"), "", 400, "interval"},
       {"too many points", site("/stats/timeseries?period=12mo&interval=minute"), "", 400,
        "interval"}});
  add("stats_pages", "/stats/pages", "?period=30d&limit=5&sort=pageviews",
      {{"a limit", site("/stats/pages?limit=0"), "", 400, "limit"},
       {"an order", site("/stats/pages?sort=title"), "", 400, "sort"}});
  add("stats_sources", "/stats/sources", "?by=platform",
      {{"a grouping", site("/stats/sources?by=colour"), "", 400, "by"},
       {"a limit", site("/stats/sources?limit=1001"), "", 400, "limit"}});
  add("stats_forms", "/stats/forms", "?period=today",
      {{"a limit", site("/stats/forms?limit=0"), "", 400, "limit"}});
  add("stats_referrers", "/stats/referrers", "?period=today",
      {{"a limit", site("/stats/referrers?limit=x"), "", 400, "limit"}});
  rows["stats_realtime"] = {site("/stats/realtime"), "", "", {}};
  add("recommendation_stats", "/recommendations/stats", "?period=90d", {});
}

void add_model_rows(Rows& rows, store::Session& session, const Uuid& site_id) {
  const auto site = [&site_id](const std::string& rest) {
    return "/api/v1/sites/" + site_id.text() + rest;
  };
  store::ColumnBatch batch;
  batch.add_uuid("id").push(Uuid::random());
  batch.add_uuid("website_id").push(site_id);
  batch.add_text("user_id").push("ann");
  ASSERT_TRUE(session.append("user_profiles", batch));
  store::ColumnBatch model;
  model.add_uuid("id").push(Uuid::random());
  model.add_uuid("website_id").push(site_id);
  model.add_text("name").push("sequential");
  model.add_text("version").push("20261121-093000-4f2a91c3");
  model.add_json("metrics").push(R"({"mrr_20":0.3})");
  ASSERT_TRUE(session.append("ml_models", model));
  rows["evaluate_site"] = {
      site("/evaluate"),
      R"({"protocol":"time"})",
      "",
      {{"a protocol", "", R"({"protocol":"guess"})", 400, "protocol"},
       {"a strategy", "", R"({"strategy":"telepathy"})", 400, "strategy"},
       {"too many resamples", "", R"({"resamples":1000000})", 400, "resamples"}}};
  rows["tune_site"] = {
      site("/tune"),
      R"({"strategy":"graph"})",
      "",
      {{"no strategy", "", R"({"trials":9})", 400, "strategy"},
       {"another strategy", "", R"({"strategy":"telepathy"})", 400, "strategy"},
       {"too long", "", R"({"strategy":"graph","seconds":100000})", 400, "seconds"}}};
  rows["list_people"] = {
      site("/people?search=a"),
      "",
      "",
      {{"too many", site("/people?limit=1000"), "", 400, "limit"},
       {"a long search", site("/people?search=" + std::string(300, 'a')), "", 400, "search"}}};
  rows["show_person"] = {
      site("/people/ann"), "", "", {{"nobody", site("/people/bob"), "", 404, "person"}}};
  rows["list_products"] = {
      site("/products?search=mug"),
      "",
      "",
      {{"another state", site("/products?state=sold"), "", 400, "state"},
       {"another type", site("/products?type=book"), "", 400, "type"},
       {"before the first", site("/products?offset=-1"), "", 400, "offset"}}};
  rows["list_models"] = {site("/models"), "", "", {}};
  rows["promote_model"] = {
      site("/models/promote"),
      R"({"strategy":"sequential","version":"20261121-093000-4f2a91c3"})",
      "",
      {{"no version", "", R"({"strategy":"sequential"})", 400, "version"},
       {"another", "", R"({"strategy":"unheard","version":"1"})", 404, "strategy"}}};
  rows["rollback_model"] = {site("/models/rollback"),
                             R"({"strategy":"sequential"})",
                             "",
                             {{"a version", "", R"({"strategy":"s","version":"1"})", 400,
                               "version"},
                              {"no strategy", "", "{}", 400, "strategy"}}};
}

}  // namespace attune::serve
