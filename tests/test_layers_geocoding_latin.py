"""European and American texts lead to their places: spelt well or not, bent, shortened, with their towns."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from layers.candidates import Answer, Match, Outcome
from layers.generation import load_live
from layers.geocoder import Geocoder
from tests.cities import at
from tests.latin_city import latin_city

DEGREE_M = 111_000.0


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    return Geocoder(load_live(latin_city(tmp_path_factory.mktemp("latin"))))


def _apart_m(answer: Answer, column: float, row: float) -> float:
    best, (lng, lat) = answer.candidates[0], at(column, row)
    return float((((best.lng - lng) * 0.848) ** 2 + (best.lat - lat) ** 2) ** 0.5 * DEGREE_M)


HOUSE_5 = (0.4, 0.48)  # Hauptstraße 5 of Oberdorf
REHWINKEL_3 = (0.42, 1.18)


@pytest.mark.parametrize(
    ("text", "match", "place"),
    [
        # forms of an address
        ("Im Rehwinkel 3", Match.ADDRESS, REHWINKEL_3),
        ("Im Rehwinkel3", Match.ADDRESS, REHWINKEL_3),
        ("Im Rehwinkel Nr. 3", Match.ADDRESS, REHWINKEL_3),
        ("Im Rehwinkel, Hausnr. 3, Oberdorf", Match.ADDRESS, REHWINKEL_3),
        ("im rehwinkel, 3 in 91207 Oberdorf", Match.ADDRESS, REHWINKEL_3),
        ("Seit dem 12.11. um 8 Uhr ist das Licht aus (Im Rehwinkel 3)", Match.ADDRESS, REHWINKEL_3),
        ("Goerlitzer Str. 3 A", Match.ADDRESS, (2.62, 0.98)),
        ("Görlitzer Straße 3 a Unterdorf", Match.ADDRESS, (2.62, 0.98)),
        # the whole city is a parent, and so is a village by its name or postcode
        ("Im Rehwinkel 3, Altstadt", Match.ADDRESS, REHWINKEL_3),
        ("Im Rehwinkel 3, Altstadt a.d. Pegnitz", Match.ADDRESS, REHWINKEL_3),
        ("Hauptstr. 5, Oberdorf", Match.ADDRESS, HOUSE_5),
        ("Hauptstraße 5 in 91208 Unterdorf", Match.ADDRESS, (2.4, 0.48)),
        ("91208 Unterdorf Hauptstraße 5", Match.ADDRESS, (2.4, 0.48)),
        ("Hauptstraße in Höhe der Hausnummer 5 in Oberdorf", Match.ADDRESS, HOUSE_5),
        ("Hauptstr. vor Nr. 5, Oberdorf", Match.ADDRESS, HOUSE_5),
        ("Hauptstraße 5 D-91208 Unterdorf", Match.ADDRESS, (2.4, 0.48)),
        ("Hauptstraße 5 FL-9494 Unterdorf", Match.ADDRESS, (2.4, 0.48)),  # not on floor 5
        ("Hauptstr. 5, CH 9494 Unterdorf", Match.ADDRESS, (2.4, 0.48)),
        ("D 91208 Unterdorf, Hauptstr. 5", Match.ADDRESS, (2.4, 0.48)),
        # one wrong letter
        ("Im Rehwnikel 3, Oberdorf", Match.ADDRESS, REHWINKEL_3),
        ("Sperrmüll liegt seit 3 Tagen bei Im Rhewinkel 3", Match.ADDRESS, REHWINKEL_3),
        ("Hautpstr. 5 in Oberdorf", Match.ADDRESS, HOUSE_5),
        ("Hauptsrt 5, Oberdorf", Match.ADDRESS, HOUSE_5),
        ("Görlizer Straße 3a", Match.ADDRESS, (2.62, 0.98)),
        # crossings
        ("Einmündung Bahnhofstraße in Hauptstraße", Match.CROSSING, (1, 0.5)),
        ("Kreuzung Hauptstr., Bahnhofstr. in Oberdorf", Match.CROSSING, (1, 0.5)),
        ("Ecke Hauptstraße/Bahnhofstraße", Match.CROSSING, (1, 0.5)),
        ("an der Ecke Hauptstraße und Banhhofstraße", Match.CROSSING, (1, 0.5)),
        ("Ecke Hauptstraße Bahnhofstraße", Match.CROSSING, (1, 0.5)),
        ("Hauptstraße Bahnhofstraße Kreuzung, Oberdorf", Match.CROSSING, (1, 0.5)),
        ("Ecke Bahnhofstraße Oberdorf", Match.STREET, (1, 0.8)),  # a town is no street
        ("Hauptstraße Ecke Bahnhofstraße Gully verstopft", Match.CROSSING, (1, 0.5)),
        # Finnish and Swedish
        ("Iso Roobertinkadulla 5", Match.ADDRESS, (0.4, 2.48)),
        ("iso roobertink. 5, katuvalo ei pala", Match.ADDRESS, (0.4, 2.48)),
        ("Iso Roobertinkdaulla 5", Match.ADDRESS, (0.4, 2.48)),
        ("Unioninkadun ja Iso Roobertinkadun kulmassa", Match.CROSSING, (1, 2.5)),
        ("risteys Unioninkatu - Iso Roobertinkatu", Match.CROSSING, (1, 2.5)),
        ("Stora Robertsgatan 5", Match.ADDRESS, (0.4, 2.48)),
        ("hörnet av Unionsgatan och Stora Robertsgatan", Match.CROSSING, (1, 2.5)),
        ("Unionsgatan, hörnet Stora Robertsgatan", Match.CROSSING, (1, 2.5)),
        # American
        ("1283 Canal St", Match.ADDRESS, (2.98, 2.32)),
        ("Pothole at 1283 canal street Apt 2", Match.ADDRESS, (2.98, 2.32)),
        ("# 1605 West 18th St., 91208 Unterdorf", Match.ADDRESS, (2.4, 2.98)),
        ("Water main break near 1605 w 18th street!!", Match.ADDRESS, (2.4, 2.98)),
        ("1605 W 18tn St", Match.ADDRESS, (2.4, 2.98)),
        ("1283 Cnaal St", Match.ADDRESS, (2.98, 2.32)),
        ("corner of Canal St and W 18th St", Match.CROSSING, (3, 3)),
        ("W 18TH ST & S OAK AVE", Match.CROSSING, (2.5, 3)),
        # beside one of them
        ("50 m nördlich von Im Rehwinkel 4, Oberdorf", Match.RELATION, (0.46, 1.22 + 50 / 1110)),
        ("50 metriä pohjoiseen osoitteesta Unioninkatu 4", Match.RELATION, (1.02, 2.36 + 50 / 1110)),
        ("gegenüber von Im Rehwinkel 4", Match.RELATION, (0.46, 1.18)),
        ("Im Rehwinkel 4 gegenüber in Oberdorf", Match.RELATION, (0.46, 1.18)),
    ],
)
def test_a_text_leads_to_its_place(
    geocoder: Geocoder, text: str, match: Match, place: tuple[float, float]
) -> None:
    answer = geocoder.geocode(text)
    assert answer.outcome is Outcome.FOUND, answer
    assert answer.candidates[0].match is match
    assert _apart_m(answer, *place) <= 12
    assert not {fault.code for fault in answer.candidates[0].faults} & {"parent_elsewhere", "parent_unknown"}


def test_a_street_of_two_villages_needs_the_village(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Hauptstraße 5")
    assert answer.outcome is Outcome.AMBIGUOUS
    assert {one.parents[0] for one in answer.candidates} == {"Oberdorf", "Unterdorf"}
    assert "Oberdorf" in answer.question_en


def test_two_places_of_one_crossing_are_both_listed(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Hauptstraße / Ringweg")
    assert (answer.outcome, len(answer.candidates)) == (Outcome.AMBIGUOUS, 2)


def test_a_number_that_is_known_counts_more_than_one_that_is_guessed(geocoder: Geocoder) -> None:
    """Only the Hauptstraße of Oberdorf has a house 35; that of Unterdorf ends at 20."""
    answer = geocoder.geocode("Hauptstraße 35")
    assert answer.outcome is Outcome.FOUND
    assert answer.candidates[0].parents[0] == "Oberdorf"


def test_a_missing_number_lies_between_its_neighbours_and_says_so(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Hauptstraße 17, Oberdorf")
    assert answer.candidates[0].match is Match.INTERPOLATED
    assert [fault.code for fault in answer.candidates[0].faults] == ["number_inferred"]
    assert _apart_m(answer, 0.2 + 0.04 * 17, 0.48) <= 25


@pytest.mark.parametrize(("number", "place"), [("10a", (0.6, 0.52)), ("40 b", (1.8, 0.52))])
def test_a_house_with_a_letter_that_nobody_entered_is_not_the_one_without(
    geocoder: Geocoder, number: str, place: tuple[float, float]
) -> None:
    """It stands somewhere around 10, so the answer says that it was placed, and within 30 m at best."""
    answer = geocoder.geocode(f"Hauptstraße {number}, Oberdorf")
    best = answer.candidates[0]
    assert (best.label, best.match) == (f"Hauptstraße {number}", Match.INTERPOLATED)
    assert [fault.code for fault in best.faults] == ["number_inferred"]
    assert best.radius_m >= 30
    assert _apart_m(answer, *place) <= 30


def test_a_letter_is_not_within_an_address_of_several_numbers(geocoder: Geocoder) -> None:
    best = geocoder.geocode("Görlitzer Straße 21a").candidates[0]
    assert (best.label, best.match) == ("Görlitzer Straße 21a", Match.INTERPOLATED)


@pytest.mark.parametrize("number", ["5 A", "5 A 12", "5-1", "5/2"])
def test_a_staircase_or_door_is_its_house(geocoder: Geocoder, number: str) -> None:
    best = geocoder.geocode(f"Iso Roobertinkatu {number}").candidates[0]
    assert (best.label, best.match, best.faults) == ("Iso Roobertinkatu 5", Match.ADDRESS, ())


def test_an_address_of_several_numbers_has_each_of_them(geocoder: Geocoder) -> None:
    whole = geocoder.geocode("Görlitzer Straße 19-23")
    for text in ("Görlitzer Straße 19", "Görlitzer Straße 21", "Görlitzer Straße 23"):
        assert geocoder.geocode(text).candidates[0].id == whole.candidates[0].id


@pytest.mark.parametrize("text", ["Im Rehwinkel 3, Unterdorf", "Im Rehwinkel 3 in 91208 Unterdorf"])
def test_a_village_that_does_not_hold_the_house_is_a_fault(geocoder: Geocoder, text: str) -> None:
    best = geocoder.geocode(text).candidates[0]
    assert (best.match, best.parents[0]) == (Match.ADDRESS, "Oberdorf")
    assert [fault.code for fault in best.faults] == ["parent_elsewhere"]


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Im Rehwinkel 3, 80331 München", "München"),
        ("Im Rehwinkel 3, D-80331 München", "München"),
        ("Im Rehwinkel 3 in München", "München"),
        ("Im Rehwinkel 3, Röthenbach an der Pegnitz", "Röthenbach an der Pegnitz"),
        ("Im Rehwinkel 3, Berg bei Neumarkt", "Berg bei Neumarkt"),
        ("Im Rehwinkel 3, Canal", "Canal"),  # Canal St is no town
        ("Unioninkatu 4, 33100 Tampere", "Tampere"),
    ],
)
def test_a_town_that_nobody_knows_is_told(geocoder: Geocoder, text: str, town: str) -> None:
    best = geocoder.geocode(text).candidates[0]
    assert best.match is Match.ADDRESS
    assert [(fault.code, fault.value) for fault in best.faults] == [("parent_unknown", town)]


@pytest.mark.parametrize(
    "text",
    [
        "Hauptstraße 5, D-91208 Unterdorf",
        "D-91208 Unterdorf, Hauptstraße 5",
        "Hauptstraße 5, Unterdorf, Bayern",
    ],
)
def test_the_country_of_a_postcode_and_the_region_of_a_town_say_nothing(
    geocoder: Geocoder, text: str
) -> None:
    answer = geocoder.geocode(text)
    assert (answer.outcome, answer.candidates[0].parents[0]) == (Outcome.FOUND, "Unterdorf")
    assert answer.candidates[0].faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "Quetzalstraße 7, 91207 Oberdorf",  # nobody is sent to the middle of the village
        "Walrossgasse, Hausnr. 14 in Oberdorf",
        "12 Zebrafish Ave, Unterdorf",
        "Straßenlaterne seit 3 Tagen kaputt",
        "Call me at 312-555-0143 about my ticket 1234567",
        "Bitte um Rückruf unter 0171 2345678",
        "Ecke Quetzalstraße Bahnhofstraße",
    ],
)
def test_what_nobody_knows_is_no_answer(geocoder: Geocoder, text: str) -> None:
    assert geocoder.geocode(text).outcome is Outcome.NONE


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Im Rehwinkel 999", "number_unknown"),
        ("99283 Canal St", "number_unknown"),
        ("Kreuzung Fernallee und Im Rehwinkel", "no_crossing"),
        ("Ecke Fernallee Bahnhofstraße", "no_crossing"),
    ],
)
def test_a_number_or_crossing_that_cannot_be_is_told(geocoder: Geocoder, text: str, fault: str) -> None:
    answer = geocoder.geocode(text)
    assert all(one.match is Match.STREET for one in answer.candidates)
    assert all(fault in [said.code for said in one.faults] for one in answer.candidates)


def test_what_the_caller_knows_decides_between_two_streets_of_one_name(geocoder: Geocoder) -> None:
    for place, village in (((0.5, 0.5), "Oberdorf"), ((3, 0.5), "Unterdorf")):
        near = geocoder.geocode("Hauptstraße 5", near=at(*place))
        assert (near.outcome, near.candidates[0].parents[0]) == (Outcome.FOUND, village)
        inside = geocoder.geocode("Hauptstraße 5", within=village)
        assert (inside.outcome, inside.candidates[0].parents[0]) == (Outcome.FOUND, village)
    between = geocoder.geocode("Hauptstraße 5", near=at(1.4, 0.5))
    assert between.outcome is Outcome.AMBIGUOUS


TEXTS = ("Hauptstraße 5", "Im Rhewinkel 3", "Hauptstraße 17, Oberdorf", "Ecke Hauptstraße/Ringweg", "nichts")


def test_answers_do_not_depend_on_what_was_asked_before_or_at_the_same_time(geocoder: Geocoder) -> None:
    alone = {text: geocoder.geocode(text).json() for text in TEXTS}
    orders = list(itertools.permutations(TEXTS))[::24]
    fresh = Geocoder(geocoder.city.generation)
    with ThreadPoolExecutor(4) as threads:
        together = list(
            threads.map(lambda order: {text: fresh.geocode(text).json() for text in order}, orders)
        )
    assert all(some == alone for some in together)


HOSTILE = {
    "one letter": "a" * 10_000,
    "digits": "1234567890" * 1_000,
    "numbers": "12 " * 3_300,
    "control characters": "\x00\x01\x1f\x7f" * 2_000,
    "emoji": "🚧🔥👩‍👩‍👧" * 800,
    "marks": "a\u0301" * 5_000,
    "half of a pair": "\ud800 Hauptstraße",
    "joins": "und " * 2_500,
    "slashes": "/" * 10_000,
    "crossings": "Ecke A und B, " * 700,
    "hyphens": "a-" * 5_000,
    "streets": "Hauptstraße 5 & Canal St, " * 400,
    "mistyped": " ".join(f"Hautpstrsse {n}" for n in range(500)),
    "a number beyond all": "Hauptstraße " + "9" * 400,
    "prepositions": "im " * 3_000,
    "from right to left": "\u202eHauptstraße 5\u202c" * 500,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_it(geocoder: Geocoder, text: str) -> None:
    assert geocoder.geocode(text).outcome in Outcome
