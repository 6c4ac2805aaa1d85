-- What one template earned with one kind of visitor in one slot, of a row that is there already.
--
-- Parameters
--   $1  user_id                 int64
--   $2  template_id             uuid
--   $3  context_hash            text
--   $4  impressions             int64
--   $5  clicks                  int64
--   $6  conversions             int64
--   $7  engagement_score        double
--   $8  performance_vs_template double
--   $9  content_metadata        json
--   $10 updated_at              timestamp
update personalized_content
set
  impressions = $4,
  clicks = $5,
  conversions = $6,
  engagement_score = $7,
  performance_vs_template = $8,
  content_metadata = $9,
  updated_at = $10
where user_id = $1
  and template_id = $2
  and context_hash = $3
  and campaign_id is null;
