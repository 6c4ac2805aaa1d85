// What values mean to a template: truth, order, text. Internal to the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "campaign/template/ast.h"

namespace attune::campaign::liquid {

/// Everything but null and false.
bool is_true(const boost::json::value& value);
/// Null, false, "" and [] : what `default` stands in for.
bool is_blank(const boost::json::value& value);
/// Arrays and objects as JSON; null as "".
std::string text_of(const boost::json::value& value);
/// Of numbers and of texts that are one.
std::optional<double> number_of(const boost::json::value& value);
bool holds(Compare compare, const boost::json::value& left, const boost::json::value& right);

struct FilterCall {
  std::string_view name;
  const std::vector<boost::json::value>& arguments;
  std::int64_t now_ms = 0;
  bool is_html = true;   // `escape` is left to the output
};
/// Whether there is such a filter.
bool is_filter(std::string_view name);
/// How many arguments it takes: lowest and highest.
std::pair<std::size_t, std::size_t> filter_arity(std::string_view name);
/// Errors   resource_exhausted: the result would be too large. A value that a filter cannot work
///          with stays as it is.
[[nodiscard]] Result<boost::json::value> apply_filter(const FilterCall& call,
                                                      boost::json::value value);

}  // namespace attune::campaign::liquid
