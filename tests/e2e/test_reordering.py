"""Questions, criteria and stages are put in another order by the mouse and by arrow keys, and the order is kept."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.browsers import People
from tests.e2e.installation import Furnished
from tests.e2e.steps import SEE, at

LISTS = {
    "question": ("Order of question {}", ["One", "Two", "Three"]),
    "criterion": ("Order of criterion {}", ["One", "Two", "Three"]),
    "stage": ("Order of stage", ["Applied", "Video", "Review", "Interview", "Offer", "Hired", "Declined"]),
}


async def furnished_job(workspace: Furnished) -> dict[str, Any]:
    job = await workspace.ada("POST", f"{workspace.base}/api/jobs", {"title": "In another order"})
    path, names = f"{workspace.base}/api/jobs/{job['id']}", LISTS["question"][1]
    questions = {"version": job["version"], "questions": [{"text": name} for name in names]}
    job = await workspace.ada("PUT", f"{path}/questions", questions)
    criteria = {"version": job["version"], "criteria": [{"name": name} for name in names]}
    found: dict[str, Any] = await workspace.ada("PUT", f"{path}/criteria", criteria)
    return found


async def drag(grip: Locator, onto: Locator) -> None:
    """Past the middle of another row, in small steps as a hand does."""
    await onto.scroll_into_view_if_needed()
    box, there = await grip.bounding_box(), await onto.bounding_box()
    assert box
    assert there
    mouse, x = grip.page.mouse, box["x"] + box["width"] / 2
    await mouse.move(x, box["y"] + box["height"] / 2)
    await mouse.down()
    await mouse.move(x, there["y"] + 3, steps=12)
    await mouse.up()


@pytest.mark.parametrize("what", LISTS)
async def test_a_list_is_put_in_order_by_mouse_and_by_keys(people: People, workspace: Furnished, what: str) -> None:
    label, names = LISTS[what]
    path = f"{workspace.base}/api/jobs/{(await furnished_job(workspace))['id']}"
    ada = await at(people, workspace.ada, "Ada", path.replace("/api/", "/") + "/edit")
    rows = ada.locator(f"[data-{what}]")
    first = names.index("Review") if what == "stage" else 1

    def grip(place: int) -> Locator:
        return rows.nth(place).get_by_role("button", name=label.format(place + 1))

    async def kept(wanted: list[str]) -> None:
        found: list[str] = []
        async with asyncio.timeout(SEE / 1000):
            while found != wanted:
                await asyncio.sleep(0.1)
                if what == "stage":
                    found = [one["name"] for one in (await workspace.ada("GET", f"{path}/flow"))["stages"]]
                else:
                    job = await workspace.ada("GET", path)
                    found = [
                        one.get("text") or one["name"] for one in job["questions" if what == "question" else "criteria"]
                    ]

    await expect(rows).to_have_count(len(names), timeout=SEE)
    await drag(grip(first + 1), rows.nth(first))
    turned = [*names[:first], names[first + 1], names[first], *names[first + 2 :]]
    await kept(turned)
    await expect(grip(first)).to_be_focused()  # and goes on by keys from there

    await ada.keyboard.press("ArrowDown")
    await expect(grip(first + 1)).to_be_focused()
    await kept(names)
    await ada.keyboard.press("ArrowUp")
    await kept(turned)
    await ada.reload()
    await expect(rows).to_have_count(len(names), timeout=SEE)
    await kept(turned)
