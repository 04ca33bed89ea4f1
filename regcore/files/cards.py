"""The three models side by side, as HTML that stands by itself."""

from regcore.comparison import PENALTIES, Comparison
from regcore.drawing.paper import COLOURS
from regcore.export.rendering import environment
from regcore.questions.cards.headline import headline
from regcore.questions.cards.heads import heads
from regcore.words import counted, figures, named

TEMPLATES = environment("regcore.files", escaped=True)
TEMPLATES.policies["json.dumps_kwargs"] = {"separators": (",", ":")}


def comparison_html(result: Comparison, *, titled: bool = True) -> str:
    """The three models side by side, under the headline where they are `titled`."""
    return TEMPLATES.get_template("comparison.html").render(
        headline=headline(result) if titled else "",
        described=described(result),
        heads=heads(result),
        colours=dict(zip(PENALTIES, COLOURS, strict=False)),
    )


def described(result: Comparison) -> str:
    """Target, features, rows and λ in a line."""
    design = result.problem.design
    return (
        f"{named(design.target)} from {counted(len(design.features), 'feature')} · "
        f"{counted(result.problem.n, 'training row')} · "
        f"λ = {figures(result.settings.lam)}"
    )
