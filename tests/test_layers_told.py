"""What is told of a proof says the same as the table of answers, to the last digit."""

from __future__ import annotations

import numpy as np

from layers.answers import ANSWER_COLUMNS, answer_frame, reasons
from layers.assign import assign
from layers.generation import Generation
from layers.proof import prove_all
from layers.told import told_answer
from tests.cities import SOUTH, STEP, WEST

MANY = 3_000


def test_told_answers_equal_the_table(generation: Generation) -> None:
    rng = np.random.default_rng(7)
    lng = rng.uniform(WEST - STEP, WEST + 5 * STEP, MANY)
    lat = rng.uniform(SOUTH - STEP, SOUTH + 3 * STEP, MANY)
    category = rng.choice(["0118", "E0105", "0126", "E0301", "", "x"], MANY).tolist()
    accuracy = np.where(rng.random(MANY) < 0.5, 0.0, rng.uniform(0, 600, MANY))
    near = rng.random(MANY) < 0.7  # a lamp or the river
    lat[near] = SOUTH + rng.choice([0.5, 1.5], near.sum()) * STEP + rng.normal(0, 2e-4, near.sum())
    lng[near] = WEST + (rng.integers(0, 4, near.sum()) + 0.5) * STEP + rng.normal(0, 2e-4, near.sum())
    lng[0] = np.nan
    answers = assign(generation, lng, lat, category=category, accuracy_m=accuracy)
    frame = answer_frame(answers)
    frame["reason"] = reasons(frame, generation.config.languages)
    told = [told_answer(proof, generation.config.languages) for proof in prove_all(answers)]
    for name in ANSWER_COLUMNS:
        table = [None if value != value else value for value in frame[name]]
        said = [one[name] for one in told]
        wrong = [(a, b) for a, b in zip(table, said, strict=True) if a != b]
        assert not wrong, (name, wrong[:5], len(wrong))
