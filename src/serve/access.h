// Who is asking and what they may do: a person with a login, a secret key, the owner of the data
// folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"

namespace attune::serve {

/// What a secret key allows. `admin` includes the other two; write does not include read, so that a
/// key in a shop's backend that only sends events shows nobody the numbers.
enum class Scope : std::uint8_t { read, write, admin };
std::string_view to_string(Scope scope);
[[nodiscard]] Result<Scope> parse_scope(std::string_view text);  // invalid_argument, field "scope"

/// What a call changes, for roles: an administrator may change all of it.
enum class Area : std::uint8_t {
  administration,  // sites, keys, people, models, imports, retention
  marketing,       // campaigns, content, recommendations' placements and rules, insights
  testing,         // tests and flags
};

enum class CallerKind : std::uint8_t { nobody, login, key, owner };

struct Caller {
  CallerKind kind = CallerKind::nobody;
  Scope scope = Scope::read;    // of a key
  std::optional<Uuid> site;     // a key bound to one site; a key without is for the whole server
  std::int64_t account_id = 0;  // of a login: the account whose rows are theirs
  std::int64_t person_id = 0;   // of a login: who it is, the account itself or one who works for it
  std::string name;             // person or key, for people to read
  std::string role;             // of a login: "admin", "marketer", "experimenter", "viewer"

  bool is_owner() const { return kind == CallerKind::owner; }
  /// Whether this caller's role is made for an area: a marketer's for marketing, an experimenter's
  /// for testing. Administrators are not asked: they may everything.
  bool works_in(Area area) const;
  /// Whether this caller has `scope` on `site_id`.
  bool may(Scope needed, const Uuid& site_id) const;
  /// Whether this caller may act on the whole server.
  bool may_administer_server() const;
};

/// How a router learns who shows a credential. Answers come from memory: io threads call these.
class CallerDirectory {
 public:
  virtual ~CallerDirectory() = default;
  /// Errors  unauthenticated: unknown, or no longer valid.
  [[nodiscard]] virtual Result<Caller> caller_of_key(std::string_view secret) const = 0;
  /// Errors  unauthenticated: unknown or expired; permission_denied: `mutating` and `csrf_token` is
  /// wrong.
  [[nodiscard]] virtual Result<Caller> caller_of_login(std::string_view cookie_token, bool mutating,
                                                       std::string_view csrf_token) const = 0;
};

}  // namespace attune::serve
