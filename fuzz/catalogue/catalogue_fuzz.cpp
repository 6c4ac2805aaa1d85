// A shop's catalogue file, as somebody with a key may send it. What is read keeps the rules that
// the database relies on: an id each, once, and no separator within a text.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "serve/catalogue_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attune;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::set<std::string> ids;
  const auto report =
      serve::read_catalogue(text, [&](std::span<const serve::Product> products) -> Result<void> {
        for (const serve::Product& product : products) {
          ensure(!product.id.empty() && product.id.size() <= 255, "a product has an id");
          ensure(product.id.find('\x1f') == std::string::npos, "an id has no separator");
          ensure(ids.insert(product.id).second, "an id comes once");
          ensure(!product.name || product.name->size() <= 500, "a name is short");
        }
        return {};
      });
  if (report)
    ensure(report->products == ids.size(), "products are counted");
  else
    ensure(!report.error().message().empty(), "a refusal says why");
  return 0;
}
