"""Rows filled into one rendered template: escaped as everywhere, in the reader's language."""

from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.translation import override

from naer.site.discharge import lines as discharge
from naer.site.pathways.lines import Kept, Owed
from naer.site.ui.filled import fill

ODD = ("<b onclick='x'>", "{0} {id} %s %(who)s {{ who }}", "\ue0001\ue001", "a & b", "")


def test_filled_as_rendered() -> None:
    """Each row is what Django makes of its template, whatever stands in the values."""
    rows = [Kept(n, f"/citizens/{n}/", text, text, mark_safe("<i>late</i>")) for n, text in enumerate(ODD)]
    template = get_template("pathways/today_kept.html")
    assert fill("pathways/today_kept.html", rows) == "".join(template.render(row._asdict()) for row in rows)
    assert fill("pathways/today_kept.html", []) == ""


def test_filled_in_each_language() -> None:
    row = Owed(1, "/", "Now", "a", "b", mark_safe("c"), mark_safe("d"))
    with override("da"):
        danish = fill("pathways/today_owed.html", [row])
    assert "Fra" in danish
    assert "Fra" not in fill("pathways/today_owed.html", [row])


def test_what_is_the_same_for_all_rows_may_be_asked_about() -> None:
    line = discharge.Kept("a", "b", "/undo/", mark_safe("now"))
    assert "/undo/" in fill("discharge/kept.html", [line], undone=True)
    assert "/undo/" not in fill("discharge/kept.html", [line], undone=False)
