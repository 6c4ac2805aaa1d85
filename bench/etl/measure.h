// What a benchmark says about the process: CPU time, memory, and percentiles of what it timed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace attune::bench {

double cpu_seconds();                  // user and system, all threads
double wall_seconds();
double resident_mib();                 // now
double resident_mib_max();             // at most so far
std::string machine();                 // processor and number of cores
double percentile(std::vector<double> values, double share);

}  // namespace attune::bench
