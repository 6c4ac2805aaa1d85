#include "serve/control_plane.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>

#include "base/ensure.h"
#include "serve/control_state.h"
#include "serve/json_text.h"
#include "serve/router.h"
#include "serve/row_reader.h"
#include "serve/site_rules.h"

namespace attune::serve {
namespace {

constexpr std::size_t kKeyNameBytesMax = 100;
constexpr std::size_t kKeysMax = 10'000;
constexpr std::string_view kKeyPrefix = "sk_";
constexpr std::size_t kHintBytes = 7;  // "sk_" and four characters

store::Json origins_json(const std::vector<std::string>& origins) {
  boost::json::array array;
  for (const std::string& origin : origins) array.emplace_back(origin);
  return store::Json{boost::json::serialize(array)};
}

std::vector<std::string> read_origins(const std::string& text) {
  std::vector<std::string> origins;
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  ensure(!error && value.is_array(), "website.allowed_origins is a JSON array");
  for (const boost::json::value& origin : value.get_array()) {
    origins.emplace_back(origin.get_string().subview());
  }
  return origins;
}

store::Value optional_uuid(const std::optional<Uuid>& id) {
  return id ? store::Value(*id) : store::Value(store::Null{});
}

}  // namespace

Result<void> ControlPlane::State::read_sites_and_keys() {
  const MutexLock lock(edit_mutex);
  auto next = std::make_shared<Picture>();
  ATTUNE_ASSIGN(const store::Rows sites, session->query("serve/sites", {}));
  for (const auto& values : sites.rows) {
    RowReader row(values);
    event::Site site;
    site.id = row.take<Uuid>();
    site.domain = row.take<std::string>();
    site.name = row.take<std::string>();
    site.timezone = row.take<std::string>();
    site.currency = row.take<std::string>();
    site.public_key = row.take_optional<std::string>().value_or("");
    site.allowed_origins = read_origins(row.take<store::Json>().text);
    site.store_ip = row.take<bool>();
    next->created_ms[site.id] = row.take_ms();
    next->sites.by_id[site.id] = site;
  }
  next->index_sites();
  ATTUNE_ASSIGN(const store::Rows keys, session->query("serve/keys", {}));
  for (const auto& values : keys.rows) {
    RowReader row(values);
    StoredKey key;
    key.info.id = row.take<std::int64_t>();
    key.info.site = row.take_optional<Uuid>();
    key.info.name = row.take<std::string>();
    ATTUNE_ASSIGN(key.info.scope, parse_scope(row.take<std::string>()));
    key.secret_hash = row.take<std::string>();
    key.info.hint = row.take<std::string>();
    key.info.created_ms = row.take_ms();
    key_id_last = std::max(key_id_last, key.info.id);
    next->keys.push_back(std::move(key));
  }
  next->index_keys();
  show(std::move(next));
  return {};
}

Result<void> ControlPlane::State::read_imports() {
  const MutexLock edit(edit_mutex);
  const MutexLock lock(import_mutex);
  ATTUNE_ASSIGN(const store::Rows rows, session->query("serve/imports", {}));
  for (const auto& values : rows.rows) {
    RowReader row(values);
    ImportInfo import;
    import.stream = static_cast<std::uint32_t>(row.take<std::int64_t>());
    import.site = row.take<Uuid>();
    import.kind = row.take<std::string>();
    import.name = row.take<std::string>();
    import.created_ms = row.take_ms();
    if (const auto finished = row.take_optional<store::Timestamp>())
      import.finished_ms = finished->us / 1000;
    import.last_batch = row.take<std::int64_t>();
    import.events = row.take<std::int64_t>();
    imports.push_back(std::move(import));
  }
  return {};
}

ControlPlane::ControlPlane(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlPlane::~ControlPlane() = default;

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(store::Store& store, const Clock& clock,
                                                         ControlPlaneOptions options) {
  auto state = std::make_unique<State>(clock, options);
  {
    const MutexLock lock(state->edit_mutex);
    ATTUNE_ASSIGN(state->session, store.session());
    ATTUNE_TRY(state->run("serve/logins_delete_expired", {state->now()}));
  }
  ATTUNE_TRY(state->read_sites_and_keys());
  ATTUNE_TRY(state->read_people());
  ATTUNE_TRY(state->read_imports());
  ATTUNE_ASSIGN(state->nobodys_hash, state->hash_of(random_token(16)));
  return std::unique_ptr<ControlPlane>(new ControlPlane(std::move(state)));
}

// Sites -------------------------------------------------------------------------------------------

std::shared_ptr<const event::SiteSnapshot> ControlPlane::sites() const {
  std::shared_ptr<const Picture> picture = state_->look();
  const event::SiteSnapshot* sites = &picture->sites;
  return {std::move(picture), sites};
}

std::vector<SiteInfo> ControlPlane::list_sites() const {
  const auto picture = state_->look();
  std::vector<SiteInfo> list;
  for (const auto& entry : picture->sites.by_id) {
    list.push_back({entry.second, picture->created_ms.at(entry.first)});
  }
  std::sort(list.begin(), list.end(),
            [](const SiteInfo& a, const SiteInfo& b) { return a.site.domain < b.site.domain; });
  return list;
}

std::optional<SiteInfo> ControlPlane::find_site(std::string_view uuid_or_domain) const {
  const auto picture = state_->look();
  const event::Site* site = serve::find_site(picture->sites, uuid_or_domain);
  if (site == nullptr) return std::nullopt;
  return SiteInfo{*site, picture->created_ms.at(site->id)};
}

Result<SiteInfo> ControlPlane::create_site(const SiteChange& change) {
  if (!change.domain) return fail(ErrorCode::invalid_argument, "is required", "domain");
  event::Site site;
  ATTUNE_TRY(apply_change(site, change));
  if (!change.name) site.name = site.domain;
  site.id = Uuid::random();
  site.public_key = "pk_" + random_token(16);
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  auto next = std::make_shared<Picture>(*state.look());
  if (next->sites.by_domain.count(site.domain) != 0) {
    return fail(ErrorCode::already_exists, fmt::format("there is a site {}", site.domain),
                "domain");
  }
  const std::int64_t now_ms = state.clock.now_ms();
  ATTUNE_TRY(state.run("serve/site_insert",
                       {site.id, site.id.text(), site.domain, site.name, site.timezone,
                        site.currency, site.public_key, origins_json(site.allowed_origins),
                        site.store_ip, store::Timestamp::from_ms(now_ms)}));
  next->created_ms[site.id] = now_ms;
  next->put(site);
  state.show(std::move(next));
  return SiteInfo{site, now_ms};
}

Result<SiteInfo> ControlPlane::update_site(const Uuid& id, const SiteChange& change) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  auto next = std::make_shared<Picture>(*state.look());
  const auto found = next->sites.by_id.find(id);
  if (found == next->sites.by_id.end()) return fail(ErrorCode::not_found, "no such site", "site");
  event::Site site = found->second;
  ATTUNE_TRY(apply_change(site, change));
  const auto same_domain = next->sites.by_domain.find(site.domain);
  if (same_domain != next->sites.by_domain.end() && same_domain->second != id) {
    return fail(ErrorCode::already_exists, fmt::format("there is a site {}", site.domain),
                "domain");
  }
  ATTUNE_TRY(state.run("serve/site_update",
                       {site.id, site.domain, site.name, site.timezone, site.currency,
                        origins_json(site.allowed_origins), site.store_ip, state.now()}));
  next->put(site);
  const SiteInfo info{site, next->created_ms.at(id)};
  state.show(std::move(next));
  return info;
}

Result<void> ControlPlane::delete_site(const Uuid& id) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  auto next = std::make_shared<Picture>(*state.look());
  if (next->sites.by_id.erase(id) == 0) return fail(ErrorCode::not_found, "no such site", "site");
  ATTUNE_TRY(state.session->begin());
  Result<void> done = state.run("serve/site_delete", {id, state.now()});
  if (done) done = state.run("serve/keys_delete_of_site", {id});
  if (done) done = state.session->commit();
  if (!done) {
    auto undone = state.session->rollback();
    return pass(done, undone ? "" : "rollback failed too: " + undone.error().message());
  }
  next->created_ms.erase(id);
  next->index_sites();
  std::erase_if(next->keys, [&](const StoredKey& key) { return key.info.site == id; });
  next->index_keys();
  state.show(std::move(next));
  return {};
}

// Keys --------------------------------------------------------------------------------------------

Result<NewKey> ControlPlane::create_key(std::optional<Uuid> site, std::string_view name,
                                        Scope scope) {
  if (name.empty() || name.size() > kKeyNameBytesMax || !is_utf8(name)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be text of 1 to {} bytes", kKeyNameBytesMax), "name");
  }
  if (!site && scope != Scope::admin) {
    return fail(ErrorCode::invalid_argument, "a key for the whole server has scope admin", "scope");
  }
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  auto next = std::make_shared<Picture>(*state.look());
  if (site && next->sites.by_id.count(*site) == 0) {
    return fail(ErrorCode::not_found, "no such site", "site");
  }
  if (next->keys.size() >= kKeysMax) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("there are {} keys; delete some", kKeysMax));
  }
  NewKey made;
  made.secret = std::string(kKeyPrefix) + random_token(32);
  StoredKey key;
  key.info.id = ++state.key_id_last;
  key.info.site = site;
  key.info.name = name;
  key.info.scope = scope;
  key.info.hint = made.secret.substr(0, kHintBytes);
  key.info.created_ms = state.clock.now_ms();
  key.secret_hash = secret_hash("key", made.secret);
  ATTUNE_TRY(
      state.run("serve/key_insert",
                {key.info.id, optional_uuid(site), key.info.name, std::string(to_string(scope)),
                 key.secret_hash, key.info.hint, store::Timestamp::from_ms(key.info.created_ms)}));
  made.info = key.info;
  next->keys.push_back(std::move(key));
  next->index_keys();
  state.show(std::move(next));
  return made;
}

std::vector<KeyInfo> ControlPlane::list_keys(std::optional<Uuid> site) const {
  const auto picture = state_->look();
  std::vector<KeyInfo> list;
  for (const StoredKey& key : picture->keys) {
    if (key.info.site == site) list.push_back(key.info);
  }
  return list;
}

Result<void> ControlPlane::delete_key(std::optional<Uuid> site, std::int64_t id) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  auto next = std::make_shared<Picture>(*state.look());
  const auto removed = std::erase_if(
      next->keys, [&](const StoredKey& key) { return key.info.id == id && key.info.site == site; });
  if (removed == 0) return fail(ErrorCode::not_found, "no such key", "id");
  ATTUNE_TRY(state.run("serve/key_delete", {id}));
  next->index_keys();
  state.show(std::move(next));
  return {};
}

Result<Caller> ControlPlane::caller_of_key(std::string_view secret) const {
  const auto refuse = [] {
    return fail(ErrorCode::unauthenticated, "this key is not valid", "Authorization");
  };
  if (!secret.starts_with(kKeyPrefix) || secret.size() > 128) return refuse();
  const auto picture = state_->look();
  // The hash of a random 256-bit secret: how long the look-up takes tells nothing about another's
  // secret.
  const auto found = picture->key_at.find(secret_hash("key", secret));
  if (found == picture->key_at.end()) return refuse();
  const KeyInfo& info = picture->keys[found->second].info;
  Caller caller;
  caller.kind = CallerKind::key;
  caller.scope = info.scope;
  caller.site = info.site;
  caller.name = info.name;
  return caller;
}

// Imports -----------------------------------------------------------------------------------------

Result<ImportInfo> ControlPlane::begin_import(const Uuid& site, std::string_view kind,
                                              std::string_view name) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  const MutexLock lock(state.import_mutex);
  ImportInfo import;
  import.stream = state.imports.empty() ? 1 : state.imports.back().stream + 1;
  import.site = site;
  import.kind = kind;
  import.name = name;
  import.created_ms = state.clock.now_ms();
  ATTUNE_TRY(
      state.run("serve/import_insert", {std::int64_t{import.stream}, site, import.kind, import.name,
                                        store::Timestamp::from_ms(import.created_ms)}));
  state.imports.push_back(import);
  return import;
}

Result<ImportInfo> ControlPlane::find_import(const Uuid& site, std::uint32_t stream) const {
  const MutexLock lock(state_->import_mutex);
  for (const ImportInfo& import : state_->imports) {
    if (import.stream == stream && import.site == site) return import;
  }
  return fail(ErrorCode::not_found, "no such import", "stream");
}

std::vector<ImportInfo> ControlPlane::list_imports(const Uuid& site) const {
  const MutexLock lock(state_->import_mutex);
  std::vector<ImportInfo> list;
  for (const ImportInfo& import : state_->imports) {
    if (import.site == site) list.push_back(import);
  }
  return list;
}

Result<void> ControlPlane::State::save_import(const ImportInfo& import) {
  const store::Value finished = import.finished_ms == 0
                                    ? store::Value(store::Null{})
                                    : store::Value(store::Timestamp::from_ms(import.finished_ms));
  return run("serve/import_update",
             {std::int64_t{import.stream}, import.last_batch, import.events, finished});
}

Result<void> ControlPlane::note_import_batch(std::uint32_t stream, std::int64_t batch,
                                             std::int64_t events) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  const MutexLock lock(state.import_mutex);
  for (ImportInfo& import : state.imports) {
    if (import.stream != stream) continue;
    ImportInfo next = import;
    next.last_batch = batch;
    next.events += events;
    ATTUNE_TRY(state.save_import(next));
    import = next;
    return {};
  }
  return fail(ErrorCode::not_found, "no such import", "stream");
}

Result<void> ControlPlane::finish_import(std::uint32_t stream) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  const MutexLock lock(state.import_mutex);
  for (ImportInfo& import : state.imports) {
    if (import.stream != stream) continue;
    ImportInfo next = import;
    next.finished_ms = state.clock.now_ms();
    ATTUNE_TRY(state.save_import(next));
    import = next;
    return {};
  }
  return fail(ErrorCode::not_found, "no such import", "stream");
}

std::string snippet_of(const event::Site& site, std::string_view public_url) {
  return fmt::format(R"(<script defer src="{}/t.js" data-site="{}"></script>)", public_url,
                     site.id.text());
}

}  // namespace attune::serve
