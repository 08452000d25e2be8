SELECT create_hypertable('trades', by_range('executed_at', INTERVAL '1 hour'), create_default_indexes => false);
