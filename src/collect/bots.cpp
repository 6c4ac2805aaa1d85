// Bots and device types from the user agent's own words. The list is ours: names that programs give
// themselves, gathered from the user agents they document and from access logs. A word is matched
// from its beginning: after a letter it does not count, so that "Cubot" phones and "robotics" stay
// people.
#include <algorithm>
#include <array>

#include "collect/text.h"
#include "collect/user_agent.h"

namespace attune::collect {
namespace {

using event::DeviceType;

/// Parts of words: anywhere. Chosen so that no browser has them.
constexpr std::array<std::string_view, 58> kAnywhere = {
    "crawl",         "spider",         "scrap",       "slurp",       "headless",
    "phantomjs",     "selenium",       "puppeteer",   "playwright",  "lighthouse",
    "pagespeed",     "monitor",        "uptime",      "pingdom",     "statuscake",
    "validator",     "link check",     "linkcheck",   "archive.org", "httpclient",
    "http_request",  "http-client",    "libwww",      "python",      "go-http",
    "urllib",        "node-fetch",     "axios/",      "undici",      "guzzle",
    "aiohttp",       "httpx",          "winhttp",     "feedfetch",   "feed fetcher",
    "feedburner",    "feedreader",     "rss reader",  "simplepie",   "externalhit",
    "externalagent", "whatsapp/",      "preview",     "embedly",     "mediapartners",
    "feedparser",    "google favicon", "google-site", "googleother", "google-read-aloud",
    "nessus",        "nikto",          "sqlmap",      "masscan",     "zgrab",
    "nuclei",        "censys",         "netcraft"};

/// Whole words, at the start of the text or after something that is no letter.
constexpr std::array<std::string_view, 103> kWords = {"curl",
                                                      "wget",
                                                      "lwp",
                                                      "ptst/",
                                                      "gomezagent",
                                                      "datanyze",
                                                      "webthumb",
                                                      "thumbnail",
                                                      "okhttp",
                                                      "apache-http",
                                                      "jakarta",
                                                      "indy library",
                                                      "libcurl",
                                                      "httrack",
                                                      "http.rb",
                                                      "faraday",
                                                      "typhoeus",
                                                      "mechanize",
                                                      "winhttprequest",
                                                      "powershell",
                                                      "postman",
                                                      "insomnia",
                                                      "httpie",
                                                      "wordpress",
                                                      "drupal",
                                                      "facebookcatalog",
                                                      "bingpreview",
                                                      "ia_archiver",
                                                      "teoma",
                                                      "baidu-yunguance",
                                                      "yandeximages",
                                                      "yandexmetrika",
                                                      "sogou web",
                                                      "sogou pic",
                                                      "chatgpt-user",
                                                      "claude-user",
                                                      "claude-web",
                                                      "anthropic-ai",
                                                      "perplexity-user",
                                                      "cohere-ai",
                                                      "bytespider",
                                                      "mj12",
                                                      "ahrefs",
                                                      "semrush",
                                                      "dataforseo",
                                                      "screaming frog",
                                                      "siteimprove",
                                                      "sitesucker",
                                                      "w3c_",
                                                      "jigsaw",
                                                      "nutch",
                                                      "heritrix",
                                                      "larbin",
                                                      "wotbox",
                                                      "binlar",
                                                      "ezooms",
                                                      "grapeshot",
                                                      "proximic",
                                                      "admantx",
                                                      "adbeat",
                                                      "quora link",
                                                      "flipboardproxy",
                                                      "tumblr/",
                                                      "pinterest/",
                                                      "slack-img",
                                                      "slackbot",
                                                      "discordbot",
                                                      "telegrambot",
                                                      "skypeuripreview",
                                                      "viber/",
                                                      "line-poker",
                                                      "iframely",
                                                      "outbrain",
                                                      "vkshare",
                                                      "bitlybot",
                                                      "tweetmeme",
                                                      "rssowl",
                                                      "liferea",
                                                      "newsblur",
                                                      "feedly",
                                                      "feedbin",
                                                      "inoreader",
                                                      "netvibes",
                                                      "commafeed",
                                                      "tiny tiny rss",
                                                      "freshrss",
                                                      "miniflux",
                                                      "theoldreader",
                                                      "bazqux",
                                                      "akregator",
                                                      "newsgator",
                                                      "universalfeed",
                                                      "magpierss",
                                                      "zendesk",
                                                      "chef client",
                                                      "ansible",
                                                      "kubernetes",
                                                      "kube-probe",
                                                      "elb-healthchecker",
                                                      "googlehc",
                                                      "datadog",
                                                      "newrelic",
                                                      "site24x7"};

/// Languages, whose libraries begin with their names; phones of 2008 have "Java/" further on.
constexpr std::array<std::string_view, 5> kLanguages = {"java/", "ruby", "perl/", "php/", "java1."};

/// "bot" ends a name or a word: Googlebot, bingbot/2.0, "AhrefsBot;" - but not Cubot or robotic.
bool has_bot_word(std::string_view small) {
  for (auto at = small.find("bot"); at != std::string_view::npos; at = small.find("bot", at + 1)) {
    const std::string_view after = small.substr(at + 3);
    const std::string_view before = small.substr(0, at);
    if (before.ends_with("cu") && !before.ends_with("ocu")) continue;  // Cubot, a maker of phones
    if (after.empty() || !is_letter(after[0])) return true;
    if (after.starts_with("s/") || after.starts_with("s ") || after == "s") return true;
  }
  return false;
}

bool has_word(std::string_view small, std::string_view word) {
  for (auto at = small.find(word); at != std::string_view::npos; at = small.find(word, at + 1)) {
    if (at == 0 || !is_letter(small[at - 1])) return true;
  }
  return false;
}

/// "support@embed.ly", but not "ICS@ROM_04.06.2012", a name of a phone's software.
bool has_mailbox(std::string_view small) {
  for (auto at = small.find('@'); at != std::string_view::npos; at = small.find('@', at + 1)) {
    if (at == 0 || !(is_letter(small[at - 1]) || is_digit(small[at - 1]))) continue;
    auto end = at + 1;
    while (end < small.size() &&
           (is_letter(small[end]) || is_digit(small[end]) || small[end] == '-')) {
      ++end;
    }
    if (end > at + 1 && end + 2 < small.size() && small[end] == '.' && is_letter(small[end + 1]) &&
        is_letter(small[end + 2])) {
      return true;
    }
  }
  return false;
}

/// Programs that are polite say where to complain: an address of a page or a mailbox.
bool has_contact(std::string_view small) {
  return small.find("http://") != std::string_view::npos ||
         small.find("https://") != std::string_view::npos ||
         small.find("+http") != std::string_view::npos || has_mailbox(small);
}

/// People come with a browser; every one of them names itself in one of these ways.
bool has_browser_shape(std::string_view small) {
  static constexpr std::array<std::string_view, 17> kStarts = {
      "mozilla/",     "opera/", "dalvik/",       "blackberry", "nokia",     "samsung",
      "sonyericsson", "ucweb/", "docomo/",       "lynx/",      "links ",    "links/",
      "elinks",       "w3m/",   "mobilesafari/", "midori/",    "instagram "};
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return small.starts_with(start); });
}

/// "Mozilla/4.0" or "Mozilla/5.0 (compatible;)": claims to be a browser and says no more.
bool is_bare_mozilla(std::string_view small) {
  if (!small.starts_with("mozilla/")) return false;
  std::string_view rest = small.substr(std::string_view("mozilla/").size());
  while (!rest.empty() && (is_digit(rest[0]) || rest[0] == '.')) rest.remove_prefix(1);
  rest = trim(rest);
  return rest.empty() || rest == "(compatible)" || rest == "(compatible;)" || rest == "()";
}

template <std::size_t count>
bool has_any(std::string_view text, const std::array<std::string_view, count>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

}  // namespace

bool is_bot(std::string_view user_agent) {
  const std::string small = lower(trim(user_agent.substr(0, kUserAgentBytesMax)));
  if (small.empty() || small == "-") return true;
  if (has_bot_word(small) || has_any(small, kAnywhere)) return true;
  if (std::any_of(kWords.begin(), kWords.end(),
                  [&](std::string_view word) { return has_word(small, word); }) ||
      std::any_of(kLanguages.begin(), kLanguages.end(),
                  [&](std::string_view name) { return small.starts_with(name); })) {
    return true;
  }
  return has_contact(small) || !has_browser_shape(small) || is_bare_mozilla(small);
}

DeviceType device_type(std::string_view user_agent) {
  const auto has = [&](std::string_view mark) {
    return user_agent.find(mark) != std::string_view::npos;
  };
  static constexpr std::array<std::string_view, 10> kTablets = {
      "iPad",     "Tablet",  "tablet",   "Kindle", "Silk/",
      "PlayBook", "Nexus 7", "Nexus 10", "SM-T",   "Xoom"};
  static constexpr std::array<std::string_view, 17> kPhones = {
      "Mobi",       "iPhone",     "iPod",  "Windows Phone", "BlackBerry",   "BB10",
      "Opera Mini", "Opera Mobi", "UCWEB", "Nokia",         "SonyEricsson", "Symbian",
      "DoCoMo",     "MIDP",       "WAP ",  "webOS",         "Maemo"};
  static constexpr std::array<std::string_view, 9> kDesktops = {
      "Windows", "Macintosh", "X11",     "CrOS",      "Linux x86_64",
      "Win98",   "FreeBSD",   "OpenBSD", "Linux i686"};
  if (has("TV") && (has("SmartTV") || has("SMART-TV") || has("AppleTV") || has("HbbTV"))) {
    return DeviceType::unknown;
  }
  const bool windows_tablet_pc = has("Tablet PC");  // a laptop of 2005 that can be written on
  if (!windows_tablet_pc && has_any(user_agent, kTablets)) return DeviceType::tablet;
  if (has("Android"))
    return has("Mobile") || has("Dalvik") ? DeviceType::mobile : DeviceType::tablet;
  if (has_any(user_agent, kPhones)) return DeviceType::mobile;
  if (has_any(user_agent, kDesktops)) return DeviceType::desktop;
  return DeviceType::unknown;
}

}  // namespace attune::collect
