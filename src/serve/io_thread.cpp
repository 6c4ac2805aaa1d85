#include "serve/io_thread.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/post.hpp>
#include <chrono>

#include "base/thread.h"

namespace attune::serve {
namespace {

namespace asio = boost::asio;

constexpr auto kTick = std::chrono::milliseconds(250);  // how late a timeout may be noticed

thread_local const IoThread* current_thread = nullptr;

}  // namespace

IoThread::IoThread(std::shared_ptr<ServerShared> shared)
    : shared_(std::move(shared)), context_(1), work_(context_.get_executor()), timer_(context_) {}

IoThread::~IoThread() {
  join();
}

void IoThread::start() {
  tick();
  thread_ = std::thread([this] {
    name_thread("http");
    current_thread = this;
    context_.run();
    current_thread = nullptr;
  });
}

void IoThread::adopt(StreamSocket socket, PeerKind peer, std::string address) {
  shared_->total.fetch_add(1, std::memory_order_relaxed);
  shared_->open.fetch_add(1, std::memory_order_relaxed);
  auto options = std::make_shared<ConnectionOptions>(
      ConnectionOptions{std::move(socket), peer, std::move(address)});
  asio::post(context_, [this, options] {
    const Place place = connections_.insert(connections_.end(), nullptr);
    *place = make_connection(shared_from_this(), std::move(*options), place);
    const std::shared_ptr<Connection> connection = *place;
    if (stopping_) {
      connection->stop(true);
    } else {
      connection->start();
    }
  });
}

void IoThread::wake(std::shared_ptr<Connection> connection) {
  bool first = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    if (mailbox_closed_) return;
    first = mailbox_.empty();
    mailbox_.push_back(std::move(connection));
  }
  // One wake-up for all answers that come before the thread gets to its mailbox: a group commit of
  // a hundred requests costs one or two, not a hundred.
  if (first) asio::post(context_, [this] { drain(); });
}

bool IoThread::is_current() const {
  return current_thread == this;
}

void IoThread::drain() {
  {
    const std::lock_guard lock(mailbox_mutex_);
    draining_.swap(mailbox_);
  }
  for (const std::shared_ptr<Connection>& connection : draining_) connection->resume();
  draining_.clear();
}

void IoThread::tick() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || ending_) return;
    const std::int64_t now_us = shared_->clock.steady_us();
    for (auto place = connections_.begin(); place != connections_.end();) {
      const std::shared_ptr<Connection> connection = *place++;  // it may leave the list
      connection->check_deadline(now_us);
    }
    tick();
  });
}

void IoThread::stop_connections(bool force) {
  asio::post(context_, [this, force] { stop_all(force); });
}

void IoThread::stop_all(bool force) {
  stopping_ = true;
  for (auto place = connections_.begin(); place != connections_.end();) {
    const std::shared_ptr<Connection> connection = *place++;
    connection->stop(force);
  }
}

void IoThread::join() {
  std::vector<std::shared_ptr<Connection>> undelivered;
  {
    const std::lock_guard lock(mailbox_mutex_);
    mailbox_closed_ = true;
    undelivered.swap(mailbox_);
  }
  if (!thread_.joinable()) return;
  work_.reset();
  // Not io_context::stop: operations left in it would keep their connections, and those this
  // thread, for ever. With everything closed the loop runs dry by itself.
  asio::post(context_, [this] {
    ending_ = true;
    timer_.cancel();
    stop_all(true);
  });
  thread_.join();
}

std::string_view IoThread::date(std::int64_t now_ms) {
  const std::int64_t now_s = now_ms / 1000;
  if (now_s == date_s_) return date_;
  date_s_ = now_s;
  using namespace std::chrono;
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds time{seconds(now_s)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  date_ =
      fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                  static_cast<unsigned>(date.day()),
                  kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  return date_;
}

}  // namespace attune::serve
