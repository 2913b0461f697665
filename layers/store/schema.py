"""The tables of the live store, the same in every dialect.

Times are microseconds since 1970 UTC, positions degrees, digests SHA-256 in hex. A position, owner, asset or
due time that there is none of is NULL.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

KEY = BigInteger().with_variant(Integer, "sqlite")  # what SQLite keeps its rows by
WORD = Text().with_variant(Text(collation="C"), "postgresql")  # ordered by code points, as SQLite does

META = Table("meta", METADATA, Column("key", WORD, primary_key=True), Column("value", WORD, nullable=False))

# The last ids given, and the end of the chain of events: one row.
HEADS = Table(
    "heads",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=False),
    Column("report", BigInteger, nullable=False),
    Column("issue", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("hash", WORD, nullable=False),
)

# How many issues a day of the city has.
DAYS = Table("days", METADATA, Column("day", WORD, primary_key=True), Column("last", Integer, nullable=False))

ISSUES = Table(
    "issues",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=False),
    Column("uid", WORD, nullable=False, unique=True),
    Column("number", WORD, nullable=False, unique=True),
    Column("status", WORD, nullable=False),
    Column("category", WORD, nullable=False),
    Column("lng", Double),
    Column("lat", Double),
    Column("geometry", LargeBinary),
    Column("quadkey", BigInteger),
    Column("cell_code", WORD, nullable=False),
    Column("cell_path", WORD, nullable=False),
    Column("owner_id", WORD),
    Column("asset_kind", WORD),
    Column("asset_id", WORD),
    Column("certainty", WORD, nullable=False),
    Column("owner_share", Double),
    Column("assignment", WORD, ForeignKey("assignments.sha256")),
    Column("generation", WORD, nullable=False),
    Column("report_count", Integer, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("due_us", BigInteger),
    Column("flags", WORD, nullable=False),
    Column("merged_into", WORD),
    Column("claimed_by", WORD),
    Column("claimed_us", BigInteger),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("issues_by_seq", "seq", unique=True),
    Index("issues_by_status", "status", "seq"),
    Index("issues_by_owner", "owner_id", "seq"),
    Index("issues_by_category", "category", "seq"),
    Index("issues_by_cell", "cell_path"),
    Index("issues_by_quadkey", "quadkey"),
    Index("issues_by_created", "created_us"),
    Index("issues_by_updated", "updated_us"),
)

# Proofs, by their SHA-256 and without what the reporter wrote; events and issues name them by it.
ASSIGNMENTS = Table(
    "assignments",
    METADATA,
    Column("sha256", WORD, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

REPORTS = Table(
    "reports",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=False),
    Column("uid", WORD, nullable=False, unique=True),
    Column("issue_id", KEY, ForeignKey("issues.id"), nullable=False, index=True),
    Column("channel", WORD, nullable=False),
    Column("external_id", WORD),
    Column("body_digest", WORD, nullable=False),
    Column("received_us", BigInteger, nullable=False, index=True),
    Column("occurred_us", BigInteger, nullable=False),
    Column("zone_assumed", Boolean, nullable=False),
    Column("lng", Double),
    Column("lat", Double),
    Column("datum", WORD, nullable=False),
    Column("accuracy_m", Double),
    Column("level", Double),
    Column("geometry", LargeBinary),
    Column("category", WORD, nullable=False),
    Column("generation", WORD, nullable=False),
    UniqueConstraint("channel", "external_id"),
)

# What can be erased: everything personal, and the salt without which the digests of it tell nothing.
PRIVATE = Table(
    "report_private",
    METADATA,
    Column("report_id", KEY, ForeignKey("reports.id"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("reporter", WORD, nullable=False),
    Column("contact", WORD, nullable=False),
    Column("text", WORD, nullable=False),
    Column("sources", WORD, nullable=False),
    Column("assigned_text", WORD),
    Index("private_by_reporter", "reporter"),
)

PHOTOS = Table(
    "report_photos",
    METADATA,
    Column("report_id", KEY, ForeignKey("report_private.report_id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sha256", WORD, nullable=False, index=True),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", KEY, primary_key=True, autoincrement=False),
    Column("issue_id", KEY, ForeignKey("issues.id")),
    Column("at_us", BigInteger, nullable=False),
    Column("actor", WORD, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("reason", WORD, nullable=False),
    Column("before", WORD, nullable=False),
    Column("after", WORD, nullable=False),
    Column("private", WORD, nullable=False),
    Column("prev_hash", WORD, nullable=False),
    Column("hash", WORD, nullable=False),
    Index("events_by_issue", "issue_id", "seq"),
)

# Words of which staff have said where they are; the words, and their salt, can be erased.
CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("uid", WORD, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("text", WORD, nullable=False),
    Column("pattern", WORD, nullable=False),
    Column("salt", WORD, nullable=False),
    Column("cell_path", WORD, nullable=False),
    Column("lng", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("radius_m", Double, nullable=False),
    Column("issue_id", KEY, ForeignKey("issues.id")),
    Column("reason", WORD, nullable=False),
    Column("made_at_us", BigInteger, nullable=False),
    Column("made_by", WORD, nullable=False),
    Column("revoked_at_us", BigInteger),
    Column("revoked_by", WORD),
    Column("revoked_reason", WORD),
    Column("replaced_by", WORD),
    Index("corrections_by_seq", "seq", unique=True),
    Index("corrections_by_pattern", "pattern"),
)

IDEMPOTENCY = Table(
    "idempotency_keys",
    METADATA,
    Column("scope", WORD, primary_key=True),
    Column("key", WORD, primary_key=True),
    Column("body_digest", WORD, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("expires_us", BigInteger, nullable=False, index=True),
)

NEVER_CHANGED = (EVENTS, REPORTS, ASSIGNMENTS)
