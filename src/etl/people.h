// Whose rows a batch touches: each person of a site once.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/uuid.h"

namespace attune::etl {

class People {
 public:
  void add(const Uuid& site, std::string_view id) {
    if (id == last_ && site == last_site_) return;   // events of one person come together
    Ids& ids = by_site_[site];
    auto found = ids.find(id);
    if (found == ids.end()) found = ids.emplace(id).first;
    last_site_ = site;
    last_ = *found;   // stays where it is
  }

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Ids = std::unordered_set<std::string, Hash, std::equal_to<>>;

  bool empty() const { return by_site_.empty(); }
  const std::map<Uuid, Ids>& by_site() const { return by_site_; }

 private:
  std::map<Uuid, Ids> by_site_;
  Uuid last_site_;
  std::string_view last_;
};

}  // namespace attune::etl
