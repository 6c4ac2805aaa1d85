#include "shop/taste.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "shop/shop_pages.h"

namespace attune::shop {
namespace {

constexpr std::uint64_t kSeed = 20;

Catalogue shipped() {
  auto catalogue = Catalogue::parse(catalogue_json());
  EXPECT_TRUE(catalogue) << catalogue.error().message();
  return *catalogue;
}

TEST(CatalogueTest, ReadsTheShippedProducts) {
  const Catalogue catalogue = shipped();
  EXPECT_EQ(catalogue.products.size(), 30U);
  EXPECT_EQ(catalogue.categories.size(), 6U);
  EXPECT_EQ(catalogue.brands.size(), 5U);
  const Product* chair = catalogue.find("reading-chair");
  ASSERT_NE(chair, nullptr);
  EXPECT_EQ(chair->path, "/product-reading-chair.html");
  EXPECT_EQ(chair->category, "furniture");
  EXPECT_DOUBLE_EQ(chair->price, 349);
  EXPECT_EQ(catalogue.find("no-such-thing"), nullptr);
}

TEST(CatalogueTest, RefusesWhatIsNoCatalogue) {
  for (const char* text : {"", "{}", "[]", "[1]", "[{\"id\":\"a\"}]",
                           "[{\"id\":\"a\",\"category\":\"c\",\"price\":0}]",
                           "[{\"id\":\"\",\"category\":\"c\",\"price\":1}]"}) {
    const auto catalogue = Catalogue::parse(text);
    ASSERT_FALSE(catalogue) << text;
    EXPECT_EQ(catalogue.error().code(), ErrorCode::invalid_argument);
  }
}

TEST(TasteTest, IsTheSameForTheSameSeedAndNumber) {
  const Catalogue catalogue = shipped();
  const Visitor one = make_visitor(catalogue, kSeed, 7);
  const Visitor again = make_visitor(catalogue, kSeed, 7);
  EXPECT_EQ(one.visitor_id, "sim-20-7");
  EXPECT_EQ(one.category_weight, again.category_weight);
  EXPECT_EQ(one.brand_weight, again.brand_weight);
  EXPECT_NE(one.category_weight, make_visitor(catalogue, kSeed, 8).category_weight);
  EXPECT_NE(one.category_weight, make_visitor(catalogue, kSeed + 1, 7).category_weight);
}

TEST(TasteTest, IsOfOneOrTwoCategoriesForMost) {
  const Catalogue catalogue = shipped();
  int tasteless = 0;
  std::vector<int> loved(catalogue.categories.size(), 0);
  constexpr int kPeople = 7000;
  for (int number = 0; number < kPeople; ++number) {
    const Visitor visitor = make_visitor(catalogue, kSeed, static_cast<std::uint64_t>(number));
    if (!visitor.has_taste) {
      ++tasteless;
      continue;
    }
    const auto high = std::count_if(visitor.category_weight.begin(), visitor.category_weight.end(),
                                    [](double weight) { return weight > 0.5; });
    EXPECT_GE(high, 1);
    EXPECT_LE(high, 2);
    const auto& weights = visitor.category_weight;
    ++loved[static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) -
                                     weights.begin())];
  }
  // Binomial(7000, 1/7): 1000 with a deviation of 29. The seed is fixed, so no false alarm.
  EXPECT_NEAR(tasteless, 1000, 180);
  EXPECT_GT(loved.front(), 3 * loved.back()) << "categories are loved unequally";
  EXPECT_GT(loved.back(), 0);
}

TEST(TasteTest, PrefersTheLovedCategoryClearly) {
  const Catalogue catalogue = shipped();
  double loved_sum = 0;
  double other_sum = 0;
  int loved_count = 0;
  int other_count = 0;
  for (std::uint64_t number = 0; number < 500; ++number) {
    const Visitor visitor = make_visitor(catalogue, kSeed, number);
    if (!visitor.has_taste) continue;
    for (const Product& product : catalogue.products) {
      const double taste = expected_taste(catalogue, visitor, product);
      ASSERT_GT(taste, 0);
      ASSERT_LT(taste, 1);
      const auto category = static_cast<std::size_t>(
          std::find(catalogue.categories.begin(), catalogue.categories.end(), product.category) -
          catalogue.categories.begin());
      const bool loved = visitor.category_weight[category] >= 0.9;
      (loved ? loved_sum : other_sum) += taste;
      ++(loved ? loved_count : other_count);
    }
  }
  EXPECT_GT(loved_sum / loved_count, 0.6);
  EXPECT_LT(other_sum / other_count, 0.2);
}

TEST(TasteTest, MindsPricesOnlyAsMuchAsThePersonDoes) {
  const Catalogue catalogue = shipped();
  Visitor visitor = make_visitor(catalogue, kSeed, 1);
  const Product& dear = *catalogue.find("reading-chair");
  visitor.price_sensitivity = 0;
  const double careless = expected_taste(catalogue, visitor, dear);
  visitor.price_sensitivity = 1;
  EXPECT_LT(expected_taste(catalogue, visitor, dear), careless);
}

}  // namespace
}  // namespace attune::shop
