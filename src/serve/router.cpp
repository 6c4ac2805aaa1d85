#include "serve/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <spdlog/spdlog.h>

#include "base/ensure.h"
#include "serve/audit_log.h"
#include "serve/client_address.h"
#include "serve/worker_pool.h"

namespace attune::serve {
namespace {

// Read from callers whose right to send more is not known yet, and on paths that do not exist.
constexpr std::size_t kUnknownBodyBytesMax = 64 * 1024;

enum class SegmentKind : std::uint8_t { literal, text, site, number, rest };

struct Segment {
  SegmentKind kind = SegmentKind::literal;
  std::string_view text;  // the literal, or the name
};

std::vector<Segment> read_pattern(std::string_view pattern) {
  ensure(!pattern.empty() && pattern.front() == '/', "a route's pattern begins with '/'");
  pattern.remove_prefix(1);
  std::vector<Segment> segments;
  for (;;) {
    const std::size_t slash = pattern.find('/');
    const std::string_view part = pattern.substr(0, slash);
    if (part.size() > 2 && part.front() == '{') {
      std::string_view name = part.substr(1, part.size() - 2);
      SegmentKind kind = SegmentKind::text;
      if (name.ends_with("...")) {
        name.remove_suffix(3);
        kind = SegmentKind::rest;
      } else if (name == "site") {
        kind = SegmentKind::site;
      } else if (name == "stream") {
        kind = SegmentKind::number;
      }
      segments.push_back({kind, name});
    } else {
      segments.push_back({SegmentKind::literal, part});
    }
    if (slash == std::string_view::npos) return segments;
    pattern.remove_prefix(slash + 1);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 9 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool mutates(Method method) {
  return method != Method::get && method != Method::head && method != Method::options;
}

/// "application/json; charset=utf-8" is "application/json".
std::string lowered_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  std::string lowered;
  for (const char c : type) lowered.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  return lowered;
}

std::optional<Response> refuse_body_type(const Route& route, const Request& request) {
  const std::string_view encoding = request.header("content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return Response::error(415, "unsupported_media_type", "send the body without Content-Encoding",
                           "Content-Encoding");
  }
  if (route.body_type == BodyType::any) return std::nullopt;
  const std::string type = lowered_type(request.header("content-type"));
  if (type == "application/json") return std::nullopt;
  if (route.body_type == BodyType::beacon && (type.empty() || type == "text/plain"))
    return std::nullopt;
  return Response::error(415, "unsupported_media_type", "send Content-Type: application/json",
                         "Content-Type");
}

Response body_too_large(std::size_t body_bytes_max) {
  return Response::error(413, "body_too_large",
                         body_bytes_max == 0
                             ? std::string("this call takes no body")
                             : fmt::format("the body is longer than {} bytes", body_bytes_max),
                         "body");
}

/// Says whose call it is.
tl::unexpected<Error> refuse_role(const Call& call) {
  if (call.caller.kind != CallerKind::login) {
    return fail(ErrorCode::permission_denied,
                "this call needs an administrator's login or an admin key for the whole server");
  }
  const bool site_or_account =
      call.route->access == Access::site_admin || call.route->access == Access::account_write;
  std::string_view roles = "admin";
  if (site_or_account && call.route->area == Area::marketing) roles = "admin or marketer";
  if (site_or_account && call.route->area == Area::testing) roles = "admin or experimenter";
  return fail(ErrorCode::permission_denied,
              fmt::format("this call needs the role {}; yours is {}", roles, call.caller.role));
}

/// Answers the thread that waits in handle_blocking.
class BlockingExchange final : public Exchange {
 public:
  explicit BlockingExchange(Request request) : request_(std::move(request)) {}
  const Request& request() const override { return request_; }

  Response wait() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return response_.has_value(); });
    return std::move(*response_);
  }

 private:
  void finish(Response response) override {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
    ready_.notify_all();
  }

  Request request_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<Response> response_;  // guarded by mutex_
};

}  // namespace

std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    std::string_view pair = cookies.substr(0, end);
    cookies.remove_prefix(end == std::string_view::npos ? cookies.size() : end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

std::string_view Call::path(std::string_view name) const {
  for (const auto& [key, value] : path_values) {
    if (key == name) return value;
  }
  return {};
}

struct Router::Table {
  struct Row {
    Route route;
    std::shared_ptr<RouteMetrics> metrics = std::make_shared<RouteMetrics>();
  };
  /// All rows of one pattern, by method.
  struct Node {
    std::vector<Segment> segments;
    std::array<Row*, kMethodCount> by_method{};
    bool has_rest() const { return segments.back().kind == SegmentKind::rest; }
    std::size_t literals() const {
      return static_cast<std::size_t>(
          std::count_if(segments.begin(), segments.end(),
                        [](const Segment& s) { return s.kind == SegmentKind::literal; }));
    }
    bool fits(const std::vector<std::string>& path) const;
    std::string allowed() const;
    /// Whether pages of other origins may read answers, errors included.
    bool is_for_visitors() const {
      return std::any_of(by_method.begin(), by_method.end(), [](const Row* row) {
        return row != nullptr && (row->route.access == Access::visitors ||
                                  row->route.access == Access::clients);
      });
    }
    void read_values(const Target& target,
                     std::vector<std::pair<std::string_view, std::string>>& values) const;
  };

  std::deque<Row> rows;                                     // their addresses stay
  std::deque<Node> nodes;                                   // likewise
  std::unordered_map<std::string_view, const Node*> exact;  // patterns without parameters
  std::vector<const Node*> templates;                       // others, more literal first
  std::unordered_map<std::string_view, Node*> by_pattern;
  std::shared_ptr<RouteMetrics> unmatched = std::make_shared<RouteMetrics>();
};

bool Router::Table::Node::fits(const std::vector<std::string>& path) const {
  if (path.size() < segments.size() || (path.size() > segments.size() && !has_rest())) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    switch (segments[i].kind) {
      case SegmentKind::literal:
        if (path[i] != segments[i].text) return false;
        break;
      case SegmentKind::number:
        if (!is_number(path[i])) return false;
        break;
      case SegmentKind::text:
      case SegmentKind::site:
        if (path[i].empty()) return false;
        break;
      case SegmentKind::rest:
        return true;
    }
  }
  return true;
}

std::string Router::Table::Node::allowed() const {
  std::string out;
  for (std::size_t i = 0; i < kMethodCount; ++i) {
    const auto method = static_cast<Method>(i);
    const bool head_of_get = method == Method::head && by_method[0] != nullptr;
    if (by_method[i] == nullptr && !head_of_get) continue;
    if (!out.empty()) out += ", ";
    out += to_string(method);
  }
  return out;
}

void Router::Table::Node::read_values(
    const Target& target, std::vector<std::pair<std::string_view, std::string>>& values) const {
  for (std::size_t i = 0; i < segments.size() && i < target.segments.size(); ++i) {
    if (segments[i].kind == SegmentKind::literal) continue;
    std::string value = target.segments[i];
    if (segments[i].kind == SegmentKind::rest) {
      for (std::size_t j = i + 1; j < target.segments.size(); ++j)
        value += "/" + target.segments[j];
    }
    values.emplace_back(segments[i].text, std::move(value));
  }
}

struct Router::Match {
  const Table::Node* node = nullptr;  // null: no such path
  Table::Row* row = nullptr;          // null: not with this method
  std::optional<Error> bad_target;
  Target target;  // empty when an exact path without query matched
};

Route row(Method method, std::string_view pattern, std::string_view name, Access access,
          std::string_view summary, std::string_view response_schema) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.name = name;
  route.access = access;
  route.summary = summary;
  route.response_schema = response_schema;
  return route;
}

Router::Router(const event::SiteDirectory& sites, const CallerDirectory& callers,
               const Clock& clock, WorkerPool* workers, RouterOptions options)
    : sites_(sites),
      callers_(callers),
      clock_(clock),
      workers_(workers),
      options_(options),
      table_(std::make_unique<Table>()) {}

Router::~Router() = default;

void Router::add(std::vector<Route> routes) {
  for (Route& given : routes) {
    ensure((given.runs == Runs::on_io) == static_cast<bool>(given.on_io) &&
               (given.runs == Runs::on_worker) == static_cast<bool>(given.on_worker),
           "a route has the handler its `runs` says");
    Table::Row& row = table_->rows.emplace_back();
    row.route = std::move(given);
    const Route& route = row.route;
    Table::Node*& node = table_->by_pattern[route.pattern];
    if (node == nullptr) {
      node = &table_->nodes.emplace_back();
      node->segments = read_pattern(route.pattern);
      if (node->literals() == node->segments.size()) {
        table_->exact.emplace(route.pattern, node);
      } else {
        table_->templates.push_back(node);
      }
    }
    Table::Row*& slot = node->by_method[static_cast<std::size_t>(route.method)];
    ensure(slot == nullptr, "a method and pattern have one route");
    slot = &row;
    order_.push_back(&route);
  }
  std::stable_sort(table_->templates.begin(), table_->templates.end(),
                   [](const Table::Node* a, const Table::Node* b) {
                     if (a->has_rest() != b->has_rest()) return b->has_rest();
                     return a->literals() > b->literals();
                   });
}

Router::Match Router::match(const Request& request) const {
  Match match;
  const auto at_node = [&](const Table::Node* node) {
    match.node = node;
    match.row = node->by_method[static_cast<std::size_t>(request.method)];
    if (match.row == nullptr && request.method == Method::head) match.row = node->by_method[0];
  };
  const auto exact = table_->exact.find(request.target);
  if (exact != table_->exact.end()) {  // most requests: no escapes, no query
    at_node(exact->second);
    return match;
  }
  auto target = parse_target(request.target);
  if (!target) {
    match.bad_target = std::move(target.error());
    return match;
  }
  match.target = std::move(*target);
  const auto decoded = table_->exact.find(match.target.path());
  if (decoded != table_->exact.end()) {
    at_node(decoded->second);
    return match;
  }
  for (const Table::Node* node : table_->templates) {
    if (!node->fits(match.target.segments)) continue;
    at_node(node);
    break;
  }
  return match;
}

Router::HeadVerdict Router::look_at_head(const Request& request,
                                         std::optional<std::uint64_t> body_bytes) const {
  HeadVerdict verdict;
  const Match found = match(request);
  if (found.row == nullptr) {  // `handle` says what is wrong, after a body of reasonable size
    verdict.body_bytes_max = kUnknownBodyBytesMax;
  } else {
    const Route& route = found.row->route;
    verdict.body_bytes_max = route.body_bytes_max;
    const bool large = !body_bytes || *body_bytes > kUnknownBodyBytesMax;
    const bool named = route.access != Access::open && route.access != Access::visitors &&
                       route.access != Access::clients;
    if (large && named && verdict.body_bytes_max > kUnknownBodyBytesMax) {
      const auto caller = identify(request, route);
      if (!caller) verdict.refusal = Response::error(caller.error());
    }
    if (large && route.refuse_large) verdict.refusal = route.refuse_large(request);
  }
  if (!verdict.refusal && body_bytes && *body_bytes > verdict.body_bytes_max) {
    verdict.refusal = body_too_large(verdict.body_bytes_max);
  }
  if (verdict.refusal) verdict.refusal->close = true;
  return verdict;
}

void Router::handle(std::shared_ptr<Exchange> exchange) const {
  Match found = match(exchange->request());
  exchange->clock = &clock_;
  exchange->started_us = clock_.steady_us();
  exchange->metrics = found.row != nullptr ? found.row->metrics : table_->unmatched;
  exchange->no_store = found.row != nullptr && found.row->route.access != Access::open &&
                       found.row->route.method == Method::get;
  exchange->any_origin = found.node != nullptr && found.node->is_for_visitors();
  auto call = std::make_shared<Call>(Responder(std::move(exchange)));
  const Responder& answer = call->responder;
  if (found.bad_target) return answer(Response::error(*found.bad_target));
  if (found.node == nullptr) return answer(Response::error(404, "not_found", "no such path"));
  if (found.row == nullptr) return answer(refuse_method(found, call->request()));
  if (auto refused = admit(found, *call)) return answer(std::move(*refused));
  run(std::move(call));
}

Response Router::refuse_method(const Match& found, const Request& request) const {
  const std::string allowed = found.node->allowed();
  if (request.method == Method::options) {
    Response preflight = Response::empty(204);
    preflight.with("Allow", allowed);
    if (found.node->is_for_visitors()) {
      preflight.with("Access-Control-Allow-Methods", allowed);
      preflight.with(
          "Access-Control-Allow-Headers",
          "Authorization, Content-Type, X-Umami-Cache, X-Umami-Website-Id, X-Umami-Hostname, "
          "X-API-Key, If-None-Match, Cache-Control, Last-Event-ID");
      preflight.with("Access-Control-Max-Age", "86400");
      preflight.with("Vary",
                     "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    }
    return preflight;
  }
  if (found.node->has_rest() && request.target.starts_with("/api/")) {
    return Response::error(404, "not_found", "no such path");
  }
  Response refused = Response::error(405, "method_not_allowed",
                                     fmt::format("this path takes {}", allowed), "method");
  return std::move(refused.with("Allow", allowed));
}

/// Everything that can be refused before the handler; fills in `call` on the way.
std::optional<Response> Router::admit(const Match& found, Call& call) const {
  const Route& route = found.row->route;
  const Request& request = call.request();
  call.route = &route;
  if (request.body.size() > route.body_bytes_max) return body_too_large(route.body_bytes_max);
  if (!request.body.empty()) {
    if (auto refused = refuse_body_type(route, request)) return refused;
  }
  call.query = found.target.query;
  call.client_address = client_address(request, options_.trust_proxy);
  call.https =
      options_.https || (options_.trust_proxy && request.header("x-forwarded-proto") == "https");
  auto caller = identify(request, route);
  if (!caller) return Response::error(caller.error());
  call.caller = std::move(*caller);
  if (auto allowed = authorize(call); !allowed) return Response::error(allowed.error());
  found.node->read_values(found.target, call.path_values);
  const std::string_view site_text = call.path("site");
  if (!site_text.empty()) {
    call.sites = sites_.sites();
    call.site = find_site(*call.sites, site_text);
    if (call.site == nullptr)
      return Response::error(Error(ErrorCode::not_found, "no such site", "site"));
    if (auto allowed = authorize_site(call); !allowed) return Response::error(allowed.error());
  }
  if (!route.in_document || route.access == Access::visitors) return std::nullopt;
  for (const auto& parameter : call.query.all()) {
    const bool known =
        std::any_of(route.query.begin(), route.query.end(),
                    [&](const QueryParameter& q) { return q.name == parameter.first; });
    if (known) continue;
    return Response::error(
        Error(ErrorCode::invalid_argument, "unknown parameter", parameter.first));
  }
  return std::nullopt;
}

void Router::run(std::shared_ptr<Call> call) const {
  const Route& route = *call->route;
  if (route.runs == Runs::on_io) {
    const Responder responder = call->responder;
    try {
      return route.on_io(std::move(call), responder);
    } catch (const std::bad_alloc&) {
      throw;  // nothing sensible can follow: ends the process (STYLE: Errors)
    } catch (const std::exception& error) {
      if (!responder.is_answered()) responder(Response::error(500, "internal", error.what()));
      return;
    }
  }
  const auto work = [this, call, &route] {
    Response response;
    try {
      response = route.on_worker(*call);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      response = Response::error(500, "internal", error.what());
    }
    note(*call, response.status);
    call->responder(std::move(response));
  };
  if (workers_ == nullptr) return work();
  std::function<void()> task = work;
  if (!workers_->try_run(task)) {
    call->responder(
        Response::error(Error(ErrorCode::unavailable, "too many requests are waiting")));
  }
}

/// Only calls of known callers that are there to change something; what visitors and shops send is
/// in the journal. The change is done: that it could not be noted is for the operator.
void Router::note(const Call& call, int status) const {
  const Route& route = *call.route;
  const bool for_people =
      route.access == Access::login || route.access == Access::site_admin ||
      route.access == Access::server_admin || route.access == Access::account_write;
  if (audit_ == nullptr || !for_people || !route.audited || !mutates(route.method)) return;
  AuditEntry entry;
  entry.actor_kind = call.caller.kind;
  entry.actor = call.caller.name;
  entry.role = call.caller.role;
  if (call.caller.kind == CallerKind::login) entry.account = call.caller.account_id;
  entry.action = route.name;
  if (call.site != nullptr) entry.site = call.site->id;
  for (const auto& [name, value] : call.path_values) {
    if (name == "site" || name == "person") continue;   // a visitor's id is not kept
    entry.target += fmt::format("{}{}={}", entry.target.empty() ? "" : " ", name, value);
  }
  entry.details_json = details_of(call.request().body);
  entry.status = status;
  entry.client_address = call.client_address;
  if (const auto noted = audit_->note(std::move(entry)); !noted) {
    spdlog::error("audit log: {} by {} is not in it: {}", route.name, call.caller.name,
                  noted.error().message());
  }
}

Result<Caller> Router::identify(const Request& request, const Route& route) const {
  Caller caller;
  if (request.peer != PeerKind::tcp) {
    caller.kind = CallerKind::owner;
    caller.name = "owner";
    return caller;
  }
  if (route.access == Access::open || route.access == Access::clients) return caller;
  const std::string_view authorization = request.header("authorization");
  if (!authorization.empty()) {
    constexpr std::string_view kScheme = "Bearer ";
    const bool bearer = authorization.size() > kScheme.size() && authorization[6] == ' ' &&
                        lowered_type(authorization.substr(0, 6)) == "bearer";
    if (bearer) return callers_.caller_of_key(authorization.substr(kScheme.size()));
    return fail(ErrorCode::unauthenticated, "use Authorization: Bearer sk_...", "Authorization");
  }
  // The demo shop shares its origin with the dashboard: its visitors' events are not the admin's
  // calls.
  if (route.access == Access::visitors && mutates(request.method)) return caller;
  const std::string_view token = cookie_value(request.header("cookie"), kLoginCookie);
  if (!token.empty()) {
    auto login =
        callers_.caller_of_login(token, mutates(request.method), request.header("x-csrf-token"));
    if (login || route.access != Access::visitors) return login;
    return caller;  // an expired login is still a visitor
  }
  if (route.access == Access::visitors) return caller;
  return fail(ErrorCode::unauthenticated, "log in, or send Authorization: Bearer sk_...");
}

Result<void> Router::authorize(const Call& call) const {
  if (call.route->access == Access::login && call.caller.kind == CallerKind::key) {
    return fail(ErrorCode::permission_denied, "this call is for people: log in");
  }
  if (call.route->access == Access::account_read && call.caller.kind == CallerKind::login) {
    return {};
  }
  if (call.route->access == Access::account_write && call.caller.works_in(call.route->area)) {
    return {};
  }
  const bool for_admins = call.route->access == Access::server_admin ||
                          call.route->access == Access::account_read ||
                          call.route->access == Access::account_write;
  if (for_admins && !call.caller.may_administer_server()) return refuse_role(call);
  return {};
}

/// After the look-up, which only identified callers get to: strangers cannot probe for sites.
Result<void> Router::authorize_site(const Call& call) const {
  Scope needed = Scope::read;
  switch (call.route->access) {
    case Access::site_read:
      break;
    case Access::site_write:
      needed = Scope::write;
      break;
    case Access::site_admin:
      needed = Scope::admin;
      break;
    default:
      return {};
  }
  if (call.caller.may(needed, call.site->id)) return {};
  if (needed == Scope::admin && call.caller.works_in(call.route->area)) return {};
  if (call.caller.kind == CallerKind::login) return refuse_role(call);
  return fail(ErrorCode::permission_denied, fmt::format("this call needs scope {} on site {}",
                                                        to_string(needed), call.site->domain));
}

Response Router::handle_blocking(Request request) const {
  request.peer = PeerKind::in_process;
  request.received_ms = clock_.now_ms();
  const auto exchange = std::make_shared<BlockingExchange>(std::move(request));
  handle(exchange);
  return exchange->wait();
}

void Router::collect(std::vector<MetricFamily>& out) const {
  for (const Table::Row& row : table_->rows) {
    add_route_metrics(out, std::string(row.route.name), *row.metrics);
  }
  add_route_metrics(out, "none", *table_->unmatched);
}

const event::Site* find_site(const event::SiteSnapshot& sites, std::string_view uuid_or_domain) {
  Uuid id;
  if (const auto parsed = Uuid::parse(uuid_or_domain)) {
    id = *parsed;
  } else {
    const auto by_domain = sites.by_domain.find(std::string(uuid_or_domain));
    if (by_domain == sites.by_domain.end()) return nullptr;
    id = by_domain->second;
  }
  const auto found = sites.by_id.find(id);
  return found == sites.by_id.end() ? nullptr : &found->second;
}

}  // namespace attune::serve
