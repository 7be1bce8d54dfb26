"""The made-up salon."""

from practice_salon.shop import shop


def test_the_same_seed_gives_the_same_salon_and_another_seed_another() -> None:
    assert shop(7) == shop(7)
    assert shop(7) != shop(8)


def test_six_people_a_dozen_services_and_some_hundred_clients_work_and_come_there() -> None:
    for seed in range(30):
        salon = shop(seed)
        assert len(salon.staff) == 6
        assert len(salon.services) == 12
        assert 100 <= len(salon.clients) <= 300


def test_nobody_shares_a_name_a_mail_or_a_phone() -> None:
    for seed in range(30):
        everybody = [*shop(seed).staff, *shop(seed).clients]
        for field in ("name", "email", "phone"):
            values = [getattr(person, field) for person in everybody]
            assert len(set(values)) == len(values), (seed, field)


def test_all_mails_end_in_example_and_all_phones_are_fictional() -> None:
    for person in [*shop(3).staff, *shop(3).clients]:
        assert person.email.endswith(".example")
        assert person.phone[:2] == "+1" and person.phone[5:8] == "555" and person.phone[8:10] == "01"
        assert len(person.phone) == 12


def test_each_service_is_done_by_two_people_at_least() -> None:
    salon = shop(1)
    for service in salon.services:
        assert sum(service.key in skills for skills in salon.skills.values()) >= 2, service.title


def test_at_least_four_people_work_on_every_day_of_the_week() -> None:
    for seed in range(30):
        for day in range(7):
            assert sum(week[day] is not None for week in shop(seed).hours.values()) >= 4
