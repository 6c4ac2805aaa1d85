// What people set up, and who they are: sites, secret keys, accounts, logins. Tables in the store
// are the truth; a picture of them in memory, swapped whole, answers the request path without SQL.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "event/site_directory.h"
#include "serve/access.h"
#include "store/store.h"

namespace attune::serve {

/// What can be set of a site; fields not given stay as they are (or at their default in a new
/// site).
struct SiteChange {
  std::optional<std::string> domain;  // required for a new site
  std::optional<std::string> name;
  std::optional<std::string> timezone;  // IANA
  std::optional<std::string> currency;  // ISO 4217
  std::optional<std::vector<std::string>> allowed_origins;
  std::optional<bool> store_ip;
};

/// A site as people see it.
struct SiteInfo {
  event::Site site;
  std::int64_t created_ms = 0;
};

struct KeyInfo {
  std::int64_t id = 0;
  std::optional<Uuid> site;  // none: a key for the whole server
  std::string name;
  Scope scope = Scope::read;
  std::string hint;  // first characters of the secret, to recognise it by
  std::int64_t created_ms = 0;
};

struct NewKey {
  KeyInfo info;
  std::string secret;  // "sk_..."; cannot be shown again
};

struct NewLogin {
  Caller caller;
  std::string token;  // the cookie's value
  std::string csrf_token;
  std::int64_t expires_ms = 0;
};

/// Who can log in, without what proves it: an account, which owns rows, or somebody who works for
/// one.
struct AccountInfo {
  std::int64_t id = 0;
  std::int64_t owner_id = 0;   // the account they work for; `id` of an account itself
  std::string name;
  std::string role;
};

/// What people may be; what each may do is in Caller.
inline constexpr std::array<std::string_view, 4> kRoles = {"admin", "marketer", "experimenter",
                                                           "viewer"};

struct NewPerson {
  AccountInfo info;
  std::string password;   // when it was generated; cannot be shown again
};

/// Fields not given stay as they are.
struct PersonChange {
  std::optional<std::string> role;
  std::optional<std::string> password;
};

struct LoginAttempt {
  std::string_view user;
  std::string_view password;
  std::string_view client_address;
};

struct ImportInfo {
  std::uint32_t stream = 0;
  Uuid site;
  std::string kind;
  std::string name;
  std::int64_t created_ms = 0;
  std::int64_t finished_ms = 0;  // 0: open
  std::int64_t last_batch = 0;   // number of the newest batch taken; 0: none
  std::int64_t events = 0;       // accepted so far
};

struct ControlPlaneOptions {
  std::int64_t login_ttl_ms = 14LL * 24 * 3600 * 1000;
  std::size_t logins_max = 1000;  // the oldest goes when one more logs in
  std::int64_t login_window_ms = 300'000;
  int login_failures_max = 10;  // by address and by account, in the window; then 429
  /// Cost of a password hash. Defaults to libsodium's "interactive" (2 passes over 64 MiB); tests
  /// lower it.
  std::uint64_t password_passes = 2;
  std::size_t password_bytes = 64U << 20;
  std::vector<std::string> redact_names;  // of every site: see event::Site
};

class ControlPlane final : public event::SiteDirectory, public CallerDirectory {
 public:
  /// Reads the tables; `store` is migrated and outlives this object.
  [[nodiscard]] static Result<std::unique_ptr<ControlPlane>> open(store::Store& store,
                                                                  const Clock& clock,
                                                                  ControlPlaneOptions options = {});
  ~ControlPlane() override;

  /// Makes the account "admin" when there is no account yet.
  ///
  /// password   8 characters or more, or empty: one is generated.
  /// Returns    the password when the account was made (show it once), else nullopt.
  /// Errors     invalid_argument: shorter than 8 or longer than 1024 bytes.
  [[nodiscard]] Result<std::optional<std::string>> ensure_admin(std::string_view password);

  std::vector<AccountInfo> list_accounts() const;  // those that own rows, oldest first

  // People who work for an account: they log in with a name and password of their own, and see the
  // account's rows.
  std::vector<AccountInfo> list_people(std::int64_t owner) const;  // the account itself first
  /// password  8 bytes or more, or empty: one is generated.
  /// Errors    invalid_argument: name, role or password; already_exists: the name is taken.
  [[nodiscard]] Result<NewPerson> add_person(std::int64_t owner, std::string_view name,
                                             std::string_view role, std::string_view password);
  /// A new password ends the person's logins.
  /// Errors    as add_person; not_found; failed_precondition: it is the account itself.
  [[nodiscard]] Result<AccountInfo> change_person(std::int64_t owner, std::int64_t id,
                                                  const PersonChange& change);
  /// Errors    not_found; failed_precondition: it is the account itself.
  [[nodiscard]] Result<void> remove_person(std::int64_t owner, std::int64_t id);

  // Sites. Mutating calls block (SQL). Threads: any.
  std::shared_ptr<const event::SiteSnapshot> sites() const override;
  std::vector<SiteInfo> list_sites() const;  // by domain
  std::optional<SiteInfo> find_site(std::string_view uuid_or_domain) const;
  /// Errors  invalid_argument with field; already_exists: the domain is taken.
  [[nodiscard]] Result<SiteInfo> create_site(const SiteChange& change);
  /// Errors  as create_site; not_found.
  [[nodiscard]] Result<SiteInfo> update_site(const Uuid& id, const SiteChange& change);
  /// Takes the site and its keys out of service. Its events stay in journal and tables.
  /// Errors  not_found.
  [[nodiscard]] Result<void> delete_site(const Uuid& id);

  // Secret keys. `site` nullopt means: for the whole server (scope admin only).
  [[nodiscard]] Result<NewKey> create_key(std::optional<Uuid> site, std::string_view name,
                                          Scope scope);
  std::vector<KeyInfo> list_keys(std::optional<Uuid> site) const;
  [[nodiscard]] Result<void> delete_key(std::optional<Uuid> site, std::int64_t id);
  [[nodiscard]] Result<Caller> caller_of_key(std::string_view secret) const override;

  // Logins. `log_in` and `change_password` hash: tens of milliseconds and 64 MiB, one at a time.
  /// Errors  unauthenticated: unknown user or wrong password (not told apart, equally slow);
  ///         resource_exhausted: too many failures from this address or for this account.
  [[nodiscard]] Result<NewLogin> log_in(const LoginAttempt& attempt);
  [[nodiscard]] Result<void> log_out(std::string_view cookie_token);
  /// Ends every other login of that account.
  /// Errors  unauthenticated: `current` is wrong; invalid_argument: `next` too short or long.
  [[nodiscard]] Result<void> change_password(const Caller& caller, std::string_view current,
                                             std::string_view next, std::string_view cookie_token);
  [[nodiscard]] Result<Caller> caller_of_login(std::string_view cookie_token, bool mutating,
                                               std::string_view csrf_token) const override;
  static std::string csrf_token_of(std::string_view cookie_token);

  // Imports: numbers for streams, and which batches were taken.
  [[nodiscard]] Result<ImportInfo> begin_import(const Uuid& site, std::string_view kind,
                                                std::string_view name);
  [[nodiscard]] Result<ImportInfo> find_import(const Uuid& site, std::uint32_t stream) const;
  std::vector<ImportInfo> list_imports(const Uuid& site) const;
  [[nodiscard]] Result<void> note_import_batch(std::uint32_t stream, std::int64_t batch,
                                               std::int64_t events);
  [[nodiscard]] Result<void> finish_import(std::uint32_t stream);

 private:
  struct State;
  explicit ControlPlane(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The script tag to paste into a site's pages.
std::string snippet_of(const event::Site& site, std::string_view public_url);

}  // namespace attune::serve
