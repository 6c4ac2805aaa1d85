// Imports over HTTP: a numbered stream, numbered batches, an end. A client that did not see an
// answer sends the same batch again and gets the same answer; nothing is journalled twice.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <future>

#include "base/time_zone.h"
#include "event/codec.h"
#include "serve/interactions.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 8 * 1024;

std::string import_json(const ImportInfo& import) {
  std::string out = fmt::format(R"({{"stream":{},"kind":)", import.stream);
  append_json_string(out, import.kind);
  out += ",\"name\":";
  append_json_string(out, import.name);
  fmt::format_to(std::back_inserter(out), R"(,"created_at":"{}","finished_at":)",
                 utc_text(import.created_ms));
  if (import.finished_ms == 0) {
    out += "null";
  } else {
    append_json_string(out, utc_text(import.finished_ms));
  }
  fmt::format_to(std::back_inserter(out), R"(,"last_batch":{},"events":{}}})", import.last_batch,
                 import.events);
  return out;
}

std::uint32_t stream_of(const Call& call) {
  const std::string_view text = call.path("stream");
  std::uint32_t stream =
      0;  // the router took digits only; what is too large for a stream finds none
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), stream);
  return error == std::errc{} && end == text.data() + text.size() ? stream : 0;
}

Result<Response> begin_import(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string kind = fields.text("kind", 50);
  const std::string name = fields.optional_text("name", 255).value_or("");
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(const ImportInfo import, api.control().begin_import(call.site->id, kind, name));
  return Response::json(import_json(import), 201);
}

Response list_imports(ApiContext& api, const Call& call) {
  std::string out = R"({"imports":[)";
  bool first = true;
  for (const ImportInfo& import : api.control().list_imports(call.site->id)) {
    if (!first) out += ",";
    first = false;
    out += import_json(import);
  }
  out += "]}";
  return Response::json(std::move(out));
}

/// Events as they are.
Result<collect::Intake> take_events(ApiContext& api, const Call& call,
                                    const collect::RequestContext& context) {
  return api.import_collector->collect(*api.control().sites(), context, call.request().body);
}

/// A list of interactions that name users and products by number.
Result<collect::Intake> take_interactions(ApiContext& api, const Call& call,
                                          const collect::RequestContext& context) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  const std::size_t most = api.import_collector->limits().batch_events_max;
  if (!body.is_array() || body.get_array().size() > most) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be a list of at most {} interactions", most), "body");
  }
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(InteractionEvents events,
                interaction_events(*session, *call.site, body.get_array(), true));
  return collect_interactions(*api.import_collector, *api.control().sites(), context,
                              std::move(events));
}

using TakeBody = Result<collect::Intake> (*)(ApiContext&, const Call&,
                                             const collect::RequestContext&);

Result<Response> import_batch(ApiContext& api, const Call& call, TakeBody take) {
  const std::uint32_t stream = stream_of(call);
  ATTUNE_ASSIGN(const std::int64_t batch, call.query.number("batch", 0, 1, 1'000'000'000'000));
  if (batch == 0) return fail(ErrorCode::invalid_argument, "is required: 1, 2, 3, ...", "batch");
  const std::lock_guard lock(api.import_mutex);
  ATTUNE_ASSIGN(const ImportInfo import, api.control().find_import(call.site->id, stream));
  if (import.finished_ms != 0)
    return fail(ErrorCode::failed_precondition, "this import is finished");
  if (batch == import.last_batch) {
    const auto& answer = api.import_answers[stream];
    if (answer.batch == batch) return Response::json(answer.json);
    return fail(ErrorCode::already_exists,
                fmt::format("batch {} was taken before a restart", batch), "batch");
  }
  if (batch != import.last_batch + 1) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the next batch is {}", import.last_batch + 1), "batch");
  }
  collect::RequestContext context = collect_context(call, false);
  context.trusted = true;
  context.key_site = call.site->id;
  context.stream = stream;
  ATTUNE_ASSIGN(collect::Intake intake, take(api, call, context));
  if (intake.refused) return tl::unexpected<Error>(*intake.refused);
  if (intake.accepted_count > 0) {
    auto durable = append_and_wait(*api.parts.journal, std::move(intake.batch));
    if (!durable) return journal_error(durable.error());
  }
  ATTUNE_TRY(api.control().note_import_batch(stream, batch,
                                             static_cast<std::int64_t>(intake.accepted_count)));
  auto& answer = api.import_answers[stream];
  answer.batch = batch;
  answer.json = collect::answer_json(intake);
  return Response::json(answer.json);
}

Result<Response> finish_import(ApiContext& api, const Call& call) {
  const std::uint32_t stream = stream_of(call);
  const std::lock_guard lock(api.import_mutex);
  ATTUNE_ASSIGN(ImportInfo import, api.control().find_import(call.site->id, stream));
  if (import.finished_ms == 0) {
    event::ImportEnd end;
    end.site = call.site->id;
    end.stream = stream;
    end.received_ms = api.clock().now_ms();
    journal::RecordBatch batch;
    event::encode(end, batch.bytes);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
    // A crash between these two ends the stream twice, which means no more than once.
    auto durable = append_and_wait(*api.parts.journal, std::move(batch));
    if (!durable) return journal_error(durable.error());
    ATTUNE_TRY(api.control().finish_import(stream));
    api.import_answers.erase(stream);
  }
  ATTUNE_ASSIGN(import, api.control().find_import(call.site->id, stream));
  return Response::json(import_json(import));
}

}  // namespace

Result<void> append_and_wait(journal::Journal& journal, journal::RecordBatch batch) {
  auto done = std::make_shared<std::promise<Result<journal::Position>>>();
  std::future<Result<journal::Position>> durable = done->get_future();
  journal.append(std::move(batch), [done](Result<journal::Position> position) {
    done->set_value(std::move(position));
  });
  const Result<journal::Position> position = durable.get();
  if (!position) return tl::unexpected<Error>(position.error());
  return {};
}

std::vector<Route> import_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route list;
  list.pattern = "/api/v1/sites/{site}/imports";
  list.name = "list_imports";
  list.access = Access::site_admin;
  list.summary = "Imports of a site, oldest first.";
  list.response_schema = "Imports";
  list.on_worker = [&api](const Call& call) { return list_imports(api, call); };
  routes.push_back(list);

  Route begin;
  begin.method = Method::post;
  begin.pattern = "/api/v1/sites/{site}/imports";
  begin.name = "begin_import";
  begin.access = Access::site_admin;
  begin.body_bytes_max = kBodyBytesMax;
  begin.summary = "Begins an import: a stream of events of its own.";
  begin.request_schema = "NewImport";
  begin.response_schema = "Import";
  begin.on_worker = worker([&api](const Call& call) { return begin_import(api, call); });
  routes.push_back(begin);

  Route events;
  events.method = Method::post;
  events.pattern = "/api/v1/sites/{site}/imports/{stream}/events";
  events.name = "import_events";
  events.access = Access::site_admin;
  events.audited = false;   // thousands of batches; begin and finish are noted
  events.body_bytes_max = api.options.import_body_bytes_max;
  events.summary = "Takes the next batch of an import; the newest one may be sent again.";
  events.request_schema = "Events";
  events.response_schema = "EventsAnswer";
  events.query = {
      {"batch", "Number of the batch, from 1 without gaps.", R"({"type":"integer","minimum":1})"}};
  events.on_worker =
      worker([&api](const Call& call) { return import_batch(api, call, take_events); });
  routes.push_back(events);

  Route interactions = events;
  interactions.pattern = "/api/v1/sites/{site}/imports/{stream}/interactions";
  interactions.name = "import_interactions";
  interactions.summary = "Takes the next batch of an import: interactions by number.";
  interactions.request_schema = "Interactions";
  interactions.on_worker = worker([&api](const Call& call) {
    return import_batch(api, call, take_interactions);
  });
  routes.push_back(interactions);

  Route finish;
  finish.method = Method::post;
  finish.pattern = "/api/v1/sites/{site}/imports/{stream}/finish";
  finish.name = "finish_import";
  finish.access = Access::site_admin;
  finish.body_bytes_max = kBodyBytesMax;
  finish.summary = "Ends an import: its open sessions close.";
  finish.response_schema = "Import";
  finish.on_worker = worker([&api](const Call& call) { return finish_import(api, call); });
  routes.push_back(finish);
  return routes;
}

}  // namespace attune::serve
