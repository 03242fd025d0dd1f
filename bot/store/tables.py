"""The tables, as they are after the last migration."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite has no zones and keeps it bare."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Compared byte by byte on PostgreSQL too, so that a beginning is found by the index.
_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# Narrow rows: lists, and what is usual, are read from here alone.
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("check", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("executed", sa.Boolean, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    # Of the diagnosis when the run was saved, so that a list of runs needs no documents.
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    # Step -> seconds, of the steps that worked, so that fifty runs cost one small query.
    sa.Column("durations", sa.Text, nullable=False, server_default="{}"),
    # What revision 0003 put into `contents`; filled only in rows from before.
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("transcript", sa.LargeBinary, nullable=False),
    # When it was kept, which says how old a pasted log is; NULL in rows from before 0003.
    sa.Column("saved_at", UtcDateTime),
    sa.Index("runs_by_target", "target", "started_at"),
    sa.Index("runs_by_check", "target", "check", "started_at"),
    sa.Index("runs_by_outcome", "target", "check", "status", "started_at"),
    sa.Index("runs_by_time", "started_at"),
    sa.Index("runs_by_age", "target", "saved_at"),
)

# All of a run and of its diagnosis, packed: about a fifth of the room that rows and text took.
contents = sa.Table(
    "contents",
    metadata,
    sa.Column("run_id", _ID, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("run", sa.LargeBinary, nullable=False),
    sa.Column("diagnosis", sa.LargeBinary, nullable=False),
)

# The observations and reports of runs from before 0003; nothing is added here.
observations = sa.Table(
    "observations",
    metadata,
    sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("diagnosis", sa.Text, nullable=False),
)

postings = sa.Table(
    "postings",
    metadata,
    # A name, see `bot.store.names`. No reference to runs: a run is announced before it is saved.
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("ts", sa.Text, nullable=False),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Index("postings_by_place", "channel", "ts"),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    # What took it, when that matters: the same may take it again.
    sa.Column("holder", sa.Text, nullable=False, server_default=""),
    sa.Index("claims_by_expiry", "expires_at"),
)

# The turns at Slack that several processes share; in seconds since 1970 by the database's clock.
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("full_until", sa.Double, nullable=False),
    sa.Column("held_until", sa.Double, nullable=False),
)

install = sa.Table(
    "install",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

watches = sa.Table(
    "watches",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("incidents_by_target", "target", "number"),
    sa.Index("incidents_by_state", "state", "number"),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("incident", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
)

# What is to be told, written together with what decided it, and told afterwards.
notices = sa.Table(
    "notices",
    metadata,
    # The order in which they are told.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("target", sa.Text, nullable=False),
    # The incident's id; empty for what is not about one.
    sa.Column("incident", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # pending, told, or dead: nobody will ever take it.
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("notices_by_state", "state", "route", "incident", "id"),
)

# Why people heard of something, or did not; and who did what.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    # The event's: a run's id, or the delivery that a person's act came with.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("incident", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Index("decisions_by_time", "target", "at"),
    sa.Index("decisions_by_key", "key"),
)

# Where the app is installed by OAuth; `sealed` opens only with the app's client secret.
installations = sa.Table(
    "installations",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("enterprise", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("bot", sa.Text, nullable=False),
    sa.Column("bot_user", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
)

# The workspace in which a channel or a person was last heard of.
whereabouts = sa.Table(
    "whereabouts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
)

# Steps of people's workflows in Slack, until they are told how the run they wait for ended.
executions = sa.Table(
    "executions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False),
    # The installation's; empty where there is one workspace only.
    sa.Column("key", sa.Text, nullable=False),
    sa.Index("executions_by_run", "run_id"),
)

# When each schedule was last acted on, so that a restart neither repeats nor forgets it.
ticks = sa.Table(
    "ticks",
    metadata,
    sa.Column("schedule", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# When each target last accepted each bypass key, known by its fingerprint.
accepted_keys = sa.Table(
    "accepted_keys",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# What Slack calls the people who asked, as it told when they did.
people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # The same id may be somebody else in another workspace.
    sa.Column("team", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index("people_by_age", "seen_at"),
)
