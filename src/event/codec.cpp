// Event bodies are read into views: a text field is one table look-up and two pointers, which is
// what lets the ETL read millions of records a second. Writing and reading name each tag once, side
// by side in the tables of docs/formats/events.md, section 12.
#include "event/codec.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "event/fields.h"

namespace attune::event {
namespace {

constexpr std::uint64_t kFlagClientEventId = 1;
constexpr std::uint64_t kFlagBot = 2;
constexpr std::uint64_t kFlagsKnown = kFlagClientEventId | kFlagBot;

using Text = std::string_view EventView::*;

/// The text fields of an event by tag; null for tags of another wire.
constexpr std::array<Text, 53> kTexts = [] {
  std::array<Text, 53> texts{};
  texts.fill(nullptr);  // gcc 12 would leave the gaps as offset 0, which is a member, not null
  texts[4] = &EventView::event_type;
  texts[9] = &EventView::session_id;
  texts[10] = &EventView::visitor_id;
  texts[11] = &EventView::user_id;
  texts[12] = &EventView::url;
  texts[13] = &EventView::path;
  texts[14] = &EventView::query;
  texts[15] = &EventView::fragment;
  texts[16] = &EventView::title;
  texts[17] = &EventView::referrer;
  texts[19] = &EventView::referrer_platform;
  texts[20] = &EventView::utm_source;
  texts[21] = &EventView::utm_medium;
  texts[22] = &EventView::utm_campaign;
  texts[23] = &EventView::utm_content;
  texts[24] = &EventView::utm_term;
  texts[25] = &EventView::user_agent;
  texts[26] = &EventView::browser;
  texts[27] = &EventView::os;
  texts[29] = &EventView::ip;
  texts[30] = &EventView::country;
  texts[31] = &EventView::language;
  texts[32] = &EventView::timezone;
  texts[38] = &EventView::element_tag;
  texts[39] = &EventView::element_classes;
  texts[40] = &EventView::element_id;
  texts[42] = &EventView::form_id;
  texts[43] = &EventView::form_action;
  texts[44] = &EventView::form_method;
  texts[46] = &EventView::form_data_json;
  texts[48] = &EventView::order_id;
  texts[50] = &EventView::currency;
  texts[52] = &EventView::raw_json;
  return texts;
}();

constexpr std::uint32_t kEventTagMax = static_cast<std::uint32_t>(kTexts.size()) - 1;

tl::unexpected<Error> damaged(std::string_view type, std::string_view what, std::size_t offset) {
  return fail(ErrorCode::data_loss, fmt::format("{} record, byte {}: {}", type, offset, what));
}

tl::unexpected<Error> newer(std::string_view type, std::string_view what, std::uint64_t value) {
  return fail(ErrorCode::failed_precondition,
              fmt::format("{} record: {} {} is of a newer version", type, what, value));
}

/// The verdict after the last field, or after one that was wrong.
Result<void> finish(std::string_view type, const FieldReader& reader, std::size_t header_bytes) {
  if (reader.problem() == nullptr) return {};
  return damaged(type, reader.problem(), reader.offset() + header_bytes);
}

/// Why a field could not be taken over; `none` when it could.
enum class Bad : std::uint8_t { none, wire, range, newer_value, unknown_tag };

Bad take_int32(const Field& field, std::int32_t& out) {
  if (field.wire != Wire::varint) return Bad::wire;
  const std::int64_t value = unzigzag(field.number);
  if (value < std::numeric_limits<std::int32_t>::min() ||
      value > std::numeric_limits<std::int32_t>::max()) {
    return Bad::range;
  }
  out = static_cast<std::int32_t>(value);
  return Bad::none;
}

Bad take_uint32(const Field& field, std::uint32_t& out) {
  if (field.wire != Wire::varint) return Bad::wire;
  if (field.number > std::numeric_limits<std::uint32_t>::max()) return Bad::range;
  out = static_cast<std::uint32_t>(field.number);
  return Bad::none;
}

Bad take_uint64(const Field& field, std::uint64_t& out) {
  if (field.wire != Wire::varint) return Bad::wire;
  out = field.number;
  return Bad::none;
}

Bad take_int64(const Field& field, std::int64_t& out) {
  if (field.wire != Wire::varint) return Bad::wire;
  out = unzigzag(field.number);
  return Bad::none;
}

Bad take_real(const Field& field, double& out) {
  if (field.wire != Wire::fixed64) return Bad::wire;
  out = field.real();
  return Bad::none;
}

Bad take_uuid(const Field& field, Uuid& out) {
  if (field.wire != Wire::fixed128) return Bad::wire;
  out = field.uuid();
  return Bad::none;
}

template <class String>
Bad take_text(const Field& field, String& out) {
  if (field.wire != Wire::bytes) return Bad::wire;
  out = field.text;
  return Bad::none;
}

template <class Enum>
Bad take_enum(const Field& field, Enum first, Enum last, Enum& out) {
  if (field.wire != Wire::varint) return Bad::wire;
  if (field.number < static_cast<std::uint64_t>(first) ||
      field.number > static_cast<std::uint64_t>(last)) {
    return Bad::newer_value;
  }
  out = static_cast<Enum>(field.number);
  return Bad::none;
}

/// Turns what was wrong with a field into an error; unknown tags that may be skipped are none.
Result<void> judge(std::string_view type, const Field& field, Bad bad, std::size_t offset) {
  switch (bad) {
    case Bad::none:
      return {};
    case Bad::wire:
      return damaged(type, fmt::format("field {} has another wire type", field.tag), offset);
    case Bad::range:
      return damaged(type, fmt::format("field {} is out of range", field.tag), offset);
    case Bad::newer_value:
      return newer(type, fmt::format("value of field {},", field.tag), field.number);
    case Bad::unknown_tag:
      if (field.tag < kMustUnderstandTag) return {};
      return newer(type, "field", field.tag);
  }
  return {};
}

void encode_item(const Item& item, std::string& scratch) {
  FieldWriter fields(scratch);
  fields.text(1, item.id);
  fields.text(2, item.category);
  fields.text(3, item.name);
  fields.real(4, item.price, -1);
  fields.real(5, item.quantity, 1);
  fields.text(6, item.brand);
}

Bad take_item_field(const Field& field, ItemView& item) {
  switch (field.tag) {
    case 1:
      return take_text(field, item.id);
    case 2:
      return take_text(field, item.category);
    case 3:
      return take_text(field, item.name);
    case 4:
      return take_real(field, item.price);
    case 5:
      return take_real(field, item.quantity);
    case 6:
      return take_text(field, item.brand);
    default:
      return Bad::unknown_tag;
  }
}

Result<void> decode_item(std::string_view bytes, ItemView& item) {
  FieldReader reader(bytes);
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == last_tag) return damaged("item", "a field stands twice", reader.offset());
    last_tag = field.tag;
    const Bad bad = take_item_field(field, item);
    if (bad != Bad::none) ATTUNE_TRY(judge("item", field, bad, reader.offset()));
  }
  return finish("item", reader, 0);
}

void encode_identity(const Event& event, FieldWriter& fields) {
  fields.always_uuid(1, event.site);
  fields.always_uuid(2, event.event_id);
  fields.always_number(3, static_cast<std::uint64_t>(event.kind));
  if (event.event_type != to_string(event.kind)) fields.text(4, event.event_type);
  fields.always_number(5, zigzag(event.received_ms));
  // Unsigned subtraction: any two times have a difference, also those no clock ever showed.
  fields.signed_number(6, static_cast<std::int64_t>(static_cast<std::uint64_t>(event.timestamp_ms) -
                                                    static_cast<std::uint64_t>(event.received_ms)));
  fields.number(
      7, (event.has_client_event_id ? kFlagClientEventId : 0) | (event.is_bot ? kFlagBot : 0));
  fields.number(8, event.stream);
  fields.text(9, event.session_id);
  fields.text(10, event.visitor_id);
  fields.text(11, event.user_id);
}

void encode_page(const Event& event, FieldWriter& fields) {
  fields.text(12, event.url);
  fields.text(13, event.path);
  fields.text(14, event.query);
  fields.text(15, event.fragment);
  fields.text(16, event.title);
  fields.text(17, event.referrer);
  fields.number(18, static_cast<std::uint64_t>(event.referrer_type));
  fields.text(19, event.referrer_platform);
  fields.text(20, event.utm_source);
  fields.text(21, event.utm_medium);
  fields.text(22, event.utm_campaign);
  fields.text(23, event.utm_content);
  fields.text(24, event.utm_term);
}

void encode_device(const Event& event, FieldWriter& fields) {
  fields.text(25, event.user_agent);
  fields.text(26, event.browser);
  fields.text(27, event.os);
  fields.number(28, static_cast<std::uint64_t>(event.device));
  fields.text(29, event.ip);
  fields.text(30, event.country);
  fields.text(31, event.language);
  fields.text(32, event.timezone);
  fields.signed_number(33, event.screen_width);
  fields.signed_number(34, event.screen_height);
  fields.signed_number(35, event.viewport_width);
  fields.signed_number(36, event.viewport_height);
  fields.real(37, event.device_pixel_ratio);
}

void encode_action(const Event& event, FieldWriter& fields) {
  fields.text(38, event.element_tag);
  fields.text(39, event.element_classes);
  fields.text(40, event.element_id);
  fields.signed_number(41, event.scroll_percentage, -1);
  fields.text(42, event.form_id);
  fields.text(43, event.form_action);
  fields.text(44, event.form_method);
  fields.signed_number(45, event.field_count, -1);
  fields.text(46, event.form_data_json);
  std::string item_bytes;
  for (const Item& item : event.items) {
    item_bytes.clear();
    encode_item(item, item_bytes);
    fields.always_text(47, item_bytes);
  }
  fields.text(48, event.order_id);
  fields.real(49, event.revenue);
  fields.text(50, event.currency);
  fields.uuid(51, event.decision_id);
  fields.text(52, event.raw_json);
}

/// The fields of an event that are no texts and no items; times and flags need each other, so they
/// are gathered here first.
struct EventNumbers {
  std::int64_t timestamp_delta_ms = 0;
  std::uint64_t flags = 0;
};

Bad take_event_number(const Field& field, EventView& out, EventNumbers& numbers) {
  switch (field.tag) {
    case 1:
      return take_uuid(field, out.site);
    case 2:
      return take_uuid(field, out.event_id);
    case 3:
      return take_enum(field, Kind::pageview, Kind::performance, out.kind);
    case 5:
      return take_int64(field, out.received_ms);
    case 6:
      return take_int64(field, numbers.timestamp_delta_ms);
    case 7:
      return take_uint64(field, numbers.flags);
    case 8:
      return take_uint32(field, out.stream);
    case 18:
      return take_enum(field, ReferrerType::direct, ReferrerType::internal, out.referrer_type);
    case 28:
      return take_enum(field, DeviceType::unknown, DeviceType::bot, out.device);
    case 33:
      return take_int32(field, out.screen_width);
    case 34:
      return take_int32(field, out.screen_height);
    case 35:
      return take_int32(field, out.viewport_width);
    case 36:
      return take_int32(field, out.viewport_height);
    case 37:
      return take_real(field, out.device_pixel_ratio);
    case 41:
      return take_int32(field, out.scroll_percentage);
    case 45:
      return take_int32(field, out.field_count);
    case 49:
      return take_real(field, out.revenue);
    case 51:
      return take_uuid(field, out.decision_id);
    default:
      return Bad::unknown_tag;
  }
}

constexpr std::uint32_t kItemTag = 47;

Result<void> check_type(std::string_view body, RecordType expected) {
  ATTUNE_ASSIGN(const RecordType type, record_type(body));
  if (type == expected) return {};
  return fail(ErrorCode::data_loss, fmt::format("a record of type {} where {} was expected",
                                                to_string(type), to_string(expected)));
}

void encode_decided_item(const DecidedItem& item, std::string& scratch) {
  FieldWriter fields(scratch);
  fields.text(1, item.item_id);
  fields.number(2, item.rank);
  fields.real(3, item.score);
  fields.real(4, item.raw_score);
  fields.real(5, item.propensity, 1);
  fields.text(6, item.strategy);
  fields.text(7, item.reason);
}

Bad take_decided_item_field(const Field& field, DecidedItem& item) {
  switch (field.tag) {
    case 1:
      return take_text(field, item.item_id);
    case 2:
      return take_uint32(field, item.rank);
    case 3:
      return take_real(field, item.score);
    case 4:
      return take_real(field, item.raw_score);
    case 5:
      return take_real(field, item.propensity);
    case 6:
      return take_text(field, item.strategy);
    case 7:
      return take_text(field, item.reason);
    default:
      return Bad::unknown_tag;
  }
}

Result<void> decode_decided_item(std::string_view bytes, DecidedItem& item) {
  FieldReader reader(bytes);
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == last_tag) {
      return damaged("decided item", "a field stands twice", reader.offset());
    }
    last_tag = field.tag;
    const Bad bad = take_decided_item_field(field, item);
    if (bad != Bad::none) ATTUNE_TRY(judge("decided item", field, bad, reader.offset()));
  }
  return finish("decided item", reader, 0);
}

Bad take_decision_field(const Field& field, Decision& out) {
  switch (field.tag) {
    case 1:
      return take_uuid(field, out.decision_id);
    case 2:
      return take_uuid(field, out.site);
    case 3:
      return take_int64(field, out.decided_ms);
    case 4:
      return take_text(field, out.session_id);
    case 5:
      return take_text(field, out.visitor_id);
    case 6:
      return take_text(field, out.type);
    case 7:
      return take_text(field, out.placement);
    case 8:
      return take_text(field, out.context_json);
    case 9:
      return take_text(field, out.model_version);
    case 10:
      return take_text(field, out.factors_json);
    case 11:
      return take_uint32(field, out.eligible_count);
    case 12:
      return take_uint64(field, out.eligible_hash);
    case 13:
      return take_uint64(field, out.seed);
    default:
      return Bad::unknown_tag;
  }
}

constexpr std::uint32_t kDecidedItemTag = 14;

Bad take_exposure_field(const Field& field, Exposure& out) {
  switch (field.tag) {
    case 1:
      return take_uuid(field, out.site);
    case 2:
      return take_int64(field, out.received_ms);
    case 3:
      return take_int64(field, out.exposed_ms);   // the difference, until all are read
    case 4:
      return take_text(field, out.visitor_id);
    case 5:
      return take_text(field, out.session_id);
    case 6:
      return take_text(field, out.test_key);
    case 7:
      return take_text(field, out.variation_id);
    case 8:
      return take_text(field, out.source);
    case 9:
      return take_real(field, out.propensity);
    case 10:
      return take_text(field, out.attributes_json);
    default:
      return Bad::unknown_tag;
  }
}

constexpr std::uint32_t kExposureTagMax = 10;

}  // namespace

std::string_view to_string(RecordType type) {
  switch (type) {
    case RecordType::event:
      return "event";
    case RecordType::decision:
      return "decision";
    case RecordType::import_end:
      return "import_end";
    case RecordType::tick:
      return "tick";
    case RecordType::erased:
      return "erased";
    case RecordType::exposure:
      return "exposure";
  }
  return "unknown";
}

Result<RecordType> record_type(std::string_view body) {
  if (body.empty()) return fail(ErrorCode::data_loss, "an empty record body");
  const auto type = static_cast<std::uint8_t>(body.front());
  if (type < static_cast<std::uint8_t>(RecordType::event) ||
      type > static_cast<std::uint8_t>(RecordType::exposure)) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("record type {} is of a newer version", type));
  }
  return static_cast<RecordType>(type);
}

void encode(const Event& event, std::string& out) {
  out.push_back(static_cast<char>(RecordType::event));
  FieldWriter fields(out);
  encode_identity(event, fields);
  encode_page(event, fields);
  encode_device(event, fields);
  encode_action(event, fields);
}

void encode(const Decision& decision, std::string& out) {
  out.push_back(static_cast<char>(RecordType::decision));
  FieldWriter fields(out);
  fields.always_uuid(1, decision.decision_id);
  fields.always_uuid(2, decision.site);
  fields.always_number(3, zigzag(decision.decided_ms));
  fields.text(4, decision.session_id);
  fields.text(5, decision.visitor_id);
  if (decision.type != "product") fields.always_text(6, decision.type);
  fields.text(7, decision.placement);
  fields.text(8, decision.context_json);
  fields.text(9, decision.model_version);
  fields.text(10, decision.factors_json);
  fields.number(11, decision.eligible_count);
  fields.number(12, decision.eligible_hash);
  fields.number(13, decision.seed);
  std::string item_bytes;
  for (const DecidedItem& item : decision.items) {
    item_bytes.clear();
    encode_decided_item(item, item_bytes);
    fields.always_text(kDecidedItemTag, item_bytes);
  }
}

void encode(const Exposure& exposure, std::string& out) {
  out.push_back(static_cast<char>(RecordType::exposure));
  FieldWriter fields(out);
  fields.always_uuid(1, exposure.site);
  fields.always_number(2, zigzag(exposure.received_ms));
  // Unsigned, as for events: any two times have a difference.
  fields.signed_number(3,
                       static_cast<std::int64_t>(static_cast<std::uint64_t>(exposure.exposed_ms) -
                                                 static_cast<std::uint64_t>(exposure.received_ms)));
  fields.text(4, exposure.visitor_id);
  fields.text(5, exposure.session_id);
  fields.text(6, exposure.test_key);
  fields.text(7, exposure.variation_id);
  fields.text(8, exposure.source);
  fields.real(9, exposure.propensity, 1);
  fields.text(10, exposure.attributes_json);
}

void encode(const ImportEnd& end, std::string& out) {
  out.push_back(static_cast<char>(RecordType::import_end));
  FieldWriter fields(out);
  fields.always_uuid(1, end.site);
  fields.number(2, end.stream);
  fields.always_number(3, zigzag(end.received_ms));
}

std::string erased_body(std::int64_t received_ms, std::size_t bytes) {
  std::string body(bytes, '\0');
  if (!body.empty()) body[0] = static_cast<char>(RecordType::erased);
  if (bytes < kErasedBytesMin) return body;
  for (std::size_t i = 0; i < sizeof received_ms; ++i) {
    body[1 + i] = static_cast<char>(static_cast<std::uint64_t>(received_ms) >> (8 * i));
  }
  return body;
}

std::int64_t erased_received_ms(std::string_view body) {
  if (body.size() < kErasedBytesMin) return 0;
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < sizeof time; ++i) {
    time |= static_cast<std::uint64_t>(static_cast<unsigned char>(body[1 + i])) << (8 * i);
  }
  return static_cast<std::int64_t>(time);
}

void encode(const Tick& tick, std::string& out) {
  out.push_back(static_cast<char>(RecordType::tick));
  FieldWriter fields(out);
  fields.always_number(1, zigzag(tick.received_ms));
}

Result<void> decode(std::string_view body, EventView& out) {
  ATTUNE_TRY(check_type(body, RecordType::event));
  std::vector<ItemView> items = std::move(out.items);
  items.clear();
  out = EventView{};
  out.items = std::move(items);
  out.kind = static_cast<Kind>(0);
  FieldReader reader(body.substr(1));
  EventNumbers numbers;
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == last_tag && field.tag <= kEventTagMax && field.tag != kItemTag) {
      return damaged("event", "a field stands twice", reader.offset() + 1);
    }
    last_tag = field.tag;
    if (field.tag <= kEventTagMax && kTexts[field.tag] != nullptr && field.wire == Wire::bytes) {
      out.*kTexts[field.tag] = field.text;
      continue;
    }
    if (field.tag == kItemTag && field.wire == Wire::bytes) {
      ATTUNE_TRY(decode_item(field.text, out.items.emplace_back()));
      continue;
    }
    const bool text_tag =
        field.tag <= kEventTagMax && (kTexts[field.tag] != nullptr || field.tag == kItemTag);
    const Bad bad = text_tag ? Bad::wire : take_event_number(field, out, numbers);
    if (bad != Bad::none) ATTUNE_TRY(judge("event", field, bad, reader.offset() + 1));
  }
  ATTUNE_TRY(finish("event", reader, 1));
  if (out.kind == static_cast<Kind>(0)) return damaged("event", "no kind", body.size());
  if ((numbers.flags & ~kFlagsKnown) != 0) return newer("event", "a flag of", numbers.flags);
  out.has_client_event_id = (numbers.flags & kFlagClientEventId) != 0;
  out.is_bot = (numbers.flags & kFlagBot) != 0;
  out.timestamp_ms =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(out.received_ms) +
                                static_cast<std::uint64_t>(numbers.timestamp_delta_ms));
  if (out.event_type.empty()) out.event_type = to_string(out.kind);
  return {};
}

Result<void> decode(std::string_view body, Event& out) {
  EventView view;
  ATTUNE_TRY(decode(body, view));
  copy(view, out);
  return {};
}

Result<void> decode(std::string_view body, Decision& out) {
  ATTUNE_TRY(check_type(body, RecordType::decision));
  out = Decision{};
  FieldReader reader(body.substr(1));
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == kDecidedItemTag && field.wire == Wire::bytes) {
      ATTUNE_TRY(decode_decided_item(field.text, out.items.emplace_back()));
    } else {
      if (field.tag == last_tag && field.tag < kDecidedItemTag) {
        return damaged("decision", "a field stands twice", reader.offset() + 1);
      }
      const Bad bad = field.tag == kDecidedItemTag ? Bad::wire : take_decision_field(field, out);
      if (bad != Bad::none) ATTUNE_TRY(judge("decision", field, bad, reader.offset() + 1));
    }
    last_tag = field.tag;
  }
  return finish("decision", reader, 1);
}

Result<void> decode(std::string_view body, Exposure& out) {
  ATTUNE_TRY(check_type(body, RecordType::exposure));
  out = Exposure{};
  FieldReader reader(body.substr(1));
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == last_tag && field.tag <= kExposureTagMax) {
      return damaged("exposure", "a field stands twice", reader.offset() + 1);
    }
    last_tag = field.tag;
    const Bad bad = take_exposure_field(field, out);
    if (bad != Bad::none) ATTUNE_TRY(judge("exposure", field, bad, reader.offset() + 1));
  }
  out.exposed_ms = static_cast<std::int64_t>(static_cast<std::uint64_t>(out.received_ms) +
                                             static_cast<std::uint64_t>(out.exposed_ms));
  return finish("exposure", reader, 1);
}

Result<void> decode(std::string_view body, ImportEnd& out) {
  ATTUNE_TRY(check_type(body, RecordType::import_end));
  out = ImportEnd{};
  FieldReader reader(body.substr(1));
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == last_tag && field.tag <= 3) {
      return damaged("import end", "a field stands twice", reader.offset() + 1);
    }
    last_tag = field.tag;
    Bad bad = Bad::unknown_tag;
    if (field.tag == 1) bad = take_uuid(field, out.site);
    if (field.tag == 2) bad = take_uint32(field, out.stream);
    if (field.tag == 3) bad = take_int64(field, out.received_ms);
    if (bad != Bad::none) ATTUNE_TRY(judge("import end", field, bad, reader.offset() + 1));
  }
  return finish("import end", reader, 1);
}

Result<void> decode(std::string_view body, Tick& out) {
  ATTUNE_TRY(check_type(body, RecordType::tick));
  out = Tick{};
  FieldReader reader(body.substr(1));
  Field field;
  std::uint32_t last_tag = 0;
  while (reader.next(field)) {
    if (field.tag == last_tag && field.tag == 1) {
      return damaged("tick", "a field stands twice", reader.offset() + 1);
    }
    last_tag = field.tag;
    const Bad bad = field.tag == 1 ? take_int64(field, out.received_ms) : Bad::unknown_tag;
    if (bad != Bad::none) ATTUNE_TRY(judge("tick", field, bad, reader.offset() + 1));
  }
  return finish("tick", reader, 1);
}

namespace {

void copy_numbers(const EventView& view, Event& out) {
  out.site = view.site;
  out.event_id = view.event_id;
  out.has_client_event_id = view.has_client_event_id;
  out.kind = view.kind;
  out.timestamp_ms = view.timestamp_ms;
  out.received_ms = view.received_ms;
  out.stream = view.stream;
  out.referrer_type = view.referrer_type;
  out.device = view.device;
  out.is_bot = view.is_bot;
  out.screen_width = view.screen_width;
  out.screen_height = view.screen_height;
  out.viewport_width = view.viewport_width;
  out.viewport_height = view.viewport_height;
  out.device_pixel_ratio = view.device_pixel_ratio;
  out.scroll_percentage = view.scroll_percentage;
  out.field_count = view.field_count;
  out.revenue = view.revenue;
  out.decision_id = view.decision_id;
}

}  // namespace

void copy(const EventView& view, Event& out) {
  copy_numbers(view, out);
  out.event_type = view.event_type;
  out.session_id = view.session_id;
  out.visitor_id = view.visitor_id;
  out.user_id = view.user_id;
  out.url = view.url;
  out.path = view.path;
  out.query = view.query;
  out.fragment = view.fragment;
  out.title = view.title;
  out.referrer = view.referrer;
  out.referrer_platform = view.referrer_platform;
  out.utm_source = view.utm_source;
  out.utm_medium = view.utm_medium;
  out.utm_campaign = view.utm_campaign;
  out.utm_content = view.utm_content;
  out.utm_term = view.utm_term;
  out.user_agent = view.user_agent;
  out.browser = view.browser;
  out.os = view.os;
  out.ip = view.ip;
  out.country = view.country;
  out.language = view.language;
  out.timezone = view.timezone;
  out.element_tag = view.element_tag;
  out.element_classes = view.element_classes;
  out.element_id = view.element_id;
  out.form_id = view.form_id;
  out.form_action = view.form_action;
  out.form_method = view.form_method;
  out.form_data_json = view.form_data_json;
  out.order_id = view.order_id;
  out.currency = view.currency;
  out.raw_json = view.raw_json;
  out.items.resize(view.items.size());
  for (std::size_t i = 0; i < view.items.size(); ++i) {
    const ItemView& from = view.items[i];
    Item& to = out.items[i];
    to.id = from.id;
    to.category = from.category;
    to.name = from.name;
    to.brand = from.brand;
    to.price = from.price;
    to.quantity = from.quantity;
  }
}

}  // namespace attune::event
