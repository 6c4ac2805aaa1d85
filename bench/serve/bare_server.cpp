// The yardstick: Beast reads and parses each request and answers 202 at once. Nothing is looked at
// or kept. Plain, but not slow on purpose: a loop for each thread, concrete executors, no timeouts.
//   attune_bare_server PORT THREADS
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<Tcp, Executor>;

class Client : public std::enable_shared_from_this<Client> {
 public:
  explicit Client(Socket socket) : socket_(std::move(socket)) {
    socket_.set_option(Tcp::no_delay(true));
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    response_ = {http::status::accepted, request_.version()};
    response_.keep_alive(request_.keep_alive());
    response_.content_length(0);
    http::async_write(socket_, response_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  Socket socket_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::empty_body> response_;
};

int main(int count, char** arguments) {
  const auto port = static_cast<std::uint16_t>(count > 1 ? std::atoi(arguments[1]) : 20600);
  const std::size_t threads = count > 2 ? static_cast<std::size_t>(std::atoi(arguments[2])) : 2;
  std::vector<std::unique_ptr<asio::io_context>> loops;
  for (std::size_t i = 0; i < threads; ++i) loops.push_back(std::make_unique<asio::io_context>(1));
  asio::basic_socket_acceptor<Tcp, Executor> acceptor(*loops[0], Tcp::endpoint(Tcp::v4(), port));
  std::size_t next = 0;
  std::function<void()> accept = [&] {
    asio::io_context& loop = *loops[next++ % loops.size()];
    acceptor.async_accept(loop, [&](const error_code& error, Socket socket) {
      if (!error) {
        auto client = std::make_shared<Client>(std::move(socket));
        asio::post(loop, [client] { client->read(); });
      }
      accept();
    });
  };
  accept();
  std::vector<std::thread> running;
  for (auto& loop : loops) {
    running.emplace_back([&loop] {
      const auto guard = asio::make_work_guard(*loop);
      loop->run();
    });
  }
  for (std::thread& thread : running) thread.join();
}
