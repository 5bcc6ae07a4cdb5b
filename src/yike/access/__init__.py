"""可达性: how long everyone walks to everything, exactly."""
