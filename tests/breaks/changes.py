"""The wrong changes: where the rule stands, what it would be without it, and which tests must turn red.

A change is a few words of a file for others. The words must stand there exactly once, so that a file that has changed
makes its break stale instead of harmless.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


class Stale(Exception):
    """A break no longer fits the code; `str(error)` says which and where."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` stands once in `file` (from the top of the checkout) and becomes `new`."""

    file: str
    old: str
    new: str

    def applied(self, root: Path) -> str:
        """The file's text with the edit. Raises Stale when the old words are not there once, or it is no Python."""
        text = (root / self.file).read_text()
        if text.count(self.old) != 1:
            raise Stale(f"the words to change stand {text.count(self.old)} times in {self.file}, not once")
        changed = text.replace(self.old, self.new)
        try:
            ast.parse(changed)
        except SyntaxError as error:
            raise Stale(f"{self.file} would be no Python any more: {error.msg}") from None
        return changed


@dataclass(frozen=True, slots=True)
class Break:
    """One wrong change. Every one of `tests` (pytest's names) must turn red by an assertion."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


BOOKLY_ROWS = "sync/calendars/bookly/rows.py"
BOOKLY_VISITS = "tests/sync/calendars/bookly/test_visits.py"
SAMPLE = "tests/sync/decide/test_findings_of_a_real_bookly.py"
SQUARE_BOOKINGS = "tests/sync/calendars/square/test_bookings.py"
SQUARE_WRITE = "tests/sync/calendars/square/test_write.py"
SECOND_LOOK = "tests/sync/converge/test_second_look.py"
CARRY = "sync/converge/carry.py"
STORIES = "tests/simulation/test_stories.py"

BREAKS: tuple[Break, ...] = (
    Break(
        "paddings dropped",
        (Edit(BOOKLY_ROWS, "return Span.of(staff, *core, left, right), None", "return Span.of(staff, *core), None"),),
        (
            f"{BOOKLY_VISITS}::test_paddings_lie_around_the_core_and_extras_within_it[sqlite]",
            f"{SAMPLE}::test_the_planted_truth_is_found_and_nothing_else_of_these_kinds[2026-11-21]",
        ),
    ),
    Break(
        "done counted busy",
        (Edit(BOOKLY_ROWS, '"done": Standing.OVER', '"done": Standing.STANDS'),),
        (
            f"{BOOKLY_VISITS}::test_each_status_word_has_its_standing[done-over-None]",
            "tests/sync/calendars/bookly/test_read.py::test_around_leaves_out_what_does_not_stand[sqlite]",
        ),
    ),
    Break(
        "extras ignored",
        (Edit(BOOKLY_ROWS, "span_utc(start, digits, zone), end + extras)", "span_utc(start, digits, zone), end)"),),
        (f"{BOOKLY_VISITS}::test_paddings_lie_around_the_core_and_extras_within_it[sqlite]",),
    ),
    Break(
        "closed interval end",
        (
            Edit("sync/decide/overlaps.py", "key[1:] < end_key[:-1]", "key[1:] <= end_key[:-1]"),
            Edit("sync/decide/overlaps.py", 'end_key[meets_next], "left"', 'end_key[meets_next], "right"'),
        ),
        (
            "tests/sync/decide/test_overlaps.py::test_intervals_that_touch_do_not_overlap",
            "tests/sync/decide/test_clashes.py::test_visits_that_touch_are_no_clash",
        ),
    ),
    Break(
        "local time read as UTC",
        (
            Edit(
                "sync/calendars/bookly/times.py",
                "return digits.replace(tzinfo=zone.rules, fold=0).astimezone(UTC)",
                "return digits.replace(tzinfo=UTC)",
            ),
        ),
        (
            "tests/sync/calendars/bookly/test_times.py::test_a_repeated_hour_is_read_as_its_first_pass",
            f"{SAMPLE}::test_the_padding_clash_is_ten_minutes_of_marias_afternoon",
        ),
    ),
    Break(
        "first segment only",
        (
            Edit(
                "sync/calendars/square/bookings.py",
                "return [segment for segment in found if isinstance(segment, Mapping)] if",
                "return [segment for segment in found[:1] if isinstance(segment, Mapping)] if",
            ),
        ),
        (
            f"{SQUARE_BOOKINGS}::test_segments_follow_each_other_with_an_intermission_as_a_gap_and_each_with_its_own_person",
        ),
    ),
    Break(
        "stop at an empty page",
        (
            Edit(
                "sync/calendars/square/client.py",
                '            yield page\n            cursor = page.get("cursor") or None\n',
                '            yield page\n            cursor = page.get("cursor") or None\n'
                "            if not any(isinstance(rows, list) and rows for rows in page.values()):\n"
                "                return\n",
            ),
        ),
        ("tests/sync/calendars/square/test_read.py::test_an_empty_page_in_the_middle_hides_nothing[bookings.list]",),
    ),
    Break(
        "no shrink guard",
        (
            Edit(
                "sync/rounds/pull.py",
                "return absences_to_withhold(known, read, snapshot.window, now, lately)",
                "return frozenset()",
            ),
        ),
        ("tests/sync/rounds/test_pull.py::test_a_calendar_suddenly_small_loses_nothing_that_was_known",),
    ),
    Break(
        "no second read",
        (
            Edit(
                CARRY,
                "board, plan = _decide(house, request, finding, neighbours=False)",
                "board, plan = _decide(house, request, finding, neighbours=True)",
            ),
            Edit(CARRY, "            board, plan = _decide(house, request, finding, neighbours=True)\n", ""),
        ),
        (f"{SECOND_LOOK}::test_a_time_taken_between_the_first_look_and_the_lock_is_not_written_over",),
    ),
    Break(
        "lock by start",
        (
            Edit(
                "sync/locking/rows.py",
                'g.start < :e{n} AND g."end" > :b{n}',
                "g.start = :b{n} AND :e{n} > 0",
            ),
        ),
        (
            "tests/sync/locking/test_sqlite.py::TestStoreLocks::test_every_way_to_overlap_excludes[later]",
            "tests/sync/locking/test_sqlite.py::TestStoreLocks::test_what_overlaps_is_busy_and_says_who_and_until_when",
        ),
    ),
    Break(
        "no version sent",
        (
            Edit(
                "sync/calendars/square/write.py",
                '{**fields, "version": booking["version"]}',
                "fields",
            ),
        ),
        (f"{SQUARE_WRITE}::test_the_version_is_sent_so_that_what_staff_did_meanwhile_is_not_overwritten",),
    ),
    Break(
        "link without confirming",
        (
            Edit(
                "sync/model/people.py",
                'there.pop(staff_map.get(m.id, ""), None)',
                'there.pop(staff_map.get(m.id) or next((k for k, o in there.items() if o.name == m.name), ""), None)',
            ),
            Edit(
                "sync/decide/findings.py",
                "(_same_visit(view, couple) for couple in found_couples),",
                "(_same_visit(view, couple) for couple in found_couples if not couple.likely),",
            ),
        ),
        (
            "tests/sync/decide/test_matching.py::test_two_are_one_person_only_where_the_map_says_so",
            "tests/sync/decide/test_same_visit.py::test_a_couple_is_never_a_double_booking_and_never_missing",
        ),
    ),
    Break(
        "fence",
        (
            Edit("sync/converge/grip.py", "        refuse_if_superseded(conn, self.lease)\n", ""),
            Edit("sync/converge/grip.py", "if self.lease.left(self._house.monotonic) >= NEEDED:", "if NEEDED:"),
        ),
        (f"{STORIES}::test_who_stood_still_past_the_lock_records_nothing_over_what_came_after",),
    ),
    Break(
        "read back",
        (Edit("sync/converge/acting.py", "return not write.even_if_taken\n    return", "return False\n    return"),),
        (f"{STORIES}::test_who_took_the_chair_while_we_wrote_keeps_it_and_ours_goes",),
    ),
    Break(
        "shrink guard",
        (Edit("sync/converge/sighting.py", "return mine if lately + len(mine) > limit_of(ahead) else", "return"),),
        (f"{STORIES}::test_many_that_vanish_at_once_are_not_cancelled",),
    ),
    Break(
        "visit claim",
        (
            Edit(
                "sync/converge/claiming.py",
                "found = {Claim.visit(str(owner_ref(board, ref)))}",
                "found: set[Claim] = set()",
            ),
        ),
        (f"{STORIES}::test_a_click_and_a_hint_for_one_visit_that_is_moved_meanwhile_make_one_booking",),
    ),
    Break(
        "hint counter",
        (
            Edit(
                "sync/store/hint_statements.py",
                'table.c.counter == sa.bindparam("unchanged")',
                'table.c.counter >= sa.bindparam("unchanged")',
            ),
        ),
        (f"{STORIES}::test_what_is_moved_while_it_is_being_carried_is_not_lost",),
    ),
    Break(
        "former partner",
        (
            Edit("sync/model/findings.py", "if p.current and p.ref.side is side)", "if p.ref.side is side)"),
            Edit(
                "sync/decide/carrying.py",
                "for partner in pair.partners if partner.current}",
                "for partner in pair.partners}",
            ),
            Edit(
                "sync/converge/sighting.py",
                "for partner in pair.partners if partner.current)",
                "for partner in pair.partners)",
            ),
        ),
        (f"{STORIES}::test_a_late_message_about_a_booking_that_was_replaced_changes_nothing",),
    ),
    Break(
        "block ownership",
        (
            Edit(
                "sync/decide/case.py",
                "return self.pair.owner is Side.SQUARE and all(_is_block(a) for a in self.other.known)",
                "return False",
            ),
        ),
        (
            f"{STORIES}::test_a_block_that_is_deleted_is_put_back_and_its_client_is_left_alone",
            f"{STORIES}::test_a_block_that_is_dragged_is_put_back",
        ),
    ),
    Break(
        "status table",
        (Edit(BOOKLY_ROWS, '"done": Standing.OVER', '"done": Standing.CANCELLED'),),
        (f"{STORIES}::test_a_client_who_was_served_is_not_cancelled",),
    ),
    Break(
        "agreed per side",
        (
            Edit(
                "sync/converge/hinted.py",
                "pairs.agree(conn, ref, seen.sight.board.appointments.get(ref), now)",
                "pairs.agree(conn, ref, house.readers[ref.side].read([ref]).get(ref), now)",
            ),
        ),
        (f"{STORIES}::test_a_move_between_the_reading_and_the_recording_is_carried",),
    ),
    Break(
        "settle first",
        (
            Edit(
                "sync/converge/settling.py",
                "open_intents = intents.open_for(conn, errand.request_id, about, visit)",
                "open_intents: tuple[Intent, ...] = ()",
            ),
        ),
        (f"{STORIES}::test_what_was_sent_and_never_heard_of_is_settled_before_the_client_moves",),
    ),
)
