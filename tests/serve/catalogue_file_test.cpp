// Catalogues as shops have them: what is read, what is refused and by which line.
#include "serve/catalogue_file.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace attune::serve {
namespace {

struct Read {
  Result<CatalogueReport> report = CatalogueReport{};
  std::vector<Product> products;
};

Read read(std::string_view text) {
  Read read;
  read.report = read_catalogue(text, [&](std::span<const Product> some) -> Result<void> {
    read.products.insert(read.products.end(), some.begin(), some.end());
    return {};
  });
  return read;
}

std::string wrong_of(const Read& read) {
  if (!read.report) return read.report.error().message();
  std::string out;
  for (const auto& wrong : read.report->wrong) {
    out += fmt::format("{}:{}:{};", wrong.line, wrong.field, wrong.message);
  }
  return out;
}

TEST(CatalogueFile, ReadsCsvWithItsNames) {
  const Read csv = read(
      "\xef\xbb\xbfid,title,price,availability,product_type,labels,hidden,colour\r\n"
      "p1,\"Mug, \"\"big\"\"\",19.90 EUR,in stock,Home > Kitchen > Mugs,new|red,no,blue\r\n"
      "\r\n"
      "p2,\"Two\nlines\",3,Out_of_stock,,,1,\r\n");
  ASSERT_TRUE(csv.report) << wrong_of(csv);
  EXPECT_EQ(wrong_of(csv), "");
  EXPECT_EQ(csv.report->ignored, std::vector<std::string>{"colour"});
  ASSERT_EQ(csv.products.size(), 2U);
  const Product& mug = csv.products[0];
  EXPECT_EQ(mug.id, "p1");
  EXPECT_EQ(mug.name, "Mug, \"big\"");
  EXPECT_EQ(mug.price, 19.9);
  EXPECT_EQ(mug.currency, "EUR");
  EXPECT_EQ(mug.stock, std::nullopt);
  EXPECT_EQ(mug.category, "Mugs");
  EXPECT_EQ(mug.categories, R"(["Mugs","Kitchen","Home"])");
  EXPECT_EQ(mug.labels, R"(["new","red"])");
  EXPECT_FALSE(mug.hidden);
  EXPECT_EQ(csv.products[1].name, "Two\nlines");
  EXPECT_EQ(csv.products[1].stock, 0);
  EXPECT_TRUE(csv.products[1].hidden);
}

TEST(CatalogueFile, NamesWrongLines) {
  const Read csv = read(
      "id;price;stock;hidden;availability\n"
      "p1;1;2;;\n"
      "p2;1,50;;;\n"
      ";2;;;\n"
      "p1;3;;;\n"
      "p3;3;;maybe;\n"
      "p4;3;;;sold\n"
      "p5;3\n"
      "p6;\"3;;;\n"
      "p7;\xff;;;\n"
      "p8;4;;;\n");
  EXPECT_EQ(wrong_of(csv),
            "3:price:must be a number from 0 to 1000000000000;4:id:is required;"
            "5:id:stands on line 2 already;6:hidden:must be true or false;"
            "7:stock:must be a whole number from 0 to 2000000000;"
            "8::has 2 values, the header 5;9::has a quote out of place;10::is not UTF-8;");
  ASSERT_EQ(csv.products.size(), 2U);
  EXPECT_EQ(csv.products[1].id, "p8");
  EXPECT_EQ(csv.report->wrong_ids, (std::vector<std::string>{"p2", "p3", "p4"}));
}

TEST(CatalogueFile, ReadsJsonLines) {
  const Read lines = read(
      "{\"id\":\"p1\",\"price\":2.5}\n\n{\"id\":\"p2\",\"cost\":1}\n{\"id\":\n"
      "{\"id\":\"p3\",\"labels\":{\"embedding\":[0.5,1]}}");
  EXPECT_EQ(wrong_of(lines), "3:cost:unknown field;4::is not JSON: incomplete JSON;");
  ASSERT_EQ(lines.products.size(), 2U);
  EXPECT_EQ(lines.products[0].price, 2.5);
  EXPECT_EQ(lines.products[1].labels, R"({"embedding":[0.5,1]})");
}

constexpr std::string_view kFeed = R"(<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item>
  <g:id>p1</g:id><title>Cups &amp; mugs</title><link>https://shop.example/1</link>
  <g:price>20.00 EUR</g:price><g:sale_price>15.00 EUR</g:sale_price>
  <g:availability>in_stock</g:availability><g:brand>Acme</g:brand>
  <g:product_type>Home &gt; Mugs</g:product_type><g:product_type>Gifts</g:product_type>
  <g:custom_label_0>summer</g:custom_label_0>
  <g:shipping><g:price>4.90 EUR</g:price></g:shipping>
</item>
<item><g:id>p2</g:id><g:price>free</g:price></item>
</channel></rss>)";

TEST(CatalogueFile, ReadsAMerchantsFeed) {
  const Read feed = read(kFeed);
  EXPECT_EQ(wrong_of(feed), "11:price:must be a number from 0 to 1000000000000;");
  ASSERT_EQ(feed.products.size(), 1U);
  const Product& cup = feed.products[0];
  EXPECT_EQ(cup.id, "p1");
  EXPECT_EQ(cup.name, "Cups & mugs");
  EXPECT_EQ(cup.url, "https://shop.example/1");
  EXPECT_EQ(cup.price, 15.0);
  EXPECT_EQ(cup.currency, "EUR");
  EXPECT_EQ(cup.brand, "Acme");
  EXPECT_EQ(cup.categories, R"(["Mugs","Home","Gifts"])");
  EXPECT_EQ(cup.labels, R"(["summer"])");
}

TEST(CatalogueFile, ReadsAnAtomFeed) {
  const Read feed = read(
      R"(<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">)"
      R"(<title>Shop</title><entry><g:id>p1</g:id><link href="https://shop.example/1"/></entry>)"
      "</feed>");
  EXPECT_EQ(wrong_of(feed), "");
  ASSERT_EQ(feed.products.size(), 1U);
  EXPECT_EQ(feed.products[0].url, "https://shop.example/1");
}

TEST(CatalogueFile, RefusesFilesThatAreNone) {
  EXPECT_EQ(wrong_of(read(" \n")), "is empty");
  EXPECT_EQ(wrong_of(read("[{}]")), "is a JSON list: send one product a line");
  EXPECT_EQ(wrong_of(read("name,price\nx,1\n")), "the header has no column named id");
  EXPECT_EQ(wrong_of(read("id,price\n")), "has no products");
  EXPECT_EQ(wrong_of(read("<rss><channel></channel></rss>")), "has no products");
  EXPECT_EQ(wrong_of(read("<rss><item>\n<id>p1</item></rss>")),
            "is not well-formed XML: line 2: mismatched tag");
  EXPECT_EQ(wrong_of(read("<!DOCTYPE r [<!ENTITY a \"b\">]>\n"
                          "<rss><item><id>&a;</id></item></rss>")),
            "line 1: has a document type, which no feed needs");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "<a>";
  EXPECT_EQ(wrong_of(read(deep)), "line 1: is nested deeper than 32 levels");
}

TEST(CatalogueFile, BoundsAProduct) {
  const std::string huge(300 << 10, 'x');
  const Read csv = read("id,name\np1,\"" + huge + "\"\np2,b\n");
  EXPECT_EQ(wrong_of(csv), "2::is too long;");
  EXPECT_EQ(csv.products.size(), 1U);
  // A quote that never closes costs its own line.
  const Read open = read("id,name\np1,\"a\np2,b\np3," + huge + "\np4,d\n");
  EXPECT_EQ(wrong_of(open), "2::has a quote out of place;4::is too long;");
  EXPECT_EQ(open.products.size(), 2U);
  const Read feed = read("<rss><item><id>p1</id><title>" + huge + "</title></item></rss>");
  EXPECT_EQ(wrong_of(feed), "1:name:must be text of at most 500 bytes without NUL;");
}

TEST(CatalogueFile, StopsWhereTheSinkDoes) {
  std::string text = "id\n";
  for (int i = 0; i < 12'000; ++i) text += fmt::format("p{}\n", i);
  int calls = 0;
  const auto report = read_catalogue(text, [&](std::span<const Product>) -> Result<void> {
    calls += 1;
    return fail(ErrorCode::unavailable, "full");
  });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message(), "full");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace attune::serve
