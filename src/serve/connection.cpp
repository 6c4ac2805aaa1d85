// One client: reads a request, lets the router answer, writes, reads the next. A state machine on
// one I/O thread; only `finish` comes from elsewhere. Beast parses the head (and chunked bodies); a
// body of known length is copied straight from the read buffer, and an answer leaves with one send.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <memory>
#include <optional>

#include "base/ensure.h"
#include "serve/io_thread.h"

namespace attune::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kBufferBytes = 4 * 1024;       // per idle connection; most requests fit
constexpr std::size_t kBodyBufferBytes = 64 * 1024;  // while a long body comes in
constexpr std::size_t kJoinedBodyBytes = 16 * 1024;  // answers up to this leave in one buffer
constexpr std::int64_t kLingerUs = 1'000'000;        // reads on after a refusal, so that it arrives
constexpr std::size_t kLingerBytesMax = 4 << 20;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

/// Fills a Request from Beast's parser.
class RequestParser final : public http::basic_parser<true> {
 public:
  RequestParser(Request& request, std::size_t header_bytes_max) : request_(request) {
    header_limit(static_cast<std::uint32_t>(header_bytes_max));
    body_limit(boost::none);  // the route's limit is known only after the head
  }
  std::size_t chunked_body_bytes_max = 0;
  int version = 11;

 private:
  void on_request_impl(http::verb, boost::beast::string_view method,
                       boost::beast::string_view target, int http_version, error_code&) override {
    request_.method = ::attune::serve::parse_method(view(method));
    request_.target = view(target);
    version = http_version;
    // A client that takes us for a proxy sends the whole URL; the path is what counts (RFC
    // 9112, 3.2.2).
    if (request_.target.starts_with("http://") || request_.target.starts_with("https://")) {
      const std::size_t path = request_.target.find('/', request_.target.find("//") + 2);
      request_.target.erase(0, path == std::string::npos ? request_.target.size() : path);
      if (request_.target.empty()) request_.target = "/";
    }
  }
  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
  void on_field_impl(http::field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code&) override {
    request_.add_header(view(name), view(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view body, error_code& error) override {
    return append(body, error);
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body,
                                 error_code& error) override {
    return append(body, error);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t append(boost::beast::string_view body, error_code& error) {
    if (request_.body.size() + body.size() > chunked_body_bytes_max) {
      error = http::error::body_limit;
      return 0;
    }
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  Request& request_;
};

class HttpConnection final : public Connection,
                             public Exchange,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<IoThread> thread, ConnectionOptions options, IoThread::Place place)
      : thread_(std::move(thread)),
        socket_(std::move(options.socket)),
        place_(place),
        in_(std::make_unique<char[]>(kBufferBytes)) {
    request_.peer = options.peer;
    request_.peer_address = std::move(options.address);
  }

  const Request& request() const override { return request_; }
  void start() override;
  void resume() override;
  void check_deadline(std::int64_t now_us) override;
  void stop(bool force) override;

 private:
  enum class Phase : std::uint8_t {
    idle,       // between requests
    head,       // some bytes of a head are here
    body,       // a body of known length
    chunked,    // a chunked body
    handling,   // the router has it
    writing,    // the socket would not take the whole answer at once
    lingering,  // answered a request we did not read to its end
    streaming,  // the answer goes on: waits for what is to be sent next
    stream_writing,
    closed
  };

  const ServerOptions& limits() const { return thread_->shared().options; }
  std::int64_t now_us() const { return thread_->shared().clock.steady_us(); }
  std::size_t unread() const { return in_end_ - in_begin_; }

  void finish(Response response) override;
  void advance();
  bool step();
  bool begin();
  bool read_head();
  bool head_complete();
  bool read_body();
  bool read_chunked();
  bool dispatch();
  bool refuse(Response response);
  bool send_answer();
  bool answer_sent();
  bool begin_stream();
  bool send_stream();
  bool write_stream(std::shared_ptr<const std::string> text);
  void make_head();
  bool wait_bytes(std::size_t room);
  void on_bytes(const error_code& error, std::size_t bytes);
  void on_end_of_input();
  void make_room(std::size_t room);
  void close();

  std::shared_ptr<IoThread> thread_;  // before the socket: its event loop must outlive it
  StreamSocket socket_;
  IoThread::Place place_;
  Phase phase_ = Phase::idle;
  bool advancing_ = false;  // inside `advance`
  bool answered_ = false;   // `response_` is in place
  bool reading_ = false;    // a read is under way
  std::shared_ptr<EventStream> stream_;  // of the phases streaming and stream_writing
  bool keep_alive_ = true;
  bool unread_request_ = false;   // the answer comes before the request was read to its end
  std::int64_t deadline_us_ = 0;  // 0: none
  std::int64_t body_deadline_us_ = 0;
  std::uint64_t body_left_ = 0;
  std::size_t lingered_ = 0;

  std::unique_ptr<char[]> in_;
  std::size_t in_bytes_ = kBufferBytes;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::optional<RequestParser> parser_;
  Request request_;
  Response response_;
  std::string out_;
};

void HttpConnection::start() {
  error_code ignored;
  socket_.native_non_blocking(true, ignored);
  deadline_us_ =
      now_us() + limits().header_timeout_ms * 1000;  // a new connection should say something
  advance();
}

void HttpConnection::finish(Response response) {
  response_ = std::move(response);
  if (!thread_->is_current()) return thread_->wake(shared_from_this());
  answered_ = true;
  advance();
}

void HttpConnection::resume() {
  if (phase_ == Phase::closed) return;
  answered_ = stream_ == nullptr;  // else the stream has something
  advance();
}

/// Goes on until it has to wait. A loop, not recursion: many pipelined requests must not eat the
/// stack.
void HttpConnection::advance() {
  if (advancing_) return;
  advancing_ = true;
  const std::shared_ptr<HttpConnection> self =
      shared_from_this();  // `close` drops the list's share
  while (step()) {
  }
  advancing_ = false;
}

bool HttpConnection::step() {
  switch (phase_) {
    case Phase::idle:
      return begin();
    case Phase::head:
      return read_head();
    case Phase::body:
      return read_body();
    case Phase::chunked:
      return read_chunked();
    case Phase::handling:
      return answered_ && send_answer();
    case Phase::writing:
    case Phase::stream_writing:
      return false;
    case Phase::lingering:
      in_begin_ = in_end_ = 0;
      return wait_bytes(1);
    case Phase::streaming:
      return send_stream();
    case Phase::closed:
      return false;
  }
  return false;
}

bool HttpConnection::begin() {
  if (unread() == 0) {
    if (thread_->stopping()) {
      close();
      return false;
    }
    if (in_bytes_ > kBufferBytes) {  // a long body grew it
      in_ = std::make_unique<char[]>(kBufferBytes);
      in_bytes_ = kBufferBytes;
    }
    return wait_bytes(1);
  }
  request_.clear();
  parser_.emplace(request_, limits().header_bytes_max);
  answered_ = false;
  keep_alive_ = true;
  unread_request_ = false;
  deadline_us_ = now_us() + limits().header_timeout_ms * 1000;
  phase_ = Phase::head;
  return true;
}

bool HttpConnection::read_head() {
  error_code error;
  in_begin_ += parser_->put(asio::const_buffer(in_.get() + in_begin_, unread()), error);
  if (error == http::error::need_more) {
    if (unread() < limits().header_bytes_max) return wait_bytes(kBufferBytes / 2);
    error = http::error::header_limit;
  }
  if (error) {
    ++thread_->shared().bad_requests;
    unread_request_ = true;
    if (error == http::error::header_limit) {
      return refuse(Response::error(431, "header_too_large",
                                    fmt::format("request line and headers are longer than {} bytes",
                                                limits().header_bytes_max)));
    }
    if (error == http::error::bad_version) {
      return refuse(
          Response::error(505, "http_version", "this server speaks HTTP/1.0 and HTTP/1.1"));
    }
    return refuse(Response::error(400, "invalid_argument", "not HTTP: " + error.message()));
  }
  return parser_->is_header_done() ? head_complete() : true;
}

bool HttpConnection::head_complete() {
  keep_alive_ = parser_->keep_alive() && !thread_->stopping();
  request_.received_ms = thread_->shared().clock.now_ms();
  if (parser_->version == 11 && !request_.has_header("host")) {
    unread_request_ = true;
    return refuse(Response::error(400, "invalid_argument", "HTTP/1.1 needs a Host header", "Host"));
  }
  const bool chunked = parser_->chunked();
  const std::uint64_t announced = parser_->content_length() ? *parser_->content_length() : 0;
  if (!chunked && announced == 0) return dispatch();
  const Router::HeadVerdict verdict = thread_->shared().router.look_at_head(
      request_, chunked ? std::nullopt : std::optional<std::uint64_t>(announced));
  if (verdict.refusal) {
    ++thread_->shared().bad_requests;
    unread_request_ = true;
    return refuse(*verdict.refusal);
  }
  const std::string_view expect = request_.header("expect");
  if (!expect.empty() && unread() == 0) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code error;
    socket_.write_some(asio::const_buffer(kContinue.data(), kContinue.size()), error);
    if (error) {  // 25 bytes that do not fit: the client does not read
      close();
      return false;
    }
  }
  deadline_us_ = now_us() + limits().body_timeout_ms * 1000;
  body_deadline_us_ = now_us() + limits().body_timeout_ms * 10'000;
  if (chunked) {
    parser_->eager(true);
    parser_->chunked_body_bytes_max = verdict.body_bytes_max;
    phase_ = Phase::chunked;
  } else {
    body_left_ = announced;
    phase_ = Phase::body;
  }
  return true;
}

bool HttpConnection::read_body() {
  const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(unread(), body_left_));
  // Grows with what has come, not with what was announced: an announcement costs a client nothing.
  request_.body.append(in_.get() + in_begin_, take);
  in_begin_ += take;
  body_left_ -= take;
  if (body_left_ == 0) return dispatch();
  return wait_bytes(body_left_ > kBufferBytes ? kBodyBufferBytes : kBufferBytes);
}

bool HttpConnection::read_chunked() {
  error_code error;
  while (!parser_->is_done() && unread() > 0) {
    const std::size_t taken =
        parser_->put(asio::const_buffer(in_.get() + in_begin_, unread()), error);
    in_begin_ += taken;
    if (error) break;
  }
  if (parser_->is_done()) return dispatch();
  if (!error || error == http::error::need_more) {
    if (unread() < limits().header_bytes_max) return wait_bytes(kBodyBufferBytes);
    error = http::error::header_limit;  // a chunk header or trailer without end
  }
  ++thread_->shared().bad_requests;
  unread_request_ = true;
  if (error == http::error::body_limit) {
    return refuse(Response::error(
        413, "body_too_large",
        fmt::format("the body is longer than {} bytes", parser_->chunked_body_bytes_max), "body"));
  }
  return refuse(
      Response::error(400, "invalid_argument", "chunked body: " + error.message(), "body"));
}

bool HttpConnection::dispatch() {
  phase_ = Phase::handling;
  deadline_us_ = 0;  // how long a handler may take is its own affair
  thread_->shared().router.handle(shared_from_this());
  return answered_;
}

/// Answers something that never reached a route.
bool HttpConnection::refuse(Response response) {
  response_ = std::move(response);
  response_.close = true;
  answered_ = true;
  phase_ = Phase::handling;
  return true;
}

void HttpConnection::make_head() {
  const int status = response_.status;
  keep_alive_ = keep_alive_ && !response_.close && !thread_->stopping();
  out_.clear();
  // Appended piece by piece: this runs for every answer, and formatting took 2 % of its time.
  const auto number = [this](auto value) {
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
  };
  out_.append("HTTP/1.1 ");
  number(status);
  out_.append(" ").append(reason_of(status)).append("\r\nDate: ");
  out_.append(thread_->date(thread_->shared().clock.now_ms())).append("\r\n");
  if (!response_.content_type.empty()) {
    out_.append("Content-Type: ").append(response_.content_type).append("\r\n");
  }
  out_.append("X-Content-Type-Options: nosniff\r\n");
  for (const auto& [name, value] : response_.headers) {
    out_.append(name).append(": ").append(value).append("\r\n");
  }
  if (status != 204 && status != 304 && response_.stream == nullptr) {
    out_.append("Content-Length: ");
    number(response_.content().size());
    out_.append("\r\n");
  }
  if (!keep_alive_) {
    out_.append("Connection: close\r\n");
  } else if (parser_ && parser_->version == 10) {
    out_.append("Connection: keep-alive\r\n");
  }
  out_.append("\r\n");
}

bool HttpConnection::send_answer() {
  const bool bodiless =
      request_.method == Method::head || response_.status == 204 || response_.status == 304;
  if (bodiless) response_.stream = nullptr;
  if (response_.stream != nullptr) response_.close = true;  // its end is the connection's
  make_head();
  std::string_view body = bodiless ? std::string_view() : response_.content();
  if (body.size() <= kJoinedBodyBytes) {
    out_.append(body);
    body = {};
  }
  const std::array<asio::const_buffer, 2> parts = {asio::const_buffer(out_.data(), out_.size()),
                                                   asio::const_buffer(body.data(), body.size())};
  error_code error;
  const std::size_t sent = socket_.write_some(parts, error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) {
    close();
    return false;
  }
  if (sent == out_.size() + body.size()) return answer_sent();
  phase_ = Phase::writing;
  deadline_us_ = now_us() + limits().write_timeout_ms * 1000;
  const std::size_t of_head = std::min(sent, out_.size());
  const std::array<asio::const_buffer, 2> rest = {parts[0] + of_head, parts[1] + (sent - of_head)};
  asio::async_write(socket_, rest,
                    [self = shared_from_this()](const error_code& failed, std::size_t) {
                      if (self->phase_ == Phase::closed) return;
                      if (failed) return self->close();
                      if (self->answer_sent()) self->advance();
                    });
  return false;
}

/// Returns  whether there may be more to do.
bool HttpConnection::answer_sent() {
  answered_ = false;
  if (response_.stream != nullptr) return begin_stream();
  response_ = Response{};
  if (keep_alive_) {
    parser_.reset();
    phase_ = Phase::idle;
    deadline_us_ = now_us() + limits().idle_timeout_ms * 1000;
    return true;
  }
  if (!unread_request_ && unread() == 0) {
    error_code ignored;
    socket_.shutdown(StreamSocket::shutdown_both, ignored);
    close();
    return false;
  }
  // Closing with unread bytes would reset the connection, and the client might never see the
  // answer.
  error_code ignored;
  socket_.shutdown(StreamSocket::shutdown_send, ignored);
  phase_ = Phase::lingering;
  deadline_us_ = now_us() + kLingerUs;
  return true;
}

bool HttpConnection::begin_stream() {
  stream_ = std::move(response_.stream);
  response_ = Response{};
  phase_ = Phase::streaming;
  stream_->listen([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->thread_->wake(self);
  });
  return true;
}

/// Sends what the stream has; else waits, and reads only to notice that the client has gone.
bool HttpConnection::send_stream() {
  if (auto text = stream_->next()) return write_stream(std::move(text));
  if (deadline_us_ <= now_us()) deadline_us_ = now_us() + limits().heartbeat_ms * 1000;
  in_begin_ = in_end_ = 0;
  return wait_bytes(1);
}

/// A client that does not read is closed after write_timeout_ms: it keeps one text, no queue.
bool HttpConnection::write_stream(std::shared_ptr<const std::string> text) {
  phase_ = Phase::stream_writing;
  deadline_us_ = now_us() + limits().write_timeout_ms * 1000;
  const asio::const_buffer bytes(text->data(), text->size());
  asio::async_write(socket_, bytes,
                    [self = shared_from_this(), kept = std::move(text)](const error_code& failed,
                                                                        std::size_t) {
                      if (self->phase_ == Phase::closed) return;
                      if (failed) return self->close();
                      self->phase_ = Phase::streaming;
                      self->deadline_us_ = 0;
                      self->advance();
                    });
  return false;
}

/// Starts a read of up to `room` bytes and more. Always false: there is nothing to do until it
/// ends.
bool HttpConnection::wait_bytes(std::size_t room) {
  if (reading_) return false;
  make_room(room);
  reading_ = true;
  socket_.async_read_some(asio::mutable_buffer(in_.get() + in_end_, in_bytes_ - in_end_),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            self->on_bytes(error, bytes);
                          });
  return false;
}

void HttpConnection::make_room(std::size_t room) {
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  if (in_bytes_ - in_end_ >= room) return;
  const std::size_t kept = unread();
  if (in_bytes_ - kept < room) {
    const std::size_t bytes = std::max(in_bytes_ * 2, kept + room);
    auto larger = std::make_unique<char[]>(bytes);
    std::copy_n(in_.get() + in_begin_, kept, larger.get());
    in_ = std::move(larger);
    in_bytes_ = bytes;
  } else {
    std::copy(in_.get() + in_begin_, in_.get() + in_end_, in_.get());
  }
  in_begin_ = 0;
  in_end_ = kept;
}

void HttpConnection::on_bytes(const error_code& error, std::size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (error) {
    if (error == asio::error::eof) return on_end_of_input();
    return close();
  }
  in_end_ += bytes;
  if (phase_ == Phase::lingering) {
    lingered_ += bytes;
    if (lingered_ > kLingerBytesMax) return close();
  }
  if (phase_ == Phase::body || phase_ == Phase::chunked) {
    deadline_us_ = std::min(now_us() + limits().body_timeout_ms * 1000, body_deadline_us_);
  }
  advance();
}

void HttpConnection::on_end_of_input() {
  if (phase_ == Phase::body || phase_ == Phase::chunked || phase_ == Phase::head) {
    // The client may have closed only its sending half, and can still read what was wrong.
    ++thread_->shared().bad_requests;
    refuse(Response::error(400, "invalid_argument", "the request ended too early", "body"));
    return advance();
  }
  if (phase_ == Phase::idle || phase_ == Phase::lingering || stream_ != nullptr) close();
}

void HttpConnection::check_deadline(std::int64_t now) {
  if (deadline_us_ == 0 || now < deadline_us_ || phase_ == Phase::closed) return;
  if (phase_ == Phase::head || phase_ == Phase::body || phase_ == Phase::chunked) {
    ++thread_->shared().timeouts;
    unread_request_ = true;
    refuse(Response::error(
        408, "request_timeout",
        phase_ == Phase::head ? "the header took too long" : "the body took too long"));
    return advance();
  }
  if (phase_ == Phase::streaming) {
    static const auto kHeartbeat = std::make_shared<const std::string>(":\n\n");
    write_stream(kHeartbeat);
    return;
  }
  const bool is_slow = phase_ == Phase::writing || phase_ == Phase::stream_writing;
  if (is_slow) ++thread_->shared().timeouts;
  close();
}

void HttpConnection::stop(bool force) {
  if (phase_ == Phase::closed) return;
  const bool is_waiting =
      phase_ == Phase::idle || phase_ == Phase::lingering || stream_ != nullptr;
  if (force || is_waiting) return close();
  keep_alive_ = false;
}

void HttpConnection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  if (stream_ != nullptr) stream_->listen({});
  stream_.reset();
  error_code ignored;
  socket_.close(ignored);
  ServerShared& shared = thread_->shared();
  {
    const std::lock_guard lock(shared.closed_mutex);
    shared.open.fetch_sub(1, std::memory_order_relaxed);
  }
  shared.closed.notify_all();
  thread_->remove(place_);  // last: it may drop the last share of this object
}

}  // namespace

std::shared_ptr<Connection> make_connection(std::shared_ptr<IoThread> thread,
                                            ConnectionOptions options, IoThread::Place place) {
  return std::make_shared<HttpConnection>(std::move(thread), std::move(options), place);
}

}  // namespace attune::serve
