// Where in a page the text so far has led: a tokenizer of HTML, of the URL in an attribute, and of
// the strings in a script, just fine enough to know how an output must be escaped there, or that no
// escaping makes it safe. Escaping by the place is the idea of html/template of Go.
// Source  HTML Living Standard, section 13.2.5 (tokenization).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace attune::campaign::liquid {

class HtmlPlace {
 public:
  /// How to write a value here.
  enum class Escape : std::uint8_t {
    html,       // text, title, textarea
    attribute,  // within quotes
    url_start,  // the whole of a URL so far: only safe schemes
    url_scheme, // may still become a scheme: everything that is no letter is encoded
    url_path,
    url_query,
    js_string,
    refused     // see why()
  };

  void feed(std::string_view text);
  Escape escape() const;
  /// Why outputs are refused here, for a person.
  std::string_view why() const;
  /// Whether a document can end here.
  bool is_text() const { return state_ == State::text; }
  auto operator<=>(const HtmlPlace&) const = default;

 private:
  enum class State : std::uint8_t {
    text, tag_open, end_tag_open, tag_name, in_tag, attribute_name, after_name, before_value,
    value, unquoted, declaration, comment, raw_text
  };
  enum class Element : std::uint8_t { other, script, style, editable, verbatim };
  enum class Attribute : std::uint8_t { plain, url, refused };
  enum class Url : std::uint8_t { start, scheme, path, query, bad };
  enum class Script : std::uint8_t {
    code, slash, string_double, string_single, backtick, line_comment, block_comment, unsure
  };

  void step(char c);
  void step_tag(char c);
  void step_name(char c);
  void step_value(char c);
  void step_url(char c);
  void step_raw(char c);
  void step_script(char c);
  void begin_attribute(char c);
  void end_attribute_name();
  void end_tag();
  Escape escape_in_value() const;

  State state_ = State::text;
  Element element_ = Element::other;
  Attribute attribute_ = Attribute::plain;
  Url url_ = Url::start;
  Script script_ = Script::code;
  char quote_ = 0;
  char before_ = 0;         // the character before, where it matters
  bool is_end_tag_ = false;
  bool is_escaped_ = false; // a backslash before this character of a script's string
  std::string tag_;         // name of the tag, or of the element whose text this is
  std::string word_;        // attribute, scheme, comment's end, `</scri` in progress; short
};

}  // namespace attune::campaign::liquid
