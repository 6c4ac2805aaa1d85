// `attune etl process|sessions|daily|cleanup`.
#include <boost/json.hpp>

#include "commands/commands.h"

namespace attune::commands {

Result<void> run_etl(Channel& channel, const std::string& step, const EtlCommand& command,
                     const Clock& clock) {
  boost::json::object body;
  if (step == "process") body["batch_size"] = command.batch_size;
  if (step == "cleanup") body["retention_days"] = command.days;
  if (step == "daily") {
    body["start_date"] = command.from;
    body["end_date"] = command.to;
  }
  return run_job(channel, "/api/v1/etl/" + step, boost::json::serialize(body), step, clock);
}

}  // namespace attune::commands
