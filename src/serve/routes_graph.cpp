// The graph's edges made anew, as a job.
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 8 * 1024;

Result<Response> refresh(ApiContext& api, const std::optional<Uuid>& site) {
  if (!api.parts.operations.refresh_graph) return not_here();
  return start_job(api, "graph", JobScope{.site = site ? site->text() : std::string()},
                   [&api, site](JobProgress& progress) {
                     return api.parts.operations.refresh_graph(site, progress);
                   });
}

Route job_row(std::string_view pattern, std::string_view name, Access access,
              std::string_view summary) {
  Route route = row(Method::post, pattern, name, access, summary, "Job");
  route.body_bytes_max = kBodyBytesMax;
  return route;
}

}  // namespace

std::vector<Route> graph_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route site = job_row("/api/v1/sites/{site}/graph/refresh", "refresh_graph", Access::site_admin,
                       "Starts making the edges of the site's graph anew.");
  site.on_worker = worker([&api](const Call& call) { return refresh(api, call.site->id); });
  routes.push_back(site);

  Route all = job_row("/api/v1/graph/refresh", "refresh_graphs", Access::server_admin,
                      "Starts making the edges of every site's graph anew.");
  all.on_worker = worker([&api](const Call&) { return refresh(api, {}); });
  routes.push_back(all);
  return routes;
}

}  // namespace attune::serve
