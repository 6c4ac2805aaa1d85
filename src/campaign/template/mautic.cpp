// Mautic's tokens as of its MauticPlugin TokenHelper: {contactfield=ALIAS|DEFAULT}, where a DEFAULT
// of "true" encodes for a URL, and "date", "time", "datetime" format.
#include <fmt/format.h>

#include <algorithm>

#include "campaign/template/parser.h"
#include "campaign/template/template.h"

namespace attune::campaign::liquid {
namespace {

namespace json = boost::json;

/// A text constant; Liquid has no escapes in one.
std::string quoted(std::string_view text) {
  const char quote = text.find('\'') == std::string_view::npos ? '\'' : '"';
  std::string out(1, quote);
  for (const char c : text) {
    if (c != quote) out += c;
  }
  return out + quote;
}

void declare(Imported& out, std::string_view name, std::string_view fallback, bool is_pii) {
  if (std::ranges::find(out.variables, name, &Variable::name) != out.variables.end()) return;
  Variable made;
  made.name = name;
  made.is_pii = is_pii;
  made.fallback = json::string(fallback.data(), fallback.size());
  out.variables.push_back(std::move(made));
}

/// Whether the token was understood.
bool add_token(std::string_view token, Imported& out) {
  constexpr std::string_view kField = "contactfield=";
  constexpr std::string_view kLead = "leadfield=";
  if (token == "unsubscribe_url" || token == "webview_url") {
    declare(out, token, "", false);
    out.source += fmt::format("{{{{ {} }}}}", token);
    return true;
  }
  if (token.starts_with(kField)) token.remove_prefix(kField.size());
  else if (token.starts_with(kLead)) token.remove_prefix(kLead.size());
  else return false;
  const std::size_t bar = token.find('|');
  const std::string_view name = token.substr(0, bar);
  const std::string_view rest = bar == std::string_view::npos ? "" : token.substr(bar + 1);
  if (!is_name(name) || out.variables.size() == kVariablesMax) return false;
  declare(out, name, "", true);
  if (rest.empty()) out.source += fmt::format("{{{{ {} }}}}", name);
  else if (rest == "true") out.source += fmt::format("{{{{ {} | url_encode }}}}", name);
  else if (rest == "date") out.source += fmt::format("{{{{ {} | date: '%Y-%m-%d' }}}}", name);
  else if (rest == "time") out.source += fmt::format("{{{{ {} | date: '%H:%M' }}}}", name);
  else if (rest == "datetime") {
    out.source += fmt::format("{{{{ {} | date: '%Y-%m-%d %H:%M' }}}}", name);
  } else {
    out.source += fmt::format("{{{{ {} | default: {} }}}}", name, quoted(rest));
  }
  return true;
}

}  // namespace

Imported import_mautic(std::string_view source) {
  Imported out;
  constexpr std::size_t kTokenMax = 300;
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source[at] != '{') {
      out.source += source[at];
      continue;
    }
    if (at + 1 < source.size() && (source[at + 1] == '{' || source[at + 1] == '%')) {
      // Would be an opening here: text in Mautic.
      out.source += fmt::format("{{% raw %}}{{{}{{% endraw %}}", source[at + 1]);
      ++at;
      continue;
    }
    const std::size_t length = source.substr(at, kTokenMax).find('}');
    const std::string_view token =
        length == std::string_view::npos ? "" : source.substr(at + 1, length - 1);
    if (!token.empty() && add_token(token, out)) {
      at += length;
      continue;
    }
    const std::string_view name = token.substr(0, token.find('='));
    if (is_name(name) && name.size() < token.size() && out.unknown.size() < kVariablesMax) {
      out.unknown.push_back(fmt::format("{{{}}}", token));
    }
    out.source += '{';
  }
  return out;
}

}  // namespace attune::campaign::liquid
