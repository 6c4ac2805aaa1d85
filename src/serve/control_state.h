// What the two parts of the control plane share (control_plane.cpp: sites, keys, imports;
// control_people.cpp: accounts and logins). Internal to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "serve/control_plane.h"
#include "serve/login_guard.h"
#include "serve/secrets.h"

namespace attune::serve {

struct StoredKey {
  KeyInfo info;
  std::string secret_hash;
};

/// Who can log in: an account, or somebody who works for one.
struct Account {
  std::int64_t id = 0;
  std::int64_t owner_id = 0;   // whose rows they see: `id` of an account itself
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
  /// Of an account, by somebody else than its owner.
  /// Errors   not_found; failed_precondition: it is the owner.
  Result<Account> member_of(std::int64_t owner, std::int64_t id) const;
  /// Stores a new password and ends the logins with the old one, but for the login `kept`.
  Result<void> store_password(std::int64_t id, const std::string& hash, const std::string& kept)
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

}  // namespace attune::serve
