#include "learn/worker_protocol.h"

#include <sstream>

#include <fmt/core.h>

namespace attune::learn {
namespace {

/// Calls `visit` with every number of the result, always in the same order.
template <class Held, class Visitor>
void each_number(Held& held, Visitor&& visit) {
  visit(held.model.hit_rate);
  visit(held.model.mrr);
  visit(held.model.ndcg);
  visit(held.popularity.hit_rate);
  visit(held.popularity.mrr);
  visit(held.popularity.ndcg);
  visit(held.predictions);
  visit(held.from_ms);
  visit(held.mrr_gain.low);
  visit(held.mrr_gain.high);
  visit(held.not_better);
}

}  // namespace

std::string to_line(const WorkerResult& result) {
  std::string line = fmt::format("{} {} {}", kResultWord, result.version, result.algorithm);
  each_number(result.held_out, [&](const auto& number) { line += fmt::format(" {}", number); });
  return line;
}

Result<WorkerResult> parse_result_line(std::string_view line) {
  std::istringstream in{std::string(line)};
  WorkerResult result;
  std::string word;
  in >> word >> result.version >> result.algorithm;
  each_number(result.held_out, [&](auto& number) { in >> number; });
  if (!in || word != kResultWord) {
    return fail(ErrorCode::internal, fmt::format("the training process said '{}'", line));
  }
  return result;
}

}  // namespace attune::learn
