#include "serve/openapi.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/ensure.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

json::object reference(const json::object& schemas, std::string_view name) {
  ensure(schemas.contains(view(name)), "schemas.json has every schema that a route names");
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

json::object content_of(json::object schema) {
  return {{"application/json", json::object{{"schema", std::move(schema)}}}};
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  std::string_view rest = route.pattern;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    json::object schema{{"type", name == "stream" ? "integer" : "string"}};
    json::object parameter{{"name", view(name)}, {"in", "path"}, {"required", true}};
    if (name == "site") parameter["description"] = "The site's UUID or its domain.";
    parameter["schema"] = std::move(schema);
    parameters.push_back(std::move(parameter));
    rest.remove_prefix(close + 1);
  }
  for (const QueryParameter& query : route.query) {
    parameters.push_back(json::object{{"name", view(query.name)},
                                      {"in", "query"},
                                      {"description", view(query.description)},
                                      {"schema", json::parse(view(query.schema))}});
  }
  return parameters;
}

/// How callers may show who they are; empty: nobody asks.
json::array security_of(const Route& route) {
  const json::object key{{"key", json::array{}}};
  const json::object login{{"login", json::array{}}};
  switch (route.access) {
    case Access::open:
      return {};
    case Access::visitors:
    case Access::clients:
      return {json::object{}, key};
    case Access::login:
      return {login};
    case Access::site_read:
    case Access::site_write:
    case Access::site_admin:
    case Access::server_admin:
    case Access::account_read:
    case Access::account_write:
    case Access::any_caller:
      break;
  }
  return {key, login};
}

std::string_view access_text(Access access) {
  switch (access) {
    case Access::open:
      return "Anybody.";
    case Access::visitors:
      return "Anybody, from pages of the site's allowed origins; or a key.";
    case Access::clients:
      return "Whoever has the site's public id or a key of the site.";
    case Access::login:
      return "A person who is logged in.";
    case Access::site_read:
      return "A login, or a key of the site with scope read.";
    case Access::site_write:
      return "A login, or a key of the site with scope write.";
    case Access::site_admin:
      return "A login, or a key of the site with scope admin.";
    case Access::server_admin:
      return "An administrator's login, or an admin key for the whole server.";
    case Access::account_read:
      return "A login, or an admin key for the whole server.";
    case Access::account_write:
      return "An administrator's login, or an admin key for the whole server.";
    case Access::any_caller:
      break;
  }
  return "Any login or key.";
}

int success_of(const Route& route) {
  if (route.response_schema.empty() && route.name != "metrics") return 204;
  if (route.name.starts_with("create_") || route.name == "begin_import") return 201;
  return route.response_schema == "Job" && route.method == Method::post ? 202 : 200;
}

json::object operation_of(const Route& route, const json::object& schemas) {
  json::object operation;
  operation["operationId"] = view(route.name);
  operation["summary"] = view(route.summary);
  operation["description"] = fmt::format("Who may: {}", access_text(route.access));
  if (json::array parameters = parameters_of(route); !parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (!route.request_schema.empty()) {
    operation["requestBody"] =
        json::object{{"required", route.name != "train"},
                     {"content", content_of(reference(schemas, route.request_schema))}};
  }
  json::object success{{"description", "Done."}};
  if (!route.response_schema.empty()) {
    success["content"] = content_of(reference(schemas, route.response_schema));
  } else if (route.name == "metrics") {
    success["content"] =
        json::object{{"text/plain", json::object{{"schema", json::object{{"type", "string"}}}}}};
  }
  operation["responses"] = json::object{
      {std::to_string(success_of(route)), std::move(success)},
      {"default",
       json::object{{"description", "What is wrong: a code, a message, often the field."},
                    {"content", content_of(reference(schemas, "Error"))}}}};
  operation["security"] = security_of(route);
  return operation;
}

std::string lower_method(Method method) {
  std::string name(to_string(method));
  for (char& c : name) c = static_cast<char>(c + 32);
  return name;
}

}  // namespace

std::string openapi_document(std::span<const Route* const> routes, std::string_view schemas_text,
                             const json::object& more_schemas) {
  json::object schemas = json::parse(view(schemas_text)).as_object();
  for (const auto& [name, schema] : more_schemas) schemas[name] = schema;
  json::object paths;
  for (const Route* route : routes) {
    if (!route->in_document) continue;
    json::value& path = paths[view(route->pattern)];
    if (!path.is_object()) path = json::object{};
    path.as_object()[lower_method(route->method)] = operation_of(*route, schemas);
  }
  json::object document{
      {"openapi", "3.1.0"},
      {"info", json::object{{"title", "Attune"},
                            {"version", "1"},
                            {"description",
                             "Events in, answers and recommendations out. "
                             "docs/api.md is the guide."},
                            {"license",
                             json::object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"paths", std::move(paths)},
      {"components",
       json::object{
           {"schemas", schemas},
           {"securitySchemes",
            json::object{
                {"key", json::object{{"type", "http"},
                                     {"scheme", "bearer"},
                                     {"description", "A secret key, sk_..."}}},
                {"login", json::object{{"type", "apiKey"},
                                       {"in", "cookie"},
                                       {"name", view(kLoginCookie)},
                                       {"description",
                                        "Set by POST /api/v1/login; calls that change something "
                                        "also send X-CSRF-Token."}}}}}}}};
  return json::serialize(document);
}

}  // namespace attune::serve
