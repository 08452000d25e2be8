-- What became of the trade rows of each market: received = stored + duplicate + rejected, but for those under way.
-- Consumed ids are no trades and stand beside it.
SELECT exchange, market, received, stored, duplicate, rejected, consumed, unaccounted AS underway
FROM market_count
ORDER BY exchange, market
