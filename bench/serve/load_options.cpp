#include "load_options.h"

#include <fmt/format.h>

#include <cstdlib>

namespace attune::bench {

Result<LoadOptions> read_options(int count, char** arguments) {
  LoadOptions options;
  for (int i = 1; i < count; i += 2) {
    const std::string name = arguments[i];
    if (i + 1 >= count) return fail(ErrorCode::invalid_argument, name + " needs a value");
    const std::string value = arguments[i + 1];
    const auto whole = [&] {
      return static_cast<std::size_t>(std::strtoull(value.c_str(), nullptr, 10));
    };
    const auto real = [&] { return std::strtod(value.c_str(), nullptr); };
    if (name == "--host") {
      options.host = value;
    } else if (name == "--port") {
      options.port = static_cast<std::uint16_t>(whole());
    } else if (name == "--connections") {
      options.connections = whole();
    } else if (name == "--warmup") {
      options.warmup_s = real();
    } else if (name == "--seconds") {
      options.seconds = real();
    } else if (name == "--rate") {
      options.rate = real();
    } else if (name == "--kind") {
      options.kind = value;
    } else if (name == "--batch") {
      options.batch = whole();
    } else if (name == "--site") {
      options.site = value;
    } else if (name == "--key") {
      options.key = value;
    } else if (name == "--visitors") {
      options.visitors = whole();
    } else if (name == "--items") {
      options.items = whole();
    } else {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("no option {}; there are --host --port --connections --warmup --seconds "
                      "--rate --kind event|batch|recommend|flag --batch --site --key --visitors "
                      "--items",
                      name));
    }
  }
  if (options.connections == 0 || options.seconds <= 0 || options.visitors == 0 ||
      options.items == 0 || options.batch == 0) {
    return fail(ErrorCode::invalid_argument, "counts and times are above 0");
  }
  return options;
}

}  // namespace attune::bench
