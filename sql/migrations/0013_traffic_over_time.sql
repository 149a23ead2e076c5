-- A campaign over time is read from the index alone: months of a busy one are tens of
-- thousands of rows. Each batch that is settled changes a few of its entries.
ALTER TABLE traffic
  DROP KEY campaign,
  ADD KEY campaign (campaign_id, minute, state, messages); -- a campaign over time
