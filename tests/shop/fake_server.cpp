#include "shop/fake_server.h"

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace attune::shop {

class FakeServer::Listener {
 public:
  explicit Listener(Handler handler) : handler_(std::move(handler)) {
    acceptor_.listen();
    accepting_ = std::thread([this] { accept(); });
  }
  ~Listener() {
    stopping_ = true;
    // A blocking accept ends by being connected to.
    boost::asio::io_context context;
    tcp::socket knock(context);
    boost::system::error_code ignored;
    knock.connect(acceptor_.local_endpoint(), ignored);
    accepting_.join();
    {
      const std::lock_guard lock(mutex_);
      for (tcp::socket& socket : sockets_) socket.shutdown(tcp::socket::shutdown_both, ignored);
    }
    for (std::thread& thread : serving_) thread.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t connections() const { return connections_; }
  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  using tcp = boost::asio::ip::tcp;

  void accept() {
    for (;;) {
      boost::system::error_code code;
      tcp::socket socket = acceptor_.accept(code);
      if (stopping_) return;
      if (code) continue;
      ++connections_;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(std::move(socket));
      serving_.emplace_back([this, &mine = sockets_.back()] { serve(mine); });
    }
  }

  void serve(tcp::socket& socket) {
    namespace http = boost::beast::http;
    boost::beast::flat_buffer buffer;
    for (;;) {
      http::request<http::string_body> request;
      boost::system::error_code code;
      http::read(socket, buffer, request, code);
      if (code) return;
      Asked asked{std::string(request.method_string()), std::string(request.target()),
                  request.body(), std::string(request[http::field::authorization])};
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(asked);
      }
      const Told told = handler_(asked);
      if (told.silent) continue;
      http::response<http::string_body> response(static_cast<http::status>(told.status), 11);
      if (!told.retry_after.empty()) response.set(http::field::retry_after, told.retry_after);
      response.keep_alive(told.keep_alive);
      response.body() = told.body;
      response.prepare_payload();
      http::write(socket, response, code);
      if (code || !told.keep_alive) {
        socket.shutdown(tcp::socket::shutdown_both, code);
        return;
      }
    }
  }

  Handler handler_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::list<tcp::socket> sockets_;  // a list: serving threads hold references
  std::vector<Asked> asked_;
  std::list<std::thread> serving_;
  std::thread accepting_;
};

FakeServer::FakeServer(Handler handler)
    : listener_(std::make_unique<Listener>(std::move(handler))) {}
FakeServer::~FakeServer() = default;
std::uint16_t FakeServer::port() const { return listener_->port(); }
std::size_t FakeServer::connections() const { return listener_->connections(); }
std::vector<Asked> FakeServer::asked() const { return listener_->asked(); }

}  // namespace attune::shop
