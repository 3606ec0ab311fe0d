"""A list as CSV: its lines, in its order, with its columns."""

from pathlib import Path
from uuid import UUID

from server.core import db
from server.core.access import Asking
from server.core.errors import NotFound
from server.hiring.listing import queries
from server.hiring.listing.columns import SEEN, chosen
from server.hiring.listing.rules import asked_by, order_of
from server.hiring.scorecards.rules import seen_by
from server.hiring.transfers import exporting
from server.hiring.workspaces.rules import slug_of

CSV = "text/csv; charset=utf-8"


async def export(asking: Asking, job: UUID, text: str, key: str | None) -> tuple[Path, str]:
    """Write the file and the record of it. Returns where it is and what it is called. Raises NotFound, Invalid."""
    asking.require("transfer")
    title = await db.value("SELECT title FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace)
    if title is None:
        raise NotFound
    query = asked_by(text)
    own = await queries.fields(asking.workspace)
    order, columns = order_of(query, own), chosen(query.get("columns", ()), own)
    hits = await queries.part(job, query, order, asking.id, 1)
    cells = ", ".join(column.cell.replace(SEEN, seen_by(asking.id)) for column in columns)
    sql = (
        f"WITH hits AS MATERIALIZED ({hits.sql}) SELECT {cells} FROM hits JOIN application a ON a.id = hits.id "  # noqa: S608 - ours
        "JOIN candidate c ON c.id = a.candidate_id JOIN stage s ON s.id = a.stage_id "
        f"LEFT JOIN member o ON o.id = a.owner_id ORDER BY hits.key IS NULL, hits.key {order.way}, hits.id"
    )
    titles = [column.title for column in columns]
    rows = exporting.batches(sql, job, *hits.values)
    path = await exporting.written(asking, job, "csv", lambda path: exporting.write_csv(path, titles, rows), key)
    return path, f"{slug_of(title)}-list.csv"
