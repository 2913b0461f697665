"""Coordinates, geometry and indexes: arrays and values in, arrays and values out."""
