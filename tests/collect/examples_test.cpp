// The worked examples of docs/formats/events.md: pairs of JSON blocks, what is sent and what it
// becomes.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <sstream>

#include "collect/collect_fixture.h"

namespace attune::collect {
namespace {

std::vector<std::string> json_blocks(const std::string& document) {
  std::vector<std::string> blocks;
  const std::string opening = "```json\n";
  for (auto at = document.find(opening); at != std::string::npos; at = document.find(opening, at)) {
    at += opening.size();
    blocks.push_back(document.substr(at, document.find("```", at) - at));
  }
  return blocks;
}

std::string minified(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json).get(root) != simdjson::SUCCESS) return "no JSON: " + json;
  return simdjson::minify(root);
}

TEST(WorkedExamplesTest, OfTheDocumentHold) {
  const char* source = std::getenv("ATTUNE_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "ctest sets it";
  std::ifstream file(std::filesystem::path(source) / "docs/formats/events.md");
  std::ostringstream text;
  text << file.rdbuf();
  const auto blocks = json_blocks(text.str());
  ASSERT_EQ(blocks.size(), 6u) << "three pairs";
  const auto sites = testing::two_sites();
  const NativeCollector collector(testing::shared_enricher(), IntakeLimits{});
  RequestContext context;
  context.received_ms = testing::kNowMs;
  context.user_agent = testing::kFirefox;
  for (std::size_t i = 0; i < blocks.size(); i += 2) {
    const Intake intake = collector.collect(sites, context, blocks[i]);
    const auto events = testing::events_of(intake.batch);
    ASSERT_EQ(events.size(), 1u) << blocks[i];
    EXPECT_EQ(minified(events[0].raw_json), minified(blocks[i + 1]));
  }
}

}  // namespace
}  // namespace attune::collect
