#include "collect/request.h"

#include "collect/text.h"

namespace attune::collect {
namespace {

/// Host of "https://shop.example:8443", lower case; empty when it is no origin ("null").
std::string origin_host(std::string_view origin) {
  const auto parts = split_url(origin);
  return parts ? lower(parts->host) : std::string();
}

}  // namespace

bool origin_allowed(const event::Site& site, std::string_view origin) {
  if (site.allowed_origins.empty()) return true;
  if (origin.empty()) return false;
  const std::string host = origin_host(origin);
  for (const std::string& allowed : site.allowed_origins) {
    if (allowed == "*" || equals_ignoring_case(allowed, origin)) return true;
    if (host.empty() || allowed.find("://") != std::string::npos) continue;
    if (allowed.starts_with("*.")) {
      const std::string below = lower(std::string_view(allowed).substr(1));
      if (host.size() > below.size() && host.ends_with(below)) return true;
    } else if (equals_ignoring_case(allowed, host)) {
      return true;
    }
  }
  return false;
}

}  // namespace attune::collect
