"""What members do with scorecards, and what they see of them."""

from typing import Any

from tests.cast import Colleague, Json, Visitor


async def sheet(who: Colleague, cleo: Visitor) -> Json:
    return await who.read(f"/applications/{cleo.application}/scorecard")


async def save(who: Colleague, cleo: Visitor, *values: int, hire: str = "yes", why: str = "") -> Json:
    """Rate the criteria in order, on the version that is there."""
    seen = await sheet(who, cleo)
    ratings = {one["id"]: value for one, value in zip(seen["criteria"], values, strict=False) if value}
    version = seen["mine"]["version"] if seen["mine"] else 0
    body = {"version": version, "ratings": ratings, "hire": hire, "why": why}
    return await who.make("PUT", f"/applications/{cleo.application}/scorecard", body)


async def score(who: Colleague, cleo: Visitor, *values: int, hire: str = "yes") -> Json:
    """Rate and submit."""
    seen = await save(who, cleo, *values, hire=hire)
    body = {"version": seen["mine"]["version"]}
    return await who.make("POST", f"/applications/{cleo.application}/scorecard/submission", body)


async def reopen(who: Colleague, cleo: Visitor) -> Json:
    return await who.make("POST", f"/applications/{cleo.application}/scorecard/reopening", {})


async def seen_scores(who: Colleague, job: Json, *cards: Visitor) -> dict[str, float]:
    query = "&".join(f"cards={card.application}" for card in cards)
    found: dict[str, float] = (await who.read(f"/jobs/{job['id']}/scores?{query}"))["scores"]
    return found


async def card_of(who: Colleague, cleo: Visitor) -> Json:
    return (await who.read(f"/applications/{cleo.application}"))["card"]


async def refused(who: Colleague, cleo: Visitor, rest: str, body: Json, method: str = "POST") -> Any:
    reply = await who.do(method, f"/applications/{cleo.application}/scorecard{rest}", body)
    assert reply.status_code in {409, 422}, reply.text
    said = reply.json()
    return said["code"], said["fields"]
