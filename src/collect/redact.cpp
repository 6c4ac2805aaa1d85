// Finding card numbers: digits are first gathered into groups, as people write them, because a look
// at bare runs alone would miss "4111 1111 1111 1111" and a look at everything with separators
// would take "order 1 of 4111 ..." for one long number. A group pattern, an issuer's prefix of that
// length and a valid Luhn sum must all agree. On ids and times of real shops that leaves a false
// alarm here and there, which tests/collect/redact_test.cpp counts.
#include "collect/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "collect/text.h"

namespace attune::collect {
namespace {

using Words = std::array<std::string_view, 12>;

constexpr std::array<std::string_view, 27> kSecretWords = {
    "password", "passwd", "pwd",           "passphrase", "passcode",    "pin",       "cvv",
    "cvv2",     "cvc",    "cvc2",          "csc",        "ssn",         "iban",      "secret",
    "token",    "auth",   "authorization", "credential", "credentials", "otp",       "tan",
    "jwt",      "bearer", "passwort",      "kennwort",   "pass",        "motdepasse"};

constexpr std::array<std::array<std::string_view, 2>, 16> kSecretPairs = {{
    {"credit", "card"},
    {"card", "number"},
    {"card", "no"},
    {"card", "num"},
    {"card", "code"},
    {"card", "holder"},
    {"social", "security"},
    {"security", "code"},
    {"account", "number"},
    {"routing", "number"},
    {"api", "key"},
    {"access", "key"},
    {"private", "key"},
    {"session", "key"},
    {"tax", "id"},
    {"cc", "number"},
}};

/// Names written as one word; compared with everything but letters and digits left out.
constexpr std::array<std::string_view, 35> kSecretCompact = {"cardnumber",
                                                             "creditcard",
                                                             "creditcardnumber",
                                                             "ccnumber",
                                                             "ccnum",
                                                             "ccno",
                                                             "cardno",
                                                             "cardnum",
                                                             "cardcvc",
                                                             "cardcvv",
                                                             "cardcode",
                                                             "cardholder",
                                                             "securitycode",
                                                             "socialsecurity",
                                                             "socialsecuritynumber",
                                                             "apikey",
                                                             "accesskey",
                                                             "privatekey",
                                                             "accesstoken",
                                                             "refreshtoken",
                                                             "idtoken",
                                                             "sessiontoken",
                                                             "userpassword",
                                                             "newpassword",
                                                             "oldpassword",
                                                             "confirmpassword",
                                                             "currentpassword",
                                                             "passwordconfirm",
                                                             "passwordconfirmation",
                                                             "passwordrepeat",
                                                             "accountnumber",
                                                             "routingnumber",
                                                             "clientsecret",
                                                             "card",
                                                             "cc"};

constexpr std::array<std::string_view, 24> kPlainLastWords = {
    "id",    "ids",    "uuid",    "guid",  "sku",       "ean",  "gtin",  "upc",
    "isbn",  "asin",   "mpn",     "time",  "timestamp", "date", "at",    "ts",
    "price", "amount", "revenue", "total", "quantity",  "qty",  "count", "ms"};

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_alphanumeric(char c) {
  return is_letter(c) || is_digit(c);
}

/// A name in lower case, cut into words: at what is no letter or digit, and at aB.
struct NameWords {
  char letters[96];
  std::size_t length = 0;
  Words words;
  std::size_t count = 0;
  bool is_whole = true;  // false: a longer name than any that is known

  explicit NameWords(std::string_view name) {
    std::size_t word_start = 0;
    const auto end_word = [&] {
      if (length > word_start && count < words.size()) {
        words[count++] = {letters + word_start, length - word_start};
      }
      word_start = length;
    };
    char before = '\0';
    for (const char c : name) {
      const bool upper_case = c >= 'A' && c <= 'Z';
      if (!is_alphanumeric(c) || (upper_case && before >= 'a' && before <= 'z')) end_word();
      before = c;
      if (!is_alphanumeric(c)) continue;
      if (length == sizeof letters) {
        is_whole = false;
        break;
      }
      letters[length++] = lower(c);
    }
    end_word();
  }
  std::string_view compact() const { return {letters, length}; }
};

struct Group {
  std::size_t begin;
  std::size_t end;
  std::size_t size() const { return end - begin; }
};

/// A card number's digits, put together.
struct CardDigits {
  std::array<char, 19> digits{};
  std::size_t count = 0;

  bool add(std::string_view more) {
    if (count + more.size() > digits.size()) return false;
    std::copy(more.begin(), more.end(), digits.begin() + static_cast<std::ptrdiff_t>(count));
    count += more.size();
    return true;
  }
  /// The first `length` digits as a number.
  int prefix(std::size_t length) const {
    int value = 0;
    for (std::size_t i = 0; i < length; ++i) value = value * 10 + (digits[i] - '0');
    return value;
  }
  bool luhn() const {
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      int digit = digits[count - 1 - i] - '0';
      if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
      sum += digit;
    }
    return sum % 10 == 0;
  }
};

bool between(int value, int low, int high) {
  return value >= low && value <= high;
}

/// Issuer identification numbers with the lengths they come in (ISO/IEC 7812 ranges as the networks
/// publish them).
bool has_issuer_prefix(const CardDigits& card, bool in_groups) {
  const std::size_t n = card.count;
  const int two = card.prefix(2);
  const int three = card.prefix(3);
  const int four = card.prefix(4);
  if (card.digits[0] == '4') return n == 13 || n == 16 || n == 19;            // Visa
  if (between(two, 51, 55) || between(four, 2221, 2720)) return n == 16;      // Mastercard
  if (two == 34 || two == 37) return n == 15;                                 // American Express
  if (four == 6011 || between(three, 644, 649) || two == 65) return n >= 16;  // Discover
  if (between(three, 300, 305) || two == 36 || two == 38 || two == 39) return n >= 14;  // Diners
  if (between(four, 3528, 3589)) return n >= 16;                                        // JCB
  if (two == 62) return n >= 16;                                                        // UnionPay
  const bool maestro =
      two == 50 || between(two, 56, 58) || four == 6304 || four == 6759 || three == 676;
  return maestro && in_groups;
}

bool is_card(const CardDigits& card, bool in_groups) {
  return card.count >= 13 && has_issuer_prefix(card, in_groups) && card.luhn();
}

/// The ways in which people and forms write card numbers in groups.
constexpr std::array<std::array<std::size_t, 5>, 6> kCardGroups = {{
    {4, 4, 4, 4, 0},
    {4, 4, 4, 4, 3},
    {4, 6, 5, 0, 0},
    {4, 6, 4, 0, 0},
    {4, 4, 4, 1, 0},
    {4, 4, 4, 4, 2},
}};

/// Whether the number ends here: nothing follows that would make it part of something longer.
bool ends_alone(std::string_view text, std::size_t end) {
  if (end >= text.size()) return true;
  const char c = text[end];
  if (is_alphanumeric(c) || c == '_' || c == '/' || c == '%') return false;
  const bool digit_follows = end + 1 < text.size() && is_digit(text[end + 1]);
  return !((c == '.' || c == '-' || c == ',') && digit_follows);
}

bool begins_alone(std::string_view text, std::size_t begin) {
  if (begin == 0) return true;
  const char c = text[begin - 1];
  if (is_alphanumeric(c) || c == '_' || c == '/' || c == '%') return false;
  const bool digit_before = begin >= 2 && is_digit(text[begin - 2]);
  return !((c == '.' || c == '-' || c == ',') && digit_before);
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Groups of digits joined by one space or hyphen each, from `at` on.
void read_groups(std::string_view text, std::size_t at, std::vector<Group>& groups) {
  groups.clear();
  while (at < text.size() && is_digit(text[at])) {
    Group group{at, at};
    while (group.end < text.size() && is_digit(text[group.end])) ++group.end;
    groups.push_back(group);
    at = group.end;
    const bool joined =
        at + 1 < text.size() && (text[at] == ' ' || text[at] == '-') && is_digit(text[at + 1]);
    if (!joined) break;
    ++at;
  }
}

bool same_separators(std::string_view text, std::span<const Group> groups) {
  for (std::size_t i = 1; i + 1 < groups.size(); ++i) {
    if (text[groups[i].end] != text[groups[0].end]) return false;
  }
  return true;
}

/// A card number that begins with the first of `groups`.
bool find_card(std::string_view text, std::span<const Group> groups, Span& span) {
  if (groups[0].size() >= 13 && groups[0].size() <= 19) {
    CardDigits card;
    card.add(text.substr(groups[0].begin, groups[0].size()));
    if (is_card(card, false) && begins_alone(text, groups[0].begin) &&
        ends_alone(text, groups[0].end)) {
      span = {groups[0].begin, groups[0].end};
      return true;
    }
  }
  for (const auto& pattern : kCardGroups) {
    const auto length = static_cast<std::size_t>(
        std::find(pattern.begin(), pattern.end(), std::size_t{0}) - pattern.begin());
    if (groups.size() < length || !same_separators(text, groups.first(length))) continue;
    CardDigits card;
    bool fits = true;
    for (std::size_t i = 0; fits && i < length; ++i) {
      fits = groups[i].size() == pattern[i] &&
             card.add(text.substr(groups[i].begin, groups[i].size()));
    }
    if (!fits || !is_card(card, true)) continue;
    span = {groups[0].begin, groups[length - 1].end};
    const bool before = span.begin == 0 || !is_alphanumeric(text[span.begin - 1]);
    const bool after = span.end == text.size() || !is_alphanumeric(text[span.end]);
    if (before && after) return true;
  }
  return false;
}

/// All of the text is one number, however it is grouped: what a card field holds.
bool is_card_field(std::string_view text) {
  CardDigits card;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    if (!is_digit(c) || !card.add({&c, 1})) return false;
  }
  const bool in_groups = text.find_first_of(" -") != std::string_view::npos;
  return is_card(card, in_groups);
}

/// ddd-dd-dddd or ddd dd dddd that the US Social Security Administration can have given out.
bool find_social_security(std::string_view text, std::span<const Group> groups, Span& span) {
  if (groups.size() != 3 || groups[0].size() != 3 || groups[1].size() != 2 ||
      groups[2].size() != 4 || !same_separators(text, groups)) {
    return false;
  }
  const std::string_view area = text.substr(groups[0].begin, 3);
  const bool assignable = area != "000" && area != "666" && area[0] != '9' &&
                          text.substr(groups[1].begin, 2) != "00" &&
                          text.substr(groups[2].begin, 4) != "0000";
  span = {groups[0].begin, groups[2].end};
  return assignable && begins_alone(text, span.begin) && ends_alone(text, span.end);
}

/// "Bearer " and 16 or more characters of a token.
bool find_bearer(std::string_view text, std::size_t at, Span& span) {
  constexpr std::string_view kWord = "bearer ";
  if (!equals_ignoring_case(text.substr(at, kWord.size()), kWord)) return false;
  std::size_t end = at + kWord.size();
  while (end < text.size() &&
         (is_alphanumeric(text[end]) || std::memchr("-._~+/=", text[end], 7))) {
    ++end;
  }
  span = {at + kWord.size(), end};
  return end - span.begin >= 16;
}

/// Whether a closer look can find anything: nine digits, or the word "bearer".
bool may_hold_secret(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) digits += is_digit(c) ? 1 : 0;
  if (digits >= 9) return true;
  if (text.size() < 23) return false;
  for (auto at = text.find("earer "); at != std::string_view::npos;
       at = text.find("earer ", at + 1)) {
    if (at > 0 && lower(text[at - 1]) == 'b') return true;
  }
  return false;
}

/// Redacts name=value pairs of a query; returns whether anything was.
bool redact_pairs(std::string_view query, std::span<const std::string> extra_names,
                  std::string& out) {
  bool changed = false;
  QueryPairs pairs(query);
  std::string_view name;
  std::string_view value;
  while (pairs.next(name, value)) {
    if (!out.empty()) out.push_back('&');
    out.append(name);
    if (value.empty()) {
      if (name.data() + name.size() < query.data() + query.size() &&
          name.data()[name.size()] == '=') {
        out.push_back('=');
      }
      continue;
    }
    out.push_back('=');
    const bool encoded = name.find('%') != std::string_view::npos;
    const std::string decoded_name = encoded ? percent_decode(name) : std::string();
    const std::string_view plain_name = encoded ? std::string_view(decoded_name) : name;
    const bool is_mail = equals_ignoring_case(plain_name, "email") ||
                         equals_ignoring_case(plain_name, "e-mail") ||
                         equals_ignoring_case(plain_name, "mail");
    const bool secret = is_mail || is_secret_name(plain_name, extra_names) ||
                        (!is_plain_name(plain_name) && may_hold_secret(value) &&
                         has_secret_value(percent_decode(value)));
    out.append(secret ? kRedacted : value);
    changed |= secret;
  }
  return changed;
}

}  // namespace

bool is_secret_name(std::string_view name, std::span<const std::string> extra_names) {
  for (const std::string& extra : extra_names) {
    if (equals_ignoring_case(name, extra)) return true;
  }
  const NameWords words(name);
  for (std::size_t i = 0; i < words.count; ++i) {
    if (contains(kSecretWords, words.words[i])) return true;
    if (i + 1 >= words.count) continue;
    for (const auto& pair : kSecretPairs) {
      if (words.words[i] == pair[0] && words.words[i + 1] == pair[1]) return true;
    }
  }
  return words.is_whole && contains(kSecretCompact, words.compact());
}

bool is_plain_name(std::string_view name) {
  const NameWords words(name);
  return words.count > 0 && contains(kPlainLastWords, words.words[words.count - 1]);
}

bool redact_text(std::string_view text, std::string& out) {
  if (!may_hold_secret(text)) return false;
  if (is_card_field(trim(text))) {
    out = kRedacted;
    return true;
  }
  std::string kept;
  std::size_t kept_to = 0;
  std::vector<Group> groups;
  for (std::size_t at = 0; at < text.size();) {
    Span span;
    bool found = false;
    std::size_t next = at + 1;
    if (is_digit(text[at])) {
      read_groups(text, at, groups);
      found = find_card(text, groups, span) || find_social_security(text, groups, span);
      next = groups[0].end;
    } else if (lower(text[at]) == 'b') {
      found = find_bearer(text, at, span);
    }
    if (found) {
      kept.append(text, kept_to, span.begin - kept_to);
      kept.append(kRedacted);
      kept_to = span.end;
      next = span.end;
    }
    at = next;
  }
  if (kept_to == 0) return false;
  kept.append(text, kept_to);
  out = std::move(kept);
  return true;
}

bool has_secret_value(std::string_view text) {
  std::string scratch;
  return redact_text(text, scratch);
}

bool redact_url(std::string& url, std::span<const std::string> extra_names) {
  const auto hash = url.find('#');
  const auto question = url.find('?');
  const bool has_query = question < hash;
  bool changed = false;
  std::string fragment;
  if (hash != std::string::npos && url.find('=', hash) != std::string::npos) {
    std::string redacted;
    changed = redact_pairs(std::string_view(url).substr(hash + 1), extra_names, redacted);
    if (changed) fragment = std::move(redacted);
  }
  std::string query;
  const auto query_end = std::min(hash, url.size());
  if (has_query) {
    const std::string_view old =
        std::string_view(url).substr(question + 1, query_end - question - 1);
    if (redact_pairs(old, extra_names, query)) {
      if (changed) url.replace(hash + 1, std::string::npos, fragment);
      url.replace(question + 1, query_end - question - 1, query);
      return true;
    }
  }
  if (changed) url.replace(hash + 1, std::string::npos, fragment);
  return changed;
}

}  // namespace attune::collect
