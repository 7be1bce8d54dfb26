"""What the manager sees first: one sentence, then cards, then the day."""

from __future__ import annotations

from dashboard import store
from dashboard.components.card import card
from dashboard.components.day import day
from dashboard.components.opening import opening
from dashboard.components.summary import summary
from dashboard.dialogs import open_one
from dashboard.screen import open_screen, watch_for_news
from dashboard.today import hands, today

screen = open_screen("Today")
with store.look() as conn:
    shown = today(conn, screen)
    question = open_one(screen, conn, stay=False)

opening(shown.said)
for one in shown.cards:
    card(one, hands(screen), link=one.first.number)
summary(shown.summary)
if shown.day is not None:
    day(shown.day, shown.heading)
if question is not None:
    question()
watch_for_news(busy=shown.busy)
