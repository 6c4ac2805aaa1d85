#include "serve/exposures.h"

#include <algorithm>
#include <boost/json.hpp>

#include "collect/draft.h"
#include "serve/json_fields.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kIdBytesMax = 255;
constexpr std::size_t kKeyBytesMax = 100;
constexpr std::size_t kAttributesMax = 16;
constexpr std::int64_t kLateMsMax = 72 * 3'600'000;
constexpr std::int64_t kAheadMsMax = 60'000;   // a clock may be so much ahead

bool is_clean(const std::string& text) {
  return !text.empty() &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

/// Texts by name; what else is in there breaks nothing down.
void read_attributes(JsonFields& fields, event::Exposure& exposure) {
  const json::object* attributes = fields.optional_object("attributes");
  if (attributes == nullptr || attributes->empty()) return;
  if (attributes->size() > kAttributesMax) {
    return fields.refuse("attributes", "at most 16 attributes");
  }
  for (const auto& entry : *attributes) {
    const json::string* text = entry.value().if_string();
    if (text == nullptr || text->size() > kKeyBytesMax || entry.key().size() > kKeyBytesMax) {
      return fields.refuse("attributes", "must be texts of at most 100 bytes by name");
    }
  }
  exposure.attributes_json = json::serialize(*attributes);
}

void read_time(JsonFields& fields, event::Exposure& exposure) {
  exposure.exposed_ms = exposure.received_ms;
  const auto text = fields.optional_text("timestamp", 40);
  if (!text) return;
  const auto time_ms = collect::parse_iso8601(*text);
  if (!time_ms) return fields.refuse("timestamp", "must be a time such as 2026-11-21T08:00:00Z");
  if (*time_ms > exposure.received_ms + kAheadMsMax) {
    return fields.refuse("timestamp", "lies in the future");
  }
  if (*time_ms < exposure.received_ms - kLateMsMax) {
    return fields.refuse("timestamp", "lies over 72 hours back");
  }
  exposure.exposed_ms = std::min(*time_ms, exposure.received_ms);
}

void check_variation(JsonFields& fields, const event::Exposure& exposure,
                     const ExposureContext& context) {
  const auto test = std::ranges::find_if(context.tests, [&](const experiment::Test& each) {
    return each.key == exposure.test_key && each.started_ms.has_value();
  });
  if (test == context.tests.end()) {
    return fields.refuse("test", "no test of the site with this key was ever started");
  }
  const auto& arms = test->arms;
  if (std::ranges::find(arms, exposure.variation_id, &experiment::Arm::id) == arms.end()) {
    fields.refuse("variation", "the test has no such variation");
  }
}

}  // namespace

Result<event::Exposure> read_exposure(const json::value& value, const std::string& prefix,
                                      const ExposureContext& context) {
  JsonFields fields(value, prefix);
  event::Exposure exposure;
  exposure.site = context.site;
  exposure.received_ms = context.received_ms;
  exposure.source = "api";
  exposure.test_key = fields.text("test", kKeyBytesMax);
  exposure.variation_id = fields.text("variation", kKeyBytesMax);
  exposure.visitor_id = fields.text("visitor_id", kIdBytesMax);
  if (!is_clean(exposure.visitor_id)) {
    fields.refuse("visitor_id", "must be text without control characters");
  }
  exposure.session_id = fields.optional_text("session_id", kIdBytesMax).value_or("");
  if (const auto share = fields.optional_number("propensity", 0, 1)) {
    if (*share <= 0) fields.refuse("propensity", "must be above 0");
    exposure.propensity = *share;
  }
  read_time(fields, exposure);
  read_attributes(fields, exposure);
  check_variation(fields, exposure, context);
  ATTUNE_TRY(fields.finish());
  return exposure;
}

}  // namespace attune::serve
