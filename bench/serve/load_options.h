// What the load generator is told on its command line.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace attune::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";  // an IPv4 address
  std::uint16_t port = 8080;
  std::size_t connections = 256;
  double warmup_s = 2;
  double seconds = 10;
  double rate = 0;                // requests a second, open loop; 0: as fast as answers come
  std::string kind = "event";     // event, batch, recommend, flag
  std::size_t batch = 100;        // events in a batch
  std::string site;               // UUID
  std::string key;                // secret key, or empty
  std::size_t visitors = 20'000;  // different people in the bodies
  std::size_t items = 500;        // different products in them
};

/// `--port 8080 --kind batch ...`. Errors  invalid_argument: says what is allowed.
[[nodiscard]] Result<LoadOptions> read_options(int count, char** arguments);

}  // namespace attune::bench
