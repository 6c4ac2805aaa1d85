#include "collect/enrich.h"

#include <sodium.h>

#include "base/embedded.h"
#include "base/ensure.h"
#include "collect/text.h"

namespace attune::embedded {
std::span<const File> referrer_table();
}

namespace attune::collect {
namespace {

/// Two letters, of a country: CDNs send "XX" and "T1" for what is none.
bool is_country(std::string_view code) {
  return code.size() == 2 && is_letter(code[0]) && is_letter(code[1]) &&
         !equals_ignoring_case(code, "XX");
}

}  // namespace

struct Enricher::Parts {
  AgentCache agents;
  ReferrerTable referrers;
  Countries countries;
  std::unique_ptr<Visitors> visitors;
};

Enricher::Enricher(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Enricher::~Enricher() = default;

Result<std::unique_ptr<Enricher>> Enricher::open(const EnrichSettings& settings,
                                                 std::int64_t now_ms) {
  ensure(sodium_init() >= 0, "libsodium starts");
  ATTUNE_ASSIGN(UserAgents agents, UserAgents::embedded());
  ATTUNE_ASSIGN(Countries countries, Countries::load(settings.geoip_path, settings.geoip6_path));
  ATTUNE_ASSIGN(std::unique_ptr<Visitors> visitors, Visitors::open(settings.salt_path, now_ms));
  const auto table = embedded::referrer_table();
  ensure(!table.empty(), "the referrer table is compiled in");
  std::uint64_t seed = 0;
  randombytes_buf(&seed, sizeof seed);
  std::unique_ptr<Parts> parts(
      new Parts{AgentCache(std::move(agents), settings.user_agents_cached_max, seed),
                ReferrerTable(table.front().bytes), std::move(countries), std::move(visitors)});
  return std::unique_ptr<Enricher>(new Enricher(std::move(parts)));
}

void Enricher::add_agent(event::Event& event) const {
  parts_->agents.fill(event);
}

void Enricher::add_source(event::Event& event, std::string_view site_domain) const {
  CampaignTags tags;
  tags.source = std::move(event.utm_source);
  tags.medium = std::move(event.utm_medium);
  tags.campaign = std::move(event.utm_campaign);
  tags.content = std::move(event.utm_content);
  tags.term = std::move(event.utm_term);
  if (!event.query.empty()) tags.read(event.query);
  std::string host_scratch;
  const Source source =
      classify_source(parts_->referrers, tags, event.referrer, site_domain, host_scratch);
  event.referrer_type = source.type;
  event.referrer_platform = cut(source.platform, 100);
  event.utm_source = std::move(tags.source);
  event.utm_medium = std::move(tags.medium);
  event.utm_campaign = std::move(tags.campaign);
  event.utm_content = std::move(tags.content);
  event.utm_term = std::move(tags.term);
}

void Enricher::add_place(event::Event& event, const event::Site& site, std::string_view client_ip,
                         std::string_view country_header) const {
  event.ip.clear();
  if (is_country(country_header)) {
    event.country.assign({upper(country_header[0]), upper(country_header[1])});
  } else {
    event.country.clear();
  }
  const auto address = Address::parse(client_ip);
  if (!address) return;
  if (event.country.empty()) event.country = parts_->countries.find(*address);
  if (site.store_ip) event.ip = address->truncated().text();
}

std::string Enricher::visitor_id(const Uuid& site, std::string_view client_ip,
                                 std::string_view user_agent, std::int64_t received_ms) const {
  return parts_->visitors->id(site, client_ip, user_agent, received_ms);
}

Result<void> Enricher::tick(std::int64_t now_ms) const {
  return parts_->visitors->tick(now_ms);
}

}  // namespace attune::collect
