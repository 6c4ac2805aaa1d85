#include <fmt/format.h>

#include <boost/json.hpp>

#include "commands/channel.h"
#include "commands/commands.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

std::string target_of(const BanditsCommand& command) {
  return "/api/v1/sites/" + encode_component(command.site) + "/bandits";
}

}  // namespace

Result<void> run_bandits_list(Channel& channel, const BanditsCommand& command) {
  ATTUNE_ASSIGN(const json::value answer, channel.call("GET", target_of(command)));
  const json::array& bandits = answer.at("bandits").as_array();
  if (bandits.empty()) {
    fmt::print("no bandit has drawn a list yet: set `bandit` of a placement (docs/bandits.md)\n");
  }
  for (const json::value& bandit : bandits) {
    fmt::print("placement '{}': {}{}, {} decisions, {} updates, mean reward {:.4f}, exploring "
               "gives up {:.4f} clicks a list\n",
               std::string_view(bandit.at("placement").as_string()),
               std::string_view(bandit.at("policy").as_string()),
               bandit.at("frozen").as_bool() ? " (frozen)" : "",
               bandit.at("decisions").to_number<std::uint64_t>(),
               bandit.at("updates").to_number<std::uint64_t>(),
               bandit.at("mean_reward").to_number<double>(),
               bandit.at("given_up").to_number<double>());
    for (const json::value& arm : bandit.at("arms").as_array()) {
      const json::value& item = arm.at("item_id");
      fmt::print("  {:<40} {:>9} updates, mean reward {:.4f}\n",
                 item.is_string() ? std::string_view(item.as_string()) : "(not in the catalogue)",
                 arm.at("updates").to_number<std::uint64_t>(),
                 arm.at("mean_reward").to_number<double>());
    }
  }
  return {};
}

Result<void> run_bandits_change(Channel& channel, const BanditsCommand& command,
                                const std::string& action) {
  const json::object body{{"placement", command.placement}, {"action", action}};
  ATTUNE_ASSIGN(const json::value answer,
                channel.call("POST", target_of(command), json::serialize(body)));
  static_cast<void>(answer);
  fmt::print("placement '{}': {} done\n", command.placement, action);
  return {};
}

}  // namespace attune::commands
