#include "etl/event_json.h"

#include <string>

#include <gtest/gtest.h>

namespace attune::etl {
namespace {

std::string event_data(const std::string& raw) {
  std::string out;
  return append_event_data(raw, out) ? out : "(nothing)" + out;
}

TEST(EventJsonTest, KeepsTheMembersThatHaveNoColumn) {
  EXPECT_EQ(event_data(R"({"title":"T","data":{"a":[1,{"b":"}"}]},"stream":3,"query":"shoes"})"),
            R"({"data":{"a":[1,{"b":"}"}]},"query":"shoes"})");
  EXPECT_EQ(event_data(R"({ "revenue" : 12.5 , "text":"a \"quote\" \\" , "x":null })"),
            R"({"revenue" : 12.5,"text":"a \"quote\" \\"})");
  EXPECT_EQ(event_data(R"({"items":[],"visibility":"hidden"})"),
            R"({"items":[],"visibility":"hidden"})");
}

TEST(EventJsonTest, KeepsAnElementOnlyForItsTextOrLink) {
  EXPECT_EQ(event_data(R"({"element":{"tag":"a","id":"x"}})"), "(nothing)");
  EXPECT_EQ(event_data(R"({"element":{"tag":"a","href":"/x"}})"),
            R"({"element":{"tag":"a","href":"/x"}})");
}

TEST(EventJsonTest, GivesNothingForWhatIsNoObject) {
  for (const char* raw : {"", "{}", "[]", "null", "{\"data\"", "{\"data\":", "{\"data\":{",
                          "{\"data\":\"", "{\"data\":\"\\", "{\"title\":1}"}) {
    EXPECT_EQ(event_data(raw), "(nothing)") << raw;
  }
}

TEST(EventJsonTest, EscapesWhatJsonDoesNotAllow) {
  std::string out;
  append_json_text("a\"b\\c\nd\x01 ä", out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000ad\\u0001 ä\"");
}

TEST(EventJsonTest, ContextSaysWhatIsKnown) {
  event::EventView event;
  event::ItemView item;
  std::string out;
  EXPECT_FALSE(append_context(event, item, out));
  EXPECT_EQ(out, "");
  item.category = "shoes";
  event.device = event::DeviceType::mobile;
  event.path = "/\"p\"";
  EXPECT_TRUE(append_context(event, item, out));
  EXPECT_EQ(out, R"({"category":"shoes","device_type":"mobile","page":"/\"p\""})");
  out.clear();
  item.category = "";
  event.device = event::DeviceType::unknown;
  event.path = "";
  event.raw_json = R"({"items":[{"id":"a"}],"order_id":"o1","revenue":9.5,"currency":"EUR",)"
                   R"("cart_value":4,"checkout_step":"pay","data":{"order_id":"no"}})";
  EXPECT_TRUE(append_context(event, item, out));
  EXPECT_EQ(out, R"({"order_id":"o1","revenue":9.5,"cart_value":4,"checkout_step":"pay"})");
}

}  // namespace
}  // namespace attune::etl
