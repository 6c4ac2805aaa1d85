// What cmake compiles into this library (libraries.cmake).
#pragma once

#include <span>

#include "base/embedded.h"

namespace attune::embedded {

std::span<const File> web_files();      // web/dist
std::span<const File> tracker_files();  // tracker/dist
std::span<const File> shop_files();     // examples/shop/pages
std::span<const File> serve_files();    // src/serve/*.json

}  // namespace attune::embedded
