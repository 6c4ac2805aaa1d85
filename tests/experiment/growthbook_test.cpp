// GrowthBook's own cases for its SDKs (specification 0.8.0): 517 of them, each held to the letter.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "experiment/bucket.h"
#include "experiment/condition.h"
#include "experiment/evaluate.h"
#include "experiment/payload_cipher.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

std::filesystem::path cases_file() {
  const char* given = std::getenv("ATTUNE_TEST_DATA");
  const char* source = std::getenv("ATTUNE_SOURCE_DIR");
  const std::filesystem::path folder =
      given != nullptr
          ? std::filesystem::path(given)
          : std::filesystem::path(source == nullptr ? "." : source) / "../shared/data";
  return folder / "growthbook_cases.json";
}

std::vector<double> numbers(const json::value& list) {
  std::vector<double> made;
  if (!list.is_array()) return made;
  for (const json::value& each : list.get_array()) made.push_back(each.to_number<double>());
  return made;
}

std::vector<Range> ranges(const json::value& list) {
  std::vector<Range> made;
  for (const json::value& each : list.as_array()) {
    made.push_back({each.at(0).to_number<double>(), each.at(1).to_number<double>()});
  }
  return made;
}

json::object object_of(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found != nullptr && found->is_object() ? found->get_object() : json::object();
}

Payload payload_of(const json::object& context) {
  return {.features = object_of(context, "features"),
          .saved_groups = object_of(context, "savedGroups"),
          .contextual_bandits = object_of(context, "contextualBandits")};
}

Asker asker_of(const json::object& context) {
  Asker asker;
  asker.attributes = object_of(context, "attributes");
  asker.forced_variations = object_of(context, "forcedVariations");
  if (const json::value* url = context.if_contains("url")) asker.url = url->as_string();
  if (const json::value* on = context.if_contains("enabled")) asker.enabled = on->as_bool();
  if (const json::value* qa = context.if_contains("qaMode")) asker.qa_mode = qa->as_bool();
  return asker;
}

/// Numbers of either kind alike, and members that are null as if they were not there.
json::value plain(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (value.is_array()) {
    json::array made;
    for (const json::value& each : value.get_array()) made.push_back(plain(each));
    return made;
  }
  if (!value.is_object()) return value;
  json::object made;
  for (const auto& [key, each] : value.get_object()) made[key] = plain(each);
  return made;
}

void expect_same(const json::value& actual, const json::value& expected) {
  EXPECT_EQ(plain(actual), plain(expected))
      << json::serialize(actual) << "\n" << json::serialize(expected);
}

class GrowthBookTest : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(cases_file());
    if (!file) GTEST_SKIP() << "no " << cases_file();
    std::stringstream text;
    text << file.rdbuf();
    json::parse_options options;
    options.max_depth = 64;
    cases_ = json::parse(text.str(), {}, options).as_object().at("cases").as_object();
  }

  /// check   gets the case without its name where it has one.
  void each_case(std::string_view name, std::size_t count,
                 const std::function<void(const json::array&)>& check) {
    const json::array& all = cases_.at(name).as_array();
    EXPECT_EQ(all.size(), count);
    for (const json::value& each : all) {
      SCOPED_TRACE(json::serialize(each).substr(0, 300));
      check(each.as_array());
    }
  }

  json::object cases_;
};

TEST_F(GrowthBookTest, Hash) {
  each_case("hash", 15, [](const json::array& c) {
    const auto bucket = bucket_of(std::string(c[0].as_string()), std::string(c[1].as_string()),
                                  static_cast<int>(c[2].as_int64()));
    ASSERT_EQ(bucket.has_value(), !c[3].is_null());
    if (bucket) {
      EXPECT_DOUBLE_EQ(*bucket, c[3].to_number<double>());
    }
  });
}

TEST_F(GrowthBookTest, Ranges) {
  each_case("getBucketRange", 13, [](const json::array& c) {
    const json::array& in = c[1].as_array();
    const auto made = bucket_ranges(static_cast<int>(in[0].as_int64()), in[1].to_number<double>(),
                                    numbers(in[2]));
    const auto wanted = ranges(c[2]);
    ASSERT_EQ(made.size(), wanted.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      EXPECT_NEAR(made[i].begin, wanted[i].begin, 1e-9);
      EXPECT_NEAR(made[i].end, wanted[i].end, 1e-9);
    }
  });
  each_case("getEqualWeights", 6, [](const json::array& c) {
    const auto made = equal_weights(static_cast<int>(c[0].as_int64()));
    const auto wanted = numbers(c[1]);
    ASSERT_EQ(made.size(), wanted.size());
    for (std::size_t i = 0; i < made.size(); ++i) EXPECT_NEAR(made[i], wanted[i], 1e-8);
  });
  each_case("chooseVariation", 13, [](const json::array& c) {
    EXPECT_EQ(choose_variation(c[1].to_number<double>(), ranges(c[2])), c[3].as_int64());
  });
  each_case("inNamespace", 16, [](const json::array& c) {
    const json::array& space = c[2].as_array();
    EXPECT_EQ(in_namespace(std::string(c[1].as_string()), std::string(space[0].as_string()),
                           {space[1].to_number<double>(), space[2].to_number<double>()}),
              c[3].as_bool());
  });
}

TEST_F(GrowthBookTest, QueryString) {
  each_case("getQueryStringOverride", 16, [](const json::array& c) {
    const auto made =
        variation_in_query(std::string(c[1].as_string()), std::string(c[2].as_string()),
                           static_cast<int>(c[3].as_int64()));
    expect_same(made ? json::value(*made) : json::value(nullptr), c[4]);
  });
}

TEST_F(GrowthBookTest, Conditions) {
  each_case("evalCondition", 248, [](const json::array& c) {
    const json::object groups = c.size() > 4 ? c[4].as_object() : json::object();
    EXPECT_EQ(fits(c[1].as_object(), c[2].as_object(), groups), c[3].as_bool());
  });
}

TEST_F(GrowthBookTest, Features) {
  for (const auto& [name, count] : {std::pair("feature", 55), {"contextualBandit", 35}}) {
    each_case(name, static_cast<std::size_t>(count), [](const json::array& c) {
      const Payload payload = payload_of(c[1].as_object());
      const Asker asker = asker_of(c[1].as_object());
      expect_same(Evaluator(payload, asker).feature(std::string(c[2].as_string())).to_json(), c[3]);
    });
  }
}

TEST_F(GrowthBookTest, Tests) {
  each_case("run", 73, [](const json::array& c) {
    const Payload payload = payload_of(c[1].as_object());
    const Asker asker = asker_of(c[1].as_object());
    Evaluator evaluator(payload, asker);
    const Assignment made = evaluator.run(c[2].as_object());
    expect_same(made.value, c[3]);
    EXPECT_EQ(made.in_experiment, c[4].as_bool());
    EXPECT_EQ(made.hash_used, c[5].as_bool());
    EXPECT_EQ(evaluator.exposures().size(), made.hash_used ? 1U : 0U);
  });
}

TEST_F(GrowthBookTest, StickyBuckets) {
  each_case("stickyBucket", 13, [](const json::array& c) {
    const json::object& context = c[1].as_object();
    const Payload payload = payload_of(context);
    Asker asker = asker_of(context);
    asker.sticky.emplace();
    for (const json::value& document : c[2].as_array()) {
      const std::string attribute(document.at("attributeName").as_string());
      const std::string value(document.at("attributeValue").as_string());
      // Clients load what belongs to the person.
      const json::value* own = asker.attributes.if_contains(attribute);
      if (own == nullptr || text_of(*own) != value) continue;
      (*asker.sticky)[attribute + "||" + value] = document;
    }
    Evaluator evaluator(payload, asker);
    const FeatureResult made = evaluator.feature(std::string(c[3].as_string()));
    json::value assignment;
    if (made.assignment) assignment = made.assignment->to_json();
    expect_same(assignment, c[4]);
    expect_same(evaluator.sticky(), c[5]);
  });
}

TEST_F(GrowthBookTest, Redirects) {
  each_case("urlRedirect", 4, [](const json::array& c) {
    const json::object& context = c[1].as_object();
    const Payload payload = payload_of(context);
    const Asker asker = asker_of(context);
    Evaluator evaluator(payload, asker);
    json::array made;
    for (const json::value& each : context.at("experiments").as_array()) {
      const json::object& test = each.as_object();
      const Assignment found = evaluator.run(test);
      if (!found.in_experiment || !found.value.is_object()) continue;
      const json::value* to = found.value.get_object().if_contains("urlRedirect");
      if (to == nullptr) continue;
      const json::value* keep = test.if_contains("persistQueryString");
      made.push_back({{"inExperiment", true},
                      {"urlRedirect", *to},
                      {"urlWithParams", redirect_target(asker.url, std::string(to->as_string()),
                                                        keep != nullptr && keep->as_bool())}});
      break;   // a page goes to one place
    }
    expect_same(made, c[2]);
  });
}

TEST_F(GrowthBookTest, Decryption) {
  each_case("decrypt", 10, [](const json::array& c) {
    const auto made = decrypt_payload(std::string(c[1].as_string()), std::string(c[2].as_string()));
    ASSERT_EQ(made.has_value(), !c[3].is_null());
    if (!made) return;
    EXPECT_EQ(*made, std::string(c[3].as_string()));
    const auto again = encrypt_payload(*made, std::string(c[2].as_string()));
    ASSERT_TRUE(again);
    EXPECT_EQ(decrypt_payload(*again, std::string(c[2].as_string())), *made);
  });
}

// Beyond the cases.

TEST(BucketTest, HashesUtf16UnitsAsBrowsersDo) {
  // Computed by JavaScript's charCodeAt over the same texts, seed "seed".
  struct Row {
    const char* id;
    double v2;
    double v1;
  };
  for (const Row& row : {Row{"z\u00fcrich", 0.162, 0.324}, Row{"\u65e5\u672c", 0.9652, 0.545},
                         Row{"\U0001f600-7", 0.6225, 0.421}, Row{"\u00e9", 0.8663, 0.137}}) {
    EXPECT_DOUBLE_EQ(*bucket_of("seed", row.id, 2), row.v2) << row.id;
    EXPECT_DOUBLE_EQ(*bucket_of("seed", row.id, 1), row.v1) << row.id;
  }
  EXPECT_EQ(bucket_of("seed", "\xff", 2), bucket_of("seed", "\ufffd", 2));
}

TEST(ConditionTest, NestingAndPatternsAreBounded) {
  json::value nested = json::object{{"a", 1}};
  for (int depth = 1; depth <= 500; ++depth) {
    nested = json::object{{"$not", nested}};
    const bool expected = depth < 90 && depth % 2 == 0;
    if (depth < 90 || depth > 110) {
      EXPECT_EQ(fits(nested.get_object(), {{"a", 1}}, {}), expected) << depth;
    }
  }
  const json::object slow{{"a", {{"$regex", "(a+)+$"}}}};
  EXPECT_FALSE(fits(slow, {{"a", std::string(5000, 'a') + "b"}}, {}));
}

}  // namespace
}  // namespace attune::experiment
