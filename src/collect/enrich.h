// What the collector adds to an event: who (a cookieless visitor id), with what (browser, system,
// device, bot), from where (referrer type and platform, campaign tags, country), and how the
// address is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "collect/geo.h"
#include "collect/referrer.h"
#include "collect/user_agent.h"
#include "collect/visitor.h"
#include "event/event.h"
#include "event/site_directory.h"

namespace attune::collect {

struct EnrichSettings {
  std::string salt_path;                            // file of the daily salts, outside the database
  std::string geoip_path = "/usr/share/tor/geoip";  // empty or absent: no country by address
  std::string geoip6_path = "/usr/share/tor/geoip6";
  std::size_t user_agents_cached_max = 16384;
};

/// Shared by all collectors of a process.
class Enricher {
 public:
  /// Parses the user agent rules, loads the country tables, and reads or makes the salts.
  ///
  /// Errors   unavailable: the salt file can be neither read nor made; internal: the embedded user
  ///          agent rules do not parse.
  [[nodiscard]] static Result<std::unique_ptr<Enricher>> open(const EnrichSettings& settings,
                                                              std::int64_t now_ms);

  ~Enricher();

  /// Fills browser, os, device, is_bot from `event.user_agent`.
  void add_agent(event::Event& event) const;

  /// Fills referrer_type, referrer_platform and the utm_ fields from url, query and referrer.
  void add_source(event::Event& event, std::string_view site_domain) const;

  /// Fills country (a CDN's header wins) and the truncated address, as the site's settings say.
  void add_place(event::Event& event, const event::Site& site, std::string_view client_ip,
                 std::string_view country_header) const;

  /// Id of a visitor without cookie: also what a recommendation request without `visitor=` uses.
  ///
  /// Returns  22 characters; the same for site, address and agent for the UTC day, and over
  /// midnight
  ///          for someone active in the half hour before.
  /// Threads  any.
  std::string visitor_id(const Uuid& site, std::string_view client_ip, std::string_view user_agent,
                         std::int64_t received_ms) const;

  /// Rotates and destroys salts; call at least every few minutes and at the start.
  /// Errors   unavailable: the salt file cannot be written.
  [[nodiscard]] Result<void> tick(std::int64_t now_ms) const;

 private:
  struct Parts;
  explicit Enricher(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace attune::collect
