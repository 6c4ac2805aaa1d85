// Each member of an event is looked up in a small table and read into the draft by its field's
// rule.
#include "collect/event_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

#include "collect/text.h"

namespace attune::collect {

/// In groups, which EventReader::read_member tells apart by their last names.
enum class FieldName : std::uint8_t {
  unknown,
  site,
  type,
  event_id,
  timestamp,
  sent_at,
  session_id,
  visitor_id,
  user_id,
  url,
  title,
  referrer,
  screen,
  viewport,
  device_pixel_ratio,
  language,
  timezone,
  element,
  scroll_percentage,
  scroll_depth,
  form,
  visibility,
  text,
  text_length,
  items,
  products,
  order_id,
  transaction_id,
  revenue,
  currency,
  cart_value,
  checkout_step,
  time_on_page,
  query,
  search_term,
  decision_id,
  performance,
  data,
  ip,
  user_agent,
  country,
  events,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
};

namespace {

using event::Kind;
using simdjson::dom::array;
using simdjson::dom::object;
using Name = FieldName;

struct NamedField {
  std::string_view text;
  Name name = Name::unknown;
};

constexpr std::array<NamedField, 46> kFields = {{
    {"site", Name::site},
    {"type", Name::type},
    {"event_id", Name::event_id},
    {"timestamp", Name::timestamp},
    {"sent_at", Name::sent_at},
    {"session_id", Name::session_id},
    {"visitor_id", Name::visitor_id},
    {"user_id", Name::user_id},
    {"url", Name::url},
    {"title", Name::title},
    {"referrer", Name::referrer},
    {"screen", Name::screen},
    {"viewport", Name::viewport},
    {"device_pixel_ratio", Name::device_pixel_ratio},
    {"language", Name::language},
    {"timezone", Name::timezone},
    {"element", Name::element},
    {"scroll_percentage", Name::scroll_percentage},
    {"scroll_depth", Name::scroll_depth},
    {"form", Name::form},
    {"visibility", Name::visibility},
    {"text", Name::text},
    {"text_length", Name::text_length},
    {"items", Name::items},
    {"products", Name::products},
    {"order_id", Name::order_id},
    {"transaction_id", Name::transaction_id},
    {"revenue", Name::revenue},
    {"currency", Name::currency},
    {"cart_value", Name::cart_value},
    {"checkout_step", Name::checkout_step},
    {"time_on_page", Name::time_on_page},
    {"query", Name::query},
    {"search_term", Name::search_term},
    {"decision_id", Name::decision_id},
    {"performance", Name::performance},
    {"data", Name::data},
    {"ip", Name::ip},
    {"user_agent", Name::user_agent},
    {"country", Name::country},
    {"events", Name::events},
    {"utm_source", Name::utm_source},
    {"utm_medium", Name::utm_medium},
    {"utm_campaign", Name::utm_campaign},
    {"utm_content", Name::utm_content},
    {"utm_term", Name::utm_term},
}};

/// Open addressing over the names above: a look-up is one small hash and mostly one comparison.
class FieldTable {
 public:
  constexpr FieldTable() {
    for (const NamedField& field : kFields) {
      std::size_t slot = slot_of(field.text);
      while (slots_[slot].name != Name::unknown) slot = (slot + 1) % kSlots;
      slots_[slot] = field;
    }
  }
  Name find(std::string_view text) const {
    if (text.empty()) return Name::unknown;
    for (std::size_t slot = slot_of(text); slots_[slot].name != Name::unknown;
         slot = (slot + 1) % kSlots) {
      if (slots_[slot].text == text) return slots_[slot].name;
    }
    return Name::unknown;
  }

 private:
  static constexpr std::size_t kSlots = 256;
  static constexpr std::size_t slot_of(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    return (text.size() * 37 + byte(0) * 11u + byte(text.size() / 2) * 5u + byte(text.size() - 1)) %
           kSlots;
  }
  std::array<NamedField, kSlots> slots_{};
};

constexpr FieldTable kFieldTable;

struct OtherName {
  std::string_view name;
  Kind kind;
};

constexpr std::array<OtherName, 10> kOtherNames = {{
    {"page_view", Kind::pageview},
    {"view_item", Kind::product_view},
    {"select_item", Kind::product_click},
    {"add_to_cart", Kind::cart_add},
    {"remove_from_cart", Kind::cart_remove},
    {"add_to_wishlist", Kind::wishlist_add},
    {"remove_from_wishlist", Kind::wishlist_remove},
    {"begin_checkout", Kind::checkout},
    {"add_shipping_info", Kind::checkout},
    {"add_payment_info", Kind::checkout},
}};

bool good_type(std::string_view type) {
  if (type.empty() || type.size() > 50) return false;
  for (const char c : type) {
    const bool good =
        (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '.' || c == ':' || c == '-';
    if (!good) return false;
  }
  return true;
}

bool read_type(const JsonElement& value, Draft& draft, Problem& problem) {
  std::string_view type;
  if (value.get_string().get(type) != simdjson::SUCCESS || !good_type(type)) {
    return problem.broken("type", "must be 1 to 50 of a-z 0-9 _ . : -");
  }
  event::Event& event = draft.event;
  draft.has_type = true;
  if (type == "batch") return problem.broken("type", "batch cannot stand within a batch");
  if (const auto kind = event::parse_kind(type)) {
    event.kind = *kind;
    event.event_type = type;
    return true;
  }
  if (const auto kind = kind_of_other_name(type)) {
    event.kind = *kind;
    event.event_type = event::to_string(*kind);
    draft.sent_type = type;
    return true;
  }
  event.kind = Kind::custom;
  event.event_type = type;
  return true;
}

bool read_element(const JsonElement& value, Draft& draft, Problem& problem) {
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) {
    return problem.broken("element", "must be an object");
  }
  event::Event& event = draft.event;
  for (const auto member : members) {
    if (member.value.is_null()) continue;
    bool good = true;
    if (member.key == "tag") {
      good = read_text(member.value, "element.tag", 20, event.element_tag, problem);
      for (char& c : event.element_tag) c = lower(c);
    } else if (member.key == "id") {
      good = read_text(member.value, "element.id", 100, event.element_id, problem);
    } else if (member.key == "classes") {
      good = read_text(member.value, "element.classes", 1000, event.element_classes, problem);
    } else if (member.key == "text") {
      good = read_text(member.value, "element.text", 200, draft.element_text, problem);
    } else if (member.key == "href") {
      good = read_text(member.value, "element.href", 2048, draft.element_href, problem);
    }
    if (!good) return false;
  }
  return true;
}

bool read_form_fields(const JsonElement& value, Draft& draft, Problem& problem,
                      const RedactionRules& rules) {
  object fields;
  if (value.get_object().get(fields) != simdjson::SUCCESS) {
    return problem.broken("form.fields", "must be an object");
  }
  if (fields.size() > 200) return problem.broken("form.fields", "must have at most 200 members");
  event::Event& event = draft.event;
  event.form_data_json.clear();
  JsonWriter out(event.form_data_json);
  out.begin_object();
  for (const auto field : fields) {
    if (field.key.find('\0') != std::string_view::npos) {
      return problem.broken("form.fields", "must not contain U+0000");
    }
    out.key(field.key);
    if (!write_redacted(field.value, field.key, rules, out, problem)) return false;
  }
  out.end_object();
  if (event.field_count < 0) event.field_count = static_cast<std::int32_t>(fields.size());
  return true;
}

bool read_form(const JsonElement& value, Draft& draft, Problem& problem, RedactionRules rules) {
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) {
    return problem.broken("form", "must be an object");
  }
  rules.is_form = true;
  event::Event& event = draft.event;
  draft.has_form = true;
  for (const auto member : members) {
    if (member.value.is_null()) continue;
    bool good = true;
    if (member.key == "id") {
      good = read_text(member.value, "form.id", 100, event.form_id, problem);
    } else if (member.key == "action") {
      good = read_text(member.value, "form.action", 2048, event.form_action, problem);
    } else if (member.key == "method") {
      good = read_text(member.value, "form.method", 11, event.form_method, problem);
      for (char& c : event.form_method) {
        c = upper(c);
        good = good && (is_letter(c) || problem.broken("form.method", "must be letters"));
      }
      if (good && (event.form_method.empty() || event.form_method.size() > 10)) {
        good = problem.broken("form.method", "must be 1 to 10 letters");
      }
    } else if (member.key == "field_count") {
      good = read_whole(member.value, "form.field_count", {.min = 0, .max = 10000},
                        event.field_count, problem);
    } else if (member.key == "fields") {
      good = read_form_fields(member.value, draft, problem, rules);
    }
    if (!good) return false;
  }
  return true;
}

bool read_item_member(std::string_view key, const JsonElement& value, event::Item& item,
                      Problem& problem) {
  if (key == "id") return read_id(value, "id", 255, item.id, problem);
  if (key == "item_id" || key == "product_id") {
    return !item.id.empty() || read_id(value, key, 255, item.id, problem);
  }
  if (key == "name") return read_text(value, "name", 255, item.name, problem);
  if (key == "item_name") {
    return !item.name.empty() || read_text(value, key, 255, item.name, problem);
  }
  if (key == "category") return read_text(value, "category", 255, item.category, problem);
  if (key == "item_category") {
    return !item.category.empty() || read_text(value, key, 255, item.category, problem);
  }
  if (key == "brand") return read_text(value, "brand", 100, item.brand, problem);
  if (key == "item_brand") {
    return !item.brand.empty() || read_text(value, key, 100, item.brand, problem);
  }
  if (key == "price") return read_number(value, key, {.min = 0, .max = 1e12}, item.price, problem);
  if (key == "quantity") {
    return read_number(value, key, {.min = 1e-9, .max = 1e6}, item.quantity, problem);
  }
  return true;
}

bool read_items(const JsonElement& value, std::string_view field, Draft& draft, Problem& problem) {
  array elements;
  if (value.get_array().get(elements) != simdjson::SUCCESS) {
    return problem.broken(field, "must be an array");
  }
  if (elements.size() > 200) return problem.broken(field, "must have at most 200 items");
  std::vector<event::Item>& items = draft.event.items;
  items.clear();
  for (const JsonElement element : elements) {
    const auto nested = [&] {
      const std::string path = fmt::format("{}[{}].{}", field, items.size() - 1, problem.field());
      return problem.broken(path, std::string(problem.rule()));
    };
    object members;
    items.emplace_back();
    if (element.get_object().get(members) != simdjson::SUCCESS) {
      return problem.broken(fmt::format("{}[{}]", field, items.size() - 1), "must be an object");
    }
    for (const auto member : members) {
      if (member.value.is_null()) continue;
      if (!read_item_member(member.key, member.value, items.back(), problem)) return nested();
    }
    if (items.back().id.empty()) {
      problem.broken("id", "is required");
      return nested();
    }
  }
  return true;
}

bool read_currency(const JsonElement& value, std::string& out, Problem& problem) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || text.size() != 3 ||
      !is_letter(text[0]) || !is_letter(text[1]) || !is_letter(text[2])) {
    return problem.broken("currency", "must be three letters, like EUR");
  }
  out = {upper(text[0]), upper(text[1]), upper(text[2])};
  return true;
}

bool read_language(const JsonElement& value, std::string& out, Problem& problem) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (text.empty()) return true;
    out = language_tag(text);
    if (!out.empty()) return true;
  }
  return problem.broken("language", "must be a language tag like de-DE");
}

bool read_timezone(const JsonElement& value, std::string& out, Problem& problem) {
  std::string_view text;
  bool good = value.get_string().get(text) == simdjson::SUCCESS && text.size() <= 50;
  for (const char c : text) {
    good = good && (is_letter(c) || is_digit(c) || c == '_' || c == '/' || c == '+' || c == '-');
  }
  if (!good) return problem.broken("timezone", "must be a zone name like Europe/Berlin");
  out = text;
  return true;
}

bool read_url(const JsonElement& value, std::string_view field, std::string& out,
              Problem& problem) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return problem.broken(field, "must be a text");
  }
  if (text.size() > 8192) return problem.broken(field, "must be at most 8192 bytes long");
  if (text.find('\0') != std::string_view::npos) {
    return problem.broken(field, "must not contain U+0000");
  }
  out = text;
  return true;
}

bool read_visibility(const JsonElement& value, std::string& out, Problem& problem) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS ||
      (text != "visible" && text != "hidden")) {
    return problem.broken("visibility", "must be visible or hidden");
  }
  out = text;
  return true;
}

bool read_data(const JsonElement& value, std::string& json, const RedactionRules& rules,
               Problem& problem) {
  if (!value.is_object()) return problem.broken("data", "must be an object");
  json.clear();
  JsonWriter out(json);
  return write_redacted(value, "data", rules, out, problem);
}

std::string_view tag_name(Name name) {
  switch (name) {
    case Name::utm_source:
      return "utm_source";
    case Name::utm_medium:
      return "utm_medium";
    case Name::utm_campaign:
      return "utm_campaign";
    case Name::utm_content:
      return "utm_content";
    default:
      return "utm_term";
  }
}

/// Whether events take this from the outer object of their batch.
bool inherited(Name name) {
  switch (name) {
    case Name::type:
    case Name::event_id:
    case Name::timestamp:
    case Name::items:
    case Name::products:
    case Name::data:
    case Name::events:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::optional<Kind> kind_of_other_name(std::string_view name) {
  for (const OtherName& other : kOtherNames) {
    if (other.name == name) return other.kind;
  }
  return std::nullopt;
}

bool EventReader::read(const object& members, bool is_outer) {
  bool has_extra = false;
  JsonWriter extra(draft_.extra_json);
  object data;
  bool has_data = false;
  for (const auto member : members) {
    if (member.value.is_null()) continue;
    const Name name = kFieldTable.find(member.key);
    if (is_outer && !inherited(name)) continue;
    bool good = true;
    if (name == Name::data) has_data = member.value.get_object().get(data) == simdjson::SUCCESS;
    if (name != Name::unknown) {
      good = read_member(name, member.value);
    } else if (!read_wc_alias(member.key, member.value, draft_, problem_, good) && !is_outer) {
      if (!has_extra) extra.begin_object();
      has_extra = true;
      good = read_extra(member.key, member.value, extra);
    }
    if (!good) return false;
  }
  if (has_extra) extra.end_object();
  if (has_data) read_data_aliases(data, draft_);
  return true;
}

bool EventReader::read_extra(std::string_view name, const JsonElement& value, JsonWriter& extra) {
  if (name.find('\0') != std::string_view::npos) {
    return problem_.broken("", "a name must not contain U+0000");
  }
  extra.key(name);
  return write_redacted(value, name, rules(), extra, problem_);
}

const event::Site* EventReader::site() const {
  const auto id = draft_.site ? draft_.site : context_.key_site;
  if (!id) {
    problem_.broken("site", "is required");
    return nullptr;
  }
  const auto found = sites_.by_id.find(*id);
  if (found == sites_.by_id.end()) {
    problem_.broken("site", "is not known");
    return nullptr;
  }
  return may_send(found->second, context_, problem_) ? &found->second : nullptr;
}

RedactionRules EventReader::rules() const {
  RedactionRules rules;
  const auto id = draft_.site ? draft_.site : context_.key_site;
  if (id) {
    const auto found = sites_.by_id.find(*id);
    if (found != sites_.by_id.end()) rules.extra_names = found->second.redact_names;
  }
  return rules;
}

bool EventReader::read_member(Name name, const JsonElement& value) {
  if (name <= Name::user_id) return read_who(name, value);
  if (name <= Name::timezone) return read_where(name, value);
  if (name <= Name::products) return read_interaction(name, value);
  if (name <= Name::data) return read_commerce(name, value);
  if (name <= Name::country) return read_claimed(name, value);
  if (name == Name::events) return problem_.broken("events", "batches do not nest");
  return read_tag(name, value);
}

bool EventReader::read_site(const JsonElement& value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (const auto id = Uuid::parse(text)) {
      draft_.site = *id;
      return true;
    }
    const auto key = sites_.by_public_key.find(std::string(text.substr(0, 100)));
    if (key != sites_.by_public_key.end()) {
      draft_.site = key->second;
      return true;
    }
  }
  return problem_.broken("site", "is not known");
}

bool EventReader::read_timestamp(const JsonElement& value) {
  std::int64_t ms = 0;
  if (!read_time(value, "timestamp", ms, problem_)) return false;
  draft_.timestamp_ms = ms;
  draft_.timestamp_json = simdjson::minify(value);
  return true;
}

bool EventReader::read_who(Name name, const JsonElement& value) {
  event::Event& event = draft_.event;
  std::int64_t ms = 0;
  switch (name) {
    case Name::site:
      return read_site(value);
    case Name::type:
      return read_type(value, draft_, problem_);
    case Name::event_id:
      event.has_client_event_id = read_uuid(value, "event_id", event.event_id, problem_);
      return event.has_client_event_id;
    case Name::timestamp:
      return read_timestamp(value);
    case Name::sent_at:
      if (!read_time(value, "sent_at", ms, problem_)) return false;
      draft_.sent_at_ms = ms;
      return true;
    case Name::session_id:
      if (!read_id(value, "session_id", 79, event.session_id, problem_)) return false;
      return event.session_id.find('~') == std::string::npos ||
             problem_.broken("session_id", "must not contain ~");
    case Name::visitor_id:
      return read_id(value, "visitor_id", 100, event.visitor_id, problem_);
    default:
      return read_id(value, "user_id", 255, event.user_id, problem_);
  }
}

bool EventReader::read_where(Name name, const JsonElement& value) {
  event::Event& event = draft_.event;
  switch (name) {
    case Name::url:
      return read_url(value, "url", event.url, problem_);
    case Name::title:
      return read_text(value, "title", 500, event.title, problem_);
    case Name::referrer:
      return read_url(value, "referrer", event.referrer, problem_);
    case Name::screen:
      return read_size(value, "screen", event.screen_width, event.screen_height, problem_);
    case Name::viewport:
      return read_size(value, "viewport", event.viewport_width, event.viewport_height, problem_);
    case Name::device_pixel_ratio:
      if (!read_number(value, "device_pixel_ratio", {.min = 1e-3, .max = 1000},
                       event.device_pixel_ratio, problem_)) {
        return false;
      }
      event.device_pixel_ratio = std::min(event.device_pixel_ratio, 9.99);
      return true;
    case Name::language:
      return read_language(value, event.language, problem_);
    default:
      return read_timezone(value, event.timezone, problem_);
  }
}

bool EventReader::read_interaction(Name name, const JsonElement& value) {
  event::Event& event = draft_.event;
  double number = 0;
  switch (name) {
    case Name::element:
      return read_element(value, draft_, problem_);
    case Name::scroll_depth:
      return event.scroll_percentage >= 0 ||
             read_whole(value, "scroll_depth", {.min = 0, .max = 100, .text_allowed = true},
                        event.scroll_percentage, problem_);
    case Name::scroll_percentage:
      return read_whole(value, "scroll_percentage", {.min = 0, .max = 100}, event.scroll_percentage,
                        problem_);
    case Name::form:
      return read_form(value, draft_, problem_, rules());
    case Name::visibility:
      return read_visibility(value, draft_.visibility, problem_);
    case Name::text:
      return read_text(value, "text", 500, draft_.copied_text, problem_);
    case Name::text_length:
      if (!read_number(value, "text_length", {.min = 0, .max = 1e9}, number, problem_)) {
        return false;
      }
      draft_.text_length = static_cast<std::int64_t>(number);
      return true;
    case Name::products:
      return !event.items.empty() || read_items(value, "products", draft_, problem_);
    default:
      return read_items(value, "items", draft_, problem_);
  }
}

bool EventReader::read_commerce(Name name, const JsonElement& value) {
  constexpr NumberRange kMoney{.min = 0, .max = 1e15};
  event::Event& event = draft_.event;
  switch (name) {
    case Name::order_id:
      return read_id(value, "order_id", 100, event.order_id, problem_);
    case Name::transaction_id:
      return !event.order_id.empty() ||
             read_id(value, "transaction_id", 100, event.order_id, problem_);
    case Name::revenue:
      draft_.has_revenue = read_number(value, "revenue", kMoney, event.revenue, problem_);
      return draft_.has_revenue;
    case Name::currency:
      return read_currency(value, event.currency, problem_);
    case Name::cart_value:
      return read_number(value, "cart_value", kMoney, draft_.cart_value, problem_);
    case Name::checkout_step:
      return read_id(value, "checkout_step", 50, draft_.checkout_step, problem_);
    case Name::time_on_page:
      return read_number(value, "time_on_page", {.min = 0, .max = 604800, .text_allowed = true},
                         draft_.time_on_page, problem_);
    case Name::query:
      return read_text(value, "query", 500, draft_.search_query, problem_);
    case Name::search_term:
      return !draft_.search_query.empty() ||
             read_text(value, "search_term", 500, draft_.search_query, problem_);
    case Name::decision_id:
      return read_uuid(value, "decision_id", event.decision_id, problem_);
    case Name::performance:
      return read_performance(value, "performance", draft_.performance_json, problem_);
    default:
      return read_data(value, draft_.data_json, rules(), problem_);
  }
}

bool EventReader::read_tag(Name name, const JsonElement& value) {
  event::Event& event = draft_.event;
  std::string& out = name == Name::utm_source     ? event.utm_source
                     : name == Name::utm_medium   ? event.utm_medium
                     : name == Name::utm_campaign ? event.utm_campaign
                     : name == Name::utm_content  ? event.utm_content
                                                  : event.utm_term;
  return read_text(value, tag_name(name), 100, out, problem_);
}

/// What only somebody with a key may say about the visitor; others' is not even stored.
bool EventReader::read_claimed(Name name, const JsonElement& value) {
  if (!context_.trusted) return true;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return problem_.broken(name == Name::ip        ? "ip"
                           : name == Name::country ? "country"
                                                   : "user_agent",
                           "must be a text");
  }
  if (name == Name::ip) {
    if (!Address::parse(text)) return problem_.broken("ip", "must be an IPv4 or IPv6 address");
    draft_.client_ip = text;
    return true;
  }
  if (name == Name::country) {
    if (text.size() != 2 || !is_letter(text[0]) || !is_letter(text[1])) {
      return problem_.broken("country", "must be two letters, like DE");
    }
    draft_.country = text;
    return true;
  }
  return read_text(value, "user_agent", kUserAgentBytesMax, draft_.event.user_agent, problem_);
}

}  // namespace attune::collect
