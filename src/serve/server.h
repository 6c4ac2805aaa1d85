// HTTP/1.1 over TCP and unix sockets: connections, limits, timeouts, graceful stop. Knows no
// routes. Boost.Asio and Beast stay in server.cpp and connection.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "serve/metrics.h"
#include "serve/router.h"

namespace attune::serve {

struct ServerOptions {
  std::string listen;       // "127.0.0.1:8080", "[::1]:0"; port 0: any free; empty: no TCP
  std::string socket_path;  // control socket, made with mode 0600; empty: none
  std::size_t io_threads = 2;
  std::size_t connections_max = 10'000;
  std::size_t header_bytes_max = 16 * 1024;  // request line and headers
  std::int64_t header_timeout_ms = 10'000;   // from the first byte of a request to its last header
  std::int64_t body_timeout_ms = 20'000;     // without a byte; the whole body gets ten times that
  std::int64_t idle_timeout_ms = 75'000;     // between requests
  std::int64_t write_timeout_ms = 20'000;    // for a client that does not read its answer
  std::int64_t heartbeat_ms = 15'000;        // on a stream that has nothing to say
};

struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;  // over connections_max
  std::uint64_t timeouts = 0;
  std::uint64_t bad_requests = 0;  // not HTTP, or over a limit, before any route
};

class Server {
 public:
  virtual ~Server() = default;

  /// Listens and starts its threads.
  ///
  /// router   outlives the server.
  /// Errors   invalid_argument: `listen` is not HOST:PORT; unavailable: cannot bind (address in
  /// use);
  ///          failed_precondition: another process listens on the control socket.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                             const Router& router,
                                                             const Clock& clock);

  /// The TCP port it listens on; 0 without TCP.
  virtual std::uint16_t port() const = 0;
  /// "http://127.0.0.1:8080"; empty without TCP.
  virtual std::string url() const = 0;
  virtual ServerStats stats() const = 0;

  /// Takes no new connections, lets running requests finish for at most `grace_ms`, closes, joins.
  /// Idempotent; the destructor calls it with 0.
  virtual void stop(std::int64_t grace_ms) = 0;
};

void add_server_metrics(std::vector<MetricFamily>& out, const ServerStats& stats);

}  // namespace attune::serve
