"""OGC API - Features, Part 1: Core, GeoJSON, HTML and OpenAPI 3.0, under /ogc/."""
