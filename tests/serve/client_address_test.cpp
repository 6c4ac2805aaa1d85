#include "serve/client_address.h"

#include <gtest/gtest.h>

namespace attune::serve {
namespace {

Request from_proxy(std::string_view forwarded) {
  Request request;
  request.peer_address = "10.0.0.2";
  if (!forwarded.empty()) request.add_header("X-Forwarded-For", forwarded);
  return request;
}

TEST(ClientAddressTest, BelievesHeadersOnlyWhenTold) {
  EXPECT_EQ(client_address(from_proxy("203.0.113.7"), false), "10.0.0.2");
  EXPECT_EQ(client_address(from_proxy("203.0.113.7"), true), "203.0.113.7");
}

// What a client writes itself stands on the left; each proxy adds what it saw on the right.
TEST(ClientAddressTest, TakesTheRightMostAddressThatIsNotOurOwnProxy) {
  EXPECT_EQ(client_address(from_proxy("198.51.100.9, 203.0.113.7, 10.1.2.3"), true), "203.0.113.7");
  EXPECT_EQ(client_address(from_proxy("junk, 203.0.113.7:4711"), true), "203.0.113.7");
  EXPECT_EQ(client_address(from_proxy("[2001:db8::1]:80, 127.0.0.1"), true), "2001:db8::1");
}

TEST(ClientAddressTest, FallsBackToWhatThereIs) {
  EXPECT_EQ(client_address(from_proxy("192.168.1.5, 10.1.2.3"), true), "192.168.1.5");
  EXPECT_EQ(client_address(from_proxy("unknown"), true), "10.0.0.2");
  Request real = from_proxy("");
  real.add_header("X-Real-IP", "203.0.113.9");
  EXPECT_EQ(client_address(real, true), "203.0.113.9");
}

TEST(ClientAddressTest, KnowsInternalNetworks) {
  for (const char* inside :
       {"127.0.0.1", "10.9.9.9", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1",
        "100.64.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"}) {
    EXPECT_TRUE(is_internal_address(inside)) << inside;
  }
  for (const char* outside :
       {"8.8.8.8", "172.32.0.1", "11.0.0.1", "2001:db8::1", "::ffff:8.8.8.8", "", "name"}) {
    EXPECT_FALSE(is_internal_address(outside)) << outside;
  }
}

}  // namespace
}  // namespace attune::serve
