#include "commands/answer_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace attune::commands {
namespace {

std::string text_of(std::string_view json) { return answer_text(boost::json::parse(json)); }

TEST(AnswerText, HasALineForEachFieldAndItsPartsIndented) {
  EXPECT_EQ(text_of(R"({"ok":true,"seconds":0.36700000000000005,"etl":{"behind":0,"note":null}})"),
            "ok                       true\n"
            "seconds                  0.367\n"
            "etl\n"
            "  behind                   0\n"
            "  note                     \n");
}

TEST(AnswerText, WritesAListOfObjectsAsATable) {
  EXPECT_EQ(text_of(R"({"tables":[{"table":"users","rows":1831,"more":{"a":1}},
                                  {"table":"user_sessions","rows":54,"late":2.5}]})"),
            "tables\n"
            "  table          rows  late\n"
            "  users          1831\n"
            "  user_sessions    54   2.5\n");
}

TEST(AnswerText, PutsLongTextsLast) {
  EXPECT_EQ(text_of(R"({"models":[{"verdict":"archived: it is not reliably better than popularity",
                                   "strategy":"trending"}]})"),
            "models\n"
            "  strategy  verdict\n"
            "  trending  archived: it is not reliably better than popularity\n");
}

TEST(AnswerText, ListsWhatAreNoObjectsLineByLine) {
  EXPECT_EQ(text_of(R"({"hosts":["a","b"],"none":[],"mixed":[{"a":1},2]})"),
            "hosts\n  a\n  b\nmixed\n  {\"a\":1}\n  2\n");
}

}  // namespace
}  // namespace attune::commands
