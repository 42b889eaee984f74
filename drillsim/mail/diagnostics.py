"""Why a mail could not be delivered, from a status code and what servers say about it.

What matters to a drill is one question: is the address wrong, so that the contact tree must be
mended (*hard*), or does the address exist and did this mail not get through (*soft*)? The line is
drawn where sisimai's published list of reasons draws it: unknown user, unknown host, moved and
"this domain takes no mail" are hard; full, suspended, blocked, filtered, expired and the rest
are soft.

Sources: RFC 3463 and the IANA registry of enhanced status codes; RFC 5321, 3.3, 4.2.3 and RFC 7505
(null MX) for reply codes; the wording of Postfix, sendmail, Exim, qmail, Exchange, Domino, Gmail,
Yahoo! and Japanese carriers; the languages these products speak.
"""

import re
from enum import StrEnum

from drillsim.mail.patterns import any_of


class Cause(StrEnum):
    """Why one recipient was not reached."""

    UNKNOWN_ADDRESS = "unknown-address"
    UNKNOWN_HOST = "unknown-host"
    MOVED = "moved"
    TAKES_NO_MAIL = "takes-no-mail"
    MAILBOX_FULL = "mailbox-full"
    SUSPENDED = "suspended"
    FILTERED = "filtered"
    REFUSED = "refused"
    TOO_BIG = "too-big"
    LOOP = "loop"
    EXPIRED = "expired"
    OTHER = "other"

    @property
    def is_hard(self) -> bool:
        """Whether the address itself is wrong, so that trying again is in vain."""
        return self in _HARD


_HARD = frozenset({Cause.UNKNOWN_ADDRESS, Cause.UNKNOWN_HOST, Cause.MOVED, Cause.TAKES_NO_MAIL})

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,4})(?![\d.]*\d)")
REPLY_CODE = re.compile(r"(?<![\d.:\[-])([45]\d\d)(?=[- ](?![\d.]{6,})|: |$)", re.MULTILINE)

# What a status says by itself; None as third figure stands for every one (RFC 3463, IANA).
_BY_STATUS: dict[tuple[int, int | None], Cause] = {
    (1, 0): Cause.UNKNOWN_ADDRESS,
    (1, 1): Cause.UNKNOWN_ADDRESS,
    (1, 2): Cause.UNKNOWN_HOST,
    (1, 3): Cause.UNKNOWN_ADDRESS,
    (1, 4): Cause.UNKNOWN_ADDRESS,
    (1, 6): Cause.MOVED,
    (1, 7): Cause.REFUSED,
    (1, 8): Cause.REFUSED,
    (1, 9): Cause.REFUSED,
    (1, 10): Cause.UNKNOWN_ADDRESS,
    (2, 1): Cause.SUSPENDED,
    (2, 2): Cause.MAILBOX_FULL,
    (2, 3): Cause.TOO_BIG,
    (3, 1): Cause.MAILBOX_FULL,
    (3, 2): Cause.REFUSED,
    (3, 4): Cause.TOO_BIG,
    (4, 4): Cause.UNKNOWN_HOST,
    (4, 6): Cause.LOOP,
    (4, 7): Cause.EXPIRED,
    (4, 14): Cause.LOOP,
    (4, None): Cause.EXPIRED,
    (6, None): Cause.REFUSED,
    (7, None): Cause.REFUSED,
}

_ACCOUNT = (
    r"(?:user|users|user ?name|user ?id|recipients?|mail ?box|account|address|addressee|alias"
    r"|person|local[- ]part|login|member|customer|subscriber|e-?mail(?: address| account)?"
    r"|directory entry)"
)
_GONE = (
    r"(?:unknown|not known|unrecogni[sz]ed|not recogni[sz]ed|not found|invalid|illegal"
    r"|non-?exist\w{0,20}|not exist\w{0,20}|does ?n[o']t exist|doesn.t exist|did not exist"
    r"|no longer (?:exist|valid|active|available|in use)\w{0,20}|not (?:a )?valid|not listed"
    r"|not in directory|could ?n[o']t be found|couldn.t be found|wasn.t found|was not found"
    r"|not present|not defined|undeliverable|not a known|is a deactivated)"
)

# In the order in which they are asked: the plainer statement first.
_BY_TEXT: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        Cause.MAILBOX_FULL,
        any_of(
            r"over ?-?(?:disk ?)?quota|quota[- ]?exceed|exceed\w{0,20} (?:\w{1,30} ){0,4}quota"
            r"|disk ?quota|quota (?:is )?(?:full|violation|has been)|\bover (?:the )?(?:storage"
            r"|space|size) limit|(?:mail ?box|mailfolder|inbox|account"
            r"|mail drop)[^.\n]{0,40}? (?:is |was )?(?:full\b|too full"
            r"|exceed\w{0,20}[^.\n]{0,30}(?:size|limit|storage|space))|mailbox ?full"
            r"|insufficient (?:system )?(?:disk |storage|space)|out of (?:storage|disk|space)"
            r"|not enough (?:storage|disk|space)|no space left|storage (?:is )?full|(?:容量|サイズ"
            r"|保存).{0,16}(?:超|オーバー|不足|一杯|いっぱい)|(?:ボックス|受信箱"
            r"|スプール).{0,8}(?:一杯|いっぱい|満杯|フル)|postfach.{0,30}voll|bo[iî]te.{0,30}pleine"
            r"|buz[oó]n.{0,30}lleno|casella.{0,30}piena|caixa.{0,40}cheia|переполнен"
            r"|mailbox (?:is )?vol\b|邮箱.{0,6}满",
        ),
    ),
    (
        Cause.TAKES_NO_MAIL,
        any_of(
            r"null ?mx|no smtp service|(?:does ?n[o']t|doesn.t|do not|don.t|never) (?:accept"
            r"|receive|take) (?:any )?(?:e-?)?mail\b(?! from)"
            r"|domain[^.\n]{0,30} not accepting (?:any )?mail|host (?:does not"
            r"|never) accepts? mail",
        ),
    ),
    (
        Cause.MOVED,
        any_of(
            r"recipient no longer on server|(?:user|recipient|account|mailbox|address) has moved"
            r"|moved (?:permanently )?to (?:another|a new)|has been moved to|please (?:try"
            r"|use) (?:the )?(?:new|following) address|user not local; please try"
            r"|address (?:has )?changed|no longer (?:with|works|working|employed|at) "
            r"|left the (?:company|organi[sz]ation)|アドレス(?:は|が)?(?:変更され|変わりました)",
        ),
    ),
    (
        Cause.UNKNOWN_HOST,
        any_of(
            r"(?:host|domain|machine|site|hostname|host name"
            r"|domain name)s?(?: name)?s?(?: \S{1,80})?(?: is| was|:)? (?:unknown|not found|invalid"
            r"|illegal|non-?exist\w{0,20}|does ?n[o']t exist|doesn.t exist|could ?n[o']t be found"
            r"|couldn.t be found|not reachable|not resolved)|unknown (?:mail )?(?:host|domain"
            r"|machine)|no such (?:host|domain)|illegal host|nxdomain|domain (?:does ?n[o']t"
            r"|doesn.t|do not) exist|unrouteable mail domain|couldn.t find any host"
            r"|could not find (?:any )?(?:host|domain|mx)|no (?:mx|dns) (?:or \w{1,30} )?(?:record"
            r"|entry|hosts?)|name or service not known|address family for hostname"
            r"|mx records? (?:point|were|was)? ?to non-?existent|point to non-?existent hosts?"
            r"|(?:ドメイン|ホスト).{0,20}(?:存在しません|見つかりません|不明|存在しない(?!か))"
            r"|domain unbekannt|domaine inconnu|dominio (?:desconocido|inexistente|sconosciuto)",
        ),
    ),
    (
        Cause.SUSPENDED,
        any_of(
            r"(?:account|mail ?box|user|recipient|address|email account)[^.\n]{0,50}?(?:is |was "
            r"|been )(?:temporarily |currently |permanently )?(?:disabled|suspended|inactive|locked"
            r"|blocked by owner|deactivated|not active|closed|discontinued|on hold|restricted)"
            r"|(?:disabled|suspended|inactive|deactivated|locked) (?:user|account|mailbox"
            r"|recipient)|(?:user|account|mailbox|recipient) (?:disabled|suspended|inactive|locked"
            r"|frozen)|(?:利用|使用|サービス)(?:が|を)?(?:停止|休止)|停止中|账号.{0,6}(?:停用"
            r"|冻结)",
        ),
    ),
    (
        Cause.UNKNOWN_ADDRESS,
        any_of(
            rf"(?:unknown|no such|invalid|illegal|non-?existent"
            rf"|undefined) (?:or \w{{1,30}} )?(?:final delivery |local |virtual "
            rf"|e-?mail )?{_ACCOUNT}\b|\b{_ACCOUNT}(?: name)?(?: \S{{1,80}})?(?: is| was| has|:"
            rf"|,)? {_GONE}|{_ACCOUNT} {_GONE}|no (?:valid )?(?:mail ?box|recipients?|user"
            rf"|account)s?"
            r"(?: here| found| with| by| for| on| were|$)|(?:does ?n[o']t|doesn.t|does not) have "
            r"(?:an? )?(?:\S{1,80} )?(?:account|mail ?box)|not (?:a |our |an )?(?:valid|known"
            r"|registered|existing|local) (?:user|mail ?box|recipient|account|address|customer)"
            r"|bad destination mailbox|unrouteable address|unroutable address|addressee unknown"
            r"|recip(?:ient)?notfound|unknown (?:to|at) (?:this|our)|(?:users|recipients|addresses"
            r"|mailboxes) (?:were|are) (?:unknown|invalid|not found|rejected)|no such person|isn.t "
            r"(?:a )?(?:valid|known)|\w{1,30} wasn.t found at|not listed in (?:public|domino|the)"
            r"|recipient name is not recognized|no mailbox here|couldn.t be delivered because the "
            r"(?:address|recipient)|address not found|recipient address rejected: access denied"
            r"|recipientnotfound|mailbox not (?:found|available)|e-?mail (?:account|address)"
            r"[^.\n]{0,60}does not exist|550[^\n]{0,60}mailbox unavailable|destinataire (?:inconnu"
            r"|inexistant)|(?:utilisateur|adresse|compte)[^.\n]{0,30}(?:inconnu|inexistant"
            r"|n.existe pas)|(?:benutzer|empfänger|empfaenger|adresse|konto|postfach)[^.\n]{0,40}"
            r"(?:unbekannt|existiert nicht|nicht gefunden|ungültig)|(?:usuario|buz[oó]n|cuenta"
            r"|direcci[oó]n|destinatario)[^.\n]{0,30}(?:desconocid|no existe|inexistente|inválid)|"
            r"(?:usuário|conta|endereço)[^.\n]{0,30}(?:inexistente|inválid|não existe|desconhecid)|"
            r"(?:utente|casella|indirizzo)[^.\n]{0,30}(?:sconosciut|inesistente|non esiste)|"
            r"(?:gebruiker|adres|mailbox)[^.\n]{0,30}(?:onbekend|bestaat niet)|(?:пользовател|адрес"
            r"|ящик)[^.\n]{0,30}(?:не существует|не найден|неизвест)|(?:nieznany|nie istnieje)|"
            r"(?:ユーザー?|宛先|アドレス|アカウント|受信者|メールボックス)[^。\n]{0,24}"
            r"(?:存在しません|存在しない(?!か)|見つかりません|不明|ありません|登録されていません"
            r"|無効)|宛先不明|あて先不明|(?:用户|收件人|邮箱|地址)[^。\n]{0,8}(?:不存在|未找到)"
            r"|존재하지 ?않",
        ),
    ),
    (
        Cause.LOOP,
        any_of(
            r"too many hops|mail(?:er)? loop|message loop|looping|loop detected|hop count"
            r"|routing loop",
        ),
    ),
    (
        Cause.TOO_BIG,
        any_of(
            r"(?:message|mail|size|attachment)[^.\n]{0,30}(?:too (?:big|large)|exceeds|larger than)"
            r"|too large|size limit|message size|サイズ.{0,12}(?:制限|上限|大き)",
        ),
    ),
    (
        Cause.REFUSED,
        any_of(
            r"spam|unsolicited|\bube\b|\buce\b|junk|block(?:ed|list| list|ing)|black ?-?list|dnsbl"
            r"|\brbl\b|spamhaus|reputation|dmarc|\bdkim\b|\bspf\b|polic(?:y|ies)|virus|malware"
            r"|infected|content (?:rejected|restriction|filter)|message (?:refused|rejected"
            r"|content)|relay|authenticat|sender (?:address |domain )?(?:rejected|denied|verif)"
            r"|access denied|prohibit|not (?:allowed|permitted|authori[sz]ed)|denied|grey ?list"
            r"|gray ?list|rate limit|throttl|too many (?:connections|messages|recipients|mails)"
            r"|ptr record|reverse dns|fcrdns|banned|refused|rejected by|does ?n[o']t support tls"
            r"|starttls|administrat|unauthenticated|permission|restricted|拒否|制限|受信設定"
            r"|迷惑メール|ウイルス|フィルタ",
        ),
    ),
    (
        Cause.EXPIRED,
        any_of(
            r"retry time|time(?:d)?[- ]?out|expired|connection (?:refused|reset|lost|closed"
            r"|dropped)|no route to host|network (?:is )?unreachable|(?:host"
            r"|server) (?:is )?(?:down|unreachable|not responding)|deferred|giv(?:en|ing) up"
            r"|could not be delivered for|lookup fail|temporar|try again|不通|タイムアウト"
            r"|応答(?:が)?(?:なし|ありません)|期限|時間(?:が)?(?:経過|切れ)",
        ),
    ),
)

_REFUSAL = next(pattern for cause, pattern in _BY_TEXT if cause is Cause.REFUSED)
_UNKNOWN_USER_ONLY = re.compile(r"unknown user|user unknown|no such user", re.IGNORECASE)
_AFTER_DATA = re.compile(
    r">>> DATA\s{0,8}\n\s{0,8}<<< 5\d\d|in reply to end of DATA|after end of data"
    r"|did not like our final DATA",
    re.IGNORECASE,
)
_NEED_RCPT = re.compile(
    r"<<< 503[^\n]{0,200}(?:need rcpt|valid rcpt|no valid recipients)", re.IGNORECASE
)
_AFTER_RCPT = re.compile(
    r"in reply to RCPT|>>> RCPT|RCPT TO:?\s{0,8}<|after RCPT|did not like our RCPT"
    r"|address rejected",
    re.IGNORECASE,
)
_SENDER_REFUSED = re.compile(
    r"sender (?:address |domain )?(?:rejected|denied|refused)", re.IGNORECASE
)
_SENDER_SIDE = re.compile(r"sender|MAIL FROM|your (?:e-?mail )?address|from address", re.IGNORECASE)


def find_cause(text: str, status: str = "", transcript: str = "") -> Cause:
    """Return why delivery failed.

    `text` is what was said about this recipient, `status` the enhanced code of the report ("" if
    there is none), `transcript` the whole text of the report: it tells at which SMTP command the
    refusal came. Plain words ("mailbox full", "user unknown") outweigh a code, since servers put
    5.0.0 and 5.7.1 on anything; a code outweighs vague words ("rejected", "timed out").
    """
    found = STATUS.search(status) or STATUS.search(text)
    said = _by_text(text)
    coded = _by_status(found)
    if _SENDER_REFUSED.search(text) or (
        found is not None and found[2] == "1" and found[3] in "789"
    ):
        return Cause.REFUSED
    if _was_filtered(text, found, transcript or text):
        return Cause.FILTERED
    if said is Cause.TAKES_NO_MAIL and found is not None and found[1] == "4":
        return Cause.OTHER
    if said is Cause.UNKNOWN_ADDRESS and coded is Cause.REFUSED and _REFUSAL.search(text):
        return Cause.REFUSED
    if said not in (Cause.REFUSED, Cause.EXPIRED, None):
        return said
    if coded is Cause.UNKNOWN_ADDRESS and found is not None and found[3] == "0":
        # X.1.0 is "other address status", of the sender's address too.
        return Cause.REFUSED if _SENDER_SIDE.search(text) else coded
    if coded is not None:
        return coded
    if said is None and _rejects_address(text, found, transcript):
        return Cause.UNKNOWN_ADDRESS
    return said or Cause.OTHER


def _by_text(text: str) -> Cause | None:
    for cause, pattern in _BY_TEXT:
        if pattern.search(text):
            return cause
    return None


def _by_status(found: re.Match[str] | None) -> Cause | None:
    if found is None:
        return None
    subject, detail = int(found[2]), int(found[3])
    cause = _BY_STATUS.get((subject, detail)) or _BY_STATUS.get((subject, None))
    if cause is not None and cause.is_hard and found[1] == "4":
        return None
    if detail == 0 and subject == 4:
        return None
    return cause


def _was_filtered(text: str, found: re.Match[str] | None, transcript: str) -> bool:
    """Whether "unknown user" came in answer to the content, hence from the recipient's own filter.

    A server that took the recipient at RCPT knows it. Japanese carriers answer in this way when
    their customer accepts only chosen domains (ドメイン指定受信).
    """
    if not _UNKNOWN_USER_ONLY.search(text) or not _AFTER_DATA.search(transcript):
        return False
    if _NEED_RCPT.search(transcript):
        return False  # Pipelined: RCPT itself was refused, its answer is only printed later.
    return found is None or (found[2], found[3]) != ("1", "1")


def _rejects_address(text: str, found: re.Match[str] | None, transcript: str) -> bool:
    """Whether a bare 550, 551 or 553 stands against the recipient (RFC 5321, 3.3 and 4.2.3)."""
    code = REPLY_CODE.search(text)
    if code is None or code[1] not in ("550", "551", "553"):
        return False
    if found is not None and (
        found[1] != "5" or (found[2], found[3]) not in (("0", "0"), ("5", "0"))
    ):
        return False
    return _AFTER_RCPT.search(text + transcript) is not None
