// Turns events, decisions and import ends into journal record bodies and back.
// A body is one type byte and then tag/value fields in ascending tag order; defaults are left out
// and unknown tags are skipped, so that an older reader can read what a newer writer wrote.
// docs/formats/events.md, section "Record encoding", is the specification.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "event/event.h"

namespace attune::event {

/// First byte of every record body. Values are stored in the journal: never renumber.
enum class RecordType : std::uint8_t {
  event = 1,
  decision = 2,
  import_end = 3,
  tick = 4,
  erased = 5,   // what was here is gone; only its length and time of receipt are left
  exposure = 6,
};

std::string_view to_string(RecordType type);

/// What kind of record a body holds, without decoding it.
///
/// Errors   data_loss: empty body; failed_precondition: a type this version does not know.
[[nodiscard]] Result<RecordType> record_type(std::string_view body);

/// Appends the body of one record to `out` (as in `batch.bytes`; then push its end).
void encode(const Event& event, std::string& out);
void encode(const Decision& decision, std::string& out);
void encode(const Exposure& exposure, std::string& out);
void encode(const ImportEnd& end, std::string& out);
void encode(const Tick& tick, std::string& out);

/// Length of the shortest record that can say when it was received.
inline constexpr std::size_t kErasedBytesMin = 9;

/// What is left of a record after its person was erased: `bytes` bytes that hold nothing but
/// `received_ms`.
/// bytes   at least kErasedBytesMin; shorter ones are all type byte and zeros.
std::string erased_body(std::int64_t received_ms, std::size_t bytes);

/// When an erased record had been received; 0 when it was too short to say.
std::int64_t erased_received_ms(std::string_view body);

/// `Item`, as it lies in a record body.
struct ItemView {
  std::string_view id;
  std::string_view category;
  std::string_view name;
  std::string_view brand;
  double price = -1;
  double quantity = 1;
};

/// `Event` without copies: every text points into the record body, so it lives as long as that
/// does. Field by field the same names and defaults as `Event`; reuse one view to reuse its `items`
/// memory.
struct EventView {
  Uuid site;
  Uuid event_id;
  bool has_client_event_id = false;
  Kind kind = Kind::custom;
  std::string_view event_type;  // never empty after decode
  std::int64_t timestamp_ms = 0;
  std::int64_t received_ms = 0;
  std::uint32_t stream = 0;
  std::string_view session_id;
  std::string_view visitor_id;
  std::string_view user_id;
  std::string_view url;
  std::string_view path;
  std::string_view query;
  std::string_view fragment;
  std::string_view title;
  std::string_view referrer;
  ReferrerType referrer_type = ReferrerType::direct;
  std::string_view referrer_platform;
  std::string_view utm_source;
  std::string_view utm_medium;
  std::string_view utm_campaign;
  std::string_view utm_content;
  std::string_view utm_term;
  std::string_view user_agent;
  std::string_view browser;
  std::string_view os;
  DeviceType device = DeviceType::unknown;
  bool is_bot = false;
  std::string_view ip;
  std::string_view country;
  std::string_view language;
  std::string_view timezone;
  std::int32_t screen_width = 0;
  std::int32_t screen_height = 0;
  std::int32_t viewport_width = 0;
  std::int32_t viewport_height = 0;
  double device_pixel_ratio = 0;
  std::string_view element_tag;
  std::string_view element_classes;
  std::string_view element_id;
  std::int32_t scroll_percentage = -1;
  std::string_view form_id;
  std::string_view form_action;
  std::string_view form_method;
  std::int32_t field_count = -1;
  std::string_view form_data_json;
  std::vector<ItemView> items;
  std::string_view order_id;
  double revenue = 0;
  std::string_view currency;
  Uuid decision_id;
  std::string_view raw_json;
};

/// Reads a body whose type is `event`; `out` is reset first, and its texts point into `body`.
///
/// Errors   data_loss: not a body that `encode` could have written, with what is wrong;
///          failed_precondition: a field that must be understood is of a newer version.
/// Threads  any. Does not allocate unless the event has more items than `out` held before.
[[nodiscard]] Result<void> decode(std::string_view body, EventView& out);

/// As above, into values of their own. Errors as above.
[[nodiscard]] Result<void> decode(std::string_view body, Event& out);
[[nodiscard]] Result<void> decode(std::string_view body, Decision& out);
[[nodiscard]] Result<void> decode(std::string_view body, Exposure& out);
[[nodiscard]] Result<void> decode(std::string_view body, ImportEnd& out);
[[nodiscard]] Result<void> decode(std::string_view body, Tick& out);

/// Copies a view into an event of its own.
void copy(const EventView& view, Event& out);

}  // namespace attune::event
