-- Dates of more than a day: few, and looked for apart. What is asked of a stretch of time begins less than a day before it,
-- or is one of these.
CREATE INDEX index_date_long ON index_date (tenant, path, high, low, resource) WHERE high - low > 86400000000;
