#include "campaign/template/html_place.h"

#include <algorithm>
#include <array>

namespace attune::campaign::liquid {
namespace {

constexpr std::size_t kWordMax = 24;   // longer names are none that is known here

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 13> kUrls = {
    "href", "src", "action", "formaction", "poster", "cite", "background", "manifest", "longdesc",
    "xlink:href", "data", "usemap", "icon"};
/// Attributes whose value is more than one URL, a page, or instructions.
constexpr std::array<std::string_view, 5> kRefused = {"style", "srcset", "srcdoc", "ping",
                                                      "imagesrcset"};
constexpr std::array<std::string_view, 8> kLoaders = {"iframe", "frame", "embed", "object",
                                                      "applet", "base", "link", "portal"};
constexpr std::array<std::string_view, 6> kVerbatim = {"iframe", "noembed", "noframes", "xmp",
                                                       "noscript", "plaintext"};
constexpr std::array<std::string_view, 4> kSchemes = {"http", "https", "mailto", "tel"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

/// Of the frameworks that read code from attributes.
bool is_directive(std::string_view name) {
  return name.starts_with('@') || name.starts_with(':') || name.starts_with("v-") ||
         name.starts_with("x-") || name.starts_with("ng-") || name.starts_with("hx-");
}

void keep(std::string& word, char c) {
  if (word.size() <= kWordMax) word.push_back(lower(c));
}

}  // namespace

void HtmlPlace::feed(std::string_view text) {
  for (const char c : text) step(c);
}

void HtmlPlace::step(char c) {
  switch (state_) {
    case State::text:
      if (c == '<') state_ = State::tag_open;
      return;
    case State::declaration:
      if (word_ != "--") {
        if (c == '-' && (word_.empty() || word_ == "-")) word_.push_back(c);
        else word_ = "!";
      }
      if (word_ == "--") {
        state_ = State::comment;
        word_ = "--";  // "<!-->" ends a comment as well
        return;
      }
      if (c == '>') state_ = State::text;
      return;
    case State::comment:
      // "-->" and "--!>" end it.
      if (c == '>' && (word_.ends_with("--") || word_.ends_with("--!"))) {
        state_ = State::text;
        word_.clear();
      } else if (c == '-' || c == '!') {
        word_.push_back(c);
        if (word_.size() > 3) word_.erase(0, 1);
      } else {
        word_.clear();
      }
      return;
    case State::value:
    case State::unquoted:
      step_value(c);
      return;
    case State::raw_text:
      step_raw(c);
      return;
    default:
      step_tag(c);
  }
}

void HtmlPlace::step_tag(char c) {
  switch (state_) {
    case State::tag_open:
      is_end_tag_ = false;
      tag_.clear();
      if (is_letter(c)) {
        state_ = State::tag_name;
        keep(tag_, c);
      } else if (c == '/') {
        state_ = State::end_tag_open;
      } else if (c == '!' || c == '?') {
        state_ = State::declaration;
        word_ = c == '?' ? "!" : "";
      } else if (c != '<') {
        state_ = State::text;
      }
      return;
    case State::end_tag_open:
      if (is_letter(c)) {
        is_end_tag_ = true;
        state_ = State::tag_name;
        keep(tag_, c);
      } else if (c == '>') {
        state_ = State::text;
      } else {
        state_ = State::declaration;   // a comment that ends at the first >
        word_ = "!";
      }
      return;
    case State::tag_name:
      if (c == '>') return end_tag();
      if (is_space(c) || c == '/') state_ = State::in_tag;
      else keep(tag_, c);
      return;
    case State::in_tag:
      if (c == '>') return end_tag();
      if (!is_space(c) && c != '/') begin_attribute(c);
      return;
    case State::attribute_name:
    case State::after_name:
      return step_name(c);
    default:  // before_value
      if (is_space(c)) return;
      if (c == '>') return end_tag();
      if (c == '"' || c == '\'') {
        state_ = State::value;
        quote_ = c;
        return;
      }
      state_ = State::unquoted;
      step_value(c);
  }
}

void HtmlPlace::step_name(char c) {
  if (c == '=') {
    end_attribute_name();
    state_ = State::before_value;
  } else if (c == '>') {
    end_tag();
  } else if (c == '/') {
    state_ = State::in_tag;
  } else if (is_space(c)) {
    state_ = State::after_name;
  } else if (state_ == State::after_name) {
    begin_attribute(c);
  } else {
    keep(word_, c);
  }
}

void HtmlPlace::begin_attribute(char c) {
  state_ = State::attribute_name;
  word_.clear();
  keep(word_, c);
}

void HtmlPlace::end_attribute_name() {
  const bool is_name_known = word_.size() <= kWordMax;
  attribute_ = Attribute::plain;
  if (is_name_known && is_one_of(word_, kUrls)) attribute_ = Attribute::url;
  if (word_.starts_with("on") || is_directive(word_) || is_one_of(word_, kRefused) ||
      word_.find_first_of("\"'<`{") != std::string::npos || tag_ == "set" ||
      tag_.starts_with("animate") || (tag_ == "meta" && word_ == "content")) {
    attribute_ = Attribute::refused;
  }
  if (attribute_ == Attribute::url && (is_one_of(tag_, kLoaders) || tag_ == "script")) {
    attribute_ = Attribute::refused;
  }
  url_ = Url::start;
  word_.clear();
}

void HtmlPlace::end_tag() {
  state_ = State::text;
  word_.clear();
  if (is_end_tag_) return;
  script_ = Script::code;
  is_escaped_ = false;
  before_ = 0;
  if (tag_ == "script") element_ = Element::script;
  else if (tag_ == "style") element_ = Element::style;
  else if (tag_ == "title" || tag_ == "textarea") element_ = Element::editable;
  else if (is_one_of(tag_, kVerbatim)) element_ = Element::verbatim;
  else return;
  state_ = State::raw_text;
}

void HtmlPlace::step_value(char c) {
  const bool ends = state_ == State::value ? c == quote_ : is_space(c) || c == '>';
  if (!ends) {
    if (attribute_ == Attribute::url) step_url(c);
    return;
  }
  state_ = State::in_tag;
  word_.clear();
  if (c == '>') end_tag();
}

void HtmlPlace::step_url(char c) {
  switch (url_) {
    case Url::start:
    case Url::scheme:
      // Browsers leave out tabs and line ends anywhere, and controls and spaces at the beginning;
      // "&" could be the name of any character.
      if (c == '&' || c == '\\' || static_cast<unsigned char>(c) < ' ') url_ = Url::bad;
      else if (c == ' ' && url_ == Url::start) return;
      else if (c == '?' || c == '#') url_ = Url::query;
      else if (c == '/') url_ = Url::path;
      else if (c == ':') url_ = is_one_of(word_, kSchemes) ? Url::path : Url::bad;
      else {
        url_ = Url::scheme;
        keep(word_, c);
      }
      return;
    case Url::path:
      if (c == '?' || c == '#') url_ = Url::query;
      return;
    default:
      return;
  }
}

void HtmlPlace::step_raw(char c) {
  const bool can_end = is_space(c) || c == '/' || c == '>';
  if (can_end && word_.starts_with("</") && std::string_view(word_).substr(2) == tag_ &&
      tag_ != "plaintext") {
    is_end_tag_ = true;
    state_ = State::in_tag;
    word_.clear();
    if (c == '>') end_tag();
    element_ = Element::other;
    return;
  }
  const bool goes_on = word_ == "<" ? c == '/' || c == '!'
                       : word_.starts_with("<!") ? c == '-'
                                                 : is_letter(c) && word_.size() < kWordMax;
  if (c == '<') word_ = "<";
  else if (!word_.empty() && goes_on) keep(word_, c);
  else word_.clear();
  if (element_ == Element::script) step_script(c);
}

void HtmlPlace::step_script(char c) {
  // "<!--" makes what follows something else altogether.
  if (word_.starts_with("<!")) script_ = Script::unsure;
  switch (script_) {
    case Script::slash:
      // A slash that begins no comment divides, or begins a regular expression, which may hold
      // quotes.
      script_ = c == '/'   ? Script::line_comment
                : c == '*' ? Script::block_comment
                           : Script::unsure;
      before_ = 0;
      return;
    case Script::code:
      if (c == '/') script_ = Script::slash;
      else if (c == '"') script_ = Script::string_double;
      else if (c == '\'') script_ = Script::string_single;
      else if (c == '`') script_ = Script::backtick;
      return;
    case Script::string_double:
    case Script::string_single:
    case Script::backtick: {
      if (is_escaped_) {
        is_escaped_ = false;
        return;
      }
      const char quote = script_ == Script::string_double   ? '"'
                         : script_ == Script::string_single ? '\''
                                                            : '`';
      if (c == '\\') is_escaped_ = true;
      else if (c == quote) script_ = Script::code;
      else if (quote == '`' && c == '$') script_ = Script::unsure;   // may hold code
      else if (quote != '`' && (c == '\n' || c == '\r')) script_ = Script::unsure;
      return;
    }
    case Script::line_comment:
      if (c == '\n' || c == '\r') script_ = Script::code;
      return;
    case Script::block_comment:
      if (c == '/' && before_ == '*') script_ = Script::code;
      before_ = c;
      return;
    default:
      return;
  }
}

HtmlPlace::Escape HtmlPlace::escape_in_value() const {
  if (attribute_ == Attribute::refused) return Escape::refused;
  if (attribute_ == Attribute::plain) return Escape::attribute;
  switch (url_) {
    case Url::start:
      return Escape::url_start;
    case Url::scheme:
      return Escape::url_scheme;
    case Url::path:
      return Escape::url_path;
    case Url::query:
      return Escape::url_query;
    default:
      return Escape::refused;
  }
}

HtmlPlace::Escape HtmlPlace::escape() const {
  if (state_ == State::text) return Escape::html;
  if (state_ == State::value) return escape_in_value();
  if (state_ != State::raw_text) return Escape::refused;
  if (!word_.empty()) return Escape::refused;   // it could complete an end tag
  if (element_ == Element::editable) return Escape::html;
  const bool is_string = script_ == Script::string_double || script_ == Script::string_single;
  if (element_ == Element::script && is_string && !is_escaped_) return Escape::js_string;
  return Escape::refused;
}

std::string_view HtmlPlace::why() const {
  switch (state_) {
    case State::tag_open:
    case State::end_tag_open:
    case State::tag_name:
      return "an output cannot name a tag";
    case State::in_tag:
    case State::attribute_name:
    case State::after_name:
      return "an output within a tag belongs into the quotes of an attribute";
    case State::before_value:
    case State::unquoted:
      return "put quotes around the attribute's value";
    case State::declaration:
    case State::comment:
      return "an output in a comment is never shown";
    case State::value:
      return attribute_ == Attribute::url
                 ? "the URL must begin with http:, https:, mailto:, tel: or a path"
                 : "nothing may be put out in this attribute: it holds style, script, a page, or "
                   "what loads code";
    case State::raw_text:
      if (element_ == Element::script) {
        return "in a script an output belongs into a string in \"\" or '', before any regular "
               "expression or division";
      }
      if (element_ == Element::style) return "nothing may be put out in a style sheet";
      return "nothing may be put out in this element";
    default:
      return {};
  }
}

}  // namespace attune::campaign::liquid
