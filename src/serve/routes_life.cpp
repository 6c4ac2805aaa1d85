// The life of the data: backup, archive, erasure. All of it is long work, so all of it is jobs.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "etl/retention.h"
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
  request.everything = fields.optional_flag("everything").value_or(false);
  ATTUNE_TRY(fields.finish());
  const int named = (request.visitor.empty() ? 0 : 1) + (request.user.empty() ? 0 : 1) +
                    (request.everything ? 1 : 0);
  if (named != 1) {
    return fail(ErrorCode::invalid_argument, "give a visitor or a user, or everything", "visitor");
  }
  return start_job(api, "erase", {.site = call.site->id.text()},
                   [&api, site = *call.site, request](JobProgress& progress) {
                     return api.parts.operations.erase(site, request, progress);
                   });
}

Result<Response> maintain(ApiContext& api, const Call& call) {
  if (!api.parts.operations.maintain) return not_here();
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string asked = fields.text("period", kIdBytesMax);
  ATTUNE_TRY(fields.finish());
  for (const MaintainPeriod period :
       {MaintainPeriod::daily, MaintainPeriod::weekly, MaintainPeriod::monthly}) {
    if (asked != to_string(period)) continue;
    return start_job(api, "maintain", {}, [&api, period](JobProgress& progress) {
      return api.parts.operations.maintain(period, progress);
    });
  }
  return fail(ErrorCode::invalid_argument, "daily, weekly or monthly", "period");
}

/// 0: never; less than the least is a mistake.
Result<std::optional<std::int64_t>> days_of(std::int64_t given, const std::string& field) {
  if (given == 0) return std::nullopt;
  if (given >= etl::kRetentionDaysMin) return given;
  return fail(ErrorCode::invalid_argument,
              fmt::format("is 0 (never) or {} to {}", etl::kRetentionDaysMin,
                          etl::kRetentionDaysMax),
              field);
}

Result<Response> set_retention(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string table = fields.text("table", kIdBytesMax);
  const auto archive = fields.optional_whole("archive_after_days", 0, etl::kRetentionDaysMax);
  const auto remove = fields.optional_whole("delete_after_days", 0, etl::kRetentionDaysMax);
  ATTUNE_TRY(fields.finish());
  if (table != etl::kRawEvents && table != etl::kInteractions) {
    return fail(ErrorCode::invalid_argument, "events_log or user_product_interactions", "table");
  }
  if (archive && table == etl::kRawEvents) {
    return fail(ErrorCode::invalid_argument, "only user_product_interactions are archived",
                "archive_after_days");
  }
  const std::string site = call.site->id.text();
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const auto rules, etl::RetentionRules::load(*session, api.options.retention));
  etl::Limits limits = rules.of(site, table);
  if (archive) {
    ATTUNE_ASSIGN(limits.archive_after_days, days_of(*archive, "archive_after_days"));
  }
  if (remove) {
    ATTUNE_ASSIGN(limits.delete_after_days, days_of(*remove, "delete_after_days"));
  }
  ATTUNE_TRY(etl::set_limits(*session, site, table, limits, api.clock().now_ms()));
  return Response::empty(204);
}

Result<Response> retention(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const auto rules, etl::RetentionRules::load(*session, api.options.retention));
  const auto days = [](const std::optional<std::int64_t>& given) {
    return given ? boost::json::value(*given) : boost::json::value(nullptr);
  };
  boost::json::array limits;
  for (const std::string_view table : {etl::kRawEvents, etl::kInteractions}) {
    const etl::Limits own = rules.of(call.site->id.text(), table);
    limits.push_back(boost::json::object{{"table", table},
                                         {"archive_after_days", days(own.archive_after_days)},
                                         {"delete_after_days", days(own.delete_after_days)}});
  }
  return Response::json(boost::json::serialize(boost::json::object{{"limits", limits}}));
}

Route job_row(std::string_view pattern, std::string_view name, std::string_view summary,
              std::string_view request) {
  Route route = row(Method::post, pattern, name, Access::server_admin, summary, "Job");
  route.request_schema = request;
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

  Route upkeep = job_row("/api/v1/maintain", "maintain",
                         "Starts what has to be done now and then: removes rows that are too old.",
                         "Maintain");
  upkeep.on_worker = worker([&api](const Call& call) { return maintain(api, call); });
  routes.push_back(upkeep);

  Route files = job_row("/api/v1/archive", "archive",
                        "Starts moving interactions past their cold age into files.", "");
  files.on_worker = worker([&api](const Call&) -> Result<Response> {
    if (!api.parts.operations.archive) return not_here();
    return start_job(api, "archive", {}, [&api](JobProgress& progress) {
      return api.parts.operations.archive(progress);
    });
  });
  routes.push_back(files);

  Route limits = job_row("/api/v1/sites/{site}/retention", "retention",
                         "How long rows of the site stay, in days; null: for ever.", "");
  limits.method = Method::get;
  limits.access = Access::site_admin;
  limits.response_schema = "RetentionLimits";
  limits.on_worker = worker([&api](const Call& call) { return retention(api, call); });
  routes.push_back(limits);

  Route limit = job_row("/api/v1/sites/{site}/retention", "set_retention",
                        "Sets how long rows of a table of the site stay.", "Retention");
  limit.method = Method::put;
  limit.access = Access::site_admin;
  limit.response_schema = "";
  limit.on_worker = worker([&api](const Call& call) { return set_retention(api, call); });
  routes.push_back(limit);
  return routes;
}

}  // namespace attune::serve
