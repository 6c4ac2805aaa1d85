// What the routes do, beyond shape and refusal (matrix_test.cpp).
#include <boost/json.hpp>
#include <deque>
#include <mutex>
#include <set>

#include "api_fixture.h"
#include "event/codec.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

std::string text_at(const std::string& body, std::string_view pointer) {
  json::error_code error;
  const json::value value = json::parse(body, error);
  if (error) return "not JSON: " + body;
  const json::value* found = value.find_pointer({pointer.data(), pointer.size()}, error);
  if (found == nullptr) return "absent";
  return found->is_string() ? std::string(found->get_string().c_str()) : json::serialize(*found);
}

class ApiTest : public ApiFixture {
 protected:
  ApiOptions options() override {
    ApiOptions made = ApiFixture::options();
    made.trust_proxy = true;
    return made;
  }
  std::string pageview(const std::string& more = {}) const {
    return R"({"site":")" + site_.id.text() +
           R"(","type":"pageview","url":"https://shop.example/")" + more + "}";
  }
};

TEST_F(ApiTest, TakesEventsOfAPageOnAnotherOrigin) {
  const RawAnswer preflight = send("OPTIONS", "/api/v1/events", "",
                                   "Origin: https://shop.example\r\n"
                                   "Access-Control-Request-Method: POST\r\n"
                                   "Access-Control-Request-Headers: content-type\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "*");
  EXPECT_NE(preflight.header("Access-Control-Allow-Methods").find("POST"), std::string::npos);
  const RawAnswer answer =
      send("POST", "/api/v1/events", pageview(), "Origin: https://shop.example\r\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(text_at(answer.body, "/accepted"), "1");
  EXPECT_EQ(records(), 1U);
}

TEST_F(ApiTest, TakesABeacon) {
  const RawAnswer answer =
      send("POST", "/api/v1/events", "[" + pageview() + "," + pageview() + "]",
           "Origin: https://shop.example\r\nContent-Type: text/plain;charset=UTF-8\r\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(records(), 2U);
}

TEST_F(ApiTest, KeepsTheGoodEventsOfABatch) {
  const RawAnswer answer =
      send("POST", "/api/v1/events", "[" + pageview() + R"(,{"type":7},)" + pageview() + "]");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(text_at(answer.body, "/accepted"), "2");
  EXPECT_EQ(text_at(answer.body, "/rejected"), "1");
  EXPECT_EQ(text_at(answer.body, "/results/1/status"), "rejected");
  EXPECT_EQ(records(), 2U);
  const RawAnswer none = send("POST", "/api/v1/events", R"([{"type":7}])");
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(text_at(none.body, "/results/0/status"), "rejected");
  EXPECT_NE(text_at(none.body, "/error/code"), "absent");
  EXPECT_EQ(records(), 2U);
}

TEST_F(ApiTest, RefusesEventsFromOriginsTheSiteDoesNotAllow) {
  SiteChange change;
  change.allowed_origins = {"https://shop.example"};
  ASSERT_TRUE(control_->update_site(site_.id, change));
  EXPECT_EQ(send("POST", "/api/v1/events", pageview(), "Origin: https://shop.example\r\n").status,
            200);
  const RawAnswer foreign =
      send("POST", "/api/v1/events", pageview(), "Origin: https://evil.example\r\n");
  EXPECT_EQ(foreign.status, 400);
  EXPECT_EQ(text_at(foreign.body, "/results/0/error/code"), "permission_denied");
  const std::string key = bearer(key_of_scope(Scope::write));
  EXPECT_EQ(send("POST", "/api/v1/events", pageview(), key).status, 200);
  const std::string ask = "/api/v1/sites/shop.example/recommendations?visitor=v";
  EXPECT_EQ(send("GET", ask, "", "Origin: https://shop.example\r\n").status, 200);
  EXPECT_EQ(send("GET", ask, "", "Referer: https://shop.example/page\r\n").status, 200);
  EXPECT_EQ(send("GET", ask, "", "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(send("GET", ask).status, 403);
  EXPECT_EQ(send("GET", ask, "", bearer(key_of_scope(Scope::read))).status, 200);
  EXPECT_EQ(send("GET", ask, "", key).status, 403);  // may only write
}

TEST_F(ApiTest, AReadersKeyMayNotSendEvents) {
  const std::string key = bearer(key_of_scope(Scope::read));
  EXPECT_EQ(send("POST", "/api/v1/events", pageview(), key).status, 403);
  EXPECT_EQ(send("POST", "/api/send", "{}", key).status, 403);
  EXPECT_EQ(records(), 0U);
}

TEST_F(ApiTest, LimitsTheRateOfAnAddressButNotOfAKey) {
  collect::AdmissionSettings slow;
  slow.address_events_per_second = 1;
  slow.burst_s = 3;
  server_->stop(1000);
  api_.reset();
  admission_ = std::make_unique<collect::Admission>(slow, [] { return collect::Backlog{}; });
  start({});
  const std::string from = "X-Forwarded-For: 203.0.113.7\r\n";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(send("POST", "/api/v1/events", pageview(), from).status, 200);
  }
  const RawAnswer refused = send("POST", "/api/v1/events", pageview(), from);
  EXPECT_EQ(refused.status, 429);
  EXPECT_GE(std::atoi(refused.header("Retry-After").c_str()), 1);
  const std::string other = "X-Forwarded-For: 203.0.114.9\r\n";
  EXPECT_EQ(send("POST", "/api/v1/events", pageview(), other).status, 200);
  const std::string key = bearer(key_of_scope(Scope::write)) + from;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(send("POST", "/api/v1/events", pageview(), key).status, 200);
  }
}

TEST_F(ApiTest, LimitsWhatAStrangersRecommendationsWriteToo) {
  collect::AdmissionSettings slow;
  slow.address_events_per_second = 1;
  slow.burst_s = 2;
  server_->stop(1000);
  api_.reset();
  admission_ = std::make_unique<collect::Admission>(slow, [] { return collect::Backlog{}; });
  start({});
  const std::string ask = "/api/v1/sites/shop.example/recommendations?visitor=v";
  const std::string from = "X-Forwarded-For: 203.0.113.7\r\n";
  EXPECT_EQ(send("GET", ask, "", from).status, 200);
  EXPECT_EQ(send("GET", ask, "", from).status, 200);
  EXPECT_EQ(send("GET", ask, "", from).status, 429);
  EXPECT_EQ(send("GET", ask, "", from + bearer(key_of_scope(Scope::read))).status, 200);
}

TEST_F(ApiTest, TellsBrowsersAndCachesToKeepOut) {
  const RawAnswer sites = send("GET", "/api/v1/sites", "", bearer(server_key_));
  EXPECT_EQ(sites.header("Cache-Control"), "no-store");
  EXPECT_EQ(sites.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(sites.header("Access-Control-Allow-Origin"), "");
  const RawAnswer drawn = send("GET", "/api/v1/sites/shop.example/recommendations?visitor=v");
  EXPECT_EQ(drawn.header("Cache-Control"), "no-store");
  EXPECT_EQ(send("GET", "/").header("X-Content-Type-Options"), "nosniff");
}

TEST_F(ApiTest, LogsInAndOut) {
  const RawAnswer login =
      send("POST", "/api/v1/login", R"({"user":"admin","password":"correct horse"})");
  ASSERT_EQ(login.status, 200) << login.body;
  const std::string set = login.header("Set-Cookie");
  for (const char* part : {"attune_login=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="}) {
    EXPECT_NE(set.find(part), std::string::npos) << set;
  }
  EXPECT_EQ(set.find("Secure"), std::string::npos);
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  const std::string token = "X-CSRF-Token: " + text_at(login.body, "/csrf_token") + "\r\n";
  const RawAnswer shown = send("GET", "/api/v1/login", "", cookie);
  EXPECT_EQ(text_at(shown.body, "/user/name"), "admin");
  EXPECT_EQ(text_at(shown.body, "/csrf_token"), text_at(login.body, "/csrf_token"));
  EXPECT_EQ(send("POST", "/api/v1/sites", R"({"domain":"x.example"})", cookie).status, 403);
  EXPECT_EQ(send("POST", "/api/v1/sites", R"({"domain":"x.example"})", cookie + token).status, 201);
  EXPECT_EQ(send("DELETE", "/api/v1/login", "", cookie).status, 403);
  const RawAnswer out = send("DELETE", "/api/v1/login", "", cookie + token);
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.header("Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(send("GET", "/api/v1/login", "", cookie).status, 401);
}

TEST_F(ApiTest, MakesTheCookieSecureBehindHttps) {
  const RawAnswer login =
      send("POST", "/api/v1/login", R"({"user":"admin","password":"correct horse"})",
           "X-Forwarded-Proto: https\r\n");
  EXPECT_NE(login.header("Set-Cookie").find("; Secure"), std::string::npos);
}

TEST_F(ApiTest, ShowsAKeyOnce) {
  const std::string keys = "/api/v1/sites/shop.example/keys";
  const RawAnswer made =
      send("POST", keys, R"({"name":"backend","scope":"write"})", bearer(server_key_));
  EXPECT_EQ(made.status, 201);
  const std::string secret = text_at(made.body, "/key");
  ASSERT_TRUE(secret.starts_with("sk_"));
  const RawAnswer listed = send("GET", keys, "", bearer(server_key_));
  EXPECT_EQ(listed.body.find(secret), std::string::npos);
  EXPECT_EQ(send("POST", "/api/v1/events", pageview(), bearer(secret)).status, 200);
  const std::string one = keys + "/" + text_at(made.body, "/id");
  EXPECT_EQ(send("DELETE", one, "", bearer(server_key_)).status, 204);
  EXPECT_EQ(send("POST", "/api/v1/events", pageview(), bearer(secret)).status, 401);
}

TEST_F(ApiTest, AKeySeesItsSiteOnly) {
  SiteChange other;
  other.domain = "other.example";
  ASSERT_TRUE(control_->create_site(other));
  const auto domains = [&](const std::string& headers) {
    const json::value list = json::parse(send("GET", "/api/v1/sites", "", headers).body);
    std::string out;
    for (const json::value& site : list.at("sites").as_array()) {
      out += std::string(site.at("domain").as_string().c_str()) + " ";
    }
    return out;
  };
  EXPECT_EQ(domains(bearer(server_key_)), "other.example shop.example ");
  EXPECT_EQ(domains(bearer(key_of_scope(Scope::read))), "shop.example ");
}

TEST_F(ApiTest, JournalsABatchOfAnImportOnce) {
  const std::string imports = "/api/v1/sites/shop.example/imports";
  const RawAnswer begun =
      send("POST", imports, R"({"kind":"events","name":"old"})", bearer(server_key_));
  ASSERT_EQ(begun.status, 201);
  const std::string stream = imports + "/" + text_at(begun.body, "/stream");
  const std::string old =
      R"([{"type":"pageview","url":"https://shop.example/a","timestamp":"2020-01-01T00:00:00Z"}])";
  const RawAnswer first = send("POST", stream + "/events?batch=1", old, bearer(server_key_));
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(text_at(first.body, "/accepted"), "1");
  const RawAnswer again = send("POST", stream + "/events?batch=1", old, bearer(server_key_));
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(records(), 1U);
  EXPECT_EQ(send("POST", stream + "/events?batch=2", old, bearer(server_key_)).status, 200);
  EXPECT_EQ(records(), 2U);
  for (int i = 0; i < 2; ++i) {
    const RawAnswer finished = send("POST", stream + "/finish", "", bearer(server_key_));
    EXPECT_EQ(finished.status, 200);
    EXPECT_EQ(text_at(finished.body, "/events"), "2");
  }
  EXPECT_EQ(records(), 3U);  // and one end
  auto reader = journal_->read(journal_->first());
  ASSERT_TRUE(reader);
  event::EventView view;
  const auto record = (*reader)->next();
  ASSERT_TRUE(record && record->has_value());
  ASSERT_TRUE(event::decode((*record)->body, view));
  EXPECT_EQ(std::to_string(view.stream), text_at(begun.body, "/stream"));
  EXPECT_EQ(view.site, site_.id);
}

TEST_F(ApiTest, StoresTheCatalogueWhole) {
  const std::string products = "/api/v1/sites/shop.example/products";
  const std::string query =
      R"({"sql":"select external_id, name, price, stock, hidden, source from product order by 1"})";
  EXPECT_EQ(send("PUT", products, R"([{"id":"p1","name":"Tea","price":3.5},{"id":"p2","stock":0}])",
                 bearer(key_of_scope(Scope::write)))
                .status,
            200);
  EXPECT_EQ(text_at(send("POST", "/api/v1/query", query, bearer(server_key_)).body, "/rows"),
            R"([["p1","Tea",3.5E0,null,false,"catalogue"],["p2",null,null,0,false,"catalogue"]])");
  EXPECT_EQ(send("PUT", products, R"([{"id":"p1","name":"Green tea","hidden":true}])",
                 bearer(server_key_))
                .status,
            200);
  EXPECT_EQ(text_at(send("POST", "/api/v1/query", query, bearer(server_key_)).body, "/rows/0"),
            R"(["p1","Green tea",null,null,true,"catalogue"])");
}

TEST_F(ApiTest, CutsLongAnswersOfAQuery) {
  const RawAnswer answer =
      send("POST", "/api/v1/query", R"sql({"sql":"select range from range(10)","rows_max":3})sql",
           bearer(server_key_));
  EXPECT_EQ(text_at(answer.body, "/rows"), "[[0],[1],[2]]");
  EXPECT_EQ(text_at(answer.body, "/truncated"), "true");
}

TEST_F(ApiTest, ServesTheDemoShopWithItsSite) {
  const RawAnswer page = send("GET", "/demo/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("data-site=\"" + site_.id.text()), std::string::npos);
  EXPECT_EQ(page.body.find("{{SITE_ID}}"), std::string::npos);
  EXPECT_EQ(send("GET", "/demo").header("Location"), "/demo/");
  EXPECT_EQ(send("GET", "/demo/none.html").status, 404);
  const RawAnswer tracker = send("GET", "/t.js");
  EXPECT_EQ(tracker.header("Access-Control-Allow-Origin"), "*");
  const std::string known = "If-None-Match: " + tracker.header("ETag") + "\r\n";
  EXPECT_EQ(send("GET", "/t.js", "", known).status, 304);
}

TEST_F(ApiTest, OpensTheDashboardAtItsOwnAddresses) {
  const RawAnswer front = send("GET", "/");
  EXPECT_EQ(front.status, 200);
  EXPECT_EQ(send("GET", "/realtime?site=x").body, front.body);
  EXPECT_EQ(send("GET", "/assets/none.js").status, 404);
  const RawAnswer api = send("GET", "/api/v1/none");
  EXPECT_EQ(api.status, 404);
  EXPECT_EQ(text_at(api.body, "/error/code"), "not_found");
  EXPECT_EQ(send("GET", "/..%2f..%2fetc/passwd").body, front.body);  // a name like any other
}

TEST_F(ApiTest, ShowsNumbersToThisNetworkOnly) {
  EXPECT_EQ(send("GET", "/healthz").status, 200);
  const RawAnswer near = send("GET", "/metrics");
  EXPECT_EQ(near.status, 200);
  EXPECT_NE(near.body.find("attune_http_requests_total{route=\"healthz\""), std::string::npos);
  const std::string far = "X-Forwarded-For: 203.0.113.7\r\n";
  EXPECT_EQ(send("GET", "/metrics", "", far).status, 401);
  EXPECT_EQ(send("GET", "/metrics", "", far + bearer(key_of_scope(Scope::admin))).status, 401);
  EXPECT_EQ(send("GET", "/metrics", "", far + bearer(server_key_)).status, 200);
}

TEST_F(ApiTest, SaysWhatIsNotAvailable) {
  const std::string key = bearer(server_key_);
  for (const char* target :
       {"/api/v1/replay", "/api/v1/check", "/api/v1/sites/shop.example/train"}) {
    const RawAnswer answer = send("POST", target, "", key);
    EXPECT_EQ(answer.status, 503) << target;
    EXPECT_EQ(text_at(answer.body, "/error/code"), "unavailable");
  }
}

TEST_F(ApiTest, IsReadyOnlyWhenAllPartsAre) {
  EXPECT_EQ(send("GET", "/readyz").status, 200);
  server_->stop(1000);
  api_.reset();
  Operations operations;
  operations.readiness = [] {
    return std::vector<Readiness>{{"store", true, "open"}, {"journal", false, "disk full"}};
  };
  start(std::move(operations));
  const RawAnswer answer = send("GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(text_at(answer.body, "/ready"), "false");
  EXPECT_EQ(text_at(answer.body, "/parts/1/detail"), "disk full");
}

TEST_F(ApiTest, OwnerComesByTheControlSocket) {
  RawClient client(folder_ + "/control.sock");
  const RawAnswer sites = client.exchange(get_request("/api/v1/sites"));
  EXPECT_EQ(sites.status, 200);
  EXPECT_EQ(text_at(sites.body, "/sites/0/domain"), "shop.example");
  EXPECT_EQ(client.exchange(post_request("/api/v1/query", R"({"sql":"select 1"})")).status, 200);
  EXPECT_EQ(as_owner(Method::get, "/api/v1/keys").status, 200);  // and so does this process
}

TEST_F(ApiTest, DocumentHasEveryRouteAndNoOther) {
  const json::value document = json::parse(send("GET", "/api/v1/openapi.json").body);
  EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
  std::set<std::string> documented;
  std::set<std::string> names;
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      std::string method(operation.key());
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      documented.insert(method + " " + std::string(path.key()));
      names.insert(operation.value().at("operationId").as_string().c_str());
    }
  }
  std::set<std::string> routed;
  for (const Route* route : api_->router().routes()) {
    if (route->in_document)
      routed.insert(std::string(to_string(route->method)) + " " + std::string(route->pattern));
  }
  EXPECT_EQ(documented, routed);
  EXPECT_EQ(names.size(), routed.size());  // operation ids differ
  const std::string text = json::serialize(document);
  for (std::size_t at = text.find("#/components/schemas/"); at != std::string::npos;
       at = text.find("#/components/schemas/", at + 1)) {
    const std::size_t begin = at + std::string("#/components/schemas/").size();
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(document.at("components").at("schemas").as_object().contains(name)) << name;
  }
}

/// A journal that answers when it is told to, or with an error.
class StubJournal final : public journal::Journal {
 public:
  void append(journal::RecordBatch, journal::AppendDone done) override {
    if (error) return done(tl::unexpected<Error>(*error));
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(done));
  }
  Result<std::unique_ptr<journal::Reader>> read(journal::Position) override {
    return fail(ErrorCode::not_found, "nothing is kept");
  }
  bool wait(journal::Position, std::int64_t) override { return false; }
  journal::Position first() const override { return {}; }
  journal::Position durable_end() const override { return {}; }
  Result<std::uint64_t> retain_from(journal::Position) override { return 0; }

  std::size_t held() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  void release() {
    const std::lock_guard lock(mutex_);
    for (auto& done : held_) done(journal::Position{1});
    held_.clear();
  }
  std::optional<Error> error;

 private:
  std::mutex mutex_;
  std::deque<journal::AppendDone> held_;
};

class DurabilityTest : public ApiTest {
 protected:
  journal::Journal* journal_part() override { return &stub_; }
  StubJournal stub_;
};

TEST_F(DurabilityTest, NoAnswerComesBeforeTheJournalHasTheEvent) {
  const std::string umami = R"({"type":"event","payload":{"website":")" + site_.id.text() +
                            R"(","url":"/","hostname":"shop.example"}})";
  const std::string agent =
      "Content-Type: application/json\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:127.0) "
      "Gecko/20100101 Firefox/127.0\r\n";
  const std::string requests[] = {post_request("/api/v1/events", pageview(), agent),
                                  post_request("/api/send", umami, agent),
                                  post_request("/api/batch", "[" + umami + "]", agent)};
  for (const std::string& request : requests) {
    RawClient client(server_->port());
    client.send(request);
    while (stub_.held() == 0) std::this_thread::yield();
    EXPECT_FALSE(client.has_bytes()) << request;
    stub_.release();
    EXPECT_EQ(client.read().status, 200) << request;
  }
}

TEST_F(DurabilityTest, AJournalThatTakesNothingIsSaidSo) {
  const std::pair<ErrorCode, int> cases[] = {{ErrorCode::resource_exhausted, 429},
                                             {ErrorCode::unavailable, 503},
                                             {ErrorCode::data_loss, 503}};
  for (const auto& [code, status] : cases) {
    stub_.error = Error(code, "not now");
    const RawAnswer answer = send("POST", "/api/v1/events", pageview());
    EXPECT_EQ(answer.status, status);
    EXPECT_NE(answer.header("Retry-After"), "");
    EXPECT_EQ(text_at(answer.body, "/error/code"), to_string(code));
  }
}

}  // namespace
}  // namespace attune::serve
