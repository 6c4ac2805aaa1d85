#include "load_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace attune::bench {

LoadConnection::~LoadConnection() {
  if (socket_ >= 0) ::close(socket_);
}

bool LoadConnection::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  if (::inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr) != 1) return false;
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return ::fcntl(socket_, F_SETFL, O_NONBLOCK) == 0;
}

bool LoadConnection::send(std::string_view request, std::int64_t since_us) {
  busy_ = true;
  since_us_ = since_us;
  unsent_ = request;
  return flush();
}

bool LoadConnection::flush() {
  while (!unsent_.empty()) {
    const ssize_t sent = ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    unsent_.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

LoadConnection::Progress LoadConnection::go_on() {
  if (!flush()) return Progress::broken;
  std::array<char, 16384> chunk;
  for (;;) {
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got < 0) return errno == EAGAIN ? Progress::waiting : Progress::broken;
    if (got == 0) return Progress::broken;
    answer_.append(chunk.data(), static_cast<std::size_t>(got));
    const Progress progress = parse();
    if (progress != Progress::waiting) return progress;
    if (static_cast<std::size_t>(got) < chunk.size()) return Progress::waiting;
  }
}

LoadConnection::Progress LoadConnection::parse() {
  const std::size_t end = answer_.find("\r\n\r\n");
  if (end == std::string::npos) return Progress::waiting;
  const std::string_view head(answer_.data(), end + 2);
  constexpr std::string_view kLength = "Content-Length: ";
  std::size_t body = 0;
  if (const std::size_t at = head.find(kLength); at != std::string_view::npos) {
    std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), body);
  }
  if (answer_.size() < end + 4 + body) return Progress::waiting;
  std::from_chars(answer_.data() + 9, answer_.data() + 12, status_);
  answer_.clear();  // one request at a time: nothing can follow
  busy_ = false;
  return Progress::answered;
}

}  // namespace attune::bench
