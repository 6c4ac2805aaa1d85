#include "serve/http.h"

#include <algorithm>
#include <atomic>
#include <cctype>

#include "base/clock.h"
#include "base/ensure.h"
#include "serve/json_text.h"
#include "serve/metrics.h"

namespace attune::serve {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return "OTHER";
}

Method parse_method(std::string_view name) {
  for (std::size_t i = 0; i + 1 < kMethodCount; ++i) {
    const auto method = static_cast<Method>(i);
    if (to_string(method) == name) return method;
  }
  return Method::other;
}

const Request::Field* Request::find(std::string_view lower_name) const {
  for (const Field& field : fields_) {
    if (field.name_bytes != lower_name.size()) continue;
    if (std::string_view(head_).substr(field.name_offset, field.name_bytes) == lower_name)
      return &field;
  }
  return nullptr;
}

std::string_view Request::header(std::string_view lower_name) const {
  const Field* field = find(lower_name);
  if (field == nullptr) return {};
  return std::string_view(head_).substr(field->value_offset, field->value_bytes);
}

void Request::add_header(std::string_view name, std::string_view value) {
  Field field{};
  field.name_offset = static_cast<std::uint32_t>(head_.size());
  field.name_bytes = static_cast<std::uint32_t>(name.size());
  for (const char c : name) head_.push_back(lower(c));
  field.value_offset = static_cast<std::uint32_t>(head_.size());
  field.value_bytes = static_cast<std::uint32_t>(value.size());
  head_.append(value);
  fields_.push_back(field);
}

std::pair<std::string_view, std::string_view> Request::header_at(std::size_t index) const {
  const Field& field = fields_[index];
  const std::string_view head = head_;
  return {head.substr(field.name_offset, field.name_bytes),
          head.substr(field.value_offset, field.value_bytes)};
}

std::string_view Request::raw_path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::raw_query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

void Request::clear() {
  // A body of megabytes is rare: its memory is not kept for the life of a connection.
  constexpr std::size_t kKeptBytes = 64 * 1024;
  method = Method::get;
  target.clear();
  if (body.capacity() > kKeptBytes) std::string().swap(body);
  body.clear();
  received_ms = 0;
  head_.clear();
  fields_.clear();
}

bool Response::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

Response Response::json(std::string text, int status) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

Response Response::text(std::string text, int status) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  response.content_type = {};
  return response;
}

Response Response::error(const Error& error) {
  Response response = Response::error(status_of(error.code()), to_string(error.code()),
                                      error.message(), error.field());
  // The client is told when to come back rather than left to hammer; callers that know better
  // replace it.
  if (response.status == 429 || response.status == 503) response.with("Retry-After", "1");
  if (response.status == 401) response.with("WWW-Authenticate", "Bearer");
  return response;
}

Response Response::error(int status, std::string_view code, std::string_view message,
                         std::string_view field) {
  Response response;
  response.status = status;
  response.body = "{\"error\":{\"code\":";
  append_json_string(response.body, code);
  response.body += ",\"message\":";
  append_json_string(response.body, message);
  if (!field.empty()) {
    response.body += ",\"field\":";
    append_json_string(response.body, field);
  }
  response.body += "}}";
  return response;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return 400;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::permission_denied:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::already_exists:
      return 409;
    case ErrorCode::failed_precondition:
      return 409;
    case ErrorCode::resource_exhausted:
      return 429;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::deadline_exceeded:
      return 504;
    case ErrorCode::data_loss:
      return 500;
    case ErrorCode::internal:
      return 500;
  }
  return 500;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return {};
  }
}

struct Responder::State {
  explicit State(std::shared_ptr<Exchange> e) : exchange(std::move(e)) {}
  ~State() {
    if (answered.load(std::memory_order_acquire)) return;
    answer(Response::error(500, "internal", "the request was dropped unanswered"));
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void answer(Response response) const {
    if (exchange->metrics != nullptr) {
      exchange->metrics->count(response.status,
                               exchange->clock->steady_us() - exchange->started_us);
    }
    if (exchange->no_store && !response.has_header("Cache-Control")) {
      response.with("Cache-Control", "no-store");
    }
    if (exchange->any_origin) response.with("Access-Control-Allow-Origin", "*");
    exchange->finish(std::move(response));
  }

  std::shared_ptr<Exchange> exchange;
  std::atomic<bool> answered{false};
};

Responder::Responder(std::shared_ptr<Exchange> exchange)
    : state_(std::make_shared<State>(std::move(exchange))) {}

void Responder::operator()(Response response) const {
  ensure(!state_->answered.exchange(true, std::memory_order_acq_rel), "a request is answered once");
  state_->answer(std::move(response));
}

bool Responder::is_answered() const {
  return state_->answered.load(std::memory_order_acquire);
}
const Request& Responder::request() const {
  return state_->exchange->request();
}
Exchange& Responder::exchange() const {
  return *state_->exchange;
}

}  // namespace attune::serve
