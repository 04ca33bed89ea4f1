"""What a notebook shows of a result: short, in words, with the numbers of the page.

Registered in `regcore.shown`, so that the results need not know what lies above them.
What draws is imported when something is drawn: `import regcore` is not to wait for it.
"""

from regcore import shown
from regcore.comparison import Comparison
from regcore.intake import Intake
from regcore.regularization_path import RegularizationPath


@shown.text.register
def _(result: Comparison) -> str:
    from regcore.notebook import render

    return render.comparison_text(result)


@shown.html.register
def _(result: Comparison) -> str:
    from regcore.files.cards import comparison_html

    return comparison_html(result)


@shown.chart.register
def _(result: Comparison) -> shown.Drawing:
    from regcore.questions.cards.chart import models_chart

    return models_chart(result)


@shown.report.register
def _(result: Comparison, title: str, path: RegularizationPath | None) -> str:
    from regcore.files import Source
    from regcore.files.reports import report

    return report(Source(result=result, title=title, path=path)).decode()


@shown.text.register
def _(path: RegularizationPath) -> str:
    from regcore.notebook import render

    return render.path_text(path)


@shown.html.register
def _(path: RegularizationPath) -> str:
    from regcore.notebook import render

    return render.path_html(path)


@shown.chart.register
def _(path: RegularizationPath) -> shown.Drawing:
    from regcore.questions.path.picture import path_picture

    return path_picture(path)


@shown.text.register
def _(intake: Intake) -> str:
    from regcore.notebook import render

    return render.intake_text(intake)


@shown.html.register
def _(intake: Intake) -> str:
    from regcore.notebook import render

    return render.intake_html(intake)
