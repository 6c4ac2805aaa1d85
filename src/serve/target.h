// Reads the target of a request: path segments and query parameters, percent-decoded. Ours rather
// than Boost.URL because it has fixed limits, one error form, and no allocation for plain targets;
// it is fuzzed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace attune::serve {

inline constexpr std::size_t kTargetBytesMax = 8192;
inline constexpr std::size_t kSegmentsMax = 32;
inline constexpr std::size_t kParametersMax = 64;

/// Query parameters in the order sent, decoded ('+' is a space).
class QueryParameters {
 public:
  /// The first value of that name, or nullopt.
  std::optional<std::string_view> get(std::string_view name) const;
  /// The first value of that name, or `otherwise`.
  std::string_view get_or(std::string_view name, std::string_view otherwise) const;
  /// A whole number, or `otherwise` when the parameter is missing.
  /// Errors  invalid_argument (field = name): not a number, or outside [low, high].
  [[nodiscard]] Result<std::int64_t> number(std::string_view name, std::int64_t otherwise,
                                            std::int64_t low, std::int64_t high) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }
  void add(std::string name, std::string value) {
    all_.emplace_back(std::move(name), std::move(value));
  }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

struct Target {
  std::vector<std::string> segments;  // "/a/b%2Fc/" is {"a", "b/c", ""}: the end slash is kept
  QueryParameters query;

  /// "/a/b": the decoded path, for files.
  std::string path() const;
};

/// Decodes percent escapes; with `plus_is_space` also '+'.
/// Errors  invalid_argument: a broken escape, a NUL byte or control character, or not UTF-8.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Reads a target in origin form ("/path?query").
/// Errors  invalid_argument (field "target"): does not start with '/', longer than kTargetBytesMax,
/// more
///         than kSegmentsMax segments or kParametersMax parameters, a "." or ".." segment, a broken
///         escape, a NUL or control character, or not UTF-8.
[[nodiscard]] Result<Target> parse_target(std::string_view target);

}  // namespace attune::serve
