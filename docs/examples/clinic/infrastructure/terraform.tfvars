log_retention_days = 2192
