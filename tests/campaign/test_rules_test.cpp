// Whom a test is for is checked when it is written, and what was stored before may go on; on both
// engines.
#include "campaign/test_rules.h"

#include "account_fixture.h"

namespace attune::campaign {
namespace {

using testing::HasSubstr;

class TestRulesTest : public AccountFixture {
 protected:
  Fields named(const std::string& name, const std::string& design) {
    return set(t_, {{"name", name}, {"design", store::Json{design}}});
  }
  /// As it could be stored before conditions were checked.
  Row with_an_old_condition() {
    static_cast<void>(make(table("meta_user_profiles"), ours_));
    const Row row = must(accounts_store_.create(*session_, t_, ours_, named("old", "{}")));
    const auto now = store::Timestamp::from_ms(1'795'000'000'000);
    const std::vector<Value> step = {row[1],
                                     row[0],
                                     std::string("Active"),
                                     std::string("old"),
                                     now,
                                     store::Null{},
                                     std::string("somebody"),
                                     store::Json{"{}"},
                                     store::Json{R"({"condition":{"age":{"$above":18}}})"},
                                     store::Null{},
                                     now};
    must(session_->execute("experiment/step", step));
    return row;
  }
  const Table& t_ = table("ab_tests");
};

TEST_P(TestRulesTest, AConditionThatIsNoneIsNotStored) {
  static_cast<void>(make(table("meta_user_profiles"), ours_));
  const std::string wrong = R"({"condition":{"age":{"$above":18}}})";
  const auto made = accounts_store_.create(*session_, t_, ours_, named("new", wrong));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(made.error().field(), "design.condition.age.$above");
  EXPECT_THAT(made.error().message(), HasSubstr("no such operator"));
  const Row row = must(accounts_store_.create(
      *session_, t_, ours_, named("new", R"({"condition":{"age":{"$gte":18}}})")));
  const auto changed = accounts_store_.update(*session_, t_, ours_, id_of(row),
                                              named("new", wrong));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().field(), "design.condition.age.$above");
}

TEST_P(TestRulesTest, WhatWasStoredBeforeCanBeRenamed) {
  const Row row = with_an_old_condition();
  const Fields name = set(t_, {{"name", std::string("renamed")}});
  const Row renamed = must(accounts_store_.update(*session_, t_, ours_, id_of(row), name));
  EXPECT_EQ(at(t_, renamed, "name"), Value{std::string("renamed")});
  EXPECT_EQ(at(t_, renamed, "status"), Value{std::string("Active")});
}

INSTANTIATE_TEST_SUITE_P(Engines, TestRulesTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign
