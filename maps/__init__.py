"""What people and GIS programs look at."""
