// Random walk with restart over items, people's visits, categories and brands: from every item, the
// share of time that such a walk spends at each other one, by forward push (Andersen, Chung, Lang,
// "Local graph partitioning using PageRank vectors", 2006). What is left unpushed is below
// `residue` at every node, so the work for an item does not depend on the size of the graph.
#include <algorithm>
#include <cmath>
#include <map>

#include "learn/person_items.h"
#include "learn/related_trainers.h"

namespace attune::learn {
namespace {

// Newest people of an item, and most taken items of a category or brand, that a walk goes to.
constexpr std::size_t kPeopleMax = 200;
constexpr std::size_t kMembersMax = 100;

/// Nodes: items first, then people, categories, brands. A step from an item goes to one of its
/// people, its category or its brand by fixed shares; a step from those to one of their items.
class Graph {
 public:
  Graph(const SessionLog& log, const Catalogue& catalogue, const GraphParams& params)
      : params_(params), taken_(person_items(log, ClickKind::view, params.person_items)) {
    people_of_ = by_item(taken_);
    category_.assign(log.item_count(), kNoItem);
    brand_.assign(log.item_count(), kNoItem);
    std::map<std::string, std::uint32_t> groups;
    const auto group_of = [&](char kind, const std::string& name, ItemIndex item) {
      if (name.empty()) return kNoItem;
      const auto [at, added] =
          groups.try_emplace(kind + name, static_cast<std::uint32_t>(members_.size()));
      if (added) members_.emplace_back();
      members_[at->second].push_back(item);
      return at->second;
    };
    for (ItemIndex item = 0; item < log.item_count(); ++item) {
      const CatalogueItem* described = find_item(catalogue, log.item_ids[item]);
      if (described == nullptr) continue;
      category_[item] = group_of('c', described->category, item);
      brand_[item] = group_of('b', described->brand, item);
    }
    for (std::vector<ItemIndex>& members : members_) {
      std::ranges::stable_sort(members, [&](ItemIndex a, ItemIndex b) {
        return people_of_.row(a).size() > people_of_.row(b).size();
      });
      members.resize(std::min(members.size(), kMembersMax));
    }
  }

  std::uint32_t item_count() const { return taken_.item_count; }
  std::uint32_t size() const {
    return item_count() + static_cast<std::uint32_t>(taken_.user_count() + members_.size());
  }
  std::size_t taken_count(ItemIndex item) const { return people_of_.row(item).size(); }

  /// Calls step(node, share) for every node that a walk may go to from `node`; shares add up to 1,
  /// or there are none.
  template <class Step>
  void each_step(std::uint32_t node, const Step& step) const {
    if (node < item_count()) return from_item(node, step);
    const std::uint32_t person = node - item_count();
    const std::span<const ItemIndex> items =
        person < taken_.user_count() ? taken_.row(person)
                                     : std::span<const ItemIndex>(members_[person - users()]);
    for (const ItemIndex item : items) step(item, 1.0 / static_cast<double>(items.size()));
  }

 private:
  std::uint32_t users() const { return static_cast<std::uint32_t>(taken_.user_count()); }

  template <class Step>
  void from_item(ItemIndex item, const Step& step) const {
    // Later people are newer: the log has visits oldest first.
    auto people = people_of_.row(item);
    if (people.size() > kPeopleMax) people = people.last(kPeopleMax);
    const double category = category_[item] == kNoItem ? 0 : params_.category_share;
    const double brand = brand_[item] == kNoItem ? 0 : params_.brand_share;
    const double person = people.empty() ? 0 : 1 - params_.category_share - params_.brand_share;
    const double all = category + brand + person;
    if (!(all > 0)) return;
    for (const ItemIndex each : people) {
      step(item_count() + each, person / all / static_cast<double>(people.size()));
    }
    const std::uint32_t first_group = item_count() + users();
    if (category > 0) step(first_group + category_[item], category / all);
    if (brand > 0) step(first_group + brand_[item], brand / all);
  }

  const GraphParams& params_;
  PreferenceMatrix taken_;
  PreferenceMatrix people_of_;
  std::vector<std::uint32_t> category_;
  std::vector<std::uint32_t> brand_;
  std::vector<std::vector<ItemIndex>> members_;  // of the groups
};

/// Leaves in `visited` the share of time at each node for walks that begin at `start`.
void push_from(const Graph& graph, ItemIndex start, const GraphParams& params, SparseSums& rest,
               SparseSums& visited, std::vector<std::uint32_t>& queue) {
  rest.begin(graph.size());
  visited.begin(graph.size());
  queue.assign(1, start);
  rest.at(start) = 1;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const std::uint32_t node = queue[next];
    const double amount = rest.get(node);
    if (amount <= 0) continue;
    rest.at(node) = 0;
    visited.at(node) += params.restart * amount;
    graph.each_step(node, [&](std::uint32_t to, double share) {
      double& there = rest.at(to);
      const double before = there;
      there += (1 - params.restart) * amount * share;
      if (before <= params.residue && there > params.residue) queue.push_back(to);
    });
  }
}

}  // namespace

std::unique_ptr<Recommender> train_graph_walk(const SessionLog& log, const Catalogue& catalogue,
                                              const ModelParams& params) {
  const Graph graph(log, catalogue, params.graph);
  RelatedModel::Lists lists;
  SparseSums rest;
  SparseSums visited;
  std::vector<std::uint32_t> queue;
  std::vector<RelatedItem> list;
  for (ItemIndex item = 0; item < log.item_count(); ++item) {
    push_from(graph, item, params.graph, rest, visited, queue);
    list.clear();
    for (const std::uint32_t node : visited.touched()) {
      if (node == item || node >= graph.item_count()) continue;
      const double fame = std::max(1.0, static_cast<double>(graph.taken_count(node)));
      const double weight = visited.get(node) / std::pow(fame, params.graph.popularity_power);
      if (weight > 0) list.push_back({.item = node, .weight = static_cast<float>(weight)});
    }
    lists.add(list, params.related.kept);
  }
  return std::make_unique<RelatedModel>(Algorithm::graph, params.related, std::move(lists));
}

}  // namespace attune::learn
