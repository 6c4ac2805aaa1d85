// The quick version of `bench/run bandits`: the loop in a shop whose visitors' tastes are known.
#include <gtest/gtest.h>

#include "bandits/simulated_shop.h"
#include "shop/shop_pages.h"

namespace attune::shop {
namespace {

using learn::BanditKind;

ShopResult run(ShopPolicy::Kind kind, BanditKind bandit = BanditKind::greedy,
               std::size_t sessions = 5000) {
  const auto catalogue = Catalogue::parse(catalogue_json());
  ShopOptions options;
  options.sessions = sessions;
  options.visitors = 1000;
  ShopPolicy policy{.name = "one", .kind = kind};
  policy.bandit.kind = bandit;
  auto result = run_shop(*catalogue, options, policy);
  EXPECT_TRUE(result) << result.error().message();
  return *result;
}

double late_regret(const ShopResult& result) {
  return result.regret.back() - result.regret[result.regret.size() / 2 - 1];
}

TEST(BanditShopTest, TheOracleHasNoRegretAndNobodyEarnsMore) {
  const ShopResult oracle = run(ShopPolicy::Kind::oracle, BanditKind::greedy, 1000);
  EXPECT_DOUBLE_EQ(oracle.clicks, oracle.oracle_clicks);
  for (const auto kind : {ShopPolicy::Kind::best_list, ShopPolicy::Kind::popular,
                          ShopPolicy::Kind::random, ShopPolicy::Kind::bandit}) {
    const ShopResult other = run(kind, BanditKind::square_cb, 1000);
    EXPECT_DOUBLE_EQ(other.oracle_clicks, oracle.oracle_clicks);  // the same visitors
    EXPECT_LT(other.clicks, oracle.clicks);
  }
}

TEST(BanditShopTest, TheSameSeedIsTheSameRun) {
  const ShopResult a = run(ShopPolicy::Kind::bandit, BanditKind::thompson_linear, 500);
  const ShopResult b = run(ShopPolicy::Kind::bandit, BanditKind::thompson_linear, 500);
  EXPECT_EQ(a.clicks, b.clicks);
  EXPECT_EQ(a.regret, b.regret);
}

TEST(BanditShopTest, ThompsonSamplingBeatsPopularityAndEpsilonGreedy) {
  const ShopResult thompson = run(ShopPolicy::Kind::bandit, BanditKind::thompson_linear);
  const ShopResult popular = run(ShopPolicy::Kind::popular);
  const ShopResult best_list = run(ShopPolicy::Kind::best_list);
  const ShopResult epsilon = run(ShopPolicy::Kind::bandit, BanditKind::epsilon_greedy);
  EXPECT_GT(thompson.clicks, 1.5 * popular.clicks);
  EXPECT_GT(thompson.clicks, 1.5 * best_list.clicks);
  EXPECT_GT(thompson.clicks, 0.75 * thompson.oracle_clicks);
  EXPECT_LT(late_regret(thompson), late_regret(epsilon));
  EXPECT_LE(thompson.smallest_propensity, 0.02 / 26 * 1.0001);  // the floor of the last slot
  EXPECT_GE(thompson.smallest_propensity, 0.02 / 30 * 0.9999);
}

}  // namespace
}  // namespace attune::shop
