// Templates as rows: only what parses and lints clean is stored, what was shown keeps its text, and
// a changed text is a version of its own; on both engines.
#include "campaign/content_rules.h"

#include "account_fixture.h"

namespace attune::campaign {
namespace {

using testing::HasSubstr;

class ContentRulesTest : public AccountFixture {
 protected:
  Fields mail(const std::string& body, const std::string& subject = "Hi") {
    return set(t_, {{"name", std::string("welcome")},
                    {"template_type", std::string("email")},
                    {"base_prompt", body},
                    {"personalization_variables", store::Json{R"([{"name":"name"}])"}},
                    {"style_parameters", store::Json{R"({"subject":")" + subject + "\"}"}}});
  }
  const Table& t_ = table("content_templates");
};

TEST_P(ContentRulesTest, StoresOnlyWhatLintsClean) {
  const auto refused = [&](const std::string& body, const std::string& subject,
                           std::string_view field, std::string_view why) {
    const auto made = accounts_store_.create(*session_, t_, ours_, mail(body, subject));
    ASSERT_FALSE(made) << body;
    EXPECT_EQ(made.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(made.error().field(), field);
    EXPECT_THAT(made.error().message(), HasSubstr(std::string(why)));
  };
  refused("{% if name %}", "", "base_prompt", "line 1, column 1: is never closed");
  refused("{{ nam }}", "", "base_prompt", "the variable nam is not declared");
  refused("<p onclick='{{ name }}'>", "", "base_prompt", "line 1, column 13");
  refused("Hi", "{{ nam }}", "base_prompt", "subject: line 1, column 4");
  refused("Hi", "{{ name", "style_parameters", "subject: line 1");
  EXPECT_TRUE(accounts_store_.create(*session_, t_, ours_, mail("Hi {{ name }}", "{{ name }}")));
}

TEST_P(ContentRulesTest, KeepsTheTextOfWhatWasShown) {
  const Row first = must(accounts_store_.create(*session_, t_, ours_, mail("Hi {{ name }}")));
  const Uuid id = id_of(first);
  must(accounts_store_.update(*session_, t_, ours_, id, mail("Hey {{ name }}")));
  must(accounts_store_.update(*session_, t_, ours_, id,
                              set(t_, {{"usage_count", std::int64_t{3}}})));
  const auto changed = accounts_store_.update(*session_, t_, ours_, id, mail("Yo {{ name }}"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code(), ErrorCode::failed_precondition);
  EXPECT_EQ(changed.error().field(), "base_prompt");
  must(accounts_store_.update(*session_, t_, ours_, id, set(t_, {{"is_active", false}})));

  const Fields next = set(t_, {{"base_prompt", std::string("Yo {{ name }}")}});
  const Row second = must(accounts_store_.add_version(*session_, ours_, id, next));
  EXPECT_EQ(at(t_, second, "version"), Value{std::int64_t{2}});
  EXPECT_EQ(at(t_, second, "usage_count"), Value{std::int64_t{0}});
  EXPECT_EQ(at(t_, second, "base_prompt"), Value{std::string("Yo {{ name }}")});
  EXPECT_EQ(at(t_, second, "template_type"), Value{std::string("email")});
  // The version after the highest, whichever it is made of.
  const Row third = must(accounts_store_.add_version(*session_, ours_, id, Fields(next.size())));
  EXPECT_EQ(at(t_, third, "version"), Value{std::int64_t{3}});
  EXPECT_EQ(at(t_, third, "base_prompt"), Value{std::string("Hey {{ name }}")});
  EXPECT_FALSE(accounts_store_.add_version(*session_, theirs_, id, next));
}

INSTANTIATE_TEST_SUITE_P(Engines, ContentRulesTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign
