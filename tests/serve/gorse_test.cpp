// Gorse's rules for bodies and dates, and its API over raw HTTP: keys, paths, quirks, bad input.
// Its own client runs against the program in tests/e2e/gorse.test.mjs.
#include "serve/gorse.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "learn/site_model.h"

namespace attune::serve {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(GorseFormTest, LabelsAreKeptAsSentOrRefused) {
  for (const char* good : {"null", R"("a")", "1.5", R"(["a","b"])", "[0.1,0.2,0.3]", "[]",
                           R"({"b":[1],"a":{"deep":"x","none":null}})"}) {
    const auto users =
        gorse::read_users(fmt::format(R"({{"UserId":"u","Labels":{}}})", good), gorse::Shape::one);
    ASSERT_TRUE(users) << good;
    EXPECT_EQ((*users)[0].labels, good);
  }
  for (const char* bad :
       {"true", R"(["a",1])", "[null]", "[[1]]", R"({"a":[{}]})", R"({"a":true})"}) {
    const std::string body = fmt::format(R"([{{"UserId":"u","Labels":{}}}])", bad);
    const auto users = gorse::read_users(body, gorse::Shape::list);
    ASSERT_FALSE(users) << bad;
    EXPECT_THAT(users.error().message(), StartsWith("[0].Labels unsupported labels: "));
  }
}

TEST(GorseFormTest, DatesInManyForms) {
  const std::int64_t expected = 1'767'323'045'000'000;
  for (const char* text : {"2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "2026/01/02 03:04:05",
                           "2026-01-02T04:04:05+01:00", "2026-01-02 03:04:05 +0000 UTC",
                           "2026-01-02 03:04:05 UTC", "1767323045", "1767323045000"}) {
    EXPECT_EQ(gorse::parse_date(text), expected) << text;
  }
  EXPECT_EQ(gorse::parse_date("2026-01-02"), 1'767'312'000'000'000);
  for (const char* text :
       {"", "soon", "2026-13-01", "02.01.2026", "12345", "2026-01-02T99:00:00Z"}) {
    EXPECT_FALSE(gorse::parse_date(text)) << text;
  }
  EXPECT_EQ(gorse::rfc3339(expected), "2026-01-02T03:04:05Z");
  EXPECT_EQ(gorse::rfc3339(expected + 250'000), "2026-01-02T03:04:05.25Z");
  EXPECT_EQ(gorse::http_date(expected), "Fri, 02 Jan 2026 03:04:05 GMT");
}

TEST(GorseFormTest, DurationsAreGos) {
  EXPECT_EQ(gorse::parse_duration("10m"), 600'000'000);
  EXPECT_EQ(gorse::parse_duration("1h30m"), 5'400'000'000);
  EXPECT_EQ(gorse::parse_duration("1.5s"), 1'500'000);
  EXPECT_EQ(gorse::parse_duration("250ms"), 250'000);
  EXPECT_EQ(gorse::parse_duration("0"), 0);
  for (const char* text : {"", "10", "m", "-1m", "10 m", "1d", "1e3m", "99999999999h", "nan"}) {
    EXPECT_FALSE(gorse::parse_duration(text)) << text;
  }
}

TEST(GorseFormTest, FeedbackOfOneKeyIsMerged) {
  const auto read = [] {
    auto feedback = gorse::read_feedback(
        R"([{"FeedbackType":"a","UserId":"u","ItemId":"i","Value":2,"Timestamp":"2026-01-01"},
            {"feedbacktype":"a","userid":"u","itemid":"i","value":3,"Comment":"later"},
            {"FeedbackType":"b","UserId":"u","ItemId":"i"}])",
        7);
    EXPECT_TRUE(feedback);
    return feedback ? *feedback : std::vector<gorse::Feedback>{};
  };
  auto added = read();
  gorse::merge_feedback(added, true);
  ASSERT_EQ(added.size(), 2U);
  EXPECT_EQ(added[0].value, 5);
  EXPECT_EQ(added[0].timestamp_us, 7);
  EXPECT_EQ(added[0].comment, "later");
  auto replaced = read();
  gorse::merge_feedback(replaced, false);
  ASSERT_EQ(replaced.size(), 2U);
  EXPECT_EQ(replaced[0].value, 3);
}

TEST(GorseFormTest, CursorsNameAPlaceAndNothingElse) {
  const std::string cursor = gorse::cursor_of({"ä/b?", "", "c"});
  EXPECT_EQ(cursor.find_first_of("+/=?& "), std::string::npos);
  const auto key = gorse::read_cursor(cursor, 3);
  ASSERT_TRUE(key);
  EXPECT_THAT(*key, testing::ElementsAre("ä/b?", "", "c"));
  EXPECT_THAT(*gorse::read_cursor("", 2), testing::ElementsAre("", ""));
  for (const char* bad : {"*", "a", "/wAA", "YQ"}) {
    EXPECT_FALSE(gorse::read_cursor(bad, 3)) << bad;
  }
}

class GorseApiTest : public ApiFixture {
 protected:
  void SetUp() override {
    ApiFixture::SetUp();
    if (!HasFatalFailure()) key_ = "X-API-Key: " + key_of_scope(Scope::admin) + "\r\n";
  }
  RawAnswer ask(std::string_view method, const std::string& path, std::string_view body = {}) {
    return send(method, "/gorse/api" + path, body, key_);
  }
  void expect_text(const RawAnswer& answer, int status, const std::string& text) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_THAT(answer.header("Content-Type"), StartsWith("text/plain"));
    EXPECT_THAT(answer.body, HasSubstr(text));
  }
  std::string key_;
};

TEST_F(GorseApiTest, TheKeySaysWhoMayDoWhat) {
  expect_text(send("GET", "/gorse/api/users"), 401, "unauthorized");
  expect_text(send("GET", "/gorse/api/users", "", "X-API-Key: wrong\r\n"), 401, "unauthorized");
  const std::string reader = "X-API-Key: " + key_of_scope(Scope::read) + "\r\n";
  const std::string writer = "X-API-Key: " + key_of_scope(Scope::write) + "\r\n";
  EXPECT_EQ(send("GET", "/gorse/api/users", "", reader).status, 200);
  expect_text(send("POST", "/gorse/api/user", R"({"UserId":"u"})", reader), 403, "scope write");
  EXPECT_EQ(send("POST", "/gorse/api/user", R"({"UserId":"u"})", writer).status, 200);
  expect_text(send("GET", "/gorse/api/user/u", "", writer), 403, "scope read");
  // A key of the whole server does while there is one site.
  const std::string server = "X-API-Key: " + server_key_ + "\r\n";
  EXPECT_EQ(send("GET", "/gorse/api/user/u", "", server).status, 200);
  SiteChange other;
  other.domain = "other.example";
  const auto made = control_->create_site(other);
  ASSERT_TRUE(made);
  expect_text(send("GET", "/gorse/api/user/u", "", server), 403, "the key of one site");
  const auto foreign = control_->create_key(made->site.id, "other", Scope::admin);
  ASSERT_TRUE(foreign);
  expect_text(send("GET", "/gorse/api/user/u", "", "X-API-Key: " + foreign->secret + "\r\n"), 404,
              "user not found");
  EXPECT_EQ(send("GET", "/gorse/api/health/live").status, 200);
  EXPECT_THAT(send("GET", "/gorse/api/health/ready/").body, HasSubstr(R"("Ready":true)"));
}

TEST_F(GorseApiTest, PathsAndHeadersAreGorses) {
  for (const char* path : {"/recommend/u", "/recommend/u/", "/recommend/u/c", "/item/i/neighbors",
                           "/item/i/neighbors/", "/user/u/neighbors/", "/item/i/feedback/",
                           "/user/u/feedback", "/latest", "/latest/", "/popular/", "/latest/c",
                           "/non-personalized/popular", "/collaborative-filtering/u/",
                           "/feedback/u/i", "/item-to-item/neighbors/i/"}) {
    const RawAnswer answer = ask("GET", path);
    EXPECT_EQ(answer.status, 200) << path << answer.body;
    EXPECT_EQ(answer.body, "[]") << path;
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(answer.header("X-Request-ID").size(), 36U);
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
  }
  EXPECT_THAT(ask("GET", "/latest").header("Last-Modified"), HasSubstr(" GMT"));
  EXPECT_EQ(ask("GET", "/users").body, R"({"Cursor":"","Users":[]})");
  EXPECT_EQ(ask("GET", "/items/").body, R"({"Cursor":"","Items":[]})");
  EXPECT_EQ(ask("GET", "/feedback/t?n=3").body, R"({"Cursor":"","Feedback":[]})");
  EXPECT_EQ(ask("POST", "/session/recommend/", "[]").body, "[]");
  EXPECT_EQ(ask("GET", "/latest", "null").status, 200) << "gorse-go sends a body";
  expect_text(ask("GET", "/nothing"), 404, "404");
  expect_text(ask("POST", "/latest"), 405, "405");
  expect_text(ask("GET", "/item-to-item/other/i"), 404, "neighbors");
  const RawAnswer preflight = send("OPTIONS", "/gorse/api/item/1");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_THAT(preflight.header("Access-Control-Allow-Headers"), HasSubstr("X-API-Key"));
}

TEST_F(GorseApiTest, ItemsAndUsersGoRoundUnchanged) {
  const std::string item =
      R"({"ItemId":"a/b","IsHidden":true,"Categories":["x","y"],)"
      R"("Timestamp":"2026-01-02T03:04:05Z",)"
      R"("Labels":{"embedding":[0.1,0.2,0.3],"n":"\"ü\""},"Comment":"c"})";
  EXPECT_EQ(ask("POST", "/item", item).body, R"({"RowAffected":1})");
  EXPECT_EQ(ask("GET", "/item/a%2Fb").body, item);
  const RawAnswer patched =
      ask("PATCH", "/item/a%2Fb", R"({"IsHidden":false,"Labels":null,"Timestamp":null})");
  EXPECT_EQ(patched.body, R"({"RowAffected":1})");
  std::string shown = item;
  shown.replace(shown.find("true"), 4, "false");
  EXPECT_EQ(ask("GET", "/item/a%2Fb/").body, shown);
  EXPECT_EQ(ask("POST", "/items", R"([{"ItemId":"z"},{"ItemId":"z","Comment":"last"}])").body,
            R"({"RowAffected":2})");
  EXPECT_EQ(ask("GET", "/item/z").body,
            R"({"ItemId":"z","IsHidden":false,"Categories":[],"Timestamp":"0001-01-01T00:00:00Z",)"
            R"("Labels":null,"Comment":"last"})");
  expect_text(ask("PATCH", "/item/none", "{}"), 404, "item not found");
  expect_text(ask("PUT", "/item/none/category/c"), 404, "item not found");
  const char* user = R"({"UserId":"u","Labels":["a"],"Comment":"c","More":1})";
  EXPECT_EQ(ask("POST", "/user", user).status, 200);
  EXPECT_EQ(ask("GET", "/user/u").body, R"({"UserId":"u","Labels":["a"],"Comment":"c"})");
  EXPECT_EQ(ask("PATCH", "/user/u", R"({"Labels":{"b":2}})").status, 200);
  EXPECT_EQ(ask("GET", "/user/u").body, R"({"UserId":"u","Labels":{"b":2},"Comment":"c"})");
  EXPECT_EQ(ask("DELETE", "/user/u").body, R"({"RowAffected":1})");
  expect_text(ask("GET", "/user/u"), 404, "user not found");
  const char* like = R"([{"FeedbackType":"like","UserId":"u","ItemId":"z"}])";
  EXPECT_EQ(ask("POST", "/feedback", like).status, 200);
  EXPECT_EQ(ask("GET", "/user/u").body, R"({"UserId":"u","Labels":null,"Comment":""})");
}

TEST_F(GorseApiTest, ProductsOfOurApiAreItems) {
  const std::string target = "/api/v1/sites/" + site_.id.text() + "/products";
  const char* products = R"([{"id":"p","name":"Pot","category":"b","categories":["a","b"],
    "price":2,"labels":{"colour":["red"],"embedding":[1,0.5]}}])";
  EXPECT_EQ(as_owner(Method::put, target, products).status, 200);
  EXPECT_EQ(ask("GET", "/item/p").body,
            R"({"ItemId":"p","IsHidden":false,"Categories":["b","a"],)"
            R"("Timestamp":"0001-01-01T00:00:00Z","Labels":{"colour":["red"],"embedding":[1,0.5]},)"
            R"("Comment":"Pot"})");
  EXPECT_EQ(ask("DELETE", "/item/p").status, 200);
  expect_text(ask("GET", "/item/p"), 404, "item not found");
  EXPECT_EQ(as_owner(Method::put, target, R"([{"id":"p","category":"c"}])").status, 200);
  EXPECT_THAT(ask("GET", "/item/p").body, HasSubstr(R"("Categories":["c"])"));
  for (const char* bad : {R"([{"id":"p","labels":[true]}])",
                          R"([{"id":"p","labels":{"a":[1,"b"]}}])",
                          R"([{"id":"p","categories":"a"}])"}) {
    EXPECT_EQ(as_owner(Method::put, target, bad).status, 400) << bad;
  }
}

TEST_F(GorseApiTest, BadInputIsRefusedByName) {
  const std::uint64_t before = records();
  for (const char* body : {"{", "[1,", "nul", "{\"UserId\":\"\xff\"}"}) {
    expect_text(ask("POST", "/user", body), 400, "not JSON");
  }
  expect_text(ask("POST", "/user", "[]"), 400, "must be an object");
  expect_text(ask("POST", "/users", "{}"), 400, "must be a list");
  expect_text(ask("POST", "/users", R"([{"UserId":"a"},{"UserId":7}])"), 400,
              "[1].UserId must be a text");
  expect_text(ask("POST", "/user", R"({"Comment":"x"})"), 400, "UserId is required");
  expect_text(ask("POST", "/user", R"({"UserId":"a\u0001"})"), 400, "control character");
  expect_text(ask("POST", "/user", R"({"UserId":")" + std::string(256, 'x') + R"("})"), 400,
              "longer than 255");
  expect_text(ask("POST", "/item", R"({"ItemId":"i","Labels":{"a":[true]}})"), 400,
              "unsupported labels");
  expect_text(ask("POST", "/item", R"({"ItemId":"i","Categories":"x"})"), 400,
              "Categories must be a list");
  expect_text(ask("POST", "/item", R"({"ItemId":"i","Timestamp":"soon"})"), 400,
              "not a date: soon");
  expect_text(ask("POST", "/item", R"({"ItemId":"i","IsHidden":1})"), 400, "true or false");
  const char* text_value = R"([{"FeedbackType":"t","UserId":"u","ItemId":"i","Value":"1"}])";
  expect_text(ask("POST", "/feedback", text_value), 400, "[0].Value must be a number");
  expect_text(ask("POST", "/feedback", R"([{"FeedbackType":"t","UserId":"u"}])"), 400,
              "ItemId is required");
  expect_text(ask("GET", "/latest?n=x"), 400, "n: ");
  expect_text(ask("GET", "/latest?n=1001"), 400, "n: ");
  expect_text(ask("GET", "/latest?offset=-1"), 400, "offset: ");
  expect_text(ask("GET", "/items?cursor=***"), 400, "cursor");
  std::string many = "[";
  for (int i = 0; i < 10'001; ++i) many += i == 0 ? R"({"UserId":"u"})" : R"(,{"UserId":"u"})";
  expect_text(ask("POST", "/users", many + "]"), 400, "at most 10000 rows");
  EXPECT_EQ(ask("GET", "/users").body, R"({"Cursor":"","Users":[]})");
  EXPECT_EQ(records(), before);
  // Nobody without a key makes us read a large body.
  RawClient stranger(server_->port());
  expect_text(stranger.exchange("POST /gorse/api/users HTTP/1.1\r\nHost: test\r\nContent-Length: "
                                "30000000\r\n\r\n"),
              401, "unauthorized");
}

TEST_F(GorseApiTest, FeedbackIsARecordAndAnEvent) {
  const std::uint64_t before = records();
  EXPECT_EQ(ask("POST", "/feedback",
                R"([{"FeedbackType":"star","UserId":"u","ItemId":"i","Value":2,
                     "Timestamp":"2026-01-02"},
                    {"FeedbackType":"my type","UserId":"u","ItemId":"i"}])").body,
            R"({"RowAffected":2})");
  EXPECT_GE(records(), before + 2);
  EXPECT_THAT(ask("GET", "/feedback/star/u/i").body,
              StartsWith(R"({"FeedbackType":"star","UserId":"u","ItemId":"i","Value":2,)"
                         R"("Timestamp":"2026-01-02T00:00:00Z","Updated":")"));
  EXPECT_EQ(ask("DELETE", "/feedback/u/i").body, R"({"RowAffected":2})");
  EXPECT_EQ(ask("GET", "/feedback/u/i").body, "[]");
  expect_text(ask("GET", "/feedback/star/u/i"), 404, "feedback not found");
  // In the future: not there yet.
  const char* future =
      R"([{"FeedbackType":"star","UserId":"u","ItemId":"i","Timestamp":"2090-01-01"}])";
  EXPECT_EQ(ask("PUT", "/feedback", future).status, 200);
  EXPECT_EQ(ask("GET", "/user/u/feedback/star").body, "[]");
}

/// Names one item, whatever it is asked.
class OneItem final : public learn::Recommender {
 public:
  explicit OneItem(learn::ItemIndex item) : answer_{{item, 1.0F}} {}
  std::string_view algorithm() const override { return "one_item"; }
  std::size_t item_count() const override { return 4; }
  std::span<const learn::ScoredItem> recommend(const learn::Query&, const learn::RecommendOptions&,
                                               learn::Scratch&) const override {
    return answer_;
  }
  learn::Cause cause(learn::ItemIndex, const learn::Scratch&) const override { return {}; }
  void write(learn::ByteWriter&) const override {}

 private:
  std::vector<learn::ScoredItem> answer_;
};

TEST_F(GorseApiTest, ListsComeFromTheStrategiesInProduction) {
  learn::SiteData data;
  for (const char* id : {"a", "b", "c", "d"}) {
    learn::Product product;
    product.id = id;
    data.products.push_back(product);
  }
  decide::SiteSnapshot::Models models;
  const auto publish = [&](std::string strategy, learn::ItemIndex item) {
    auto model = std::make_shared<learn::SiteModel>();
    model->item_ids = {"a", "b", "c", "d"};
    model->model = std::make_unique<OneItem>(item);
    models.emplace_back(std::move(strategy), std::move(model));
    decider_->publish(site_.id, decide::SiteSnapshot::build(site_.id, data, models));
  };
  publish("sequential", 1);
  EXPECT_EQ(ask("GET", "/item/a/neighbors").body, R"([{"Id":"b","Score":1}])");
  publish("item_to_item", 2);
  EXPECT_EQ(ask("GET", "/item/a/neighbors").body, R"([{"Id":"c","Score":1}])");
  EXPECT_EQ(ask("GET", "/item-to-item/neighbors/c").body, "[]") << "not the item itself";
  const std::string liked = R"([{"FeedbackType":"star","UserId":"ann","ItemId":"a"}])";
  EXPECT_EQ(ask("POST", "/feedback", liked).status, 200);
  EXPECT_EQ(ask("GET", "/collaborative-filtering/ann").body, "[]");
  publish("collaborative", 3);
  EXPECT_EQ(ask("GET", "/collaborative-filtering/ann").body, R"([{"Id":"d","Score":1}])");
}

TEST_F(GorseApiTest, BulkImportsAreAllOrNothing) {
  const std::string lines = "{\"UserId\":\"u1\"}\n\n{\"UserId\":\"u2\"}\n";
  EXPECT_EQ(ask("POST", "/bulk/users", lines).body, R"({"RowAffected":2})");
  expect_text(ask("POST", "/bulk/users", "{\"UserId\":\"u3\"}\n{\"UserId\":4}"), 400, "[1].UserId");
  expect_text(ask("GET", "/user/u3"), 404, "not found");
  expect_text(ask("POST", "/bulk/users", "{}],[{}"), 400, "");
  expect_text(ask("POST", "/bulk/carts", "{}"), 404, "users, items and feedback");
}

}  // namespace
}  // namespace attune::serve
