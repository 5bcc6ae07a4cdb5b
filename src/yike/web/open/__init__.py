"""Open interfaces: OGC API Features, bulk exports, keys."""
