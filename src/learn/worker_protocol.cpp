#include "learn/worker_protocol.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
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
  visit(held.people.people);
  visit(held.people.ndcg);
  visit(held.people.popularity_ndcg);
  visit(held.people.gain.low);
  visit(held.people.gain.high);
  visit(held.people.not_better);
  visit(held.people.present_ndcg);
  visit(held.people.worse);
  visit(held.present.mrr);
  visit(held.present.worse);
}

}  // namespace

namespace {

[[noreturn]] void out_of_memory() {
  std::fputs("out of memory\n", stderr);
  std::_Exit(kExitOutOfMemory);
}

}  // namespace

void lower_limits([[maybe_unused]] std::uint64_t memory_bytes, int nice) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the server must not leave a trainer behind
  ::setpriority(PRIO_PROCESS, 0, nice);
  std::set_new_handler(out_of_memory);
#ifndef ATTUNE_SANITIZED  // sanitizers map more than any limit that makes sense
  if (memory_bytes > 0) {
    const rlimit limit{memory_bytes, memory_bytes};
    ::setrlimit(RLIMIT_DATA, &limit);
  }
#endif
}

std::string to_line(const WorkerResult& result) {
  std::string line = fmt::format("{} {} {}", kResultWord, result.version, result.algorithm);
  each_number(result.held_out, [&](const auto& number) { line += fmt::format(" {}", number); });
  return line;
}

void say_progress(std::string_view stage, double done) {
  fmt::print("{} {:.3f} {}\n", kProgressWord, done, stage);
  std::fflush(stdout);
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
