// One keep-alive connection to the server under observation, with a deadline on every exchange and
// a stop that is obeyed in the middle of one. The server's own client (serve/client.h) can do
// neither, and the simulator is to stay a stranger to the server's code.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attune::shop {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::int64_t retry_after_s = 0;  // 0: not given
};

class HttpClient {
 public:
  /// key   sent as a bearer token; empty: none.
  HttpClient(std::string host, std::uint16_t port, std::string key);
  ~HttpClient();

  /// One exchange; any status is a success here. Connects when there is no connection, and once
  /// more when the server had closed it meanwhile.
  ///
  /// body     sent as application/json; empty: none.
  /// Errors   unavailable: nobody answers, or `stop` was requested; deadline_exceeded: 10 s passed.
  /// Threads  one at a time.
  [[nodiscard]] Result<HttpAnswer> exchange(std::string_view method, std::string_view target,
                                            std::string_view body, const std::stop_token& stop);

 private:
  struct Connection;
  Result<HttpAnswer> try_once(std::string_view method, std::string_view target,
                              std::string_view body, const std::stop_token& stop);

  std::string host_;
  std::uint16_t port_;
  std::string key_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace attune::shop
