// Client keys of a site for SDKs, and whether what they get is encrypted. The site's id, which
// stands in its snippet, is one of them.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/time_zone.h"
#include "experiment/payload_cipher.h"
#include "serve/flag_store.h"
#include "serve/json_fields.h"
#include "serve/publisher.h"
#include "serve/routes.h"
#include "serve/secrets.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::size_t kConnectionsMax = 20;   // of a site, besides its own: each is a payload
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kKeyBytes = 12;

json::object connection_json(const SdkConnection& of, const Call& call) {
  return {{"client_key", of.client_key},
          {"name", of.name},
          {"is_own", of.client_key == call.site->id.text()},
          {"encrypted", of.encrypted},
          {"encryption_key", of.encrypted ? json::value(of.encryption_key) : json::value()},
          {"updated_at", of.version == 0 ? json::value() : json::value(utc_text(of.updated_ms))},
          {"updated_by", of.updated_by}};
}

/// The site's own key first, stored or not, then the others.
Result<std::vector<SdkConnection>> all_of(store::Session& session, const Call& call) {
  const std::string own = call.site->id.text();
  ATTUNE_ASSIGN(std::vector<SdkConnection> all, load_connections(session, own));
  const auto found = std::ranges::find(all, own, &SdkConnection::client_key);
  if (found != all.end()) {
    std::rotate(all.begin(), found, found + 1);
    return all;
  }
  SdkConnection first;
  first.client_key = own;
  first.name = "The site's own";
  all.insert(all.begin(), std::move(first));
  return all;
}

Result<Response> list_connections(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto all, all_of(*session, call));
  json::array list;
  for (const SdkConnection& each : all) list.push_back(connection_json(each, call));
  return Response::json(json::serialize(json::object{{"connections", std::move(list)}}));
}

Result<Response> keep(ApiContext& api, const Call& call, SessionPool::Lease& session,
                      SdkConnection of) {
  const bool is_new = of.version == 0;
  if (of.encryption_key.empty()) {
    ATTUNE_ASSIGN(of.encryption_key, experiment::make_payload_key());
  }
  ++of.version;
  of.updated_ms = api.clock().now_ms();
  of.updated_by = call.caller.name;
  const store::Value parameters[] = {call.site->id.text(),
                                     of.client_key,
                                     of.name,
                                     of.encrypted,
                                     of.encryption_key,
                                     of.version,
                                     store::Timestamp::from_ms(of.updated_ms),
                                     of.updated_by};
  ATTUNE_TRY(session->execute("serve/sdk_connection_put", parameters));
  ATTUNE_TRY(session.commit());
  ATTUNE_TRY(publish_flags(api, call));
  const bool is_made = is_new && call.request().method == Method::post;
  return Response::json(json::serialize(connection_json(of, call)), is_made ? 201 : 200);
}

Result<Response> create_connection(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  SdkConnection made;
  made.name = fields.text("name", kNameBytesMax);
  made.encrypted = fields.optional_flag("encrypted").value_or(true);
  ATTUNE_TRY(fields.finish());
  made.client_key = "sdk-" + random_token(kKeyBytes);
  const std::lock_guard lock(api.flag_mutex);
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto all, all_of(*session, call));
  if (all.size() > kConnectionsMax) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("a site has at most {} client keys of SDKs", kConnectionsMax), "body");
  }
  return keep(api, call, session, std::move(made));
}

Result<Response> change_connection(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const auto name = fields.optional_text("name", kNameBytesMax);
  const auto encrypted = fields.optional_flag("encrypted");
  const bool new_key = fields.optional_flag("new_key").value_or(false);
  if (name && name->empty()) fields.refuse("name", "must not be empty");
  ATTUNE_TRY(fields.finish());
  const std::lock_guard lock(api.flag_mutex);
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(auto all, all_of(*session, call));
  const auto found = std::ranges::find(all, call.path("key"), &SdkConnection::client_key);
  if (found == all.end()) return fail(ErrorCode::not_found, "no such client key", "key");
  if (name) found->name = *name;
  if (encrypted) found->encrypted = *encrypted;
  if (new_key) found->encryption_key.clear();
  return keep(api, call, session, *found);
}

Result<Response> delete_connection(ApiContext& api, const Call& call) {
  if (call.path("key") == call.site->id.text()) {
    return fail(ErrorCode::failed_precondition, "the site's own key stays: its snippet has it",
                "key");
  }
  const std::lock_guard lock(api.flag_mutex);
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto all, all_of(*session, call));
  if (std::ranges::find(all, call.path("key"), &SdkConnection::client_key) == all.end()) {
    return fail(ErrorCode::not_found, "no such client key", "key");
  }
  const store::Value parameters[] = {call.site->id.text(), std::string(call.path("key"))};
  ATTUNE_TRY(session->execute("serve/sdk_connection_delete", parameters));
  ATTUNE_TRY(session.commit());
  ATTUNE_TRY(publish_flags(api, call));
  return Response::empty(204);
}

}  // namespace

std::vector<Route> connection_routes(ApiContext& api) {
  constexpr std::string_view kAll = "/api/v1/sites/{site}/sdk-connections";
  constexpr std::string_view kOne = "/api/v1/sites/{site}/sdk-connections/{key}";
  Route list = row(Method::get, kAll, "list_sdk_connections", Access::site_admin,
                   "Client keys of the site for SDKs, with the keys of their encryption.",
                   "SdkConnections");
  list.on_worker = worker([&api](const Call& call) { return list_connections(api, call); });
  Route create = row(Method::post, kAll, "create_sdk_connection", Access::site_admin,
                     "Makes a client key for an SDK.", "SdkConnection");
  create.request_schema = "NewSdkConnection";
  create.body_bytes_max = kBodyBytesMax;
  create.on_worker = worker([&api](const Call& call) { return create_connection(api, call); });
  Route change = row(Method::patch, kOne, "update_sdk_connection", Access::site_admin,
                     "Renames a client key, switches its encryption or makes a new key for it.",
                     "SdkConnection");
  change.request_schema = "SdkConnectionChange";
  change.body_bytes_max = kBodyBytesMax;
  change.on_worker = worker([&api](const Call& call) { return change_connection(api, call); });
  Route remove = row(Method::delete_, kOne, "delete_sdk_connection", Access::site_admin,
                     "Deletes a client key: SDKs that have it get nothing any more.");
  remove.on_worker = worker([&api](const Call& call) { return delete_connection(api, call); });
  return {std::move(list), std::move(create), std::move(change), std::move(remove)};
}

}  // namespace attune::serve
