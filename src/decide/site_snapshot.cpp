#include "decide/site_snapshot.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

#include "base/hash.h"

namespace attune::decide {
namespace {


bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

void each_word(std::string_view text, const std::function<void(std::uint64_t)>& take) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_letter(text[i])) {
      word.push_back(lower(text[i]));
    } else if (!word.empty()) {
      take(hash64(word));
      word.clear();
    }
  }
}

std::uint64_t attribute_hash(std::string_view text) {
  return text.empty() ? 0 : hash64(text);
}

void SiteSnapshot::Lists::finish(const std::vector<std::uint32_t>& rank) {
  std::sort(pairs_.begin(), pairs_.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : rank[a.second] < rank[b.second];
  });
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  numbers_.reserve(pairs_.size());
  for (const auto& [key, number] : pairs_) {
    const auto at = static_cast<std::uint32_t>(numbers_.size());
    ranges_.try_emplace(key, at, at).first->second.second = at + 1;
    numbers_.push_back(number);
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>>().swap(pairs_);
}

std::span<const std::uint32_t> SiteSnapshot::Lists::find(std::uint64_t key) const {
  const auto at = ranges_.find(key);
  if (at == ranges_.end()) return {};
  const auto [begin, end] = at->second;
  return std::span(numbers_).subspan(begin, end - begin);
}

SnapshotItem& SiteSnapshot::add(const std::string& site_text, const std::string& id) {
  const ItemKey key = stable_id(site_text, id);
  const auto [at, added] = numbers_.try_emplace(key, static_cast<std::uint32_t>(items_.size()));
  if (added) {
    items_.emplace_back();
    items_.back().key = key;
    items_.back().product.id = id;
  }
  return items_[at->second];
}

void SiteSnapshot::add_products(const std::string& site_text, const learn::SiteData& data) {
  for (const learn::Product& product : data.products) {
    SnapshotItem& item = add(site_text, product.id);
    item.product = product;
    item.category = attribute_hash(product.category);
    item.brand = attribute_hash(product.brand);
    item.type = attribute_hash(product.type);
    for (const std::string& label : product.labels) item.labels.push_back(attribute_hash(label));
    for (const std::string& category : product.further_categories) {
      item.further_categories.push_back(attribute_hash(category));
    }
    item.in_catalogue = true;
    item.in_stock = !(product.stock && *product.stock <= 0);
    item.recommendable = !product.hidden && item.in_stock;
  }
}

void SiteSnapshot::add_models(const std::string& site_text, const Models& models) {
  for (const auto& [strategy, model] : models) {
    if (!model) continue;
    ServedModel served;
    served.strategy = strategy;
    served.model = model;
    for (const std::string& id : model->item_ids) {
      add(site_text, id);
      served.to_snapshot.push_back(numbers_.at(stable_id(site_text, id)));
    }
    models_.push_back(std::move(served));
  }
}

void SiteSnapshot::add_histories(const std::string& site_text, const learn::SiteData& data) {
  std::vector<std::uint32_t> order(data.histories.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return data.histories[a].user_id < data.histories[b].user_id;
  });
  history_begins_.push_back(0);
  for (const std::uint32_t at : order) {
    history_users_.push_back(data.histories[at].user_id);
    for (const std::uint32_t item : data.histories[at].items) {
      const auto known = numbers_.find(stable_id(site_text, data.history_item_ids[item]));
      if (known != numbers_.end()) history_items_.push_back(known->second);
    }
    history_begins_.push_back(static_cast<std::uint32_t>(history_items_.size()));
  }
}

double SiteSnapshot::usual_price(std::uint64_t category) const {
  const auto found = usual_prices_.find(category);
  return found == usual_prices_.end() ? 0 : found->second;
}

void SiteSnapshot::add_usual_prices() {
  std::unordered_map<std::uint64_t, std::pair<double, double>> sums;  // of logarithms, and counts
  for (const SnapshotItem& item : items_) {
    const double price = item.product.price.value_or(0);
    if (item.category == 0 || !(price > 0)) continue;
    auto& [sum, count] = sums[item.category];
    sum += std::log(price);
    count += 1;
  }
  for (const auto& [category, sum] : sums) {
    usual_prices_[category] = std::exp(sum.first / sum.second);
  }
}

void SiteSnapshot::make_lists() {
  std::vector<std::uint32_t> order(items_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    const SnapshotItem& left = items_[a];
    const SnapshotItem& right = items_[b];
    return left.decayed_visits != right.decayed_visits
               ? left.decayed_visits > right.decayed_visits
               : left.product.id < right.product.id;
  });
  std::ranges::copy_if(order, std::back_inserter(most_visited_), [this](std::uint32_t number) {
    return items_[number].recommendable && items_[number].decayed_visits > 0;
  });
  std::vector<std::uint32_t> rank(items_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  const std::uint64_t product_type = attribute_hash(learn::Product{}.type);
  for (std::uint32_t number = 0; number < items_.size(); ++number) {
    const SnapshotItem& item = items_[number];
    if (!item.in_catalogue || item.product.hidden) continue;
    if (item.category != 0) categories_.add(item.category, number);
    for (const std::uint64_t category : item.further_categories) categories_.add(category, number);
    if (item.type != product_type) types_.add(item.type, number);
    const auto add_word = [&](std::uint64_t word) { words_.add(word, number); };
    each_word(item.product.name, add_word);
    each_word(item.product.brand, add_word);
    each_word(item.product.category, add_word);
  }
  categories_.finish(rank);
  types_.finish(rank);
  words_.finish(rank);
}

std::shared_ptr<const SiteSnapshot> SiteSnapshot::build(const Uuid& site,
                                                        const learn::SiteData& data,
                                                        const Models& models) {
  std::shared_ptr<SiteSnapshot> made(new SiteSnapshot);
  const std::string site_text = site.text();
  made->counted_until_ms_ = data.counted_until_ms;
  made->add_models(site_text, models);
  made->add_products(site_text, data);
  for (const learn::ItemVisits& visits : data.visits) {
    SnapshotItem& item = made->add(site_text, visits.item_id);
    item.decayed_visits = visits.decayed;
    item.week_visits = visits.week;
  }
  for (const learn::Purchase& purchase : data.purchases) {
    made->purchases_.emplace_back(purchase.user_id, stable_id(site_text, purchase.item_id));
  }
  std::sort(made->purchases_.begin(), made->purchases_.end());
  made->add_histories(site_text, data);
  made->people_ = data.people;
  for (const SnapshotItem& item : made->items_) {
    made->gates_.push_back({item.key, item.type, item.product.hidden, item.in_stock});
  }
  made->make_lists();
  made->add_usual_prices();
  for (ServedModel& served : made->models_) {
    served.from_snapshot.assign(made->items_.size(), learn::kNoItem);
    for (learn::ItemIndex i = 0; i < served.to_snapshot.size(); ++i) {
      served.from_snapshot[served.to_snapshot[i]] = i;
    }
  }
  return made;
}

std::shared_ptr<const SiteSnapshot> SiteSnapshot::build(
    const Uuid& site, const learn::SiteData& data, std::shared_ptr<const learn::SiteModel> model) {
  Models models;
  if (model) models.emplace_back("sequential", std::move(model));
  return build(site, data, models);
}

const ServedModel* SiteSnapshot::find_model(std::string_view strategy) const {
  const auto at = std::find_if(models_.begin(), models_.end(), [&](const ServedModel& served) {
    return served.strategy == strategy;
  });
  return at == models_.end() ? nullptr : &*at;
}

const learn::SiteModel* SiteSnapshot::model() const {
  const ServedModel* served = find_model("sequential");
  return served == nullptr ? nullptr : served->model.get();
}

std::uint32_t SiteSnapshot::find(ItemKey key) const {
  const auto at = numbers_.find(key);
  return at == numbers_.end() ? learn::kNoItem : at->second;
}

std::span<const std::pair<std::int64_t, ItemKey>> SiteSnapshot::purchases(std::int64_t user) const {
  if (user == 0) return {};
  const std::pair first(user, std::numeric_limits<ItemKey>::min());
  const auto begin = std::lower_bound(purchases_.begin(), purchases_.end(), first);
  const auto end = std::find_if(begin, purchases_.end(),
                                [user](const auto& purchase) { return purchase.first != user; });
  return {begin, end};
}

std::span<const std::uint32_t> SiteSnapshot::history(std::int64_t user) const {
  const auto at = std::lower_bound(history_users_.begin(), history_users_.end(), user);
  if (user == 0 || at == history_users_.end() || *at != user) return {};
  const auto n = static_cast<std::size_t>(at - history_users_.begin());
  return std::span(history_items_)
      .subspan(history_begins_[n], history_begins_[n + 1] - history_begins_[n]);
}

const learn::PersonFacts* SiteSnapshot::facts(std::int64_t user) const {
  if (user == 0 || !people_) return nullptr;
  const auto at = std::ranges::lower_bound(*people_, user, {}, &learn::PersonFacts::user_id);
  return at == people_->end() || at->user_id != user ? nullptr : &*at;
}

std::span<const std::uint32_t> SiteSnapshot::of_category(std::uint64_t category) const {
  return categories_.find(category);
}

std::span<const std::uint32_t> SiteSnapshot::of_type(std::uint64_t type) const {
  return types_.find(type);
}

std::span<const std::uint32_t> SiteSnapshot::with_word(std::uint64_t word) const {
  return words_.find(word);
}

}  // namespace attune::decide
