// The life of the data: backup, archive, erasure. All of it is long work, so all of it is jobs.
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::size_t kIdBytesMax = 255;
constexpr std::size_t kPathBytesMax = 4000;

/// Paths of the server's machine are named by who owns its data folder, not by who has a key.
Result<void> owns_folder(const Call& call) {
  if (call.request().peer != PeerKind::tcp) return {};
  return fail(ErrorCode::permission_denied,
              "run `attune backup` on the server's machine: over the network no folder of it is "
              "written");
}

Result<Response> backup(ApiContext& api, const Call& call) {
  if (!api.parts.operations.backup) return not_here();
  ATTUNE_TRY(owns_folder(call));
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string to = fields.text("to", kPathBytesMax);
  ATTUNE_TRY(fields.finish());
  return start_job(api, "backup", {}, [&api, to](JobProgress& progress) {
    return api.parts.operations.backup(to, progress);
  });
}

Result<Response> erase(ApiContext& api, const Call& call) {
  if (!api.parts.operations.erase) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  EraseRequest request;
  request.visitor = fields.optional_text("visitor", kIdBytesMax).value_or("");
  request.user = fields.optional_text("user", kIdBytesMax).value_or("");
  ATTUNE_TRY(fields.finish());
  if (request.visitor.empty() == request.user.empty()) {
    return fail(ErrorCode::invalid_argument, "give a visitor or a user", "visitor");
  }
  return start_job(api, "erase", call.site->id.text(),
                   [&api, site = *call.site, request](JobProgress& progress) {
                     return api.parts.operations.erase(site, request, progress);
                   });
}

Route job_row(std::string_view pattern, std::string_view name, std::string_view summary,
              std::string_view request) {
  Route route;
  route.method = Method::post;
  route.pattern = pattern;
  route.name = name;
  route.access = Access::server_admin;
  route.summary = summary;
  route.request_schema = request;
  route.response_schema = "Job";
  route.body_bytes_max = kBodyBytesMax;
  return route;
}

}  // namespace

std::vector<Route> life_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route copy = job_row("/api/v1/backup", "backup",
                       "Starts a backup into a new folder of the server's machine.", "");
  copy.in_document = false;   // nothing for the network
  copy.on_worker = worker([&api](const Call& call) { return backup(api, call); });
  routes.push_back(copy);

  Route person = job_row("/api/v1/sites/{site}/erase", "erase",
                         "Starts taking a visitor or a user out of everything, for good.",
                         "Erase");
  person.access = Access::site_admin;
  person.on_worker = worker([&api](const Call& call) { return erase(api, call); });
  routes.push_back(person);
  return routes;
}

}  // namespace attune::serve
