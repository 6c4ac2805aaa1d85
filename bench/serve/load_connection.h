// One keep-alive connection of the load generator: sends a whole request, reads a whole answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "load_options.h"

namespace attune::bench {

class LoadConnection {
 public:
  explicit LoadConnection(const LoadOptions& options) : options_(options) {}
  ~LoadConnection();
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  /// Connects (blocking, then the socket is non-blocking). Returns  whether that worked.
  bool connect();
  int descriptor() const { return socket_; }
  bool busy() const { return busy_; }

  /// Sends a request; `since_us` is when it was due.
  bool send(std::string_view request, std::int64_t since_us);
  std::int64_t since_us() const { return since_us_; }

  enum class Progress { waiting, answered, broken };
  /// Sends what is left of the request, reads what has come.
  Progress go_on();
  int status() const { return status_; }

 private:
  bool flush();
  Progress parse();

  const LoadOptions& options_;
  int socket_ = -1;
  bool busy_ = false;
  std::string_view unsent_;
  std::int64_t since_us_ = 0;
  std::string answer_;
  int status_ = 0;
};

}  // namespace attune::bench
