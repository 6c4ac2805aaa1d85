// Addresses of pages: which a test is for, and where a split URL test sends people.
#include <re2/re2.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "experiment/condition.h"
#include "experiment/evaluate.h"

namespace attune::experiment {
namespace {

namespace urls = boost::urls;
namespace json = boost::json;

constexpr std::int64_t kPatternBytesMax = 1 << 20;

bool matches(std::string_view text, const std::string& pattern, bool whole) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  const RE2 compiled(pattern, options);
  if (!compiled.ok()) return false;
  return whole ? RE2::FullMatch(text, compiled) : RE2::PartialMatch(text, compiled);
}

/// "*" stands for anything.
bool part_fits(const std::string& actual, const std::string& expected, bool is_path) {
  const auto strip = [&](std::string_view text) {
    while (is_path && text.starts_with('/')) text.remove_prefix(1);
    while (is_path && text.ends_with('/')) text.remove_suffix(1);
    return text;
  };
  std::string pattern = "(?i)";
  std::string_view wanted = strip(expected);
  for (;;) {
    const std::size_t star = wanted.find('*');
    pattern += RE2::QuoteMeta(std::string(wanted.substr(0, star)));
    if (star == std::string_view::npos) break;
    pattern += ".*";
    wanted.remove_prefix(star + 1);
  }
  return matches(strip(actual), pattern, true);
}

/// Host, path, fragment and the parameters named in the pattern have to fit; others may be there.
bool simple_fits(std::string_view url, std::string_view pattern) {
  // A pattern without a host is about the path on any host.
  const bool has_host = pattern.find("//") != std::string_view::npos;
  const std::string full = has_host ? std::string(pattern) : "https://_" + std::string(pattern);
  const auto wanted = urls::parse_uri_reference(full);
  const auto actual = urls::parse_uri_reference(url);
  if (!wanted || !actual) return false;
  if (has_host && !part_fits(actual->host(), wanted->host(), false)) return false;
  if (!part_fits(actual->path(), wanted->path(), true)) return false;
  if (wanted->has_fragment() &&
      !part_fits(actual->fragment(), wanted->fragment(), false)) {
    return false;
  }
  for (const auto& parameter : wanted->params()) {
    const auto found = actual->params().find(parameter.key);
    const std::string value = found == actual->params().end() ? "" : std::string((*found).value);
    if (!part_fits(value, parameter.value, false)) return false;
  }
  return true;
}

bool regex_fits(std::string_view url, const std::string& pattern) {
  if (matches(url, pattern, false)) return true;
  const auto parsed = urls::parse_uri_reference(url);
  if (!parsed) return false;
  const std::string_view origin = parsed->encoded_origin();
  return matches(url.substr(std::min(url.size(), origin.size())), pattern, false);
}

}  // namespace

bool is_url_targeted(std::string_view url, const json::array& targets) {
  bool has_include = false;
  bool included = false;
  for (const json::value& each : targets) {
    const json::object* target = each.if_object();
    if (target == nullptr) continue;
    const json::value* pattern = target->if_contains("pattern");
    const json::value* type = target->if_contains("type");
    const json::value* include = target->if_contains("include");
    if (pattern == nullptr || !pattern->is_string()) continue;
    const std::string text(pattern->get_string());
    const bool is_regex = type != nullptr && type->is_string() && type->get_string() == "regex";
    const bool found = is_regex ? regex_fits(url, text) : simple_fits(url, text);
    if (include != nullptr && !is_truthy(*include)) {
      if (found) return false;
    } else {
      has_include = true;
      included = included || found;
    }
  }
  return included || !has_include;
}

std::string redirect_target(std::string_view from, std::string_view to, bool keep_query) {
  if (!keep_query) return std::string(to);
  const auto before = urls::parse_uri_reference(from);
  const auto after = urls::parse_uri_reference(to);
  if (!before || !after) return std::string(to);
  urls::url made(*after);
  for (const auto& parameter : before->encoded_params()) {
    if (made.encoded_params().find(parameter.key) == made.encoded_params().end()) {
      made.encoded_params().append(parameter);
    }
  }
  return std::string(made.buffer());
}

}  // namespace attune::experiment
