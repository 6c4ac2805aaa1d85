#include "serve/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace attune::serve {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(family, text.c_str(), bytes.data()) == 1;
}

bool is_internal_v4(std::uint32_t address) {
  const auto within = [address](std::uint32_t network, int bits) {
    return (address >> (32 - bits)) == (network >> (32 - bits));
  };
  return within(0x7F000000, 8) || within(0x0A000000, 8) || within(0xAC100000, 12) ||
         within(0xC0A80000, 16) || within(0xA9FE0000, 16) || within(0x64400000, 10);
}

}  // namespace

std::string bare_address(std::string_view given) {
  std::string_view text = trim(given);
  if (text.size() > 64) return {};
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    text = text.substr(1, end - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  const std::string bare(text.substr(0, text.find('%')));
  return is_address(AF_INET, bare) || is_address(AF_INET6, bare) ? bare : std::string();
}

bool is_internal_address(std::string_view address) {
  const std::string text(address);
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_internal_v4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::uint32_t inner = 0;
    std::memcpy(&inner, &v6.s6_addr[12], sizeof(inner));
    return is_internal_v4(ntohl(inner));
  }
  return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) || (v6.s6_addr[0] & 0xFE) == 0xFC;
}

std::string client_address(const Request& request, bool trust_proxy) {
  if (!trust_proxy || request.peer != PeerKind::tcp) return request.peer_address;
  std::string_view forwarded = request.header("x-forwarded-for");
  std::string left_most;
  while (!forwarded.empty()) {
    const std::size_t comma = forwarded.rfind(',');
    const std::string address =
        bare_address(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
    forwarded = comma == std::string_view::npos ? std::string_view{} : forwarded.substr(0, comma);
    if (address.empty()) continue;
    if (!is_internal_address(address)) return address;
    left_most = address;
  }
  if (!left_most.empty()) return left_most;
  const std::string real = bare_address(request.header("x-real-ip"));
  return real.empty() ? request.peer_address : real;
}

}  // namespace attune::serve
