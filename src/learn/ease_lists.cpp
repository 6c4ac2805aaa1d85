// EASE for serving: among the items that most people took, the strongest weights of each are kept.
#include "learn/person_items.h"
#include "learn/related_trainers.h"

namespace attune::learn {

std::unique_ptr<Recommender> train_ease_lists(const SessionLog& log, const ModelParams& params) {
  const PreferenceMatrix taken =
      person_items(log, ClickKind::view, params.ease.person_items);
  const std::vector<ItemIndex> items = most_taken(taken, params.ease.items);
  RelatedModel::Lists lists;
  std::unique_ptr<PreferenceModel> model;
  if (!items.empty()) {
    auto trained = train_ease(only_items(taken, items),
                              {.lambda = params.ease.lambda, .items_max = params.ease.items});
    if (trained) model = std::move(*trained);   // parameters are in range: parse_params saw to it
  }
  std::vector<float> weights(items.size());
  std::vector<RelatedItem> list;
  std::size_t next = 0;
  for (ItemIndex item = 0; item < log.item_count(); ++item) {
    list.clear();
    if (model && next < items.size() && items[next] == item) {
      const ItemIndex number = static_cast<ItemIndex>(next++);
      model->score(std::span(&number, 1), weights);
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (i == number || weights[i] == 0) continue;
        list.push_back({.item = items[i], .weight = weights[i]});
      }
    }
    lists.add(list, params.related.kept);
  }
  return std::make_unique<RelatedModel>(Algorithm::ease, params.related, std::move(lists));
}

}  // namespace attune::learn
