// The tables of the RL document on PostgreSQL: its verification statements, months as partitions,
// and what the constraints hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines.h"

namespace attune::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class LearningSchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Engines::has_postgres()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    const SqlCatalog own(Engine::postgres);
    for (const auto& [path, file] : own.files()) files_.add(path, file.text);
    files_.add("t/people",
               "insert into users (id, external_id) values (1, 'u1');"
               "insert into product (id, external_id) values (1, 'p1');");
    files_.add("t/insert",
               "INSERT INTO user_product_interactions\n"
               "(user_id, product_id, interaction_type, session_id, timestamp, reward)\n"
               "VALUES (1, 1, 'VIEW', 'test-session-123', NOW(), 0.1);");
    files_.add("t/unknown_user",
               "INSERT INTO user_product_interactions\n"
               "(user_id, product_id, interaction_type, timestamp, reward)\n"
               "VALUES (999999, 1, 'VIEW', NOW(), 0.1);");
    files_.add("t/unknown_type",
               "insert into user_product_interactions (user_id, product_id, interaction_type) "
               "values (1, 1, 'GLANCE')");
    files_.add("t/old",
               "insert into user_product_interactions "
               "(user_id, product_id, interaction_type, timestamp) "
               "values (1, 1, 'VIEW', '2020-02-29 23:59:59Z'), "
               "(1, 1, 'VIEW', '2020-03-01 00:00Z')");
    files_.add("t/months", "select make_interaction_partitions('2020-02-10', '2020-03-01')");
    files_.add("t/where",
               "select string_agg(tableoid::regclass::text, ' ' order by timestamp) "
               "from user_product_interactions where timestamp < '2021-01-01'");
    files_.add("t/last", "select id from user_product_interactions ORDER BY id DESC LIMIT 1");
    files_.add("t/rewards",
               "select string_agg(interaction_reward(kind)::text, ' ' order by place) "
               "from unnest(array['VIEW', 'CLICK', 'CART_ADD', 'PURCHASE', 'WISHLIST', "
               "'REMOVE_CART', 'REMOVE_WISHLIST']) with ordinality as kinds (kind, place)");
    files_.add("t/forget", "delete from users");
    files_.add("t/count", "select count(*) from user_product_interactions");
    store_ = must(open_postgres({.url = Engines::fresh_url()}, files_.catalog()));
    must(store_->migrate());
    session_ = must(store_->session());
    must(session_->execute("t/people"));
  }

  template <class T>
  T one(std::string_view file) {
    return std::get<T>(must(session_->query(file, {})).rows.at(0).at(0));
  }

  TestFiles files_{Engine::postgres};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

TEST_F(LearningSchemaTest, DirectInsertsWorkAndTheOneThatMustFailNamesTheUsers) {
  must(session_->execute("t/insert"));
  EXPECT_GE(one<std::int64_t>("t/last"), std::int64_t{1} << 62) << "behind all journal positions";
  const auto refused = session_->execute("t/unknown_user");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(),
              AllOf(HasSubstr("SQLSTATE 23503"),
                    HasSubstr("constraint fk_user_product_interactions_users")));
  EXPECT_THAT(session_->execute("t/unknown_type").error().message(), HasSubstr("23514"));
  must(session_->execute("t/forget"));
  EXPECT_EQ(one<std::int64_t>("t/count"), 0) << "rows go with their user";
}

TEST_F(LearningSchemaTest, RowsOfAnyMonthAreTakenAndMovedToTheirPartition) {
  must(session_->execute("t/old"));
  EXPECT_EQ(one<std::string>("t/where"),
            "user_product_interactions_default user_product_interactions_default");
  EXPECT_EQ(one<std::int64_t>("t/months"), 2);
  EXPECT_EQ(one<std::string>("t/where"),
            "user_product_interactions_2020_02 user_product_interactions_2020_03");
  EXPECT_EQ(one<std::int64_t>("t/months"), 0) << "they are there";
  const auto refused = session_->execute("t/unknown_user");
  EXPECT_THAT(refused.error().message(), HasSubstr("fk_user_product_interactions_users"));
}

TEST_F(LearningSchemaTest, RewardsAreThoseOfTheSource) {
  EXPECT_EQ(one<std::string>("t/rewards"), "0.1 0.5 2.0 10.0 1.0 -1.0 -0.5");
}

}  // namespace
}  // namespace attune::store
