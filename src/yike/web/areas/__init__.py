"""Areas: the tree city, county, street, community, and the cities of this installation."""
