// Tags of resources as CloudTrail has them, and the rules that hold for all of its resources.
// Source: CloudTrail API reference, AddTags, RemoveTags; "Quotas in AWS CloudTrail".
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::aws {

inline constexpr size_t kTagsMax = 50;              ///< of a resource
inline constexpr size_t kTagKeyCharacters = 128;    ///< at most, of a key
inline constexpr size_t kTagValueCharacters = 256;  ///< at most, of a value

struct Tag {
  std::string key{};
  std::string value{};

  bool operator==(const Tag&) const = default;
};

using Tags = std::vector<Tag>;

/// What a request gives. Fails with InvalidTagParameterException (characters, lengths, `aws:`, a
/// key twice) and TagsLimitExceededException.
Status check_tags(const Tags& tags);

/// `tags` with those of `added` besides; a key that is there gets the new value. Fails as
/// check_tags() does, and with TagsLimitExceededException when these would be too many.
Result<Tags> with_tags(Tags tags, const Tags& added);

/// `tags` without those of `removed`: a key goes when `removed` names no value for it, or this very
/// one. Keys that are not there are no fault.
Tags without_tags(Tags tags, const Tags& removed);

/// What has tags. An ARN that the feature does not know fails with the feature's own error.
class TaggedResources {
 public:
  virtual ~TaggedResources() = default;

  virtual Status add_tags(const std::string& arn, const Tags& tags) = 0;
  virtual Status remove_tags(const std::string& arn, const Tags& tags) = 0;
  virtual Result<Tags> tags_of(const std::string& arn) = 0;
};

}  // namespace cairn::aws
