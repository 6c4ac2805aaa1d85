// The table of routes and what happens to a request before and after its handler: matching, method
// check, who is asking, body limit, worker threads, CORS, metrics. One table feeds the server, the
// OpenAPI document and the tests that compare them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "event/site_directory.h"
#include "serve/access.h"
#include "serve/http.h"
#include "serve/metrics.h"
#include "serve/target.h"

namespace attune::serve {

class AuditLog;
class WorkerPool;

/// Who may call a route. Whoever comes by the control socket may call every one.
enum class Access : std::uint8_t {
  open,          // anybody
  visitors,      // anybody, from pages of other origins too; the handler looks at site, origin, key
  clients,       // the same for SDKs, whose credentials only the handler understands
  login,         // a person who is logged in
  site_read,     // a login, or a key of that site with scope read or admin
  site_write,    // a login, or a key of that site with scope write or admin
  site_admin,    // a login, or a key of that site with scope admin
  server_admin,  // a login of an admin, or an admin key of the whole server
  any_caller,    // any login or key; the handler narrows the answer to what it may see
  account_read,  // a login, or an admin key of the whole server
  account_write,  // a login of an admin, or an admin key of the whole server
};

/// Where a handler runs.
enum class Runs : std::uint8_t {
  on_io,      // at once, on the connection's thread: must not block
  on_worker,  // on the bounded pool: may query and hash; 503 when its queue is full
};

/// Which content types a route's body may have.
enum class BodyType : std::uint8_t {
  json,  // application/json, said so: a page of another origin cannot send that without a preflight
  beacon,  // also text/plain or none at all: what sendBeacon sends without a preflight
  any,     // whatever it says: Umami's and Gorse's clients, and files
};

struct QueryParameter {
  std::string_view name;
  std::string_view description;
  std::string_view schema = R"({"type":"string"})";  // JSON schema of its value
};

struct Call;
using IoHandler = std::function<void(std::shared_ptr<Call>, Responder)>;
using WorkerHandler = std::function<Response(const Call&)>;

/// One row of the table.
struct Route {
  Method method = Method::get;
  /// "/api/v1/sites/{site}/keys/{id}". {site} takes a UUID or a domain and is resolved (404 when
  /// there is none); {stream} is a number; a last {path...} takes the rest; other names are any
  /// text.
  std::string_view pattern;
  std::string_view name;  // operationId and metric label: "stats_overview"
  Access access = Access::open;
  Area area = Area::administration;  // of account_write and site_admin: whose role may it too
  Runs runs = Runs::on_worker;
  bool audited = true;  // of calls that change something for people (see Router::set_audit)
  std::size_t body_bytes_max = 0;  // 0: a body is refused
  BodyType body_type = BodyType::json;
  std::string_view summary;              // one sentence for the OpenAPI document
  std::string_view request_schema = {};  // names in schemas.json
  std::string_view response_schema = {};
  std::vector<QueryParameter> query =
      {};                   // others are refused by name, unless access is `visitors`
  bool in_document = true;  // false: pages and files, not part of the API
  /// Asked before a large body is read, where `access` says nothing of who may send one.
  std::function<std::optional<Response>(const Request&)> refuse_large = {};
  IoHandler on_io = {};     // exactly one of the two, as `runs` says
  WorkerHandler on_worker = {};
};

/// A row with what every row of the API has; the rest is set by name.
Route row(Method method, std::string_view pattern, std::string_view name, Access access,
          std::string_view summary, std::string_view response_schema = {});

/// One request on its way through a route.
struct Call {
  explicit Call(Responder r) : responder(std::move(r)) {}

  const Request& request() const { return responder.request(); }
  /// A decoded value of the path ("id"), or empty.
  std::string_view path(std::string_view name) const;

  Responder responder;  // keeps the request alive
  const Route* route = nullptr;
  std::vector<std::pair<std::string_view, std::string>> path_values;
  QueryParameters query;
  Caller caller;
  std::shared_ptr<const event::SiteSnapshot> sites;  // keeps `site` alive
  const event::Site* site = nullptr;                 // of {site}; never null in such a route
  std::string client_address;                        // the visitor's, proxies resolved
  bool https = false;                                // as the browser sees it
};

struct RouterOptions {
  bool trust_proxy = false;  // believe X-Forwarded-For, X-Forwarded-Proto
  bool https = false;        // browsers reach us by https whatever the headers say
};

class Router {
 public:
  /// workers  null: handlers run on the calling thread (a stopped folder). All outlive the router.
  Router(const event::SiteDirectory& sites, const CallerDirectory& callers, const Clock& clock,
         WorkerPool* workers, RouterOptions options);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Adds rows. A second row for a method and pattern is a bug (`ensure`). Not thread safe; before
  /// use.
  void add(std::vector<Route> routes);
  std::span<const Route* const> routes() const { return order_; }

  /// Looks at a head before its body is read, so that nobody can make us take what we will refuse.
  struct HeadVerdict {
    std::optional<Response> refusal;  // answer this and close
    std::size_t body_bytes_max = 0;
  };
  /// body_bytes  what the head announces; nullopt: chunked, unknown.
  HeadVerdict look_at_head(const Request& request, std::optional<std::uint64_t> body_bytes) const;

  /// Where calls of people and programs that changed something are noted, after the answer is known
  /// and before it is sent. Before use; outlives the router.
  void set_audit(AuditLog& audit) { audit_ = &audit; }

  /// Answers one request through `exchange`, now or later. Threads  any.
  void handle(std::shared_ptr<Exchange> exchange) const;

  /// Answers one request in process and waits for the answer. Threads  any but io threads.
  Response handle_blocking(Request request) const;

  /// Counters of all routes.
  void collect(std::vector<MetricFamily>& out) const;

 private:
  struct Table;
  struct Match;
  Match match(const Request& request) const;
  Response refuse_method(const Match& found, const Request& request) const;
  std::optional<Response> admit(const Match& found, Call& call) const;
  Result<Caller> identify(const Request& request, const Route& route) const;
  Result<void> authorize(const Call& call) const;
  Result<void> authorize_site(const Call& call) const;
  void run(std::shared_ptr<Call> call) const;
  void note(const Call& call, int status) const;

  const event::SiteDirectory& sites_;
  const CallerDirectory& callers_;
  const Clock& clock_;
  WorkerPool* workers_;
  RouterOptions options_;
  AuditLog* audit_ = nullptr;
  std::unique_ptr<Table> table_;
  std::vector<const Route*> order_;
};

/// Name of the cookie that carries a login.
inline constexpr std::string_view kLoginCookie = "attune_login";
/// The value of one cookie in a Cookie header, or empty.
std::string_view cookie_value(std::string_view cookies, std::string_view name);

/// The site of that UUID or domain, or null; lives as long as `sites`.
const event::Site* find_site(const event::SiteSnapshot& sites, std::string_view uuid_or_domain);

}  // namespace attune::serve
