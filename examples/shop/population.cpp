#include "shop/population.h"

#include <array>
#include <vector>

#include <fmt/format.h>

namespace attune::shop {
namespace {

constexpr std::uint64_t kPersonStream = 2;

struct Device {
  double weight;
  std::string_view user_agent;
  std::string_view screen;
  std::string_view viewport;
  double device_pixel_ratio;
};

// User agents as these browsers send them; the share of each is a rounded guess at a shop's
// traffic.
constexpr std::array<Device, 12> kDevices = {{
    {0.20, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/142.0.0.0 Safari/537.36", "1920x1080", "1903x969", 1},
    {0.05, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "1536x864", "1519x730", 1.25},
    {0.08, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/142.0.0.0 Safari/537.36", "1728x1117", "1728x992", 2},
    {0.07, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
           "Gecko) Version/18.6 Safari/605.1.15", "1440x900", "1440x789", 2},
    {0.05, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
     "1920x1080", "1920x947", 1},
    {0.03, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "2560x1440",
     "2560x1307", 1},
    {0.22, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
           "like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", "393x852", "393x659", 3},
    {0.14, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/142.0.0.0 Mobile Safari/537.36", "412x915", "412x785", 2.63},
    {0.05, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
           "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "360x780", "360x648", 3},
    {0.02, "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "412x892",
     "412x780", 2.63},
    {0.06, "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
           "Version/17.7 Mobile/15E148 Safari/604.1", "820x1180", "820x1106", 2},
    {0.03, "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/142.0.0.0 Safari/537.36", "1280x800", "1280x675", 1.5},
}};

struct Place {
  double weight;
  std::string_view language;
  std::string_view timezone;
  int first;  // the first two numbers of addresses that an access provider there gives out
  int second;
};

constexpr std::array<Place, 13> kPlaces = {{
    {0.30, "de-DE", "Europe/Berlin", 84, 150},   {0.12, "de-DE", "Europe/Berlin", 91, 40},
    {0.07, "de-AT", "Europe/Vienna", 80, 108},   {0.07, "de-CH", "Europe/Zurich", 85, 1},
    {0.08, "fr-FR", "Europe/Paris", 90, 10},     {0.09, "en-GB", "Europe/London", 86, 140},
    {0.07, "nl-NL", "Europe/Amsterdam", 84, 25}, {0.06, "en-US", "America/New_York", 73, 20},
    {0.03, "sv-SE", "Europe/Stockholm", 90, 225}, {0.04, "es-ES", "Europe/Madrid", 83, 40},
    {0.03, "it-IT", "Europe/Rome", 79, 10},      {0.02, "pl-PL", "Europe/Warsaw", 83, 10},
    {0.02, "en-CA", "America/Toronto", 70, 30},
}};

struct Source {
  double weight;
  std::string_view referrer;
  std::string_view query;
  double bounce;
  double deep;  // share that lands on a product or category
};

constexpr std::array<Source, 16> kSources = {{
    {0.27, "", "", 0.38, 0.15},
    {0.22, "https://www.google.com/", "", 0.46, 0.7},
    {0.03, "https://www.bing.com/", "", 0.46, 0.7},
    {0.03, "https://duckduckgo.com/", "", 0.46, 0.7},
    {0.02, "https://www.ecosia.org/", "", 0.46, 0.7},
    {0.07, "https://www.instagram.com/", "", 0.6, 0.5},
    {0.04, "https://www.facebook.com/", "", 0.6, 0.4},
    {0.02, "https://www.reddit.com/", "", 0.6, 0.6},
    {0.04, "https://www.pinterest.com/", "", 0.55, 0.8},
    {0.07, "", "utm_source=newsletter&utm_medium=email&utm_campaign=autumn-letter", 0.3, 0.4},
    {0.05, "https://www.google.com/",
     "utm_source=google&utm_medium=cpc&utm_campaign=warm-light&gclid=sim", 0.54, 0.6},
    {0.03, "https://www.instagram.com/",
     "utm_source=instagram&utm_medium=paid_social&utm_campaign=green-corners", 0.62, 0.6},
    {0.03, "https://chatgpt.com/", "", 0.42, 0.6},
    {0.01, "https://www.perplexity.ai/", "", 0.42, 0.6},
    {0.04, "https://slow-rooms.example/", "", 0.48, 0.5},
    {0.03, "https://tea-journal.example/favourite-pots", "", 0.48, 0.8},
}};

template <class Row, std::size_t kCount>
const Row& draw(const std::array<Row, kCount>& rows, Random& random) {
  std::array<double, kCount> weights{};
  for (std::size_t index = 0; index < kCount; ++index) weights[index] = rows[index].weight;
  return rows[random.weighted(weights)];
}

}  // namespace

Person make_person(std::uint64_t seed, std::uint64_t number) {
  Random random(seed, kPersonStream, number);
  const Device& device = draw(kDevices, random);
  const Place& place = draw(kPlaces, random);
  Person person;
  person.user_agent = device.user_agent;
  person.screen = device.screen;
  person.viewport = device.viewport;
  person.device_pixel_ratio = device.device_pixel_ratio;
  person.language = place.language;
  person.timezone = place.timezone;
  person.ip = fmt::format("{}.{}.{}.{}", place.first, place.second, random.below(250) + 2,
                          random.below(250) + 2);
  if (random.chance(0.3)) person.user_id = fmt::format("customer-{}", number);
  return person;
}

Entry draw_entry(Random& random) {
  const Source& source = draw(kSources, random);
  return {.referrer = std::string(source.referrer),
          .query = std::string(source.query),
          .bounce = source.bounce,
          .deep = random.chance(source.deep)};
}

}  // namespace attune::shop
