"""The person's own words in a mail: quotes, attribution lines and signatures taken away.

Rests on what mail clients write. Quotes and signatures: RFC 3676 (">" and "-- "); attribution lines
of Gmail, Apple Mail, Outlook, Thunderbird, Becky!, Yahoo! and the phones, in the languages in which
these clients are sold; signatures between rules of signs, which is the Japanese custom.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LINES_MAX = 5_000
_LINE_MAX = 2_000
_WRAP_WIDTH = 60  # Columns from which a quoted line may have been broken in two on its way.

_QUOTE = re.compile(r"[ \t]{0,3}(?:[>＞≫]|[A-Za-z]{1,12}[0-9]{0,2}>[ \t])")
_RULE_SIGNS = "-=*_~#+─-╿＿－＝＊～―—‐ー◇◆□■☆★○●・…･.:;^@<>"
_RULE = re.compile(
    rf"[ \t　]{{0,40}}(?:([{_RULE_SIGNS}])\1{{3,}}|[{_RULE_SIGNS} 　]{{6,}})[ \t　]{{0,40}}"
)
_WORDLESS = re.compile(r"[\W_]*")

# One pattern to see whether a mail holds anything to take away at all: most answers hold nothing.
_ANYTHING = re.compile(
    r"^[ \t]{0,3}(?:[>＞≫]|[A-Za-z]{1,12}[0-9]{0,2}>[ \t])|[:：][ \t*]{0,40}$"
    r"|^[ \t]{0,40}-{1,3}[ \t]{0,40}$"
    rf"|^[ \t　]{{0,40}}[{_RULE_SIGNS}]{{4}}|^[ \t]{{0,40}}[-_=*]{{2}}|^[—‐][ \t]{{0,40}}$"
    r"|(?i:sent|get|outlook|gmail|mail for|iphone|ipad|android|galaxy|xperia|smartphone|handy|mobil"
    r"|samsung|huawei|送信|から|자|发送|發送|virus|caution|external|外部|wrote)",
    re.MULTILINE,
)

_WROTE = (
    r"wrote|writes|written|said|a écrit|schrieb|geschrieben|escribió|escribio|scritto|scrisse"
    r"|escreveu|schreef|geschreven|skrev|skrifaði|napisał|napisal|kirjoitti|írta|написал|пишет"
    r"|писал|написав|写道|寫道|书写|の(?:メール|メッセージ)|書きました|書いた|からのメール"
    r"|작성|썼습니다|đã viết|menulis|yazdı|a scris|έγραψε|je napisal|napsala?|rašė|kirjutas|כתב|كتب"
)
_WROTE_ANYWHERE = re.compile(
    rf"(?:\b|(?<=\W))(?:{_WROTE})(?!\w{{0,20}}\s+(?:a|an|the)\b)", re.IGNORECASE
)
_WROTE_LAST = re.compile(rf"(?:{_WROTE})\S{{0,8}}[ \t]{{0,40}}[:：]?$", re.IGNORECASE)
# How a line ends that may be an attribution without a colon.
_WROTE_ENDS = (
    "wrote",
    "writes",
    "a écrit",
    "schrieb",
    "escribió",
    "scritto",
    "escreveu",
    "schreef",
    "skrev",
    "napisał",
    "kirjoitti",
    "написал",
    "пишет",
    "写道",
    "寫道",
    "書きました",
    "작성",
)
_MOMENT = re.compile(
    r"(?:19|20)\d\d|\d{1,2}[:：.時]\s?\d{2}|\d{1,2}/\d{1,2}|月\s?\d{1,2}\s?日|\d{1,2}월"
)
_ADDRESS_LAST = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}[>)\]\"』」]{0,4}[ \t]{0,40}[:：]$")
_OPENER = re.compile(
    r"[-*\s]{0,8}(?:\(?\d|(?:on|le|el|il|am|em|op|på|den|dnia|w dniu|dne|pe|ke|to|ti|la|ma|su|в|вт"
    r"|пн|ср|чт|пт|сб|вс|vào|pada|în|at|in|date|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam"
    r"|dim|mo|di|mi|do|fr|sa|so)\b|在|于|於)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.。!?！？][\"」』)）]{0,3}$")

_ORIGINAL = re.compile(
    r"[ \t]{0,40}(?:[-_=*－ー─━―]{2,200}[ \t]{0,40})(?:.{0,60}?)(?:original|origine|ursprüngl|urspr"
    r"|oorspronkel|oprindelig|opprinnelig|oryginaln|исходно|пересыла|forwarded|weitergeleitet"
    r"|transféré|inoltrat|reenviado|encaminhad|doorgestuurd|videresend|vidarebefordr|przekazan"
    r"|reply message|wrote|alkuperäinen|eredeti|původní|元の(?:メッセージ|メール)|元メール|転送"
    r"|書きました|原始|原邮件|转发|轉寄|원본|전달).{0,40}?(?:[-_=*－ー─━―]{2,200})[ \t]{0,40}$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"[-_=* \t]{0,80}(?:begin forwarded message|forwarded message|転送された(?:メッセージ|メール)"
    r"|début du message (?:réexpédié|transféré)|anfang der weitergeleiteten"
    r"|inizio messaggio inoltrato|weitergeleitete nachricht|message transféré)[-_=*: \t]{0,80}$",
    re.IGNORECASE,
)

_LABELS = {
    "from": r"from|de|da|von|van|fra|från|od|от(?: кого)?|expéditeur|remitente|remetente|mittente"
    r"|lähettäjä|feladó|kimden|差出人|送信者|送信元|发件人|發件人|寄件者|보낸\s?사람|발신",
    "sent": r"sent|date|envoyé(?: le)?|gesendet|datum|inviato|data|enviad[oa](?: el| em)?|fecha"
    r"|message du|verzonden|sendt|dato|skickat|wysłano|отправлено|дата|lähetetty|送信日時|受信日時"
    r"|送信|日時|日付|发送时间|發送時間|日期|傳送日期|時間|时间|보낸\s?날짜",
    "to": r"to|à|an|a|para|aan|til|till|do|кому|pour|vastaanottaja|címzett|宛先|送信先|收件人"
    r"|收件者|받는\s?사람",
    "cc": r"b?cc|kopie|копия|copie|写し|抄送|副本|참조|reply-to|返信先|importance|重要度"
    r"|attachments|添付(?:ファイル)?|priority",
    "subject": r"subject|objet|betreff|oggetto|asunto|assunto|onderwerp|emne|ämne|temat|тема|aihe"
    r"|tárgy|konu|předmět|件名|題名|主题|主旨|標題|제목",
}
_LABEL = re.compile(
    r"[ \t]{0,40}\*{0,2}(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items())
    + r")[ \t　]{0,40}\*{0,2}[ \t]?[:：][ \t*]{0,40}(?P<value>.*)",
    re.IGNORECASE,
)

_DELIMITER = re.compile(r"-{2,3}|_{2,4}|[—‐]|-- \S.{0,60}")
_SIGNATURE_MAX = 15
_NAME_LINES_MAX = 5
_BRACKETED = re.compile(r"[<\[(](?:mailto:)?[^\s<>@]{1,64}@[^\s<>@]{1,255}[>\])]")
_PHONE_LINE_MAX = 120
_PHONE_HINT = re.compile(
    r"(?i:sent|get|outlook|envoy|exp[ée]di|gesendet|geschickt|versendet|inviato|enviado|obte"
    r"|scarica|verzonden|verstuurd|wysłan|skickat|sendt|lähetetty|отправлено|dan gönder|odesláno)"
    r"|送信|入手|发送|發送|傳送|发自|發自|보냄"
)
_PHONE_LINE = re.compile(
    r"[ \t　]{0,40}[-–—*]?[ \t]{0,40}(?:sent (?:from|via|with|using|by) (?:my )?\S.{0,60}|(?:get"
    r"|download) outlook for \w.{0,60}|(?:envoyé|expédié) (?:de(?:puis)?|à partir de|avec"
    r"|via) .{1,60}|télécharge[zr] outlook pour .{1,60}|(?:von|mit) (?:meinem|der) .{1,60} gesendet"
    r"|(?:diese nachricht wurde )?(?:gesendet|geschickt|versendet) (?:von|mit|aus) .{1,60}"
    r"|(?:outlook für .{1,20} beziehen|holen sie sich outlook .{1,40})|inviato (?:da|con"
    r"|dal) .{1,60}|enviado (?:desde|do|de|a partir|con|via|pelo) .{1,60}"
    r"|obtener outlook para .{1,40}|obter o outlook para .{1,40}|scarica outlook per .{1,40}"
    r"|verzonden (?:vanaf|met|van) .{1,60}|verstuurd (?:vanaf|met|van) .{1,60}|wysłan[eoay] (?:z"
    r"|ze) .{1,60}|skickat från .{1,60}|sendt fra .{1,60}|lähetetty .{1,40}|отправлено (?:с|из"
    r"|от) .{1,60}|iphone'?dan .{1,30}|odesláno z .{1,40}|.{0,24}(?:iPhone|iPad|Android"
    r"|スマートフォン|スマホ|携帯(?:電話)?|Xperia|Galaxy|AQUOS|ARROWS|Windows|Gmail|Yahoo!?メール"
    r"|Outlook|Mac|ドコモ|au|ソフトバンク|モバイル).{0,16}から(?:の)?送信.{0,12}|(?:iOS|Android|Mac"
    r"|Windows) ?版? ?(?:の|用)? ?Outlook ?(?:を入手|から送信).{0,40}"
    r"|Outlook for .{1,20}を入手.{0,60}|Windows ?\d{0,2} ?版のメールから送信|(?:从"
    r"|從)我的.{1,30}(?:发送|發送|傳送)|(?:发|發|傳)自我的.{1,30}|나의 .{1,20}에서 보냄"
    r"|.{1,30}에서 보냄)[ \t　.]{0,40}",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"[ \t]{0,40}(?:_{20,}|to unsubscribe\b.*|virus-free\..*|this e-?mail has been (?:scanned"
    r"|checked) .*|このメールは.{0,30}ウイルス.{0,20}(?:検査|チェック|スキャン).*"
    r"|__________ (?:information from|esetからの|información de).*)",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"[ \t*※【\[(<]{0,20}(?:caution|warning|external|注意|外部|庁外)[^\n]{0,40}?(?:external|outside"
    r"|originated|外部(?:から|メール|の)|庁外から)[^\n]{0,200}",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"tel|電話|☎|℡|fax|ファ(?:ック|ッ)ス|内線|直通|〒|[^\s@]{1,64}@[^\s@]{1,255}|e-?mail|メール"
    r"|https?://|住所|\d{2,4}[-(（)）]\d{2,4}[-)）]\d{3,4}",
    re.IGNORECASE,
)
_FORM_LINE = re.compile(r"[ \t　・■○*]{0,20}([^:：\n]{1,30})[:：]")


@dataclass(frozen=True, slots=True)
class Words:
    """What of a mail's text the sender wrote anew, and what else stood in it."""

    own: str
    quotes: bool  # A quoted mail stands in it: something that vacation programs do not write.
    forwards: bool  # A whole other mail stands below, with its header.


def own_words(text: str) -> Words:
    """Return the sender's own words in a mail's text, answers between quoted lines included."""
    if _ANYTHING.search(text) is None:
        return Words(text.strip(), quotes=False, forwards=False)
    lines = [line[:_LINE_MAX].rstrip() for line in text.split("\n")[:LINES_MAX]]
    reader = _Reader(lines)
    reader.read()
    kept = _without_signature(reader.kept)
    while kept and _WORDLESS.fullmatch(kept[-1]) and (not kept[-1] or _RULE.fullmatch(kept[-1])):
        kept.pop()
    return Words("\n".join(_without_banner(kept)).strip(), reader.quotes, reader.forwards)


class _Reader:
    """One pass from the top; stops where all that follows is somebody else's."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.kept: list[str] = []
        self.quotes = False
        self.forwards = False

    def read(self) -> None:
        at = 0
        while at < len(self.lines):
            step = self._take(at)
            if step == 0:
                return
            at += step

    def _take(self, at: int) -> int:
        """Keep or pass over the line at `at`; return how many lines that took, 0 for the end."""
        line = self.lines[at]
        if not line:
            self.kept.append(line)
            return 1
        if _QUOTE.match(line):
            self.quotes = True
            return 1 + self._wrapped_rest(at)
        attribution = self._attribution(at)
        if attribution:
            self.quotes = True
            after = self._next_words(at + attribution)
            return attribution if after is not None and _QUOTE.match(after) else 0
        if self._is_header(at) or _ORIGINAL.match(line) or _FORWARDED.fullmatch(line):
            self.quotes = True
            self.forwards = True
            return 0
        if self._ends_words(at):
            return self._to_quote(at)
        self.kept.append(line)
        return 1

    def _ends_words(self, at: int) -> bool:
        line = self.lines[at]
        if _DELIMITER.fullmatch(line):
            # "-- " is RFC 3676's delimiter; blanks at line ends do not survive every gateway.
            rest = self._until_quote(at + 1)
            if line.startswith("-- "):
                alone = sum(each.startswith("-- ") for each in self.lines) == 1
                return alone and len(rest) <= _NAME_LINES_MAX
            return not _is_form(rest) and (line == "--" or len(rest) <= _SIGNATURE_MAX)
        if (
            len(line) <= _PHONE_LINE_MAX
            and _PHONE_HINT.search(line)
            and _PHONE_LINE.fullmatch(line)
        ):
            return True
        return _FOOTER.match(line) is not None

    def _until_quote(self, at: int) -> list[str]:
        """Return the lines from `at` that stand above any quote."""
        rest: list[str] = []
        for number in range(at, min(len(self.lines), at + 4 * _SIGNATURE_MAX)):
            line = self.lines[number]
            if line and (_QUOTE.match(line) or self._begins_quote(number)):
                break
            if line:
                rest.append(line)
        return rest

    def _begins_quote(self, at: int) -> bool:
        line = self.lines[at]
        return bool(
            self._attribution(at)
            or self._is_header(at)
            or _ORIGINAL.match(line)
            or _FORWARDED.fullmatch(line)
        )

    def _to_quote(self, at: int) -> int:
        """Pass over a signature; note whether a quote stands below it. Nothing more is kept."""
        for after in range(at + 1, len(self.lines)):
            line = self.lines[after]
            if line and (_QUOTE.match(line) or self._begins_quote(after)):
                self.quotes = True
                break
        return 0

    def _wrapped_rest(self, at: int) -> int:
        """Count the lines below a long quoted line that are its end, broken off by a re-wrap."""
        count = 0
        width = _width(self.lines[at])
        while width >= _WRAP_WIDTH and at + count + 1 < len(self.lines):
            line = self.lines[at + count + 1]
            if not line or _QUOTE.match(line):
                break
            count += 1
            width = _width(line)
        return count

    def _attribution(self, at: int) -> int:
        """Return how many lines from `at` say that somebody wrote what follows; 0 for none."""
        if not self._may_attribute(at):
            return 0
        joined = ""
        for count, line in enumerate(self.lines[at : at + 4], start=1):
            if not line or len(joined) > 300 or (count > 1 and _QUOTE.match(line)):
                return 0
            joined = f"{joined} {line.strip()}" if joined else line.strip()
            if _is_attribution(joined):
                return count
            if _SENTENCE_END.search(line):
                return 0
        return 0

    def _may_attribute(self, at: int) -> bool:
        """Ask cheaply whether any line of this paragraph ends like an attribution."""
        for line in self.lines[at : at + 4]:
            if not line:
                return False
            if line.endswith((":", "：")) or line.lower().endswith(_WROTE_ENDS):
                return True
        return False

    def _is_header(self, at: int) -> bool:
        """Whether the header of a quoted mail begins here: From, Sent, To, Subject in any order."""
        start = self.lines[at][:40]
        first = _LABEL.match(self.lines[at]) if ":" in start or "：" in start else None
        if first is None:
            return False
        kinds: set[str] = set()
        address = False
        for line in _nearby(self.lines, at, 9):
            found = _LABEL.match(line)
            if found is None:
                if not kinds & {"to", "cc", "from"} or not ("@" in line or ";" in line):
                    break
                continue
            kinds.update(kind for kind in _LABELS if found[kind])
            address = address or "@" in found["value"]
        if "from" not in kinds:
            return False
        if kinds == {"from"}:
            # Alone it must look like a header's: a name and an address in brackets, words above.
            bracketed = _BRACKETED.search(first["value"]) is not None
            return bracketed and not self.lines[at - 1] and any(self.kept)
        return len(kinds) >= 3 or (len(kinds) == 2 and address and first["value"] != "")

    def _next_words(self, at: int) -> str | None:
        return next((line for line in self.lines[at:] if line), None)


def _is_attribution(text: str) -> bool:
    if len(text) > 400:
        return False
    if not text.endswith((":", "：")):
        return bool(_WROTE_LAST.search(text) and _MOMENT.search(text) and _OPENER.match(text))
    if _MOMENT.search(text):
        if _ADDRESS_LAST.search(text) or _WROTE_LAST.search(text):
            return bool(_OPENER.match(text) or "<" in text or _WROTE_LAST.search(text))
        if _OPENER.match(text):
            return "@" in text or _WROTE_ANYWHERE.search(text) is not None
        return "@" in text and _WROTE_ANYWHERE.search(text) is not None
    if _WROTE_LAST.search(text):
        return len(text) <= 160 and ("@" in text or "さん" in text or "様" in text or "<" in text)
    return False


def _nearby(lines: Sequence[str], at: int, count: int) -> Iterator[str]:
    for line in lines[at : at + count]:
        if line:
            yield line


def _width(line: str) -> int:
    if line.isascii() or 2 * len(line) < _WRAP_WIDTH:
        return len(line)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def _without_banner(kept: list[str]) -> list[str]:
    """Take away the warning that a gateway put on top of a mail from outside."""
    first = next((at for at, line in enumerate(kept[:5]) if line), None)
    if first is None or not _BANNER.fullmatch(kept[first]):
        return kept
    return kept[first + 1 :]


def _without_signature(kept: list[str]) -> list[str]:
    """Cut a trailing block that a rule of signs opens and that holds ways to reach somebody."""
    end = len(kept)
    while end and not kept[end - 1]:
        end -= 1
    for at in range(max(0, end - 16), end):
        if not _RULE.fullmatch(kept[at]):
            continue
        block = [line for line in kept[at + 1 : end] if line and not _RULE.fullmatch(line)]
        if block and any(_CONTACT.search(line) for line in block) and not _is_form(block):
            return kept[:at]
    return kept


def _is_form(block: Sequence[str]) -> bool:
    """Whether lines are filled-in fields of a form rather than telephone and address."""
    fields = [found for line in block if (found := _FORM_LINE.match(line))]
    return sum(_CONTACT.search(found[1]) is None for found in fields) >= 2
