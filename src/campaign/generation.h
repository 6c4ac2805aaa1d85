// Texts that a language model drafts from a template: what is asked of a server that speaks
// OpenAI's chat completions, what its answer means, what it cost, and what is wrong with a draft.
// A draft is never shown to anybody: a person makes a template of it, or does not.
//
// Source of the wire format: OpenAI's API reference, "Create chat completion".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::campaign {

/// Who drafts (settings `generate.*`). Prices are of a million tokens, in the account's money.
struct Generator {
  std::string url;        // "https://HOST/v1": chat/completions is below; empty: nobody
  std::string key_file;   // file with the secret; empty: none is sent
  std::string model;
  double input_price = 0;
  double output_price = 0;
  std::int64_t timeout_s = 60;

  bool is_on() const { return !url.empty(); }
};

inline constexpr std::size_t kDraftBytesMax = 20'000;
inline constexpr std::int64_t kDraftTokensMax = 2'000;

/// The body of a request.
///
/// type          of the template: says what kind of text is wanted.
/// instructions  of the person who asks; may be empty.
std::string completion_request(const Generator& generator, std::string_view type,
                               std::string_view prompt, std::string_view instructions);

struct Completion {
  std::string text;               // without the fence that models like to put around it
  std::string model;              // as the server named it
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
};

/// Errors  unavailable: the server answered with another status, or not with a completion; its own
///         words are in the message, without the secret.
[[nodiscard]] Result<Completion> read_completion(unsigned status, std::string_view body);

/// Money.
double cost_of(const Generator& generator, const Completion& completion);

/// What speaks against showing a draft; empty: nothing that a program can see.
std::vector<std::string> issues_of_draft(std::string_view type, const std::string& text);

/// Where a URL's requests go: "https://host:port" and "/v1/chat/completions".
struct Endpoint {
  std::string origin;
  std::string target;
};
/// Errors  invalid_argument (generate.url).
[[nodiscard]] Result<Endpoint> endpoint_of(std::string_view url);

}  // namespace attune::campaign
