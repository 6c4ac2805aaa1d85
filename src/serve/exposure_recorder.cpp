#include "serve/exposure_recorder.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "collect/text.h"
#include "experiment/condition.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::int64_t kRememberMs = 3'600'000;
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kVisitorBytesMax = 255;
constexpr std::size_t kDimensionBytesMax = 64;

std::uint64_t key_of(const event::Exposure& exposure) {
  std::uint64_t key = hash64(exposure.site.text());
  for (const std::string* part :
       {&exposure.visitor_id, &exposure.test_key, &exposure.variation_id, &exposure.source}) {
    key = hash64(*part, key);
  }
  return key == 0 ? 1 : key;
}

}  // namespace

ExposureRecorder::ExposureRecorder(event::ExposureSink* sink, const Clock& clock,
                                   std::size_t places)
    : sink_(sink), clock_(clock), places_(places) {}

bool ExposureRecorder::is_known(std::uint64_t key, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  Place* const first = &places_[key & (places_.size() - kWays)];
  Place* oldest = first;
  for (Place* place = first; place != first + kWays; ++place) {
    if (place->key == key && now_ms - place->time_ms < kRememberMs) return true;
    if (place->key == key || place->time_ms < oldest->time_ms) oldest = place;
  }
  *oldest = {key, now_ms};
  return false;
}

void ExposureRecorder::forget(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  Place* const first = &places_[key & (places_.size() - kWays)];
  for (Place* place = first; place != first + kWays; ++place) {
    if (place->key == key) *place = {};
  }
}

Result<bool> ExposureRecorder::record(event::Exposure exposure, const Publication& published) {
  if (sink_ == nullptr) {
    return fail(ErrorCode::unavailable, "exposures are not taken in this process");
  }
  exposure.visitor_id = collect::cut(exposure.visitor_id, kVisitorBytesMax);
  exposure.test_key = collect::cut(exposure.test_key, kNameBytesMax);
  exposure.variation_id = collect::cut(exposure.variation_id, kNameBytesMax);
  exposure.session_id = collect::cut(exposure.session_id, kNameBytesMax);
  const auto test = published.shares.find(exposure.test_key);
  if (test != published.shares.end()) {
    const auto share = test->second.find(exposure.variation_id);
    if (share != test->second.end() && share->second > 0) exposure.propensity = share->second;
  }
  const std::uint64_t key = key_of(exposure);
  if (is_known(key, clock_.now_ms())) return false;
  auto written = sink_->record(exposure);
  if (written) return true;
  forget(key);
  return pass(written);
}

std::string exposure_dimensions(const json::object& attributes) {
  static constexpr std::array<std::array<std::string_view, 2>, 6> kNames = {{
      {"device", "device"}, {"deviceType", "device"}, {"country", "country"},
      {"browser", "browser"}, {"os", "os"}, {"language", "language"}}};
  json::object made;
  for (const auto& [from, to] : kNames) {
    const json::value* value = attributes.if_contains(from);
    if (value == nullptr || !value->is_string() || value->get_string().empty()) continue;
    const std::string_view text(value->get_string().data(), value->get_string().size());
    made[to] = collect::cut(text, kDimensionBytesMax);
  }
  return made.empty() ? std::string() : json::serialize(made);
}

std::optional<event::Exposure> exposure_of(const experiment::Assignment& made,
                                           std::string_view test,
                                           const json::object& attributes) {
  event::Exposure exposure;
  exposure.visitor_id = experiment::text_of(made.hash_value);
  if (!made.hash_used || exposure.visitor_id.empty() || test.empty()) return std::nullopt;
  exposure.test_key = test;
  exposure.variation_id = made.key;
  exposure.attributes_json = exposure_dimensions(attributes);
  return exposure;
}

}  // namespace attune::serve
