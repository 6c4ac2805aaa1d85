// Where a visit came from: an ordered list of rules on campaign tags and whole host names.
// The hosts are in collect/data/referrers.txt; the rules in docs/formats/events.md, section 5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"

namespace attune::collect {

/// What is known of a host; `platform` lives as long as the table.
struct KnownHost {
  event::ReferrerType type = event::ReferrerType::referral;
  std::string_view platform;  // empty: the host is not known
};

/// The table of referrers.txt, immutable.
class ReferrerTable {
 public:
  /// text  in the form referrers.txt describes; must outlive the table. A line that breaks the form
  ///       is our bug and aborts.
  explicit ReferrerTable(std::string_view text);

  /// host  lower case, without "www."; path with its '/', or empty.
  KnownHost find(std::string_view host, std::string_view path) const;

  /// A platform by its name or by the first label of one of its hosts: "google", "Facebook".
  KnownHost find_name(std::string_view name) const;

 private:
  struct Rule {
    event::ReferrerType type;
    std::string_view platform;
    std::string_view path;  // must begin the path; empty: any
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept;
  };
  using Rules = std::unordered_map<std::string, std::vector<Rule>, Hash, std::equal_to<>>;

  void add(event::ReferrerType type, std::string_view platform, std::string_view pattern);
  static const Rule* first(const Rules& rules, std::string_view key, std::string_view path);

  Rules exact_;      // "chat.openai.com"
  Rules below_;      // "*.reddit.com" by "reddit.com"
  Rules countries_;  // "google.*" by "google"
  Rules names_;      // "google", "hacker news"
};

struct Source {
  event::ReferrerType type = event::ReferrerType::direct;
  std::string_view platform;  // points into the table or into the arguments
};

/// The tags of a page's URL that say where a visit came from, percent decoded, cut at 100
/// characters.
struct CampaignTags {
  std::string source;
  std::string medium;
  std::string campaign;
  std::string content;
  std::string term;
  bool has_ad_click = false;        // a click id of an advertiser
  bool has_facebook_click = false;  // fbclid, on every link out of Facebook

  void clear();
  /// Reads them from a query (without '?').
  void read(std::string_view query);
};

/// Applies the rules in order.
///
/// referrer     full URL, or empty.
/// site_domain  lower case, without "www.".
/// host_scratch holds what `platform` of the result may point into.
Source classify_source(const ReferrerTable& table, const CampaignTags& tags,
                       std::string_view referrer, std::string_view site_domain,
                       std::string& host_scratch);

/// Whether a utm_medium means that somebody paid: cpc, ppc, cpm, paid-social, retargeting, display
/// ...
bool is_paid_medium(std::string_view medium);

}  // namespace attune::collect
