// One I/O thread: an event loop, the connections that belong to it, and the mailbox through which
// other threads hand it answers. Internal to the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "serve/server.h"

namespace attune::serve {

// A concrete executor: the type-erased default costs an allocation or two for every operation.
using IoExecutor = boost::asio::io_context::executor_type;
using StreamSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, IoExecutor>;

/// What all threads and connections of a server share; outlives the server while answers are out.
struct ServerShared {
  ServerShared(const ServerOptions& o, const Router& r, const Clock& c)
      : options(o), router(r), clock(c) {}

  const ServerOptions options;
  const Router& router;
  const Clock& clock;
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> total{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::uint64_t> bad_requests{0};
  std::mutex closed_mutex;
  std::condition_variable closed;  // `open` went down
};

/// A connection as its I/O thread sees it. All calls on that thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  /// The answer that another thread gave is in place.
  virtual void resume() = 0;
  /// Closes or answers 408 when its deadline has passed.
  virtual void check_deadline(std::int64_t now_us) = 0;
  /// Closes when idle, else after the answer under way; with `force` now.
  virtual void stop(bool force) = 0;
};

class IoThread : public std::enable_shared_from_this<IoThread> {
 public:
  explicit IoThread(std::shared_ptr<ServerShared> shared);
  ~IoThread();

  void start();
  boost::asio::io_context& context() { return context_; }
  ServerShared& shared() { return *shared_; }

  /// Takes over a connected socket. Threads  any.
  void adopt(StreamSocket socket, PeerKind peer, std::string address);
  /// Lets `connection` go on with the answer it was given. Threads  any.
  void wake(std::shared_ptr<Connection> connection);
  bool is_current() const;
  /// Stops connections; new ones are closed at once. Threads  any.
  void stop_connections(bool force);
  /// Ends the loop and joins.
  void join();

  // On this thread only:
  using Place = std::list<std::shared_ptr<Connection>>::iterator;
  void remove(Place place) { connections_.erase(place); }
  bool stopping() const { return stopping_; }
  /// "Sat, 21 Nov 2026 08:15:30 GMT", made once a second.
  std::string_view date(std::int64_t now_ms);

 private:
  void drain();
  void tick();
  void stop_all(bool force);

  std::shared_ptr<ServerShared> shared_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<IoExecutor> work_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
      timer_;
  std::thread thread_;
  std::list<std::shared_ptr<Connection>> connections_;
  bool stopping_ = false;  // takes no new requests
  bool ending_ = false;    // the loop is to run dry
  std::int64_t date_s_ = -1;
  std::string date_;

  std::mutex mailbox_mutex_;
  bool mailbox_closed_ = false;                        // guarded by mailbox_mutex_
  std::vector<std::shared_ptr<Connection>> mailbox_;   // guarded by mailbox_mutex_
  std::vector<std::shared_ptr<Connection>> draining_;  // swapped with mailbox_, keeps its memory
};

/// A connection that speaks HTTP/1.1 to the router. `place` is where it stands in its thread's
/// list.
struct ConnectionOptions {
  StreamSocket socket;
  PeerKind peer = PeerKind::tcp;
  std::string address;
};
std::shared_ptr<Connection> make_connection(std::shared_ptr<IoThread> thread,
                                            ConnectionOptions options, IoThread::Place place);

}  // namespace attune::serve
