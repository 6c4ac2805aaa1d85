// The graph's edges made anew: of one site or of all, by command and by the clock.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "app_parts.h"
#include "learn/graph.h"
#include "spdlog/spdlog.h"
#include "store/postgres/extension.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMinuteMs = 60'000;

learn::GraphOptions options_of(const Config& config) {
  learn::GraphOptions options;
  options.days = static_cast<std::int32_t>(config.etl.graph_days);
  options.neighbours_max = config.etl.graph_neighbours_max;
  return options;
}

}  // namespace

Result<std::string> refresh_graph_now(App::Parts& parts, const std::optional<Uuid>& site,
                                      serve::JobProgress& progress) {
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  std::vector<Uuid> sites;
  if (site) sites.push_back(*site);
  const auto all = parts.control->sites();
  if (!site) {
    for (const auto& [id, known] : all->by_id) sites.push_back(id);
  }
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  json::object edges;
  std::size_t done = 0;
  for (const Uuid& each : sites) {
    if (progress.stop_requested()) return fail(ErrorCode::unavailable, "the server stops");
    progress.set(static_cast<double>(done) / static_cast<double>(sites.size()), 0,
                 fmt::format("site {} of {}", done + 1, sites.size()));
    ATTUNE_ASSIGN(const learn::GraphReport report,
                  learn::refresh_graph(*session, each, parts.clock.now_ms(),
                                       options_of(parts.options.config)));
    ATTUNE_TRY(store::refresh_extension_graph(*session, parts.extension, each.text()));
    for (const auto& [type, count] : report.edges) {
      json::value& sum = edges[type];
      sum = (sum.is_int64() ? sum.as_int64() : 0) + count;
    }
    ++done;
  }
  return json::serialize(json::object{{"sites", done}, {"edges", edges}});
}

void GraphRefreshes::run(std::int64_t now_ms) {
  const std::int64_t every_ms = parts_.options.config.etl.graph_every_min * kMinuteMs;
  if (every_ms == 0 || now_ms - last_ms_ < every_ms) return;
  const journal::Position end = parts_.journal->durable_end();
  if (end == last_end_) return;
  const auto job = parts_.api->jobs().start("graph", {}, [this](serve::JobProgress& progress) {
    return refresh_graph_now(parts_, {}, progress);
  });
  if (!job) {
    spdlog::debug("the refresh of the graph did not start: {}", job.error().message());
    return;
  }
  last_ms_ = now_ms;
  last_end_ = end;
}

}  // namespace attune
