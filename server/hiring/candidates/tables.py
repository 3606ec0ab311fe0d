"""Tables of candidates and the links and sessions by which they come back."""

from piccolo.columns import UUID, Array, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Candidate(Table, db=DB, tablename="candidate"):
    """A person in this workspace; `folded` is the e-mail in comparable form, `plain` the name.

    `version` grows with what the team changes about them. `merged_into` is whose profile this one is a part of.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    name = Varchar(length=300)
    email = Varchar(length=254)
    folded = Varchar(length=254)
    plain = Varchar(length=None)
    phone = Varchar(length=60, default="")
    location = Varchar(length=300, default="")
    headline = Varchar(length=300, default="")
    links = Array(base_column=Varchar(length=500), default=list)
    version = Integer(default=1)
    merged_into = UUID(null=True, default=None, index=True)
    created_at = Timestamptz(default=TimestamptzNow())


class CandidateLink(Table, db=DB, tablename="candidate_link"):
    """A personal link into one application. Many may be valid; each can be revoked, and `once` is by its first use."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    token_hash = Varchar(length=64, unique=True)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow())
    revoked_at = Timestamptz(null=True, default=None)
    once = Boolean(default=False)


class CandidateSession(Table, db=DB, tablename="candidate_session"):
    """A browser in which a candidate's place is open; its cookie is valid below that application's path only."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    token_hash = Varchar(length=64, unique=True)
    device = Varchar(length=300)
    created_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow())
    revoked_at = Timestamptz(null=True, default=None)
