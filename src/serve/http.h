// One HTTP exchange as values: what came in, what goes out, and the callback between them. Nothing
// here knows sockets, so that the command line can call the same routes in process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace attune {
class Clock;
}

namespace attune::serve {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

inline constexpr std::size_t kMethodCount = 8;

std::string_view to_string(Method method);   // "GET"; other is "OTHER"
Method parse_method(std::string_view name);  // exact, upper case; else Method::other

/// Through which door a request came. Who comes through the control socket or from within the
/// process owns the data folder, and so may do everything.
enum class PeerKind : std::uint8_t { tcp, control_socket, in_process };

/// A request as it was read. Owns its bytes; a connection clears and refills one instead of
/// allocating.
class Request {
 public:
  Method method = Method::get;
  PeerKind peer = PeerKind::tcp;
  std::string target;  // as sent: "/api/v1/sites?x=1", origin form
  std::string body;
  std::string peer_address;      // of the socket, without port; empty for the control socket
  std::int64_t received_ms = 0;  // wall time when the head was complete

  /// The value of the first header of that name (lower case), or empty.
  std::string_view header(std::string_view lower_name) const;
  bool has_header(std::string_view lower_name) const { return find(lower_name) != nullptr; }
  /// Keeps a header; the name is lowered.
  void add_header(std::string_view name, std::string_view value);
  std::size_t header_count() const { return fields_.size(); }
  std::pair<std::string_view, std::string_view> header_at(std::size_t index) const;

  /// The target up to '?', still percent-encoded.
  std::string_view raw_path() const;
  /// The target after '?', still percent-encoded; empty when there is none.
  std::string_view raw_query() const;

  /// Forgets everything but keeps memory and `peer`, `peer_address`.
  void clear();

 private:
  struct Field {
    std::uint32_t name_offset, name_bytes, value_offset, value_bytes;
  };
  const Field* find(std::string_view lower_name) const;

  std::string head_;  // names and values, end to end
  std::vector<Field> fields_;
};

/// The rest of an answer that does not end by itself: server-sent events. One connection reads it;
/// it is dropped when that is closed.
class EventStream {
 public:
  virtual ~EventStream() = default;
  /// What is to be sent next; null: nothing for now. What a slow reader missed need not be kept.
  virtual std::shared_ptr<const std::string> next() = 0;
  /// `ready` is called, on any thread, whenever `next` may have something. Empty: nobody listens,
  /// and when this returns no call is under way.
  virtual void listen(std::function<void()> ready) = 0;
};

/// What is sent back. `content_type` and `shared_body` point to memory that outlives the server.
struct Response {
  int status = 200;
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string_view, std::string>> headers;  // names are literals
  std::string body;
  std::string_view shared_body;  // sent instead of `body` when not empty (embedded files)
  bool close = false;            // end the connection after this answer
  std::shared_ptr<EventStream> stream = {};  // after the body, until somebody hangs up

  std::string_view content() const {
    return shared_body.empty() ? std::string_view(body) : shared_body;
  }
  Response& with(std::string_view name, std::string value) {
    headers.emplace_back(name, std::move(value));
    return *this;
  }

  bool has_header(std::string_view name) const;  // as written, not by any case

  static Response json(std::string text, int status = 200);
  static Response text(std::string text, int status = 200);
  static Response empty(int status);
  /// The one error shape: {"error":{"code","message","field"}}.
  static Response error(const Error& error);
  /// The same with a status of its own (405, 408, 413, 415, 431), which no ErrorCode stands for.
  static Response error(int status, std::string_view code, std::string_view message,
                        std::string_view field = {});
};

/// The status of an error code (STYLE: Errors).
int status_of(ErrorCode code);
/// "Not Found"; empty for a status we never send.
std::string_view reason_of(int status);

struct RouteMetrics;

/// The waiting end of a request. Server and `Router::handle_blocking` implement it.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// Valid until `finish`.
  virtual const Request& request() const = 0;

 protected:
  friend class Responder;
  /// Called exactly once, on any thread.
  virtual void finish(Response response) = 0;

 public:
  // Set by the router when a route matched.
  std::shared_ptr<RouteMetrics> metrics;  // shared: an answer may come after the router is gone
  const Clock* clock = nullptr;
  std::int64_t started_us = 0;
  bool no_store = false;    // the answer is for this caller now: no cache may keep it
  bool any_origin = false;  // pages of any origin may read the answer
};

/// The right to answer one request, once. Dropping it unanswered answers 500, so no client hangs on
/// a bug; copies (a std::function needs them) share that right.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange);

  /// Answers. Threads: any. Answering twice is a bug (`ensure`).
  void operator()(Response response) const;
  bool is_answered() const;
  const Request& request() const;
  Exchange& exchange() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace attune::serve
