#include "serve/control_plane.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>

#include "base/ensure.h"
#include "base/mutex.h"
#include "serve/json_text.h"
#include "serve/login_guard.h"
#include "serve/router.h"
#include "serve/row_reader.h"
#include "serve/secrets.h"
#include "serve/site_rules.h"

namespace attune::serve {
namespace {

constexpr std::size_t kPasswordBytesMin = 8;
constexpr std::size_t kPasswordBytesMax = 1024;  // argon2id reads it all; a longer one is an attack
constexpr std::size_t kKeyNameBytesMax = 100;
constexpr std::size_t kKeysMax = 10'000;
constexpr std::string_view kKeyPrefix = "sk_";
constexpr std::size_t kHintBytes = 7;  // "sk_" and four characters

struct StoredKey {
  KeyInfo info;
  std::string secret_hash;
};

struct Account {
  std::int64_t id = 0;
  std::string name;
  std::string password_hash;
  std::string role;
};

struct Login {
  std::int64_t account_id = 0;
  std::int64_t expires_ms = 0;
  std::uint64_t order = 0;
};

/// What the request path reads; never changed, only replaced.
struct Picture {
  event::SiteSnapshot sites;
  std::unordered_map<Uuid, std::int64_t> created_ms;
  std::vector<StoredKey> keys;                          // oldest first
  std::unordered_map<std::string, std::size_t> key_at;  // by hash: index into `keys`

  void put(const event::Site& site) {
    sites.by_id[site.id] = site;
    index_sites();
  }
  void index_sites() {
    sites.by_domain.clear();
    sites.by_public_key.clear();
    for (const auto& [id, site] : sites.by_id) {
      sites.by_domain[site.domain] = id;
      if (!site.public_key.empty()) sites.by_public_key[site.public_key] = id;
    }
  }
  void index_keys() {
    key_at.clear();
    for (std::size_t i = 0; i < keys.size(); ++i) key_at[keys[i].secret_hash] = i;
  }
};

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

Result<void> check_password(std::string_view password, std::string_view field) {
  if (password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("must be {} to {} bytes long", kPasswordBytesMin, kPasswordBytesMax),
              std::string(field));
}

}  // namespace

struct ControlPlane::State {
  State(const Clock& c, const ControlPlaneOptions& o)
      : clock(c), options(o), guard({o.login_window_ms, o.login_failures_max}) {}

  const Clock& clock;
  const ControlPlaneOptions options;
  LoginGuard guard;
  std::string nobodys_hash;  // what a wrong user name is checked against, to take as long

  Mutex hash_mutex;  // one password hash at a time: each takes 64 MiB
  Mutex edit_mutex;  // edits, in one order
  std::unique_ptr<store::Session> session ATTUNE_THREAD(guarded_by(edit_mutex));
  // Never given twice: a number just deleted is refused while an older reader still sees it.
  std::int64_t key_id_last ATTUNE_THREAD(guarded_by(edit_mutex)) = 0;

  mutable Mutex picture_mutex;
  std::shared_ptr<const Picture> picture ATTUNE_THREAD(guarded_by(picture_mutex));

  mutable Mutex people_mutex;
  std::vector<Account> accounts ATTUNE_THREAD(guarded_by(people_mutex));
  std::unordered_map<std::string, Login> logins ATTUNE_THREAD(guarded_by(people_mutex));
  std::uint64_t next_login ATTUNE_THREAD(guarded_by(people_mutex)) = 0;

  mutable Mutex import_mutex;
  std::vector<ImportInfo> imports ATTUNE_THREAD(guarded_by(import_mutex));  // by number

  std::shared_ptr<const Picture> look() const {
    const MutexLock lock(picture_mutex);
    return picture;
  }
  void show(std::shared_ptr<Picture> next) {
    for (auto& [id, site] : next->sites.by_id) site.redact_names = options.redact_names;
    const MutexLock lock(picture_mutex);
    picture = std::move(next);
  }
  store::Timestamp now() const { return store::Timestamp::from_ms(clock.now_ms()); }

  Result<void> run(std::string_view file, std::initializer_list<store::Value> parameters)
      ATTUNE_THREAD(requires_capability(edit_mutex)) {
    auto changed = session->execute(
        file, std::span<const store::Value>(parameters.begin(), parameters.size()));
    if (!changed) return pass(changed);
    return {};
  }
  Result<void> read_sites_and_keys();
  Result<void> read_people();
  Result<void> read_imports();
  Result<void> save_import(const ImportInfo& import) ATTUNE_THREAD(requires_capability(edit_mutex));
  std::optional<Account> account_named(std::string_view name) const;
  std::optional<Account> account_of(std::int64_t id) const;
  Result<void> set_password(std::int64_t account_id, const std::string& hash)
      ATTUNE_THREAD(requires_capability(edit_mutex));
  Result<std::string> hash_of(std::string_view password) {
    const MutexLock lock(hash_mutex);
    return hash_password(password, {options.password_passes, options.password_bytes});
  }
  bool matches(const std::string& hash, std::string_view password) {
    const MutexLock lock(hash_mutex);
    return verify_password(hash, password);
  }
  void drop_oldest_login() ATTUNE_THREAD(requires_capability(people_mutex));
};

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

Result<void> ControlPlane::State::read_people() {
  const MutexLock edit(edit_mutex);
  const MutexLock lock(people_mutex);
  ATTUNE_ASSIGN(const store::Rows people, session->query("serve/accounts", {}));
  for (const auto& values : people.rows) {
    RowReader row(values);
    Account account;
    account.id = row.take<std::int64_t>();
    account.name = row.take<std::string>();
    account.password_hash = row.take<std::string>();
    account.role = row.take<std::string>();
    accounts.push_back(std::move(account));
  }
  const store::Value parameters[] = {now()};
  ATTUNE_ASSIGN(const store::Rows open, session->query("serve/logins", parameters));
  for (const auto& values : open.rows) {
    RowReader row(values);
    std::string hash = row.take<std::string>();
    Login login;
    login.account_id = row.take<std::int64_t>();
    login.expires_ms = row.take_ms();
    login.order = next_login++;
    logins.emplace(std::move(hash), login);
  }
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

std::optional<Account> ControlPlane::State::account_named(std::string_view name) const {
  const MutexLock lock(people_mutex);
  for (const Account& account : accounts) {
    if (account.name == name) return account;
  }
  return std::nullopt;
}

std::optional<Account> ControlPlane::State::account_of(std::int64_t id) const {
  const MutexLock lock(people_mutex);
  for (const Account& account : accounts) {
    if (account.id == id) return account;
  }
  return std::nullopt;
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

Result<std::optional<std::string>> ControlPlane::ensure_admin(std::string_view given) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  {
    const MutexLock lock(state.people_mutex);
    if (!state.accounts.empty()) return std::optional<std::string>();
  }
  const std::string password = given.empty() ? random_password() : std::string(given);
  ATTUNE_TRY(check_password(password, "ATTUNE_ADMIN_PASSWORD"));
  Account account;
  account.name = "admin";
  account.role = "admin";
  ATTUNE_ASSIGN(account.password_hash, state.hash_of(password));
  const store::Value parameters[] = {account.name, account.password_hash, account.role,
                                     state.now()};
  ATTUNE_ASSIGN(const store::Rows made, state.session->query("serve/account_insert", parameters));
  account.id = RowReader(made.rows.at(0)).take<std::int64_t>();
  const MutexLock lock(state.people_mutex);
  state.accounts.push_back(std::move(account));
  return std::optional<std::string>(password);
}

std::vector<AccountInfo> ControlPlane::list_accounts() const {
  const MutexLock lock(state_->people_mutex);
  std::vector<AccountInfo> list;
  for (const Account& account : state_->accounts) {
    list.push_back({account.id, account.name, account.role});
  }
  return list;
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

// Logins ------------------------------------------------------------------------------------------

void ControlPlane::State::drop_oldest_login() {
  const auto oldest = std::min_element(
      logins.begin(), logins.end(),
      [](const auto& a, const auto& b) { return a.second.order < b.second.order; });
  if (oldest != logins.end()) logins.erase(oldest);
}

Result<NewLogin> ControlPlane::log_in(const LoginAttempt& attempt) {
  State& state = *state_;
  const std::int64_t now_ms = state.clock.now_ms();
  ATTUNE_TRY(state.guard.begin(attempt.client_address, attempt.user, now_ms));
  const std::optional<Account> account = state.account_named(attempt.user);
  const bool short_enough = attempt.password.size() <= kPasswordBytesMax;
  const bool right = state.matches(account ? account->password_hash : state.nobodys_hash,
                                   short_enough ? attempt.password : std::string_view());
  if (!account || !right || !short_enough) {
    return fail(ErrorCode::unauthenticated, "wrong user or password");
  }
  state.guard.succeeded(attempt.client_address, attempt.user);
  NewLogin made;
  made.token = random_token(32);
  made.csrf_token = csrf_token_of(made.token);
  made.expires_ms = now_ms + state.options.login_ttl_ms;
  made.caller.kind = CallerKind::login;
  made.caller.account_id = account->id;
  made.caller.name = account->name;
  made.caller.role = account->role;
  const std::string hash = secret_hash("login", made.token);
  const MutexLock edit(state.edit_mutex);
  ATTUNE_TRY(state.run("serve/logins_delete_expired", {store::Timestamp::from_ms(now_ms)}));
  ATTUNE_TRY(state.run("serve/login_insert", {hash, account->id, store::Timestamp::from_ms(now_ms),
                                              store::Timestamp::from_ms(made.expires_ms)}));
  const MutexLock lock(state.people_mutex);
  std::erase_if(state.logins, [&](const auto& entry) { return entry.second.expires_ms <= now_ms; });
  if (state.logins.size() >= state.options.logins_max) state.drop_oldest_login();
  Login login;
  login.account_id = account->id;
  login.expires_ms = made.expires_ms;
  login.order = state.next_login++;
  state.logins.emplace(hash, login);
  return made;
}

Result<void> ControlPlane::log_out(std::string_view cookie_token) {
  State& state = *state_;
  const std::string hash = secret_hash("login", cookie_token);
  const MutexLock edit(state.edit_mutex);
  ATTUNE_TRY(state.run("serve/login_delete", {hash}));
  const MutexLock lock(state.people_mutex);
  state.logins.erase(hash);
  return {};
}

Result<void> ControlPlane::change_password(const Caller& caller, std::string_view current,
                                           std::string_view next, std::string_view cookie_token) {
  State& state = *state_;
  ATTUNE_TRY(check_password(next, "new"));
  const std::optional<Account> account = state.account_of(caller.account_id);
  if (!account) return fail(ErrorCode::unauthenticated, "this account is gone");
  ATTUNE_TRY(state.guard.begin({}, account->name, state.clock.now_ms()));
  if (current.size() > kPasswordBytesMax || !state.matches(account->password_hash, current)) {
    return fail(ErrorCode::permission_denied, "is not the current password", "current");
  }
  state.guard.succeeded({}, account->name);
  ATTUNE_ASSIGN(const std::string hash, state.hash_of(next));
  const std::string kept = secret_hash("login", cookie_token);
  const MutexLock edit(state.edit_mutex);
  ATTUNE_TRY(state.run("serve/account_password", {account->id, hash, state.now()}));
  ATTUNE_TRY(state.run("serve/logins_delete_others", {account->id, kept}));
  const MutexLock lock(state.people_mutex);
  for (Account& each : state.accounts) {
    if (each.id == account->id) each.password_hash = hash;
  }
  std::erase_if(state.logins, [&](const auto& entry) {
    return entry.second.account_id == account->id && entry.first != kept;
  });
  return {};
}

Result<Caller> ControlPlane::caller_of_login(std::string_view cookie_token, bool mutating,
                                             std::string_view csrf_token) const {
  const auto refuse = [] { return fail(ErrorCode::unauthenticated, "log in again"); };
  if (cookie_token.size() > 128) return refuse();
  const State& state = *state_;
  Caller caller;
  {
    const MutexLock lock(state.people_mutex);
    const auto login = state.logins.find(secret_hash("login", cookie_token));
    if (login == state.logins.end() || login->second.expires_ms <= state.clock.now_ms())
      return refuse();
    const auto account =
        std::find_if(state.accounts.begin(), state.accounts.end(),
                     [&](const Account& a) { return a.id == login->second.account_id; });
    if (account == state.accounts.end()) return refuse();
    caller.kind = CallerKind::login;
    caller.account_id = account->id;
    caller.name = account->name;
    caller.role = account->role;
  }
  if (mutating && !same_secret(csrf_token, csrf_token_of(cookie_token))) {
    return fail(ErrorCode::permission_denied, "needs the csrf_token of GET /api/v1/login",
                "X-CSRF-Token");
  }
  return caller;
}

/// Derived from the login, so that it needs no place of its own; another site's page can know
/// neither.
std::string ControlPlane::csrf_token_of(std::string_view cookie_token) {
  return secret_hash("csrf", cookie_token);
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
