// Flags and tests of a site as clients get them, and what may be stored as a flag.
#include "experiment/payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <span>
#include <string>
#include <vector>

#include "experiment/flag_check.h"
#include "experiment/payload_cipher.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

Flag flag(std::string key, std::string_view rules, std::string type = "string",
          json::value otherwise = "off") {
  return {.key = std::move(key),
          .value_type = std::move(type),
          .default_value = std::move(otherwise),
          .rules = json::parse(rules).as_array()};
}

RunningTest checkout_test() {
  RunningTest test;
  test.key = "checkout";
  test.name = "Checkout button";
  test.seed = "s1";
  test.hash_attribute = "visitor_id";
  test.design = json::parse(R"({"condition":{"country":"DE"},
                                "namespace":{"id":"shop","range":[0,0.5]}})").as_object();
  test.arms = {{.id = "control", .name = "Blue", .traffic_percentage = 60, .configuration = {}},
               {.id = "green", .name = "Green", .traffic_percentage = 40,
                .configuration = {{"value", "#0f0"}}}};
  return test;
}

Asker german(std::string id) {
  Asker asker;
  asker.attributes = {{"id", std::move(id)}, {"country", "DE"}};
  return asker;
}

TEST(PayloadTest, ATestIsAFlagOfItsOwn) {
  const RunningTest test = checkout_test();
  const SitePayload site = make_payload({}, {&test, 1});
  ASSERT_EQ(site.payload.features.size(), 1U);
  EXPECT_EQ(site.payload.features.at("checkout"), json::parse(R"({
    "defaultValue": "control",
    "rules": [{"key":"checkout","seed":"s1","name":"Checkout button","phase":"0",
      "hashAttribute":"id","hashVersion":2,"coverage":1e0,"weights":[6e-1,4e-1],
      "meta":[{"key":"control","name":"Blue"},{"key":"green","name":"Green"}],
      "condition":{"country":"DE"},"disableStickyBucketing":true,"namespace":["shop",0,0.5],
      "variations":["control","#0f0"]}]})"));
  EXPECT_TRUE(site.experiments.empty());
}

TEST(PayloadTest, CodeGetsTheLevelsThatAVariationShows) {
  RunningTest test = checkout_test();
  test.arms[0].configuration = {{"factors", {{"button", "red"}, {"text", "buy"}}}};
  test.arms[1].configuration = {{"value", "own"}, {"factors", {{"button", "red"}}}};
  const SitePayload site = make_payload({}, {&test, 1});
  const json::value& feature = site.payload.features.at("checkout");
  EXPECT_EQ(feature.at("rules").at(0).at("variations"),
            json::parse(R"([{"button":"red","text":"buy"},"own"])"));
  EXPECT_EQ(feature.at("defaultValue"), json::parse(R"({"button":"red","text":"buy"})"));
}

TEST(PayloadTest, AFlagShowsATestWithValuesOfItsOwn) {
  const RunningTest test = checkout_test();
  const Flag shown = flag("button", R"([{"id":"fr_1","test":"checkout",
      "values":{"control":"blue","green":"lime"}}])");
  const SitePayload site = make_payload({&shown, 1}, {&test, 1});
  EXPECT_FALSE(site.payload.features.contains("checkout")) << "the flag stands for it";
  const json::value& rule = site.payload.features.at("button").at("rules").at(0);
  EXPECT_EQ(rule.at("variations"), (json::array{"blue", "lime"}));
  EXPECT_EQ(rule.at("key"), "checkout");
  EXPECT_EQ(rule.at("id"), "fr_1");
  const SitePayload rested = make_payload({&shown, 1}, {});
  EXPECT_FALSE(rested.payload.features.at("button").as_object().contains("rules"));
}

TEST(PayloadTest, AThrownSwitchTakesAFlagOut) {
  const RunningTest test = checkout_test();
  Flag killed = flag("button", R"([{"test":"checkout"}])");
  killed.enabled = false;
  const SitePayload site = make_payload({&killed, 1}, {&test, 1});
  EXPECT_TRUE(site.payload.features.empty());
}

TEST(PayloadTest, TestsThatChangePagesNeedNoFlag) {
  RunningTest split = checkout_test();
  split.type = "Split URL";
  split.design["url_targets"] = json::parse(R"([{"include":true,"type":"simple","pattern":"/a"}])");
  split.arms[1].configuration = {{"url", "https://shop.example/b"}};
  RunningTest look = checkout_test();
  look.key = "look";
  look.arms[1].configuration = {{"changes", {{"css", "body{color:red}"}}}};
  const std::vector<RunningTest> tests = {split, look};
  const SitePayload site = make_payload({}, tests);
  EXPECT_TRUE(site.payload.features.empty());
  ASSERT_EQ(site.experiments.size(), 2U);
  const json::value& first = site.experiments[0];
  EXPECT_EQ(first.at("variations").at(1).at("urlRedirect"), "https://shop.example/b");
  EXPECT_FALSE(first.at("variations").at(0).as_object().contains("urlRedirect"));
  EXPECT_EQ(first.at("urlPatterns").as_array().size(), 1U);
  EXPECT_EQ(site.experiments[1].at("variations").at(1).at("css"), "body{color:red}");
}

TEST(PayloadTest, SavedGroupsThatAConditionNamesArePublished) {
  const Flag inside = flag("menu", R"([{"force":"on","condition":
      {"$or":[{"id":{"$inGroup":"staff"}},{"$not":{"id":{"$notInGroup":"guests"}}}]}}])");
  RunningTest look = checkout_test();
  look.design = json::parse(R"({"condition":{"id":{"$inGroup":"buyers"}}})").as_object();
  look.arms[1].configuration = {{"changes", {{"css", "a{}"}}}};
  const json::object groups = json::parse(R"({"staff":["ann",7],"guests":["gus"],
      "buyers":["bea"],"others":["ola"]})").as_object();
  const SitePayload site = make_payload({&inside, 1}, {&look, 1}, groups);
  EXPECT_EQ(payload_json(site).at("savedGroups"),
            json::parse(R"({"staff":["ann",7],"guests":["gus"],"buyers":["bea"]})"));
  for (const auto& [who, value] : {std::pair{"ann", "on"}, {"gus", "on"}, {"ola", "off"}}) {
    const Asker asker = german(who);   // the evaluator keeps no copy
    Evaluator evaluator(site.payload, asker);
    EXPECT_EQ(evaluator.feature("menu").value, value) << who;
  }
  EXPECT_TRUE(make_payload({&inside, 1}, {}).payload.saved_groups.empty());
}

TEST(PayloadTest, WhoHasTheKeyReadsWhatOthersDoNot) {
  const Flag plain = flag("menu", R"([{"force":"secret value","condition":{"staff":true}}])");
  const json::object payload = payload_json(make_payload({&plain, 1}, {}));
  const auto key = make_payload_key();
  ASSERT_TRUE(key);
  EXPECT_NE(*make_payload_key(), *key);
  const auto hidden = encrypted_json(payload, *key);
  ASSERT_TRUE(hidden);
  EXPECT_EQ(json::serialize(*hidden).find("secret value"), std::string::npos);
  EXPECT_EQ(hidden->at("features"), json::object());
  for (const auto& [name, encrypted] : {std::pair{"features", "encryptedFeatures"},
                                        {"experiments", "encryptedExperiments"},
                                        {"savedGroups", "encryptedSavedGroups"}}) {
    const auto text = decrypt_payload(std::string(hidden->at(encrypted).as_string()), *key);
    ASSERT_TRUE(text) << name;
    EXPECT_EQ(json::parse(*text), payload.at(name)) << name;
  }
  const auto other = make_payload_key();
  ASSERT_TRUE(other);
  const std::string features(hidden->at("encryptedFeatures").as_string());
  const auto wrong = decrypt_payload(features, *other);
  // One wrong key in 256 finds padding that looks right; what it then reads is no JSON.
  json::error_code error;
  if (wrong) json::parse(*wrong, error);
  EXPECT_TRUE(!wrong || error);
  EXPECT_FALSE(decrypt_payload(features, ""));
  EXPECT_FALSE(encrypted_json(payload, "no key"));
}

TEST(PayloadTest, AHoldoutKeepsItsControlOutOfOtherTests) {
  RunningTest holdout = checkout_test();
  holdout.key = "held";
  holdout.seed = "h";
  holdout.design = {};
  holdout.arms[1].configuration = {};
  holdout.arms[0].traffic_percentage = 50;
  holdout.arms[1].traffic_percentage = 50;
  RunningTest test = checkout_test();
  test.design = {{"holdout", "held"}};
  const std::vector<RunningTest> tests = {holdout, test};
  const SitePayload site = make_payload({}, tests);
  int held = 0;
  for (int i = 0; i < 400; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    Evaluator evaluator(site.payload, asker);
    const bool out = evaluator.feature("held").value == "control";
    const FeatureResult result = evaluator.feature("checkout");
    EXPECT_EQ(result.source == "experiment", !out);
    held += out ? 1 : 0;
  }
  EXPECT_GT(held, 100);
  EXPECT_LT(held, 300);
}

/// A holdout of 30 % that by itself changes nothing.
RunningTest small_holdout(const std::string& key = "held") {
  RunningTest holdout;
  holdout.key = key;
  holdout.seed = key;
  holdout.hash_attribute = "visitor_id";
  holdout.arms = {
      {.id = "as-it-is", .name = "As it is", .traffic_percentage = 30, .configuration = {}},
      {.id = "all", .name = "All", .traffic_percentage = 70, .configuration = {}}};
  return holdout;
}

RunningTest page_test(const std::string& key, const std::string& holdout) {
  RunningTest test;
  test.key = key;
  test.seed = key;
  test.hash_attribute = "visitor_id";
  test.design = {{"holdout", holdout}};
  test.arms = {{.id = "control", .name = "Blue", .traffic_percentage = 50, .configuration = {}},
               {.id = "green", .name = "Green", .traffic_percentage = 50,
                .configuration = {{"changes", {{"css", "a{}"}}}}}};
  return test;
}

const Assignment* exposure(const Evaluator& evaluator, std::string_view test) {
  const auto& tests = evaluator.exposed_tests();
  const auto found = std::find(tests.begin(), tests.end(), test);
  return found == tests.end() ? nullptr : &evaluator.exposures()[
      static_cast<std::size_t>(found - tests.begin())];
}

/// Who is held out by `site`, asked by a test of the page; how many of 400 people that are.
int held_out(const SitePayload& site, std::string_view holdout) {
  const auto dependent = std::ranges::find_if(site.experiments, [](const json::value& each) {
    return each.at("key").as_string() == "look";
  });
  if (dependent == site.experiments.end()) return -1;
  int held = 0;
  for (int i = 0; i < 400; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    Evaluator evaluator(site.payload, asker);
    const Assignment made = evaluator.run(dependent->get_object());
    const Assignment* exposed = exposure(evaluator, holdout);
    EXPECT_NE(exposed, nullptr) << "both are counted, who is held out and who is not";
    if (exposed == nullptr) return -1;
    EXPECT_EQ(made.in_experiment, exposed->key != "as-it-is");
    held += made.in_experiment ? 0 : 1;
  }
  return held;
}

TEST(PayloadTest, AHoldoutIsOneWhateverShowsIt) {
  RunningTest holdout = small_holdout();
  const auto held = [&](std::span<const Flag> flags) {
    const std::vector<RunningTest> tests = {holdout, page_test("look", "held")};
    return held_out(make_payload(flags, tests), "held");
  };
  const int plain = held({});
  EXPECT_GT(plain, 80);
  EXPECT_LT(plain, 160);
  const Flag shown = flag("menu", R"([{"test":"held","values":{"as-it-is":"x","all":"x"}}])");
  EXPECT_EQ(held({&shown, 1}), plain) << "its values say nothing of who is held out";
  holdout.arms[1].configuration = {{"changes", {{"css", "b{}"}}}};
  EXPECT_EQ(held({}), plain) << "a test that changes pages";
  holdout.type = "Split URL";
  holdout.arms[1].configuration = {{"url", "/b"}};
  EXPECT_EQ(held({}), plain);
}

TEST(PayloadTest, WhoIsNotInAHoldoutIsKeptOutOfNothing) {
  RunningTest holdout = small_holdout();
  holdout.design = {{"condition", {{"country", "FR"}}}};
  const std::vector<RunningTest> tests = {holdout, page_test("look", "held")};
  const SitePayload site = make_payload({}, tests);
  for (int i = 0; i < 100; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    Evaluator evaluator(site.payload, asker);
    EXPECT_TRUE(evaluator.run(site.experiments[0].get_object()).in_experiment);
    EXPECT_EQ(exposure(evaluator, "held"), nullptr);
    EXPECT_TRUE(evaluator.feature("$holdout:held").value.is_null());
  }
}

TEST(PayloadTest, AFlagsRuleLeavesOutWhomAHoldoutKeeps) {
  const Flag menu = flag("menu", R"([{"id":"r","force":"on","holdout":"held"}])");
  RunningTest holdout = small_holdout();
  holdout.arms[1].configuration = {{"changes", {{"css", "b{}"}}}};
  const SitePayload site = make_payload({&menu, 1}, {&holdout, 1});
  const json::value& rule = site.payload.features.at("menu").at("rules").at(0);
  EXPECT_EQ(rule, json::parse(R"({"id":"r","force":"on","parentConditions":[
      {"id":"$holdout:held","condition":{"value":{"$ne":"as-it-is"}}}]})"));
  int held = 0;
  for (int i = 0; i < 400; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    Evaluator evaluator(site.payload, asker);
    const bool on = evaluator.feature("menu").value == "on";
    ASSERT_EQ(evaluator.exposures().size(), 1U);
    EXPECT_EQ(on, evaluator.exposures()[0].key == "all");
    held += on ? 0 : 1;
  }
  EXPECT_GT(held, 80);
  EXPECT_LT(held, 160);
  const SitePayload ended = make_payload({&menu, 1}, {});
  EXPECT_EQ(ended.payload.features.at("menu").at("rules").at(0),
            json::parse(R"({"id":"r","force":"on"})"));
  EXPECT_EQ(ended.payload.features.size(), 1U);
}

TEST(PayloadTest, AHoldoutMayLieWithinAnother) {
  RunningTest inner = small_holdout("inner");
  inner.design = {{"holdout", "outer"}};
  const std::vector<RunningTest> tests = {small_holdout("outer"), inner,
                                          page_test("look", "inner")};
  const SitePayload site = make_payload({}, tests);
  for (int i = 0; i < 200; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    Evaluator evaluator(site.payload, asker);
    const bool out = evaluator.feature("$holdout:outer").value == "as-it-is";
    const json::value within = evaluator.feature("$holdout:inner").value;
    EXPECT_EQ(within.is_null(), out);
  }
}

TEST(PayloadTest, ClientsWithoutRulesReportTheirHoldoutsToo) {
  RunningTest shown = page_test("shown", "held");
  shown.arms[1].configuration = {{"value", "x"}};
  const std::vector<RunningTest> tests = {small_holdout(), page_test("look", "held"), shown};
  const SitePayload site = make_payload({}, tests);
  int held = 0;
  for (int i = 0; i < 200; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    Evaluator whole(site.payload, asker);
    const Assignment wanted = whole.run(site.experiments[0].get_object());
    const json::object seen = evaluated_payload(site, asker);
    const Payload theirs{.features = seen.at("features").as_object(), .saved_groups = {},
                         .contextual_bandits = {}};
    // The page's test asks for the holdout's value, whose use the SDK reports.
    Evaluator client(theirs, asker);
    ASSERT_EQ(seen.at("experiments").as_array().size(), 1U);
    const json::object& look = seen.at("experiments").at(0).as_object();
    const Assignment made = client.run(look);
    EXPECT_EQ(made.in_experiment, wanted.in_experiment);
    EXPECT_EQ(made.variation, wanted.variation);
    const bool shows_changes = json::serialize(look).find("css") != std::string::npos;
    EXPECT_EQ(shows_changes, wanted.in_experiment && wanted.variation == 1);
    for (const char* key : {"$holdout:held", "shown"}) {
      const json::array& tracks =
          seen.at("features").at(key).at("rules").at(0).at("tracks").as_array();
      EXPECT_EQ(tracks.at(0).at("experiment").at("key").as_string(), "held");
      EXPECT_EQ(tracks.at(0).at("result").at("key").as_string(),
                wanted.in_experiment ? "all" : "as-it-is");
      const bool own = wanted.in_experiment && std::string_view(key) == "shown";
      EXPECT_EQ(tracks.size(), own ? 2U : 1U) << key;
      if (own) {
        EXPECT_EQ(tracks.at(1).at("experiment").at("key").as_string(), "shown");
      }
    }
    held += wanted.in_experiment ? 0 : 1;
  }
  EXPECT_GT(held, 30);
  EXPECT_LT(held, 90);
}

TEST(PayloadTest, WhatIsEvaluatedSaysNoRules) {
  RunningTest test = checkout_test();
  test.design.erase("namespace");
  RunningTest look = test;
  look.key = "look";
  look.arms[0].configuration = {{"changes", {{"css", "a{}"}}}};
  look.arms[1].configuration = {{"changes", {{"css", "b{}"}}}};
  const std::vector<RunningTest> tests = {test, look};
  const Flag plain = flag("theme", R"([{"force":"dark","condition":{"staff":true}}])");
  const SitePayload site = make_payload({&plain, 1}, tests);
  for (int i = 0; i < 50; ++i) {
    const Asker asker = german("p" + std::to_string(i));
    const json::object seen = evaluated_payload(site, asker);
    Evaluator whole(site.payload, asker);
    const FeatureResult wanted = whole.feature("checkout");
    EXPECT_EQ(json::serialize(seen).find("country"), std::string::npos) << "conditions are secret";
    EXPECT_EQ(seen.at("features").at("theme"), (json::object{{"defaultValue", "off"}}));
    const json::value& track = seen.at("features").at("checkout").at("rules").at(0);
    EXPECT_EQ(track.at("force"), wanted.value);
    EXPECT_EQ(track.at("tracks").at(0).at("result").at("key").as_string(),
              wanted.assignment->key);
    // The page's own run gives the same arm, and sees only that arm's changes.
    const json::object& experiment = seen.at("experiments").at(0).as_object();
    const Payload nothing;
    Evaluator page(nothing, asker);
    const Assignment again = page.run(experiment);
    const Assignment first = whole.run(site.experiments[0].as_object());
    EXPECT_EQ(again.variation, first.variation);
    EXPECT_TRUE(again.value.as_object().contains("css"));
    const auto unseen = static_cast<std::size_t>(1 - again.variation);
    const json::value& other = experiment.at("variations").at(unseen);
    EXPECT_TRUE(other.as_object().empty());
  }
}

// What is refused.

std::string refusal(const Flag& given, const FlagNeighbours& site = {}) {
  const auto checked = check_flag(given, site);
  return checked ? std::string() : checked.error().field() + ": " + checked.error().message();
}

TEST(FlagCheckTest, TakesWhatSdksTake) {
  EXPECT_EQ(refusal(flag("a", R"([
    {"id":"1","condition":{"$or":[{"country":{"$in":["DE","AT"]}},{"age":{"$gte":18}}],
      "name":{"$not":{"$regex":"^x"}},"tags":{"$elemMatch":{"$eq":"a"}},"v":{"$vgte":"1.2.0"}},
      "force":"on","coverage":0.2,"hashAttribute":"id"},
    {"variations":["a","b","c"],"weights":[0.333,0.333,0.334],"key":"abc","hashVersion":2,
     "namespace":["n",0,0.5],"meta":[{"key":"0"},{"key":"1"},{"key":"2"}]}])")), "");
}

TEST(FlagCheckTest, RefusesEachMistakeByName) {
  const auto field = [](std::string_view rule) {
    const std::string said = refusal(flag("a", "[" + std::string(rule) + "]"));
    return said.substr(0, said.find(": "));
  };
  EXPECT_EQ(field(R"({"force":"on","condition":{"age":{"$above":3}}})"),
            "rules[0].condition.age.$above");
  EXPECT_EQ(field(R"({"force":"on","condition":{"$if":[]}})"), "rules[0].condition.$if");
  EXPECT_EQ(field(R"r({"force":"on","condition":{"a":{"$regex":"(?=x)"}}})r"),
            "rules[0].condition.a.$regex");
  EXPECT_EQ(field(R"({"force":"on","condition":{"a":{"$in":"x"}}})"), "rules[0].condition.a.$in");
  EXPECT_EQ(field(R"({"force":"on","condition":{"a":{"$inGroup":"x"}}})"),
            "rules[0].condition.a.$inGroup");
  EXPECT_EQ(field(R"({"variations":["a","b"],"weights":[0.5,0.4]})"), "rules[0].weights");
  EXPECT_EQ(field(R"({"variations":["a","b"],"weights":[1]})"), "rules[0].weights");
  EXPECT_EQ(field(R"({"force":"on","coverage":1.5})"), "rules[0].coverage");
  EXPECT_EQ(field(R"({"force":"on","coverage":-0.1})"), "rules[0].coverage");
  EXPECT_EQ(field(R"({"force":"on","covrage":0.1})"), "rules[0].covrage");
  EXPECT_EQ(field(R"({"force":7})"), "rules[0].force");
  EXPECT_EQ(field(R"({"condition":{}})"), "rules[0].force");
  EXPECT_EQ(field(R"({"variations":["a"]})"), "rules[0].variations");
  EXPECT_EQ(field(R"({"variations":["a","b"],"ranges":[[0,0.6],[0.5,1]]})"), "rules[0].ranges");
  EXPECT_EQ(field(R"({"variations":["a","b"],"hashVersion":3})"), "rules[0].hashVersion");
  EXPECT_EQ(field(R"({"variations":["a","b"],"namespace":["n",0.5,0.2]})"), "rules[0].namespace");
  EXPECT_EQ(field(R"({"test":"nothing"})"), "rules[0].test");
  EXPECT_EQ(field(R"({"force":"on","parentConditions":[{"id":"nobody"}]})"),
            "rules[0].parentConditions");
  EXPECT_EQ(field("7"), "rules[0]");
  EXPECT_EQ(refusal(flag("a b", "[]")).substr(0, 4), "key:");
  EXPECT_EQ(refusal(flag("a", "[]", "boolean", "yes")).substr(0, 14), "default_value:");
}

TEST(FlagCheckTest, SavedGroupsAreThoseOfTheSite) {
  const FlagNeighbours site{
      .flags = {}, .tests = {}, .groups = {{"staff", json::array{"ann"}}}};
  const auto field = [&](std::string_view condition) {
    const std::string said = refusal(
        flag("a", R"([{"force":"on","condition":)" + std::string(condition) + "}]"), site);
    return said.substr(0, said.find(": "));
  };
  EXPECT_EQ(field(R"({"id":{"$inGroup":"staff"},"$not":{"id":{"$notInGroup":"staff"}}})"), "");
  EXPECT_EQ(field(R"({"$or":[{"id":{"$notInGroup":"stuff"}}]})"),
            "rules[0].condition.$or.id.$notInGroup");
  EXPECT_EQ(field(R"({"id":{"$not":{"$inGroup":"stuff"}}})"),
            "rules[0].condition.id.$not.$inGroup");
  EXPECT_EQ(field(R"({"id":{"$inGroup":["staff"]}})"), "rules[0].condition.id.$inGroup");
}

TEST(FlagCheckTest, EachSavedGroupThatADocumentNamesIsFound) {
  const json::value document = json::parse(R"([
    {"condition":{"id":{"$inGroup":"a","$notInGroup":"b"}}},
    {"parentConditions":[{"id":"x","condition":{"$or":[{"id":{"$not":{"$inGroup":"c"}}}]}}]},
    {"condition":{"id":{"$in":["d"]},"name":"e"}}])");
  EXPECT_EQ(named_groups(document), (std::set<std::string, std::less<>>{"a", "b", "c"}));
  EXPECT_TRUE(named_groups(json::parse("[{},[],7,null]")).empty());
}

TEST(FlagCheckTest, PrerequisitesMayNotGoInACircle) {
  const std::vector<Flag> others = {
      flag("b", R"([{"force":"on","parentConditions":[{"id":"c"}]}])"),
      flag("c", R"([{"force":"on","parentConditions":[{"id":"a"}]}])"), flag("d", "[]")};
  const FlagNeighbours site{.flags = others, .tests = {}};
  EXPECT_NE(refusal(flag("a", R"([{"force":"on","parentConditions":[{"id":"b"}]}])"), site)
                .find("circle"), std::string::npos);
  EXPECT_EQ(refusal(flag("a", R"([{"force":"on","parentConditions":[{"id":"d"}]}])"), site), "");
  EXPECT_EQ(flags_that_need("c", others), std::vector<std::string>{"b"});
}

TEST(FlagCheckTest, TestsShareNobodyOfANamespace) {
  const std::vector<Flag> others = {
      flag("b", R"([{"variations":["a","b"],"namespace":["n",0,0.4]}])")};
  const std::vector<KnownTest> tests = {
      {.key = "t", .variations = {"control", "b"},
       .design = {{"namespace", {{"id", "n"}, {"range", {0.4, 0.6}}}}}}};
  const FlagNeighbours site{.flags = others, .tests = tests};
  const auto with = [&](std::string_view part) {
    return refusal(flag("a", R"([{"variations":["x","y"],"namespace":["n",)" +
                                 std::string(part) + "]}]"), site);
  };
  EXPECT_NE(with("0.3,0.4").find("'b'"), std::string::npos);
  EXPECT_NE(with("0.5,0.8").find("'t'"), std::string::npos);
  EXPECT_EQ(with("0.6,1"), "");
}

TEST(FlagCheckTest, ValuesOfATestAreThoseOfItsVariations) {
  const std::vector<KnownTest> tests = {
      {.key = "t", .variations = {"control", "b"}, .design = {}},
      {.key = "moving", .variations = {"control", "b"}, .design = {}, .is_bandit = true}};
  const FlagNeighbours site{.flags = {}, .tests = tests};
  EXPECT_EQ(refusal(flag("a", R"([{"test":"t","values":{"control":"x","b":"y"}}])"), site), "");
  EXPECT_NE(refusal(flag("a", R"([{"test":"t","values":{"control":"x"}}])"), site), "");
  EXPECT_NE(refusal(flag("a", R"([{"test":"t","values":{"control":"x","c":"y"}}])"), site), "");
  EXPECT_NE(refusal(flag("a", R"([{"test":"t","values":{"control":"x","b":1}}])"), site), "");
  EXPECT_NE(refusal(flag("a", R"([{"test":"t","coverage":0.5}])"), site), "");
  EXPECT_EQ(refusal(flag("a", R"([{"force":"x","holdout":"t"}])"), site), "");
  EXPECT_EQ(refusal(flag("a", R"([{"force":"x","holdout":"u"}])"), site),
            "rules[0].holdout: no test of this site has the key 'u'");
  EXPECT_NE(refusal(flag("a", R"([{"force":"x","holdout":7}])"), site), "");
  EXPECT_NE(refusal(flag("a", R"([{"force":"x","holdout":"moving"}])"), site).find("bandit"),
            std::string::npos);
}

}  // namespace
}  // namespace attune::experiment
