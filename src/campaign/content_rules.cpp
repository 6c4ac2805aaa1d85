#include "campaign/content_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include <boost/json.hpp>

namespace attune::campaign {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::size_t kFirstColumn = 2;   // behind id and user_id
constexpr std::string_view kTemplates = "content_templates";
constexpr std::size_t kIssuesShown = 10;

const Value& at(const Table& table, std::span<const Value> row, std::string_view column) {
  return row[kFirstColumn + *table.find(column)];
}

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* text = std::get_if<store::Json>(&value)) return text->text;
  return {};
}

Result<json::value> parse(std::string_view text, std::string_view field) {
  json::error_code problem;
  json::value value = json::parse(text, problem);
  if (problem) return fail(ErrorCode::invalid_argument, "is not JSON", std::string(field));
  return value;
}

}  // namespace

liquid::Output output_of(std::string_view template_type) {
  const bool is_page = template_type == "email" || template_type == "web_block";
  return is_page ? liquid::Output::html : liquid::Output::text;
}

Result<Content> read_content(const ContentTexts& texts) {
  Content made;
  made.output = output_of(texts.type);
  ATTUNE_ASSIGN(made.body, liquid::Template::parse(texts.body));
  if (!texts.variables_json.empty()) {
    ATTUNE_ASSIGN(const json::value list, parse(texts.variables_json, "personalization_variables"));
    ATTUNE_ASSIGN(made.variables, liquid::read_variables(list));
  }
  if (texts.type != "email" || texts.style_json.empty()) return made;
  ATTUNE_ASSIGN(const json::value style, parse(texts.style_json, "style_parameters"));
  const json::value* subject =
      style.is_object() ? style.get_object().if_contains("subject") : nullptr;
  if (subject == nullptr) return made;
  if (!subject->is_string()) {
    return fail(ErrorCode::invalid_argument, "the subject must be text", "style_parameters");
  }
  auto parsed = liquid::Template::parse(subject->get_string());
  if (!parsed) {
    return fail(ErrorCode::invalid_argument, "subject: " + parsed.error().message(),
                "style_parameters");
  }
  made.subject = std::move(*parsed);
  return made;
}

Result<Content> read_content(const Table& table, std::span<const Value> row) {
  const std::string type = text_of(at(table, row, "template_type"));
  const std::string body = text_of(at(table, row, "base_prompt"));
  const std::string variables = text_of(at(table, row, "personalization_variables"));
  const std::string style = text_of(at(table, row, "style_parameters"));
  return read_content(
      {.type = type, .body = body, .variables_json = variables, .style_json = style});
}

std::vector<std::string> issues_of(const Content& content) {
  std::vector<std::string> all;
  for (const liquid::Issue& issue : lint(content.body, content.variables, content.output)) {
    all.push_back(to_string(issue));
  }
  if (!content.subject) return all;
  for (const liquid::Issue& issue :
       lint(*content.subject, content.variables, liquid::Output::line)) {
    all.push_back("subject: " + to_string(issue));
  }
  return all;
}

Result<void> check_meaning(const Table& table, std::span<const Value> row) {
  if (table.name != kTemplates) return {};
  ATTUNE_ASSIGN(const Content content, read_content(table, row));
  const std::vector<std::string> issues = issues_of(content);
  if (issues.empty()) return {};
  const auto shown = std::span(issues).first(std::min(issues.size(), kIssuesShown));
  return fail(ErrorCode::invalid_argument, fmt::format("{}", fmt::join(shown, "; ")),
              "base_prompt");
}

Result<void> check_change(const Table& table, std::span<const Value> before,
                          std::span<const Value> after) {
  if (table.name != kTemplates) return {};
  const auto* used = std::get_if<std::int64_t>(&at(table, before, "usage_count"));
  if (used == nullptr || *used == 0) return {};
  for (const std::string_view column :
       {"template_type", "base_prompt", "personalization_variables", "style_parameters"}) {
    if (at(table, before, column) == at(table, after, column)) continue;
    return fail(ErrorCode::failed_precondition,
                "the template was shown already: make a new version of it (POST .../versions)",
                std::string(column));
  }
  return {};
}

}  // namespace attune::campaign
