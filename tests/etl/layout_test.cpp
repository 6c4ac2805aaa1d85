// Interactions laid out by person: the same rows, in another place.
#include <array>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "etl/layout.h"
#include "etl/table_dump.h"
#include "store/column_batch.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::string_view kOrder = "select user_id, id from user_product_interactions";

TEST(LayoutTest, APersonsInteractionsOfARangeLieTogether) {
  const auto store = memory_store();
  auto session = std::move(*store->session());
  store::ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& user = batch.add_int64("user_id");
  auto& product = batch.add_int64("product_id");
  auto& type = batch.add_text("interaction_type");
  auto& timestamp = batch.add_timestamp("timestamp");
  auto& site = batch.add_text("site_id");
  for (int at = 0; at < 40; ++at) {
    id.push(at);
    user.push(at % 3);
    product.push(at);
    type.push("VIEW");
    timestamp.push(store::Timestamp::from_ms(at * kHour));
    site.push("s");
  }
  ASSERT_TRUE(session->append("user_product_interactions", batch));
  const std::string all = "select * from user_product_interactions order by id";
  const auto before = session->query_text(all);

  const auto moved = cluster_interactions(*session, 10 * kHour, 30 * kHour);
  ASSERT_TRUE(moved) << moved.error().message();
  EXPECT_EQ(*moved, 20);
  const auto after = session->query_text(all);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->rows, after->rows);

  // First what was not in the range, as it was; then the range, person by person.
  const auto order = session->query_text(kOrder);
  ASSERT_EQ(order->rows.size(), 40U);
  for (std::size_t at = 0; at < 20; ++at) {
    const std::int64_t wanted = static_cast<std::int64_t>(at < 10 ? at : at + 20);
    EXPECT_EQ(std::get<std::int64_t>(order->rows[at][1]), wanted);
  }
  const auto number = [&](std::size_t row, std::size_t column) {
    return std::get<std::int64_t>(order->rows[row][column]);
  };
  for (std::size_t at = 21; at < 40; ++at) {
    EXPECT_GE(std::pair(number(at, 0), number(at, 1)),
              std::pair(number(at - 1, 0), number(at - 1, 1)));
  }
}

}  // namespace
}  // namespace attune::etl
