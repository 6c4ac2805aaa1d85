#include "serve/flag_store.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "base/time_zone.h"
#include "serve/json_fields.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kDescriptionBytesMax = 2000;

Result<json::value> stored_json(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) return fail(ErrorCode::data_loss, "a stored flag is not JSON");
  return value;
}

json::value guessed_type(const json::value& value) {
  if (value.is_bool()) return "boolean";
  if (value.is_string()) return "string";
  if (value.is_number()) return "number";
  return "json";
}

}  // namespace

Result<std::vector<StoredFlag>> load_flags(store::Session& session, const std::string& site) {
  const store::Value parameters[] = {site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("serve/flags", parameters));
  std::vector<StoredFlag> flags;
  for (const auto& row : rows.rows) {
    RowReader reader(row);
    StoredFlag made;
    made.flag.key = reader.take<std::string>();
    made.description = reader.take<std::string>();
    made.flag.value_type = reader.take<std::string>();
    ATTUNE_ASSIGN(made.flag.default_value, stored_json(reader.take<std::string>()));
    ATTUNE_ASSIGN(const json::value rules, stored_json(reader.take<std::string>()));
    if (!rules.is_array()) return fail(ErrorCode::data_loss, "rules of a stored flag are no list");
    made.flag.rules = rules.get_array();
    made.flag.enabled = reader.take<bool>();
    made.archived = reader.take<bool>();
    made.version = reader.take<std::int64_t>();
    made.created_ms = reader.take_ms();
    made.updated_ms = reader.take_ms();
    made.updated_by = reader.take<std::string>();
    flags.push_back(std::move(made));
  }
  return flags;
}

Result<std::vector<SavedGroup>> load_groups(store::Session& session, const std::string& site) {
  const store::Value parameters[] = {site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("serve/saved_groups", parameters));
  std::vector<SavedGroup> groups;
  for (const auto& row : rows.rows) {
    RowReader reader(row);
    SavedGroup made;
    made.key = reader.take<std::string>();
    made.description = reader.take<std::string>();
    ATTUNE_ASSIGN(const json::value members, stored_json(reader.take<std::string>()));
    if (!members.is_array()) return fail(ErrorCode::data_loss, "a saved group is no list");
    made.members = members.get_array();
    made.version = reader.take<std::int64_t>();
    made.created_ms = reader.take_ms();
    made.updated_ms = reader.take_ms();
    made.updated_by = reader.take<std::string>();
    groups.push_back(std::move(made));
  }
  return groups;
}

json::object members_by_key(const std::vector<SavedGroup>& groups) {
  json::object all;
  for (const SavedGroup& group : groups) all[group.key] = group.members;
  return all;
}

Result<std::vector<SdkConnection>> load_connections(store::Session& session,
                                                    const std::string& site) {
  const store::Value parameters[] = {site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("serve/sdk_connections", parameters));
  std::vector<SdkConnection> connections;
  for (const auto& row : rows.rows) {
    RowReader reader(row);
    SdkConnection made;
    made.client_key = reader.take<std::string>();
    made.name = reader.take<std::string>();
    made.encrypted = reader.take<bool>();
    made.encryption_key = reader.take<std::string>();
    made.version = reader.take<std::int64_t>();
    made.created_ms = reader.take_ms();
    made.updated_ms = reader.take_ms();
    made.updated_by = reader.take<std::string>();
    connections.push_back(std::move(made));
  }
  return connections;
}

Result<SiteTests> load_tests(store::Session& session, const std::string& site) {
  const store::Value parameters[] = {site};
  ATTUNE_ASSIGN(const store::Rows arms, session.query("serve/site_test_arms", parameters));
  std::map<std::string, std::vector<experiment::TestArm>> arms_of;
  for (const auto& row : arms.rows) {
    RowReader reader(row);
    auto& into = arms_of[reader.take<std::string>()];
    experiment::TestArm arm;
    arm.id = reader.take<std::string>();
    arm.name = reader.take<std::string>();
    arm.traffic_percentage = reader.take<double>();
    ATTUNE_ASSIGN(const json::value configuration, stored_json(reader.take<std::string>()));
    if (configuration.is_object()) arm.configuration = configuration.get_object();
    into.push_back(std::move(arm));
  }
  ATTUNE_ASSIGN(const store::Rows tests, session.query("serve/site_tests", parameters));
  SiteTests made;
  for (const auto& row : tests.rows) {
    RowReader reader(row);
    experiment::RunningTest test;
    test.key = reader.take<std::string>();
    test.name = reader.take<std::string>();
    test.type = reader.take<std::string>();
    const bool is_running = reader.take<bool>();
    const bool is_bandit = reader.take<bool>();
    test.seed = reader.take<std::string>();
    test.hash_attribute = reader.take<std::string>();
    test.hash_version = static_cast<int>(reader.take<std::int64_t>());
    test.coverage = reader.take<double>();
    ATTUNE_ASSIGN(const json::value design, stored_json(reader.take<std::string>()));
    if (design.is_object()) test.design = design.get_object();
    test.arms = arms_of[test.key];
    experiment::KnownTest known{
        .key = test.key, .variations = {}, .design = test.design, .is_bandit = is_bandit};
    for (const experiment::TestArm& arm : test.arms) known.variations.push_back(arm.id);
    made.known.push_back(std::move(known));
    if (is_running) made.running.push_back(std::move(test));
  }
  return made;
}

Result<void> store_flag(store::Session& session, const std::string& site,
                        const StoredFlag& flag) {
  const store::Value parameters[] = {site,
                                     flag.flag.key,
                                     flag.description,
                                     flag.flag.value_type,
                                     store::Json{json::serialize(flag.flag.default_value)},
                                     store::Json{json::serialize(flag.flag.rules)},
                                     flag.flag.enabled,
                                     flag.archived,
                                     flag.version,
                                     store::Timestamp::from_ms(flag.updated_ms),
                                     flag.updated_by};
  ATTUNE_TRY(session.execute("serve/flag_put", parameters));
  return {};
}

Result<void> read_flag(const json::value& body, StoredFlag& flag) {
  JsonFields fields(body);
  if (auto text = fields.optional_text("description", kDescriptionBytesMax)) {
    flag.description = std::move(*text);
  }
  const json::value* value = fields.optional_value("default_value");
  if (value != nullptr) flag.flag.default_value = *value;
  if (auto type = fields.optional_text("value_type", 20)) {
    flag.flag.value_type = std::move(*type);
  } else if (flag.flag.value_type.empty() && value != nullptr) {
    flag.flag.value_type = guessed_type(*value).as_string().c_str();
  }
  if (value == nullptr && flag.version == 0) fields.refuse("default_value", "is required");
  if (const json::value* rules = fields.optional_value("rules")) {
    if (rules->is_array()) flag.flag.rules = rules->get_array();
    else fields.refuse("rules", "must be a list");
  }
  flag.flag.enabled = fields.optional_flag("enabled").value_or(flag.flag.enabled);
  flag.archived = fields.optional_flag("archived").value_or(flag.archived);
  const auto version = fields.optional_whole("version", 0, std::int64_t{1} << 53);
  ATTUNE_TRY(fields.finish());
  if (version && *version != flag.version) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("somebody changed the flag meanwhile: it is at version {}; read it "
                            "again",
                            flag.version),
                "version");
  }
  return {};
}

json::object flag_json(const StoredFlag& flag) {
  return {{"key", flag.flag.key},
          {"description", flag.description},
          {"value_type", flag.flag.value_type},
          {"default_value", flag.flag.default_value},
          {"rules", flag.flag.rules},
          {"enabled", flag.flag.enabled},
          {"archived", flag.archived},
          {"version", flag.version},
          {"created_at", utc_text(flag.created_ms)},
          {"updated_at", utc_text(flag.updated_ms)},
          {"updated_by", flag.updated_by}};
}

}  // namespace attune::serve
