// Who can log in: accounts, the people who work for them, and their logins.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "serve/control_state.h"
#include "serve/json_text.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

constexpr std::size_t kPasswordBytesMin = 8;
constexpr std::size_t kPasswordBytesMax = 1024;  // argon2id reads it all; a longer one is an attack
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kPeopleMax = 1000;

Result<void> check_password(std::string_view password, std::string_view field) {
  if (password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("must be {} to {} bytes long", kPasswordBytesMin, kPasswordBytesMax),
              std::string(field));
}

Result<void> check_name(std::string_view name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (!name.empty() && name.size() <= kNameBytesMax && plain && is_utf8(name)) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("must be text of 1 to {} bytes", kNameBytesMax), "name");
}

Result<void> check_role(std::string_view role) {
  if (std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end()) return {};
  return fail(ErrorCode::invalid_argument, "must be admin, marketer, experimenter or viewer",
              "role");
}

AccountInfo info_of(const Account& account) {
  return {account.id, account.owner_id, account.name, account.role};
}

void as_caller(const Account& account, Caller& caller) {
  caller.kind = CallerKind::login;
  caller.account_id = account.owner_id;
  caller.person_id = account.id;
  caller.name = account.name;
  caller.role = account.role;
}

}  // namespace

Result<void> ControlPlane::State::read_people() {
  const MutexLock edit(edit_mutex);
  const MutexLock lock(people_mutex);
  ATTUNE_ASSIGN(const store::Rows people, session->query("serve/accounts", {}));
  for (const auto& values : people.rows) {
    RowReader row(values);
    Account account;
    account.id = row.take<std::int64_t>();
    account.owner_id = row.take<std::int64_t>();
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

Result<Account> ControlPlane::State::member_of(std::int64_t owner, std::int64_t id) const {
  const std::optional<Account> found = account_of(id);
  if (!found || found->owner_id != owner) {
    return fail(ErrorCode::not_found, "nobody with this id works for the account", "id");
  }
  if (found->id == owner) {
    return fail(ErrorCode::failed_precondition,
                "this is the account itself: it stays an administrator, and changes its password "
                "by itself",
                "id");
  }
  return *found;
}

Result<void> ControlPlane::State::store_password(std::int64_t id, const std::string& hash,
                                                 const std::string& kept) {
  ATTUNE_TRY(run("serve/account_password", {id, hash, now()}));
  ATTUNE_TRY(run("serve/logins_delete_others", {id, kept}));
  const MutexLock lock(people_mutex);
  for (Account& each : accounts) {
    if (each.id == id) each.password_hash = hash;
  }
  std::erase_if(logins, [&](const auto& entry) {
    return entry.second.account_id == id && entry.first != kept;
  });
  return {};
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
                                     state.now(), store::Null{}};
  ATTUNE_ASSIGN(const store::Rows made, state.session->query("serve/account_insert", parameters));
  account.id = RowReader(made.rows.at(0)).take<std::int64_t>();
  account.owner_id = account.id;
  const MutexLock lock(state.people_mutex);
  state.accounts.push_back(std::move(account));
  return std::optional<std::string>(password);
}

std::vector<AccountInfo> ControlPlane::list_accounts() const {
  const MutexLock lock(state_->people_mutex);
  std::vector<AccountInfo> list;
  for (const Account& account : state_->accounts) {
    if (account.id == account.owner_id) list.push_back(info_of(account));
  }
  return list;
}

// People who work for an account ------------------------------------------------------------------

std::vector<AccountInfo> ControlPlane::list_people(std::int64_t owner) const {
  const MutexLock lock(state_->people_mutex);
  std::vector<AccountInfo> list;
  for (const Account& account : state_->accounts) {
    if (account.owner_id == owner) list.push_back(info_of(account));
  }
  return list;
}

Result<NewPerson> ControlPlane::add_person(std::int64_t owner, std::string_view name,
                                           std::string_view role, std::string_view given) {
  State& state = *state_;
  ATTUNE_TRY(check_name(name));
  ATTUNE_TRY(check_role(role));
  const std::string password = given.empty() ? random_password() : std::string(given);
  ATTUNE_TRY(check_password(password, "password"));
  const std::optional<Account> works_for = state.account_of(owner);
  if (!works_for || works_for->owner_id != owner) {
    return fail(ErrorCode::not_found, "no such account", "account");
  }
  ATTUNE_ASSIGN(const std::string hash, state.hash_of(password));
  const MutexLock edit(state.edit_mutex);
  {
    const MutexLock lock(state.people_mutex);
    if (state.accounts.size() >= kPeopleMax) {
      return fail(ErrorCode::failed_precondition,
                  fmt::format("there are {} people; remove some", kPeopleMax));
    }
  }
  if (state.account_named(name)) {
    return fail(ErrorCode::already_exists, "somebody logs in with this name", "name");
  }
  Account account;
  account.owner_id = owner;
  account.name = name;
  account.role = role;
  account.password_hash = hash;
  const store::Value parameters[] = {account.name, hash, account.role, state.now(), owner};
  ATTUNE_ASSIGN(const store::Rows made, state.session->query("serve/account_insert", parameters));
  account.id = RowReader(made.rows.at(0)).take<std::int64_t>();
  NewPerson person{info_of(account), given.empty() ? password : std::string()};
  const MutexLock lock(state.people_mutex);
  state.accounts.push_back(std::move(account));
  return person;
}

Result<AccountInfo> ControlPlane::change_person(std::int64_t owner, std::int64_t id,
                                                const PersonChange& change) {
  State& state = *state_;
  if (change.role) ATTUNE_TRY(check_role(*change.role));
  std::string hash;
  if (change.password) {
    ATTUNE_TRY(check_password(*change.password, "password"));
    ATTUNE_ASSIGN(hash, state.hash_of(*change.password));
  }
  const MutexLock edit(state.edit_mutex);
  ATTUNE_ASSIGN(Account person, state.member_of(owner, id));
  if (change.role) {
    ATTUNE_TRY(state.run("serve/account_role", {id, *change.role, state.now()}));
    person.role = *change.role;
    const MutexLock lock(state.people_mutex);
    for (Account& each : state.accounts) {
      if (each.id == id) each.role = *change.role;
    }
  }
  if (change.password) ATTUNE_TRY(state.store_password(id, hash, {}));
  return info_of(person);
}

Result<void> ControlPlane::remove_person(std::int64_t owner, std::int64_t id) {
  State& state = *state_;
  const MutexLock edit(state.edit_mutex);
  ATTUNE_ASSIGN(const Account person, state.member_of(owner, id));
  ATTUNE_TRY(state.run("serve/logins_delete_others", {person.id, std::string()}));
  ATTUNE_TRY(state.run("serve/account_delete", {person.id}));
  const MutexLock lock(state.people_mutex);
  std::erase_if(state.accounts, [&](const Account& each) { return each.id == id; });
  std::erase_if(state.logins, [&](const auto& entry) { return entry.second.account_id == id; });
  return {};
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
  as_caller(*account, made.caller);
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
  const std::optional<Account> account = state.account_of(caller.person_id);
  if (!account) return fail(ErrorCode::unauthenticated, "this account is gone");
  ATTUNE_TRY(state.guard.begin({}, account->name, state.clock.now_ms()));
  if (current.size() > kPasswordBytesMax || !state.matches(account->password_hash, current)) {
    return fail(ErrorCode::permission_denied, "is not the current password", "current");
  }
  state.guard.succeeded({}, account->name);
  ATTUNE_ASSIGN(const std::string hash, state.hash_of(next));
  const std::string kept = secret_hash("login", cookie_token);
  const MutexLock edit(state.edit_mutex);
  return state.store_password(account->id, hash, kept);
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
    as_caller(*account, caller);
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

}  // namespace attune::serve
