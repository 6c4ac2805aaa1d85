// Any text as a template, with values that try to leave their place: it ends within its budgets,
// what lint lets through renders, and no value brings markup into the page.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

#include "base/ensure.h"
#include "campaign/template/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attune;
  using namespace attune::campaign::liquid;
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  static_cast<void>(import_mautic(source));
  const auto parsed = Template::parse(source);
  if (!parsed) {
    ensure(parsed.error().message().starts_with("line ") || size > kSourceBytesMax,
           "a refusal says where");
    return 0;
  }
  const boost::json::object values{{"x", "\"'><qzv9>`javascript:"}, {"n", 3},
                                   {"visitor", {{"items", {"<qzv9>", 2, nullptr}}}}};
  const std::array<Variable, 2> variables = {Variable{.name = "x"}, Variable{.name = "n"}};
  const auto issues = lint(*parsed, variables, Output::html);
  for (const Output output : {Output::html, Output::text, Output::line}) {
    const RenderOptions options{.output = output, .steps_max = 20'000, .output_bytes_max = 1 << 16};
    const auto done = render(*parsed, variables, values, options);
    if (!done) {
      const bool is_budget = done.error().code() == ErrorCode::resource_exhausted;
      ensure(is_budget || (output == Output::html && !issues.empty()),
             "what lint lets through renders within its budgets");
      continue;
    }
    ensure(done->text.size() <= options.output_bytes_max, "the output keeps to its budget");
    const bool has_own = source.find("qzv9") != std::string_view::npos;
    ensure(output != Output::html || has_own || done->text.find("<qzv9>") == std::string::npos,
           "no value brings markup");
  }
  return 0;
}
