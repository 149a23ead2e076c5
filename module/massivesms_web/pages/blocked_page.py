"""The page of blocked numbers with its two forms, for whoever has to show it."""

from __future__ import annotations

from flask import render_template

from massivesms.domain.blocked_numbers import SOURCE_LABELS
from massivesms.store import blocked_numbers, blocked_pages, imports

from .. import current
from ..blocked_words import Names, source_label
from ..forms.blocked_numbers import BlockForm, LoadBlockedForm
from . import blocked_filters
from . import imports as imports_page

PAGE = 50


def page(form: BlockForm, load_form: LoadBlockedForm | None = None) -> str:
    """The page; the forms have what was entered."""
    wanted = blocked_filters.wanted()
    if load_form is None:
        load_form = LoadBlockedForm(formdata=None)
        load_form.campaign_id.data = wanted.campaign_id or 0
    blocked_filters.offer(form.campaign_id, load_form.campaign_id)
    with current.db().transaction() as tx:
        rows = blocked_pages.page(
            tx, wanted, after=blocked_filters.after(), limit=PAGE + 1
        )
        total = blocked_numbers.total(tx)
        names = Names(tx, [row["campaign_id"] for row in rows])
        named = names.of(wanted.campaign_id) if wanted.campaign_id else ""
        loads = [imports_page.summary(tx, one) for one in imports.of_blocked(tx)]
    more = blocked_pages.place(rows[PAGE - 1]) if len(rows) > PAGE else None
    return render_template(
        "blocked_numbers/index.html",
        form=form,
        load_form=load_form,
        rows=rows[:PAGE],
        next_url=blocked_filters.here(more) if more else "",
        wanted=wanted,
        is_filtered=wanted != blocked_pages.Filter(),
        total=total,
        names=names,
        named=named,
        loads=loads,
        sources=SOURCE_LABELS,
        source=source_label,
        kept=blocked_filters.typed(),
        has_call_centre=current.config().pbx.kind == "issabel",
    )
