"""Tables of accounts, workspaces and the ways into them."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Account(Table, db=DB, tablename="account"):
    """A person who can sign in; member of any number of workspaces. `folded` is the e-mail in comparable form."""

    id = UUID(primary_key=True, default=NewId())
    email = Varchar(length=254)
    folded = Varchar(length=254, unique=True)
    password_hash = Varchar(length=200)
    created_at = Timestamptz(default=TimestamptzNow())


class Workspace(Table, db=DB, tablename="workspace"):
    """A company, or a part of one: nothing ever crosses from one workspace to another."""

    id = UUID(primary_key=True, default=NewId())
    slug = Varchar(length=60, unique=True)
    name = Varchar(length=120)
    created_at = Timestamptz(default=TimestamptzNow())


class Member(Table, db=DB, tablename="member"):
    """An account in a workspace, with a role. Removed members stay as authors of what they wrote."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    account_id = UUID(index=True, default=None)
    name = Varchar(length=300)
    colour = Integer(default=1)
    role = Varchar(length=20)
    joined_at = Timestamptz(default=TimestamptzNow())
    removed_at = Timestamptz(null=True, default=None)


class SignIn(Table, db=DB, tablename="sign_in"):
    """A signed-in browser: the cookie's token hashed, revocable at any time."""

    id = UUID(primary_key=True, default=NewId())
    account_id = UUID(index=True, default=None)
    token_hash = Varchar(length=64, unique=True)
    device = Varchar(length=300)
    created_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow())


class Invitation(Table, db=DB, tablename="invitation"):
    """A link by which one colleague may join with the role it names."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    email = Varchar(length=254)
    role = Varchar(length=20)
    token_hash = Varchar(length=64, unique=True)
    invited_by = UUID(default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow())
    accepted_at = Timestamptz(null=True, default=None)


class PasswordReset(Table, db=DB, tablename="password_reset"):
    """A link by which an account may choose a new password once."""

    id = UUID(primary_key=True, default=NewId())
    account_id = UUID(index=True, default=None)
    token_hash = Varchar(length=64, unique=True)
    expires_at = Timestamptz(default=TimestamptzNow())
    used_at = Timestamptz(null=True, default=None)


class SetupLink(Table, db=DB, tablename="setup_link"):
    """The one-time link that founds a workspace."""

    id = UUID(primary_key=True, default=NewId())
    token_hash = Varchar(length=64, unique=True)
    expires_at = Timestamptz(default=TimestamptzNow())
    used_at = Timestamptz(null=True, default=None)
