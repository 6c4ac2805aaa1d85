// What the collector and the ETL must know of a site without seeing the database.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"

namespace attune::event {

struct Site {
  Uuid id;             // website.website_id; its text is site_id everywhere
  std::string domain;  // "shop.example", lower case, without "www."
  std::string name;
  std::string timezone = "UTC";  // IANA; days are days of this zone
  std::string currency = "EUR";
  std::string public_key;  // what the snippet carries; identifies, does not authorize
  std::vector<std::string> allowed_origins;  // empty: any origin may send events
  std::vector<std::string> redact_names;     // further secret field names, lower case
  bool store_ip = true;                      // truncated (/24, /48); false: not at all
};

/// An immutable picture of all sites, swapped whole when one is edited.
struct SiteSnapshot {
  std::unordered_map<Uuid, Site> by_id;
  std::unordered_map<std::string, Uuid> by_public_key;
  std::unordered_map<std::string, Uuid> by_domain;
};

class SiteDirectory {
 public:
  virtual ~SiteDirectory() = default;
  /// The current picture; never null. Cheap; any thread.
  virtual std::shared_ptr<const SiteSnapshot> sites() const = 0;
};

}  // namespace attune::event
