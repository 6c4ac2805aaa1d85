// Sites and callers that a test makes up.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "event/site_directory.h"
#include "serve/access.h"

namespace attune::serve {

class FakeSites final : public event::SiteDirectory {
 public:
  Uuid add(const std::string& domain) {
    auto next = std::make_shared<event::SiteSnapshot>(*snapshot_);
    event::Site site;
    site.id = Uuid::random();
    site.domain = domain;
    next->by_id[site.id] = site;
    next->by_domain[domain] = site.id;
    snapshot_ = std::move(next);
    return site.id;
  }
  std::shared_ptr<const event::SiteSnapshot> sites() const override { return snapshot_; }

 private:
  std::shared_ptr<const event::SiteSnapshot> snapshot_ = std::make_shared<event::SiteSnapshot>();
};

class FakeCallers final : public CallerDirectory {
 public:
  std::unordered_map<std::string, Caller> keys;
  std::unordered_map<std::string, Caller> logins;  // the CSRF token is "csrf-" and the cookie

  Result<Caller> caller_of_key(std::string_view secret) const override {
    const auto found = keys.find(std::string(secret));
    if (found == keys.end()) return fail(ErrorCode::unauthenticated, "no such key");
    return found->second;
  }
  Result<Caller> caller_of_login(std::string_view token, bool mutating,
                                 std::string_view csrf_token) const override {
    const auto found = logins.find(std::string(token));
    if (found == logins.end()) return fail(ErrorCode::unauthenticated, "no such login");
    if (mutating && csrf_token != "csrf-" + std::string(token)) {
      return fail(ErrorCode::permission_denied, "wrong token", "X-CSRF-Token");
    }
    return found->second;
  }
};

}  // namespace attune::serve
