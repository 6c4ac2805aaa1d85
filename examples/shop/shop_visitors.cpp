// Lets simulated visitors loose on a running server:
//   shop_visitors --port 8080 --site UUID --key sk_... --visits 500
// Prints what they did as JSON, among it how well the recommendations met the hidden tastes.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "shop/shop_pages.h"
#include "shop/simulator.h"

namespace {

void print(const attune::shop::SimulatorCounts& counts) {
  fmt::print(
      "{{\"visits\":{},\"events_accepted\":{},\"events_rejected\":{},\"decisions_seen\":{},"
      "\"items_shown\":{},\"recommendation_clicks\":{},\"orders\":{},\"requests_failed\":{},"
      "\"taste_recommended\":{:.4f},\"taste_popular\":{:.4f}}}\n",
      counts.visits, counts.events_accepted, counts.events_rejected, counts.decisions_seen,
      counts.items_shown, counts.recommendation_clicks, counts.orders, counts.requests_failed,
      counts.taste_recommended, counts.taste_popular);
}

}  // namespace

int main(int argc, char** argv) {
  attune::shop::SimulatorOptions options;
  options.catalogue_json = std::string(attune::shop::catalogue_json());
  options.backfill_days = 0;
  std::string site;
  std::uint32_t visits = 100;
  bool no_recommendations = false;
  CLI::App app("Simulated visitors of the demo shop");
  app.add_option("--host", options.host, "address of the server");
  app.add_option("--port", options.port, "its port");
  app.add_option("--site", site, "id of the site")->required();
  app.add_option("--key", options.key, "secret key of scope admin")->required();
  app.add_option("--visits", visits, "how many live visits");
  app.add_option("--seed", options.seed, "which people");
  app.add_option("--population", options.population, "how many there are of them");
  app.add_option("--backfill-days", options.backfill_days, "days of the past to fill in first");
  app.add_option("--backfill-visits", options.backfill_visits_per_day, "visits on each of them");
  app.add_option("--backfill-rate", options.backfill_events_per_second, "events a second at most");
  app.add_flag("--no-recommendations", no_recommendations, "the pages have no widget");
  CLI11_PARSE(app, argc, argv);

  const auto id = attune::Uuid::parse(site);
  if (!id) {
    fmt::print(stderr, "--site: {}\n", id.error().message());
    return 2;
  }
  options.site = *id;
  const bool past = options.backfill_days > 0;
  const attune::RealClock clock;
  auto simulator = attune::shop::Simulator::make(std::move(options), clock);
  if (!simulator) {
    fmt::print(stderr, "{}\n", simulator.error().message());
    return 2;
  }
  if (past) {
    const auto filled = simulator->backfill({});
    if (!filled) {
      fmt::print(stderr, "{}\n", filled.error().message());
      return 1;
    }
  }
  const auto counts = simulator->play({}, visits, !no_recommendations);
  if (!counts) {
    fmt::print(stderr, "{}\n", counts.error().message());
    return 1;
  }
  print(*counts);
  return counts->requests_failed == 0 && counts->events_rejected == 0 ? 0 : 1;
}
