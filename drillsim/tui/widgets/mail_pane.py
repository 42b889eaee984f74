"""A mail that is read: decoded with the reason why it was recognised so, or as its source."""

from rich.text import Text
from textual import work
from typing_extensions import override

from drillsim.i18n import _
from drillsim.journal.errors import JournalError
from drillsim.tui.following import Following
from drillsim.tui.views.mail import MailView, mail_view, why_matched
from drillsim.tui.views.stream import Act, Happening, mail_of
from drillsim.tui.widgets.pane import Pane


def mail_text(mail: MailView, why: str) -> Text:
    """Return a mail as it is read: its fields, how it was recognised, its body."""
    text = Text()
    width = max((len(name) for name, _value in mail.fields), default=0)
    for name, value in mail.fields:
        text.append(f"{name:<{width}}  ", "bold").append(value + "\n")
    for attachment in mail.attachments:
        text.append(_("attached: {name}").format(name=attachment) + "\n", "italic")
    if why:
        text.append(f"[{why}]\n", "italic")
    return text.append("\n" + mail.body)


def reason_of(happening: Happening) -> str:
    """Return how the mail behind a happening was recognised; "" where there is nothing to say."""
    return "" if isinstance(happening, Act) else why_matched(happening)


class MailPane(Pane):
    """The mail behind one happening at a time."""

    def __init__(self, following: Following) -> None:
        super().__init__(id="mail")
        self._following = following
        self._happening: Happening | None = None
        self._mail: MailView | None = None
        self.is_source = False

    @property
    def has_mail(self) -> bool:
        """Whether the happening on show brought a mail."""
        return bool(mail_of(self._happening))

    def show_happening(self, happening: Happening | None) -> None:
        """Show the mail that came with a happening, or say that there is none."""
        if happening is self._happening and happening is not None:
            return
        self._happening, self._mail = happening, None
        if happening is not None and self.has_mail:
            self._load(happening)
        else:
            self.show(Text(_("there is no mail behind this line"), "italic"))

    @work(exclusive=True, group="mail")
    async def _load(self, happening: Happening) -> None:
        try:
            mail = mail_view(await self._following.mail(mail_of(happening)))
        except KeyError:
            self.show(Text(_("the journal does not hold this mail")))
        except JournalError as error:
            self.show(Text(str(error)))
        else:
            self._mail = mail
            self.show_source(self.is_source)

    def show_source(self, on: bool) -> None:
        """Show the source, or the mail as it is read."""
        self.is_source = on
        if self._mail is None or self._happening is None:
            return
        if on:
            self.show(Text(self._mail.source))
        else:
            self.show(mail_text(self._mail, reason_of(self._happening)))

    @override
    def show(self, text: Text) -> None:
        if self.is_attached:
            super().show(text)
