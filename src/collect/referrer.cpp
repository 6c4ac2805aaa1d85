// Hosts are matched whole: an exact table, a table of domains whose every host counts, and a table
// of names that exist in many countries. So "notreddit.com" is not Reddit and "t.company" is not
// t.co, which is what matching by substring gets wrong.
#include "collect/referrer.h"

#include <algorithm>
#include <array>

#include "base/ensure.h"
#include "base/hash.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

using event::ReferrerType;

/// "de", "com", "co.uk": what may stand for the star of "google.*".
bool is_country_suffix(std::string_view suffix) {
  const auto two_letters = [](std::string_view text) {
    return text.size() == 2 && is_letter(text[0]) && is_letter(text[1]);
  };
  static constexpr std::array<std::string_view, 5> kGeneric = {"com", "net", "org", "info", "cat"};
  if (two_letters(suffix)) return true;
  if (std::find(kGeneric.begin(), kGeneric.end(), suffix) != kGeneric.end()) return true;
  return (suffix.starts_with("co.") && two_letters(suffix.substr(3))) ||
         (suffix.starts_with("com.") && two_letters(suffix.substr(4)));
}

template <std::size_t count>
bool is_one_of(std::string_view text, const std::array<std::string_view, count>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equals_ignoring_case(text, word); });
}

constexpr std::array<std::string_view, 12> kAdClickIds = {
    "gclid",  "dclid", "gbraid",    "wbraid",  "msclkid", "ttclid",
    "twclid", "yclid", "li_fat_id", "rdt_cid", "epik",    "ScCid"};
constexpr std::array<std::string_view, 4> kEmailWords = {"email", "e-mail", "e_mail", "newsletter"};
constexpr std::array<std::string_view, 7> kSocialMediums = {
    "social",         "social-media",   "social_media", "sm",
    "social-network", "social_network", "social media"};

void copy_tag(std::string_view value, std::string& out) {
  if (out.empty() && !value.empty()) out = std::string(cut(trim(percent_decode(value)), 100));
}

/// Rule 2: campaign tags of links nobody paid for.
bool classify_tags(const ReferrerTable& table, const CampaignTags& tags, Source& source) {
  if (tags.source.empty() && tags.medium.empty()) return false;
  const KnownHost known = table.find_name(tags.source);
  source.platform = known.platform.empty() ? std::string_view(tags.source) : known.platform;
  if (is_one_of(tags.medium, kEmailWords) || is_one_of(tags.source, kEmailWords)) {
    source.type = ReferrerType::email;
    return true;
  }
  if (is_one_of(tags.medium, kSocialMediums)) {
    source.type = ReferrerType::social;
    return true;
  }
  if (!known.platform.empty()) {
    source.type = known.type;
    return true;
  }
  if (equals_ignoring_case(tags.medium, "organic")) {
    source.type = ReferrerType::search;
    return true;
  }
  source.type = ReferrerType::referral;
  return !tags.source.empty();
}

}  // namespace

std::size_t ReferrerTable::Hash::operator()(std::string_view text) const noexcept {
  return hash64(text);
}

ReferrerTable::ReferrerTable(std::string_view text) {
  ReferrerType type = ReferrerType::referral;
  std::string_view platform;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trim(line).empty() || line.starts_with('#')) continue;
    if (line.starts_with('[')) {
      const auto parsed = event::parse_referrer_type(line.substr(1, line.find(']') - 1));
      ensure(parsed.has_value(), "a section of referrers.txt is a referrer type");
      type = *parsed;
      continue;
    }
    if (!line.starts_with(' ')) {
      const auto colon = line.find(": ");
      ensure(colon != std::string_view::npos, "a line of referrers.txt has a name");
      platform = line.substr(0, colon);
      line.remove_prefix(colon + 2);
      names_[lower(platform)].push_back({type, platform, {}});
    }
    for (line = trim(line); !line.empty(); line = trim(line)) {
      const auto word_end = std::min(line.find(' '), line.size());
      add(type, platform, line.substr(0, word_end));
      line.remove_prefix(word_end);
    }
  }
}

void ReferrerTable::add(ReferrerType type, std::string_view platform, std::string_view pattern) {
  std::string_view path;
  const auto slash = pattern.find('/');
  if (slash != std::string_view::npos) {
    path = pattern.substr(slash);
    pattern = pattern.substr(0, slash);
  }
  const Rule rule{type, platform, path};
  if (pattern.starts_with("*.")) {
    pattern.remove_prefix(2);
    below_[std::string(pattern)].push_back(rule);
  } else if (pattern.ends_with(".*")) {
    pattern.remove_suffix(2);
    countries_[std::string(pattern)].push_back(rule);
  } else {
    exact_[std::string(pattern)].push_back(rule);
  }
  // "utm_source=chatgpt.com" and "utm_source=reddit" are both in use.
  if (path.empty()) names_[std::string(pattern)].push_back(rule);
}

const ReferrerTable::Rule* ReferrerTable::first(const Rules& rules, std::string_view key,
                                                std::string_view path) {
  const auto found = rules.find(key);
  if (found == rules.end()) return nullptr;
  for (const Rule& rule : found->second) {
    if (path.starts_with(rule.path)) return &rule;
  }
  return nullptr;
}

KnownHost ReferrerTable::find(std::string_view host, std::string_view path) const {
  const Rule* best = nullptr;
  const auto consider = [&](const Rule* rule) {
    // Sections stand in the order ai, email, social, search; an earlier find of the same host is
    // the more exact one, so only a section that goes before may replace it.
    static constexpr std::array<int, 8> kOrder = {7, 3, 2, 1, 5, 0, 6, 4};
    if (rule == nullptr) return;
    if (best == nullptr || kOrder[static_cast<std::size_t>(rule->type)] <
                               kOrder[static_cast<std::size_t>(best->type)]) {
      best = rule;
    }
  };
  consider(first(exact_, host, path));
  if (host.starts_with("m.")) consider(first(exact_, host.substr(2), path));
  for (std::string_view rest = host; !rest.empty();) {
    consider(first(below_, rest, path));
    const auto dot = rest.find('.');
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    if (!is_country_suffix(host.substr(dot + 1))) continue;
    std::string_view name = host.substr(0, dot);
    consider(first(countries_, name, path));
    if (name.starts_with("m.")) consider(first(countries_, name.substr(2), path));
  }
  if (best == nullptr && host.starts_with("webmail.")) return {ReferrerType::email, "Webmail"};
  return best == nullptr ? KnownHost{} : KnownHost{best->type, best->platform};
}

KnownHost ReferrerTable::find_name(std::string_view name) const {
  if (name.empty()) return {};
  std::string scratch;
  const std::string_view plain = plain_host(name, scratch);
  if (const Rule* rule = first(names_, plain, {})) return {rule->type, rule->platform};
  if (plain.find('.') != std::string_view::npos) return find(plain, {});
  for (const Rules* rules : {&below_, &exact_}) {
    if (const Rule* rule = first(*rules, std::string(plain) + ".com", {})) {
      return {rule->type, rule->platform};
    }
  }
  return {};
}

void CampaignTags::clear() {
  for (auto* text : {&source, &medium, &campaign, &content, &term}) text->clear();
  has_ad_click = false;
  has_facebook_click = false;
}

void CampaignTags::read(std::string_view query) {
  QueryPairs pairs(query);
  std::string_view name;
  std::string_view value;
  while (pairs.next(name, value)) {
    if (name.starts_with("utm_")) {
      if (name == "utm_source") copy_tag(value, source);
      if (name == "utm_medium") copy_tag(value, medium);
      if (name == "utm_campaign") copy_tag(value, campaign);
      if (name == "utm_content") copy_tag(value, content);
      if (name == "utm_term") copy_tag(value, term);
    } else if (!value.empty()) {
      has_facebook_click |= name == "fbclid";
      has_ad_click |= is_one_of(name, kAdClickIds);
    }
  }
}

bool is_paid_medium(std::string_view medium) {
  // Documented form:
  // ^(.*cp.*|ppc|retargeting|paid.*|display|banner|expandable|interstitial|affiliate)$, where cp is
  // followed by one of a c l m p t v, so that "cpc" counts and "tcp" or "recipe" do not.
  static constexpr std::array<std::string_view, 8> kWhole = {
      "ppc",    "retargeting", "remarketing",  "display",
      "banner", "expandable",  "interstitial", "affiliate"};
  if (is_one_of(medium, kWhole)) return true;
  const std::string plain = lower(medium);
  if (plain.starts_with("paid")) return true;
  for (auto at = plain.find("cp"); at != std::string::npos; at = plain.find("cp", at + 1)) {
    const bool starts_word = at == 0 || !is_letter(plain[at - 1]);
    const bool known = at + 2 < plain.size() &&
                       std::string_view("aclmptv").find(plain[at + 2]) != std::string_view::npos;
    const bool ends_word = at + 3 >= plain.size() || !is_letter(plain[at + 3]);
    if (starts_word && known && ends_word) return true;
  }
  return false;
}

Source classify_source(const ReferrerTable& table, const CampaignTags& tags,
                       std::string_view referrer, std::string_view site_domain,
                       std::string& host_scratch) {
  Source source;
  const auto parts = split_url(referrer);
  std::string_view host;
  if (parts) host = plain_host(parts->host, host_scratch);
  const KnownHost known = host.empty() ? KnownHost{} : table.find(host, parts->path);
  if (tags.has_ad_click || is_paid_medium(tags.medium)) {
    const KnownHost named = table.find_name(tags.source);
    source.type = ReferrerType::paid;
    source.platform = !named.platform.empty()   ? named.platform
                      : !tags.source.empty()    ? std::string_view(tags.source)
                      : !known.platform.empty() ? known.platform
                                                : host;
    return source;
  }
  if (classify_tags(table, tags, source)) return source;
  source.platform = {};
  if (tags.has_facebook_click) return {ReferrerType::social, "Facebook"};
  if (host.empty()) return {ReferrerType::direct, {}};
  std::string domain_scratch;
  if (within_domain(host, plain_host(site_domain, domain_scratch))) {
    return {ReferrerType::internal, {}};
  }
  if (!known.platform.empty()) return {known.type, known.platform};
  return {ReferrerType::referral, host};
}

}  // namespace attune::collect
