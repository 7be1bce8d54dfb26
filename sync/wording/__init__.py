"""The sentences people read, on the screens, in commands and in alerts alike.

Pure: what comes in is said, nothing is read. Every sentence is one a hairdresser would say.
Times are told in the salon's zone.
"""

from sync.wording.choices import button, reason, second_tap, value_on, would
from sync.wording.findings import KINDS, group_headline, headline, story
from sync.wording.outcomes import not_told, not_told_words, refused, result
from sync.wording.plans import clients_to_tell, what_changes_in, what_is_kept, who_hears
from sync.wording.scene import Scene, scene_of
from sync.wording.sides import Reading, Said, Tone, opening

__all__ = [
    "KINDS",
    "Reading",
    "Said",
    "Scene",
    "Tone",
    "button",
    "clients_to_tell",
    "group_headline",
    "headline",
    "not_told",
    "not_told_words",
    "opening",
    "reason",
    "refused",
    "result",
    "scene_of",
    "second_tap",
    "story",
    "value_on",
    "what_changes_in",
    "what_is_kept",
    "who_hears",
    "would",
]
