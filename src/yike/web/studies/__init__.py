"""Studies of the platform's cities: records become tables here, and figures follow the records."""
