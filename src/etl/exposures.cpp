#include "etl/exposures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <simdjson.h>
#include <string_view>

#include "base/hash.h"

namespace attune::etl {
namespace {

using store::Value;

constexpr char kSeparator = '\x1f';
constexpr std::size_t kKeyBytesMax = 100;
constexpr std::size_t kVisitorBytesMax = 255;
constexpr std::int64_t kTimeMsEnd = 4'102'444'800'000;   // the year 2100: what engines can hold

bool is_key(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         simdjson::validate_utf8(text.data(), text.size()) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

/// The object on one line, or an empty one: what is none breaks nothing down.
std::string object_of(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (text.empty() || parser.parse(text).get(object) != simdjson::SUCCESS) return "{}";
  return simdjson::minify(object);
}

/// Texts side by side in one parameter.
class TextList {
 public:
  void add(std::string_view text) {
    if (!text_.empty() || count_ > 0) text_.push_back(kSeparator);
    text_.append(text);
    ++count_;
  }
  Value value() const { return Value{text_}; }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace

std::int64_t unit_id_of(const std::string& site, const std::string& test_key,
                        const std::string& visitor_id) {
  return stable_id(site, test_key + kSeparator + visitor_id);
}

bool Exposures::add(const event::Exposure& exposure, std::uint64_t position) {
  const bool usable = is_key(exposure.visitor_id, kVisitorBytesMax) &&
                      is_key(exposure.test_key, kKeyBytesMax) &&
                      is_key(exposure.variation_id, kKeyBytesMax) &&
                      exposure.exposed_ms >= 0 && exposure.exposed_ms < kTimeMsEnd;
  if (!usable) return false;
  const std::int64_t unit =
      unit_id_of(exposure.site.text(), exposure.test_key, exposure.visitor_id);
  const auto [found, is_new] = rows_.try_emplace(unit);
  Row& row = found->second;
  ++row.exposures;
  if (!is_new && row.first.variation_id != exposure.variation_id && !row.is_mixed) {
    row.is_mixed = true;
    row.changed_position = position;
  }
  if (is_new || exposure.exposed_ms < row.first.exposed_ms) {
    row.first = exposure;
    row.changed_position = position;
  }
  return true;
}

Result<void> Exposures::write(store::Session& session) const {
  if (rows_.empty()) return {};
  std::array<TextList, 11> lists;
  for (const auto& [unit, row] : rows_) {
    const event::Exposure& first = row.first;
    const double propensity = std::isfinite(first.propensity) ? first.propensity : 1;
    const std::array<std::string, 11> texts{
        first.site.text(), fmt::format("{}", unit), first.test_key, first.visitor_id,
        first.variation_id, fmt::format("{}", first.exposed_ms),
        object_of(first.attributes_json), fmt::format("{}", propensity),
        fmt::format("{}", row.exposures), row.is_mixed ? "true" : "false",
        fmt::format("{}", row.changed_position)};
    for (std::size_t column = 0; column < texts.size(); ++column) lists[column].add(texts[column]);
  }
  std::array<Value, 11> parameters;
  std::ranges::transform(lists, parameters.begin(), &TextList::value);
  ATTUNE_TRY(session.execute("etl/exposures.add", parameters));
  return {};
}

}  // namespace attune::etl
