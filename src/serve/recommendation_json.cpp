#include "serve/recommendation_json.h"

#include "base/json_writer.h"

namespace attune::serve {
namespace {

/// Text as JSON has it, whatever bytes an event gave as a name.
void text(JsonWriter& out, std::string_view name, std::string_view value) {
  out.key(name);
  out.text(value);
}

void text_if(JsonWriter& out, std::string_view name, std::string_view value) {
  if (!value.empty()) text(out, name, value);
}

void write_item(JsonWriter& out, const decide::AnswerItem& item, bool details) {
  out.begin_object();
  text(out, "item_id", item.item_id);
  out.key("rank");
  out.unsigned_integer(item.rank);
  out.key("score");
  out.number(item.score);
  if (details) {
    out.key("raw_score");
    out.number(item.raw_score);
  }
  text(out, "strategy", item.strategy);
  out.key("propensity");
  out.number(item.propensity);
  if (item.is_pinned) {
    out.key("pinned");
    out.boolean(true);
  }
  text(out, "reason", item.reason);
  if (item.in_catalogue) {
    text_if(out, "name", item.name);
    text_if(out, "url", item.url);
    text_if(out, "image", item.image);
    if (item.price) {
      out.key("price");
      out.number(*item.price);
    }
    if (details) {
      text_if(out, "category", item.category);
      text_if(out, "brand", item.brand);
    }
  }
  out.end_object();
}

void write_details(JsonWriter& out, const decide::Answer& answer) {
  out.key("eligible_count");
  out.unsigned_integer(answer.eligible_count);
  out.key("strategies");
  out.begin_array();
  for (const decide::AnswerSource& source : answer.sources) {
    out.begin_object();
    text(out, "strategy", source.strategy);
    text_if(out, "model_version", source.version);
    text(out, "state", source.state);
    out.key("weight");
    out.number(source.weight);
    out.key("items");
    out.unsigned_integer(source.named);
    out.end_object();
  }
  out.end_array();
  out.key("rules");
  out.begin_array();
  for (const decide::AnswerRule& rule : answer.rules) {
    out.begin_object();
    text(out, "id", rule.id);
    text(out, "name", rule.name);
    text(out, "kind", rule.kind);
    out.key("active");
    out.boolean(rule.is_active);
    out.key("item_count");
    out.unsigned_integer(rule.item_count);
    out.key("items");
    out.begin_array();
    for (const std::string& item : rule.items) out.text(item);
    out.end_array();
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string recommendation_json(const decide::Answer& answer, bool details) {
  std::string json;
  JsonWriter out(json);
  out.begin_object();
  out.key("decision_id");
  if (answer.decision_id) out.text(answer.decision_id->text());
  else out.null();
  text(out, "model_version", answer.model_version);
  if (answer.group != decide::Group::none) text(out, "group", decide::to_string(answer.group));
  text_if(out, "fallback", answer.fallback);
  if (!answer.skipped.empty()) {
    out.key("skipped");
    out.begin_array();
    for (const std::string& strategy : answer.skipped) out.text(strategy);
    out.end_array();
  }
  if (details) write_details(out, answer);
  out.key("items");
  out.begin_array();
  for (const decide::AnswerItem& item : answer.items) write_item(out, item, details);
  out.end_array();
  out.end_object();
  return json;
}

}  // namespace attune::serve
