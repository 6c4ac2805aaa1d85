// Files compiled into the program (SQL, the dashboard, the tracker): see cmake/AttuneEmbed.cmake.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace attune::embedded {

struct File {
  std::string_view path;   // relative to the folder it was embedded from, with '/'
  std::string_view bytes;
};

}  // namespace attune::embedded
