#include "serve/access.h"

namespace attune::serve {

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::read:
      return "read";
    case Scope::write:
      return "write";
    case Scope::admin:
      break;
  }
  return "admin";
}

Result<Scope> parse_scope(std::string_view text) {
  for (const Scope scope : {Scope::read, Scope::write, Scope::admin}) {
    if (to_string(scope) == text) return scope;
  }
  return fail(ErrorCode::invalid_argument, "must be read, write or admin", "scope");
}

bool Caller::may(Scope needed, const Uuid& site_id) const {
  switch (kind) {
    case CallerKind::nobody:
      return false;
    case CallerKind::owner:
      return true;
    case CallerKind::login:
      return role == "admin" || needed == Scope::read;
    case CallerKind::key:
      break;
  }
  if (site && *site != site_id) return false;
  return scope == needed || scope == Scope::admin;
}

bool Caller::works_in(Area area) const {
  if (kind != CallerKind::login) return false;
  return (area == Area::marketing && role == "marketer") ||
         (area == Area::testing && role == "experimenter");
}

bool Caller::may_administer_server() const {
  switch (kind) {
    case CallerKind::nobody:
      return false;
    case CallerKind::owner:
      return true;
    case CallerKind::login:
      return role == "admin";
    case CallerKind::key:
      break;
  }
  return !site && scope == Scope::admin;
}

}  // namespace attune::serve
