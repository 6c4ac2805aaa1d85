// A row of content_templates as what it means: a template that parses, variables, what it becomes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "campaign/tables.h"
#include "campaign/template/template.h"
#include "store/store.h"

namespace attune::campaign {

struct Content {
  liquid::Output output = liquid::Output::html;
  liquid::Template body;
  std::optional<liquid::Template> subject;   // of a mail: style_parameters.subject
  std::vector<liquid::Variable> variables;
};

/// What a text of such a type becomes: mails and blocks are HTML, the rest plain text.
liquid::Output output_of(std::string_view template_type);

/// What a template is made of, as texts.
struct ContentTexts {
  std::string_view type;
  std::string_view body;
  std::string_view variables_json;   // a list
  std::string_view style_json;       // an object, or empty
};
/// Errors   invalid_argument with the field: no template, or not such variables.
[[nodiscard]] Result<Content> read_content(const ContentTexts& texts);
/// The same of a row as stored: id, user_id, columns.
[[nodiscard]] Result<Content> read_content(const Table& table, std::span<const store::Value> row);

/// What is wrong with it, line by line; empty: nothing.
std::vector<std::string> issues_of(const Content& content);

/// Of every table: what its columns say together. A template must parse and lint clean.
/// Errors   invalid_argument with the field.
[[nodiscard]] Result<void> check_meaning(const Table& table, std::span<const store::Value> row);

/// Whether a row may become another. A template that was used keeps its text: numbers counted for
/// one text must not be shown beside another.
/// Errors   failed_precondition with the field.
[[nodiscard]] Result<void> check_change(const Table& table, std::span<const store::Value> before,
                                        std::span<const store::Value> after);

}  // namespace attune::campaign
