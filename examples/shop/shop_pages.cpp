#include "shop/shop_pages.h"

#include <span>

#include "base/embedded.h"
#include "base/ensure.h"

namespace attune::embedded {
std::span<const File> shop_catalogue();
}

namespace attune::shop {

std::string_view catalogue_json() {
  const auto files = embedded::shop_catalogue();
  ensure(files.size() == 1, "the catalogue is compiled in");
  return files.front().bytes;
}

}  // namespace attune::shop
