#include "campaign/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>

#include "campaign/content_rules.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;

constexpr std::size_t kErrorBytesMax = 300;

json::string text_of(std::string_view text) { return json::string(text.data(), text.size()); }

std::string_view wanted(std::string_view type) {
  if (type == "email") return "the HTML body of an e-mail";
  if (type == "web_block") return "an HTML fragment for a page";
  if (type == "push") return "a push notification of at most 178 characters, plain text";
  if (type == "sms") return "a text message of at most 160 characters";
  return "an advertisement's text, plain, at most 300 characters";
}

/// Characters; 0: no limit but kDraftBytesMax.
std::size_t length_max(std::string_view type) {
  if (type == "push") return 178;
  if (type == "sms") return 160;
  return type == "ad_copy" ? 300 : 0;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// ```html ... ``` around the whole of a text.
std::string_view without_fence(std::string_view text) {
  text = trimmed(text);
  constexpr std::string_view kFence = "```";
  if (!text.starts_with(kFence) || !text.ends_with(kFence) || text.size() < 7) return text;
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return text;
  return trimmed(text.substr(line + 1, text.size() - line - 1 - kFence.size()));
}

const json::value* at(const json::value* value, std::string_view name) {
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::int64_t whole(const json::value* value) {
  const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
  return number == nullptr ? 0 : std::clamp<std::int64_t>(*number, 0, 1'000'000'000);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// Whether an attribute that runs code stands in a tag: onclick=, onerror =.
bool has_handler(std::string_view html) {
  bool in_tag = false;
  for (std::size_t i = 0; i < html.size(); ++i) {
    if (html[i] == '<') in_tag = true;
    if (html[i] == '>') in_tag = false;
    const bool starts = in_tag && i > 0 && html.substr(i).starts_with("on") &&
                        std::isalnum(static_cast<unsigned char>(html[i - 1])) == 0;
    if (!starts) continue;
    std::size_t end = i + 2;
    while (end < html.size() && std::isalpha(static_cast<unsigned char>(html[end])) != 0) ++end;
    while (end < html.size() && html[end] == ' ') ++end;
    if (end < html.size() && html[end] == '=') return true;
  }
  return false;
}

void add_html_issues(std::string_view text, std::vector<std::string>& issues) {
  const std::string html = lowered(text);
  constexpr std::array<std::string_view, 12> kUnsafe = {
      "<script", "<iframe", "<object", "<embed", "<form", "<meta",
      "<base",   "<link",   "<style",  "<svg",   "<math", "javascript:"};
  for (const std::string_view mark : kUnsafe) {
    if (html.find(mark) != std::string::npos) issues.push_back(fmt::format("has {}", mark));
  }
  if (has_handler(html)) issues.emplace_back("has an attribute that runs code");
}

}  // namespace

std::string completion_request(const Generator& generator, std::string_view type,
                               std::string_view prompt, std::string_view instructions) {
  const std::string system = fmt::format(
      "You write {}. Answer with that text alone: no explanation, no code fence, no placeholders, "
      "no scripts, no style sheets. State nothing about prices, discounts or stock that the prompt "
      "does not say.",
      wanted(type));
  json::array messages{json::object{{"role", "system"}, {"content", text_of(system)}},
                       json::object{{"role", "user"}, {"content", text_of(prompt)}}};
  if (!instructions.empty()) {
    messages.push_back(json::object{{"role", "user"}, {"content", text_of(instructions)}});
  }
  return json::serialize(json::object{{"model", text_of(generator.model)},
                                      {"messages", std::move(messages)},
                                      {"max_tokens", kDraftTokensMax},
                                      {"stream", false}});
}

Result<Completion> read_completion(unsigned status, std::string_view body) {
  json::error_code problem;
  const json::value answer = json::parse(text_of(body).subview(), problem);
  if (status != 200) {
    const json::value* said = problem ? nullptr : at(at(&answer, "error"), "message");
    const std::string words = said != nullptr && said->is_string()
                                  ? std::string(said->get_string().subview(0, kErrorBytesMax))
                                  : std::string("no reason");
    return fail(ErrorCode::unavailable,
                fmt::format("the text generator answered {}: {}", status, words));
  }
  const json::value* choices = problem ? nullptr : at(&answer, "choices");
  const json::array* list = choices == nullptr ? nullptr : choices->if_array();
  const json::value* content =
      list == nullptr || list->empty() ? nullptr : at(at(&list->front(), "message"), "content");
  if (content == nullptr || !content->is_string()) {
    return fail(ErrorCode::unavailable, "the text generator's answer is no chat completion");
  }
  const json::value* model = at(&answer, "model");
  Completion done;
  done.text = without_fence({content->get_string().data(), content->get_string().size()});
  if (model != nullptr && model->is_string()) done.model = model->get_string().subview(0, 100);
  done.input_tokens = whole(at(at(&answer, "usage"), "prompt_tokens"));
  done.output_tokens = whole(at(at(&answer, "usage"), "completion_tokens"));
  return done;
}

double cost_of(const Generator& generator, const Completion& completion) {
  constexpr double kMillion = 1e6;
  return (static_cast<double>(completion.input_tokens) * generator.input_price +
          static_cast<double>(completion.output_tokens) * generator.output_price) /
         kMillion;
}

std::vector<std::string> issues_of_draft(std::string_view type, const std::string& text) {
  std::vector<std::string> issues;
  if (text.empty()) return {"is empty"};
  if (text.size() > kDraftBytesMax) {
    return {fmt::format("is longer than {} bytes", kDraftBytesMax)};
  }
  const std::size_t most = length_max(type);
  if (most != 0 && characters(text) > most) {
    issues.push_back(fmt::format("has {} characters of at most {}", characters(text), most));
  }
  const bool has_marks =
      text.find("{{") != std::string::npos || text.find("{%") != std::string::npos;
  if (has_marks) issues.emplace_back("has marks of a template, {{ or {%");
  const bool is_html = output_of(type) == liquid::Output::html;
  if (is_html) add_html_issues(text, issues);
  if (!is_html && text.find('<') != std::string::npos && text.find('>') != std::string::npos) {
    issues.emplace_back("has tags, and is to be plain text");
  }
  const auto content =
      read_content({.type = type, .body = text, .variables_json = "[]", .style_json = "{}"});
  if (!content) {
    issues.push_back(content.error().message());
    return issues;
  }
  for (std::string& issue : issues_of(*content)) issues.push_back(std::move(issue));
  return issues;
}

Result<Endpoint> endpoint_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return fail(ErrorCode::invalid_argument, "must be http://HOST/PATH or https://HOST/PATH",
                "generate.url");
  }
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t slash = url.find('/', scheme + 3);
  Endpoint endpoint;
  endpoint.origin = url.substr(0, slash);
  endpoint.target =
      fmt::format("{}/chat/completions", slash == std::string_view::npos ? "" : url.substr(slash));
  return endpoint;
}

}  // namespace attune::campaign
