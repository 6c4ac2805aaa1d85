#include "serve/gorse_events.h"

#include <fmt/format.h>

#include "collect/text.h"
#include "event/codec.h"
#include "serve/json_text.h"

namespace attune::serve::gorse {
namespace {

constexpr std::size_t kVisitorCharactersMax = 100;
constexpr std::size_t kEventLabelsBytesMax = 8192;
constexpr std::int64_t kHistoryMs = 48LL * 3600 * 1000;  // well within the live stream's 72 hours
constexpr std::int64_t kHistoryStreamMs = 3'600'000;
constexpr std::string_view kHistoryKind = "gorse";

/// A name of feedback as a name of an event: 1 to 50 of a-z 0-9 _ . : -
std::string event_name(std::string_view type) {
  std::string name;
  for (char c : type.substr(0, 50)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      std::string_view("_.:-").find(c) != std::string_view::npos;
    name.push_back(fits ? c : '_');
  }
  return name;
}

/// A custom name that happens to be one of our kinds would need what that kind needs.
std::string custom_name(std::string_view type) {
  std::string name = event_name(type);
  return event::parse_kind(name) ? "feedback." + name.substr(0, 41) : name;
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_string(out, text);
}

void begin_event(std::string& out, const event::Site& site, std::string_view type,
                 std::string_view user) {
  if (out.size() > 1) out.push_back(',');
  out += "{\"site\":\"" + site.id.text() + "\"";
  append_text(out, "type", type);
  append_text(out, "visitor_id", collect::cut(user, kVisitorCharactersMax));
  append_text(out, "user_id", user);
}

void append_items(std::string& out, std::span<const std::string> items) {
  out += ",\"items\":[";
  for (const std::string& item : items) {
    if (out.back() != '[') out.push_back(',');
    out += "{\"id\":";
    append_json_string(out, item);
    out.push_back('}');
  }
  out.push_back(']');
}

void append_feedback(std::string& out, const event::Site& site, const Feedback& row,
                     std::string_view kind) {
  begin_event(out, site, kind, row.user);
  // The same feedback sent again is the same event.
  const std::string name = fmt::format("{}\x1f{}\x1f{}\x1f{}", row.type, row.user, row.item,
                                       row.timestamp_us);
  append_text(out, "event_id", Uuid::from_name(site.id, name).text());
  append_text(out, "timestamp", rfc3339(row.timestamp_us));
  append_items(out, std::span(&row.item, 1));
  out += ",\"data\":{\"feedback_type\":";
  append_json_string(out, row.type);
  out += ",\"value\":";
  append_json_number(out, row.value);
  if (row.labels != "null" && row.labels.size() <= kEventLabelsBytesMax) {
    out += ",\"labels\":" + row.labels;
  }
  out += "}}";
}

}  // namespace

EventBatches events_of(const event::Site& site, const std::vector<Feedback>& feedback,
                       const Rules& rules, std::int64_t now_ms) {
  EventBatches batches;
  for (const Feedback& row : feedback) {
    const bool is_old = row.timestamp_us < (now_ms - kHistoryMs) * 1000;
    const std::string_view kind = rules.kind_of(row.type);
    const std::string type =
        kind.empty() || kind == "custom" ? custom_name(row.type) : std::string(kind);
    append_feedback(is_old ? batches.history : batches.live, site, row, type);
  }
  return batches;
}

EventBatches events_of_deleted(const event::Site& site, const std::vector<Feedback>& feedback,
                               const Rules& rules) {
  EventBatches batches;
  for (const Feedback& row : feedback) {
    const std::string_view kind = rules.kind_of(row.type);
    const std::string_view opposite = kind == "wishlist_add" ? "wishlist_remove"
                                      : kind == "cart_add"   ? "cart_remove"
                                                             : "";
    if (opposite.empty()) continue;
    begin_event(batches.live, site, opposite, row.user);
    append_items(batches.live, std::span(&row.item, 1));
    batches.live.push_back('}');
  }
  return batches;
}

EventBatches events_of_shown(const event::Site& site, std::string_view user, const Uuid& decision,
                             std::span<const std::string> items) {
  EventBatches batches;
  begin_event(batches.live, site, "recommendation_shown", user);
  append_text(batches.live, "decision_id", decision.text());
  append_items(batches.live, items);
  batches.live.push_back('}');
  return batches;
}

Result<journal::RecordBatch> EventWriter::collect(const Call& call, const event::Site& site,
                                                  const std::string& json, std::uint32_t stream) {
  collect::RequestContext context;  // of the person, not of the program that speaks for them
  context.received_ms = call.request().received_ms;
  context.trusted = true;
  context.key_site = site.id;
  context.stream = stream;
  collect::Intake intake =
      api_.import_collector->collect(*api_.control().sites(), context, json + "]");
  if (intake.refused) return tl::unexpected<Error>(*intake.refused);
  for (const collect::EventVerdict& verdict : intake.verdicts) {
    if (verdict.error && verdict.error->code() != ErrorCode::already_exists) {
      return tl::unexpected<Error>(*verdict.error);
    }
  }
  return std::move(intake.batch);
}

Result<std::uint32_t> EventWriter::history_stream(const Uuid& site) {
  for (const ImportInfo& import : api_.control().list_imports(site)) {
    if (import.kind != kHistoryKind || import.finished_ms != 0) continue;
    if (api_.clock().now_ms() - import.created_ms < kHistoryStreamMs) return import.stream;
    event::ImportEnd end;
    end.site = site;
    end.stream = import.stream;
    end.received_ms = api_.clock().now_ms();
    journal::RecordBatch batch;
    event::encode(end, batch.bytes);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
    ATTUNE_TRY(append_and_wait(*api_.parts.journal, std::move(batch)));
    ATTUNE_TRY(api_.control().finish_import(import.stream));
  }
  ATTUNE_ASSIGN(const ImportInfo made,
                api_.control().begin_import(site, kHistoryKind, "feedback of the past"));
  return made.stream;
}

Result<void> EventWriter::write(const Call& call, const event::Site& site,
                                const EventBatches& batches) {
  journal::RecordBatch live;
  if (batches.live.size() > 1) {
    ATTUNE_ASSIGN(live, collect(call, site, batches.live, 0));
  }
  if (batches.history.size() > 1) {
    const std::lock_guard lock(history_mutex_);
    ATTUNE_ASSIGN(const std::uint32_t stream, history_stream(site.id));
    ATTUNE_ASSIGN(journal::RecordBatch history, collect(call, site, batches.history, stream));
    if (!history.empty()) ATTUNE_TRY(append_and_wait(*api_.parts.journal, std::move(history)));
  }
  if (!live.empty()) ATTUNE_TRY(append_and_wait(*api_.parts.journal, std::move(live)));
  return {};
}

}  // namespace attune::serve::gorse
