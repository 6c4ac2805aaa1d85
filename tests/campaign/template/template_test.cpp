// The template language: what it says, what it refuses, and that no value leaves its place.
#include "campaign/template/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "campaign/template/html_place.h"

namespace attune::campaign::liquid {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

json::object data_of(std::string_view text) { return json::parse(text).as_object(); }

std::vector<Variable> variables_of(std::string_view text) {
  auto read = read_variables(json::parse(text));
  EXPECT_TRUE(read) << read.error().message();
  return read ? *read : std::vector<Variable>();
}

/// What a template gives, or "error: ..." or "aborted: ...".
std::string given(std::string_view source, std::string_view data = "{}",
                  const RenderOptions& options = {}, std::string_view variables = "[]") {
  const auto parsed = Template::parse(source);
  if (!parsed) return "error: " + parsed.error().message();
  const auto done = render(*parsed, variables_of(variables), data_of(data), options);
  if (!done) return "error: " + done.error().message();
  return done->aborted ? "aborted: " + *done->aborted : done->text;
}

std::string text(std::string_view source, std::string_view data = "{}") {
  return given(source, data, {.output = Output::text, .now_ms = 1'772'000'000'000});
}

std::vector<std::string> issues(std::string_view source, std::string_view variables = "[]",
                                Output output = Output::html) {
  const auto parsed = Template::parse(source);
  EXPECT_TRUE(parsed) << parsed.error().message();
  std::vector<std::string> all;
  for (const Issue& each : lint(*parsed, variables_of(variables), output)) {
    all.push_back(to_string(each));
  }
  return all;
}

TEST(TemplateTest, PutsOutValuesAndDefaults) {
  EXPECT_EQ(text("Hi {{ name | default: 'there' }}!", R"({"name":"Ada"})"), "Hi Ada!");
  EXPECT_EQ(text("Hi {{ name | default: 'there' }}!"), "Hi there!");
  EXPECT_EQ(text("Hi {{ name | default: \"it's you\" }}!", R"({"name":""})"), "Hi it's you!");
  EXPECT_EQ(text("{{ a.b[1].c }}{{ a.x.y }}{{ a.b.size }}{{ a.b.first }}",
                 R"({"a":{"b":[7,{"c":8}]}})"), "827");
  EXPECT_EQ(text("{{ 'a}}b' }}{{ 1.5 }}{{ -3 }}{{ true }}{{ nil }}"), "a}}b1.5-3true");
}

TEST(TemplateTest, AppliesEveryFilter) {
  EXPECT_EQ(text("{{ 'grüße ΑΩ Жук' | upcase }}"), "GRÜßE ΑΩ ЖУК");
  EXPECT_EQ(text("{{ 'GRÜN ΑΩ ЖУК' | downcase }}"), "grün αω жук");
  EXPECT_EQ(text("{{ 'élan VITAL' | capitalize }}"), "Élan vital");
  EXPECT_EQ(text("{{ 'Ground control' | truncate: 9 }}"), "Ground...");
  EXPECT_EQ(text("{{ 'äöüäöü' | truncate: 4, '' }}"), "äöüä");
  EXPECT_EQ(text("{{ 'a b&c/ä' | url_encode }}"), "a%20b%26c%2F%C3%A4");
  EXPECT_EQ(text("{{ '<b>' | escape }}"), "&lt;b&gt;");
  EXPECT_EQ(text("{{ 1234567.5 | money: 'EUR' }} {{ -3 | money: 'CHF' }} {{ 999 | money }}"),
            "€1,234,567.50 -3.00 CHF 999.00");
  EXPECT_EQ(text("{{ 1500 | money: 'JPY' }}"), "¥1,500");
  EXPECT_EQ(text("{{ list | size }} {{ list | join: ', ' }} {{ list | first }}{{ list | last }}",
                 R"({"list":["b","a"]})"), "2 b, a ba");
  EXPECT_EQ(text("{{ list | sort | join }}", R"({"list":["b",3,"a",2.5]})"), "2.5 3 a b");
  EXPECT_EQ(text("{{ 'a-b-c' | split: '-' | join: '+' }}"), "a+b+c");
  EXPECT_EQ(text("{{ 'x' | append: 'y' | prepend: 'w' | replace: 'x', 'z' | remove: 'w' }}"), "zy");
  EXPECT_EQ(text("{{ ' a ' | strip }}|{{ 7 | plus: 2 | minus: 1 | times: 3 }}"), "a|24");
  EXPECT_EQ(text("{{ 7 | divided_by: 2 }} {{ 7.0 | divided_by: 2 }} {{ 7 | modulo: 4 }}"),
            "3 3.5 3");
  EXPECT_EQ(text("{{ 7 | divided_by: 0 | default: 'none' }}"), "none");
  EXPECT_EQ(text("{{ 2.346 | round: 2 }} {{ 2.5 | round }} {{ 2.1 | ceil }} {{ 2.9 | floor }}"),
            "2.35 3 3 2");
}

TEST(TemplateTest, FormatsDatesInUtc) {
  EXPECT_EQ(text("{{ '2026-03-09T07:05:04Z' | date: '%A %-d %B %Y, %H:%M:%S %I%p %j %a %b %y' }}"),
            "Monday 9 March 2026, 07:05:04 07AM 068 Mon Mar 26");
  EXPECT_EQ(text("{{ 'now' | date: '%F %T' }} {{ now | date: '%s' }}"),
            "2026-02-25 06:13:20 1772000000");
  EXPECT_EQ(text("{{ '2026-02-30' | date: '%F' }} {{ 'soon' | date: '%F' }}"), "2026-02-30 soon");
}

TEST(TemplateTest, ChoosesBranches) {
  constexpr std::string_view kIf =
      "{% if n > 10 and ok %}many{% elsif n == 1 or n == 2 %}few{% else %}none{% endif %}";
  EXPECT_EQ(text(kIf, R"({"n":11,"ok":true})"), "many");
  EXPECT_EQ(text(kIf, R"({"n":2.0})"), "few");
  EXPECT_EQ(text(kIf), "none");
  // Joined from the right: true or (true and false).
  EXPECT_EQ(text("{% if true or true and false %}y{% endif %}"), "y");
  EXPECT_EQ(text("{% unless name %}who?{% endunless %}"), "who?");
  EXPECT_EQ(text("{% if tags contains 'x' %}y{% endif %}{% if word contains 'bc' %}z{% endif %}",
                 R"({"tags":["x"],"word":"abcd"})"), "yz");
  EXPECT_EQ(text("{% case t %} {% when 'a', 'b' %}AB{% when 3 or 4 %}34{% else %}?{% endcase %}",
                 R"({"t":4})"), "34");
  EXPECT_EQ(text("{% case t %}{% when 'a' %}A{% else %}?{% endcase %}"), "?");
  EXPECT_EQ(text("{% if 'b' > 'a' %}1{% endif %}{% if 'b' > 1 %}2{% endif %}"), "1");
}

TEST(TemplateTest, LoopsWithinLimits) {
  constexpr std::string_view kData = R"({"l":["a","b","c","d"]})";
  EXPECT_EQ(text("{% for x in l limit: 2 offset: 1 %}{{ forloop.index }}{{ x }}{% endfor %}",
                 kData), "1b2c");
  EXPECT_EQ(text("{% for x in l reversed %}{{ x }}{% unless forloop.last %},{% endunless %}"
                 "{% endfor %}", kData), "d,c,b,a");
  EXPECT_EQ(text("{% for x in none %}{{ x }}{% else %}empty{% endfor %}"), "empty");
  EXPECT_EQ(text("{% for i in (1..3) %}{% for j in (i..3) %}{{ i }}{{ j }} "
                 "{% endfor %}{% endfor %}"),
            "11 12 13 22 23 33 ");
  EXPECT_EQ(text("{% for x in l %}{% if x == 'c' %}{% break %}{% endif %}"
                 "{% if x == 'a' %}{% continue %}{% endif %}{{ x }}{% endfor %}", kData), "b");
  EXPECT_EQ(text("{% assign l = l | first %}{% for x in l %}x{% endfor %}{{ l }}", kData), "a");
}

TEST(TemplateTest, KeepsTextAsItIs) {
  EXPECT_EQ(text("a{% comment %}{{ broken | {% if %}{% endcomment %}b"), "ab");
  EXPECT_EQ(text("{% raw %}{{ x }}{% if %}{% endraw %}!"), "{{ x }}{% if %}!");
  EXPECT_EQ(text("a {{- 'b' -}} c {%- if true -%} d {%- endif -%} e"), "abcde");
}

TEST(TemplateTest, AbortsWithAReason) {
  EXPECT_EQ(text("x{% if stock == 0 %}{% abort_message('sold out') %}{% endif %}",
                 R"({"stock":0})"), "aborted: sold out");
  EXPECT_EQ(text("{% abort_message %}"), "aborted: aborted by the template");
  EXPECT_EQ(given("Hi {{ name }}", "{}", {}, R"([{"name":"name","required":true}])"),
            "aborted: the variable name has no value");
}

TEST(TemplateTest, NamesLineAndColumnOfAnError) {
  EXPECT_EQ(text("ä{{ x"), "error: line 1, column 2: is never closed by }}");
  EXPECT_EQ(text("a\n  {% if x %}b"), "error: line 2, column 3: is never closed by {% endif %}");
  EXPECT_EQ(text("a\n{% nope %}").substr(0, 50),
            "error: line 2, column 1: there is no tag nope; the");
  EXPECT_THAT(text("{{ x | }}"), HasSubstr("column 8: a filter's name is expected"));
  EXPECT_THAT(text("{{ 'x }}"), HasSubstr("is never closed"));
  EXPECT_THAT(text("{{ x ; y }}"), HasSubstr("column 6"));
  EXPECT_THAT(text("{% if x %}{% endfor %}"), HasSubstr("{% endif %} is missing"));
  EXPECT_THAT(text("a{% endif %}"), HasSubstr("{% endif %} closes nothing"));
  EXPECT_THAT(text("{% break %}"), HasSubstr("stands in no for"));
  EXPECT_THAT(text("{% for x of y %}{% endfor %}"), HasSubstr("\"in\" is expected"));
  EXPECT_THAT(text("{% include 'file' %}"), HasSubstr("there is no tag include"));
  EXPECT_THAT(text("{% raw %}a"), HasSubstr("never closed by {% endraw %}"));
  EXPECT_THAT(text("{{ a[x] }}"), HasSubstr("a number or text is expected"));
  std::string deep;
  for (std::size_t i = 0; i <= kNestingMax; ++i) deep += "{% if a %}";
  EXPECT_THAT(text(deep), HasSubstr("nested deeper than 16"));
  EXPECT_THAT(text(std::string(kSourceBytesMax + 1, 'x')), HasSubstr("at most 65536 bytes"));
}

TEST(TemplateTest, KeepsToItsBudgets) {
  constexpr std::string_view kLoop =
      "{% for i in (1..1000) %}{% for j in (1..1000) %}{% assign x = j %}{% endfor %}{% endfor %}";
  EXPECT_THAT(text(kLoop), HasSubstr("takes more than 100000 steps"));
  EXPECT_THAT(text("{% assign s = 'xxxxxxxx' %}{% for i in (1..40) %}"
                   "{% assign s = s | append: s %}{% endfor %}"), HasSubstr("error: line 1"));
  EXPECT_THAT(given("{% for i in (1..9999) %}0123456789{% endfor %}", "{}",
                    {.output = Output::text, .output_bytes_max = 5000}),
              HasSubstr("the output is longer than 5000 bytes"));
  EXPECT_THAT(text("{% for i in (1..999999999999999999) %}{% endfor %}"), HasSubstr("steps"));
}

struct Attack {
  std::string_view source;
  std::string_view value;
  std::string_view expected;   // what stands for {{ x }} in the output, and its surroundings
};

TEST(TemplateTest, EscapesByThePlaceInThePage) {
  const Attack attacks[] = {
      {"<p>{{ x }}</p>", "<script>alert(1)</script>",
       "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
      {"<p title=\"{{ x }}\">", "\" onmouseover=\"alert(1)",
       "<p title=\"&#34; onmouseover=&#34;alert(1)\">"},
      {"<p title='{{ x }}'>", "' onmouseover='alert(1)",
       "<p title='&#39; onmouseover=&#39;alert(1)'>"},
      {"<a href=\"{{ x }}\">", "javascript:alert(1)", "<a href=\"#\">"},
      {"<a href=\"{{ x }}\">", "  JaVaScRiPt:alert(1)", "<a href=\"#\">"},
      {"<a href=\"{{ x }}\">", "java\tscript:alert(1)", "<a href=\"#\">"},
      {"<a href=\"{{ x }}\">", "\001javascript:alert(1)", "<a href=\"#\">"},
      {"<a href=\"{{ x }}\">", "data:text/html,<script>", "<a href=\"#\">"},
      {"<a href=\"{{ x }}\">", "vbscript:x", "<a href=\"#\">"},
      {"<a href=\"{{ x }}\">", "https://a.test/p?q=\"1'&r=<2>",
       "<a href=\"https://a.test/p?q=%221%27&amp;r=%3C2%3E\">"},
      {"<a href=\"{{ x }}\">", "/p/1?a=b#c", "<a href=\"/p/1?a=b#c\">"},
      {"<a href=\"java{{ x }}\">", "script:alert(1)", "<a href=\"javascript%3Aalert%281%29\">"},
      {"<a href=\"{{ y }}{{ x }}\">", "javascript:alert(1)", "<a href=\"#\">"},
      {"<a href=\"/s?q={{ x }}\">", "a&b=c d\"", "<a href=\"/s?q=a%26b%3Dc%20d%22\">"},
      {"<a href=\"/s?q={{ x | url_encode }}\">", "a&b", "<a href=\"/s?q=a%26b\">"},
      {"<a href=\"/s/{{ x }}/\">", "../a?b", "<a href=\"/s/../a%3Fb/\">"},
      {"<img src='{{ x }}'>", "x' onerror='alert(1)", "<img src='x%27%20onerror=%27alert(1)'>"},
      {"<script>var a = '{{ x }}';</script>", "'; alert(1); //</script>",
       "<script>var a = '\\u0027\\u003B alert\\u00281\\u0029\\u003B "
       "\\u002F\\u002F\\u003C\\u002Fscript\\u003E';</script>"},
      {"<script>var a = \"{{ x }}\";</script>", "\\\"\n",
       "<script>var a = \"\\u005C\\u0022\\u000A\";</script>"},
      {"<textarea>{{ x }}</textarea>", "</textarea><script>",
       "<textarea>&lt;/textarea&gt;&lt;script&gt;</textarea>"},
      {"<title>{{ x }}</title>", "</title>", "<title>&lt;/title&gt;</title>"},
      {"{{ x | escape }}", "<&>", "&lt;&amp;&gt;"},
      {"{{ x }}", "a\xFF\x00b", "a\xEF\xBF\xBD"},
      {"<!-- a --><p>{{ x }}", "<", "<!-- a --><p>&lt;"},
      {"<p data-name=\"{{ x }}\">", "\"", "<p data-name=\"&#34;\">"},
      {"a < b {{ x }}", "<", "a < b &lt;"},
  };
  for (const Attack& each : attacks) {
    json::object data;
    data["x"] = json::string(each.value.data(), each.value.size());
    const auto parsed = Template::parse(each.source);
    ASSERT_TRUE(parsed) << each.source;
    const auto done = render(*parsed, {}, data, {});
    ASSERT_TRUE(done) << each.source << ": " << done.error().message();
    EXPECT_EQ(done->text, each.expected) << each.source;
  }
}

TEST(TemplateTest, RefusesPlacesThatNoEscapingMakesSafe) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"<p style=\"color: {{ x }}\">", "holds style"},
      {"<style>a { color: {{ x }} }</style>", "style sheet"},
      {"<p onclick=\"f('{{ x }}')\">", "holds style, script"},
      {"<img srcset=\"{{ x }}\">", "this attribute"},
      {"<iframe srcdoc=\"{{ x }}\">", "this attribute"},
      {"<iframe src=\"{{ x }}\">", "this attribute"},
      {"<script src=\"{{ x }}\">", "this attribute"},
      {"<base href=\"{{ x }}\">", "this attribute"},
      {"<meta http-equiv=\"refresh\" content=\"{{ x }}\">", "this attribute"},
      {"<animate to=\"{{ x }}\">", "this attribute"},
      {"<p @click=\"{{ x }}\">", "this attribute"},
      {"<p title={{ x }}>", "put quotes"},
      {"<p title=a{{ x }}>", "put quotes"},
      {"<p {{ x }}>", "belongs into the quotes"},
      {"<p a{{ x }}=\"b\">", "belongs into the quotes"},
      {"<{{ x }}>", "cannot name a tag"},
      {"</{{ x }}>", "cannot name a tag"},
      {"<!-- {{ x }} -->", "comment"},
      {"<!doctype {{ x }}>", "comment"},
      {"<script>var a = {{ x }};</script>", "belongs into a string"},
      {"<script>var a = `{{ x }}`;</script>", "belongs into a string"},
      {"<script>var r = /'/; var a = '{{ x }}';</script>", "belongs into a string"},
      {"<script><!-- '{{ x }}'</script>", "belongs into a string"},
      {"<script>// '{{ x }}'\n</script>", "belongs into a string"},
      {"<script>var a = '\\{{ x }}';</script>", "belongs into a string"},
      {"<noscript>{{ x }}</noscript>", "this element"},
      {"<a href=\"javascript:f('{{ x }}')\">", "must begin with http:"},
      {"<a href=\"java&#115;cript:{{ x }}\">", "must begin with http:"},
      {"<a href=\"data:{{ x }}\">", "must begin with http:"},
      {"<title></titl{{ x }}", "this element"},
  };
  for (const auto& [source, why] : cases) {
    EXPECT_THAT(given(source, R"({"x":"alert"})"), HasSubstr(std::string(why))) << source;
    const auto found = issues(source, R"([{"name":"x"}])");
    ASSERT_FALSE(found.empty()) << source;
    EXPECT_THAT(found.front(), HasSubstr(std::string(why))) << source;
  }
}

TEST(TemplateTest, PutsOutRawOnlyWhatIsDeclaredSafe) {
  constexpr std::string_view kSafe =
      R"([{"name":"x","html_safe":true,"default":"<b>"},{"name":"y"}])";
  EXPECT_EQ(given("<p>{{ x | raw }}", "{}", {}, kSafe), "<p><b>");
  EXPECT_EQ(given("<p>{{ x }}", "{}", {}, kSafe), "<p>&lt;b&gt;");
  EXPECT_THAT(given("<p>{{ y | raw }}", R"({"y":"<b>"})", {}, kSafe), HasSubstr("raw is for"));
  EXPECT_THAT(given("{% assign x = y %}{{ x | raw }}", R"({"y":"<b>"})", {}, kSafe),
              HasSubstr("raw is for"));
  EXPECT_THAT(given("{% for x in y %}{{ x | raw }}{% endfor %}", R"({"y":["<b>"]})", {}, kSafe),
              HasSubstr("raw is for"));
  EXPECT_THAT(given("<p title=\"{{ x | raw }}\">", "{}", {}, kSafe), HasSubstr("raw is for"));
  EXPECT_THAT(issues("{{ y | raw }}", kSafe).at(0), HasSubstr("html_safe"));
  EXPECT_TRUE(issues("{{ x | raw }}", kSafe).empty());
}

TEST(TemplateTest, MakesASubjectOneLine) {
  EXPECT_EQ(given("Hi {{ x }}", R"({"x":"Ada\r\nBcc: all@example.test"})",
                  {.output = Output::line}), "Hi Ada  Bcc: all@example.test");
  EXPECT_EQ(given("a\n<b> {{ x }}", R"({"x":"<\u0000\u0007>"})", {.output = Output::line}),
            "a <b> <>");
}

TEST(TemplateTest, HidesPersonalDataInPreviews) {
  constexpr std::string_view kVariables =
      R"([{"name":"name","pii":true,"default":"there"},{"name":"city"}])";
  EXPECT_EQ(given("{{ name }} {{ city }}", R"({"name":"Ada","city":"Paris"})",
                  {.hide_pii = true}, kVariables), "••• Paris");
  EXPECT_EQ(given("{{ name }}", "{}", {.hide_pii = true}, kVariables), "there");
}

TEST(TemplateTest, FindsWhatIsWrongBeforeAnyValueIs) {
  EXPECT_THAT(issues("{{ a }}\n {{ b | default: '' }}{{ c }}", R"([{"name":"c"}])"),
              testing::ElementsAre("line 1, column 4: the variable a is not declared, and there is "
                                   "no default for it"));
  EXPECT_THAT(issues("{{ visitor.visits }}{{ now | date: '%Y' }}"), testing::IsEmpty());
  EXPECT_THAT(issues("{% for x in visitor.items %}{{ x }}{{ forloop.index }}{% endfor %}{{ x }}"),
              testing::ElementsAre(HasSubstr("the variable x is not declared")));
  EXPECT_THAT(issues("{% assign x = 1 %}{{ x }}"), testing::IsEmpty());
  EXPECT_THAT(issues("{{ 'x' | shout }}{{ 'x' | date }}"),
              testing::ElementsAre(HasSubstr("no filter shout"), HasSubstr("date takes 1")));
  EXPECT_THAT(issues("<p class=\"{% if visitor.a %}x{% endif %}\">{{ now }}</p>"),
              testing::IsEmpty());
  EXPECT_THAT(issues("<p{% if visitor.a %}>{% endif %}{{ now }}"),
              testing::Contains(HasSubstr("cannot name a tag")));
  EXPECT_THAT(issues("<p title=\"{{ now }}"), testing::ElementsAre(HasSubstr("ends within a tag")));
  // A loop whose body leaves the page elsewhere than it began.
  EXPECT_THAT(issues("{% for x in visitor.l %}{{ x }}<p {% endfor %}>"),
              testing::Contains(HasSubstr("belongs into the quotes")));
  // What is before the colon may be no scheme that is allowed.
  EXPECT_THAT(issues("<a href=\"{{ now }}:{{ now }}\">"),
              testing::Contains(HasSubstr("must begin with http:")));
  EXPECT_THAT(issues("<a href=\"{{ visitor.base }}/p?q={{ now }}\">"), testing::IsEmpty());
  EXPECT_TRUE(issues("<p style={{ now }}", "[]", Output::text).empty());
}

TEST(TemplateTest, ReadsVariables) {
  const auto refused = [](std::string_view text) {
    const auto read = read_variables(json::parse(text));
    EXPECT_FALSE(read) << text;
    return read ? "" : read.error().message();
  };
  EXPECT_THAT(refused("{}"), HasSubstr("a list"));
  EXPECT_THAT(refused(R"(["x"])"), HasSubstr("must be objects"));
  EXPECT_THAT(refused(R"([{"name":"1x"}])"), HasSubstr("\"name\" must be"));
  EXPECT_THAT(refused(R"([{"name":"x"},{"name":"x"}])"), HasSubstr("twice"));
  EXPECT_THAT(refused(R"([{"name":"x","type":"file"}])"), HasSubstr("\"type\" must be"));
  EXPECT_THAT(refused(R"([{"name":"x","type":"number","default":"a"}])"),
              HasSubstr("is no number"));
  EXPECT_THAT(refused(R"([{"name":"x","pii":1}])"), HasSubstr("true or false"));
  EXPECT_THAT(refused(R"([{"name":"x","pii":true,"html_safe":true}])"), HasSubstr("both"));
  EXPECT_THAT(refused(R"([{"name":"visitor"}])"), HasSubstr("always there"));
  EXPECT_THAT(refused(R"([{"name":"x","secret":true}])"), HasSubstr("no \"secret\""));
}

TEST(TemplateTest, ImportsMauticTokens) {
  const Imported made = import_mautic(
      "Hi {contactfield=firstname|there}, {contactfield=email|true} {contactfield=born|date} "
      "{unsubscribe_url} {pagelink=3} {{ x }} { b }");
  EXPECT_EQ(made.source,
            "Hi {{ firstname | default: 'there' }}, {{ email | url_encode }} "
            "{{ born | date: '%Y-%m-%d' }} {{ unsubscribe_url }} {pagelink=3} "
            "{% raw %}{{{% endraw %} x }} { b }");
  EXPECT_THAT(made.unknown, testing::ElementsAre("{pagelink=3}"));
  ASSERT_EQ(made.variables.size(), 4U);
  EXPECT_TRUE(made.variables[0].is_pii);
  const auto parsed = Template::parse(made.source);
  ASSERT_TRUE(parsed) << parsed.error().message();
  const auto done = render(*parsed, made.variables, data_of(R"({"email":"a@b"})"),
                           {.output = Output::text});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->text, "Hi there, a%40b   {pagelink=3} {{ x }} { b }");
}

/// Values that try to leave their place.
rc::Gen<std::string> hostile() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "<", ">", "\"", "'", "`", "/", "\\", "script", "</script>", "<!--", "-->", "javascript:",
          "&", "#", "=", " ", "\n", "\r", "on", "a", "{{", "}}", "\xC3", "\xE2\x80\xA8", ":", "%")),
      [](const std::vector<std::string>& parts) {
        std::string all;
        for (const std::string& part : parts) all += part;
        return all;
      });
}

RC_GTEST_PROP(TemplateProperty, ValuesInTheTextOfAPageHoldNoMarkup, ()) {
  json::object data;
  data["x"] = *hostile();
  const auto parsed = Template::parse("{{ x }}{{ x | upcase }}{{ x | append: x }}");
  const auto done = render(*parsed, {}, data, {});
  RC_ASSERT(done.has_value());
  RC_ASSERT(done->text.find_first_of("<>\"'`") == std::string::npos);
}

RC_GTEST_PROP(TemplateProperty, NoValueChangesWhereThePageGoesOn, ()) {
  // What follows a value is where it would be if the value were a letter.
  const auto source = *rc::gen::element<std::string>(
      "<p>{{ x }}", "<p title=\"{{ x }}", "<p title='{{ x }}", "<script>var a = '{{ x }}",
      "<script>var a = \"{{ x }}", "<a href=\"/{{ x }}", "<a href=\"/?q={{ x }}", "<title>{{ x }}");
  json::object data;
  data["x"] = *hostile();
  const auto parsed = Template::parse(source);
  const auto done = render(*parsed, {}, data, {});
  RC_ASSERT(done.has_value());
  HtmlPlace with_value;
  with_value.feed(done->text);
  data["x"] = "a";
  HtmlPlace with_letter;
  with_letter.feed(render(*parsed, {}, data, {})->text);
  RC_ASSERT(with_value == with_letter);
}

RC_GTEST_PROP(TemplateProperty, NeverMoreOutputThanTheBudget, ()) {
  const auto bytes = *rc::gen::inRange<std::size_t>(0, 2000);
  const auto times = *rc::gen::inRange(0, 300);
  json::object data;
  data["x"] = *hostile();
  data["n"] = times;
  const auto parsed = Template::parse("{% for i in (1..n) %}<b>{{ x }}</b>{% endfor %}");
  const auto done = render(*parsed, {}, data, {.output_bytes_max = bytes});
  if (done) RC_ASSERT(done->text.size() <= bytes);
  else RC_ASSERT(done.error().code() == ErrorCode::resource_exhausted);
}

}  // namespace
}  // namespace attune::campaign::liquid
