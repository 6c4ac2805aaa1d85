#include "shop/http_client.h"

#include <charconv>
#include <chrono>
#include <functional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace attune::shop {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kDeadline{10};
constexpr std::chrono::milliseconds kStopCheck{100};
constexpr std::uint64_t kBodyBytesMax = 16 << 20;

Error error_of(const error_code& code, std::string_view doing) {
  const bool late = code == beast::error::timeout;
  return Error(late ? ErrorCode::deadline_exceeded : ErrorCode::unavailable,
               fmt::format("{}: {}", doing, code.message()));
}

}  // namespace

struct HttpClient::Connection {
  asio::io_context context{1};
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
  bool used = false;  // has answered before: a failure may be a closed keep-alive connection

  /// Runs the operation that `start` begins until it is done, late, or no longer wanted.
  Result<void> run(std::string_view doing, const std::stop_token& stop,
                   const std::function<void(std::function<void(error_code)>)>& start) {
    bool done = false;
    error_code result;
    stream.expires_after(kDeadline);
    start([&](error_code code) {
      done = true;
      result = code;
    });
    context.restart();
    while (!done) {
      context.run_one_for(kStopCheck);
      if (stop.stop_requested()) stream.cancel();
    }
    if (stop.stop_requested()) return fail(ErrorCode::unavailable, "stopped");
    if (result) return tl::unexpected<Error>(error_of(result, doing));
    return {};
  }
};

HttpClient::HttpClient(std::string host, std::uint16_t port, std::string key)
    : host_(std::move(host)), port_(port), key_(std::move(key)) {}

HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::exchange(std::string_view method, std::string_view target,
                                        std::string_view body, const std::stop_token& stop) {
  const bool may_be_closed = connection_ && connection_->used;
  auto answer = try_once(method, target, body, stop);
  if (answer || !may_be_closed || answer.error().code() != ErrorCode::unavailable ||
      stop.stop_requested()) {
    return answer;
  }
  return try_once(method, target, body, stop);
}

Result<HttpAnswer> HttpClient::try_once(std::string_view method, std::string_view target,
                                        std::string_view body, const std::stop_token& stop) {
  if (!connection_) {
    auto fresh = std::make_unique<Connection>();
    error_code code;
    const auto address = asio::ip::make_address(host_, code);
    if (code) return fail(ErrorCode::unavailable, "not an address: " + host_);
    ATTUNE_TRY(fresh->run("connecting", stop, [&](std::function<void(error_code)> done) {
      fresh->stream.async_connect(asio::ip::tcp::endpoint(address, port_), std::move(done));
    }));
    connection_ = std::move(fresh);
  }
  // Taken off until it has answered: an exchange that fails leaves nothing usable behind.
  std::unique_ptr<Connection> connection = std::move(connection_);

  http::request<http::string_body> request;
  request.version(11);
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.set(http::field::host, fmt::format("{}:{}", host_, port_));
  request.set(http::field::user_agent, "attune-shop-visitors");
  if (!key_.empty()) request.set(http::field::authorization, "Bearer " + key_);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  ATTUNE_TRY(connection->run("sending", stop, [&](std::function<void(error_code)> done) {
    http::async_write(connection->stream, request,
                      [done = std::move(done)](error_code code, std::size_t) { done(code); });
  }));

  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyBytesMax);
  ATTUNE_TRY(connection->run("receiving", stop, [&](std::function<void(error_code)> done) {
    http::async_read(connection->stream, connection->buffer, parser,
                     [done = std::move(done)](error_code code, std::size_t) { done(code); });
  }));
  HttpAnswer answer;
  answer.status = parser.get().result_int();
  const auto retry_after = parser.get()[http::field::retry_after];
  const char* const end = retry_after.data() + retry_after.size();
  std::from_chars(retry_after.data(), end, answer.retry_after_s);
  answer.body = std::move(parser.get().body());
  if (parser.get().keep_alive()) {
    connection->used = true;
    connection_ = std::move(connection);
  }
  return answer;
}

}  // namespace attune::shop
