#include "serve/secrets.h"

#include <gtest/gtest.h>

#include <set>

#include "serve/login_guard.h"

namespace attune::serve {
namespace {

TEST(SecretsTest, TokensAreLongAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string token = random_token(32);
    EXPECT_EQ(token.size(), 43U);
    EXPECT_EQ(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    EXPECT_TRUE(seen.insert(token).second);
  }
  EXPECT_EQ(random_password().size(), 19U);
  EXPECT_NE(random_password(), random_password());
}

TEST(SecretsTest, HashesDependOnPurposeAndText) {
  const std::string hash = secret_hash("key", "sk_x");
  EXPECT_EQ(hash.size(), 64U);
  EXPECT_EQ(hash, secret_hash("key", "sk_x"));
  EXPECT_NE(hash, secret_hash("key", "sk_y"));
  EXPECT_NE(hash, secret_hash("login", "sk_x"));
}

TEST(SecretsTest, PasswordsVerify) {
  const PasswordCost cheap{1, 8192};
  const auto hash = hash_password("open sesame", cheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password(*hash, "open sesame"));
  EXPECT_FALSE(verify_password(*hash, "open sesam"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_NE(*hash, *hash_password("open sesame", cheap));  // salted
  EXPECT_FALSE(verify_password("not a hash", "x"));
}

TEST(LoginGuardTest, StopsGuessingFromOneAddressForAWhile) {
  LoginGuard guard({1000, 3});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.begin("203.0.113.7", "ada", 500'000));
  const auto refused = guard.begin("203.0.113.7", "bob", 500'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  EXPECT_TRUE(guard.begin("203.0.113.8", "ada", 500'000));
  EXPECT_TRUE(guard.begin("203.0.113.7", "ada", 501'000));  // the window is over
}

TEST(LoginGuardTest, StopsGuessingOneAccountFromManyAddresses) {
  LoginGuard guard({1000, 2});
  int passed = 0;
  for (int i = 0; i < 50; ++i) {
    if (guard.begin("203.0.113." + std::to_string(i), "ada", 500'000)) ++passed;
  }
  EXPECT_EQ(passed, 10);  // five times the limit of an address
}

TEST(LoginGuardTest, ForgetsAfterTheRightPassword) {
  LoginGuard guard({1000, 3});
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(guard.begin("203.0.113.7", "ada", 500'000));
    guard.succeeded("203.0.113.7", "ada");
  }
}

TEST(LoginGuardTest, HasBoundedMemory) {
  LoginGuard guard({1'000'000, 3});
  for (std::size_t i = 0; i < LoginGuard::kEntriesMax * 2; ++i) {
    EXPECT_TRUE(guard.begin("a" + std::to_string(i), "u" + std::to_string(i), 2'000'000));
  }
}

}  // namespace
}  // namespace attune::serve
