#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>

#include "serve/http.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"

namespace attune::serve {
namespace {

TEST(JsonTextTest, WritesWhatAlwaysParses) {
  std::string out;
  append_json_string(out, std::string_view("a\"\\\n\t\x01\xC3\xBC\xff\xE2\x82\xAC\0z", 15));
  const auto parsed = boost::json::parse(out);
  EXPECT_EQ(parsed.as_string(),
            boost::json::string_view("a\"\\\n\t\x01\xC3\xBC\xEF\xBF\xBD\xE2\x82\xAC\0z", 17));
}

TEST(JsonTextTest, WritesNumbersShortest) {
  const auto text = [](double number) {
    std::string out;
    append_json_number(out, number);
    return out;
  };
  EXPECT_EQ(text(3), "3");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(-2.5), "-2.5");
  EXPECT_EQ(text(1e300), "1e+300");
  EXPECT_EQ(text(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonTextTest, KnowsUtf8) {
  for (const char* good :
       {"", "plain", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

class JsonFieldsTest : public testing::Test {
 protected:
  /// The error of reading `body`, as "field: message", or empty.
  static std::string read(std::string_view body) {
    const auto value = parse_json(body);
    if (!value) return value.error().field() + ": " + value.error().message();
    JsonFields fields(*value, "p.");
    fields.text("name", 5);
    fields.optional_flag("flag");
    fields.optional_number("number", 0, 10);
    fields.optional_whole("whole", 1, 10);
    fields.optional_texts("texts", 3);
    const auto done = fields.finish();
    return done ? "" : done.error().field() + ": " + done.error().message();
  }
};

TEST_F(JsonFieldsTest, TakesGoodObjects) {
  EXPECT_EQ(read(R"({"name":"x"})"), "");
  EXPECT_EQ(read(R"({"name":"x","flag":true,"number":2,"whole":10,"texts":["a","bcd"]})"), "");
  EXPECT_EQ(read(R"({"name":"x","flag":null,"number":null})"), "");
}

TEST_F(JsonFieldsTest, NamesWhatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "body: "},
      {"{", "body: "},
      {R"({"name":"x"} x)", "body: "},
      {"[]", "p: must be an object"},
      {"7", "p: must be an object"},
      {"{}", "p.name: is required"},
      {R"({"name":7})", "p.name: must be text"},
      {R"({"name":"toolong"})", "p.name: must be text"},
      {R"({"name":"a\u0000"})", "p.name: must be text"},
      {R"({"name":"x","flag":1})", "p.flag: "},
      {R"({"name":"x","number":11})", "p.number: "},
      {R"({"name":"x","number":"1"})", "p.number: "},
      {R"({"name":"x","whole":1.5})", "p.whole: "},
      {R"({"name":"x","whole":0})", "p.whole: "},
      {R"({"name":"x","whole":99999999999999999999})", "p.whole: "},
      {R"({"name":"x","texts":"a"})", "p.texts: "},
      {R"({"name":"x","texts":["long"]})", "p.texts: "},
      {R"({"name":"x","texts":[1]})", "p.texts: "},
      {R"({"name":"x","other":1})", "p.other: unknown field"},
      {"{\"name\":\"\xff\"}", "body: "},
      {std::string(100, '['), "body: is nested deeper"},
  };
  for (const auto& [body, expected] : cases) {
    EXPECT_TRUE(read(body).starts_with(expected)) << body << " gave " << read(body);
  }
}

TEST(ResponseTest, HasOneErrorShape) {
  const Response response =
      Response::error(Error(ErrorCode::invalid_argument, "no \"such\" thing", "x[3]"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(
      response.body,
      R"({"error":{"code":"invalid_argument","message":"no \"such\" thing","field":"x[3]"}})");
  EXPECT_EQ(Response::error(Error(ErrorCode::internal, "m")).body,
            R"({"error":{"code":"internal","message":"m"}})");
}

TEST(ResponseTest, GivesEachCodeItsStatus) {
  const std::pair<ErrorCode, int> codes[] = {{ErrorCode::invalid_argument, 400},
                                             {ErrorCode::unauthenticated, 401},
                                             {ErrorCode::permission_denied, 403},
                                             {ErrorCode::not_found, 404},
                                             {ErrorCode::already_exists, 409},
                                             {ErrorCode::failed_precondition, 409},
                                             {ErrorCode::resource_exhausted, 429},
                                             {ErrorCode::unavailable, 503},
                                             {ErrorCode::deadline_exceeded, 504},
                                             {ErrorCode::data_loss, 500},
                                             {ErrorCode::internal, 500}};
  for (const auto& [code, status] : codes) {
    EXPECT_EQ(status_of(code), status);
    EXPECT_FALSE(reason_of(status).empty());
  }
}

}  // namespace
}  // namespace attune::serve
