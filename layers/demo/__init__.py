"""A demo city made from a seed: Chongchuan's real names on invented ground, and what people report there.

Streets and communities bear their official codes and names (`layers/data/chongchuan_divisions.csv`);
every boundary, road, house, body and report is generated. `write_sources` leaves files as a dozen offices
would hand them over, to be imported by the ordinary commands.
"""

from layers.demo.rules import rules_toml
from layers.demo.sources import Source, write_sources

__all__ = ["Source", "rules_toml", "write_sources"]
