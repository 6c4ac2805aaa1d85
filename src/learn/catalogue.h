// What a shop says of its items, as far as models can learn from it.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace attune::learn {

struct CatalogueItem {
  std::string id;
  std::string name;  // these three may be empty
  std::string category;
  std::string brand;
  double price = std::numeric_limits<double>::quiet_NaN();  // NaN: not known
  std::vector<std::string> labels;
  std::vector<float> embedding;  // empty, or of one length and kind for all that have one
};

/// By id, ascending bytes, each once.
using Catalogue = std::vector<CatalogueItem>;

/// The item of that id, or null.
const CatalogueItem* find_item(const Catalogue& catalogue, std::string_view id);

/// Reads a product's labels: a JSON array of texts, or an object whose members are texts, numbers,
/// arrays or objects of these; "colour": "red" becomes the label "colour:red". An array of at least
/// 4 numbers is the embedding (the first such). What is neither is left out, as is text that is not
/// JSON.
void read_labels(std::string_view json, CatalogueItem& item);

}  // namespace attune::learn
