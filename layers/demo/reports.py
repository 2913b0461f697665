"""Placeholder until the reports are written."""

import pandas as pd

from layers.demo.tables import City


def reports(made: City, seed: int) -> pd.DataFrame:
    """No reports yet."""
    del made, seed
    return pd.DataFrame({"lng": []})
