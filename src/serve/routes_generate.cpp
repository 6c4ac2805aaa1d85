// Drafts of a template's text by a language model that the operator set up. A draft is kept with
// what was asked, how long it took and what it cost; nothing shows it to visitors.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <variant>

#include "base/sha256.h"
#include "campaign/content_rules.h"
#include "campaign/generation.h"
#include "serve/account_json.h"
#include "serve/client.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
namespace liquid = campaign::liquid;
using campaign::AccountId;

constexpr std::size_t kBodyBytesMax = 64 * 1024;
constexpr std::size_t kInstructionBytesMax = 4000;
constexpr std::uint64_t kAnswerBytesMax = 1 << 20;
constexpr std::size_t kKeyBytesMax = 4096;

json::string view(std::string_view text) { return json::string(text.data(), text.size()); }

/// The first line of a file.
Result<std::string> read_secret(const std::string& path) {
  std::ifstream file(path);
  std::string secret(kKeyBytesMax, '\0');
  file.getline(secret.data(), static_cast<std::streamsize>(secret.size()));
  if (file.gcount() <= 1) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the key of the text generator cannot be read from {}", path));
  }
  secret.resize(secret.find('\0'));
  while (!secret.empty() && (secret.back() == ' ' || secret.back() == '\r')) secret.pop_back();
  return secret;
}

struct Order {
  AccountId account{};
  Uuid template_id;
  std::string type;
  std::string prompt;
  std::string instructions;
};

struct Draft {
  campaign::Completion completion;
  std::int64_t took_ms = 0;
  double cost = 0;
  std::vector<std::string> issues;
};

Result<Draft> draft(const ApiContext& api, const Order& order) {
  const campaign::Generator& generator = api.options.generator;
  ATTUNE_ASSIGN(const campaign::Endpoint endpoint, campaign::endpoint_of(generator.url));
  ClientOptions options;
  options.timeout_ms = generator.timeout_s * 1000;
  options.body_bytes_max = kAnswerBytesMax;
  if (!generator.key_file.empty()) {
    ATTUNE_ASSIGN(options.key, read_secret(generator.key_file));
  }
  ATTUNE_ASSIGN(const auto client, Client::to_url(endpoint.origin, options));
  ClientRequest request;
  request.method = "POST";
  request.target = endpoint.target;
  request.body =
      campaign::completion_request(generator, order.type, order.prompt, order.instructions);
  const std::int64_t began_us = api.clock().steady_us();
  ATTUNE_ASSIGN(const ClientResponse answer, client->send(request));
  Draft made;
  ATTUNE_ASSIGN(made.completion, campaign::read_completion(answer.status, answer.body));
  made.took_ms = (api.clock().steady_us() - began_us) / 1000;
  made.cost = campaign::cost_of(generator, made.completion);
  made.issues = campaign::issues_of_draft(order.type, made.completion.text);
  return made;
}

json::array texts(const std::vector<std::string>& all) {
  json::array list;
  for (const std::string& each : all) list.emplace_back(view(each));
  return list;
}

/// Keeps the draft with what it took; answers its id.
Result<Uuid> keep(ApiContext& api, const Order& order, const Draft& made) {
  const campaign::Table& table = *campaign::find_table("personalized_content");
  Sha256 hash;
  hash.add(fmt::format("draft|{}|{}", api.clock().now_ms(), Uuid::random().text()));
  const json::object body{
      {"template_id", view(order.template_id.text())},
      {"content_type", view(order.type)},
      {"context_hash", view(hash.finish())},
      {"personalized_prompt", view(order.prompt)},
      {"content_metadata",
       json::object{{"draft", view(made.completion.text)},
                    {"issues", texts(made.issues)},
                    {"input_tokens", made.completion.input_tokens},
                    {"output_tokens", made.completion.output_tokens}}},
      {"model_used", view(made.completion.model.empty() ? api.options.generator.model
                                                        : made.completion.model)},
      {"generation_ms", made.took_ms},
      {"generation_cost", made.cost},
      {"quality_score", made.issues.empty() ? 1.0 : 0.0}};
  ATTUNE_ASSIGN(const campaign::Fields fields, read_fields(table, json::serialize(body)));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row,
                api.accounts.create(*session, table, order.account, fields));
  return std::get<Uuid>(row.at(0));
}

Result<std::string> work(ApiContext& api, const Order& order, JobProgress& progress) {
  progress.set(0, 0, "waiting for the text generator");
  ATTUNE_ASSIGN(const Draft made, draft(api, order));
  ATTUNE_ASSIGN(const Uuid id, keep(api, order, made));
  return json::serialize(json::object{{"id", view(id.text())},
                                      {"text", view(made.completion.text)},
                                      {"issues", texts(made.issues)},
                                      {"model", view(made.completion.model)},
                                      {"generation_ms", made.took_ms},
                                      {"generation_cost", made.cost}});
}

/// The prompt is the template, rendered with what was given; what is marked as pii does not leave.
Result<Order> read_order(ApiContext& api, const Call& call) {
  Order order;
  ATTUNE_ASSIGN(order.account, account_of(api, call));
  const auto id = Uuid::parse(call.path("id"));
  if (!id) return fail(ErrorCode::invalid_argument, "must be a UUID", "id");
  order.template_id = *id;
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  order.instructions = fields.optional_text("instructions", kInstructionBytesMax).value_or("");
  const json::object* data = fields.optional_object("data");
  ATTUNE_TRY(fields.finish());
  const campaign::Table& table = *campaign::find_table("content_templates");
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row,
                api.accounts.find(*session, table, order.account, order.template_id));
  ATTUNE_ASSIGN(const campaign::Content content, campaign::read_content(table, row));
  order.type = std::get<std::string>(row.at(2 + *table.find("template_type")));
  liquid::RenderOptions options;
  options.output = liquid::Output::text;
  options.now_ms = api.clock().now_ms();
  options.hide_pii = true;
  ATTUNE_ASSIGN(const liquid::Rendered prompt,
                render(content.body, content.variables, data == nullptr ? json::object() : *data,
                       options));
  if (prompt.aborted) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the template shows nothing: {}", *prompt.aborted), "data");
  }
  order.prompt = prompt.text;
  return order;
}

Result<Response> generate(ApiContext& api, const Call& call) {
  if (!api.options.generator.is_on()) {
    return fail(ErrorCode::failed_precondition,
                "no text generator is set up: generate.url (docs/content.md)");
  }
  ATTUNE_ASSIGN(const Order order, read_order(api, call));
  const auto run = [&api, order](JobProgress& progress) {
    return work(api, order, progress);
  };
  const JobScope whose{.account = static_cast<std::int64_t>(order.account)};
  return start_job(api, "generate", whose, run);
}

}  // namespace

std::vector<Route> generate_routes(ApiContext& api) {
  Route route = row(Method::post, "/api/v1/content_templates/{id}/generate", "generate_draft",
                    Access::account_write,
                    "Has a text drafted from a template; it is kept, and shown to nobody.", "Job");
  route.request_schema = "DraftOrder";
  route.body_bytes_max = kBodyBytesMax;
  route.query = {{"account", "For administrators: whose rows; without it, your own."}};
  route.on_worker = worker([&api](const Call& call) { return generate(api, call); });
  std::vector<Route> routes;
  routes.push_back(std::move(route));
  return routes;
}

}  // namespace attune::serve
