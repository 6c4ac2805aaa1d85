// The template language: a Liquid subset that cannot loop for ever, read files, reach the network,
// or inject script. Escaping follows the place of each output in the page (html_place.h); budgets
// bound steps and output. docs/content.md is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "campaign/template/ast.h"

namespace attune::campaign::liquid {

constexpr std::size_t kSourceBytesMax = 64 * 1024;
constexpr std::size_t kNestingMax = 16;
constexpr std::size_t kNodesMax = 10'000;
constexpr std::size_t kFiltersMax = 10;    // of one expression
constexpr std::size_t kVariablesMax = 100;

class Template {
 public:
  /// Errors   invalid_argument: longer than kSourceBytesMax, or not of the language; the message
  ///          begins "line 3, column 7: ".
  [[nodiscard]] static Result<Template> parse(std::string_view source);
  const std::vector<Node>& nodes() const { return *nodes_; }

 private:
  std::shared_ptr<const std::vector<Node>> nodes_;
};

/// What a template says of a value that it is given.
struct Variable {
  std::string name;
  std::string type = "text";   // text, number, flag, list, object, date
  boost::json::value fallback{};  // null: none
  bool is_required = false;    // without a value nothing is rendered
  bool is_pii = false;         // hidden in previews
  bool is_html_safe = false;   // `raw` may put it out as it is
};
/// Errors   invalid_argument, field "personalization_variables": not an array of such objects, a
///          name twice or not a name, a default of another type, too many.
[[nodiscard]] Result<std::vector<Variable>> read_variables(const boost::json::value& list);

/// What the text becomes: decides how outputs are escaped.
enum class Output : std::uint8_t {
  html,        // a page or a mail
  text,        // several lines, no markup: SMS, push, ad copy
  line         // a subject: one line, CR and LF become spaces
};

/// Names that are always there; see docs/content.md, "What a template can use".
constexpr std::string_view kGivenNames[] = {"visitor", "slot", "now", "forloop"};

struct Issue {
  Position at;
  std::string message;
};
std::string to_string(const Issue& issue);  // "line 3, column 7: ..."

/// What is wrong with a template that parses; at most 100 issues, in the source's order.
std::vector<Issue> lint(const Template& source, std::span<const Variable> variables, Output output);

struct RenderOptions {
  Output output = Output::html;
  std::int64_t now_ms = 0;
  std::size_t steps_max = 100'000;
  std::size_t output_bytes_max = std::size_t{1} << 20;
  bool hide_pii = false;  // for previews
};

struct Rendered {
  std::string text;
  /// Of `abort_message`, or which required variable is missing; the text is empty then.
  std::optional<std::string> aborted;
  std::size_t steps = 0;
  std::vector<std::string> used;  // declared variables that had a value, as declared
};

/// Errors   resource_exhausted: a budget is used up; failed_precondition: an output stands where
///          none is safe. Both with line and column.
[[nodiscard]] Result<Rendered> render(const Template& source, std::span<const Variable> variables,
                                      const boost::json::object& data,
                                      const RenderOptions& options);

struct Imported {
  std::string source;
  std::vector<Variable> variables;
  std::vector<std::string> unknown;  // tokens left as text: nothing here stands for them
};
/// Rewrites Mautic's `{contactfield=firstname|there}` and `{unsubscribe_url}`.
Imported import_mautic(std::string_view source);

}  // namespace attune::campaign::liquid
