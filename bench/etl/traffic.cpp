#include "traffic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace attune::bench {
namespace {

using event::Kind;

constexpr double kEventsOfVisit = 8;
constexpr double kThinkMs = 25'000;

struct Device {
  const char* user_agent;
  const char* browser;
  const char* os;
  event::DeviceType type;
  std::int32_t width;
  std::int32_t height;
  double ratio;
};

constexpr std::array<Device, 5> kDevices = {{
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/131.0.0.0 Safari/537.36",
     "Chrome", "Windows", event::DeviceType::desktop, 1920, 1080, 1},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
     "Mobile Safari", "iOS", event::DeviceType::mobile, 390, 844, 3},
    {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/131.0.0.0 Mobile Safari/537.36",
     "Chrome Mobile", "Android", event::DeviceType::mobile, 412, 915, 2.625},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/18.1 Safari/605.1.15",
     "Safari", "Mac OS X", event::DeviceType::desktop, 1728, 1117, 2},
    {"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox", "Linux",
     event::DeviceType::desktop, 2560, 1440, 1},
}};

struct Source {
  event::ReferrerType type;
  const char* platform;
  const char* referrer;
  const char* utm_source;
  const char* utm_medium;
  const char* utm_campaign;
};

constexpr std::array<Source, 6> kSources = {{
    {event::ReferrerType::direct, "", "", "", "", ""},
    {event::ReferrerType::search, "Google", "https://www.google.com/", "", "", ""},
    {event::ReferrerType::social, "Reddit", "https://www.reddit.com/r/shoes/", "", "", ""},
    {event::ReferrerType::paid, "google", "https://www.google.com/", "google", "cpc",
     "winter-sale"},
    {event::ReferrerType::email, "newsletter", "", "newsletter", "email", "week-47"},
    {event::ReferrerType::referral, "blog.example", "https://blog.example/best-shoes-of-the-year",
     "", "", ""},
}};

constexpr std::array<const char*, 12> kCountries = {"DE", "US", "FR", "GB", "AT", "CH",
                                                    "NL", "IT", "ES", "PL", "SE", "JP"};
constexpr std::array<const char*, 20> kCategories = {
    "shoes", "boots",  "bags",  "coats",  "hats",   "socks", "belts", "shirts", "skirts", "suits",
    "rings", "watches", "tents", "skis", "bikes", "lamps", "rugs", "pots", "books", "toys"};

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 31;
  value *= 0x7fb5d329728ea185ULL;
  value ^= value >> 27;
  value *= 0x81dadef4bc2dd44dULL;
  return value ^ (value >> 33);
}

}  // namespace

Traffic::Traffic(const TrafficOptions& options)
    : options_(options), random_(options.seed), next_visit_ms_(options.start_ms) {}

std::int64_t Traffic::exponential_ms(double mean_ms) {
  return static_cast<std::int64_t>(-std::log(1 - uniform()) * mean_ms);
}

/// 0 .. count - 1, small numbers far more often: a power law by inversion.
std::uint32_t Traffic::heavy(std::uint32_t count, double exponent) {
  const double value = std::pow(uniform(), exponent) * count;
  return std::min(static_cast<std::uint32_t>(value), count - 1);
}

void Traffic::jump_to(std::int64_t now_ms) {
  const std::int64_t current =
      due_.empty() ? next_visit_ms_ : std::min(next_visit_ms_, due_.top().at_ms);
  offset_ms_ = now_ms - current;
}

void Traffic::begin_visit(std::int64_t at_ms) {
  Visit visit;
  visit.number = mix(++visit_count_ + options_.seed * 1'000'003);
  visit.visitor = heavy(options_.visitors, 1.6);
  visit.source = heavy(kSources.size(), 1.5);
  visit.page = heavy(options_.pages, 3);
  // Lengths are geometric with the wanted mean; a quarter of the visits bounce.
  visit.left = uniform() < 0.25
                   ? 1
                   : static_cast<std::uint16_t>(
                         std::min<std::int64_t>(200, 2 + exponential_ms(kEventsOfVisit + 0.8)));
  visit.shops = uniform() < 0.2;
  visit.names_session = uniform() < options_.session_id_share;
  std::uint32_t index = 0;
  if (free_visits_.empty()) {
    index = static_cast<std::uint32_t>(visits_.size());
    visits_.push_back(visit);
  } else {
    index = free_visits_.back();
    free_visits_.pop_back();
    visits_[index] = visit;
  }
  due_.push({at_ms, ++order_, index, false});
}

std::uint32_t Traffic::hold(const event::Event& event) {
  if (free_held_.empty()) {
    held_.push_back(event);
    return static_cast<std::uint32_t>(held_.size() - 1);
  }
  const std::uint32_t index = free_held_.back();
  free_held_.pop_back();
  held_[index] = event;
  return index;
}

const event::Event& Traffic::next() {
  while (true) {
    while (due_.empty() || next_visit_ms_ <= due_.top().at_ms) {
      begin_visit(next_visit_ms_);
      next_visit_ms_ +=
          exponential_ms(1000 * kEventsOfVisit / options_.events_per_second);
    }
    const Due due = due_.top();
    due_.pop();
    if (due.held) {
      event_ = held_[due.visit];
      free_held_.push_back(due.visit);
      event_.received_ms = due.at_ms + offset_ms_;
      return event_;
    }
    Visit& visit = visits_[due.visit];
    make(visit, due.at_ms);
    if (--visit.left == 0) {
      free_visits_.push_back(due.visit);
    } else {
      due_.push({due.at_ms + 200 + exponential_ms(kThinkMs), ++order_, due.visit, false});
    }
    if (uniform() < options_.late_share) {
      // Most were sent when the tab woke up again, some a day later.
      const std::int64_t delay = uniform() < 0.8 ? exponential_ms(600'000) : exponential_ms(3e7);
      due_.push({due.at_ms + delay, ++order_, hold(event_), true});
      continue;
    }
    if (uniform() < options_.duplicate_share) {
      due_.push({due.at_ms + exponential_ms(5'000), ++order_, hold(event_), true});
    }
    return event_;
  }
}

void Traffic::make(Visit& visit, std::int64_t at_ms) {
  event_ = event::Event{};
  event_.site = options_.site;
  event_.timestamp_ms = at_ms + offset_ms_;
  event_.received_ms = event_.timestamp_ms + 80;
  event_.has_client_event_id = true;
  const std::uint64_t low = random_();
  const std::uint64_t high = random_();
  std::memcpy(event_.event_id.bytes.data(), &low, 8);
  std::memcpy(event_.event_id.bytes.data() + 8, &high, 8);
  const double what = uniform();
  if (visit.first || what < 0.35) {
    make_page(visit);
  } else if (visit.shops && what < 0.7) {
    make_shopping(visit);
  } else {
    make_action(visit);
  }
  finish(visit, at_ms);
  visit.first = false;
}

void Traffic::make_page(Visit& visit) {
  event_.kind = Kind::pageview;
  if (!visit.first) visit.page = heavy(options_.pages, 3);
  const Source& source = kSources[visit.source];
  if (visit.first) {
    event_.referrer = source.referrer;
    event_.referrer_type = source.type;
    event_.referrer_platform = source.platform;
    event_.utm_source = source.utm_source;
    event_.utm_medium = source.utm_medium;
    event_.utm_campaign = source.utm_campaign;
  } else {
    event_.referrer = "https://shop.example/";
    event_.referrer_type = event::ReferrerType::internal;
  }
}

void Traffic::make_action(const Visit&) {
  const double what = uniform();
  if (what < 0.45) {
    event_.kind = Kind::click;
    event_.element_tag = "a";
    event_.element_classes = "nav-link nav-main";
    event_.element_id = fmt::format("link-{}", heavy(40, 2));
  } else if (what < 0.8) {
    event_.kind = Kind::scroll_depth;
    event_.scroll_percentage = 25 * static_cast<std::int32_t>(1 + heavy(4, 1));
  } else if (what < 0.92) {
    event_.kind = Kind::page_visibility;
  } else if (what < 0.97) {
    event_.kind = Kind::custom;
    event_.event_type = "video_play";
  } else {
    event_.kind = Kind::form_submit;
    event_.form_id = "newsletter";
    event_.form_action = "/subscribe";
    event_.form_method = "POST";
    event_.field_count = 2;
    event_.form_data_json = R"({"name":"[redacted]","topic":"shoes"})";
  }
}

void Traffic::make_shopping(const Visit&) {
  const double what = uniform();
  event_.kind = what < 0.6    ? Kind::product_view
                : what < 0.75 ? Kind::product_click
                : what < 0.9  ? Kind::cart_add
                : what < 0.95 ? Kind::wishlist_add
                : what < 0.97 ? Kind::cart_remove
                              : Kind::purchase;
  const std::uint32_t number = heavy(options_.products, 2.5);
  event::Item item;
  item.id = fmt::format("sku-{:05}", number);
  item.category = kCategories[number % kCategories.size()];
  item.name = fmt::format("Product number {}", number);
  item.price = 5 + static_cast<double>(mix(number) % 20'000) / 100;
  event_.items.push_back(item);
  event_.currency = "EUR";
  if (event_.kind == Kind::purchase) {
    event_.order_id = fmt::format("order-{}", random_() % 100'000'000);
    event_.revenue = item.price;
  }
}

void Traffic::finish(const Visit& visit, std::int64_t) {
  const std::uint64_t person = mix(visit.visitor + 77);
  const Device& device = kDevices[person % kDevices.size()];
  if (event_.kind != Kind::custom) event_.event_type = event::to_string(event_.kind);
  event_.visitor_id = fmt::format("{:016x}{:08x}", person, person >> 32);
  if (visit.names_session) event_.session_id = fmt::format("{:016x}{:08x}", visit.number, person);
  event_.path = visit.page == 0 ? "/" : fmt::format("/c/{}/p-{}.html", visit.page % 23, visit.page);
  event_.url = "https://shop.example" + event_.path;
  event_.title = fmt::format("Page {} of the shop with everything", visit.page);
  event_.user_agent = device.user_agent;
  event_.browser = device.browser;
  event_.os = device.os;
  event_.device = device.type;
  event_.ip = fmt::format("{}.{}.{}.0", 20 + person % 180, (person >> 8) % 256,
                          (person >> 16) % 256);
  event_.country = kCountries[(person >> 24) % kCountries.size()];
  event_.language = "de-DE";
  event_.timezone = "Europe/Berlin";
  event_.screen_width = device.width;
  event_.screen_height = device.height;
  event_.viewport_width = device.width;
  event_.viewport_height = device.height - 120;
  event_.device_pixel_ratio = device.ratio;
  event_.raw_json = fmt::format(
      R"({{"client_event_id":true,"title":"{}","referrer_type":"{}","browser":"{}","os":"{}",)"
      R"("device_type":"{}","country":"{}","language":"de-DE","timezone":"Europe/Berlin",)"
      R"("screen":[{},{}],"viewport":[{},{}],"device_pixel_ratio":{})",
      event_.title, event::to_string(event_.referrer_type), event_.browser, event_.os,
      event::to_string(event_.device), event_.country, device.width, device.height, device.width,
      device.height - 120, device.ratio);
  if (!event_.element_tag.empty()) {
    event_.raw_json += fmt::format(R"(,"element":{{"tag":"a","id":"{}","classes":"{}"}})",
                                   event_.element_id, event_.element_classes);
  }
  if (!event_.items.empty()) {
    const event::Item& item = event_.items.front();
    event_.raw_json += fmt::format(
        R"(,"items":[{{"id":"{}","name":"{}","category":"{}","price":{},"quantity":1}}])", item.id,
        item.name, item.category, item.price);
  }
  if (event_.kind == Kind::page_visibility) event_.raw_json += R"(,"visibility":"hidden")";
  if (event_.kind == Kind::custom) event_.raw_json += R"(,"data":{"video":"tour","seconds":12})";
  event_.raw_json += '}';
}

}  // namespace attune::bench
