// Saved groups of a site: lists that conditions of flags and tests name, in service when the answer
// goes out.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <span>

#include "base/time_zone.h"
#include "serve/flag_store.h"
#include "serve/json_fields.h"
#include "serve/publisher.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kBodyBytesMax = 1 << 20;
constexpr std::size_t kGroupsMax = 100;   // of a site
constexpr std::size_t kMembersMax = 10'000;
constexpr std::size_t kKeyBytesMax = 100;
constexpr std::size_t kDescriptionBytesMax = 2000;
constexpr std::size_t kMemberBytesMax = 255;
constexpr std::size_t kSiteBytesMax = 2 << 20;   // members of all: one payload may have them

json::object group_json(const SavedGroup& group) {
  return {{"key", group.key},
          {"description", group.description},
          {"members", group.members},
          {"version", group.version},
          {"created_at", utc_text(group.created_ms)},
          {"updated_at", utc_text(group.updated_ms)},
          {"updated_by", group.updated_by}};
}

tl::unexpected<Error> no_such_group() {
  return fail(ErrorCode::not_found, "no such saved group", "key");
}

Result<void> check_key(std::string_view key) {
  const bool fits = !key.empty() && key.size() <= kKeyBytesMax &&
                    std::ranges::all_of(key, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || std::string_view("_.:-").find(c) !=
                                                           std::string_view::npos;
                    });
  if (fits) return {};
  return fail(ErrorCode::invalid_argument, "must be 1 to 100 of a-z A-Z 0-9 _ . : -", "key");
}

bool is_member_text(const json::value& value) {
  const json::string* text = value.if_string();
  return text != nullptr && !text->empty() && text->size() <= kMemberBytesMax &&
         text->find('\0') == json::string::npos;
}

/// As given, each once.
Result<json::array> read_members(const json::value& value) {
  const json::array* list = value.if_array();
  if (list == nullptr || list->size() > kMembersMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be a list of at most {} texts or numbers", kMembersMax),
                "members");
  }
  json::array members;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json::value& each = (*list)[i];
    if (!each.is_number() && !is_member_text(each)) {
      return fail(ErrorCode::invalid_argument,
                  "must be a number, or text of 1 to 255 bytes without NUL",
                  fmt::format("members[{}]", i));
    }
    if (seen.insert(json::serialize(each)).second) members.push_back(each);
  }
  return members;
}

Result<Response> list_groups(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto groups, load_groups(*session, call.site->id.text()));
  json::array list;
  for (const SavedGroup& group : groups) list.push_back(group_json(group));
  return Response::json(json::serialize(json::object{{"groups", std::move(list)}}));
}

/// What a caller gives over what is stored.
Result<void> read_group(const json::value& body, SavedGroup& group) {
  JsonFields fields(body);
  group.description = fields.optional_text("description", kDescriptionBytesMax).value_or("");
  const json::value* members = fields.optional_value("members");
  if (members == nullptr) fields.refuse("members", "is required");
  const auto version = fields.optional_whole("version", 0, std::int64_t{1} << 53);
  ATTUNE_TRY(fields.finish());
  if (version && *version != group.version) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("somebody changed the group meanwhile: it is at version {}; read it "
                            "again",
                            group.version),
                "version");
  }
  ATTUNE_ASSIGN(group.members, read_members(*members));
  return {};
}

/// groups  of the site, before `group` is stored.
Result<void> check_sizes(std::span<const SavedGroup> groups, const SavedGroup& group) {
  std::size_t bytes = json::serialize(group.members).size();
  std::size_t count = 1;
  for (const SavedGroup& each : groups) {
    if (each.key == group.key) continue;
    bytes += json::serialize(each.members).size();
    ++count;
  }
  if (count > kGroupsMax) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("a site has at most {} saved groups", kGroupsMax), "body");
  }
  if (bytes > kSiteBytesMax) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("members of a site's saved groups are at most {} bytes together, as "
                            "JSON: these would be {}",
                            kSiteBytesMax, bytes),
                "members");
  }
  return {};
}

Result<Response> put_group(ApiContext& api, const Call& call) {
  ATTUNE_TRY(check_key(call.path("key")));
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  const std::lock_guard lock(api.flag_mutex);
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  const std::string site = call.site->id.text();
  ATTUNE_ASSIGN(const auto groups, load_groups(*session, site));
  const auto stored = std::ranges::find(groups, call.path("key"), &SavedGroup::key);
  SavedGroup group;
  if (stored != groups.end()) group = *stored;
  group.key = call.path("key");
  ATTUNE_TRY(read_group(body, group));
  ATTUNE_TRY(check_sizes(groups, group));
  ++group.version;
  group.updated_ms = api.clock().now_ms();
  if (group.version == 1) group.created_ms = group.updated_ms;
  group.updated_by = call.caller.name;
  const store::Value parameters[] = {site,
                                     group.key,
                                     group.description,
                                     store::Json{json::serialize(group.members)},
                                     group.version,
                                     store::Timestamp::from_ms(group.updated_ms),
                                     group.updated_by};
  ATTUNE_TRY(session->execute("serve/saved_group_put", parameters));
  ATTUNE_TRY(session.commit());
  ATTUNE_TRY(publish_flags(api, call));
  return Response::json(json::serialize(group_json(group)), group.version == 1 ? 201 : 200);
}

/// A test's condition may name it too; tests are an account's rows.
Result<std::vector<std::string>> who_names(ApiContext& api, const Call& call,
                                           store::Session& session) {
  const std::string site = call.site->id.text();
  std::vector<std::string> names;
  const auto is_named = [&](const json::value& document) {
    return experiment::named_groups(document).contains(call.path("key"));
  };
  ATTUNE_ASSIGN(const auto flags, load_flags(session, site));
  for (const StoredFlag& each : flags) {
    if (is_named(each.flag.rules)) names.push_back("flag " + each.flag.key);
  }
  ATTUNE_ASSIGN(const SessionPool::Lease all, api.sessions.borrow());
  ATTUNE_ASSIGN(const SiteTests tests, load_tests(*all, site));
  for (const experiment::KnownTest& each : tests.known) {
    if (is_named(each.design)) names.push_back("test " + each.key);
  }
  return names;
}

Result<Response> delete_group(ApiContext& api, const Call& call) {
  const std::lock_guard lock(api.flag_mutex);
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto groups, load_groups(*session, call.site->id.text()));
  if (std::ranges::find(groups, call.path("key"), &SavedGroup::key) == groups.end()) {
    return no_such_group();
  }
  ATTUNE_ASSIGN(const auto names, who_names(api, call, *session));
  if (!names.empty()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("{} name it: change their conditions first", fmt::join(names, ", ")),
                "key");
  }
  const store::Value parameters[] = {call.site->id.text(), std::string(call.path("key"))};
  ATTUNE_TRY(session->execute("serve/saved_group_delete", parameters));
  ATTUNE_TRY(session.commit());
  ATTUNE_TRY(publish_flags(api, call));
  return Response::empty(204);
}

}  // namespace

std::vector<Route> saved_group_routes(ApiContext& api) {
  constexpr std::string_view kGroup = "/api/v1/sites/{site}/saved-groups/{key}";
  Route list = row(Method::get, "/api/v1/sites/{site}/saved-groups", "list_saved_groups",
                   Access::site_read, "The site's saved groups, by key.", "SavedGroups");
  list.on_worker = worker([&api](const Call& call) { return list_groups(api, call); });
  Route put = row(Method::put, kGroup, "put_saved_group", Access::site_admin,
                  "Stores a list that conditions may name; in service when this answers.",
                  "SavedGroup");
  put.request_schema = "NewSavedGroup";
  put.body_bytes_max = kBodyBytesMax;
  put.on_worker = worker([&api](const Call& call) { return put_group(api, call); });
  Route remove = row(Method::delete_, kGroup, "delete_saved_group", Access::site_admin,
                     "Deletes a saved group that no condition names.");
  remove.on_worker = worker([&api](const Call& call) { return delete_group(api, call); });
  return {std::move(list), std::move(put), std::move(remove)};
}

}  // namespace attune::serve
