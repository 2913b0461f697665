"""OpenStreetMap extracts: a town's roads, waters, lamps, buildings and boundaries from one file."""
