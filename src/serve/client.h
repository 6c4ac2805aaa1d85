// A small HTTP client: how the command line reaches a running server, over its control socket or a
// URL.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace attune::serve {

struct ClientRequest {
  std::string method = "GET";
  std::string target;  // "/api/v1/status?x=1"
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct ClientResponse {
  unsigned status = 0;
  std::string content_type;
  std::string body;
};

struct ClientOptions {
  std::string key;                    // sent as `Authorization: Bearer`, when not empty
  std::int64_t timeout_ms = 120'000;  // for one whole exchange
  std::uint64_t body_bytes_max = 1ULL << 30;
};

/// One keep-alive connection, opened at the first request and reopened when the server closed it.
class Client {
 public:
  virtual ~Client() = default;

  /// One exchange; any HTTP status is a success here.
  ///
  /// Errors   unavailable: nobody listens, or the connection broke; deadline_exceeded.
  /// Threads  one at a time.
  [[nodiscard]] virtual Result<ClientResponse> send(const ClientRequest& request) = 0;

  /// path   of a unix socket.
  [[nodiscard]] static std::unique_ptr<Client> to_socket(std::string path, ClientOptions options);

  /// url      "http://host:port" or "https://host"; no path.
  /// Errors   invalid_argument: another form.
  [[nodiscard]] static Result<std::unique_ptr<Client>> to_url(const std::string& url,
                                                              ClientOptions options);
};

}  // namespace attune::serve
