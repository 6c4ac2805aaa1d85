// A server that answers as a test tells it and keeps what it was asked: stands in for Attune where
// the simulator's own behaviour is under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace attune::shop {

struct Asked {
  std::string method;
  std::string target;
  std::string body;
  std::string authorization;
};

struct Told {
  unsigned status = 200;
  std::string body = "{}";
  std::string retry_after;
  bool keep_alive = true;
  bool silent = false;  // takes the request and never answers
};

inline Told answer(unsigned status, std::string body) {
  Told told;
  told.status = status;
  told.body = std::move(body);
  return told;
}

/// Listens on a free port of the loopback interface until it is destroyed.
class FakeServer {
 public:
  using Handler = std::function<Told(const Asked&)>;  // called from several threads

  explicit FakeServer(Handler handler);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;
  std::vector<Asked> asked() const;

 private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace attune::shop
