// The server on real sockets, with a router of a few routes that only serve this test.
#include "serve/server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "base/clock.h"
#include "fake_directories.h"
#include "raw_client.h"
#include "serve/worker_pool.h"

namespace attune::serve {
namespace {

constexpr std::size_t kEchoBytesMax = 200'000;

class ServerTest : public testing::Test {
 protected:
  ServerTest() : router_(sites_, callers_, clock_, &workers_, {}) {
    router_.add({echo(), from_other_thread(), dropped(), held(), large(), no_body()});
    options_.listen = "127.0.0.1:0";
    options_.io_threads = 2;
  }
  ~ServerTest() override {
    if (server_) server_->stop(0);
    release();
    while (!threads_.empty()) {
      threads_.back().join();
      threads_.pop_back();
    }
  }

  void start() {
    auto server = Server::start(options_, router_, clock_);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }
  void release() {
    const std::lock_guard lock(held_mutex_);
    for (Responder& waiting : held_) waiting(Response::text("late"));
    held_.clear();
  }
  std::size_t held_count() {
    const std::lock_guard lock(held_mutex_);
    return held_.size();
  }
  /// Waits until a condition holds; a test in which it never does fails by its own time limit.
  template <class Condition>
  static void until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }

  static Route io_route(Method method, std::string_view pattern, IoHandler handler) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.name = pattern.substr(1);
    route.runs = Runs::on_io;
    route.body_type = BodyType::any;
    route.on_io = std::move(handler);
    return route;
  }
  static Route echo() {
    Route route = io_route(Method::post, "/echo", [](std::shared_ptr<Call> call, Responder answer) {
      answer(Response::text(call->request().body));
    });
    route.body_bytes_max = kEchoBytesMax;
    return route;
  }
  Route from_other_thread() {
    return io_route(Method::get, "/other", [this](std::shared_ptr<Call> call, Responder answer) {
      const std::lock_guard lock(threads_mutex_);
      threads_.emplace_back([call, answer] {
        answer(Response::text(std::string(call->request().header("x-number"))));
      });
    });
  }
  static Route dropped() {
    return io_route(Method::get, "/dropped", [](std::shared_ptr<Call>, Responder) {});
  }
  Route held() {
    return io_route(Method::get, "/held", [this](std::shared_ptr<Call>, Responder answer) {
      const std::lock_guard lock(held_mutex_);
      held_.push_back(std::move(answer));
    });
  }
  static Route large() {
    return io_route(Method::get, "/large", [](std::shared_ptr<Call>, Responder answer) {
      answer(Response::text(std::string(8 << 20, 'x')));
    });
  }
  static Route no_body() {
    Route route;
    route.method = Method::post;
    route.pattern = "/nothing";
    route.name = "nothing";
    route.on_worker = [](const Call&) { return Response::empty(204); };
    return route;
  }

  RealClock clock_;
  FakeSites sites_;
  FakeCallers callers_;
  WorkerPool workers_{2, 16};
  Router router_;
  ServerOptions options_;
  std::mutex held_mutex_;
  std::vector<Responder> held_;
  std::mutex threads_mutex_;
  std::vector<std::thread> threads_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  start();
  RawClient client(server_->port());
  for (int i = 0; i < 100; ++i) {
    const std::string body = "body " + std::to_string(i);
    const RawAnswer answer = client.exchange(post_request("/echo", body));
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body, body);
    ASSERT_NE(answer.header("Date"), "");
  }
  EXPECT_EQ(server_->stats().connections_total, 1U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(server_->port());
  std::string all;
  for (int i = 0; i < 300; ++i) {
    all += i % 3 == 0 ? get_request("/other", "X-Number: " + std::to_string(i) + "\r\n")
                      : post_request("/echo", std::to_string(i));
  }
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 300; ++i) {
    const RawAnswer answer = client.read();
    ASSERT_EQ(answer.status, 200) << i;
    ASSERT_EQ(answer.body, std::to_string(i));
  }
}

TEST_F(ServerTest, TakesARequestByteByByte) {
  start();
  RawClient client(server_->port());
  for (const char c : post_request("/echo", "slowly")) ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(client.read().body, "slowly");
}

TEST_F(ServerTest, TakesBodiesUpToTheRoutesLimitAndNoMore) {
  start();
  RawClient client(server_->port());
  const std::string body(kEchoBytesMax, 'b');
  EXPECT_EQ(client.exchange(post_request("/echo", body)).body, body);
  const RawAnswer refused = client.exchange(post_request("/echo", body + "b"));
  EXPECT_EQ(refused.status, 413);
  EXPECT_NE(refused.body.find("body_too_large"), std::string::npos);
  EXPECT_EQ(refused.header("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST_F(ServerTest, TakesChunkedBodiesWithTheSameLimit) {
  start();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  {
    RawClient client(server_->port());
    EXPECT_EQ(client.exchange(head + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n").body, "abcdefg");
    EXPECT_EQ(client.exchange(post_request("/echo", "again")).body, "again");
  }
  RawClient client(server_->port());
  client.send(head);
  const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
  for (std::size_t sent = 0; sent <= kEchoBytesMax; sent += 0x8000) client.send(chunk);
  EXPECT_EQ(client.read().status, 413);
  RawClient broken(server_->port());
  EXPECT_EQ(broken.exchange(head + "zz\r\n").status, 400);
}

TEST_F(ServerTest, SaysContinueToAClientThatWaitsForIt) {
  start();
  RawClient client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  EXPECT_EQ(client.exchange("hi").body, "hi");
}

TEST_F(ServerTest, KeepsTheOldHttpsManners) {
  start();
  RawClient client(server_->port());
  const RawAnswer answer = client.exchange("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(answer.body, "hi");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.at_end());
  RawClient kept(server_->port());
  const std::string request =
      "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi";
  EXPECT_EQ(kept.exchange(request).header("Connection"), "keep-alive");
  EXPECT_EQ(kept.exchange(request).body, "hi");
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  RawClient client(server_->port());
  client.send("HEAD /large HTTP/1.1\r\nHost: t\r\n\r\n");
  const RawAnswer answer = client.read(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), std::to_string(8 << 20));
  EXPECT_EQ(client.exchange(post_request("/echo", "next")).body, "next");
}

TEST_F(ServerTest, SendsAnswersLargerThanTheSocketTakes) {
  start();
  RawClient client(server_->port());
  EXPECT_EQ(client.exchange(get_request("/large")).body.size(), std::size_t{8 << 20});
  EXPECT_EQ(client.exchange(post_request("/echo", "next")).body, "next");
}

TEST_F(ServerTest, AnswersWhatAHandlerForgot) {
  start();
  RawClient client(server_->port());
  const RawAnswer answer = client.exchange(get_request("/dropped"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find("\"code\":\"internal\""), std::string::npos);
  EXPECT_EQ(client.exchange(post_request("/echo", "next")).body, "next");
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  start();
  const std::pair<std::string, int> cases[] = {
      {"hello\r\n\r\n", 400},
      {"GET /echo\r\n\r\n", 400},
      {"GET /echo HTTP/2.0\r\nHost: t\r\n\r\n", 505},
      {"GET /echo HTTP/1.1\r\n\r\n", 400},  // no Host
      {"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"GET /echo HTTP/1.1\r\nHost: t\r\nBad Name: x\r\n\r\n", 400},
      {"GET /echo HTTP/1.1\r\nHost: t\r\nX: " + std::string(20'000, 'h') + "\r\n\r\n", 431},
      {"GET /" + std::string(20'000, 'p') + " HTTP/1.1\r\nHost: t\r\n\r\n", 431},
  };
  for (const auto& [bytes, status] : cases) {
    RawClient client(server_->port());
    const RawAnswer answer = client.exchange(bytes);
    EXPECT_EQ(answer.status, status) << bytes.substr(0, 80) << answer.body;
    EXPECT_NE(answer.body.find("\"error\""), std::string::npos) << bytes.substr(0, 80);
    EXPECT_EQ(answer.header("Connection"), "close");
  }
}

TEST_F(ServerTest, TakesAWholeUrlAsTarget) {
  start();
  RawClient client(server_->port());
  EXPECT_EQ(client
                .exchange("POST http://any.example/echo HTTP/1.1\r\nHost: t\r\n"
                          "Content-Length: 2\r\n\r\nhi")
                .body,
            "hi");
}

TEST_F(ServerTest, SaysWhatATruncatedBodyLacks) {
  start();
  RawClient client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nonly this");
  client.end_sending();
  const RawAnswer answer = client.read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("ended too early"), std::string::npos);
}

TEST_F(ServerTest, TimesOutSlowClients) {
  options_.header_timeout_ms = 300;
  options_.body_timeout_ms = 300;
  options_.idle_timeout_ms = 300;
  start();
  RawClient header(server_->port());
  header.send("POST /echo HTTP/1.1\r\nHo");
  RawClient body(server_->port());
  body.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
  RawClient chunked(server_->port());
  chunked.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
  RawClient idle(server_->port());
  EXPECT_EQ(idle.exchange(post_request("/echo", "x")).status, 200);
  for (RawClient* slow : {&header, &body, &chunked}) {
    const RawAnswer answer = slow->read();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.header("Connection"), "close");
  }
  EXPECT_TRUE(idle.at_end());
  EXPECT_EQ(server_->stats().timeouts, 3U);
}

// A client that trickles bytes in keeps each single wait short; the whole body has a limit as well.
TEST_F(ServerTest, TimesOutAClientThatTrickles) {
  options_.body_timeout_ms = 100;  // 1 s for the whole body
  start();
  RawClient client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  std::promise<void> done;
  std::thread trickle([&, over = done.get_future()] {
    while (over.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout) {
      if (!client.send("x")) return;
    }
  });
  EXPECT_EQ(client.read().status, 408);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  done.set_value();
  trickle.join();
}

TEST_F(ServerTest, DropsAClientThatDoesNotReadItsAnswer) {
  options_.write_timeout_ms = 300;
  start();
  RawClient client(server_->port());
  std::string many;
  for (int i = 0; i < 8; ++i) many += get_request("/large");  // more than any socket buffer holds
  ASSERT_TRUE(client.send(many));
  until([&] { return server_->stats().timeouts == 1; });
  until([&] { return server_->stats().connections_open == 0; });
}

TEST_F(ServerTest, RefusesConnectionsOverTheLimit) {
  options_.connections_max = 2;
  start();
  RawClient first(server_->port());
  RawClient second(server_->port());
  EXPECT_EQ(first.exchange(post_request("/echo", "1")).status, 200);
  EXPECT_EQ(second.exchange(post_request("/echo", "2")).status, 200);
  RawClient third(server_->port());
  EXPECT_EQ(third.read().status, 503);
  EXPECT_EQ(server_->stats().connections_refused, 1U);
  EXPECT_EQ(first.exchange(post_request("/echo", "1")).status, 200);
}

TEST_F(ServerTest, LetsRequestsFinishWhenItStops) {
  start();
  RawClient busy(server_->port());
  busy.send(get_request("/held"));
  RawClient idle(server_->port());
  EXPECT_EQ(idle.exchange(post_request("/echo", "x")).status, 200);
  until([&] { return held_count() == 1; });
  const std::uint16_t port = server_->port();
  std::thread stopping([&] { server_->stop(20'000); });
  EXPECT_TRUE(idle.at_end());  // closed at once
  release();
  const RawAnswer answer = busy.read();
  EXPECT_EQ(answer.body, "late");
  EXPECT_EQ(answer.header("Connection"), "close");
  stopping.join();
  EXPECT_FALSE(RawClient(port).connected());
}

TEST_F(ServerTest, StopsWithoutWaitingForever) {
  start();
  RawClient busy(server_->port());
  busy.send(get_request("/held"));
  until([&] { return held_count() == 1; });
  server_->stop(50);
  EXPECT_TRUE(busy.at_end());
  release();  // an answer after the end goes nowhere, and harms nothing
}

TEST_F(ServerTest, ControlSocketIsTheOwnersOnly) {
  const std::string folder = testing::TempDir() + "attune_serve_XXXXXX";
  std::string path(folder);
  ASSERT_NE(::mkdtemp(path.data()), nullptr);
  options_.socket_path = path + "/control.sock";
  start();
  struct stat status {};
  ASSERT_EQ(::stat(options_.socket_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  RawClient client(options_.socket_path);
  EXPECT_EQ(client.exchange(post_request("/echo", "by path")).body, "by path");

  auto second = Server::start(options_, router_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::failed_precondition);
  server_->stop(0);
  EXPECT_FALSE(std::filesystem::exists(options_.socket_path));
  std::filesystem::remove_all(path);
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start();
  ServerOptions taken;
  taken.listen = "127.0.0.1:" + std::to_string(server_->port());
  const auto second = Server::start(taken, router_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::unavailable);
  for (const char* bad : {"", "8080", "127.0.0.1:", ":80", "127.0.0.1:x", "127.0.0.1:70000"}) {
    ServerOptions options;
    options.listen = bad;
    const auto server = Server::start(options, router_, clock_);
    if (*bad == '\0') continue;  // no TCP wanted
    ASSERT_FALSE(server) << bad;
    EXPECT_EQ(server.error().code(), ErrorCode::invalid_argument) << bad;
  }
}

TEST_F(ServerTest, ServesManyClientsAtOnce) {
  start();
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      RawClient client(server_->port());
      for (int j = 0; j < 50; ++j) {
        const std::string number = std::to_string(i * 1000 + j);
        const RawAnswer answer =
            client.exchange(get_request("/other", "X-Number: " + number + "\r\n"));
        if (answer.status == 200 && answer.body == number) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 16 * 50);
}

}  // namespace
}  // namespace attune::serve
