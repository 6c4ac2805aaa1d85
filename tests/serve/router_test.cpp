#include "serve/router.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <thread>

#include "base/clock.h"
#include "fake_directories.h"
#include "serve/worker_pool.h"

namespace attune::serve {
namespace {

Route row(Method method, std::string_view pattern, Access access) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.name = pattern;
  route.access = access;
  route.body_bytes_max = method == Method::get ? 0 : 1000;
  route.on_worker = [](const Call& call) {
    std::string seen(call.route->pattern);
    for (const auto& [name, value] : call.path_values)
      seen += " " + std::string(name) + "=" + value;
    seen += " " + call.caller.name;
    return Response::text(seen);
  };
  return route;
}

/// Keeps the answer of a request that came over TCP.
class Waiting final : public Exchange {
 public:
  explicit Waiting(Request request) : request_(std::move(request)) {}
  const Request& request() const override { return request_; }
  std::future<Response> answer() { return answer_.get_future(); }

 private:
  void finish(Response response) override { answer_.set_value(std::move(response)); }
  Request request_;
  std::promise<Response> answer_;
};

class RouterTest : public testing::Test {
 protected:
  RouterTest() : router_(sites_, callers_, clock_, nullptr, {}) {
    site_ = sites_.add("shop.example");
    other_ = sites_.add("other.example");
    Route visit = row(Method::post, "/visit", Access::visitors);
    visit.body_type = BodyType::beacon;
    Route limited = row(Method::get, "/sites/{site}/stats", Access::site_read);
    limited.query = {{"period", "which time"}};
    router_.add({row(Method::get, "/open", Access::open), row(Method::post, "/open", Access::open),
                 visit, row(Method::get, "/mine", Access::login), limited,
                 row(Method::put, "/sites/{site}/products", Access::site_write),
                 row(Method::delete_, "/sites/{site}/keys/{id}", Access::site_admin),
                 row(Method::get, "/sites/{site}/imports/{stream}", Access::site_admin),
                 row(Method::get, "/sites/{site}/keys/all", Access::site_admin),
                 row(Method::get, "/jobs", Access::server_admin),
                 row(Method::get, "/any", Access::any_caller),
                 row(Method::get, "/{path...}", Access::open)});
    add_key("sk_read", Scope::read, site_);
    add_key("sk_write", Scope::write, site_);
    add_key("sk_admin", Scope::admin, site_);
    add_key("sk_server", Scope::admin, std::nullopt);
    Caller person;
    person.kind = CallerKind::login;
    person.name = "ada";
    person.role = "admin";
    callers_.logins["cookie1"] = person;
    person.role = "viewer";
    callers_.logins["cookie2"] = person;
  }

  void add_key(const std::string& secret, Scope scope, std::optional<Uuid> site) {
    Caller caller;
    caller.kind = CallerKind::key;
    caller.scope = scope;
    caller.site = site;
    caller.name = secret;
    callers_.keys[secret] = caller;
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  Response ask(Method method, std::string target, const Headers& headers = {},
               std::string body = {}) {
    Request request;
    request.method = method;
    request.target = std::move(target);
    request.peer_address = "203.0.113.7";
    request.body = std::move(body);
    for (const auto& [name, value] : headers) request.add_header(name, value);
    const auto exchange = std::make_shared<Waiting>(std::move(request));
    auto answer = exchange->answer();
    router_.handle(exchange);
    return answer.get();
  }
  static Headers key(const std::string& secret) { return {{"Authorization", "Bearer " + secret}}; }
  static std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  RealClock clock_;
  FakeSites sites_;
  FakeCallers callers_;
  Router router_;
  Uuid site_;
  Uuid other_;
};

TEST_F(RouterTest, MatchesLiteralsBeforeNamesBeforeTheRest) {
  EXPECT_EQ(ask(Method::get, "/open").body, "/open ");
  EXPECT_EQ(ask(Method::get, "/o%70en").body, "/open ");
  EXPECT_EQ(ask(Method::get, "/a/b%2Fc/").body, "/{path...} path=a/b/c/ ");
  EXPECT_EQ(ask(Method::get, "/").body, "/{path...} path= ");
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/keys/all", key("sk_admin")).body,
            "/sites/{site}/keys/all site=shop.example sk_admin");
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/imports/x1", key("sk_admin")).body,
            "/{path...} path=sites/shop.example/imports/x1 ");  // not a number
}

TEST_F(RouterTest, FindsASiteByUuidAndByDomain) {
  for (const std::string& name : {site_.text(), std::string("shop.example")}) {
    EXPECT_EQ(ask(Method::get, "/sites/" + name + "/stats", key("sk_read")).status, 200);
  }
  const Response none = ask(Method::get, "/sites/none.example/stats", key("sk_read"));
  EXPECT_EQ(none.status, 404);
  EXPECT_NE(none.body.find("\"field\":\"site\""), std::string::npos);
}

TEST_F(RouterTest, AsksWhoBeforeItSaysWhichSitesThereAre) {
  EXPECT_EQ(ask(Method::get, "/sites/none.example/stats").status, 401);
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/stats").status, 401);
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/stats", key("sk_wrong")).status, 401);
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/stats", {{"Authorization", "Basic x"}}).status,
            401);
}

TEST_F(RouterTest, HoldsKeysToTheirScopeAndSite) {
  const std::string stats = "/sites/shop.example/stats";
  const std::string products = "/sites/shop.example/products";
  const std::string keys = "/sites/shop.example/keys/7";
  struct Case {
    Method method;
    std::string target;
    std::string key;
    int status;
  };
  const Case cases[] = {
      {Method::get, stats, "sk_read", 200},
      {Method::get, stats, "sk_write", 403},
      {Method::get, stats, "sk_admin", 200},
      {Method::get, stats, "sk_server", 200},
      {Method::put, products, "sk_read", 403},
      {Method::put, products, "sk_write", 200},
      {Method::put, products, "sk_admin", 200},
      {Method::delete_, keys, "sk_read", 403},
      {Method::delete_, keys, "sk_write", 403},
      {Method::delete_, keys, "sk_admin", 200},
      {Method::get, "/jobs", "sk_admin", 403},
      {Method::get, "/jobs", "sk_server", 200},
      {Method::get, "/mine", "sk_server", 403},
      {Method::get, "/any", "sk_read", 200},
      {Method::get, "/sites/other.example/stats", "sk_admin", 403},
      {Method::get, "/sites/other.example/stats", "sk_server", 200},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(ask(each.method, each.target, key(each.key)).status, each.status)
        << to_string(each.method) << " " << each.target << " " << each.key;
  }
}

TEST_F(RouterTest, TakesALoginByCookieAndGuardsWhatItChanges) {
  const std::string cookie = "a=b; attune_login=cookie1; c=d";
  EXPECT_EQ(ask(Method::get, "/mine", {{"Cookie", cookie}}).status, 200);
  EXPECT_EQ(ask(Method::get, "/mine", {{"Cookie", "xattune_login=cookie1"}}).status, 401);
  EXPECT_EQ(ask(Method::get, "/mine", {{"Cookie", "attune_login=gone"}}).status, 401);
  const std::string products = "/sites/shop.example/products";
  EXPECT_EQ(ask(Method::put, products, {{"Cookie", cookie}}).status, 403);
  EXPECT_EQ(
      ask(Method::put, products, {{"Cookie", cookie}, {"X-CSRF-Token", "csrf-cookie1"}}).status,
      200);
  const Headers viewer = {{"Cookie", "attune_login=cookie2"}, {"X-CSRF-Token", "csrf-cookie2"}};
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/stats", viewer).status, 200);
  EXPECT_EQ(ask(Method::put, products, viewer).status, 403);
  EXPECT_EQ(ask(Method::get, "/jobs", viewer).status, 403);
}

// The demo shop has the dashboard's origin: its events carry the admin's cookie without any token.
TEST_F(RouterTest, TakesAVisitorsEventWhateverCookieComesWithIt) {
  const Response answer = ask(Method::post, "/visit", {{"Cookie", "attune_login=cookie1"}}, "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "/visit ");
  EXPECT_EQ(ask(Method::post, "/visit", key("sk_wrong"), "{}").status, 401);
}

TEST_F(RouterTest, OwnerMayDoEverything) {
  Request request;
  request.method = Method::get;
  request.target = "/jobs";
  EXPECT_EQ(router_.handle_blocking(request).body, "/jobs owner");
}

TEST_F(RouterTest, NamesTheMethodsOfAPath) {
  const Response refused = ask(Method::delete_, "/open");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(header_of(refused, "Allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask(Method::head, "/open").status, 200);
  const Response options = ask(Method::options, "/open");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header_of(options, "Allow"), "GET, HEAD, POST");
  EXPECT_EQ(header_of(options, "Access-Control-Allow-Methods"), "");
  EXPECT_EQ(ask(Method::other, "/open").status, 405);
  EXPECT_EQ(ask(Method::post, "/api/none").status, 404);
}

TEST_F(RouterTest, LetsPagesOfOtherOriginsSendEvents) {
  const Response preflight =
      ask(Method::options, "/visit",
          {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Credentials"), "");
  EXPECT_NE(header_of(preflight, "Access-Control-Allow-Headers").find("Content-Type"),
            std::string::npos);
  EXPECT_NE(header_of(preflight, "Vary").find("Origin"), std::string::npos);
  for (const int status :
       {ask(Method::post, "/visit", {}, "{}").status, ask(Method::get, "/visit").status}) {
    EXPECT_TRUE(status == 200 || status == 405);
  }
  EXPECT_EQ(header_of(ask(Method::get, "/visit"), "Access-Control-Allow-Origin"),
            "*");  // errors too
  EXPECT_EQ(header_of(ask(Method::get, "/open"), "Access-Control-Allow-Origin"), "");
}

TEST_F(RouterTest, WantsJsonToBeCalledJson) {
  const auto with = [](const char* type) { return Headers{{"Content-Type", type}}; };
  EXPECT_EQ(ask(Method::post, "/open", with("application/json; charset=utf-8"), "{}").status, 200);
  EXPECT_EQ(ask(Method::post, "/open", with("Application/JSON"), "{}").status, 200);
  EXPECT_EQ(ask(Method::post, "/open", with("text/plain"), "{}").status, 415);
  EXPECT_EQ(ask(Method::post, "/open", {}, "{}").status, 415);
  EXPECT_EQ(ask(Method::post, "/visit", with("text/plain;charset=UTF-8"), "{}").status, 200);
  EXPECT_EQ(ask(Method::post, "/visit", with("application/x-www-form-urlencoded"), "{}").status,
            415);
  Headers packed = with("application/json");
  packed.emplace_back("Content-Encoding", "gzip");
  EXPECT_EQ(ask(Method::post, "/open", packed, "{}").status, 415);
}

TEST_F(RouterTest, LimitsBodiesBeforeTheyAreRead) {
  const auto verdict = [&](Method method, std::string target, std::optional<std::uint64_t> bytes,
                           const Headers& headers = {}) {
    Request request;
    request.method = method;
    request.target = std::move(target);
    for (const auto& [name, value] : headers) request.add_header(name, value);
    return router_.look_at_head(request, bytes);
  };
  EXPECT_FALSE(verdict(Method::post, "/open", 1000).refusal);
  EXPECT_EQ(verdict(Method::post, "/open", 1001).refusal->status, 413);
  EXPECT_EQ(verdict(Method::get, "/open", 1).refusal->status, 413);
  EXPECT_EQ(verdict(Method::post, "/open", std::nullopt).body_bytes_max, 1000U);
  EXPECT_FALSE(verdict(Method::post, "/api/none", 1000).refusal);  // 404 says more than 413
  EXPECT_EQ(
      ask(Method::post, "/open", {{"Content-Type", "application/json"}}, std::string(1001, 'x'))
          .status,
      413);
}

TEST_F(RouterTest, RefusesMisspeltParameters) {
  EXPECT_EQ(ask(Method::get, "/sites/shop.example/stats?period=7d", key("sk_read")).status, 200);
  const Response refused = ask(Method::get, "/sites/shop.example/stats?perod=7d", key("sk_read"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("\"field\":\"perod\""), std::string::npos);
}

TEST_F(RouterTest, AnswersBadTargets) {
  for (const char* target : {"/%zz", "/a/../b", "*", "/%ff", "/x?%00"}) {
    EXPECT_EQ(ask(Method::get, target).status, 400) << target;
  }
}

TEST_F(RouterTest, TurnsExceptionsOfHandlersIntoErrors) {
  Route thrower = row(Method::get, "/throws", Access::open);
  thrower.on_worker = [](const Call&) -> Response { throw std::runtime_error("from a library"); };
  Route io_thrower = row(Method::get, "/io", Access::open);
  io_thrower.runs = Runs::on_io;
  io_thrower.on_worker = nullptr;
  io_thrower.on_io = [](std::shared_ptr<Call>, Responder) {
    throw std::runtime_error("from a library");
  };
  router_.add({thrower, io_thrower});
  EXPECT_EQ(ask(Method::get, "/throws").status, 500);
  EXPECT_EQ(ask(Method::get, "/io").status, 500);
}

TEST_F(RouterTest, AnswersBusyWhenTheQueueIsFull) {
  WorkerPool pool(1, 1);
  Router router(sites_, callers_, clock_, &pool, {});
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::promise<void> began;
  Route slow = row(Method::get, "/slow", Access::open);
  std::atomic<bool> first{true};
  slow.on_worker = [&, gone](const Call&) {
    if (first.exchange(false)) began.set_value();
    gone.wait();
    return Response::text("done");
  };
  router.add({slow});
  const auto start = [&] {
    Request request;
    request.target = "/slow";
    const auto exchange = std::make_shared<Waiting>(std::move(request));
    auto answer = exchange->answer();
    router.handle(exchange);
    return answer;
  };
  auto running = start();
  began.get_future().wait();
  auto waiting = start();
  auto refused = start();
  const Response busy = refused.get();
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header_of(busy, "Retry-After"), "1");
  go.set_value();
  EXPECT_EQ(running.get().status, 200);
  EXPECT_EQ(waiting.get().status, 200);
  EXPECT_EQ(pool.refused(), 1U);
}

TEST_F(RouterTest, CountsRequestsByRouteAndStatus) {
  EXPECT_EQ(ask(Method::get, "/open").status, 200);
  EXPECT_EQ(ask(Method::get, "/open").status, 200);
  EXPECT_EQ(ask(Method::get, "/mine").status, 401);
  EXPECT_EQ(ask(Method::get, "/%zz").status, 400);
  std::vector<MetricFamily> families;
  router_.collect(families);
  const std::string text = metrics_text(families);
  EXPECT_NE(text.find(R"(attune_http_requests_total{route="/open",status="2xx"} 2)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(attune_http_requests_total{route="/mine",status="4xx"} 1)"),
            std::string::npos);
  EXPECT_NE(text.find(R"(attune_http_requests_total{route="none",status="4xx"} 1)"),
            std::string::npos);
  EXPECT_NE(text.find(R"(attune_http_request_seconds_count{route="/open"} 2)"), std::string::npos);
}

}  // namespace
}  // namespace attune::serve
