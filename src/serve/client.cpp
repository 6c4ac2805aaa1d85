#include "serve/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>
#include <chrono>
#include <optional>

namespace attune::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

struct Target {
  std::string host;
  std::string port;
  std::string socket_path;
  bool tls = false;
};

using TcpStream = beast::tcp_stream;
using UnixStream = beast::basic_stream<asio::local::stream_protocol>;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

/// Runs one asynchronous operation on `io` to its end and gives its error code.
template <class Start>
error_code run(asio::io_context& io, Start start) {
  error_code result = asio::error::would_block;
  start([&result](error_code error, auto&&...) { result = error; });
  io.restart();
  io.run();
  return result;
}

Result<void> failed(const error_code& error, const Target& target, std::string_view doing) {
  const std::string where =
      target.socket_path.empty() ? target.host + ":" + target.port : target.socket_path;
  const bool late = error == beast::error::timeout;
  return fail(late ? ErrorCode::deadline_exceeded : ErrorCode::unavailable,
              std::string(doing) + " " + where + ": " + error.message());
}

template <class Stream>
class ClientOver final : public Client {
 public:
  ClientOver(Target target, ClientOptions options)
      : target_(std::move(target)), options_(std::move(options)) {}

  Result<ClientResponse> send(const ClientRequest& request) override {
    // A kept-alive connection may have been closed meanwhile: then a fresh one gets one more try.
    const bool reused = stream_.has_value();
    auto answer = exchange(request);
    if (!answer && reused && answer.error().code() == ErrorCode::unavailable)
      answer = exchange(request);
    return answer;
  }

 private:
  auto deadline() const { return std::chrono::milliseconds(options_.timeout_ms); }

  Result<ClientResponse> exchange(const ClientRequest& request) {
    if (!stream_) {
      if (auto connected = connect(); !connected) {
        stream_.reset();
        return pass(connected);
      }
    }
    http::request<http::string_body> out(http::string_to_verb(request.method), request.target, 11);
    out.set(http::field::host, target_.host.empty() ? "localhost" : target_.host);
    out.set(http::field::user_agent, "attune-cli");
    if (!options_.key.empty()) out.set(http::field::authorization, "Bearer " + options_.key);
    for (const auto& [name, value] : request.headers) out.set(name, value);
    if (!request.body.empty()) out.set(http::field::content_type, request.content_type);
    out.body() = request.body;
    out.prepare_payload();
    beast::get_lowest_layer(*stream_).expires_after(deadline());
    error_code error = run(io_, [&](auto done) { http::async_write(*stream_, out, done); });
    http::response_parser<http::string_body> in;
    in.body_limit(options_.body_bytes_max);
    if (!error) error = run(io_, [&](auto done) { http::async_read(*stream_, buffer_, in, done); });
    if (error) {
      stream_.reset();
      buffer_.clear();
      auto lost = failed(error, target_, "talking to");
      return pass(lost);
    }
    ClientResponse answer{in.get().result_int(), std::string(in.get()[http::field::content_type]),
                          std::move(in.get().body())};
    if (!in.get().keep_alive()) stream_.reset();
    return answer;
  }

  Result<void> connect() {
    if constexpr (std::is_same_v<Stream, UnixStream>) {
      stream_.emplace(io_);
      stream_->expires_after(deadline());
      const asio::local::stream_protocol::endpoint endpoint(target_.socket_path);
      const error_code error = run(io_, [&](auto done) { stream_->async_connect(endpoint, done); });
      return error ? failed(error, target_, "connecting to") : Result<void>{};
    } else {
      asio::ip::tcp::resolver resolver(io_);
      error_code error;
      const auto found = resolver.resolve(target_.host, target_.port, error);
      if (error) return failed(error, target_, "looking up");
      if constexpr (std::is_same_v<Stream, TlsStream>) {
        tls_.set_default_verify_paths();
        stream_.emplace(io_, tls_);
        stream_->set_verify_mode(asio::ssl::verify_peer);
        stream_->set_verify_callback(asio::ssl::host_name_verification(target_.host));
        SSL_set_tlsext_host_name(stream_->native_handle(), target_.host.c_str());
      } else {
        stream_.emplace(io_);
      }
      auto& socket = beast::get_lowest_layer(*stream_);
      socket.expires_after(deadline());
      error = run(io_, [&](auto done) { socket.async_connect(found, done); });
      if constexpr (std::is_same_v<Stream, TlsStream>) {
        if (!error) {
          error = run(io_, [&](auto done) {
            stream_->async_handshake(asio::ssl::stream_base::client, done);
          });
        }
      }
      return error ? failed(error, target_, "connecting to") : Result<void>{};
    }
  }

  Target target_;
  ClientOptions options_;
  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::optional<Stream> stream_;
  beast::flat_buffer buffer_;
};

}  // namespace

std::unique_ptr<Client> Client::to_socket(std::string path, ClientOptions options) {
  Target target;
  target.socket_path = std::move(path);
  return std::make_unique<ClientOver<UnixStream>>(std::move(target), std::move(options));
}

Result<std::unique_ptr<Client>> Client::to_url(const std::string& url, ClientOptions options) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->host().empty() ||
      (parsed->scheme() != "http" && parsed->scheme() != "https") ||
      (!parsed->path().empty() && parsed->path() != "/")) {
    return fail(ErrorCode::invalid_argument,
                "\"" + url + "\" is not of the form http://host:port or https://host");
  }
  Target target;
  target.host = parsed->host();
  target.tls = parsed->scheme() == "https";
  target.port = parsed->has_port() ? std::string(parsed->port()) : target.tls ? "443" : "80";
  std::unique_ptr<Client> client;
  if (target.tls) {
    client = std::make_unique<ClientOver<TlsStream>>(std::move(target), std::move(options));
  } else {
    client = std::make_unique<ClientOver<TcpStream>>(std::move(target), std::move(options));
  }
  return client;
}

}  // namespace attune::serve
