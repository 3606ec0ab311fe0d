"""What scenarios have in common: the addresses of what they do, and ways to do it."""

from tests.cast import Json
from tests.server.convergence import Scene

API, OWN, UPLOADS = "/w/{slug}/api", "/c/a/{application}/api", "/c/a/{application}/uploads"
PERSON = f"{API}/candidates/{{candidate}}"


def path_of(scene: Scene) -> str:
    return f"/applications/{scene.cleo.application}"


def move(scene: Scene, stage: str, before: str | None = None) -> Json:
    body = {"stage": stage, "before": before, "version": 10_000}
    return scene.cast.ben.make("POST", f"{path_of(scene)}/moves", body)
