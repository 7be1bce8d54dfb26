"""What is booked in Bookly: customers, payments, appointments and who is on them, the log, open forms."""

from sqlalchemy import MetaData, Table

from practice_salon.bookly import columns as c
from practice_salon.bookly.columns import table as _table


def _customers(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_customers",
        c.identity(),
        c.long_count("wp_user_id", null=True),
        c.long_count("facebook_id", null=True),
        c.count("group_id", null=True),
        c.words("full_name", 128, default=""),
        c.words("first_name", 64, default=""),
        c.words("last_name", 64, default=""),
        c.words("phone", 32, default=""),
        c.words("email", 128, default=""),
        c.day("birthday", null=True),
        c.words("country", 32, null=True),
        c.words("state", 32, null=True),
        c.words("postcode", 10, null=True),
        c.words("city", 64, null=True),
        c.words("street", 64, null=True),
        c.words("street_number", 16, null=True),
        c.words("additional_address", 255, null=True),
        c.words("full_address", 255, null=True),
        c.text("notes"),
        c.text("info_fields", null=True),
        c.text("tags", null=True),
        c.words("stripe_account", 36, null=True, secret=True),
        c.words("stripe_cloud_account", 36, null=True, secret=True),
        c.count("attachment_id", null=True),
        c.moment("created_at"),
    )


def _orders(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_orders",
        c.identity(),
        c.words("token", 255, null=True, secret=True),
    )


def _payments(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_payments",
        c.identity(),
        c.link("customer_id", f"{prefix}bookly_customers", "SET NULL", null=True),
        c.link("parent_id", f"{prefix}bookly_payments", null=True),
        c.count("coupon_id", null=True),
        c.count("gift_card_id", null=True),
        c.choice(
            "type",
            (
                "local",
                "free",
                "paypal",
                "authorize_net",
                "stripe",
                "2checkout",
                "payu_biz",
                "payu_latam",
                "payson",
                "mollie",
                "woocommerce",
                "cloud_stripe",
                "cloud_square",
            ),
            default="local",
        ),
        c.money("total", default="0.00"),
        c.money("tax", default="0.00"),
        c.money("paid", default="0.00"),
        c.money("child_paid", default="0.00"),
        c.choice("paid_type", ("in_full", "deposit"), default="in_full"),
        c.money("gateway_price_correction", default="0.00", null=True),
        c.choice("status", ("pending", "completed", "rejected", "refunded"), default="completed"),
        c.words("token", 255, null=True, secret=True),
        c.text("details", null=True),
        c.link("order_id", f"{prefix}bookly_orders", "SET NULL", null=True),
        c.words("ref_id", 255, null=True),
        c.words("invoice_id", 32, null=True),
        c.moment("created_at"),
        c.moment("updated_at"),
        c.index("invoice_id_idx", "invoice_id"),
    )


def _series(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_series",
        c.identity(),
        c.words("repeat", 255, null=True),
        c.words("token", 255, secret=True),
    )


def _appointments(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_appointments",
        c.identity(),
        c.count("location_id", null=True),
        c.link("staff_id", f"{prefix}bookly_staff"),
        c.flag("staff_any", default=0),
        c.link("service_id", f"{prefix}bookly_services", null=True),
        c.words("custom_service_name", 255, null=True),
        c.money("custom_service_price", null=True),
        c.moment("start_date", null=True),
        c.moment("end_date", null=True),
        c.whole("extras_duration", default=0),
        c.text("internal_note", null=True),
        c.words("google_event_id", 255, null=True),
        c.words("google_event_etag", 255, null=True),
        c.words("outlook_event_id", 255, null=True),
        c.words("outlook_event_change_key", 255, null=True),
        c.words("outlook_event_series_id", 255, null=True),
        c.words("apple_event_id", 255, null=True),
        c.words("apple_event_etag", 255, null=True),
        c.choice("online_meeting_provider", ("zoom", "google_meet", "jitsi", "bbb", "teams"), null=True),
        c.words("online_meeting_id", 255, null=True),
        c.text("online_meeting_data", null=True),
        c.choice("created_from", ("bookly", "google", "outlook", "apple"), default="bookly"),
        c.moment("created_at"),
        c.moment("updated_at"),
    )


def _customer_appointments(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_customer_appointments",
        c.identity(),
        c.link("series_id", f"{prefix}bookly_series", null=True),
        c.count("package_id", null=True),
        c.link("customer_id", f"{prefix}bookly_customers"),
        c.link("appointment_id", f"{prefix}bookly_appointments"),
        c.link("payment_id", f"{prefix}bookly_payments", "SET NULL", null=True),
        c.link("order_id", f"{prefix}bookly_orders", "SET NULL", null=True),
        c.count("number_of_persons", default=1),
        c.count("units", default=1),
        c.text("notes", null=True),
        c.text("extras", null=True),
        c.flag("extras_multiply_nop", default=1),
        c.text("custom_fields", null=True),
        c.words("status", 255, default="approved"),
        c.moment("status_changed_at", null=True),
        c.words("token", 255, null=True, secret=True),
        c.words("time_zone", 255, null=True),
        c.whole("time_zone_offset", null=True),
        c.whole("rating", null=True),
        c.text("rating_comment", null=True),
        c.words("locale", 8, null=True),
        c.count("collaborative_service_id", null=True),
        c.words("collaborative_token", 255, null=True),
        c.count("compound_service_id", null=True),
        c.words("compound_token", 255, null=True),
        c.choice("created_from", ("frontend", "backend"), default="frontend"),
        c.moment("created_at"),
        c.moment("updated_at"),
    )


def _log(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_log",
        c.identity(),
        c.choice("action", ("create", "update", "delete", "error", "debug"), null=True),
        c.words("target", 255, null=True),
        c.count("target_id", null=True),
        c.words("author", 255, null=True),
        c.text("details", null=True),
        c.words("ref", 255, null=True),
        c.words("comment", 255, null=True),
        c.moment("created_at"),
    )


def _form_sessions(prefix: str, metadata: MetaData) -> Table:
    return _table(
        prefix,
        metadata,
        "bookly_form_sessions",
        c.identity(),
        c.words("token", 64, secret=True),
        c.text("value", null=True),
        c.moment("expire"),
        c.index("expire", "expire"),
        c.index("token", "token"),
    )


MAKERS = (
    _customers,
    _orders,
    _payments,
    _series,
    _appointments,
    _customer_appointments,
    _log,
    _form_sessions,
)
"""Parents before the tables that point at them."""
