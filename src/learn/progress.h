// How long work tells its caller how far it is; the caller draws the bar.
#pragma once

#include <functional>
#include <string_view>

namespace attune::learn {

/// done     0 .. 1 within this stage; called at most a few hundred times.
using ProgressSink = std::function<void(std::string_view stage, double done)>;

}  // namespace attune::learn
