// Reads members of a parsed JSON document into validated values. simdjson stays in the .cpp: only
// its element type is named here. Every function returns false after noting the broken rule.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/uuid.h"
#include "collect/draft.h"

namespace simdjson::dom {
class element;
class object;
}

namespace attune::collect {

using JsonElement = simdjson::dom::element;

/// A text, cut at `characters_max`.
bool read_text(const JsonElement& value, std::string_view field, std::size_t characters_max,
               std::string& out, Problem& problem);

/// An identifier: a text of 1..characters_max characters without control characters, or an integer.
bool read_id(const JsonElement& value, std::string_view field, std::size_t characters_max,
             std::string& out, Problem& problem);

struct NumberRange {
  double min = 0;
  double max = 0;
  bool text_allowed = false;  // "19.90", as PHP sends it
};

bool read_number(const JsonElement& value, std::string_view field, NumberRange range, double& out,
                 Problem& problem);

/// A number that is rounded to the nearest whole.
bool read_whole(const JsonElement& value, std::string_view field, NumberRange range,
                std::int32_t& out, Problem& problem);

bool read_uuid(const JsonElement& value, std::string_view field, Uuid& out, Problem& problem);

/// "1920x1080".
bool read_size(const JsonElement& value, std::string_view field, std::int32_t& width,
               std::int32_t& height, Problem& problem);

/// ISO 8601 with a zone, or milliseconds.
bool read_time(const JsonElement& value, std::string_view field, std::int64_t& out_ms,
               Problem& problem);

struct RedactionRules {
  std::span<const std::string> extra_names = {};
  bool is_form = false;  // numbers are looked at, texts are cut at 1,000
};

/// Writes any JSON value, redacted by names and by values.
///
/// name  of the member the value belongs to.
bool write_redacted(const JsonElement& value, std::string_view name, const RedactionRules& rules,
                    JsonWriter& out, Problem& problem);

/// An object of web vitals, as JSON.
bool read_performance(const JsonElement& value, std::string_view field, std::string& json,
                      Problem& problem);

/// Commerce fields that the source schemas name wc_...: true when `name` is one of them; then
/// `good` tells whether the value was.
bool read_wc_alias(std::string_view name, const JsonElement& value, Draft& draft, Problem& problem,
                   bool& good);

/// Likewise scroll_depth and time_on_page, for fields not given yet.
bool read_page_alias(std::string_view name, const JsonElement& value, Draft& draft,
                     Problem& problem, bool& good);

/// All of these names within custom data, for fields not given otherwise. It is the sender's own
/// data: what is none of them, or has no usable value, is no error.
void read_data_aliases(const simdjson::dom::object& data, Draft& draft);

}  // namespace attune::collect
