#include "serve/server.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <chrono>
#include <future>

#include "serve/io_thread.h"

namespace attune::serve {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

constexpr auto kRetryAccept = std::chrono::milliseconds(100);  // after running out of descriptors
constexpr std::size_t kSocketPathBytesMax = 107;               // sun_path, without its end

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

Result<HostPort> read_listen(std::string_view listen) {
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is not HOST:PORT", listen),
                "listen");
  };
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return refuse();
  const std::string_view port_text = listen.substr(colon + 1);
  std::string_view host = listen.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  const char* end = port_text.data() + port_text.size();
  const auto [stop, error] = std::from_chars(port_text.data(), end, port);
  if (error != std::errc{} || stop != end || port > 65535 || host.empty()) return refuse();
  HostPort address;
  address.host = host;
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

std::string address_of(const tcp::endpoint& peer) {
  const asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}
std::string address_of(const Local::endpoint&) {
  return {};
}

void tune(asio::basic_stream_socket<tcp, IoExecutor>& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
}
void tune(asio::basic_stream_socket<Local, IoExecutor>&) {}

/// Accepts for all threads in turn. One acceptor rather than one each with SO_REUSEPORT, under
/// which a second server could bind the same port without an error and take half of the visitors.
template <class Protocol>
class Listener : public std::enable_shared_from_this<Listener<Protocol>> {
 public:
  Listener(const std::vector<std::shared_ptr<IoThread>>& threads, PeerKind peer)
      : threads_(threads),
        peer_(peer),
        acceptor_(threads.front()->context()),
        retry_(threads.front()->context()) {}

  asio::basic_socket_acceptor<Protocol, IoExecutor>& acceptor() { return acceptor_; }

  void accept() {
    const std::shared_ptr<IoThread> thread = threads_[next_++ % threads_.size()];
    acceptor_.async_accept(
        thread->context(), peer_endpoint_,
        [self = this->shared_from_this(), thread](
            const error_code& error, asio::basic_stream_socket<Protocol, IoExecutor> socket) {
          self->accepted(error, std::move(socket), *thread);
        });
  }

  /// On the thread of the acceptor.
  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  }

 private:
  void accepted(const error_code& error, asio::basic_stream_socket<Protocol, IoExecutor> socket,
                IoThread& thread) {
    if (!acceptor_.is_open()) return;
    if (error) {
      retry_.expires_after(kRetryAccept);
      retry_.async_wait([self = this->shared_from_this()](const error_code& stopped) {
        if (!stopped && self->acceptor_.is_open()) self->accept();
      });
      return;
    }
    ServerShared& shared = thread.shared();
    if (shared.open.load(std::memory_order_relaxed) >= shared.options.connections_max) {
      static constexpr std::string_view kFull =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n";
      shared.refused.fetch_add(1, std::memory_order_relaxed);
      error_code ignored;
      socket.native_non_blocking(true, ignored);
      socket.write_some(asio::const_buffer(kFull.data(), kFull.size()), ignored);
      socket.shutdown(asio::socket_base::shutdown_send, ignored);
    } else {
      tune(socket);
      thread.adopt(StreamSocket(std::move(socket)), peer_, address_of(peer_endpoint_));
    }
    accept();
  }

  std::vector<std::shared_ptr<IoThread>> threads_;
  PeerKind peer_;
  asio::basic_socket_acceptor<Protocol, IoExecutor> acceptor_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
      retry_;
  typename Protocol::endpoint peer_endpoint_;
  std::size_t next_ = 0;
};

Result<void> open_tcp(Listener<tcp>& listener, const HostPort& address) {
  error_code error;
  asio::io_context io;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot resolve {}: {}", address.host, error.message()), "listen");
  }
  tcp::endpoint endpoint = found.begin()->endpoint();
  for (const auto& entry : found) {  // localhost: what a browser tries first
    if (entry.endpoint().address().is_v4()) endpoint = entry.endpoint();
  }
  auto& acceptor = listener.acceptor();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorCode::unavailable, fmt::format("cannot listen on {}:{}: {}", address.host,
                                                    address.port, error.message()));
  }
  return {};
}

Result<void> open_local(Listener<Local>& listener, const std::string& path) {
  if (path.size() > kSocketPathBytesMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the path of the control socket is longer than {} bytes: {}",
                            kSocketPathBytesMax, path));
  }
  asio::io_context io;
  Local::socket probe(io);
  error_code error;
  probe.connect(Local::endpoint(path), error);
  if (!error) {
    return fail(ErrorCode::failed_precondition, fmt::format("another process listens on {}", path));
  }
  ::unlink(path.c_str());  // left by a process that was killed
  auto& acceptor = listener.acceptor();
  acceptor.open(Local(), error);
  // On Linux the file gets the socket's own mode when it is bound: it is never open to others.
  if (!error && ::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor.bind(Local::endpoint(path), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot listen on {}: {}", path, error.message()));
  }
  return {};
}

class AsioServer final : public Server {
 public:
  explicit AsioServer(std::shared_ptr<ServerShared> shared) : shared_(std::move(shared)) {
    const std::size_t count = std::max<std::size_t>(1, shared_->options.io_threads);
    for (std::size_t i = 0; i < count; ++i) threads_.push_back(std::make_shared<IoThread>(shared_));
  }
  ~AsioServer() override { stop(0); }

  Result<void> open() {
    if (!shared_->options.listen.empty()) {
      ATTUNE_ASSIGN(const HostPort address, read_listen(shared_->options.listen));
      tcp_ = std::make_shared<Listener<tcp>>(threads_, PeerKind::tcp);
      ATTUNE_TRY(open_tcp(*tcp_, address));
      port_ = tcp_->acceptor().local_endpoint().port();
      const bool v6 = address.host.find(':') != std::string::npos;
      url_ = fmt::format("http://{}:{}", v6 ? "[" + address.host + "]" : address.host, port_);
    }
    if (!shared_->options.socket_path.empty()) {
      local_ = std::make_shared<Listener<Local>>(threads_, PeerKind::control_socket);
      ATTUNE_TRY(open_local(*local_, shared_->options.socket_path));
      made_socket_ = true;
    }
    if (tcp_) tcp_->accept();
    if (local_) local_->accept();
    for (const auto& thread : threads_) thread->start();
    running_ = true;
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::string url() const override { return url_; }

  ServerStats stats() const override {
    ServerStats stats;
    stats.connections_open = shared_->open.load(std::memory_order_relaxed);
    stats.connections_total = shared_->total.load(std::memory_order_relaxed);
    stats.connections_refused = shared_->refused.load(std::memory_order_relaxed);
    stats.timeouts = shared_->timeouts.load(std::memory_order_relaxed);
    stats.bad_requests = shared_->bad_requests.load(std::memory_order_relaxed);
    return stats;
  }

  void stop(std::int64_t grace_ms) override {
    if (running_) {
      running_ = false;
      close_listeners();
      for (const auto& thread : threads_) thread->stop_connections(false);
      {
        std::unique_lock lock(shared_->closed_mutex);
        shared_->closed.wait_for(lock, std::chrono::milliseconds(grace_ms), [this] {
          return shared_->open.load(std::memory_order_relaxed) == 0;
        });
      }
      for (const auto& thread : threads_) thread->stop_connections(true);
      for (const auto& thread : threads_) thread->join();
    }
    if (made_socket_) ::unlink(shared_->options.socket_path.c_str());
    made_socket_ = false;
  }

 private:
  void close_listeners() {
    std::promise<void> closed;
    asio::post(threads_.front()->context(), [this, &closed] {
      if (tcp_) tcp_->close();
      if (local_) local_->close();
      closed.set_value();
    });
    closed.get_future().wait();
    tcp_.reset();
    local_.reset();
  }

  std::shared_ptr<ServerShared> shared_;
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::shared_ptr<Listener<tcp>> tcp_;
  std::shared_ptr<Listener<Local>> local_;
  std::uint16_t port_ = 0;
  std::string url_;
  bool running_ = false;
  bool made_socket_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, const Router& router,
                                              const Clock& clock) {
  auto server =
      std::make_unique<AsioServer>(std::make_shared<ServerShared>(options, router, clock));
  ATTUNE_TRY(server->open());
  return std::unique_ptr<Server>(std::move(server));
}

void add_server_metrics(std::vector<MetricFamily>& out, const ServerStats& stats) {
  const auto sample = [](std::string name, std::string help, MetricSample::Type type,
                         std::uint64_t value) {
    MetricSample made;
    made.name = std::move(name);
    made.help = std::move(help);
    made.type = type;
    made.value = static_cast<double>(value);
    return made;
  };
  using enum MetricSample::Type;
  add_samples(
      out, {sample("attune_connections_open", "Connections now.", gauge, stats.connections_open),
            sample("attune_connections_total", "Connections taken since the start.", counter,
                   stats.connections_total),
            sample("attune_connections_refused_total",
                   "Connections closed at once because connections_max were open.", counter,
                   stats.connections_refused),
            sample("attune_connection_timeouts_total",
                   "Clients that took too long to send a request or to read its answer.", counter,
                   stats.timeouts),
            sample("attune_bad_requests_total",
                   "Requests refused before any route: not HTTP, or over a limit.", counter,
                   stats.bad_requests)});
}

}  // namespace attune::serve
