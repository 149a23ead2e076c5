"""What is asked to block numbers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, TextAreaField

from massivesms.domain.blocked_numbers import MAX_REASON

from .fields import CampaignField, LineField
from .uploads import CSV_INPUT


class BlockForm(FlaskForm):
    """One number or several; domain.blocked_numbers reads them."""

    numbers = TextAreaField(
        _("Numbers to block"),
        description=_(
            "One a line, or with commas between them; as they are dialled here, or"
            " with + and the country code."
        ),
        render_kw={"rows": 3, "autocomplete": "off", "spellcheck": "false"},
    )
    campaign_id = CampaignField(_("Campaign"), default=0)
    reason = LineField(
        _("Reason"),
        description=_("For your own people; nobody else sees it. It may stay empty."),
        render_kw={"maxlength": MAX_REASON, "autocomplete": "off"},
    )


class LoadBlockedForm(FlaskForm):
    """A file of numbers to block, each for the campaign that its row names."""

    file = FileField(
        _("CSV file or workbook"),
        description=_(
            "number;campaign; in each row. Rows without a campaign are for the one"
            " that is chosen here."
        ),
        render_kw=CSV_INPUT,
    )
    campaign_id = CampaignField(
        _("Rows without a campaign"), id="load-campaign", default=0
    )
    only_numbers = BooleanField(
        _("Leave out all columns but the number"), default=False
    )
