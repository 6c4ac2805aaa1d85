#include "load_bodies.h"

#include <fmt/format.h>

#include <array>
#include <random>

namespace attune::bench {
namespace {

constexpr std::size_t kRequests = 16'384;  // distinct ones; then they come round again
constexpr std::size_t kBatches = 256;
constexpr std::array<const char*, 4> kAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 "
    "Mobile Safari/537.36"};
constexpr std::array<const char*, 4> kReferrers = {"", "https://www.google.com/",
                                                   "https://www.reddit.com/r/tea/", ""};

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) {
  return static_cast<std::size_t>(random() % count);
}

std::string event_json(const LoadOptions& options, Random& random) {
  const std::size_t visitor = below(random, options.visitors);
  const std::size_t product = below(random, options.items);
  const std::string who =
      fmt::format(R"("site":"{}","visitor_id":"v-{:08x}","session_id":"s-{:08x}-{}")", options.site,
                  visitor, visitor, below(random, 3));
  const std::string page = fmt::format(
      R"("url":"https://shop.example/product-{}.html?utm_source=a","title":"Product {}")", product,
      product);
  const std::string common = who + "," + page +
                             R"(,"screen":"1920x1080","viewport":"1280x720")"
                             R"(,"language":"en-GB","timezone":"Europe/London")";
  switch (below(random, 10)) {
    case 0:
      return fmt::format(
          R"({{"type":"click",{},"element":{{"tag":"A","id":"buy","classes":"button wide"}}}})",
          common);
    case 1:
      return fmt::format(R"({{"type":"scroll_depth",{},"scroll_percentage":75}})", common);
    case 2:
    case 3:
      return fmt::format(
          R"({{"type":"product_view",{},"items":[{{"id":"p{}","category":"tea","price":12.5}}]}})",
          common, product);
    case 4:
      return fmt::format(
          R"({{"type":"cart_add",{},"items":[{{"id":"p{}","price":12.5,"quantity":1}}]}})", common,
          product);
    default:
      return fmt::format(R"({{"type":"pageview",{},"referrer":"{}"}})", common,
                         kReferrers[below(random, kReferrers.size())]);
  }
}

std::string head(const LoadOptions& options, Random& random, std::string_view line) {
  std::string text = fmt::format(
      "{} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: {}\r\nAccept: */*\r\n"
      "Accept-Language: en-GB,en;q=0.9\r\nReferer: https://shop.example/\r\n",
      line, options.host, options.port, kAgents[below(random, kAgents.size())]);
  if (options.key.empty()) {
    text += "Origin: https://shop.example\r\n";
  } else {
    text += fmt::format("Authorization: Bearer {}\r\n", options.key);
  }
  return text;
}

std::string post(const LoadOptions& options, Random& random, const std::string& body) {
  return head(options, random, "POST /api/v1/events") +
         fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", body.size(),
                     body);
}

}  // namespace

std::vector<std::string> make_requests(const LoadOptions& options) {
  Random random(20'261'121);  // the same requests in every run
  std::vector<std::string> requests;
  if (options.kind == "event") {
    for (std::size_t i = 0; i < kRequests; ++i) {
      requests.push_back(post(options, random, event_json(options, random)));
    }
  } else if (options.kind == "batch") {
    for (std::size_t i = 0; i < kBatches; ++i) {
      std::string body = "[";
      for (std::size_t j = 0; j < options.batch; ++j) {
        if (j > 0) body += ",";
        body += event_json(options, random);
      }
      requests.push_back(post(options, random, body + "]"));
    }
  } else if (options.kind == "flag") {  // one flag of one person; site: the public id
    for (std::size_t i = 0; i < kRequests; ++i) {
      const std::string body = fmt::format(
          R"({{"context":{{"targetingKey":"v-{:08x}","country":"{}","age":{}}}}})",
          below(random, options.visitors), i % 4 == 0 ? "AT" : "DE", 18 + i % 50);
      requests.push_back(
          head(options, random, "POST /ofrep/v1/evaluate/flags/button") +
          fmt::format("X-API-Key: {}\r\nContent-Type: application/json\r\n"
                      "Content-Length: {}\r\n\r\n{}",
                      options.site, body.size(), body));
    }
  } else if (options.kind == "recommend") {
    for (std::size_t i = 0; i < kRequests; ++i) {
      const std::string line =
          fmt::format("GET /api/v1/sites/{}/recommendations?visitor=v-{:08x}&n=8&item=p{}",
                      options.site, below(random, options.visitors), below(random, options.items));
      requests.push_back(head(options, random, line) + "\r\n");
    }
  }
  return requests;
}

}  // namespace attune::bench
