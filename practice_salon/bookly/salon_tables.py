"""The salon itself in Bookly: the site's options, services, staff, their hours and days off."""

import sqlalchemy as sa
from sqlalchemy import MetaData, Table, UniqueConstraint
from sqlalchemy.dialects import mysql

from practice_salon.bookly import columns as c
from practice_salon.bookly.columns import table as _table


def _options(prefix: str, metadata: MetaData) -> Table:
    """WordPress's settings: the site's zone and Bookly's own among them. Holds secrets on a real site."""
    return _table(
        prefix,
        metadata,
        "options",
        sa.Column("option_id", c.LONG_KEY, primary_key=True, autoincrement=True),
        c.words("option_name", 191, default=""),
        sa.Column("option_value", sa.Text().with_variant(mysql.LONGTEXT(), *c.MYSQL), nullable=False),
        c.words("autoload", 20, default="yes"),
        UniqueConstraint("option_name", name="option_name"),
    )


def _categories(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_categories",
        c.identity(),
        c.words("name", 255),
        c.count("attachment_id", null=True),
        c.text("info", null=True),
        c.whole("position", default=9999),
    )


def _services(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_services",
        c.identity(),
        c.link("category_id", f"{prefix}bookly_categories", "SET NULL", null=True),
        c.choice("type", ("simple", "collaborative", "compound", "package"), default="simple"),
        c.words("title", 255, default="", null=True),
        c.count("attachment_id", null=True),
        c.whole("duration", default=900),
        c.words("slot_length", 32, default="default"),
        c.money("price", default="0.00"),
        c.words("color", 32, default="#FFFFFF"),
        c.words("deposit", 16, default="100%"),
        c.whole("capacity_min", default=1),
        c.whole("capacity_max", default=1),
        c.count("waiting_list_capacity", null=True),
        c.flag("one_booking_per_slot", default=0),
        c.whole("padding_left", default=0),
        c.whole("padding_right", default=0),
        c.text("info", null=True),
        c.words("start_time_info", 32, default="", null=True),
        c.words("end_time_info", 32, default="", null=True),
        c.flag("same_staff_for_subservices", default=0),
        c.count("units_min", default=1),
        c.count("units_max", default=1),
        c.whole("package_life_time", null=True),
        c.choice("package_life_time_type", ("first_booking", "creation_date"), default="first_booking"),
        c.whole("package_size", null=True),
        c.flag("package_unassigned", default=0),
        c.whole("appointments_limit", null=True),
        c.choice(
            "limit_period",
            (
                "off",
                "day",
                "week",
                "month",
                "year",
                "upcoming",
                "calendar_day",
                "calendar_week",
                "calendar_month",
                "calendar_year",
            ),
            default="off",
        ),
        c.choice(
            "staff_preference",
            (
                "order",
                "least_occupied",
                "most_occupied",
                "least_occupied_for_period",
                "most_occupied_for_period",
                "least_expensive",
                "most_expensive",
            ),
            default="most_expensive",
        ),
        c.text("staff_preference_settings", null=True),
        c.flag("recurrence_enabled", default=1),
        c.several(
            "recurrence_frequencies",
            ("daily", "weekly", "biweekly", "monthly"),
            default="daily,weekly,biweekly,monthly",
        ),
        c.choice("time_requirements", ("required", "optional", "off"), default="required"),
        c.flag("collaborative_equal_duration", default=0),
        c.choice("online_meetings", ("off", "zoom", "google_meet", "jitsi", "bbb", "teams"), default="off"),
        c.words("final_step_url", 512, default=""),
        c.count("wc_product_id", default=0),
        c.words("wc_cart_info_name", 255, null=True),
        c.text("wc_cart_info", null=True),
        c.whole("min_time_prior_booking", null=True),
        c.whole("min_time_prior_cancel", null=True),
        c.words("gateways", 255, null=True),
        c.text("tags", null=True),
        c.choice("visibility", ("public", "private", "group"), default="public"),
        c.whole("position", default=9999),
    )


def _staff(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_staff",
        c.identity(),
        c.count("category_id", null=True),
        c.long_count("wp_user_id", null=True),
        c.count("attachment_id", null=True),
        c.words("full_name", 255, null=True),
        c.words("email", 255, null=True),
        c.words("phone", 32, null=True),
        c.words("time_zone", 255, null=True),
        c.text("info", null=True),
        c.count("working_time_limit", null=True),
        c.choice("visibility", ("public", "private", "archive"), default="public"),
        c.whole("position", default=9999),
        c.text("google_data", null=True, secret=True),
        c.text("outlook_data", null=True, secret=True),
        c.text("apple_data", null=True, secret=True),
        c.choice("zoom_authentication", ("default", "oauth"), default="default"),
        c.text("zoom_oauth_token", null=True, secret=True),
        c.flag("icalendar", default=0),
        c.words("icalendar_token", 255, null=True, secret=True),
        c.whole("icalendar_days_before", default=365),
        c.whole("icalendar_days_after", default=365),
        c.words("color", 255, default="#dddddd"),
        c.words("gateways", 255, null=True),
    )


def _staff_services(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_staff_services",
        c.identity(),
        c.link("staff_id", f"{prefix}bookly_staff"),
        c.link("service_id", f"{prefix}bookly_services"),
        c.count("location_id", null=True),
        c.money("price", default="0.00"),
        c.words("deposit", 100, default="100%"),
        c.whole("capacity_min", default=1),
        c.whole("capacity_max", default=1),
        UniqueConstraint("staff_id", "service_id", "location_id", name="unique_ids_idx"),
    )


def _sub_services(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_sub_services",
        c.identity(),
        c.choice("type", ("service", "spare_time"), default="service"),
        c.link("service_id", f"{prefix}bookly_services"),
        c.link("sub_service_id", f"{prefix}bookly_services", null=True),
        c.whole("duration", null=True),
        c.whole("position", default=9999),
    )


def _staff_schedule_items(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_staff_schedule_items",
        c.identity(),
        c.link("staff_id", f"{prefix}bookly_staff"),
        c.count("location_id", null=True),
        c.count("day_index"),
        c.clock("start_time", null=True),
        c.clock("end_time", null=True),
        UniqueConstraint("staff_id", "day_index", "location_id", name="unique_ids_idx"),
    )


def _schedule_item_breaks(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_schedule_item_breaks",
        c.identity(),
        c.link("staff_schedule_item_id", f"{prefix}bookly_staff_schedule_items"),
        c.clock("start_time", null=True),
        c.clock("end_time", null=True),
    )


def _holidays(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_holidays",
        c.identity(),
        c.link("staff_id", f"{prefix}bookly_staff", null=True),
        c.count("parent_id", null=True),
        c.day("date"),
        c.flag("repeat_event", default=0),
    )


MAKERS = (
    _options,
    _categories,
    _services,
    _staff,
    _staff_services,
    _sub_services,
    _staff_schedule_items,
    _schedule_item_breaks,
    _holidays,
)
"""Parents before the tables that point at them."""
