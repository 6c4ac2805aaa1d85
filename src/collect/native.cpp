// The document is parsed as a whole first (simdjson's DOM); that costs a tenth of what follows.
// Then event after event is read, completed, encoded. Only when the whole is not JSON are its
// events parsed one by one (mend.h).
#include "collect/native.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <map>
#include <unordered_map>

#include "base/ensure.h"
#include "base/json_writer.h"
#include "base/mutex.h"
#include "collect/draft.h"
#include "collect/event_reader.h"
#include "collect/mend.h"
#include "event/codec.h"

namespace attune::collect {
namespace {

using simdjson::dom::array;
using simdjson::dom::object;

Error parse_error(simdjson::error_code code, std::size_t depth_max, const std::string& field) {
  const auto error = [&](std::string_view what) {
    return Error(ErrorCode::invalid_argument, fmt::format("{} {}", field, what), field);
  };
  if (code == simdjson::UTF8_ERROR) return error("is not valid UTF-8");
  if (code == simdjson::DEPTH_ERROR) {
    return error(fmt::format("is nested deeper than {} levels", depth_max));
  }
  if (code == simdjson::EMPTY) return error("is empty");
  return error(fmt::format("is not complete JSON: {}", simdjson::error_message(code)));
}

void write_error(const Error& error, JsonWriter& out) {
  out.begin_object();
  out.key("code");
  out.text(to_string(error.code()));
  out.key("message");
  out.text(error.message());
  if (!error.field().empty()) {
    out.key("field");
    out.text(error.field());
  }
  out.end_object();
}

}  // namespace

struct NativeCollector::Scratch {
  Scratch(const Enricher& enricher, const IntakeLimits& limits) : completer(enricher, limits) {
    // Room for small bodies at once; the depth limit holds from then on.
    ensure(parser.allocate(16384, limits.depth_max) == simdjson::SUCCESS, "memory for a parser");
  }
  simdjson::dom::parser parser;
  Draft draft;
  Problem problem;
  EventCompleter completer;
  std::unordered_map<Uuid, std::size_t> ids;  // the client's event ids of this request
};

/// Parsers and buffers, taken for one call and given back: as many as there are calls at a time.
class NativeCollector::ScratchPool {
 public:
  std::unique_ptr<Scratch> take(const Enricher& enricher, const IntakeLimits& limits) {
    {
      const MutexLock lock(mutex_);
      if (!free_.empty()) {
        auto scratch = std::move(free_.back());
        free_.pop_back();
        return scratch;
      }
    }
    return std::make_unique<Scratch>(enricher, limits);
  }
  void give_back(std::unique_ptr<Scratch> scratch) {
    const MutexLock lock(mutex_);
    if (free_.size() < kKeptMax) free_.push_back(std::move(scratch));
  }

 private:
  static constexpr std::size_t kKeptMax = 64;
  Mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> free_ ATTUNE_THREAD(guarded_by(mutex_));
};

NativeCollector::NativeCollector(const Enricher& enricher, IntakeLimits limits)
    : enricher_(enricher), limits_(limits), pool_(std::make_unique<ScratchPool>()) {}

NativeCollector::~NativeCollector() = default;

namespace {

/// The events of a body in its three forms; `outer` is set for a batch.
struct Shape {
  const char* prefix = "";  // of a field's path, before the index
  bool is_list = false;
  array list;
  object outer;
  bool has_outer = false;
};

std::optional<Error> read_shape(const JsonElement& root, Shape& shape) {
  if (root.get_array().get(shape.list) == simdjson::SUCCESS) {
    shape.is_list = true;
    return std::nullopt;
  }
  if (root.get_object().get(shape.outer) != simdjson::SUCCESS) {
    return Error(ErrorCode::invalid_argument, "body must be an event or an array of events",
                 "body");
  }
  JsonElement events;
  if (shape.outer.at_key("events").get(events) != simdjson::SUCCESS) {
    std::string_view type;
    if (shape.outer.at_key("type").get_string().get(type) == simdjson::SUCCESS && type == "batch") {
      return Error(ErrorCode::invalid_argument, "events is required for type batch", "events");
    }
    return std::nullopt;
  }
  if (events.get_array().get(shape.list) != simdjson::SUCCESS) {
    return Error(ErrorCode::invalid_argument, "events must be an array", "events");
  }
  shape.is_list = true;
  shape.has_outer = true;
  shape.prefix = "events";
  return std::nullopt;
}

}  // namespace

Intake NativeCollector::collect(const event::SiteSnapshot& sites, const RequestContext& context,
                                std::string_view body) const {
  Intake intake;
  if (body.size() > limits_.body_bytes_max) {
    intake.refused =
        Error(ErrorCode::resource_exhausted,
              fmt::format("body is longer than {} bytes", limits_.body_bytes_max), "body");
    return intake;
  }
  auto scratch = pool_->take(enricher_, limits_);
  collect_with(*scratch, sites, context, body, intake);
  pool_->give_back(std::move(scratch));
  return intake;
}

void NativeCollector::collect_with(Scratch& scratch, const event::SiteSnapshot& sites,
                                   const RequestContext& context, std::string_view body,
                                   Intake& intake) const {
  JsonElement root;
  // Grown here, because what the parser grows by itself forgets the depth limit.
  if (scratch.parser.capacity() < body.size()) {
    ensure(scratch.parser.allocate(body.size(), limits_.depth_max) == simdjson::SUCCESS,
           "memory for a parser");
  }
  std::map<std::size_t, Error> broken;   // by index, elements that are not JSON
  if (const auto code = scratch.parser.parse(body.data(), body.size()).get(root)) {
    broken = parse_mended(scratch, body, root);
    if (broken.empty()) {
      intake.refused = parse_error(code, limits_.depth_max, "body");
      return;
    }
  }
  Shape shape;
  if (auto error = read_shape(root, shape)) {
    intake.refused = std::move(error);
    return;
  }
  const std::size_t count = shape.is_list ? shape.list.size() : 1;
  if (count == 0) {
    intake.refused = Error(ErrorCode::invalid_argument, "body has no events", "body");
    return;
  }
  if (count > limits_.batch_events_max) {
    intake.refused =
        Error(ErrorCode::resource_exhausted,
              fmt::format("body has more than {} events", limits_.batch_events_max), "body");
    return;
  }
  scratch.completer.begin(context);
  scratch.ids.clear();
  intake.verdicts.reserve(count);
  intake.batch.ends.reserve(count);
  intake.batch.bytes.reserve(body.size() * 3);
  if (!shape.is_list) {
    add_event(scratch, sites, nullptr, root, "", intake);
    return;
  }
  std::string prefix;
  for (const JsonElement element : shape.list) {
    if (const auto found = broken.find(intake.verdicts.size()); found != broken.end()) {
      intake.verdicts.emplace_back().error = std::move(found->second);
      ++intake.rejected_count;
      continue;
    }
    prefix.assign(shape.prefix).append("[");
    prefix.append(fmt::format_int(intake.verdicts.size()).c_str()).append("].");
    add_event(scratch, sites, shape.has_outer ? &root : nullptr, element, prefix, intake);
  }
}

std::map<std::size_t, Error> NativeCollector::parse_mended(Scratch& scratch, std::string_view body,
                                                           JsonElement& root) const {
  std::map<std::size_t, Error> errors;
  std::vector<Span> broken;
  const std::vector<Span> spans = event_spans(body, limits_.batch_events_max + 1);
  if (spans.empty()) return {};
  const bool in_object = body[body.find_first_not_of(" \t\r\n")] == '{';
  for (std::size_t index = 0; index < spans.size(); ++index) {
    const auto [begin, end] = spans[index];
    const auto code = scratch.parser.parse(body.data() + begin, end - begin).error();
    if (code == simdjson::SUCCESS) continue;
    const std::string field = fmt::format("{}[{}]", in_object ? "events" : "", index);
    errors.emplace(index, parse_error(code, limits_.depth_max, field));
    broken.push_back(spans[index]);
  }
  if (errors.empty()) return {};
  // The parser copies what it is given.
  const std::string mended = without(body, broken);
  if (scratch.parser.parse(mended).get(root) != simdjson::SUCCESS) return {};
  return errors;
}

void NativeCollector::add_event(Scratch& scratch, const event::SiteSnapshot& sites,
                                const JsonElement* outer, const JsonElement& element,
                                std::string_view prefix, Intake& intake) const {
  EventVerdict& verdict = intake.verdicts.emplace_back();
  const auto reject = [&](std::string_view at) {
    verdict.error = scratch.problem.error(at);
    ++intake.rejected_count;
  };
  Draft& draft = scratch.draft;
  draft.clear();
  EventReader reader(sites, scratch.completer.context(), draft, scratch.problem);
  if (outer != nullptr && !reader.read(outer->get_object().value_unsafe(), true)) return reject("");
  object members;
  if (element.get_object().get(members) != simdjson::SUCCESS) {
    scratch.problem.broken("", "must be an object");
    return reject(prefix);
  }
  if (!reader.read(members, false)) return reject(prefix);
  const event::Site* site = reader.site();
  if (site == nullptr) return reject(prefix);
  if (!draft.has_type) {
    scratch.problem.broken("type", "is required");
    return reject(prefix);
  }
  event::Event& event = draft.event;
  if (event.has_client_event_id) {
    const auto [earlier, is_new] =
        scratch.ids.try_emplace(event.event_id, intake.verdicts.size() - 1);
    if (!is_new) {
      scratch.problem.broken(
          "event_id", fmt::format("stands earlier in this request (index {})", earlier->second),
          ErrorCode::already_exists);
      return reject(prefix);
    }
  }
  if (!scratch.completer.complete(draft, *site, scratch.problem)) {
    if (event.has_client_event_id) scratch.ids.erase(event.event_id);
    return reject(prefix);
  }
  event::encode(event, intake.batch.bytes);
  intake.batch.ends.push_back(static_cast<std::uint32_t>(intake.batch.bytes.size()));
  verdict.event_id = event.event_id;
  verdict.is_bot = event.is_bot;
  intake.site = site->id;
  ++intake.accepted_count;
}

std::string answer_json(const Intake& intake) {
  std::string json;
  json.reserve(64 + intake.verdicts.size() * 96);
  JsonWriter out(json);
  out.begin_object();
  if (intake.accepted_count == 0) {
    for (const EventVerdict& verdict : intake.verdicts) {
      if (!verdict.error) continue;
      out.key("error");
      write_error(*verdict.error, out);
      break;
    }
  }
  out.key("accepted");
  out.unsigned_integer(intake.accepted_count);
  out.key("rejected");
  out.unsigned_integer(intake.rejected_count);
  out.key("results");
  out.begin_array();
  std::uint64_t index = 0;
  for (const EventVerdict& verdict : intake.verdicts) {
    out.begin_object();
    out.key("index");
    out.unsigned_integer(index++);
    out.key("status");
    out.text(verdict.accepted() ? "accepted" : "rejected");
    if (verdict.error) {
      out.key("error");
      write_error(*verdict.error, out);
    } else {
      out.key("event_id");
      out.text(verdict.event_id.text());
    }
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return json;
}

}  // namespace attune::collect
