// Templates beside their rows: a new version, a preview of a stored one or a draft, and the import
// of another product's tokens.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "campaign/content_rules.h"
#include "serve/account_json.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
namespace liquid = campaign::liquid;
using campaign::AccountId;
using campaign::Content;

constexpr std::size_t kBodyBytesMax = 1 << 20;

const campaign::Table& table() { return *campaign::find_table("content_templates"); }

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

Result<Response> add_version(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  const auto id = Uuid::parse(call.path("id"));
  if (!id) return fail(ErrorCode::invalid_argument, "must be a UUID", "id");
  ATTUNE_ASSIGN(const campaign::Fields fields, read_fields(table(), call.request().body));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row,
                api.accounts.add_version(*session, account, *id, fields));
  std::string out;
  append_row(out, table(), row);
  return Response::json(std::move(out), 201);
}

struct Preview {
  Content content;
  json::object data;
  bool show_pii = false;
};

Result<Content> stored_content(ApiContext& api, const Call& call, const Uuid& id) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row, api.accounts.find(*session, table(), account, id));
  return campaign::read_content(table(), row);
}

/// A stored template by `template_id`, or a draft by its texts.
Result<Preview> read_preview(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const auto id = fields.optional_text("template_id", 36);
  const auto type = fields.optional_text("template_type", 50);
  const auto source = fields.optional_text("base_prompt", liquid::kSourceBytesMax);
  const json::value* variables = fields.optional_value("personalization_variables");
  const json::value* style = fields.optional_value("style_parameters");
  const json::object* data = fields.optional_object("data");
  Preview preview;
  preview.show_pii = fields.optional_flag("show_pii").value_or(false);
  if (!id && !source) fields.refuse("base_prompt", "give it, or the template_id of a stored one");
  ATTUNE_TRY(fields.finish());
  if (data != nullptr) preview.data = *data;
  if (id) {
    const auto parsed = Uuid::parse(*id);
    if (!parsed) return fail(ErrorCode::invalid_argument, "must be a UUID", "template_id");
    ATTUNE_ASSIGN(preview.content, stored_content(api, call, *parsed));
    return preview;
  }
  const std::string kind = type.value_or("web_block");
  const std::string list = variables == nullptr ? "[]" : json::serialize(*variables);
  const std::string look = style == nullptr ? "{}" : json::serialize(*style);
  ATTUNE_ASSIGN(preview.content, campaign::read_content({.type = kind,
                                                         .body = *source,
                                                         .variables_json = list,
                                                         .style_json = look}));
  return preview;
}

Result<Response> preview(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const Preview asked, read_preview(api, call));
  const Content& content = asked.content;
  liquid::RenderOptions options;
  options.output = content.output;
  options.now_ms = api.clock().now_ms();
  options.hide_pii = !asked.show_pii;
  ATTUNE_ASSIGN(const liquid::Rendered body,
                render(content.body, content.variables, asked.data, options));
  json::object out{{"output", view(body.text)}, {"steps", body.steps}};
  out["type"] = content.output == liquid::Output::html ? "html" : "text";
  if (content.subject) {
    options.output = liquid::Output::line;
    ATTUNE_ASSIGN(const liquid::Rendered subject,
                  render(*content.subject, content.variables, asked.data, options));
    out["subject"] = view(subject.text);
  }
  if (body.aborted) out["aborted"] = view(*body.aborted);
  json::array issues;
  for (const std::string& issue : issues_of(content)) issues.emplace_back(view(issue));
  out["issues"] = std::move(issues);
  json::array used;
  for (const std::string& name : body.used) used.emplace_back(view(name));
  out["used"] = std::move(used);
  return Response::json(json::serialize(out));
}

Result<Response> import(const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string format = fields.text("format", 20);
  const std::string source = fields.text("source", liquid::kSourceBytesMax);
  if (format != "mautic") fields.refuse("format", "must be mautic");
  ATTUNE_TRY(fields.finish());
  const liquid::Imported made = liquid::import_mautic(source);
  // What was imported must be one of ours: the error names the place in the new text.
  ATTUNE_TRY(liquid::Template::parse(made.source));
  json::array variables;
  for (const liquid::Variable& each : made.variables) {
    variables.push_back(json::object{{"name", view(each.name)},
                                     {"type", view(each.type)},
                                     {"default", each.fallback},
                                     {"pii", each.is_pii}});
  }
  json::array unknown;
  for (const std::string& token : made.unknown) unknown.emplace_back(view(token));
  return Response::json(json::serialize(
      json::object{{"base_prompt", view(made.source)},
                   {"personalization_variables", std::move(variables)},
                   {"unknown", std::move(unknown)}}));
}

}  // namespace

std::vector<Route> template_routes(ApiContext& api) {
  const QueryParameter account{"account", "For administrators: whose rows; without it, your own."};
  Route version = row(Method::post, "/api/v1/content_templates/{id}/versions",
                      "add_template_version", Access::account_write,
                      "Adds the next version of a template: its row with the given fields.",
                      "ContentTemplate");
  version.request_schema = "ContentTemplateChange";
  version.body_bytes_max = kBodyBytesMax;
  version.query = {account};
  version.on_worker = worker([&api](const Call& call) { return add_version(api, call); });

  Route look = row(Method::post, "/api/v1/templates/preview", "preview_template",
                   Access::account_read,
                   "What a template, stored or a draft, gives for some values; pii is hidden.",
                   "TemplatePreviewed");
  look.request_schema = "TemplatePreview";
  look.body_bytes_max = kBodyBytesMax;
  look.query = {account};
  look.on_worker = worker([&api](const Call& call) { return preview(api, call); });

  Route tokens = row(Method::post, "/api/v1/templates/import", "import_template",
                     Access::account_read,
                     "Rewrites a template of another product (mautic); stores nothing.",
                     "TemplateImported");
  tokens.request_schema = "TemplateImport";
  tokens.body_bytes_max = kBodyBytesMax;
  tokens.on_worker = worker([](const Call& call) { return import(call); });

  std::vector<Route> routes;
  routes.push_back(std::move(version));
  routes.push_back(std::move(look));
  routes.push_back(std::move(tokens));
  return routes;
}

}  // namespace attune::serve
