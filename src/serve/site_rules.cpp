#include "serve/site_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_zone.h"
#include "serve/json_text.h"

namespace attune::serve {
namespace {

constexpr std::size_t kDomainBytesMax = 253;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kOriginsMax = 50;

tl::unexpected<Error> refuse(std::string message, std::string_view field) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::string(field));
}

std::string lower_of(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// A lower-case host name, or an IPv6 address in brackets; with `port` also ":8080".
bool is_host(std::string_view text, bool port) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view inner = text.substr(1, end - 1);
    if (inner.find_first_not_of("0123456789abcdef:.") != std::string_view::npos) return false;
    text = text.substr(end + 1);
    if (text.empty()) return true;
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    if (!port || digits.empty() || digits.size() > 5 ||
        digits.find_first_not_of("0123456789") != std::string_view::npos) {
      return false;
    }
    if (colon == 0) return true;  // after brackets
    text = text.substr(0, colon);
  }
  return !text.empty() && text.size() <= kDomainBytesMax && text.front() != '.' &&
         text.back() != '.' && text.front() != '-' && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), is_host_character);
}

}  // namespace

Result<std::string> clean_domain(std::string_view text) {
  std::string domain = lower_of(text);
  if (const std::size_t scheme = domain.find("://"); scheme != std::string::npos) {
    domain.erase(0, scheme + 3);
  }
  domain.erase(std::min(domain.find('/'), domain.size()));
  if (domain.starts_with("www.")) domain.erase(0, 4);
  if (!is_host(domain, true)) return refuse("must be a host name such as shop.example", "domain");
  return domain;
}

Result<std::string> clean_origin(std::string_view text) {
  std::string origin = lower_of(text);
  if (origin.ends_with('/')) origin.pop_back();
  std::string_view host = origin;
  if (const std::size_t scheme = host.find("://"); scheme != std::string_view::npos) {
    if (host.substr(0, scheme) != "http" && host.substr(0, scheme) != "https") {
      return refuse("an origin begins with http:// or https://, or is a host alone",
                    "allowed_origins");
    }
    host.remove_prefix(scheme + 3);
  } else if (host.starts_with("*.")) {
    host.remove_prefix(2);
  }
  if (!is_host(host, true)) {
    return refuse(fmt::format("\"{}\" is not an origin such as https://shop.example", text),
                  "allowed_origins");
  }
  return origin;
}

Result<void> apply_change(event::Site& site, const SiteChange& change) {
  if (change.domain) {
    ATTUNE_ASSIGN(site.domain, clean_domain(*change.domain));
  }
  if (change.name) {
    if (change.name->empty() || change.name->size() > kNameBytesMax || !is_utf8(*change.name)) {
      return refuse(fmt::format("must be text of 1 to {} bytes", kNameBytesMax), "name");
    }
    site.name = *change.name;
  }
  if (change.timezone) {
    if (auto zone = TimeZone::find(*change.timezone); !zone) {
      return refuse("must be an IANA time zone such as Europe/Berlin", "timezone");
    }
    site.timezone = *change.timezone;
  }
  if (change.currency) {
    const std::string& code = *change.currency;
    if (code.size() != 3 ||
        !std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
      return refuse("must be three capital letters such as EUR (ISO 4217)", "currency");
    }
    site.currency = code;
  }
  if (change.allowed_origins) {
    if (change.allowed_origins->size() > kOriginsMax) {
      return refuse(fmt::format("at most {} origins", kOriginsMax), "allowed_origins");
    }
    std::vector<std::string> origins;
    for (const std::string& given : *change.allowed_origins) {
      ATTUNE_ASSIGN(std::string origin, clean_origin(given));
      origins.push_back(std::move(origin));
    }
    site.allowed_origins = std::move(origins);
  }
  if (change.store_ip) site.store_ip = *change.store_ip;
  return {};
}

}  // namespace attune::serve
