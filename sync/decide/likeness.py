"""Whether two names, phones or mail addresses are the same one written twice."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

SHORTEST_PHONE = 7
"""Digits below which a number names nobody."""

_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "})

# The country whose phone numbers a salon's clients type without "+": by the last word of the zone's name.
_REGIONS = {
    "US": "New_York Chicago Denver Los_Angeles Phoenix Detroit Anchorage Honolulu Boise Juneau Adak Menominee "
    "Indianapolis Louisville",
    "CA": "Toronto Vancouver Edmonton Winnipeg Halifax St_Johns Regina Montreal Whitehorse Moncton",
    "MX": "Mexico_City Tijuana Monterrey Cancun Hermosillo Merida Chihuahua",
    "BR": "Sao_Paulo Manaus Fortaleza Recife Bahia Belem Cuiaba",
    "AR": "Buenos_Aires Cordoba",
    "CL": "Santiago",
    "CO": "Bogota",
    "PE": "Lima",
    "GB": "London Belfast",
    "IE": "Dublin",
    "DE": "Berlin Busingen",
    "AT": "Vienna",
    "CH": "Zurich",
    "FR": "Paris",
    "BE": "Brussels",
    "NL": "Amsterdam",
    "LU": "Luxembourg",
    "ES": "Madrid Canary Ceuta",
    "PT": "Lisbon Madeira Azores",
    "IT": "Rome",
    "DK": "Copenhagen",
    "SE": "Stockholm",
    "NO": "Oslo",
    "FI": "Helsinki",
    "PL": "Warsaw",
    "CZ": "Prague",
    "SK": "Bratislava",
    "HU": "Budapest",
    "RO": "Bucharest",
    "BG": "Sofia",
    "GR": "Athens",
    "HR": "Zagreb",
    "SI": "Ljubljana",
    "RS": "Belgrade",
    "UA": "Kyiv Kiev",
    "TR": "Istanbul",
    "IL": "Jerusalem Tel_Aviv",
    "ZA": "Johannesburg",
    "AE": "Dubai",
    "IN": "Kolkata Calcutta",
    "SG": "Singapore",
    "HK": "Hong_Kong",
    "JP": "Tokyo",
    "KR": "Seoul",
    "AU": "Sydney Melbourne Brisbane Perth Adelaide Hobart Darwin",
    "NZ": "Auckland Chatham",
}
_REGION_OF_CITY = {city: region for region, cities in _REGIONS.items() for city in cities.split()}


def region_of(timezone: str) -> str | None:
    """The country of an IANA zone ("America/Chicago" is "US"); None where the zone does not tell."""
    return _REGION_OF_CITY.get(timezone.rpartition("/")[2])


@lru_cache(maxsize=50_000)
def folded(name: str) -> str:
    """A name without case, accents, punctuation and order of its words: "GARCÍA, Ava" and "Ava Garcia" are equal."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_SPECIAL))
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)).replace("'", ""))
    return " ".join(sorted(words))


def same_name(one: str, other: str) -> bool:
    """Equal but for case, accents, punctuation and the order of the words; an empty name is nobody's."""
    return bool(folded(one)) and folded(one) == folded(other)


def like_name(one: str, other: str) -> bool:
    """The same name but for a slip: one letter in a short name, two in one of eight letters or more."""
    a, b = folded(one), folded(other)
    if not a or not b:
        return False
    slips = 2 if min(len(a), len(b)) >= 8 else 1
    return a == b or (min(len(a), len(b)) >= 4 and distance(a, b, slips) <= slips)


def same_mail(one: str, other: str) -> bool:
    """The same mail address, whatever its case."""
    return "@" in one and one.strip().casefold() == other.strip().casefold()


def same_phone(one: str, other: str, region: str | None) -> bool:
    """The same number, whatever its form. Where only one of them names its country and the region is not known, the
    last nine digits decide."""
    a, b = phone(one, region), phone(other, region)
    if not a or not b:
        return False
    if a[0] == b[0] == "+" or min(len(a), len(b)) < 9:
        return a == b
    return a[-9:] == b[-9:]


@lru_cache(maxsize=50_000)
def phone(text: str, region: str | None) -> str:
    """A phone number as "+" and digits; as bare digits where its country is not known; empty when it is none."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        digits = "".join(c for c in text if c.isdecimal()).lstrip("0")
        return digits if len(digits) >= SHORTEST_PHONE else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def distance(one: str, other: str, most: int) -> int:
    """How many letters must be put in, left out, changed or swapped with their neighbour; `most + 1` for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
