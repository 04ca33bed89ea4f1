"""Templates of the texts that a fitted model becomes.

A template holds the structure alone: names, levels and numbers reach it as values, and
every one passes a filter that quotes it in the language of the template.
"""

from collections.abc import Callable, Mapping
from types import CodeType

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from regcore.export.fitted import FittedModel
from regcore.settings import Task
from regcore.words import counted, listed

TASKS = {
    Task.REGRESSION: "a number",
    Task.BINARY: "two classes",
    Task.MULTICLASS: "classes",
}


class _Compiled(BytecodeCache):
    """What each template was compiled to: that takes longer than to fill it."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.code


_compiled = _Compiled()


def environment(package: str, *, escaped: bool) -> Environment:
    """Templates of a package; `escaped` ones are HTML, others keep their last line."""
    return Environment(
        loader=PackageLoader(package),
        bytecode_cache=_compiled,
        # No filter is applied before a template is filled: each time they are others.
        optimized=False,
        undefined=StrictUndefined,
        autoescape=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not escaped,
    )


def render(
    template: str,
    model: FittedModel,
    filters: Mapping[str, Callable[..., str]],
    **values: object,
) -> str:
    """Fill a template of `templates/` with a model and other values."""
    templates = environment("regcore.export", escaped=False)
    templates.filters.update({"on_one_line": on_one_line, **filters})
    return templates.get_template(template).render(
        model=model, about=about(model), **values
    )


def on_one_line(text: object) -> str:
    """Return a text that cannot end a comment: no line end, nothing that is unseen."""
    seen = "".join(sign if sign.isprintable() else " " for sign in str(text))
    return " ".join(seen.split()).replace("*/", "* /").replace('"""', "'''")


def about(model: FittedModel) -> list[str]:
    """Say in sentences what a model is."""
    trained = counted(len(model.rows), "training row") if len(model.rows) else "rows"
    origin = f" of {model.origin}" if model.origin else ""
    penalty = {
        "none": "without a penalty",
        "L1": f"with the penalty (λ/n)·Σ|w| (L1), λ = {model.lam!r}",
        "L2": f"with the penalty (λ/2n)·Σw² (L2), λ = {model.lam!r}",
    }[model.penalty]
    what = TASKS[model.task]
    classes = f": {listed(model.classes)}" if model.classes else ""
    kept = int((model.W != 0).any(axis=1).sum())
    return [
        f"Predicts «{model.target}» ({what}{classes}).",
        f"A linear model that regcore trained {penalty}, on {trained}{origin}.",
        f"{kept:,} of its {counted(len(model.W), 'feature')} have a weight that is "
        "not 0.",
    ]
