// Events in: our own API and Umami's. Parsed on the connection's thread, answered by the journal's
// writer thread once the batch is on disk: no 2xx before that.
#include <fmt/format.h>

#include "serve/routes.h"

namespace attune::serve {
namespace {

std::optional<Response> refuse_key(const Call& call) {
  const Caller& caller = call.caller;
  if (caller.kind != CallerKind::key || caller.scope != Scope::read) return std::nullopt;
  return Response::error(
      Error(ErrorCode::permission_denied, "this key may only read", "Authorization"));
}

/// Addresses are counted against flooding; who shows a key is known.
std::string_view counted_address(const Call& call) {
  return call.caller.kind == CallerKind::nobody ? std::string_view(call.client_address)
                                                : std::string_view();
}

void post_events(ApiContext& api, const Call& call, Responder answer) {
  if (auto refused = refuse_key(call)) return answer(std::move(*refused));
  const Request& request = call.request();
  collect::Admission& admission = *api.parts.admission;
  if (auto refused = admission.admit_body(request.body.size()))
    return answer(admission_refusal(*refused));
  const auto sites = api.control().sites();
  const collect::RequestContext context = collect_context(call, api.options.trust_proxy);
  collect::Intake intake = api.parts.native->collect(*sites, context, request.body);
  if (intake.refused) {
    return answer(admission_refusal({*intake.refused, 0}));
  }
  if (intake.accepted_count == 0) {
    Response response = Response::json(collect::answer_json(intake), 400);
    return answer(std::move(response));
  }
  if (auto refused = admission.admit_events(counted_address(call), intake.site,
                                            intake.accepted_count, api.clock().steady_us())) {
    return answer(admission_refusal(*refused));
  }
  api.parts.journal->append(
      std::move(intake.batch), [answer = std::move(answer), body = collect::answer_json(intake)](
                                   Result<journal::Position> durable) mutable {
        answer(durable ? Response::json(std::move(body)) : journal_error(durable.error()));
      });
}

using UmamiCall = collect::UmamiAnswer (collect::UmamiCollector::*)(const event::SiteSnapshot&,
                                                                    const collect::RequestContext&,
                                                                    std::string_view) const;

Response umami_error(int status, std::string_view message, int retry_after_s) {
  Response response = Response::json(collect::umami_error_json(status, message), status);
  if (retry_after_s > 0) response.with("Retry-After", std::to_string(retry_after_s));
  return response;
}

Response umami_refusal(const collect::Refusal& refusal) {
  const Response ours = admission_refusal(refusal);
  return umami_error(ours.status, refusal.error.message(), refusal.retry_after_s);
}

void post_umami(ApiContext& api, const Call& call, Responder answer, UmamiCall collect) {
  if (auto refused = refuse_key(call)) return answer(umami_error(403, "Forbidden", 0));
  const Request& request = call.request();
  collect::Admission& admission = *api.parts.admission;
  if (auto refused = admission.admit_body(request.body.size()))
    return answer(umami_refusal(*refused));
  const auto sites = api.control().sites();
  const collect::RequestContext context = collect_context(call, api.options.trust_proxy);
  collect::UmamiAnswer result = (api.parts.umami->*collect)(*sites, context, request.body);
  if (result.batch.empty()) return answer(Response::json(std::move(result.body), result.status));
  if (auto refused = admission.admit_events(counted_address(call), result.site,
                                            result.accepted_count, api.clock().steady_us())) {
    return answer(umami_refusal(*refused));
  }
  api.parts.journal->append(std::move(result.batch),
                            [answer = std::move(answer), body = std::move(result.body),
                             status = result.status](Result<journal::Position> durable) mutable {
                              answer(durable ? Response::json(std::move(body), status)
                                             : umami_error(503, durable.error().message(), 1));
                            });
}

IoHandler umami(ApiContext& api, UmamiCall collect) {
  return [&api, collect](std::shared_ptr<Call> call, Responder answer) {
    post_umami(api, *call, std::move(answer), collect);
  };
}

}  // namespace

Response admission_refusal(const collect::Refusal& refusal) {
  // A body or batch that is too long is too long tomorrow as well.
  const bool too_large =
      refusal.error.code() == ErrorCode::resource_exhausted && refusal.retry_after_s == 0;
  if (too_large) return Response::error(413, "body_too_large", refusal.error.message(), "body");
  Response response =
      Response::error(status_of(refusal.error.code()), to_string(refusal.error.code()),
                      refusal.error.message(), refusal.error.field());
  response.with("Retry-After", std::to_string(std::max(refusal.retry_after_s, 1)));
  return response;
}

Response journal_error(const Error& error) {
  Response response = Response::error(error);
  if (error.code() == ErrorCode::data_loss) {
    response.status = 503;
    response.with("Retry-After", "60");
  }
  return response;
}

collect::RequestContext collect_context(const Call& call, bool trust_proxy) {
  const Request& request = call.request();
  collect::RequestContext context;
  context.received_ms = request.received_ms;
  context.client_ip = call.client_address;
  context.user_agent = request.header("user-agent");
  context.origin = request.header("origin");
  context.referer = request.header("referer");
  context.accept_language = request.header("accept-language");
  if (trust_proxy) context.country = request.header("cf-ipcountry");
  context.umami_cache = request.header("x-umami-cache");
  context.trusted = call.caller.kind != CallerKind::nobody;
  if (call.caller.kind == CallerKind::key) context.key_site = call.caller.site;
  return context;
}

std::vector<Route> collect_routes(ApiContext& api) {
  const std::size_t body_max = api.options.event_body_bytes_max;
  std::vector<Route> routes;
  Route events;
  events.method = Method::post;
  events.pattern = "/api/v1/events";
  events.name = "post_events";
  events.access = Access::visitors;
  events.runs = Runs::on_io;
  events.body_bytes_max = body_max;
  events.body_type = BodyType::beacon;
  events.summary = "Takes one event or a batch; answers when the accepted ones are on disk.";
  events.request_schema = "Events";
  events.response_schema = "EventsAnswer";
  events.on_io = [&api](std::shared_ptr<Call> call, Responder answer) {
    post_events(api, *call, std::move(answer));
  };
  routes.push_back(events);

  Route send = events;
  send.pattern = "/api/send";
  send.name = "umami_send";
  send.body_type = BodyType::any;
  send.summary = "Umami's ingestion: one event.";
  send.request_schema = "UmamiSend";
  send.response_schema = "UmamiSendAnswer";
  send.on_io = umami(api, &collect::UmamiCollector::send);
  routes.push_back(send);

  Route batch = send;
  batch.pattern = "/api/batch";
  batch.name = "umami_batch";
  batch.summary = "Umami's ingestion: an array of events.";
  batch.request_schema = "UmamiBatch";
  batch.response_schema = "UmamiBatchAnswer";
  batch.on_io = umami(api, &collect::UmamiCollector::batch);
  routes.push_back(batch);

  Route heartbeat;
  heartbeat.pattern = "/api/heartbeat";
  heartbeat.name = "umami_heartbeat";
  heartbeat.access = Access::visitors;
  heartbeat.runs = Runs::on_io;
  heartbeat.summary = "Umami's sign of life.";
  heartbeat.response_schema = "Heartbeat";
  heartbeat.on_io = [](std::shared_ptr<Call>, Responder answer) {
    answer(Response::json(R"({"ok":true})"));
  };
  routes.push_back(heartbeat);
  return routes;
}

}  // namespace attune::serve
