// Running tests in the server: their runner, and what is told of it.
#include <boost/json.hpp>

#include "app_parts.h"
#include "experiment/runner.h"
#include "spdlog/spdlog.h"

namespace attune {

void open_tests(App::Parts& parts) {
  experiment::RunnerSettings settings;
  // Not below a replay or an erasure, which put other tables in place.
  settings.tables = &parts.rebuild_mutex;
  settings.turn = &parts.test_turn;
  settings.say = [](std::string_view line) { spdlog::info("{}", line); };
  parts.tests =
      std::make_unique<experiment::Runner>(*parts.store, parts.clock, std::move(settings));
}

boost::json::object tests_status(const App::Parts& parts) {
  const experiment::RunnerStatus now = parts.tests->status();
  return {{"running", now.running}, {"turns", now.turns},
          {"put_off", now.put_off}, {"turn_us_last", now.turn_us_last},
          {"errors", now.errors},   {"error", now.error}};
}

}  // namespace attune
